package dev.strongroom.acme;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class AcmeStateTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00.750Z");

  @Test
  void read_whatWasWritten_isTheSame() {
    AcmeState begun = AcmeState.begun(NOW);
    AcmeState far = begun.ordered("https://acme.test/order/1").withPublished().waited().waited();
    assertThat(AcmeState.read(begun.text())).isEqualTo(begun);
    assertThat(AcmeState.read(far.text())).isEqualTo(far);
  }

  @Test
  void unordered_published_beginsWithANewOrder() {
    AcmeState again =
        AcmeState.begun(NOW).ordered("https://acme.test/order/1").withPublished().unordered();
    assertThat(again.order()).isEmpty();
    assertThat(again.published()).isFalse();
    assertThat(again.begun()).isEqualTo(NOW);
  }
}
