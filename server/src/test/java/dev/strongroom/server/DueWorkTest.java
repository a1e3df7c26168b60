package dev.strongroom.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.audit.Audit;
import dev.strongroom.audit.AuditRecord;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.local.Operator;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Origin;
import dev.strongroom.model.VaultException;
import dev.strongroom.store.DueRow;
import dev.strongroom.store.JournalNote;
import dev.strongroom.vault.OpenVault;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DueWorkTest {
  // kept, because a logger that nobody holds forgets its handlers
  private static final Logger LOG = Logger.getLogger(DueWork.class.getName());
  private static final Instant NOW = OpenVault.START;

  private final OpenVault vault = new OpenVault();
  private final List<String> audited = new CopyOnWriteArrayList<>();
  private Optional<ErrorCode> refusal = Optional.empty();
  private final DueWork work =
      new DueWork(vault.store, vault.seal, () -> NOW, new Operator(new Recorded(), () -> NOW));

  private final class Recorded implements Audit {
    @Override
    public Taken take(AuditRecord record) {
      audited.add(record.toString());
      return () -> {};
    }

    @Override
    public boolean isAvailable() {
      return true;
    }

    @Override
    public Optional<ErrorCode> refusalOfChanges() {
      return refusal;
    }

    @Override
    public void close() {}
  }

  private Id due(String kind) {
    Id subject = Randoms.id();
    vault.store.change(
        vault.origin(),
        JournalNote.none(),
        tx -> {
          tx.putDue(new DueRow(kind, subject, vault.container.id(), NOW, tx.journalNumber()));
          return null;
        });
    return subject;
  }

  private Optional<Origin> done(DueRow row) {
    Origin origin = vault.origin();
    vault.store.change(
        origin,
        JournalNote.none(),
        tx -> {
          tx.removeDue(row);
          return null;
        });
    return Optional.of(origin);
  }

  private void until(BooleanSupplier reached) throws InterruptedException {
    while (!reached.getAsBoolean()) {
      Thread.sleep(5);
    }
  }

  @Test
  void round_workThatWaitsOutside_keepsNothingElseFromBeingDoneAndIsBegunOnce() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger inside = new AtomicInteger();
    work.outside(
        "slow",
        (row, _) -> {
          begun.incrementAndGet();
          try {
            answer.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return done(row);
        });
    work.on(
        "quick",
        (row, _) -> {
          inside.incrementAndGet();
          return done(row);
        });
    for (int i = 0; i < 20; i++) {
      due("slow");
    }
    due("quick");
    work.round(NOW);
    work.round(NOW);
    assertThat(inside).hasValue(1);
    until(() -> begun.get() == 8);
    answer.countDown();
    until(
        () -> {
          work.round(NOW);
          return vault.store.due(NOW, 100).isEmpty();
        });
    until(() -> audited.size() == 21);
    assertThat(begun).hasValue(20);
  }

  @Test
  void round_whileTheTrailRefusesChanges_doesNothingThatIsDueAndAllTheRest() {
    AtomicInteger looks = new AtomicInteger();
    work.on("quick", (row, _) -> done(row));
    work.also(_ -> looks.incrementAndGet());
    due("quick");
    refusal = Optional.of(ErrorCode.STORE_OLDER_THAN_AUDIT);
    work.round(NOW);
    assertThat(vault.store.due(NOW, 100)).hasSize(1);
    assertThat(looks).hasValue(1);
    refusal = Optional.empty();
    work.round(NOW);
    assertThat(vault.store.due(NOW, 100)).isEmpty();
    assertThat(audited).hasSize(1);
  }

  @Test
  void round_moreThanItDoesAtOnceFailOrWait_doesTheRestAndTriesAgainLater() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    CountDownLatch answer = new CountDownLatch(1);
    work.on(
        "failing",
        (_, _) -> {
          attempts.incrementAndGet();
          throw new IllegalStateException("fails");
        });
    work.outside(
        "slow",
        (row, _) -> {
          try {
            answer.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return done(row);
        });
    AtomicInteger inside = new AtomicInteger();
    work.on(
        "quick",
        (row, _) -> {
          inside.incrementAndGet();
          return done(row);
        });
    for (int i = 0; i < 150; i++) {
      due("slow");
      due("failing");
    }
    due("quick");
    work.round(NOW);
    work.round(NOW);
    work.round(NOW);
    assertThat(inside).hasValue(1);
    assertThat(attempts).hasValue(150);
    work.round(NOW.plusSeconds(59));
    assertThat(attempts).hasValue(150);
    work.round(NOW.plusSeconds(60));
    assertThat(attempts).hasValue(250);
    answer.countDown();
    until(
        () -> {
          work.round(NOW);
          return vault.store.due(NOW, 1_000).size() == 150;
        });
  }

  @Test
  void stop_workThatWaitsOutside_isInterruptedAndStaysDue() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    work.outside(
        "slow",
        (row, _) -> {
          begun.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            interrupted.countDown();
          }
          return Optional.empty();
        });
    due("slow");
    work.start();
    assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
    work.stop();
    assertThat(interrupted.getCount()).isZero();
    assertThat(vault.store.due(NOW, 100)).hasSize(1);
  }

  @Test
  void tryRound_failsAgainAndAgain_isLoggedOnceUntilItWorks() {
    List<String> logged = new CopyOnWriteArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            logged.add(line.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    AtomicBoolean away = new AtomicBoolean(true);
    work.also(
        _ -> {
          if (away.get()) {
            throw VaultException.of(ErrorCode.STORE_UNAVAILABLE);
          }
        });
    LOG.addHandler(handler);
    try {
      work.tryRound(NOW);
      work.tryRound(NOW);
      assertThat(logged).hasSize(1);
      away.set(false);
      work.tryRound(NOW);
      away.set(true);
      work.tryRound(NOW);
      assertThat(logged).hasSize(2);
    } finally {
      LOG.removeHandler(handler);
    }
  }
}
