package dev.strongroom.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.Cases;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JournalCoverageTest {
  @Test
  void add_anyOrder_isASetThatKnowsHowFarItIsComplete() {
    Cases.run(300, JournalCoverageTest::addInAnyOrder);
  }

  private static void addInAnyOrder(Random random) {
    long[] numbers = random.longs(random.nextInt(61), 1, 41).toArray();
    JournalCoverage coverage = new JournalCoverage();
    Set<Long> expected = new HashSet<>();
    for (long number : numbers) {
      assertThat(coverage.add(number)).isEqualTo(expected.add(number));
    }
    long complete = 0;
    while (expected.contains(complete + 1)) {
      complete++;
    }
    assertThat(coverage.complete()).isEqualTo(complete);
    assertThat(coverage.last()).isEqualTo(expected.stream().mapToLong(n -> n).max().orElse(0));
    JournalCoverage again = JournalCoverage.of(coverage.complete(), coverage.ahead());
    for (long number = 1; number <= 41; number++) {
      assertThat(coverage.contains(number)).isEqualTo(expected.contains(number));
      assertThat(again.contains(number)).isEqualTo(expected.contains(number));
    }
    assertThat(again.ahead()).isEqualTo(coverage.ahead());
  }

  @Test
  void ahead_gaps_areRanges() {
    JournalCoverage coverage = new JournalCoverage();
    for (long number : new long[] {9, 1, 4, 5, 2, 8}) {
      coverage.add(number);
    }
    assertThat(coverage.complete()).isEqualTo(2);
    assertThat(coverage.ahead()).isEqualTo("4-5,8-9");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "6-5", "4-4", "6-7,8-9", "6-7,7-9", "a-b", "6-7,"})
  void of_badRanges_isRefused(String ranges) {
    assertThatThrownBy(() -> JournalCoverage.of(3, ranges))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
