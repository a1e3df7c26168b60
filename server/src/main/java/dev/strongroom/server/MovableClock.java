package dev.strongroom.server;

import dev.strongroom.local.LocalException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.Period;
import java.time.ZoneOffset;

/**
 * The clock of {@code dev}: the machine's, and as far ahead of it as it was moved. It is never moved
 * back, and stays where it is when the server starts again in the same folder.
 */
final class MovableClock implements InstantSource {
  private static final String FILE = "clock";

  private final Path file;
  private volatile Duration ahead;

  private MovableClock(Path file, Duration ahead) {
    this.file = file;
    this.ahead = ahead;
  }

  static MovableClock in(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    return new MovableClock(
        file,
        Files.exists(file) ? Duration.parse(Files.readString(file).strip()) : Duration.ZERO);
  }

  @Override
  public Instant instant() {
    return Instant.now().plus(ahead);
  }

  /**
   * Moves it ahead.
   *
   * @param by ISO 8601, such as P1Y, P30D or PT1H
   */
  synchronized void advance(String by) {
    Duration more;
    try {
      Instant now = instant();
      more =
          by.startsWith("PT")
              ? Duration.parse(by)
              : Duration.between(
                  now, now.atOffset(ZoneOffset.UTC).plus(Period.parse(by)).toInstant());
    } catch (DateTimeException | ArithmeticException e) {
      throw new LocalException("not a time such as P1Y, P30D or PT1H: " + by);
    }
    if (more.isNegative()) {
      throw new LocalException("the clock is never moved back");
    }
    Duration moved = ahead.plus(more);
    try {
      Files.writeString(file, moved.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ahead = moved;
  }
}
