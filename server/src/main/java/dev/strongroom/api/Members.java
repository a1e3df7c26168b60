package dev.strongroom.api;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
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

  /** Whole numbers that fit an int. */
  Optional<Integer> number(String name) {
    return find(name)
        .map(
            node -> {
              if (!node.isIntegralNumber() || !node.canConvertToInt()) {
                throw invalid(name);
              }
              return node.asInt();
            });
  }

  /**
   * Binary content, as base64url; plain base64 too, which the Key Vault JCA provider sends digests in.
   */
  Optional<byte[]> bytes(String name) {
    return find(name).map(node -> bytes(name, node));
  }

  byte[] requiredBytes(String name) {
    return bytes(name, find(name).orElseThrow(() -> invalid(name)));
  }

  private byte[] bytes(String name, JsonNode node) {
    if (!node.isString()) {
      throw invalid(name);
    }
    try {
      return Base64.getUrlDecoder()
          .decode(node.asString().replace('+', '-').replace('/', '_'));
    } catch (IllegalArgumentException e) {
      throw invalid(name);
    }
  }

  Optional<List<String>> texts(String name) {
    return array(name)
        .map(
            all ->
                all.valueStream()
                    .map(
                        node -> {
                          if (!node.isString()) {
                            throw invalid(name);
                          }
                          return node.asString();
                        })
                    .toList());
  }

  Optional<List<Members>> objects(String name) {
    return array(name)
        .map(
            all ->
                all.valueStream()
                    .map(
                        node -> {
                          if (!(node instanceof ObjectNode inner)) {
                            throw invalid(name);
                          }
                          return new Members(inner, path + name + '.');
                        })
                    .toList());
  }

  private Optional<ArrayNode> array(String name) {
    return find(name)
        .map(
            node -> {
              if (!(node instanceof ArrayNode all)) {
                throw invalid(name);
              }
              return all;
            });
  }

  boolean isAbsent(String name) {
    return find(name).isEmpty();
  }

  Optional<Map<String, String>> tags(String name) {
    return tags(name, LONGEST_TAG);
  }

  Optional<Map<String, String>> tags(String name, int longest) {
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
              check(tags, longest);
              return tags;
            });
  }

  private static void check(Map<String, String> tags, int longest) {
    if (tags.size() > MOST_TAGS) {
      throw VaultException.of(
          ErrorCode.TAGS_INVALID, "reason", "there are more than " + MOST_TAGS);
    }
    tags.forEach(
        (name, value) -> {
          if (name.isEmpty() || name.length() > longest || value.length() > longest) {
            throw VaultException.of(
                ErrorCode.TAGS_INVALID,
                "reason",
                "names have 1 to " + longest + " characters, values at most " + longest);
          }
        });
  }

  private Optional<JsonNode> find(String name) {
    JsonNode node = object.get(name);
    return node == null || node.isNull() ? Optional.empty() : Optional.of(node);
  }

  VaultException invalid(String name) {
    return VaultException.of(ErrorCode.PROPERTY_INVALID, "property", path + name);
  }
}
