package dev.strongroom.http;

import dev.strongroom.api.Handler;
import dev.strongroom.model.Operation;
import java.util.List;
import java.util.Map;

/**
 * The paths of the data plane. Variables: name, version.
 *
 * @see <a href="https://learn.microsoft.com/rest/api/keyvault/secrets/operation-groups">Key Vault
 *     REST API, secrets</a>
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
            new Lines.Line("POST", "/secrets/restore", Operation.SECRET_RESTORE, "")));
  }
}
