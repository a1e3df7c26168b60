package dev.strongroom.store;

import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Tags as a JSON object with sorted names, so that equal tags have equal text. */
final class TagsCodec {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final TypeReference<Map<String, String>> TYPE = new TypeReference<>() {};

  private TagsCodec() {}

  static String write(Map<String, String> tags) {
    return tags.isEmpty() ? "{}" : MAPPER.writeValueAsString(new TreeMap<>(tags));
  }

  static Map<String, String> read(String text) {
    return text.equals("{}") ? Map.of() : MAPPER.readValue(text, TYPE);
  }
}
