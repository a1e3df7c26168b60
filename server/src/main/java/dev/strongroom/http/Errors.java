package dev.strongroom.http;

import dev.strongroom.api.Json;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Bodies of refusals, in the shape that the clients of each kind of host read.
 *
 * @see <a href="https://learn.microsoft.com/azure/key-vault/general/rest-error-codes">Azure Key
 *     Vault REST API error codes</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-5.2">RFC 6749 section 5.2</a>
 */
final class Errors {
  private static final Pattern NUMBER = Pattern.compile("AADSTS([0-9]+)");
  private static final DateTimeFormatter TIMESTAMP =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss'Z'").withZone(ZoneOffset.UTC);

  private Errors() {}

  static byte[] body(
      Role role,
      ErrorCode code,
      String message,
      Id requestId,
      Optional<String> correlation,
      Instant time) {
    return switch (role) {
      case VAULT -> dataPlane(code, message);
      case MANAGEMENT -> resourceManager(code, message);
      case LOGIN -> oauth(code, message, requestId.guid(), correlation, TIMESTAMP.format(time));
    };
  }

  private static byte[] dataPlane(ErrorCode code, String message) {
    return Json.write(
        json -> {
          json.writeStartObject();
          json.writeName("error");
          json.writeStartObject();
          json.writeStringProperty("code", code.wire());
          json.writeStringProperty("message", message);
          if (code.inner().isPresent()) {
            json.writeName("innererror");
            json.writeStartObject();
            json.writeStringProperty("code", code.inner().get());
            json.writeEndObject();
          }
          json.writeEndObject();
          json.writeEndObject();
        });
  }

  private static byte[] resourceManager(ErrorCode code, String message) {
    return Json.write(
        json -> {
          json.writeStartObject();
          json.writeName("error");
          json.writeStartObject();
          json.writeStringProperty("code", code.wire());
          json.writeStringProperty("message", message);
          json.writeEndObject();
          json.writeEndObject();
        });
  }

  private static byte[] oauth(
      ErrorCode code, String message, String trace, Optional<String> correlation, String time) {
    Matcher number = NUMBER.matcher(message);
    String correlated = correlation.orElse(trace);
    return Json.write(
        json -> {
          json.writeStartObject();
          json.writeStringProperty("error", code.wire());
          json.writeStringProperty(
              "error_description",
              message
                  + " Trace ID: "
                  + trace
                  + " Correlation ID: "
                  + correlated
                  + " Timestamp: "
                  + time);
          json.writeName("error_codes");
          json.writeStartArray();
          if (number.find()) {
            json.writeNumber(Long.parseLong(number.group(1)));
          }
          json.writeEndArray();
          json.writeStringProperty("timestamp", time);
          json.writeStringProperty("trace_id", trace);
          json.writeStringProperty("correlation_id", correlated);
          json.writeEndObject();
        });
  }
}
