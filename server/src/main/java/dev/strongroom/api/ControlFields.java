package dev.strongroom.api;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.VaultException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An object of a resource manager request, read member by member. Null is as absent; numbers and
 * booleans may stand in quotes. A member that nobody knows is refused unless it is null: to ignore
 * it could mean to promise something.
 */
record ControlFields(ObjectNode node, String path) {

  static ControlFields body(Call call) {
    return new ControlFields(
        Json.object(call.body(), ErrorCode.ARM_BODY_INVALID, ErrorCode.ARM_BODY_INVALID), "");
  }

  void requireKnown(Set<String> names) {
    for (Map.Entry<String, JsonNode> member : node.properties()) {
      if (!member.getValue().isNull() && !names.contains(member.getKey())) {
        throw invalid(member.getKey(), "it is not known here");
      }
    }
  }

  boolean has(String name) {
    JsonNode value = node.get(name);
    return value != null && !value.isNull();
  }

  Optional<ControlFields> object(String name) {
    return value(name)
        .map(
            value -> {
              if (value instanceof ObjectNode object) {
                return new ControlFields(object, full(name) + '.');
              }
              throw invalid(name, "it is not an object");
            });
  }

  Optional<List<ControlFields>> objects(String name) {
    return array(name)
        .map(
            array -> {
              List<ControlFields> items = new ArrayList<>();
              for (JsonNode item : array) {
                if (!(item instanceof ObjectNode object)) {
                  throw invalid(name, "an entry is not an object");
                }
                items.add(new ControlFields(object, full(name) + '[' + items.size() + "]."));
              }
              return items;
            });
  }

  Optional<List<String>> texts(String name) {
    return array(name)
        .map(
            array -> {
              List<String> items = new ArrayList<>();
              for (JsonNode item : array) {
                if (!item.isString()) {
                  throw invalid(name, "an entry is not a string");
                }
                items.add(item.stringValue());
              }
              return items;
            });
  }

  /** The values of an object of strings, such as tags; a null value is an empty text. */
  Optional<Map<String, String>> map(String name) {
    return object(name)
        .map(
            fields -> {
              Map<String, String> map = new LinkedHashMap<>();
              for (Map.Entry<String, JsonNode> member : fields.node.properties()) {
                JsonNode value = member.getValue();
                if (!value.isString() && !value.isNull()) {
                  throw invalid(name, "a value is not a string");
                }
                map.put(member.getKey(), value.isNull() ? "" : value.stringValue());
              }
              return map;
            });
  }

  Optional<String> text(String name) {
    return value(name)
        .map(
            value -> {
              if (!value.isString()) {
                throw invalid(name, "it is not a string");
              }
              return value.stringValue();
            });
  }

  Optional<Id> guid(String name) {
    return text(name)
        .map(text -> Id.findGuid(text).orElseThrow(() -> invalid(name, "it is not a GUID")));
  }

  Optional<Boolean> flag(String name) {
    return value(name)
        .map(
            value -> {
              if (value.isBoolean()) {
                return value.booleanValue();
              }
              String text = value.isString() ? value.stringValue() : "";
              if (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")) {
                return Boolean.valueOf(text);
              }
              throw invalid(name, "it is neither true nor false");
            });
  }

  Optional<Integer> number(String name) {
    return value(name)
        .map(
            value -> {
              if (value.isInt()) {
                return value.intValue();
              }
              if (value.isString() && value.stringValue().matches("-?[0-9]{1,9}")) {
                return Integer.valueOf(value.stringValue());
              }
              throw invalid(name, "it is not a whole number");
            });
  }

  ControlFields requiredObject(String name) {
    return object(name).orElseThrow(() -> missing(name));
  }

  VaultException missing(String name) {
    return invalid(name, "it must be given");
  }

  VaultException invalid(String name, String reason) {
    return VaultException.of(
        ErrorCode.ARM_PROPERTY_INVALID, "property", full(name), "reason", reason);
  }

  private String full(String name) {
    return path + name;
  }

  private Optional<JsonNode> value(String name) {
    return has(name) ? Optional.of(node.get(name)) : Optional.empty();
  }

  private Optional<ArrayNode> array(String name) {
    return value(name)
        .map(
            value -> {
              if (value instanceof ArrayNode array) {
                return array;
              }
              throw invalid(name, "it is not an array");
            });
  }
}
