package dev.strongroom.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.Cases;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AuditLineTest {
  private static final JsonMapper STRICT =
      JsonMapper.builder(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final byte[] PREV = "ab".repeat(32).getBytes(StandardCharsets.US_ASCII);

  @Test
  void of_anyText_isOneStrictLineWithTheSameFields() {
    Cases.run(300, AuditLineTest::renderAnyText);
  }

  private static void renderAnyText(Random random) {
    String path = Cases.text(random);
    String agent = Cases.text(random);
    String requestId = Cases.text(random);
    String detail = Cases.text(random);
    int status = random.nextInt(100, 600);
    long seq = random.nextLong(1, 1_000_000_000_000L);
    AuditRecord record =
        record(
            path,
            agent,
            requestId,
            status,
            random.nextBoolean() ? OptionalLong.of(seq + 1) : OptionalLong.empty(),
            Map.of("reason", detail));
    String line = render(record, seq);
    assertThat(line).endsWith("}\n");
    assertThat(line.substring(0, line.length() - 1).chars()).allMatch(c -> c >= 0x20 && c < 0x7f);
    JsonNode json = STRICT.readTree(line);
    JsonNode properties = json.get("properties");
    assertThat(properties.get("seq").asLong()).isEqualTo(seq);
    assertThat(properties.get("httpStatusCode").asInt()).isEqualTo(status);
    assertThat(properties.get("requestUri").asString())
        .isEqualTo(cut(path, 2048) + "?api-version=7.4");
    assertThat(properties.get("clientInfo").asString()).isEqualTo(cut(agent, 512));
    assertThat(properties.get("reason").asString()).isEqualTo(cut(detail, 1024));
    assertThat(json.get("correlationId").asString()).isEqualTo(cut(requestId, 128));
    ChainLine read =
        ChainLine.read(line.getBytes(StandardCharsets.US_ASCII), 0, line.length() - 1)
            .orElseThrow();
    assertThat(read.seq()).isEqualTo(seq);
    assertThat(read.prev()).isEqualTo("ab".repeat(32));
    assertThat(read.journal()).isEqualTo(record.journal());
    assertThat(read.checkpoint()).isEmpty();
  }

  @Test
  void of_forgedRecordInEveryField_staysText() {
    String forged =
        "x\"}}\n{\"properties\":{\"seq\":2,\"prev\":\"0\",\"journal\":7},\"category\":\"\r\0";
    AuditRecord record =
        record(forged, forged, forged, 200, OptionalLong.empty(), Map.of(forged, forged));
    String line = render(record, 1);
    assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1);
    JsonNode json = STRICT.readTree(line);
    assertThat(json.get("properties").get("seq").asLong()).isEqualTo(1);
    assertThat(json.get("properties").has("journal")).isFalse();
    assertThat(json.get("properties").get("clientInfo").asString()).isEqualTo(forged);
    assertThat(json.get("category").asString()).isEqualTo("AuditEvent");
  }

  @Test
  void of_longTexts_areCut() {
    String agent = "a".repeat(511) + "\ud83d\ude00" + "b".repeat(100_000);
    String line =
        render(record("/p", agent, "r", 200, OptionalLong.empty(), Map.of()), 1);
    assertThat(line.length()).isLessThan(3_000);
    assertThat(STRICT.readTree(line).get("properties").get("clientInfo").asString())
        .isEqualTo("a".repeat(511) + '\u2026');
  }

  @Test
  void of_detailNamedAsOneOfOurs_takesNoPlace() {
    Map<String, String> details =
        Map.of("seq", "9", "journal", "9", "recovered", "true", "checkpoint", "c", "prev", "p");
    JsonNode properties =
        STRICT
            .readTree(render(record("/p", "a", "r", 200, OptionalLong.empty(), details), 1))
            .get("properties");
    assertThat(properties.get("seq").asLong()).isEqualTo(1);
    assertThat(properties.has("journal")).isFalse();
    assertThat(properties.has("recovered")).isFalse();
    assertThat(properties.get("detail.seq").asString()).isEqualTo("9");
  }

  @Test
  void of_categoryOfCheckpoints_isNotTaken() {
    AuditRecord plain = record("/p", "a", "r", 200, OptionalLong.empty(), Map.of());
    AuditRecord forged =
        new AuditRecord(
            plain.time(),
            plain.operation(),
            AuditLine.CHECKPOINT_CATEGORY,
            plain.resourceId(),
            plain.requestId(),
            plain.clientRequestId(),
            plain.callerAddress(),
            plain.principal(),
            plain.method(),
            plain.requestPath(),
            plain.apiVersion(),
            plain.userAgent(),
            plain.status(),
            plain.errorCode(),
            plain.objectId(),
            plain.durationMicros(),
            plain.journal(),
            plain.details());
    assertThat(STRICT.readTree(render(forged, 1)).get("category").asString())
        .isEqualTo("Administration");
  }

  @Test
  void place_again_replacesNumberAndHash() {
    AuditLine line =
        AuditLine.of(
            Trail.INSTALLATION,
            Trail.NODE,
            record("/p", "a", "r", 200, OptionalLong.empty(), Map.of()));
    line.place(123_456, PREV);
    line.place(7, "cd".repeat(32).getBytes(StandardCharsets.US_ASCII));
    String text =
        new String(line.bytes(), line.start(), line.length(), StandardCharsets.US_ASCII);
    assertThat(text).startsWith("{\"properties\":{\"seq\":7,\"prev\":\"" + "cd".repeat(32) + '"');
  }

  private static String render(AuditRecord record, long seq) {
    AuditLine line = AuditLine.of(Trail.INSTALLATION, Trail.NODE, record);
    line.place(seq, PREV);
    return new String(line.bytes(), line.start(), line.length(), StandardCharsets.ISO_8859_1);
  }

  /** What the rendered text is to say: cut at the limit, lone surrogates replaced. */
  private static String cut(String text, int limit) {
    StringBuilder out = new StringBuilder();
    int end = Math.min(limit, text.length());
    boolean isCut = end < text.length();
    if (isCut && Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    text.substring(0, end)
        .codePoints()
        .forEach(c -> out.appendCodePoint(c >= 0xd800 && c < 0xe000 ? 0xfffd : c));
    return isCut ? out.append('\u2026').toString() : out.toString();
  }

  private static AuditRecord record(
      String path,
      String agent,
      String requestId,
      int status,
      OptionalLong journal,
      Map<String, String> details) {
    return new AuditRecord(
        Trail.NOW,
        "SecretGet",
        AuditRecord.AUDIT_EVENT,
        Optional.of("/subscriptions/s"),
        "id",
        Optional.of(requestId),
        "2001:db8::1",
        Optional.of(Trail.principal()),
        "GET",
        path,
        Optional.of("7.4"),
        Optional.of(agent),
        status,
        Optional.empty(),
        Optional.empty(),
        1_000,
        journal,
        details);
  }
}
