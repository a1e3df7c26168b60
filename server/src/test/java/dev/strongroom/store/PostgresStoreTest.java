package dev.strongroom.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.model.Collection;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PostgresStoreTest extends StoreContract {
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static PrivatePostgres server;
  private PostgresSettings settings;
  private Store store;

  @BeforeAll
  static void startServer() throws Exception {
    assumeTrue(
        PrivatePostgres.binaries().isPresent(),
        "PostgreSQL 15 is not installed here (Debian package postgresql-15)");
    server = PrivatePostgres.start();
  }

  @AfterAll
  static void stopServer() throws Exception {
    if (server != null) {
      server.stop();
    }
  }

  @BeforeEach
  void open() throws Exception {
    settings = server.create("t" + COUNT.incrementAndGet());
    store = open("node-1");
  }

  private Store open(String node) throws Exception {
    return OpenSql.postgres(
        settings, node, new FakeRowAuthenticator(), (table, key) -> {}, InstantSource.fixed(NOW));
  }

  @AfterEach
  void close() {
    if (store != null) {
      store.close();
    }
  }

  @Override
  Store store() {
    return store;
  }

  @Test
  void change_onTwoNodes_isOneJournalInCommitOrder() throws Exception {
    try (Store second = open("node-2")) {
      Thread[] writers = new Thread[8];
      for (int i = 0; i < writers.length; i++) {
        Store mine = i % 2 == 0 ? store : second;
        int n = i;
        writers[i] =
            Thread.ofVirtual()
                .start(
                    () -> {
                      for (int k = 0; k < 20; k++) {
                        String name = "w" + n + "-" + k;
                        mine.change(
                            origin(),
                            JournalNote.none(),
                            tx -> {
                              tx.insert(version(tx.insert(object(name)), 1));
                              return null;
                            });
                      }
                    });
      }
      for (Thread writer : writers) {
        writer.join();
      }
      assertThat(store.journal(0, 1000)).hasSize(160);
      assertThat(store.journal(0, 1000).stream().map(JournalRow::number).toList()).isSorted();
      assertThat(store.journal(0, 1000).stream().map(JournalRow::node).distinct())
          .containsExactlyInAnyOrder("node-1", "node-2");
      assertThat(second.journalHead()).isEqualTo(160);
      assertThat(second.findHead(VAULT, Collection.SECRETS, "w0-19")).isPresent();
    }
  }
}
