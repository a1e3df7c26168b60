package dev.strongroom.api;

import dev.strongroom.model.CertificateContacts;
import dev.strongroom.model.CertificateIssuer;
import dev.strongroom.model.Collection;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Operation;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.VaultException;
import dev.strongroom.vault.Certificate;
import dev.strongroom.vault.CertificateChange;
import dev.strongroom.vault.CertificateIssuers;
import dev.strongroom.vault.CertificatePolicy;
import dev.strongroom.vault.Certificates;
import dev.strongroom.vault.PageTokens;
import dev.strongroom.vault.PendingCertificate;
import dev.strongroom.vault.VaultObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;

/**
 * Certificates on the wire, with their issuers and contacts.
 *
 * @see <a href="https://learn.microsoft.com/rest/api/keyvault/certificates/operation-groups">Key
 *     Vault REST API, certificates</a>
 */
public final class CertificatesApi {
  private static final int LONGEST_TEXT = 256;
  private static final int MOST_CERTIFICATES = 32;
  private static final int MOST_CONTACTS = 100;
  private static final String PENDING = "Pending certificate created. ";

  private final Certificates certificates;
  private final CertificateIssuers issuers;
  private final ObjectWire wire;

  public CertificatesApi(
      Certificates certificates, CertificateIssuers issuers, PageTokens pageTokens) {
    this.certificates = certificates;
    this.issuers = issuers;
    this.wire = new ObjectWire(Collection.CERTIFICATES, pageTokens);
  }

  public Map<Operation, Handler> handlers() {
    Map<Operation, Handler> handlers = new EnumMap<>(Operation.class);
    handlers.put(Operation.CERTIFICATE_CREATE, this::create);
    handlers.put(Operation.CERTIFICATE_IMPORT, this::importFile);
    handlers.put(Operation.CERTIFICATE_GET, this::get);
    handlers.put(Operation.CERTIFICATE_UPDATE, this::update);
    handlers.put(Operation.CERTIFICATE_DELETE, this::delete);
    handlers.put(Operation.CERTIFICATE_LIST, this::list);
    handlers.put(Operation.CERTIFICATE_LIST_VERSIONS, this::listVersions);
    handlers.put(Operation.CERTIFICATE_POLICY_GET, this::policy);
    handlers.put(Operation.CERTIFICATE_POLICY_UPDATE, this::setPolicy);
    handlers.put(Operation.CERTIFICATE_PENDING_GET, this::pending);
    handlers.put(Operation.CERTIFICATE_PENDING_UPDATE, this::cancel);
    handlers.put(Operation.CERTIFICATE_PENDING_DELETE, this::deletePending);
    handlers.put(Operation.CERTIFICATE_PENDING_MERGE, this::merge);
    handlers.put(Operation.CERTIFICATE_LIST_DELETED, this::listDeleted);
    handlers.put(Operation.CERTIFICATE_GET_DELETED, this::getDeleted);
    handlers.put(Operation.CERTIFICATE_RECOVER, this::recover);
    handlers.put(Operation.CERTIFICATE_PURGE, this::purge);
    handlers.put(Operation.CERTIFICATE_BACKUP, this::backup);
    handlers.put(Operation.CERTIFICATE_RESTORE, this::restore);
    handlers.put(Operation.CERTIFICATE_CONTACTS_SET, this::setContacts);
    handlers.put(Operation.CERTIFICATE_CONTACTS_GET, this::contacts);
    handlers.put(Operation.CERTIFICATE_CONTACTS_DELETE, this::deleteContacts);
    handlers.put(Operation.CERTIFICATE_ISSUERS_LIST, this::listIssuers);
    handlers.put(Operation.CERTIFICATE_ISSUER_SET, this::setIssuer);
    handlers.put(Operation.CERTIFICATE_ISSUER_UPDATE, this::updateIssuer);
    handlers.put(Operation.CERTIFICATE_ISSUER_GET, this::issuer);
    handlers.put(Operation.CERTIFICATE_ISSUER_DELETE, this::deleteIssuer);
    return handlers;
  }

  Answer create(Call call) {
    Members body = Members.of(call.body());
    Optional<Members> policy = body.object("policy");
    Certificate made =
        certificates.create(
            call.container(),
            call.objectName(),
            policy.map(given -> CertificatePolicies.read(call, policy)),
            change(call, body),
            call.origin());
    // because the Python SDK asks for no certificate when it is told at once that there is one
    PendingCertificate now = made.pending().orElseThrow();
    PendingCertificate pending = now.begun();
    String id = pendingUrl(call, made.object());
    return withRetry(
        operation(202, call, made.object(), pending)
            .with(
                "Location",
                id
                    + "?api-version="
                    + call.apiVersion().wire()
                    + "&request_id="
                    + pending.requestId()),
        now);
  }

