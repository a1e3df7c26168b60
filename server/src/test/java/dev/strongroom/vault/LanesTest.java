package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.control.Refused;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.NoWaiting;
import dev.strongroom.model.Operation;
import dev.strongroom.model.VaultException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LanesTest {
  @Test
  void run_anyWork_isOnAPlatformThreadOfTheLane() throws Exception {
    try (Lanes lanes = new Lanes(1, 1);
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Thread used =
          callers.submit(() -> lanes.run(Operation.KEY_SIGN, Thread::currentThread)).get();
      assertThat(used.isVirtual()).isFalse();
      assertThat(used.getName()).startsWith("private-key-");
    }
  }

  @Test
  void run_moreThanMayWait_isRefusedAndTheOthersFinish() throws Exception {
    CountDownLatch hold = new CountDownLatch(1);
    CountDownLatch held = new CountDownLatch(1);
    try (Lanes lanes = new Lanes(1, 2);
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> waiting = new ArrayList<>();
      waiting.add(
          callers.submit(
              () ->
                  lanes.run(
                      Operation.KEY_SIGN,
                      () -> {
                        held.countDown();
                        await(hold);
                        return 0;
                      })));
      assertThat(held.await(10, TimeUnit.SECONDS)).isTrue();
      List<Future<Integer>> more = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        more.add(callers.submit(() -> lanes.run(Operation.KEY_DECRYPT, () -> 1)));
      }
      int refused = 0;
      while (refused < 3) {
        refused = 0;
        for (Future<Integer> one : more) {
          refused += one.state() == Future.State.FAILED ? 1 : 0;
        }
        Thread.onSpinWait();
      }
      for (Future<Integer> one : more) {
        if (one.state() == Future.State.FAILED) {
          assertThat(one.exceptionNow())
              .isInstanceOfSatisfying(
                  VaultException.class,
                  e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.BUSY);
                    assertThat(e.headers()).containsEntry("Retry-After", "1");
                  });
        } else {
          waiting.add(one);
        }
      }
      hold.countDown();
      int done = 0;
      for (Future<Integer> one : waiting) {
        done += one.get(10, TimeUnit.SECONDS);
      }
      assertThat(done).isEqualTo(2);
    }
  }

  @Test
  void run_refusal_isTheCallers() {
    try (Lanes lanes = new Lanes(1, 1)) {
      Refused.with(
          ErrorCode.DECRYPTION_FAILED,
          () ->
              lanes.run(
                  Operation.KEY_DECRYPT,
                  () -> {
                    throw VaultException.of(ErrorCode.DECRYPTION_FAILED);
                  }));
    }
  }

  @Test
  void run_whereNothingMayWait_asksForAnotherThread() {
    try (Lanes lanes = new Lanes(1, 1)) {
      assertThatThrownBy(() -> NoWaiting.run(() -> lanes.run(Operation.KEY_SIGN, () -> 1)))
          .isInstanceOf(NoWaiting.WouldWait.class);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
