package dev.strongroom.api;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import tools.jackson.core.JsonGenerator;

/**
 * Lists of resource manager: everything on one page, or {@code $top} items with a link to the rest.
 * Paging is by key, so deletions do not disturb it; the key in the link is one that the page shows.
 */
final class ControlPages {
  private ControlPages() {}

  /**
   * @param items sorted by key
   * @param key unique, and the order of the items
   */
  static <T> Answer of(
      Call call, List<T> items, Function<T, String> key, BiConsumer<JsonGenerator, T> render) {
    int top = call.query("$top").map(ControlPages::top).orElse(Integer.MAX_VALUE);
    String after = call.query("$skiptoken").map(ControlPages::decoded).orElse("");
    List<T> left = items.stream().filter(item -> key.apply(item).compareTo(after) > 0).toList();
    List<T> page = left.stream().limit(top).toList();
    return Answer.json(
        200,
        Json.write(
            json -> {
              json.writeStartObject();
              json.writeArrayPropertyStart("value");
              page.forEach(item -> render.accept(json, item));
              json.writeEndArray();
              if (page.size() < left.size()) {
                json.writeStringProperty("nextLink", next(call, key.apply(page.getLast())));
              }
              json.writeEndObject();
            }));
  }

  private static String next(Call call, String key) {
    StringBuilder link = new StringBuilder(call.baseUrl()).append(path(call.path()));
    link.append("?api-version=").append(call.query("api-version").orElseThrow());
    call.query("$filter").ifPresent(filter -> link.append("&%24filter=").append(encoded(filter)));
    call.query("$top").ifPresent(top -> link.append("&%24top=").append(encoded(top)));
    return link.append("&%24skiptoken=")
        .append(
            Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(key.getBytes(StandardCharsets.UTF_8)))
        .toString();
  }

  private static String path(String decoded) {
    return encoded(decoded).replace("%2F", "/").replace("+", "%20");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static int top(String text) {
    if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) == 0) {
      throw VaultException.of(
          ErrorCode.ARM_PROPERTY_INVALID,
          "property",
          "$top",
          "reason",
          "it is not a number from 1");
    }
    return Integer.parseInt(text);
  }

  private static String decoded(String token) {
    try {
      return new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw VaultException.of(ErrorCode.SKIPTOKEN_INVALID);
    }
  }
}
