package dev.strongroom.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Collection;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.RoleAssignment;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.VaultException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
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
  private final List<String> broken = new CopyOnWriteArrayList<>();
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
        settings,
        new NodeSettings(
            node, folder(node), Randoms.id(), Duration.ofSeconds(10), Duration.ofSeconds(5)),
        new FakeRowAuthenticator(),
        (table, key) -> broken.add(table + ' ' + key),
        InstantSource.system());
  }

  /** Each node of these tests has its own, and keeps it. */
  private static Id folder(String node) {
    return Id.of(Arrays.copyOf(node.getBytes(StandardCharsets.UTF_8), 16));
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

  private void sql(String statement) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(
                settings.url(),
                settings.user(),
                new String(settings.password().exposed(), StandardCharsets.UTF_8));
        Statement run = connection.createStatement()) {
      run.execute(statement);
    }
  }

  @Test
  void change_afterTheServerDroppedEveryConnection_goesOnWithDenseNumbers() throws Exception {
    insert("before");
    sql(
        "select pg_terminate_backend(pid) from pg_stat_activity"
            + " where datname = current_database() and pid <> pg_backend_pid()");
    int refused = 0;
    boolean committed = false;
    while (!committed && refused < 10) {
      try {
        insert("after-" + refused);
        committed = true;
      } catch (VaultException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        refused++;
      }
    }
    assertThat(committed).isTrue();
    // how many were refused depends on how many dead connections the pool still offered
    assertThat(store.findHead(VAULT, Collection.SECRETS, "after-" + refused)).isPresent();
    assertThat(store.journal(0, 100).stream().map(JournalRow::number).toList())
        .isEqualTo(LongStream.rangeClosed(1, store.journalHead()).boxed().toList());
  }

  @Test
  void rows_changedInTheDatabase_areRefusedAndReported() throws Exception {
    insert("victim");
    sql("update version set enabled = 0");
    assertThatThrownBy(() -> store.findHead(VAULT, Collection.SECRETS, "victim"))
        .isInstanceOfSatisfying(
            VaultException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTEGRITY));
    RoleAssignment assignment = assignment(VAULT, "/subscriptions/a");
    store.change(
        origin(),
        JournalNote.none(),
        tx -> {
          tx.put(RuleKind.ROLE_ASSIGNMENT, assignment);
          return null;
        });
    assertThat(store.rules(RuleKind.ROLE_ASSIGNMENT)).containsExactly(assignment);
    sql("update rule set body = replace(body, '/subscriptions/a', '/')");
    assertThat(store.rules(RuleKind.ROLE_ASSIGNMENT)).isEmpty();
    assertThat(store.findRule(RuleKind.ROLE_ASSIGNMENT, assignment.key())).isEmpty();
    assertThat(broken)
        .hasSize(3)
        .last()
        .isEqualTo("rule role_assignment " + assignment.key());
  }

  @Test
  void open_secondTimeOrByANewerProgram_keepsOrRefuses() throws Exception {
    insert("kept");
    store.close();
    store = open("node-1");
    assertThat(store.journalHead()).isEqualTo(1);
    sql("insert into migration values (999, '999_future.sql', 'x', 0)");
    assertThatThrownBy(() -> open("node-2")).hasMessageContaining("newer program");
    sql("delete from migration where number = 999");
    sql("update migration set checksum = 'other'");
    assertThatThrownBy(() -> open("node-2")).hasMessageContaining("not this program's");
  }

  @Test
  void change_durability_isAskedForWhateverTheDatabaseDefaultsTo() throws Exception {
    sql("alter database " + settings.url().replaceAll(".*/", "") + " set synchronous_commit = off");
    try (PostgresConnections connections =
        PostgresConnections.open(settings, InstantSource.fixed(NOW))) {
      assertThat(
              connections
                  .writer()
                  .first("show synchronous_commit", row -> row.getString(1)))
          .contains("on");
    }
  }
}