  Answer importFile(Call call) {
    Members body = Members.of(call.body());
    byte[] content = content(body.required("value"), body);
    return bundle(
        200,
        call,
        certificates.importFile(
            call.container(),
            call.objectName(),
            content,
            body.text("pwd", LONGEST_TEXT).orElse(""),
            CertificatePolicies.read(call, body.object("policy")),
            change(call, body),
            call.origin()),
        Shown.WHOLE);
  }

  /** PEM as it is, or base64 of PEM or of a PFX: clients send all three. */
  private static byte[] content(String value, Members body) {
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    if (value.contains("-----BEGIN ")) {
      return text;
    }
    try {
      return Base64.getMimeDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw body.invalid("value");
    }
  }

  Answer get(Call call) {
    boolean isStated = wire.version(call).isPresent();
    return bundle(
        200,
        call,
        certificates.get(call.container(), call.objectName(), wire.version(call)),
        isStated ? Shown.VERSION : Shown.WHOLE);
  }

  Answer update(Call call) {
    Members body = Members.of(call.body());
    Optional<Members> policy = body.object("policy");
    boolean isStated = wire.version(call).isPresent();
    return bundle(
        200,
        call,
        certificates.update(
            call.container(),
            call.objectName(),
            wire.version(call),
            change(call, body),
            policy.map(given -> CertificatePolicies.read(call, policy)),
            call.origin()),
        isStated ? Shown.VERSION_AND_PENDING : Shown.WHOLE);
  }

  Answer delete(Call call) {
    return deletedBundle(
        call, certificates.delete(call.container(), call.objectName(), call.origin()));
  }

  Answer list(Call call) {
    boolean pending = includePending(call);
    return wire.names(
        call,
        false,
        (after, limit) ->
            certificates.list(call.container(), pending, after, limit, call.now()),
        Certificate::object,
        (out, one) -> item(out, call, one, wire.nameUrl(call, one.object())));
  }

  Answer listVersions(Call call) {
    return wire.versions(
        call,
        (after, limit) ->
            certificates.listVersions(call.container(), call.objectName(), after, limit),
        Certificate::object,
        (out, one) -> item(out, call, one, wire.versionUrl(call, one.object())));
  }

  private static boolean includePending(Call call) {
    return call.query(ObjectWire.INCLUDE_PENDING)
        .map(text -> flag(ObjectWire.INCLUDE_PENDING, text))
        .orElse(false);
  }

  Answer listDeleted(Call call) {
    boolean pending = includePending(call);
    return wire.names(
        call,
        true,
        (after, limit) ->
            certificates.listDeleted(call.container(), pending, after, limit, call.now()),
        Certificate::object,
        (out, one) -> {
          out.writeStartObject();
          wire.deletion(out, call, one.object());
          itemMembers(out, call, one, wire.nameUrl(call, one.object()));
          out.writeEndObject();
        });
  }

  Answer policy(Call call) {
    return policy(
        call, certificates.get(call.container(), call.objectName(), Optional.empty()));
  }

  Answer setPolicy(Call call) {
    CertificatePolicy.Wanted wanted =
        CertificatePolicies.read(call, Optional.of(Members.of(call.body())));
    return policy(
        call,
        certificates.setPolicy(call.container(), call.objectName(), wanted, call.origin()));
  }

  Answer pending(Call call) {
    Certificate certificate =
        certificates.pending(call.container(), call.objectName(), call.query("request_id"));
    PendingCertificate pending = certificate.pending().orElseThrow();
    Answer answer = operation(200, call, certificate.object(), pending);
    return pending.isInProgress() ? withRetry(answer, pending) : answer;
  }

  Answer cancel(Call call) {
    Members body = Members.of(call.body());
    if (!body.flag("cancellation_requested").orElse(false)) {
      throw body.invalid("cancellation_requested");
    }
    Certificate certificate =
        certificates.cancel(call.container(), call.objectName(), call.origin());
    return operation(200, call, certificate.object(), certificate.pending().orElseThrow());
  }

