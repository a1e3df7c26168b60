package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpanTest {
  private static final Instant LEAP_DAY = Instant.parse("2028-02-29T23:59:58Z");

  @ParameterizedTest
  @CsvSource({
    "P1D, 1, 2028-03-01T23:59:58Z, 2028-02-28T23:59:58Z",
    "P12M, 360, 2029-02-28T23:59:58Z, 2027-02-28T23:59:58Z",
    "P4Y, 1460, 2032-02-29T23:59:58Z, 2024-02-29T23:59:58Z",
    "P1Y2M3D, 428, 2029-05-02T23:59:58Z, 2026-12-26T23:59:58Z",
  })
  void span_calendar_isCounted(String text, long days, Instant after, Instant before) {
    Span span = new Span(text);
    assertThat(span.days()).isEqualTo(days);
    assertThat(span.after(LEAP_DAY)).isEqualTo(after);
    assertThat(span.before(LEAP_DAY)).isEqualTo(before);
    assertThat(span).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "P", "P0D", "P0Y0M", "1D", "P1W", "PT24H", "P1DT1H", "P-1D", "-P1D", "p1d", "P1D1M",
        "P1.5D", "P10000Y", "P1000000D", " P1D", "P1D "
      })
  void span_anythingElse_isNone(String text) {
    assertThat(Span.find(text)).isEmpty();
    assertThatThrownBy(() -> new Span(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void span_longestThatCanBeWritten_hasTimesThatCanBeStored() {
    Span longest = new Span("P9999Y99999M999999D");
    assertThat(longest.after(LEAP_DAY).toEpochMilli()).isPositive();
    assertThat(longest.before(LEAP_DAY).toEpochMilli()).isNegative();
  }

  @Test
  void ofDays_isSpelledSo() {
    assertThat(Span.ofDays(30)).isEqualTo(new Span("P30D"));
  }
}
