package dev.strongroom.api;

import dev.strongroom.model.Collection;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Operation;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.VaultException;
import dev.strongroom.vault.CertificatePolicy;
import dev.strongroom.vault.PageTokens;
import dev.strongroom.vault.Secret;
import dev.strongroom.vault.SecretChange;
import dev.strongroom.vault.Secrets;
import dev.strongroom.vault.VaultObject;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JsonGenerator;

/**
 * Secrets on the wire.
 *
 * @see <a href="https://learn.microsoft.com/rest/api/keyvault/secrets/operation-groups">Key Vault
 *     REST API, secrets</a>
 */
public final class SecretsApi {
  private static final int LONGEST_VALUE = 25_600;
  private static final int LONGEST_CONTENT_TYPE = 255;

  private final Secrets secrets;
  private final ObjectWire wire;

  public SecretsApi(Secrets secrets, PageTokens pageTokens) {
    this.secrets = secrets;
    this.wire = new ObjectWire(Collection.SECRETS, pageTokens);
  }

  public Map<Operation, Handler> handlers() {
    Map<Operation, Handler> handlers = new EnumMap<>(Operation.class);
    handlers.put(Operation.SECRET_SET, this::set);
    handlers.put(Operation.SECRET_GET, this::get);
    handlers.put(Operation.SECRET_UPDATE, this::update);
    handlers.put(Operation.SECRET_DELETE, this::delete);
    handlers.put(Operation.SECRET_LIST, this::list);
    handlers.put(Operation.SECRET_LIST_VERSIONS, this::listVersions);
    handlers.put(Operation.SECRET_LIST_DELETED, this::listDeleted);
    handlers.put(Operation.SECRET_GET_DELETED, this::getDeleted);
    handlers.put(Operation.SECRET_RECOVER, this::recover);
    handlers.put(Operation.SECRET_PURGE, this::purge);
    handlers.put(Operation.SECRET_BACKUP, this::backup);
    handlers.put(Operation.SECRET_RESTORE, this::restore);
    return handlers;
  }

  /** What a set asks for; whoever parsed it closes the value. */
  public record Wanted(SecretBytes value, SecretChange change) {}

  /** The body of a set, checked as it is on the wire: types, limits, nothing but secrets. */
  public static Wanted wanted(byte[] json) {
    Members body = Members.of(json);
    String value = body.required("value");
    SecretChange change = change(body);
    SecretBytes bytes = SecretBytes.ofUtf8(value);
    if (bytes.length() > LONGEST_VALUE) {
      bytes.close();
      throw VaultException.of(ErrorCode.SECRET_TOO_LONG, "limit", Integer.toString(LONGEST_VALUE));
    }
    return new Wanted(bytes, change);
  }

  Answer set(Call call) {
    Wanted wanted = wanted(call.body());
    try (SecretBytes bytes = wanted.value()) {
      VaultObject made =
          secrets.set(
              call.container(), call.objectName(), bytes, wanted.change(), call.origin());
      return bundle(
          call, made, Optional.of(new String(bytes.exposed(), StandardCharsets.UTF_8)));
    }
  }

  Answer get(Call call) {
    Optional<CertificatePolicy.SecretForm> form = outContentType(call);
    Secret secret = secrets.get(call.container(), call.objectName(), wire.version(call), form);
    try (SecretBytes value = secret.value()) {
      return bundle(
          call,
          secret.object(),
          Optional.of(new String(value.exposed(), StandardCharsets.UTF_8)));
    }
  }

  Answer update(Call call) {
    SecretChange wanted = change(Members.of(call.body()));
    return bundle(
        call,
        secrets.update(
            call.container(), call.objectName(), wire.version(call), wanted, call.origin()),
        Optional.empty());
  }

  Answer delete(Call call) {
    return deletedBundle(call, secrets.delete(call.container(), call.objectName(), call.origin()));
  }

  Answer list(Call call) {
    return wire.names(
        call,
        false,
        (after, limit) -> secrets.list(call.container(), after, limit, call.now()),
        Function.identity(),
        (out, secret) -> item(out, call, secret, wire.nameUrl(call, secret)));
  }

