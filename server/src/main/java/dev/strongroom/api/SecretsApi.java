package dev.strongroom.api;

import dev.strongroom.model.Attributes;
import dev.strongroom.model.Container;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Operation;
import dev.strongroom.model.RecoveryLevel;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.VaultException;
import dev.strongroom.vault.OpenedSecret;
import dev.strongroom.vault.PageTokens;
import dev.strongroom.vault.Secret;
import dev.strongroom.vault.SecretChange;
import dev.strongroom.vault.Secrets;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
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
  private static final int PAGE = 25;

  private final Secrets secrets;
  private final PageTokens pageTokens;

  public SecretsApi(Secrets secrets, PageTokens pageTokens) {
    this.secrets = secrets;
    this.pageTokens = pageTokens;
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
      Secret made =
          secrets.set(
              call.container(), call.objectName(), bytes, wanted.change(), call.origin());
      return bundle(
          call, made, Optional.of(new String(bytes.exposed(), StandardCharsets.UTF_8)));
    }
  }

  Answer get(Call call) {
    outContentType(call);
    OpenedSecret opened =
        secrets.get(call.container(), call.objectName(), version(call), call.now());
    try (SecretBytes value = opened.value()) {
      return bundle(
          call,
          opened.secret(),
          Optional.of(new String(value.exposed(), StandardCharsets.UTF_8)));
    }
  }

  Answer update(Call call) {
    SecretChange wanted = change(Members.of(call.body()));
    return bundle(
        call,
        secrets.update(
            call.container(), call.objectName(), version(call), wanted, call.origin()),
        Optional.empty());
  }

  Answer delete(Call call) {
    return deletedBundle(call, secrets.delete(call.container(), call.objectName(), call.origin()));
  }

  Answer list(Call call) {
    return page(
        call,
        "secrets",
        (after, limit) -> secrets.list(call.container(), after, limit, call.now()),
        last -> last.object().name().toLowerCase(Locale.ROOT),
        (out, secret) -> item(out, call, secret, nameUrl(call, "secrets", secret)));
  }

  Answer listVersions(Call call) {
    return page(
        call,
        "secrets/" + call.objectName().folded() + "/versions",
        (after, limit) ->
            secrets.listVersions(
                call.container(),
                call.objectName(),
                after.isEmpty() ? 0 : Long.parseLong(after),
                limit,
                call.now()),
        last -> Long.toString(last.version().number()),
        (out, secret) -> item(out, call, secret, versionUrl(call, secret)));
  }

  Answer listDeleted(Call call) {
    return page(
        call,
        "deletedsecrets",
        (after, limit) -> secrets.listDeleted(call.container(), after, limit, call.now()),
        last -> last.object().name().toLowerCase(Locale.ROOT),
        (out, secret) -> {
          out.writeStartObject();
          deletion(out, call, secret);
          members(out, call, secret, nameUrl(call, "secrets", secret));
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
    byte[] blob = secrets.backup(call.container(), call.objectName(), call.now());
    return Answer.json(
        200,
        Json.write(
            out -> {
              out.writeStartObject();
              out.writeStringProperty(
                  "value", Base64.getUrlEncoder().withoutPadding().encodeToString(blob));
              out.writeEndObject();
            }));
  }

  Answer restore(Call call) {
    String value = Members.of(call.body()).required("value");
    byte[] blob;
    try {
      blob = Base64.getUrlDecoder().decode(value);
    } catch (IllegalArgumentException e) {
      throw VaultException.of(ErrorCode.BACKUP_INVALID, "reason", "it is not base64url");
    }
    return bundle(
        call, secrets.restore(call.container(), blob, call.origin()), Optional.empty());
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

  /** An empty or missing segment means the newest version; anything but 32 hex digits is none. */
  private static Optional<Id> version(Call call) {
    return call.variable("version")
        .map(
            text ->
                Id.findHex(text)
                    .orElseThrow(
                        () ->
                            VaultException.of(
                                ErrorCode.SECRET_NOT_FOUND,
                                "name",
                                call.objectName().text() + "/" + text)));
  }

  /** Conversion is for certificate secrets, of which there are none yet: only the word is checked. */
  private static void outContentType(Call call) {
    if (Since.OUT_CONTENT_TYPE.isKnownTo(call.apiVersion())) {
      call.query(Since.OUT_CONTENT_TYPE.member())
          .filter(
              type ->
                  !type.equals("application/x-pem-file") && !type.equals("application/x-pkcs12"))
          .ifPresent(
              type -> {
                throw VaultException.of(
                    ErrorCode.QUERY_INVALID, "parameter", Since.OUT_CONTENT_TYPE.member());
              });
    }
  }

  private static Answer bundle(Call call, Secret secret, Optional<String> value) {
    String id = versionUrl(call, secret);
    return Answer.json(
        200,
        Json.write(
            out -> {
              out.writeStartObject();
              value.ifPresent(text -> out.writeStringProperty("value", text));
              members(out, call, secret, id);
              previous(out, call, secret);
              out.writeEndObject();
            }),
        id);
  }

  private static Answer deletedBundle(Call call, Secret secret) {
    return Answer.json(
        200,
        Json.write(
            out -> {
              out.writeStartObject();
              deletion(out, call, secret);
              members(out, call, secret, versionUrl(call, secret));
              previous(out, call, secret);
              out.writeEndObject();
            }),
        nameUrl(call, "deletedsecrets", secret));
  }

  private static void item(JsonGenerator out, Call call, Secret secret, String id) {
    out.writeStartObject();
    members(out, call, secret, id);
    out.writeEndObject();
  }

  private static void members(JsonGenerator out, Call call, Secret secret, String id) {
    secret
        .version()
        .contentType()
        .ifPresent(type -> out.writeStringProperty("contentType", type));
    out.writeStringProperty("id", id);
    if (secret.object().managed()) {
      out.writeBooleanProperty("managed", true);
    }
    attributes(out, call, secret);
    out.writeObjectPropertyStart("tags");
    secret.version().tags().forEach(out::writeStringProperty);
    out.writeEndObject();
  }

  private static void attributes(JsonGenerator out, Call call, Secret secret) {
    Attributes attributes = secret.version().attributes();
    Container container = secret.container();
    out.writeObjectPropertyStart("attributes");
    out.writeBooleanProperty("enabled", attributes.enabled());
    attributes.notBefore().ifPresent(time -> seconds(out, "nbf", time));
    attributes.expires().ifPresent(time -> seconds(out, "exp", time));
    seconds(out, "created", attributes.created());
    seconds(out, "updated", attributes.updated());
    if (Since.RECOVERY_LEVEL.isKnownTo(call.apiVersion())) {
      RecoveryLevel level = container.recoveryLevel();
      out.writeStringProperty(Since.RECOVERY_LEVEL.member(), level.wire());
    }
    if (Since.RECOVERABLE_DAYS.isKnownTo(call.apiVersion())) {
      out.writeNumberProperty(Since.RECOVERABLE_DAYS.member(), container.retentionDays());
    }
    out.writeEndObject();
  }

  private static void previous(JsonGenerator out, Call call, Secret secret) {
    if (Since.PREVIOUS_VERSION.isKnownTo(call.apiVersion())) {
      secret
          .version()
          .previous()
          .ifPresent(id -> out.writeStringProperty(Since.PREVIOUS_VERSION.member(), id.hex()));
    }
  }

  private static void deletion(JsonGenerator out, Call call, Secret secret) {
    out.writeStringProperty("recoveryId", nameUrl(call, "deletedsecrets", secret));
    secret.object().deleted().ifPresent(time -> seconds(out, "deletedDate", time));
    secret.object().scheduledPurge().ifPresent(time -> seconds(out, "scheduledPurgeDate", time));
  }

  private static void seconds(JsonGenerator out, String name, Instant time) {
    out.writeNumberProperty(name, time.getEpochSecond());
  }

  private static String nameUrl(Call call, String collection, Secret secret) {
    return call.baseUrl() + '/' + collection + '/' + secret.object().name();
  }

  private static String versionUrl(Call call, Secret secret) {
    return nameUrl(call, "secrets", secret) + '/' + secret.version().id().hex();
  }

  /** Reads one more than the page holds, to know whether there is a next one. */
  @FunctionalInterface
  private interface Lister {
    List<Secret> list(String after, int limit);
  }

  private Answer page(
      Call call,
      String list,
      Lister lister,
      Function<Secret, String> key,
      BiConsumer<JsonGenerator, Secret> render) {
    Id container = call.container().id();
    Optional<PageTokens.Place> place =
        call.query("$skiptoken").map(token -> pageTokens.read(container, list, token));
    int size =
        call.query("maxresults")
            .map(SecretsApi::pageSize)
            .or(() -> place.map(PageTokens.Place::pageSize))
            .orElse(PAGE);
    String after = place.map(PageTokens.Place::after).orElse("");
    List<Secret> found = lister.list(after, size + 1);
    List<Secret> shown = found.subList(0, Math.min(size, found.size()));
    Optional<String> next =
        found.size() > size
            ? Optional.of(
                pageTokens.issue(container, list, key.apply(shown.getLast()), size, call.now()))
            : Optional.empty();
    return Answer.json(
        200,
        Json.write(
            out -> {
              out.writeStartObject();
              out.writeArrayPropertyStart("value");
              shown.forEach(secret -> render.accept(out, secret));
              out.writeEndArray();
              if (next.isPresent()) {
                out.writeStringProperty(
                    "nextLink",
                    call.baseUrl()
                        + call.path()
                        + "?api-version="
                        + call.apiVersion().wire()
                        + "&$skiptoken="
                        + URLEncoder.encode(next.get(), StandardCharsets.UTF_8)
                        + "&maxresults="
                        + size);
              } else {
                out.writeNullProperty("nextLink");
              }
              out.writeEndObject();
            }));
  }

  private static int pageSize(String text) {
    try {
      int size = Integer.parseInt(text);
      if (size >= 1 && size <= PAGE) {
        return size;
      }
    } catch (NumberFormatException e) {
      throw VaultException.of(ErrorCode.QUERY_INVALID, "parameter", "maxresults");
    }
    throw VaultException.of(ErrorCode.QUERY_INVALID, "parameter", "maxresults");
  }
}
