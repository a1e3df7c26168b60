package dev.strongroom.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.http.CurrentRequest;
import dev.strongroom.model.Id;
import java.time.Instant;
import java.util.Optional;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LoggingTest {
  private static final Id REQUEST = Id.guid("77777777-7777-7777-7777-777777777777");
  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00.123Z");

  private static LogRecord record() {
    LogRecord record = new LogRecord(Level.SEVERE, "it {0}\nand \"more\"");
    record.setParameters(new Object[] {"broke"});
    record.setLoggerName("dev.strongroom.Sample");
    record.setInstant(NOW);
    record.setThrown(
        new IllegalStateException("why\r\nand how", new RuntimeException("the cause")));
    return record;
  }

  private static String line(Formatter formatter) {
    String text = new CurrentRequest(REQUEST, Optional.empty()).run(() -> formatter.format(record()));
    assertThat(text).endsWith("\n");
    assertThat(text.strip()).doesNotContain("\n", "\r");
    return text.strip();
  }

  @Test
  void textLine_ofARequest_isOneLineWithItsId() {
    assertThat(line(new Logging.TextLine()))
        .startsWith(
            "2026-03-01T10:00:00.123Z SEVERE dev.strongroom.Sample: it broke and \"more\" [request "
                + REQUEST.guid()
                + "] | java.lang.IllegalStateException: why")
        .contains(" | java.lang.RuntimeException: the cause < ");
  }

  @Test
  void jsonLine_ofARequest_isOneObjectWithItsId() {
    JsonNode line = JsonMapper.builder().build().readTree(line(new Logging.JsonLine("node-7")));
    assertThat(line.propertyNames())
        .containsExactly("time", "level", "node", "logger", "message", "requestId", "thrown");
    assertThat(line.path("time").asString()).isEqualTo(NOW.toString());
    assertThat(line.path("level").asString()).isEqualTo("ERROR");
    assertThat(line.path("node").asString()).isEqualTo("node-7");
    assertThat(line.path("logger").asString()).isEqualTo("dev.strongroom.Sample");
    assertThat(line.path("message").asString()).isEqualTo("it broke\nand \"more\"");
    assertThat(line.path("requestId").asString()).isEqualTo(REQUEST.guid());
    assertThat(line.at("/thrown/0/what").asString())
        .isEqualTo("java.lang.IllegalStateException: why\r\nand how");
    assertThat(line.at("/thrown/0/at/0").asString()).contains("LoggingTest.record");
    assertThat(line.at("/thrown/1/what").asString()).contains("the cause");
  }

  @Test
  void jsonLine_outsideOfRequests_hasNoId() {
    LogRecord record = new LogRecord(Level.FINE, "idle");
    JsonNode line =
        JsonMapper.builder().build().readTree(new Logging.JsonLine("node-7").format(record));
    assertThat(line.propertyNames()).containsExactly("time", "level", "node", "logger", "message");
    assertThat(line.path("level").asString()).isEqualTo("DEBUG");
  }
}
