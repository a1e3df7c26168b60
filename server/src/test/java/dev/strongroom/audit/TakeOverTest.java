package dev.strongroom.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Id;
import dev.strongroom.model.Origin;
import dev.strongroom.store.FakeRowAuthenticator;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.NodeSettings;
import dev.strongroom.store.OpenSql;
import dev.strongroom.store.PrivatePostgres;
import dev.strongroom.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes on one PostgreSQL, of which one is lost with changes that it owes a record. */
@Timeout(120)
class TakeOverTest {
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final InstantSource CLOCK = InstantSource.system();
  private static PrivatePostgres server;

  @TempDir Path folder;
  private String database;
  private final List<AuditAlarm.Kind> alarms = new ArrayList<>();
  private final List<AutoCloseable> open = new ArrayList<>();

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
  void create() throws Exception {
    database = "t" + COUNT.incrementAndGet();
    server.create(database);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    assertThat(alarms).isEmpty();
  }

  private Store store(String node) throws IOException {
    Store store =
        OpenSql.postgres(
            server.settings(database),
            new NodeSettings(
                node,
                new Id(0, node.hashCode()),
                Randoms.id(),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5)),
            new FakeRowAuthenticator(),
            (table, key) -> {
              throw new AssertionError(table + ' ' + key);
            },
            CLOCK);
    open.add(store);
    return store;
  }

  private AuditLog log(String node, Store store) throws IOException {
    AuditLog log =
        AuditLog.open(
            AuditSettings.of(audit(node), Trail.INSTALLATION, node, AuditSync.GROUP, 64 << 20, 1 << 16),
            store,
            this::raised,
            CLOCK);
    open.add(log);
    return log;
  }

  private synchronized void raised(AuditAlarm.Kind kind, String what) {
    alarms.add(kind);
  }

  private Path audit(String node) {
    return folder.resolve(node).resolve("audit");
  }

  private static long change(Store store) {
    Origin origin = new Origin(Randoms.id(), "SecretSet", Optional.empty(), CLOCK.instant());
    store.change(origin, JournalNote.container(Randoms.id()), tx -> null);
    return origin.journal().orElseThrow();
  }

  private static void recorded(Store store, AuditLog log) {
    Origin origin = new Origin(Randoms.id(), "SecretSet", Optional.empty(), CLOCK.instant());
    store.change(origin, JournalNote.container(Randoms.id()), tx -> null);
    log.append(
        Trail.record(
            "SecretSet",
            200,
            OptionalLong.of(origin.journal().orElseThrow()),
            origin.requestId().guid()));
  }

  /** As if the node had been killed and its lease had ended; what it reported last is kept. */
  private void lose(String node, Store store, AuditLog log) throws Exception {
    store.close();
    try (var connection =
            DriverManager.getConnection(
                server.settings(database).url(), server.settings(database).user(), "unused");
        var mark =
            connection.prepareStatement(
                "update node set state = 1, until = 0, session = ?, audited = ? where name = ?")) {
      mark.setBytes(1, Randoms.id().bytes());
      mark.setString(2, log.coverage());
      mark.setString(3, node);
      assertThat(mark.executeUpdate()).isEqualTo(1);
    }
  }

  /** How often each journal number stands in the chains of these nodes. */
  private Map<Long, Integer> records(String... nodes) throws IOException {
    Map<Long, Integer> found = new TreeMap<>();
    for (String node : nodes) {
      for (SegmentName segment :
          SegmentName.list(audit(node)).getOrDefault(node, List.of())) {
        try (SegmentLines in = new SegmentLines(Files.newInputStream(segment.file()))) {
          while (in.next()) {
            ChainLine.read(in.buffer(), in.start(), in.length())
                .orElseThrow()
                .journal()
                .ifPresent(number -> found.merge(number, 1, Integer::sum));
          }
        }
      }
    }
    return found;
  }

  private Path together(String... nodes) throws IOException {
    Path all = Files.createTempDirectory(folder, "all");
    Files.createDirectories(all.resolve("audit"));
    for (String node : nodes) {
      try (Stream<Path> files = Files.list(audit(node))) {
        for (Path file : files.filter(f -> !f.toString().endsWith(".tmp")).toList()) {
          Files.copy(
              file,
              all.resolve("audit").resolve(file.getFileName()),
              StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    return all;
  }

  @Test
  void run_nodeLost_itsOwedRecordsAreWrittenOnceAndLeftAloneWhenItReturns() throws Exception {
    Store a = store("a");
    AuditLog logOfA = log("a", a);
    logOfA.startCheckpoints(Trail.KEY);
    Store b = store("b");
    AuditLog logOfB = log("b", b);
    for (int i = 0; i < 5; i++) {
      recorded(a, logOfA);
      recorded(b, logOfB);
    }
    long owed = change(b);
    recorded(b, logOfB);
    long alsoOwed = change(b);
    recorded(a, logOfA);
    lose("b", b, logOfB);

    takeOver(a, logOfA);
    new TakeOver(a, logOfA, Duration.ZERO).run(CLOCK.instant());
    awaitRecords(a, "a", "b");
    assertThat(records("a", "b").values()).containsOnly(1);
    assertThat(records("a")).containsKeys(owed, alsoOwed);
    assertThat(a.nodes().orElseThrow().lost(Duration.ZERO)).isEmpty();
    logOfA.checkpoint();
    Verification found = new Verifier(a, "a").verify(together("a", "b"), Optional.empty());
    assertThat(found.bad()).isEmpty();
    assertThat(found.pending()).isZero();
    assertThat(found.recovered()).isEqualTo(3);
    assertThat(new Verifier(a, "a").verify(folder.resolve("a"), Optional.empty()).bad()).isEmpty();

    // the lost node's folder comes back, with a process of its own
    logOfB.close();
    Store again = store("b");
    AuditLog logAgain = log("b", again);
    logAgain.startCheckpoints(Trail.KEY);
    recorded(again, logAgain);
    assertThat(records("a", "b").values()).containsOnly(1);
    assertThat(records("a", "b")).hasSize((int) a.journalHead());
    logAgain.checkpoint();
    assertThat(new Verifier(a, "a").verify(together("a", "b"), Optional.empty()).bad()).isEmpty();
    assertThat(new Verifier(a, "b").verify(folder.resolve("b"), Optional.empty()).bad()).isEmpty();
  }

  @Test
  void open_takeOverStoppedHalfWay_isFinishedByTheNextStart() throws Exception {
    Store a = store("a");
    AuditLog logOfA = log("a", a);
    Store b = store("b");
    AuditLog logOfB = log("b", b);
    recorded(b, logOfB);
    change(b);
    change(b);
    lose("b", b, logOfB);
    Path before = together("a");
    takeOver(a, logOfA);
    awaitRecords(a, "a", "b");
    logOfA.close();
    // a crash between the change and its records left the chain as it was before
    try (Stream<Path> files = Files.list(audit("a"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    try (Stream<Path> files = Files.list(before.resolve("audit"))) {
      for (Path file : files.toList()) {
        Files.copy(file, audit("a").resolve(file.getFileName()));
      }
    }
    AuditLog next = log("a", a);
    next.startCheckpoints(Trail.KEY);
    assertThat(records("a", "b").values()).containsOnly(1);
    assertThat(records("a", "b")).hasSize((int) a.journalHead());
    next.checkpoint();
    assertThat(new Verifier(a, "a").verify(together("a", "b"), Optional.empty()).bad()).isEmpty();
  }

  /** As due work does it, until the node has heard of the loss and struck it off. */
  private static void takeOver(Store store, AuditLog log) throws Exception {
    long before = store.journalHead();
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (store.journalHead() == before) {
      assertThat(System.nanoTime() - end).as("nobody is taken over").isNegative();
      new TakeOver(store, log, Duration.ZERO).run(CLOCK.instant());
      Thread.sleep(5);
    }
  }

  private void awaitRecords(Store store, String... nodes) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (records(nodes).size() < store.journalHead()) {
      assertThat(System.nanoTime() - end).as("records: " + records(nodes)).isNegative();
      Thread.sleep(5);
    }
  }
}