  Answer listVersions(Call call) {
    return wire.versions(
        call,
        (after, limit) ->
            secrets.listVersions(call.container(), call.objectName(), after, limit),
        Function.identity(),
        (out, secret) -> item(out, call, secret, wire.versionUrl(call, secret)));
  }

  Answer listDeleted(Call call) {
    return wire.names(
        call,
        true,
        (after, limit) -> secrets.listDeleted(call.container(), after, limit, call.now()),
        Function.identity(),
        (out, secret) -> {
          out.writeStartObject();
          wire.deletion(out, call, secret);
          members(out, call, secret, wire.nameUrl(call, secret));
          out.writeEndObject();
        });
  }

  Answer getDeleted(Call call) {
    return deletedBundle(
        call, secrets.getDeleted(call.container(), call.objectName(), call.now()));
  }

  Answer recover(Call call) {
    return bundle(
        call,
        secrets.recover(call.container(), call.objectName(), call.origin()),
        Optional.empty());
  }

  Answer purge(Call call) {
    secrets.purge(call.container(), call.objectName(), call.origin());
    return Answer.empty(204);
  }

  Answer backup(Call call) {
    return ObjectWire.blob(secrets.backup(call.container(), call.objectName()));
  }

  Answer restore(Call call) {
    return bundle(
        call,
        secrets.restore(call.container(), ObjectWire.blob(call), call.origin()),
        Optional.empty());
  }

  private static SecretChange change(Members body) {
    Optional<Members> attributes = body.object("attributes");
    return new SecretChange(
        attributes.flatMap(members -> members.flag("enabled")),
        attributes.flatMap(members -> members.time("nbf")),
        attributes.flatMap(members -> members.time("exp")),
        body.tags("tags"),
        body.text("contentType", LONGEST_CONTENT_TYPE));
  }

  private static Optional<CertificatePolicy.SecretForm> outContentType(Call call) {
    return Since.OUT_CONTENT_TYPE.isKnownTo(call.apiVersion())
        ? call.query(Since.OUT_CONTENT_TYPE.member())
            .map(
                type ->
                    CertificatePolicy.SecretForm.find(type)
                        .orElseThrow(
                            () ->
                                VaultException.of(
                                    ErrorCode.QUERY_INVALID,
                                    "parameter",
                                    Since.OUT_CONTENT_TYPE.member())))
        : Optional.empty();
  }

  private Answer bundle(Call call, VaultObject secret, Optional<String> value) {
    String id = wire.versionUrl(call, secret);
    return Answer.json(
        200,
        Json.write(
            out -> {
              out.writeStartObject();
              value.ifPresent(text -> out.writeStringProperty("value", text));
              members(out, call, secret, id);
              kid(out, call, secret);
              previous(out, call, secret);
              out.writeEndObject();
            }),
        id);
  }

  private Answer deletedBundle(Call call, VaultObject secret) {
    return Answer.json(
        200,
        Json.write(
            out -> {
              out.writeStartObject();
              wire.deletion(out, call, secret);
              members(out, call, secret, wire.versionUrl(call, secret));
              kid(out, call, secret);
              previous(out, call, secret);
              out.writeEndObject();
            }),
        wire.deletedUrl(call, secret));
  }

  private static void item(JsonGenerator out, Call call, VaultObject secret, String id) {
    out.writeStartObject();
    members(out, call, secret, id);
    out.writeEndObject();
  }

  private static void members(JsonGenerator out, Call call, VaultObject secret, String id) {
    secret.contentType().ifPresent(type -> out.writeStringProperty("contentType", type));
    out.writeStringProperty("id", id);
    ObjectWire.managed(out, secret);
    ObjectWire.attributes(out, call, secret, () -> {});
    ObjectWire.tags(out, secret);
  }

  /** The key of the certificate that the secret belongs to. */
  private static void kid(JsonGenerator out, Call call, VaultObject secret) {
    if (secret.managed()) {
      out.writeStringProperty("kid", ObjectWire.versionUrl(call, Collection.KEYS, secret));
    }
  }

  private static void previous(JsonGenerator out, Call call, VaultObject secret) {
    if (Since.PREVIOUS_VERSION.isKnownTo(call.apiVersion())) {
      secret
          .previous()
          .ifPresent(id -> out.writeStringProperty(Since.PREVIOUS_VERSION.member(), id.hex()));
    }
  }
}
