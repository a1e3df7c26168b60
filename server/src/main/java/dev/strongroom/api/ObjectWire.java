package dev.strongroom.api;

import dev.strongroom.model.Attributes;
import dev.strongroom.model.Collection;
import dev.strongroom.model.Container;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.VaultException;
import dev.strongroom.vault.PageTokens;
import dev.strongroom.vault.VaultObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import tools.jackson.core.JsonGenerator;

/** What secrets, keys and certificates have in common on the wire: ids, attributes, pages, blobs. */
final class ObjectWire {
  /** The parameter of lists that also shows certificates whose first version is still to come. */
  static final String INCLUDE_PENDING = "includePending";

  private static final int PAGE = 25;

  private final Collection collection;
  private final PageTokens pageTokens;

  ObjectWire(Collection collection, PageTokens pageTokens) {
    this.collection = collection;
    this.pageTokens = pageTokens;
  }

  /** An empty or missing segment means the newest version; anything but 32 hex digits is none. */
  Optional<Id> version(Call call) {
    return call.variable("version")
        .map(
            text ->
                Id.findHex(text)
                    .orElseThrow(
                        () ->
                            VaultException.of(
                                collection.notFound(),
                                "name",
                                call.objectName().text() + "/" + text)));
  }

  String nameUrl(Call call, VaultObject object) {
    return call.baseUrl() + '/' + collection.wire() + '/' + object.name();
  }

  String deletedUrl(Call call, VaultObject object) {
    return call.baseUrl() + '/' + collection.deletedWire() + '/' + object.name();
  }

  String versionUrl(Call call, VaultObject object) {
    return nameUrl(call, object) + '/' + object.version().hex();
  }

  /** The same version in another collection, where a certificate has its key and secret. */
  static String versionUrl(Call call, Collection collection, VaultObject object) {
    return call.baseUrl()
        + '/'
        + collection.wire()
        + '/'
        + object.name()
        + '/'
        + object.version().hex();
  }

  static void managed(JsonGenerator out, VaultObject object) {
    if (object.managed()) {
      out.writeBooleanProperty("managed", true);
    }
  }

  static void tags(JsonGenerator out, VaultObject object) {
    out.writeObjectPropertyStart("tags");
    object.tags().forEach(out::writeStringProperty);
    out.writeEndObject();
  }

  /**
   * @param own writes the attributes that only this collection has
   */
  static void attributes(JsonGenerator out, Call call, VaultObject object, Runnable own) {
    Attributes attributes = object.attributes();
    Container container = object.container();
    out.writeObjectPropertyStart("attributes");
    out.writeBooleanProperty("enabled", attributes.enabled());
    attributes.notBefore().ifPresent(time -> seconds(out, "nbf", time));
    attributes.expires().ifPresent(time -> seconds(out, "exp", time));
    seconds(out, "created", attributes.created());
    seconds(out, "updated", attributes.updated());
    if (Since.RECOVERY_LEVEL.isKnownTo(call.apiVersion())) {
      out.writeStringProperty(Since.RECOVERY_LEVEL.member(), container.recoveryLevel().wire());
    }
    if (Since.RECOVERABLE_DAYS.isKnownTo(call.apiVersion())) {
      out.writeNumberProperty(Since.RECOVERABLE_DAYS.member(), container.retentionDays());
    }
    own.run();
    out.writeEndObject();
  }

  void deletion(JsonGenerator out, Call call, VaultObject object) {
    out.writeStringProperty("recoveryId", deletedUrl(call, object));
    object.deleted().ifPresent(time -> seconds(out, "deletedDate", time));
    object.scheduledPurge().ifPresent(time -> seconds(out, "scheduledPurgeDate", time));
  }

  static void seconds(JsonGenerator out, String name, Instant time) {
    out.writeNumberProperty(name, time.getEpochSecond());
  }

  static Answer blob(byte[] blob) {
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

  static byte[] blob(Call call) {
    try {
      return Base64.getUrlDecoder().decode(Members.of(call.body()).required("value"));
    } catch (IllegalArgumentException e) {
      throw VaultException.of(ErrorCode.BACKUP_INVALID, "reason", "it is not base64url");
    }
  }

  /** Reads up to {@code limit} from behind {@code after}. */
  @FunctionalInterface
  interface Lister<T> {
    List<T> list(String after, int limit);
  }

  /** A page of newest versions, by name. */
  <T> Answer names(
      Call call,
      boolean deleted,
      Lister<T> lister,
      Function<T, VaultObject> object,
      BiConsumer<JsonGenerator, T> item) {
    return page(
        call,
        deleted ? collection.deletedWire() : collection.wire(),
        lister,
        last -> object.apply(last).name().toLowerCase(Locale.ROOT),
        item);
  }

  /** Reads up to {@code limit} versions from behind the number {@code after}. */
  @FunctionalInterface
  interface VersionLister<T> {
    List<T> list(long after, int limit);
  }

  /** A page of the versions of one object, in the order they were made. */
  <T> Answer versions(
      Call call,
      VersionLister<T> lister,
      Function<T, VaultObject> object,
      BiConsumer<JsonGenerator, T> item) {
    return page(
        call,
        collection.wire() + '/' + call.objectName().folded() + "/versions",
        (after, limit) -> lister.list(after.isEmpty() ? 0 : Long.parseLong(after), limit),
        last -> Long.toString(object.apply(last).number()),
        item);
  }

  /** A page of any list, which has a name and whose entries have a key that is their order. */
  <T> Answer page(
      Call call,
      String list,
      Lister<T> lister,
      Function<T, String> key,
      BiConsumer<JsonGenerator, T> item) {
    Id container = call.container().id();
    Optional<PageTokens.Place> place =
        call.query("$skiptoken").map(token -> pageTokens.read(container, list, token));
    int size =
        call.query("maxresults")
            .map(ObjectWire::pageSize)
            .or(() -> place.map(PageTokens.Place::pageSize))
            .orElse(PAGE);
    String after = place.map(PageTokens.Place::after).orElse("");
    // because one more than the page holds tells whether there is a next one
    List<T> found = lister.list(after, size + 1);
    List<T> shown = found.subList(0, Math.min(size, found.size()));
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
              shown.forEach(one -> item.accept(out, one));
              out.writeEndArray();
              if (next.isPresent()) {
                out.writeStringProperty(
                    "nextLink",
                    call.baseUrl()
                        + call.path()
                        + "?api-version="
                        + call.apiVersion().wire()
                        + "&$skiptoken="
                        + encoded(next.get())
                        + "&maxresults="
                        + size
                        // because a list goes on as it began
                        + call.query(INCLUDE_PENDING)
                            .map(asked -> '&' + INCLUDE_PENDING + '=' + encoded(asked))
                            .orElse(""));
              } else {
                out.writeNullProperty("nextLink");
              }
              out.writeEndObject();
            }));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
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
