package dev.strongroom.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Collection;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.VaultException;
import java.io.IOException;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two nodes whose database is lost, and whose synchronous standby takes its place. */
@Timeout(180)
class FailoverTest {
  private static final int WRITERS = 8;

  @Test
  void change_primaryLostAndStandbyPromoted_losesNothingAcknowledged() throws Exception {
    assumeTrue(
        PrivatePostgres.binaries().isPresent(),
        "PostgreSQL 15 is not installed here (Debian package postgresql-15)");
    PrivatePostgres primary = PrivatePostgres.start();
    boolean isPrimaryThere = true;
    try {
      PostgresSettings direct = primary.create("failover");
      PrivatePostgres standby = primary.standby();
      try {
        try (var connection = DriverManager.getConnection(direct.url(), direct.user(), "unused");
            var statement = connection.createStatement()) {
          statement.execute("alter system set synchronous_standby_names = '*'");
          statement.execute("select pg_reload_conf()");
        }
        String url =
            "jdbc:postgresql://127.0.0.1:%d,127.0.0.1:%d/failover"
                .formatted(primary.port(), standby.port());
        PostgresSettings both =
            new PostgresSettings(url, direct.user(), SecretBytes.ofUtf8("unused"), 6);
        try (Store first = open(both, "a");
            Store second = open(both, "b")) {
          Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
          AtomicInteger refused = new AtomicInteger();
          AtomicLong last = new AtomicLong();
          AtomicLong longest = new AtomicLong();
          AtomicBoolean isDone = new AtomicBoolean();
          List<Thread> writers = new ArrayList<>();
          for (int w = 0; w < WRITERS; w++) {
            Store store = w % 2 == 0 ? first : second;
            String prefix = "w" + w + "-";
            writers.add(
                Thread.ofVirtual()
                    .start(
                        () -> {
                          for (int i = 0; !isDone.get(); i++) {
                            if (isMade(store, prefix + i)) {
                              acknowledged.add(prefix + i);
                              long now = System.nanoTime();
                              long before = last.getAndSet(now);
                              if (before != 0) {
                                longest.accumulateAndGet(now - before, Math::max);
                              }
                            } else {
                              refused.incrementAndGet();
                            }
                          }
                        }));
          }
          await("changes are made", () -> acknowledged.size() > 200);
          primary.stop();
          isPrimaryThere = false;
          standby.promote();
          int then = acknowledged.size();
          await("changes are made again", () -> acknowledged.size() > then + 200);
          isDone.set(true);
          for (Thread writer : writers) {
            writer.join();
          }
          for (String name : acknowledged) {
            assertThat(first.findHead(StoreContract.VAULT, Collection.SECRETS, name)).isPresent();
          }
          assertThat(second.journal(0, 100_000)).hasSize((int) second.journalHead());
          System.out.printf(
              "failover: %d changes acknowledged, all there; %d refused; no change for %.1f s%n",
              acknowledged.size(), refused.get(), longest.get() / 1e9);
        }
      } finally {
        standby.stop();
      }
    } finally {
      if (isPrimaryThere) {
        primary.stop();
      }
    }
  }

  private static boolean isMade(Store store, String name) {
    try {
      store.change(
          StoreContract.origin(),
          JournalNote.none(),
          tx -> {
            tx.insert(StoreContract.version(tx.insert(StoreContract.object(name)), 1));
            return null;
          });
      return true;
    } catch (VaultException e) {
      assertThat(e.code())
          .isIn(ErrorCode.STORE_UNAVAILABLE, ErrorCode.STORE_OUTCOME_UNKNOWN);
      try {
        Thread.sleep(10);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
      return false;
    }
  }

  private static Store open(PostgresSettings settings, String node) throws IOException {
    return OpenSql.postgres(
        settings,
        new NodeSettings(
            node,
            new Id(0, node.hashCode()),
            Randoms.id(),
            Duration.ofSeconds(2),
            Duration.ofSeconds(5)),
        new FakeRowAuthenticator(),
        (table, key) -> {
          throw new AssertionError(table + ' ' + key);
        },
        InstantSource.system());
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(90).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - end).as("not in time: " + what).isNegative();
      Thread.sleep(5);
    }
  }
}
