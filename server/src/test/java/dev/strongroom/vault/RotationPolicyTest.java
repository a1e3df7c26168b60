package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.control.Refused;
import dev.strongroom.model.ErrorCode;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RotationPolicyTest {
  private static final Instant CREATED = Instant.parse("2026-01-31T00:00:00Z");

  private static RotationPolicy policy(String after, String before, String expiry) {
    Optional<RotationPolicy.Trigger> trigger =
        after == null
            ? Optional.ofNullable(before).map(Span::new).map(RotationPolicy.BeforeExpiry::new)
            : Optional.of(new RotationPolicy.AfterCreate(new Span(after)));
    return new RotationPolicy(
        trigger, RotationPolicy.DEFAULT_NOTICE, Optional.ofNullable(expiry).map(Span::new));
  }

  @ParameterizedTest
  @CsvSource({
    "P7D, , ",
    "P18M, , P2Y",
    "P21D, , P28D",
    ", P7D, P28D",
    ", P21D, P28D",
    ", P30D, P1Y",
    ", , P28D",
    ", , P1M",
    ", , P1000Y",
    ", , ",
  })
  void policy_withinTheLimits_exists(String after, String before, String expiry) {
    RotationPolicy policy = policy(after, before, expiry);
    assertThat(policy.rotate().isPresent()).isEqualTo(after != null || before != null);
    assertThat(policy.expiry().map(Span::text)).isEqualTo(Optional.ofNullable(expiry));
  }

  @ParameterizedTest
  @CsvSource({
    "P6D, , ",
    "P22D, , P28D",
    "P2Y, , P2Y",
    ", P30D, ",
    ", P6D, P1Y",
    ", P22D, P28D",
    ", P1Y, P1Y",
    ", , P27D",
    ", , P1000Y1D",
    "P18M, , P9999Y",
  })
  void policy_beyondTheLimits_isRefused(String after, String before, String expiry) {
    Refused.with(ErrorCode.ROTATION_POLICY_INVALID, () -> policy(after, before, expiry));
  }

  @Test
  void rotation_afterCreate_isByTheCalendar() {
    assertThat(policy("P1M", null, null).rotation(CREATED, Optional.empty()))
        .contains(Instant.parse("2026-02-28T00:00:00Z"));
  }

  @Test
  void rotation_beforeExpiry_needsAVersionThatExpires() {
    RotationPolicy policy = policy(null, "P30D", "P1Y");
    assertThat(policy.rotation(CREATED, Optional.empty())).isEmpty();
    assertThat(policy.rotation(CREATED, Optional.of(Instant.parse("2027-01-31T00:00:00Z"))))
        .contains(Instant.parse("2027-01-01T00:00:00Z"));
  }

  @Test
  void rotation_withoutATrigger_isNever() {
    assertThat(RotationPolicy.NONE.rotation(CREATED, Optional.of(CREATED))).isEmpty();
  }
}
