package dev.strongroom.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OperationTest {
  @ParameterizedTest
  @EnumSource
  void findAudited_nameOfARow_findsThatRow(Operation operation) {
    assertThat(Operation.findAudited(operation.auditName())).contains(operation);
    assertThat(Operation.findAudited(operation.name())).isEmpty();
  }
}
