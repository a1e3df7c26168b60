package dev.strongroom.ship;

import dev.strongroom.audit.TrailReader;
import dev.strongroom.model.Id;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Makes a message of a record as RFC 5424 has it, in the octet-counted frame of RFC 5425: facility and
 * severity, the record's own time, the operation as MSGID, and the chain's number in structured data.
 * What is said is the record itself, byte for byte.
 *
 * @param facility 13 is "log audit"
 * @param enterprise the private enterprise number under which the structured data stands
 * @param host the machine that the records are of
 */
record SyslogMessage(int facility, int enterprise, String host, Id installation, String node) {
  private static final int INFORMATIONAL = 6;
  private static final int WARNING = 4;
  private static final int LONGEST_HOST = 255;
  private static final int LONGEST_ID = 32;
  private static final String FAILED = "\",\"resultType\":\"Failed\"";
  private static final String OPERATION = "\",\"operationName\":\"";
  private static final long PROCESS = ProcessHandle.current().pid();

  byte[] frame(TrailReader.Line line) {
    String text = new String(line.bytes(), StandardCharsets.ISO_8859_1);
    int severity = text.contains(FAILED) ? WARNING : INFORMATIONAL;
    String head =
        "<"
            + (facility * 8 + severity)
            + ">1 "
            + line.time().map(SyslogMessage::time).orElse("-")
            + ' '
            + word(host, LONGEST_HOST)
            + " strongroom "
            + PROCESS
            + ' '
            + word(operation(text), LONGEST_ID)
            + " [strongroom@"
            + enterprise
            + " seq=\""
            + line.seq()
            + "\" node=\""
            + node
            + "\" installation=\""
            + installation.guid()
            + "\"] ";
    byte[] first = head.getBytes(StandardCharsets.US_ASCII);
    byte[] count =
        ((first.length + line.bytes().length) + " ").getBytes(StandardCharsets.US_ASCII);
    ByteArrayOutputStream frame = new ByteArrayOutputStream(count.length + first.length + line.bytes().length);
    frame.writeBytes(count);
    frame.writeBytes(first);
    frame.writeBytes(line.bytes());
    return frame.toByteArray();
  }

  /** RFC 5424 allows six digits of a second. */
  private static String time(Instant time) {
    return time.truncatedTo(ChronoUnit.MICROS).toString();
  }

  private static String operation(String text) {
    int at = text.indexOf(OPERATION);
    int end = at < 0 ? -1 : text.indexOf('"', at + OPERATION.length());
    return end < 0 ? "AuditCheckpoint" : text.substring(at + OPERATION.length(), end);
  }

  /** Printable ASCII without spaces, and a hyphen for nothing. */
  private static String word(String text, int longest) {
    String word = text.replaceAll("[^\\x21-\\x7e]", "");
    return word.isEmpty() ? "-" : word.substring(0, Math.min(word.length(), longest));
  }
}
