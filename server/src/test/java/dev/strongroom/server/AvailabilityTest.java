package dev.strongroom.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.model.Operation;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class AvailabilityTest {
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final Availability availability = new Availability(() -> now);

  @Test
  void percent_onlyTheServersOwnFailures_countForFiveMinutes() {
    assertThat(availability.percent()).isEqualTo(100);
    availability.answered(200);
    availability.answered(403);
    availability.answered(429);
    availability.answered(503);
    assertThat(availability.percent()).isEqualTo(75);
    now = now.plusSeconds(200);
    availability.answered(200);
    assertThat(availability.percent()).isEqualTo(80);
    now = now.plusSeconds(150);
    assertThat(availability.percent()).isEqualTo(100);
    now = now.plusSeconds(86_400);
    assertThat(availability.percent()).isEqualTo(100);
  }

  @Test
  void activityType_everyOperation_isAWordOfFew() {
    assertThat(Operation.values())
        .extracting(Metrics::activityType)
        .allMatch(type -> type.matches("secret|key|certificate|vault|data|control|login|local"));
    assertThat(Metrics.activityType(Operation.SECRET_GET)).isEqualTo("secret");
    assertThat(Metrics.activityType(Operation.SIGN_IN)).isEqualTo("login");
  }
}