  Answer deletePending(Call call) {
    VaultObject object =
        certificates.get(call.container(), call.objectName(), Optional.empty()).object();
    return operation(
        200,
        call,
        object,
        certificates.deletePending(call.container(), call.objectName(), call.origin()));
  }

  Answer merge(Call call) {
    Members body = Members.of(call.body());
    List<byte[]> chain = new ArrayList<>();
    for (String text : body.texts("x5c").orElseThrow(() -> body.invalid("x5c"))) {
      try {
        chain.add(Base64.getDecoder().decode(text));
      } catch (IllegalArgumentException e) {
        throw body.invalid("x5c");
      }
    }
    if (chain.isEmpty() || chain.size() > MOST_CERTIFICATES) {
      throw body.invalid("x5c");
    }
    return bundle(
        201,
        call,
        certificates.merge(
            call.container(), call.objectName(), chain, change(call, body), call.origin()),
        Shown.WHOLE);
  }

  Answer getDeleted(Call call) {
    return deletedBundle(
        call, certificates.getDeleted(call.container(), call.objectName(), call.now()));
  }

  Answer recover(Call call) {
    return bundle(
        200,
        call,
        certificates.recover(call.container(), call.objectName(), call.origin()),
        Shown.WHOLE);
  }

  Answer purge(Call call) {
    certificates.purge(call.container(), call.objectName(), call.origin());
    return Answer.empty(204);
  }

  Answer backup(Call call) {
    return ObjectWire.blob(certificates.backup(call.container(), call.objectName()));
  }

  Answer restore(Call call) {
    return bundle(
        200,
        call,
        certificates.restore(call.container(), ObjectWire.blob(call), call.origin()),
        Shown.WHOLE);
  }

  Answer setContacts(Call call) {
    Members body = Members.of(call.body());
    List<Members> given = body.objects("contacts").orElseThrow(() -> body.invalid("contacts"));
    if (given.size() > MOST_CONTACTS) {
      throw body.invalid("contacts");
    }
    List<CertificateContacts.Contact> contacts =
        given.stream()
            .map(
                one ->
                    new CertificateContacts.Contact(
                        text(one, "email").orElseThrow(() -> one.invalid("email")),
                        text(one, "name"),
                        text(one, "phone")))
            .toList();
    return contacts(call, issuers.setContacts(call.container(), contacts, call.origin()));
  }

  Answer contacts(Call call) {
    return contacts(call, issuers.contacts(call.container()));
  }

  Answer deleteContacts(Call call) {
    return contacts(call, issuers.deleteContacts(call.container(), call.origin()));
  }

  Answer listIssuers(Call call) {
    return wire.page(
        call,
        "certificates/issuers",
        (after, limit) -> issuers.list(call.container(), after, limit),
        last -> last.name().toLowerCase(Locale.ROOT),
        (out, issuer) -> {
          out.writeStartObject();
          out.writeStringProperty("id", issuerUrl(call, issuer));
          out.writeStringProperty("provider", issuer.provider());
          out.writeEndObject();
        });
  }

  Answer setIssuer(Call call) {
    Members body = Members.of(call.body());
    body.required("provider");
    try (CertificateIssuers.Wanted wanted = wanted(body)) {
      return issuer(
          call, issuers.set(call.container(), issuerName(call), wanted, call.origin()));
    }
  }

  Answer updateIssuer(Call call) {
    try (CertificateIssuers.Wanted wanted = wanted(Members.of(call.body()))) {
      return issuer(
          call, issuers.update(call.container(), issuerName(call), wanted, call.origin()));
    }
  }

  Answer issuer(Call call) {
    return issuer(call, issuers.get(call.container(), issuerName(call)));
  }

  Answer deleteIssuer(Call call) {
    return issuer(call, issuers.delete(call.container(), issuerName(call), call.origin()));
  }

  // requests

  private static CertificateChange change(Call call, Members body) {
    return new CertificateChange(
        body.object("attributes").flatMap(members -> members.flag("enabled")),
        body.tags("tags", LONGEST_TEXT),
        Since.PRESERVE_CERT_ORDER.isKnownTo(call.apiVersion())
            ? body.flag(Since.PRESERVE_CERT_ORDER.member())
            : Optional.empty());
  }

  private static CertificateIssuers.Wanted wanted(Members body) {
    Optional<Members> credentials = body.object("credentials");
    Optional<Members> organization = body.object("org_details");
    return new CertificateIssuers.Wanted(
        text(body, "provider"),
        credentials.flatMap(members -> text(members, "account_id")),
        credentials.flatMap(members -> text(members, "pwd")).map(SecretBytes::ofUtf8),
        organization.flatMap(members -> text(members, "id")),
        // because az takes the last administrator away by an organization without any
        organization.map(CertificatesApi::administrators),
        body.object("attributes").flatMap(members -> members.flag("enabled")));
  }

