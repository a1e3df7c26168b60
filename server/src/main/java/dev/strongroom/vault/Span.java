package dev.strongroom.vault;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A time between two dates in years, months and days, in the ISO 8601 spelling that it came in, such
 * as P18M. It is longer than nothing.
 */
public record Span(String text) {
  private static final Pattern ALLOWED =
      Pattern.compile("P(?=\\d)(\\d{1,4}Y)?(\\d{1,5}M)?(\\d{1,6}D)?");
  private static final int DAYS_OF_YEAR = 365;
  private static final int DAYS_OF_MONTH = 30;

  public Span {
    if (!isSpan(text)) {
      throw new IllegalArgumentException("not a span of years, months and days");
    }
  }

  public static Optional<Span> find(String text) {
    return isSpan(text) ? Optional.of(new Span(text)) : Optional.empty();
  }

  // because of the digits that it allows, none is too long for the calendar
  private static boolean isSpan(String text) {
    return ALLOWED.matcher(text).matches() && !Period.parse(text).isZero();
  }

  public static Span ofDays(int days) {
    return new Span("P" + days + "D");
  }

  /** By the calendar, in UTC. */
  public Instant after(Instant from) {
    return date(from).plus(Period.parse(text)).toInstant(ZoneOffset.UTC);
  }

  /** By the calendar, in UTC. */
  public Instant before(Instant until) {
    return date(until).minus(Period.parse(text)).toInstant(ZoneOffset.UTC);
  }

  /** For comparing: a year has 365 days, a month 30. */
  public long days() {
    Period period = Period.parse(text);
    return (long) period.getYears() * DAYS_OF_YEAR
        + (long) period.getMonths() * DAYS_OF_MONTH
        + period.getDays();
  }

  private static LocalDateTime date(Instant time) {
    return LocalDateTime.ofInstant(time, ZoneOffset.UTC);
  }

  @Override
  public String toString() {
    return text;
  }
}
