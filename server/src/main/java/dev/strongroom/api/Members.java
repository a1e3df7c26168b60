package dev.strongroom.api;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Typed members of a data-plane request body. {@code null} is as absent; another type than the
 * member's is refused with the member's name.
 */
final class Members {
  private static final int MOST_TAGS = 15;
  private static final int LONGEST_TAG = 512;
  private static final long LAST_SECOND = 253_402_300_799L;

  private final ObjectNode object;
  private final String path;

  private Members(ObjectNode object, String path) {
    this.object = object;
    this.path = path;
  }

  static Members of(byte[] body) {
    return new Members(Json.object(body, ErrorCode.BODY_MISSING, ErrorCode.BODY_INVALID), "");
  }

  Optional<Members> object(String name) {
    return find(name)
        .map(
            node -> {
              if (!(node instanceof ObjectNode inner)) {
                throw invalid(name);
              }
              return new Members(inner, path + name + '.');
            });
  }

  Optional<String> text(String name, int longest) {
    return find(name)
        .map(
            node -> {
              if (!node.isString() || node.asString().length() > longest) {
                throw invalid(name);
              }
              return node.asString();
            });
  }

  String required(String name) {
    JsonNode node = find(name).orElseThrow(() -> invalid(name));
    if (!node.isString()) {
      throw invalid(name);
    }
    return node.asString();
  }

  Optional<Boolean> flag(String name) {
    return find(name)
        .map(
            node -> {
              if (!node.isBoolean()) {
                throw invalid(name);
              }
              return node.asBoolean();
            });
  }

  /** IntDate: whole seconds since 1970, up to the year 9999. */
  Optional<Instant> time(String name) {
    return find(name)
        .map(
            node -> {
              if (!node.isIntegralNumber()
                  || !node.canConvertToLong()
                  || node.asLong() < 0
                  || node.asLong() > LAST_SECOND) {
                throw invalid(name);
              }
              return Instant.ofEpochSecond(node.asLong());
            });
  }

  Optional<Map<String, String>> tags(String name) {
    return find(name)
        .map(
            node -> {
              if (!(node instanceof ObjectNode inner)) {
                throw invalid(name);
              }
              Map<String, String> tags = new LinkedHashMap<>();
              inner
                  .properties()
                  .forEach(
                      tag -> {
                        if (!tag.getValue().isString()) {
                          throw invalid(name);
                        }
                        tags.put(tag.getKey(), tag.getValue().asString());
                      });
              check(tags);
              return tags;
            });
  }

  private static void check(Map<String, String> tags) {
    if (tags.size() > MOST_TAGS) {
      throw VaultException.of(
          ErrorCode.TAGS_INVALID, "reason", "there are more than " + MOST_TAGS);
    }
    tags.forEach(
        (name, value) -> {
          if (name.isEmpty() || name.length() > LONGEST_TAG || value.length() > LONGEST_TAG) {
            throw VaultException.of(
                ErrorCode.TAGS_INVALID,
                "reason",
                "names have 1 to " + LONGEST_TAG + " characters, values at most " + LONGEST_TAG);
          }
        });
  }

  private Optional<JsonNode> find(String name) {
    JsonNode node = object.get(name);
    return node == null || node.isNull() ? Optional.empty() : Optional.of(node);
  }

  private VaultException invalid(String name) {
    return VaultException.of(ErrorCode.PROPERTY_INVALID, "property", path + name);
  }
}