  private static List<CertificateIssuer.Administrator> administrators(Members organization) {
    return organization.objects("admin_details").orElse(List.of()).stream()
        .map(
            one ->
                new CertificateIssuer.Administrator(
                    text(one, "first_name"),
                    text(one, "last_name"),
                    text(one, "email"),
                    text(one, "phone")))
        .toList();
  }

  private static String issuerName(Call call) {
    return new ObjectName(call.variable("issuer").orElse("")).text();
  }

  private static Optional<String> text(Members members, String name) {
    return members.text(name, LONGEST_TEXT);
  }

  private static boolean flag(String parameter, String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw VaultException.of(ErrorCode.QUERY_INVALID, "parameter", parameter);
    };
  }

  // answers

  /** What of a certificate as a whole stands beside a version. */
  private enum Shown {
    VERSION,
    VERSION_AND_PENDING,
    WHOLE
  }

  private Answer bundle(int status, Call call, Certificate certificate, Shown shown) {
    String id = wire.versionUrl(call, certificate.object());
    return Answer.json(
        status,
        Json.write(
            out -> {
              out.writeStartObject();
              members(out, call, certificate, shown);
              out.writeEndObject();
            }),
        id);
  }

  private Answer deletedBundle(Call call, Certificate certificate) {
    return Answer.json(
        200,
        Json.write(
            out -> {
              out.writeStartObject();
              wire.deletion(out, call, certificate.object());
              members(out, call, certificate, Shown.WHOLE);
              out.writeEndObject();
            }),
        wire.deletedUrl(call, certificate.object()));
  }

  private void members(JsonGenerator out, Call call, Certificate certificate, Shown shown) {
    VaultObject object = certificate.object();
    out.writeStringProperty("id", wire.versionUrl(call, object));
    if (certificate.isIssued()) {
      out.writeStringProperty("kid", ObjectWire.versionUrl(call, Collection.KEYS, object));
      out.writeStringProperty("sid", ObjectWire.versionUrl(call, Collection.SECRETS, object));
      out.writeStringProperty("x5t", certificate.x5t());
      out.writeStringProperty(
          "cer", Base64.getEncoder().encodeToString(certificate.der().orElseThrow()));
    }
    ObjectWire.attributes(out, call, object, () -> {});
    ObjectWire.tags(out, object);
    if (Since.PRESERVE_CERT_ORDER.isKnownTo(call.apiVersion())) {
      out.writeBooleanProperty(Since.PRESERVE_CERT_ORDER.member(), certificate.keepOrder());
    }
    if (shown == Shown.WHOLE) {
      out.writeObjectPropertyStart("policy");
      CertificatePolicies.write(out, call.apiVersion(), policyUrl(call, object), certificate);
      out.writeEndObject();
    }
    if (shown != Shown.VERSION && certificate.pending().isPresent()) {
      out.writeObjectPropertyStart("pending");
      out.writeStringProperty("id", pendingUrl(call, object));
      out.writeEndObject();
    }
  }

  private void item(JsonGenerator out, Call call, Certificate certificate, String id) {
    out.writeStartObject();
    itemMembers(out, call, certificate, id);
    out.writeEndObject();
  }

  private static void itemMembers(
      JsonGenerator out, Call call, Certificate certificate, String id) {
    out.writeStringProperty("id", id);
    if (certificate.isIssued()) {
      out.writeStringProperty("x5t", certificate.x5t());
    }
    ObjectWire.attributes(out, call, certificate.object(), () -> {});
    ObjectWire.tags(out, certificate.object());
  }

  private Answer policy(Call call, Certificate certificate) {
    String id = policyUrl(call, certificate.object());
    return Answer.json(
        200,
        Json.write(
            out -> {
              out.writeStartObject();
              CertificatePolicies.write(out, call.apiVersion(), id, certificate);
              out.writeEndObject();
            }),
        id);
  }

  private Answer operation(
      int status, Call call, VaultObject object, PendingCertificate pending) {
    String id = pendingUrl(call, object);
    return Answer.json(
        status,
        Json.write(
            out -> {
              out.writeStartObject();
              out.writeStringProperty("id", id);
              out.writeObjectPropertyStart("issuer");
              out.writeStringProperty("name", pending.issuer());
              out.writeEndObject();
              out.writeStringProperty(
                  "csr", Base64.getEncoder().encodeToString(pending.csr()));
              out.writeBooleanProperty(
                  "cancellation_requested", pending.cancellationRequested());
              out.writeStringProperty("status", pending.status().wire());
              details(pending)
                  .ifPresent(text -> out.writeStringProperty("status_details", text));
              pending
                  .failure()
                  .ifPresent(
                      failure -> {
                        out.writeObjectPropertyStart("error");
                        out.writeStringProperty("code", failure.code());
                        out.writeStringProperty("message", failure.message());
                        out.writeEndObject();
                      });
              if (pending.status() == PendingCertificate.Status.COMPLETED) {
                out.writeStringProperty("target", wire.nameUrl(call, object));
              }
              out.writeStringProperty("request_id", pending.requestId());
              if (Since.PRESERVE_CERT_ORDER.isKnownTo(call.apiVersion())) {
                out.writeBooleanProperty(
                    Since.PRESERVE_CERT_ORDER.member(), pending.keepOrder());
              }
              out.writeEndObject();
            }),
        id);
  }

  private static Optional<String> details(PendingCertificate pending) {
    if (pending.status() != PendingCertificate.Status.IN_PROGRESS) {
      return Optional.empty();
    }
    return Optional.of(
        pending.issuer().equalsIgnoreCase(CertificatePolicy.UNKNOWN)
            ? PENDING + "Please Perform Merge to complete the request."
            : PENDING
                + "Certificate request is in progress. This may take some time based on the"
                + " issuer provider. Please check again later.");
  }

  /** When the client shall look again: at once after a create that has completed already. */
  private static Answer withRetry(Answer answer, PendingCertificate now) {
    return switch (now.status()) {
      case IN_PROGRESS -> answer.with("Retry-After", "10");
      case COMPLETED -> answer.with("Retry-After", "0");
      case CANCELED, FAILED -> answer;
    };
  }

  private Answer contacts(Call call, CertificateContacts contacts) {
    String id = call.baseUrl() + "/certificates/contacts";
    return Answer.json(
        200,
        Json.write(
            out -> {
              out.writeStartObject();
              out.writeStringProperty("id", id);
              out.writeArrayPropertyStart("contacts");
              for (CertificateContacts.Contact contact : contacts.contacts()) {
                out.writeStartObject();
                out.writeStringProperty("email", contact.email());
                text(out, "name", contact.name());
                text(out, "phone", contact.phone());
                out.writeEndObject();
              }
              out.writeEndArray();
              out.writeEndObject();
            }),
        id);
  }

  private Answer issuer(Call call, CertificateIssuer issuer) {
    String id = issuerUrl(call, issuer);
    return Answer.json(
        200,
        Json.write(
            out -> {
              out.writeStartObject();
              out.writeStringProperty("id", id);
              out.writeStringProperty("provider", issuer.provider());
              out.writeObjectPropertyStart("credentials");
              text(out, "account_id", issuer.accountId());
              out.writeEndObject();
              out.writeObjectPropertyStart("org_details");
              text(out, "id", issuer.organizationId());
              out.writeArrayPropertyStart("admin_details");
              for (CertificateIssuer.Administrator one : issuer.administrators()) {
                out.writeStartObject();
                text(out, "first_name", one.firstName());
                text(out, "last_name", one.lastName());
                text(out, "email", one.email());
                text(out, "phone", one.phone());
                out.writeEndObject();
              }
              out.writeEndArray();
              out.writeEndObject();
              out.writeObjectPropertyStart("attributes");
              out.writeBooleanProperty("enabled", issuer.enabled());
              ObjectWire.seconds(out, "created", issuer.created());
              ObjectWire.seconds(out, "updated", issuer.updated());
              out.writeEndObject();
              out.writeEndObject();
            }),
        id);
  }

  private static void text(JsonGenerator out, String member, Optional<String> text) {
    text.ifPresent(value -> out.writeStringProperty(member, value));
  }

  private static String issuerUrl(Call call, CertificateIssuer issuer) {
    return call.baseUrl() + "/certificates/issuers/" + issuer.name();
  }

  private String pendingUrl(Call call, VaultObject object) {
    return wire.nameUrl(call, object) + "/pending";
  }

  private String policyUrl(Call call, VaultObject object) {
    return wire.nameUrl(call, object) + "/policy";
  }
}
