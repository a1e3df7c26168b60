package dev.strongroom.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.backup.Manifest;
import dev.strongroom.backup.Progress;
import dev.strongroom.backup.RowDigest;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.store.ChildProcess;
import dev.strongroom.store.FakeRowAuthenticator;
import dev.strongroom.store.Loading;
import dev.strongroom.store.NodeSettings;
import dev.strongroom.store.OpenSql;
import dev.strongroom.store.PostgresSettings;
import dev.strongroom.store.PrivatePostgres;
import dev.strongroom.store.Snapshot;
import dev.strongroom.store.SqlStore;
import dev.strongroom.store.StoppedStore;
import dev.strongroom.store.StoreMark;
import dev.strongroom.store.Table;
import dev.strongroom.store.TableRow;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreMoveTest {
  private static final InstantSource CLOCK = InstantSource.system();
  private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");
  private static final int KILLED = 9;
  private static final Set<String> NULLABLE =
      Set.of("previous", "scheduled_purge", "details", "content_type", "detail", "reason");
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static PrivatePostgres postgres;

  @TempDir Path folder;

  @BeforeAll
  static void startDatabase() throws Exception {
    assumeTrue(
        PrivatePostgres.binaries().isPresent(),
        "PostgreSQL 15 is not installed here (Debian package postgresql-15)");
    postgres = PrivatePostgres.start();
  }

  @AfterAll
  static void stopDatabase() throws Exception {
    if (postgres != null) {
      postgres.stop();
    }
  }

  /** Rows in every table, with texts that databases like to order in their own ways. */
  private Path filled() throws IOException {
    Path data = Files.createDirectory(folder.resolve("filled" + COUNT.incrementAndGet()));
    try (Loading loading = OpenSql.load(data, CLOCK)) {
      for (Table table : Table.values()) {
        List<String> texts =
            table == Table.META
                ? List.of(Installation.COMPLETE, "a", "Z")
                : List.of("Z", "a", "\u00e9", "\uD83D\uDE00", "\uFF5E");
        for (int i = 0; i < (table == Table.JOURNAL_HEAD ? 1 : texts.size()); i++) {
          loading.add(row(table, i, texts.get(i)));
        }
      }
      loading.commit();
    }
    return data;
  }

  private static TableRow row(Table table, int number, String text) {
    List<Object> values = new ArrayList<>();
    for (Table.Column column : table.columns()) {
      values.add(
          number % 2 == 1 && NULLABLE.contains(column.name())
              ? null
              : switch (column.type()) {
                case LONG -> (Object) (long) (number + 1);
                case TEXT -> text;
                case BYTES -> new byte[] {(byte) (200 - number), 0, 7};
              });
    }
    return new TableRow(table, values);
  }

  private static Map<String, Manifest.Digest> digests(StoppedStore store) throws IOException {
    try (Snapshot snapshot = store.snapshot()) {
      return RowDigest.of(snapshot);
    }
  }

  private static PostgresSettings database() throws Exception {
    return postgres.create("moved" + COUNT.incrementAndGet());
  }

  private static SqlStore serve(Path data) throws IOException {
    return OpenSql.sqlite(data, "a", new FakeRowAuthenticator(), (table, key) -> {}, CLOCK);
  }

  private static SqlStore serve(PostgresSettings database) throws IOException {
    return OpenSql.postgres(
        database,
        new NodeSettings(
            "a", Randoms.id(), Randoms.id(), Duration.ofSeconds(1), Duration.ofSeconds(5)),
        new FakeRowAuthenticator(),
        (table, key) -> {},
        CLOCK);
  }

  @Test
  void run_sqliteToPostgresAndBack_sameDigestsAndOnlyTheLastIsServed() throws Exception {
    Path first = filled();
    PostgresSettings shared = database();
    Path last = Files.createDirectory(folder.resolve("last"));
    Map<String, Manifest.Digest> were;
    try (StoppedStore from = StoppedStore.leaving(first);
        StoppedStore to = StoppedStore.arriving(shared, CLOCK)) {
      were = digests(from);
      assertThat(were).hasSize(Table.values().length);
      assertThat(were.values()).allMatch(digest -> digest.count() > 0);
      assertThat(StoreMove.run(from, to, NOW, Progress.SILENT)).isEqualTo(were);
      assertThat(digests(to)).isEqualTo(were);
      assertThat(digests(from)).isEqualTo(were);
    }
    assertThatThrownBy(() -> serve(first))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("was moved to " + shared.url());
    serve(shared).close();
    try (StoppedStore from = StoppedStore.leaving(shared, "a");
        StoppedStore to = StoppedStore.arriving(last, CLOCK)) {
      assertThat(StoreMove.run(from, to, NOW, Progress.SILENT)).isEqualTo(were);
      assertThat(digests(to)).isEqualTo(were);
    }
    assertThatThrownBy(() -> serve(shared))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("was moved to " + last);
    serve(last).close();
  }

  @Test
  void run_targetNotEmptyOrMovedAway_changesNothing() throws Exception {
    Path one = filled();
    Path other = filled();
    try (StoppedStore from = StoppedStore.leaving(one);
        StoppedStore to = StoppedStore.arriving(other, CLOCK)) {
      Map<String, Manifest.Digest> were = digests(to);
      assertThatThrownBy(() -> StoreMove.run(from, to, NOW, Progress.SILENT))
          .isInstanceOf(LocalException.class)
          .hasMessageContaining("is not empty; nothing was changed");
      assertThat(digests(to)).isEqualTo(were);
      assertThat(from.mark()).isEmpty();
      to.mark(Optional.of(new StoreMark(StoreMark.Kind.MOVED, NOW, "elsewhere")));
      assertThatThrownBy(() -> StoreMove.run(from, to, NOW, Progress.SILENT))
          .isInstanceOf(LocalException.class)
          .hasMessageContaining("was moved to elsewhere");
      assertThatThrownBy(() -> StoreMove.run(to, from, NOW, Progress.SILENT))
          .isInstanceOf(LocalException.class)
          .hasMessageContaining("was moved to elsewhere");
    }
    serve(one).close();
  }

  @Test
  void leaving_nodeRunningOrGoneWithoutAWord_isRefused() throws Exception {
    PostgresSettings shared = database();
    try (SqlStore running = serve(shared)) {
      assertThat(running.node()).isEqualTo("a");
      assertThatThrownBy(() -> StoppedStore.leaving(shared, "a"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("node a is running");
    }
    StoppedStore.leaving(shared, "a").close();
    try (java.sql.Connection connection =
            java.sql.DriverManager.getConnection(shared.url(), shared.user(), "");
        java.sql.Statement statement = connection.createStatement()) {
      statement.executeUpdate("update node set name = 'b', state = 1");
    }
    assertThatThrownBy(() -> StoppedStore.leaving(shared, "a"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("node b did not stop in order");
  }

  @Test
  void leaving_open_keepsNodesAway() throws Exception {
    PostgresSettings shared = database();
    serve(shared).close();
    try (StoppedStore held = StoppedStore.leaving(shared, "a")) {
      assertThat(held.mark()).isEmpty();
      assertThatThrownBy(() -> serve(shared)).isInstanceOf(IOException.class);
    }
    serve(shared).close();
  }

  /** Words: the source's folder, the target's folder or address, where to be killed. */
  static final class Killed {
    public static void main(String[] words) throws IOException {
      try (StoppedStore from = StoppedStore.leaving(Path.of(words[0]));
          StoppedStore to = target(words[1])) {
        StoreMove.run(
            from,
            to,
            NOW,
            (part, done) -> {
              if (part.equals(words[2])) {
                Runtime.getRuntime().halt(KILLED);
              }
            });
      }
    }

    private static StoppedStore target(String where) throws IOException {
      return where.startsWith("jdbc:")
          ? StoppedStore.arriving(
              new PostgresSettings(
                  where, "strongroom", dev.strongroom.model.SecretBytes.ofUtf8("unused"), 2),
              CLOCK)
          : StoppedStore.arriving(Path.of(where), CLOCK);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"object", "used_once", "compared", "moved"})
  void run_killedOnTheWayToPostgres_neverTwoToServeAndGoesOn(String at) throws Exception {
    Path first = filled();
    PostgresSettings shared = database();
    kill(first, shared.url(), at);
    assertThatThrownBy(() -> serve(shared))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has not ended; run the same strongroom migrate --to again");
    try (StoppedStore from = StoppedStore.leaving(first);
        StoppedStore to = StoppedStore.arriving(shared, CLOCK)) {
      assertThat(StoreMove.run(from, to, NOW, Progress.SILENT)).isEqualTo(digests(to));
    }
    serve(shared).close();
    assertThatThrownBy(() -> serve(first)).hasMessageContaining("was moved");
  }

  @Test
  void run_killedAndSourceServedSince_isRefusedUntilTheTargetIsEmptied() throws Exception {
    Path first = filled();
    Path last = Files.createDirectory(folder.resolve("last"));
    kill(first, last.toString(), "compared");
    assertThatThrownBy(() -> serve(last)).hasMessageContaining("has not ended");
    try (SqlStore served = serve(first)) {
      served.putMeta("since", "then".getBytes(StandardCharsets.UTF_8));
    }
    try (StoppedStore from = StoppedStore.leaving(first);
        StoppedStore to = StoppedStore.arriving(last, CLOCK)) {
      assertThatThrownBy(() -> StoreMove.run(from, to, NOW, Progress.SILENT))
          .isInstanceOf(LocalException.class)
          .hasMessageContaining("empty it and run this again");
      assertThat(from.mark()).isEmpty();
    }
    assertThatThrownBy(() -> serve(last)).hasMessageContaining("has not ended");
    serve(first).close();
  }

  private void kill(Path from, String to, String at) throws Exception {
    Path output = folder.resolve("output");
    Process process =
        ChildProcess.java(Killed.class, from.toString(), to, at)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(output)).isEqualTo(KILLED);
  }
}
