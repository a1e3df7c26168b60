package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.VaultException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class RsaKeyMakerTest {
  private static final KeySpec.Rsa SPEC = new KeySpec.Rsa(2048);

  private final SlowEngine engine = new SlowEngine();

  @Test
  void make_afterTheFirst_takesASpareOneAndNeverTheSame() throws Exception {
    engine.allowed.release(100);
    try (RsaKeyMaker maker = new RsaKeyMaker(engine, 1, 4, 2)) {
      RsaParts first = maker.make(SPEC);
      until(() -> maker.spares(SPEC) == 2);
      RsaParts second = maker.make(SPEC);
      RsaParts third = maker.make(SPEC);
      assertThat(List.of(first, second, third)).doesNotHaveDuplicates();
      until(() -> maker.spares(SPEC) == 2);
      assertThat(engine.made).hasSize(5);
    }
  }

  @Test
  void close_spareKeys_areWiped() throws Exception {
    engine.allowed.release(100);
    RsaKeyMaker maker = new RsaKeyMaker(engine, 1, 4, 2);
    RsaParts taken = maker.make(SPEC);
    until(() -> maker.spares(SPEC) == 2);
    maker.close();
    assertThat(taken.d()).isEqualTo(new byte[] {1});
    assertThat(engine.made.stream().filter(made -> made != taken))
        .hasSize(2)
        .allMatch(made -> made.d()[0] == 0 && made.p()[0] == 0 && made.qi()[0] == 0);
    assertThatThrownBy(() -> maker.make(SPEC))
        .isInstanceOfSatisfying(
            VaultException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STOPPING));
  }

  @Test
  void forgetSpares_keptAndComing_areWipedAndOthersAreMade() throws Exception {
    engine.allowed.release(2);
    try (RsaKeyMaker maker = new RsaKeyMaker(engine, 1, 4, 2)) {
      RsaParts taken = maker.make(SPEC);
      until(() -> maker.spares(SPEC) == 1 && engine.begun == 3);
      maker.forgetSpares();
      assertThat(maker.spares(SPEC)).isZero();
      engine.allowed.release(1);
      until(maker::isIdle);
      assertThat(maker.spares(SPEC)).isZero();
      assertThat(taken.d()).isEqualTo(new byte[] {1});
      assertThat(engine.made.stream().filter(made -> made != taken))
          .hasSize(2)
          .allMatch(made -> made.d()[0] == 0);
      engine.allowed.release(100);
      assertThat(maker.make(SPEC).d()).isEqualTo(new byte[] {1});
      until(() -> maker.spares(SPEC) == 2);
    }
  }

  @Test
  void make_moreThanMayWait_isRefusedAsBusy() throws Exception {
    try (RsaKeyMaker maker = new RsaKeyMaker(engine, 1, 2, 0)) {
      List<CompletableFuture<RsaParts>> asked = new ArrayList<>();
      asked.add(ask(maker));
      until(() -> engine.begun == 1);
      for (int waiting = 1; waiting <= 2; waiting++) {
        int wanted = waiting;
        asked.add(ask(maker));
        until(() -> maker.waiting() == wanted);
      }
      assertThatThrownBy(() -> maker.make(SPEC))
          .isInstanceOfSatisfying(
              VaultException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.BUSY);
                assertThat(e.headers()).containsKey("Retry-After");
              });
      engine.allowed.release(3);
      for (CompletableFuture<RsaParts> one : asked) {
        assertThat(one.get(20, TimeUnit.SECONDS)).isNotNull();
      }
    }
  }

  @Test
  void close_whoWaits_isToldThatTheServerStops() throws Exception {
    RsaKeyMaker maker = new RsaKeyMaker(engine, 1, 4, 2);
    CompletableFuture<RsaParts> running = ask(maker);
    until(() -> engine.begun == 1);
    CompletableFuture<RsaParts> waiting = ask(maker);
    until(() -> maker.waiting() == 1);
    maker.close();
    assertThatThrownBy(() -> waiting.get(20, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            VaultException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STOPPING));
    engine.allowed.release(1);
    assertThat(running.get(20, TimeUnit.SECONDS)).isNotNull();
    assertThat(maker.spares(SPEC)).isZero();
  }

  @Test
  void make_engineThatFails_fails() {
    engine.fails = true;
    engine.allowed.release(100);
    try (RsaKeyMaker maker = new RsaKeyMaker(engine, 1, 4, 2)) {
      assertThatThrownBy(() -> maker.make(SPEC)).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void make_spareOneThatFails_isMadeByWhoAsksNext() throws Exception {
    engine.allowed.release(1);
    try (RsaKeyMaker maker = new RsaKeyMaker(engine, 1, 4, 1)) {
      maker.make(SPEC);
      engine.fails = true;
      engine.allowed.release(1);
      until(() -> engine.begun == 2 && maker.isIdle());
      assertThat(maker.spares(SPEC)).isZero();
      engine.fails = false;
      engine.allowed.release(100);
      assertThat(maker.make(SPEC)).isNotNull();
      until(() -> maker.spares(SPEC) == 1);
    }
  }

  private static CompletableFuture<RsaParts> ask(RsaKeyMaker maker) {
    CompletableFuture<RsaParts> answer = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                answer.complete(maker.make(SPEC));
              } catch (RuntimeException e) {
                answer.completeExceptionally(e);
              }
            });
    return answer;
  }

  private static void until(BooleanSupplier holds) throws InterruptedException {
    for (int i = 0; i < 2000 && !holds.getAsBoolean(); i++) {
      Thread.sleep(10);
    }
    assertThat(holds.getAsBoolean()).isTrue();
  }

  /** Makes a key for each permit. */
  private static final class SlowEngine implements Engine {
    private final Semaphore allowed = new Semaphore(0);
    private final List<RsaParts> made = new CopyOnWriteArrayList<>();
    private volatile int begun;
    private volatile boolean fails;

    @Override
    public RsaParts generateRsa(KeySpec.Rsa spec) {
      begun++;
      // because what computes cannot be interrupted
      allowed.acquireUninterruptibly();
      if (fails) {
        throw new IllegalStateException("no key");
      }
      RsaParts parts = new RsaParts(one(), one(), one(), one(), one(), one(), one(), one());
      made.add(parts);
      return parts;
    }

    private static byte[] one() {
      return new byte[] {1};
    }

    @Override
    public String name() {
      return "slow";
    }

    @Override
    public String version() {
      return "1";
    }

    @Override
    public Optional<LocalDate> released() {
      return Optional.empty();
    }

    @Override
    public RsaHandle open(RsaParts parts) {
      throw new UnsupportedOperationException();
    }

    @Override
    public RsaHandle open(PublicJwk.Rsa key) {
      throw new UnsupportedOperationException();
    }

    @Override
    public EcHandle open(PublicJwk.Ec key, byte[] scalar) {
      throw new UnsupportedOperationException();
    }

    @Override
    public EcHandle open(PublicJwk.Ec key) {
      throw new UnsupportedOperationException();
    }
  }
}
