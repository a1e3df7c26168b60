package dev.strongroom.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.model.Operation;
import org.junit.jupiter.api.Test;

class MetricsTest {
  @Test
  void activityType_everyOperation_isAWordOfFew() {
    assertThat(Operation.values())
        .extracting(Metrics::activityType)
        .allMatch(type -> type.matches("secret|key|certificate|vault|data|control|login|local"));
    assertThat(Metrics.activityType(Operation.SECRET_GET)).isEqualTo("secret");
    assertThat(Metrics.activityType(Operation.SIGN_IN)).isEqualTo("login");
  }
}
