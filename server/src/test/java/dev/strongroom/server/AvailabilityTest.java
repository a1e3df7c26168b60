package dev.strongroom.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class AvailabilityTest {
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final Availability availability = new Availability(() -> now);

  @Test
  void ratio_onlyTheServersOwnFailures_countForFiveMinutes() {
    assertThat(availability.ratio()).isEqualTo(1);
    availability.answered(200);
    availability.answered(403);
    availability.answered(429);
    availability.answered(503);
    assertThat(availability.ratio()).isEqualTo(0.75);
    now = now.plusSeconds(200);
    availability.answered(200);
    assertThat(availability.ratio()).isEqualTo(0.8);
    now = now.plusSeconds(150);
    assertThat(availability.ratio()).isEqualTo(1);
    now = now.plusSeconds(86_400);
    assertThat(availability.ratio()).isEqualTo(1);
  }
}
