package dev.strongroom.http;

import dev.strongroom.api.Handler;
import dev.strongroom.model.Operation;
import java.util.List;
import java.util.Map;

/**
 * The paths of the data plane. Variables: name, version, issuer.
 *
 * @see <a href="https://learn.microsoft.com/rest/api/keyvault/secrets/operation-groups">Key Vault
 *     REST API, secrets</a>
 * @see <a href="https://learn.microsoft.com/rest/api/keyvault/keys/operation-groups">Key Vault REST
 *     API, keys</a>
 * @see <a href="https://learn.microsoft.com/rest/api/keyvault/certificates/operation-groups">Key
 *     Vault REST API, certificates</a>
 */
public final class DataRoutes {
  private DataRoutes() {}

  /** The lines for every operation that the map has a handler for. */
  public static List<Route> of(Map<Operation, Handler> handlers) {
    return Lines.of(
        Role.VAULT,
        handlers,
        List.of(
            new Lines.Line("PUT", "/secrets/{name}", Operation.SECRET_SET, ""),
            new Lines.Line("GET", "/secrets/{name}/{version?}", Operation.SECRET_GET, ""),
            new Lines.Line("PATCH", "/secrets/{name}/{version?}", Operation.SECRET_UPDATE, ""),
            new Lines.Line("DELETE", "/secrets/{name}", Operation.SECRET_DELETE, ""),
            new Lines.Line("GET", "/secrets", Operation.SECRET_LIST, ""),
            new Lines.Line("GET", "/secrets/{name}/versions", Operation.SECRET_LIST_VERSIONS, ""),
            new Lines.Line("GET", "/deletedsecrets", Operation.SECRET_LIST_DELETED, ""),
            new Lines.Line("GET", "/deletedsecrets/{name}", Operation.SECRET_GET_DELETED, ""),
            new Lines.Line("POST", "/deletedsecrets/{name}/recover", Operation.SECRET_RECOVER, ""),
            new Lines.Line("DELETE", "/deletedsecrets/{name}", Operation.SECRET_PURGE, ""),
            new Lines.Line("POST", "/secrets/{name}/backup", Operation.SECRET_BACKUP, ""),
            new Lines.Line("POST", "/secrets/restore", Operation.SECRET_RESTORE, ""),
            new Lines.Line("POST", "/keys/{name}/create", Operation.KEY_CREATE, ""),
            new Lines.Line("PUT", "/keys/{name}", Operation.KEY_IMPORT, ""),
            new Lines.Line("GET", "/keys/{name}/{version?}", Operation.KEY_GET, ""),
            new Lines.Line("PATCH", "/keys/{name}/{version?}", Operation.KEY_UPDATE, ""),
            new Lines.Line("DELETE", "/keys/{name}", Operation.KEY_DELETE, ""),
            new Lines.Line("GET", "/keys", Operation.KEY_LIST, ""),
            new Lines.Line("GET", "/keys/{name}/versions", Operation.KEY_LIST_VERSIONS, ""),
            new Lines.Line("GET", "/deletedkeys", Operation.KEY_LIST_DELETED, ""),
            new Lines.Line("GET", "/deletedkeys/{name}", Operation.KEY_GET_DELETED, ""),
            new Lines.Line("POST", "/deletedkeys/{name}/recover", Operation.KEY_RECOVER, ""),
            new Lines.Line("DELETE", "/deletedkeys/{name}", Operation.KEY_PURGE, ""),
            new Lines.Line("POST", "/keys/{name}/backup", Operation.KEY_BACKUP, ""),
            new Lines.Line("POST", "/keys/restore", Operation.KEY_RESTORE, ""),
            new Lines.Line("POST", "/keys/{name}/{version?}/encrypt", Operation.KEY_ENCRYPT, ""),
            new Lines.Line("POST", "/keys/{name}/{version?}/decrypt", Operation.KEY_DECRYPT, ""),
            new Lines.Line("POST", "/keys/{name}/{version?}/wrapkey", Operation.KEY_WRAP, ""),
            new Lines.Line(
                "POST", "/keys/{name}/{version?}/unwrapkey", Operation.KEY_UNWRAP, ""),
            new Lines.Line("POST", "/keys/{name}/{version?}/sign", Operation.KEY_SIGN, ""),
            new Lines.Line("POST", "/keys/{name}/{version?}/verify", Operation.KEY_VERIFY, ""),
            new Lines.Line("POST", "/keys/{name}/rotate", Operation.KEY_ROTATE, ""),
            new Lines.Line(
                "GET", "/keys/{name}/rotationpolicy", Operation.KEY_ROTATION_POLICY_GET, ""),
            new Lines.Line(
                "PUT", "/keys/{name}/rotationpolicy", Operation.KEY_ROTATION_POLICY_SET, ""),
            new Lines.Line("POST", "/keys/{name}/{version?}/release", Operation.KEY_RELEASE, ""),
            new Lines.Line("GET", "/keys/{name}/attestation", Operation.KEY_GET_ATTESTATION, ""),
            new Lines.Line(
                "GET", "/keys/{name}/{version?}/attestation", Operation.KEY_GET_ATTESTATION, ""),
            new Lines.Line(
                "POST", "/keys/{name}/{version?}/securewrapkey", Operation.KEY_SECURE_WRAP, ""),
            new Lines.Line(
                "POST",
                "/keys/{name}/{version?}/secureunwrapkey",
                Operation.KEY_SECURE_UNWRAP,
                ""),
            new Lines.Line("POST", "/certificates/{name}/create", Operation.CERTIFICATE_CREATE, ""),
            new Lines.Line("POST", "/certificates/{name}/import", Operation.CERTIFICATE_IMPORT, ""),
            new Lines.Line("GET", "/certificates/{name}/{version?}", Operation.CERTIFICATE_GET, ""),
            new Lines.Line(
                "PATCH", "/certificates/{name}/{version?}", Operation.CERTIFICATE_UPDATE, ""),
            new Lines.Line("DELETE", "/certificates/{name}", Operation.CERTIFICATE_DELETE, ""),
            new Lines.Line("GET", "/certificates", Operation.CERTIFICATE_LIST, ""),
            new Lines.Line(
                "GET", "/certificates/{name}/versions", Operation.CERTIFICATE_LIST_VERSIONS, ""),
            new Lines.Line(
                "GET", "/certificates/{name}/policy", Operation.CERTIFICATE_POLICY_GET, ""),
            new Lines.Line(
                "PATCH", "/certificates/{name}/policy", Operation.CERTIFICATE_POLICY_UPDATE, ""),
            new Lines.Line(
                "GET", "/certificates/{name}/pending", Operation.CERTIFICATE_PENDING_GET, ""),
            new Lines.Line(
                "PATCH", "/certificates/{name}/pending", Operation.CERTIFICATE_PENDING_UPDATE, ""),
            new Lines.Line(
                "DELETE", "/certificates/{name}/pending", Operation.CERTIFICATE_PENDING_DELETE, ""),
            new Lines.Line(
                "POST", "/certificates/{name}/pending/merge", Operation.CERTIFICATE_PENDING_MERGE, ""),
            new Lines.Line("GET", "/deletedcertificates", Operation.CERTIFICATE_LIST_DELETED, ""),
            new Lines.Line(
                "GET", "/deletedcertificates/{name}", Operation.CERTIFICATE_GET_DELETED, ""),
            new Lines.Line(
                "POST", "/deletedcertificates/{name}/recover", Operation.CERTIFICATE_RECOVER, ""),
            new Lines.Line(
                "DELETE", "/deletedcertificates/{name}", Operation.CERTIFICATE_PURGE, ""),
            new Lines.Line("POST", "/certificates/{name}/backup", Operation.CERTIFICATE_BACKUP, ""),
            new Lines.Line("POST", "/certificates/restore", Operation.CERTIFICATE_RESTORE, ""),
            new Lines.Line("PUT", "/certificates/contacts", Operation.CERTIFICATE_CONTACTS_SET, ""),
            new Lines.Line("GET", "/certificates/contacts", Operation.CERTIFICATE_CONTACTS_GET, ""),
            new Lines.Line(
                "DELETE", "/certificates/contacts", Operation.CERTIFICATE_CONTACTS_DELETE, ""),
            new Lines.Line("GET", "/certificates/issuers", Operation.CERTIFICATE_ISSUERS_LIST, ""),
            new Lines.Line(
                "PUT", "/certificates/issuers/{issuer}", Operation.CERTIFICATE_ISSUER_SET, ""),
            new Lines.Line(
                "PATCH", "/certificates/issuers/{issuer}", Operation.CERTIFICATE_ISSUER_UPDATE, ""),
            new Lines.Line(
                "GET", "/certificates/issuers/{issuer}", Operation.CERTIFICATE_ISSUER_GET, ""),
            new Lines.Line(
                "DELETE", "/certificates/issuers/{issuer}", Operation.CERTIFICATE_ISSUER_DELETE, "")));
  }
}
