package dev.strongroom.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Origin;
import dev.strongroom.store.FakeRowAuthenticator;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.OpenSql;
import dev.strongroom.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log on the store that it is used with: real journal numbers, real commits. */
class AuditOnSqliteTest {
  private static final InstantSource CLOCK = InstantSource.fixed(Trail.NOW);

  @TempDir Path folder;
  private final List<AuditAlarm.Kind> alarms = new ArrayList<>();

  @Test
  void append_manyThreads_everyCommittedChangeHasItsRecordAlsoAfterACrash() throws Exception {
    Path data = folder.resolve("data");
    Path after = folder.resolve("after");
    Files.createDirectories(data);
    try (Store store = open(data)) {
      try (AuditLog log = AuditLog.open(settings(data), store, this::raised, CLOCK)) {
        log.startCheckpoints(Trail.KEY);
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
          List<Future<?>> running = new ArrayList<>();
          for (int t = 0; t < 16; t++) {
            boolean stopsEarly = t % 4 == 0;
            running.add(pool.submit(() -> changes(store, log, stopsEarly)));
          }
          for (Future<?> one : running) {
            one.get();
          }
        }
        log.checkpoint();
        copy(data.resolve("audit"), after.resolve("audit"));
        Verification left = new Verifier(store, "node-1").verify(after, Optional.empty());
        assertThat(left.bad()).isEmpty();
        assertThat(left.pending()).isEqualTo(4);
      }
    }
    try (Store store = open(data);
        AuditLog log = AuditLog.open(settings(data), store, this::raised, CLOCK)) {
      log.startCheckpoints(Trail.KEY);
      log.checkpoint();
      Verification found = new Verifier(store, "node-1").verify(data, Optional.empty());
      assertThat(found.bad()).isEmpty();
      assertThat(found.pending()).isZero();
      assertThat(found.changes()).isEqualTo(160);
      assertThat(found.recovered()).isEqualTo(4);
    }
    assertThat(alarms).isEmpty();
  }

  /** Ten changes; who stops early was killed between the last commit and its record. */
  private static void changes(Store store, AuditLog log, boolean stopsEarly) {
    for (int i = 0; i < 10; i++) {
      Origin origin = new Origin(Randoms.id(), "SecretSet", Optional.empty(), Trail.NOW);
      store.change(origin, JournalNote.container(Randoms.id()), tx -> tx.journalNumber());
      if (!stopsEarly || i < 9) {
        log.append(
            Trail.record(
                "SecretSet",
                200,
                OptionalLong.of(origin.journal().orElseThrow()),
                origin.requestId().guid()));
      }
    }
  }

  private synchronized void raised(AuditAlarm.Kind kind, String what) {
    alarms.add(kind);
  }

  private static AuditSettings settings(Path data) {
    return AuditSettings.of(
        data.resolve("audit"), Trail.INSTALLATION, "node-1", AuditSync.GROUP, 64 << 20, 1 << 16);
  }

  private static Store open(Path data) throws IOException {
    return OpenSql.sqlite(
        data,
        "node-1",
        new FakeRowAuthenticator(),
        (table, key) -> {
          throw new AssertionError(table + ' ' + key);
        },
        CLOCK);
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(file -> !file.toString().endsWith(".tmp")).toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }
}
