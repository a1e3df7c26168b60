package dev.strongroom.api;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON of requests and answers. Reading is strict: UTF-8, one object, no duplicate members, depth 32,
 * nothing behind it.
 */
public final class Json {
  private static final int DEPTH = 32;
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(DEPTH).build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                  .recyclerPool(new WipedBuffers())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private Json() {}

  /** The body as an object; {@code missing} and {@code invalid} are the plane's refusals. */
  public static ObjectNode object(byte[] body, ErrorCode missing, ErrorCode invalid) {
    if (body.length == 0) {
      throw VaultException.of(missing, "reason", "it is empty");
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw VaultException.of(invalid, "reason", "it is not UTF-8");
    }
    JsonNode node;
    try {
      node = MAPPER.readTree(text);
    } catch (JacksonException e) {
      // because Jackson's message may quote the body, and the body may hold a secret
      throw VaultException.of(invalid, "reason", place(e));
    }
    if (!(node instanceof ObjectNode object)) {
      throw VaultException.of(invalid, "reason", "it is not an object");
    }
    // because half a surrogate pair, which only an escape can write, has no UTF-8
    if (text.contains("\\u") && !isText(node)) {
      throw VaultException.of(invalid, "reason", "a text in it is not Unicode");
    }
    return object;
  }

  public static byte[] write(Consumer<JsonGenerator> content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    try (JsonGenerator generator = MAPPER.createGenerator(out)) {
      content.accept(generator);
    }
    return out.toByteArray();
  }

  private static boolean isText(JsonNode node) {
    return switch (node) {
      case ObjectNode object ->
          object.properties().stream()
              .allMatch(member -> isText(member.getKey()) && isText(member.getValue()));
      case ArrayNode array -> array.valueStream().allMatch(Json::isText);
      default -> !node.isString() || isText(node.asString());
    };
  }

  private static boolean isText(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  private static String place(JacksonException e) {
    return e.getLocation() == null
        ? "it does not parse"
        : "it does not parse at line "
            + e.getLocation().getLineNr()
            + ", column "
            + e.getLocation().getColumnNr();
  }
}
