package dev.strongroom.audit;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What stands first in every line: its number, the hash of the line before, and the journal number
 * or the checkpoint that it carries. Nothing but the one spelling that {@link AuditLine} writes is
 * read.
 */
record ChainLine(
    long seq, String prev, OptionalLong journal, Optional<Checkpoint.Signed> checkpoint) {

  /** Empty when the bytes (without the line end) do not begin as a line does. */
  static Optional<ChainLine> read(byte[] bytes, int start, int length) {
    String line = new String(bytes, start, length, StandardCharsets.ISO_8859_1);
    String beforeSeq = new String(AuditLine.BEFORE_SEQ, StandardCharsets.US_ASCII);
    String beforePrev = new String(AuditLine.BEFORE_PREV, StandardCharsets.US_ASCII);
    if (!line.startsWith(beforeSeq)) {
      return Optional.empty();
    }
    int at = beforeSeq.length();
    int end = digits(line, at);
    OptionalLong seq = number(line, at, end);
    if (seq.isEmpty() || !line.startsWith(beforePrev, end)) {
      return Optional.empty();
    }
    at = end + beforePrev.length();
    end = at + AuditLine.HASH;
    if (end >= line.length() || line.charAt(end) != '"') {
      return Optional.empty();
    }
    String prev = line.substring(at, end);
    if (line.startsWith(AuditLine.BEFORE_JOURNAL, end)) {
      at = end + AuditLine.BEFORE_JOURNAL.length();
      OptionalLong journal = number(line, at, digits(line, at));
      return journal.isEmpty()
          ? Optional.empty()
          : Optional.of(new ChainLine(seq.getAsLong(), prev, journal, Optional.empty()));
    }
    if (line.startsWith(AuditLine.BEFORE_CHECKPOINT, end)) {
      at = end + AuditLine.BEFORE_CHECKPOINT.length();
      int quote = line.indexOf('"', at);
      if (quote < 0 || !line.startsWith(AuditLine.BEFORE_SIGNATURE, quote)) {
        return Optional.empty();
      }
      int signature = quote + AuditLine.BEFORE_SIGNATURE.length();
      int close = line.indexOf('"', signature);
      if (close < 0) {
        return Optional.empty();
      }
      return Checkpoint.read(line.substring(at, quote), line.substring(signature, close))
          .map(
              signed ->
                  new ChainLine(seq.getAsLong(), prev, OptionalLong.empty(), Optional.of(signed)));
    }
    return Optional.of(
        new ChainLine(seq.getAsLong(), prev, OptionalLong.empty(), Optional.empty()));
  }

  /** When what the line is about happened; empty when it does not say so as our lines do. */
  static Optional<Instant> time(byte[] bytes, int start, int length) {
    String line = new String(bytes, start, length, StandardCharsets.ISO_8859_1);
    // no text in it can hold these quotes, which would be escaped
    int at = line.indexOf(AuditLine.BEFORE_TIME);
    int end = at < 0 ? -1 : line.indexOf('"', at + AuditLine.BEFORE_TIME.length());
    if (end < 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(Instant.parse(line.substring(at + AuditLine.BEFORE_TIME.length(), end)));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private static int digits(String line, int at) {
    int end = at;
    while (end < line.length() && line.charAt(end) >= '0' && line.charAt(end) <= '9') {
      end++;
    }
    return end;
  }

  /** Positive, without leading zeros, at most 18 digits. */
  private static OptionalLong number(String line, int at, int end) {
    return end == at || end - at > 18 || line.charAt(at) == '0'
        ? OptionalLong.empty()
        : OptionalLong.of(Long.parseLong(line, at, end, 10));
  }
}
