package dev.strongroom.ship;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.audit.TrailReader;
import dev.strongroom.model.Id;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SyslogMessageTest {
  private static final Id INSTALLATION = Id.guid("0f2c8a51-7d3e-4b1c-9a60-5e1b8c0d7f11");
  private static final String PREV = "ab".repeat(32);

  private static String frame(String host, String line) {
    return new String(
        new SyslogMessage(13, 32473, host, INSTALLATION, "node-1")
            .frame(new TrailReader.Line(7, line.getBytes(StandardCharsets.US_ASCII), PREV)),
        StandardCharsets.US_ASCII);
  }

  @Test
  void frame_record_isRfc5424InRfc5425() {
    String line = Chain.line(7, PREV, "SecretGet", "Success");
    String frame = frame("vault.example.test", line);
    String message =
        "<110>1 2026-05-01T10:11:12.345678Z vault.example.test strongroom "
            + ProcessHandle.current().pid()
            + " SecretGet [strongroom@32473 seq=\"7\" node=\"node-1\""
            + " installation=\"0f2c8a51-7d3e-4b1c-9a60-5e1b8c0d7f11\"] "
            + line;
    assertThat(frame).isEqualTo(message.length() + " " + message);
  }

  @Test
  void frame_refusedRequest_isAWarning() {
    assertThat(frame("h", Chain.line(7, PREV, "SecretGet", "Failed"))).contains(" <108>1 ");
  }

  @Test
  void frame_checkpoint_hasItsCategoryAsId() {
    String line =
        "{\"properties\":{\"seq\":7,\"prev\":\""
            + PREV
            + "\",\"checkpoint\":\"c\",\"signature\":\"s\"},\"time\":\"2026-05-01T10:11:12Z\","
            + "\"category\":\"AuditCheckpoint\"}";
    assertThat(frame("h", line)).contains("<110>1 2026-05-01T10:11:12Z h strongroom ")
        .contains(" AuditCheckpoint [strongroom@32473 ");
  }

  @Test
  void frame_hostThatIsNoWord_isMadeOne() {
    String line = Chain.line(7, PREV, "SecretGet", "Success");
    assertThat(frame("a b\nc", line)).contains("Z abc strongroom ");
    assertThat(frame("", line)).contains("Z - strongroom ");
  }
}
