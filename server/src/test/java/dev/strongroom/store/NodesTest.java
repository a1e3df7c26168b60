package dev.strongroom.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Collection;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Origin;
import dev.strongroom.model.RoleAssignment;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.VaultException;
import dev.strongroom.store.CuttingProxy.NextCommit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several nodes on one PostgreSQL, and what lies between it and one of them. */
@Timeout(120)
class NodesTest {
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final Duration STALENESS = Duration.ofSeconds(2);
  private static PrivatePostgres server;

  private String database;
  private CuttingProxy proxy;
  private final List<String> broken = new CopyOnWriteArrayList<>();
  private final List<Store> stores = new CopyOnWriteArrayList<>();
  private final AtomicLong ahead = new AtomicLong();
  private final InstantSource clock = () -> Instant.now().plusMillis(ahead.get());

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
    database = "n" + COUNT.incrementAndGet();
    server.create(database);
    proxy = new CuttingProxy(server.port());
  }

  @AfterEach
  void close() throws Exception {
    if (proxy != null) {
      proxy.pass();
      stores.forEach(Store::close);
      proxy.close();
    }
  }

  private Store open(String node) throws IOException {
    return open(node, server.port(), folder(node), InstantSource.system());
  }

  private Store behindProxy(String node) throws IOException {
    return open(node, proxy.port(), folder(node), InstantSource.system());
  }

  private Store open(String node, int port, Id folder, InstantSource time) throws IOException {
    Store store =
        OpenSql.postgres(
            server.settings(database, port),
            new NodeSettings(
                node,
                folder,
                Randoms.id(),
                STALENESS,
                Duration.ofSeconds(5),
                Duration.ofSeconds(3)),
            new FakeRowAuthenticator(),
            (table, key) -> broken.add(table + ' ' + key),
            time);
    stores.add(store);
    return store;
  }

  private static Id folder(String node) {
    return Id.of(Arrays.copyOf(node.getBytes(StandardCharsets.UTF_8), 16));
  }

  private static Origin insert(Store store, String name) {
    Origin origin = StoreContract.origin();
    store.change(
        origin,
        JournalNote.none(),
        tx -> {
          tx.insert(StoreContract.version(tx.insert(StoreContract.object(name)), 1));
          return null;
        });
    return origin;
  }

  private static void put(Store store, RoleAssignment assignment) {
    store.change(
        StoreContract.origin(),
        JournalNote.none(),
        tx -> {
          tx.put(RuleKind.ROLE_ASSIGNMENT, assignment);
          return null;
        });
  }

  private static void remove(Store store, RoleAssignment assignment) {
    store.change(
        StoreContract.origin(),
        JournalNote.none(),
        tx -> {
          tx.remove(RuleKind.ROLE_ASSIGNMENT, assignment.key());
          return null;
        });
  }

  private static boolean isKnown(Store store, RoleAssignment assignment) {
    return store.findRule(RuleKind.ROLE_ASSIGNMENT, assignment.key()).isPresent();
  }

  private static void assertUnavailable(Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            VaultException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
              assertThat(e.headers()).containsKey("Retry-After");
            });
  }

  private static boolean isServing(Store store) {
    try {
      store.rules(RuleKind.TENANT);
      return true;
    } catch (VaultException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
      return false;
    }
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - end).as("not in time: " + what).isNegative();
      Thread.sleep(5);
    }
  }

  private void sql(String statement) throws SQLException {
    PostgresSettings settings = server.settings(database);
    try (Connection connection =
            DriverManager.getConnection(settings.url(), settings.user(), "unused");
        Statement run = connection.createStatement()) {
      run.execute(statement);
    }
  }

  @Test
  void rule_removedOnOneNode_isForgottenByTheOthers() throws Exception {
    Store first = open("a");
    Store second = open("b");
    long longest = 0;
    for (int i = 0; i < 100; i++) {
      RoleAssignment assignment = StoreContract.assignment(Randoms.guid(), "/" + i);
      put(first, assignment);
      await("the rule is known", () -> isKnown(second, assignment));
      remove(first, assignment);
      long removed = System.nanoTime();
      await("the rule is gone", () -> !isKnown(second, assignment));
      longest = Math.max(longest, System.nanoTime() - removed);
    }
    System.out.println(
        "a rule removed on one node counts on another after at most "
            + Duration.ofNanos(longest).toMillis()
            + " ms");
  }

  @Test
  void findHead_changedOnAnotherNode_isNeverOlderThanWhatWasAcknowledged() throws Exception {
    Store first = open("a");
    Store second = open("b");
    Store third = open("c");
    insert(first, "one");
    List<Store> nodes = List.of(first, second, third);
    for (int i = 0; i < 300; i++) {
      Store writer = nodes.get(i % 3);
      long number = i + 2;
      writer.change(
          StoreContract.origin(),
          JournalNote.none(),
          tx -> {
            ObjectRow object =
                tx.findObject(StoreContract.VAULT, Collection.SECRETS, "one").orElseThrow();
            tx.insert(StoreContract.version(object, number));
            tx.update(object.withHead(number));
            return null;
          });
      for (Store reader : nodes) {
        Reads.Found found =
            reader.findHead(StoreContract.VAULT, Collection.SECRETS, "one").orElseThrow();
        assertThat(found.version().number()).isEqualTo(number);
        assertThat(
                reader.findVersion(
                    StoreContract.VAULT, Collection.SECRETS, "one", found.version().id()))
            .contains(found);
      }
    }
  }

  @Test
  void onChanges_ofAnotherNode_areHeardWithoutAnybodyAsking() throws Exception {
    Store first = open("a");
    Store second = open("b");
    insert(first, "one");
    List<Long> heard = new CopyOnWriteArrayList<>();
    second.onChanges(heard::addAll, () -> {});
    ObjectRow row =
        first.findObject(StoreContract.VAULT, Collection.SECRETS, "one").orElseThrow();
    first.change(
        StoreContract.origin(),
        JournalNote.none(),
        tx -> {
          tx.purge(row);
          return null;
        });
    await("the other node hears of the purge", () -> heard.contains(row.row()));
  }

  @Test
  void cachedHead_whileOtherNodesAreThere_saysNothing() throws Exception {
    Store first = open("a");
    insert(first, "one");
    first.findHead(StoreContract.VAULT, Collection.SECRETS, "one");
    await(
        "a lone node answers from its cache",
        () -> first.cachedHead(StoreContract.VAULT, Collection.SECRETS, "one").isPresent());
    Store second = open("b");
    assertThat(first.cachedHead(StoreContract.VAULT, Collection.SECRETS, "one")).isEmpty();
    second.close();
    await(
        "alone again",
        () -> first.cachedHead(StoreContract.VAULT, Collection.SECRETS, "one").isPresent());
  }

  @Test
  void open_nameOfARunningNode_isRefusedForAnotherFolderOnly() throws Exception {
    open("a");
    assertThatThrownBy(() -> open("a", server.port(), folder("other"), InstantSource.system()))
        .hasMessageContaining("a node named a runs with another data folder");
    // the same folder is locked, so whoever had it is dead
    Store again = open("a");
    insert(again, "one");
    Store old = stores.getFirst();
    await("the first session has ended", () -> !isServing(old));
    assertUnavailable(() -> insert(old, "refused"));
    insert(again, "two");
  }

  @Test
  void read_nodeCutOff_isRefusedInTimeAndServesAgainAfterwards() throws Exception {
    Store near = open("a");
    Store far = behindProxy("b");
    RoleAssignment assignment = StoreContract.assignment(Randoms.guid(), "/");
    put(near, assignment);
    await("the rule is known", () -> isKnown(far, assignment));
    insert(far, "mine");

    proxy.hold();
    await("nothing is served", () -> !isServing(far));
    assertThat(far.nodes().orElseThrow().troubles()).isNotEmpty();
    assertUnavailable(() -> far.findRule(RuleKind.ROLE_ASSIGNMENT, assignment.key()));
    assertUnavailable(() -> far.findHead(StoreContract.VAULT, Collection.SECRETS, "mine"));
    assertUnavailable(() -> insert(far, "refused"));
    remove(near, assignment);
    Nodes nodes = near.nodes().orElseThrow();
    await(
        "it is taken for lost",
        () -> nodes.lost(Duration.ZERO).stream().anyMatch(lost -> lost.name().equals("b")));

    proxy.pass();
    await("it serves again", () -> isServing(far));
    assertThat(far.findRule(RuleKind.ROLE_ASSIGNMENT, assignment.key())).isEmpty();
    insert(far, "again");
    assertThat(near.findHead(StoreContract.VAULT, Collection.SECRETS, "again")).isPresent();
    assertThat(near.findHead(StoreContract.VAULT, Collection.SECRETS, "refused")).isEmpty();
    await("it is not lost any more", () -> nodes.lost(Duration.ZERO).isEmpty());
    assertThat(broken).isEmpty();
  }

  @Test
  void change_databaseClosesTheConnections_isRefusedOrMadeAndNeverBoth() throws Exception {
    Store store = behindProxy("a");
    proxy.refuse();
    await("nothing is served", () -> !isServing(store));
    assertUnavailable(() -> insert(store, "refused"));
    proxy.pass();
    await("it serves again", () -> isServing(store));
    insert(store, "after");
    assertThat(store.findHead(StoreContract.VAULT, Collection.SECRETS, "refused")).isEmpty();
  }

  @Test
  void change_commitArrivesUnanswered_isFoundInTheJournal() throws Exception {
    Store store = behindProxy("a");
    proxy.nextCommit(NextCommit.ARRIVES_UNANSWERED);
    Origin origin = insert(store, "made");
    assertThat(origin.journal()).hasValue(1);
    assertThat(store.journalHead()).isEqualTo(1);
    assertThat(store.findHead(StoreContract.VAULT, Collection.SECRETS, "made")).isPresent();
    insert(store, "next");
    assertThat(store.journalHead()).isEqualTo(2);
  }

  @Test
  void change_commitIsLost_isRefusedAndNotThere() throws Exception {
    Store store = behindProxy("a");
    proxy.nextCommit(NextCommit.IS_LOST);
    assertUnavailable(() -> insert(store, "lost"));
    assertThat(store.findHead(StoreContract.VAULT, Collection.SECRETS, "lost")).isEmpty();
    insert(store, "next");
    assertThat(store.journalHead()).isEqualTo(1);
  }

  @Test
  void change_databaseGoneAfterTheCommit_isUnknownAndHeardOfLater() throws Exception {
    Store store = behindProxy("a");
    List<Long> unanswered = new CopyOnWriteArrayList<>();
    store.onUnanswered(unanswered::add);
    proxy.nextCommit(NextCommit.ARRIVES_LAST);
    assertThatThrownBy(() -> insert(store, "made"))
        .isInstanceOfSatisfying(
            VaultException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_OUTCOME_UNKNOWN));
    assertThat(unanswered).isEmpty();
    proxy.pass();
    await("the store tells what no caller was told", () -> unanswered.equals(List.of(1L)));
    assertThat(store.findHead(StoreContract.VAULT, Collection.SECRETS, "made")).isPresent();
  }

  @Test
  void change_journalShorterThanItWas_isRefusedAndReported() throws Exception {
    Store store = open("a");
    insert(store, "one");
    insert(store, "two");
    sql("update journal_head set number = 1");
    await("it is noticed", () -> !broken.isEmpty());
    assertUnavailable(() -> insert(store, "three"));
    assertThat(isServing(store)).isFalse();
    assertThat(broken).containsExactly("journal ends at 1, and was at 2");
    assertThat(store.nodes().orElseThrow().troubles().getFirst()).contains("older database");
  }

  @Test
  void clock_tooFarFromTheDatabases_nothingIsServedUntilItIsRight() throws Exception {
    ahead.set(20_000);
    assertThatThrownBy(() -> open("a", server.port(), folder("a"), clock))
        .hasMessageContaining("clocks");
    ahead.set(0);
    Store store = open("a", server.port(), folder("a"), clock);
    assertThat(isServing(store)).isTrue();
    ahead.set(-20_000);
    await("nothing is served", () -> !isServing(store));
    assertThat(store.nodes().orElseThrow().troubles().getFirst()).contains("clocks");
    assertUnavailable(() -> insert(store, "refused"));
    ahead.set(1_000);
    await("it serves again", () -> isServing(store));
  }

  @Test
  void lease_ofDueWork_isOneNodesUntilItEnds() throws Exception {
    Store first = open("a");
    Store second = open("b");
    DueRow row =
        new DueRow("purge", Randoms.id(), StoreContract.VAULT, StoreContract.NOW, 1);
    first.change(
        StoreContract.origin(),
        JournalNote.none(),
        tx -> {
          tx.putDue(row);
          return null;
        });
    assertThat(first.lease(row, Duration.ofMinutes(1))).isTrue();
    assertThat(first.lease(row, Duration.ofMillis(100))).isTrue();
    await("the lease passes on", () -> second.lease(row, Duration.ofMinutes(1)));
    assertThat(first.lease(row, Duration.ofMinutes(1))).isFalse();
    assertThat(removeDue(first, row)).as("the lease is the other's").isFalse();
    assertThat(removeDue(second, row)).isTrue();
    assertThat(second.lease(row, Duration.ofMinutes(1))).as("it was done").isFalse();
  }

  @Test
  void round_anotherNodeHangsWithTheLock_readsGoOnAndItIsTakenForLostLater() throws Exception {
    Store store = open("a");
    insert(store, "one");
    sql(
        "insert into node (name, folder, session, until, seen, state, audited)"
            + " select 'hung', folder, session, 0, 9223372036854775807, 0, '0 -' from node");
    Nodes nodes = store.nodes().orElseThrow();
    PostgresSettings settings = server.settings(database);
    try (Connection hanging =
            DriverManager.getConnection(settings.url(), settings.user(), "unused");
        Statement statement = hanging.createStatement()) {
      hanging.setAutoCommit(false);
      statement.execute("select number from journal_head for update");
      long end = System.nanoTime() + 2 * STALENESS.toNanos();
      while (System.nanoTime() - end < 0) {
        assertThat(isServing(store)).isTrue();
        assertThat(nodes.lost(Duration.ZERO)).isEmpty();
        Thread.sleep(20);
      }
      hanging.rollback();
    }
    await("it is taken for lost", () -> !nodes.lost(Duration.ZERO).isEmpty());
    insert(store, "two");
    assertThat(nodes.lost()).isEqualTo(1);
    assertThat(nodes.running()).isEqualTo(1);
    assertThat(nodes.all())
        .extracting(Nodes.Member::name, Nodes.Member::state)
        .containsExactly(tuple("a", Nodes.State.RUNNING), tuple("hung", Nodes.State.LOST));
  }

  private static boolean removeDue(Store store, DueRow row) {
    return store.change(
        StoreContract.origin(), JournalNote.none(), tx -> tx.removeDue(row));
  }

  @Test
  void open_manyAtOnce_allJoinAndNumbersStayDense() throws Exception {
    List<Thread> starting = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String name = "n" + i;
      starting.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      Store store = open(name);
                      for (int k = 0; k < 10; k++) {
                        insert(store, name + "-" + k);
                      }
                    } catch (IOException e) {
                      throw new AssertionError(e);
                    }
                  }));
    }
    for (Thread thread : starting) {
      thread.join();
    }
    assertThat(stores).hasSize(4);
    assertThat(stores.getFirst().journal(0, 100)).hasSize(40);
  }

  /** What a newer program does, whose format has one step more. */
  private void migrate(String step) throws SQLException {
    List<String> steps = new ArrayList<>(Migrations.FILES);
    steps.add(step);
    PostgresSettings settings = server.settings(database);
    try (Connection connection =
        DriverManager.getConnection(settings.url(), settings.user(), "unused")) {
      Migrations.apply(connection, Dialect.POSTGRES, steps, 0);
    }
  }

  private boolean isMigrated(String step) {
    try {
      migrate(step);
      return true;
    } catch (SQLException e) {
      assertThat(e.getMessage()).contains("runs an older program");
      return false;
    }
  }

  @Test
  void step_thatNodesCanLiveWith_leavesThemServingAndNewOnesOut() throws Exception {
    Store first = open("a");
    Store second = open("b");
    insert(first, "before");
    migrate("005_more_beside.sql");
    insert(second, "after");
    assertThat(first.findHead(StoreContract.VAULT, Collection.SECRETS, "after")).isPresent();
    sql("update node set state = 1 where name = 'b'");
    await("the node joins again", () -> isAmongTheNodes("b") && isServing(second));
    insert(second, "again");
    assertThatThrownBy(() -> open("c")).hasMessageContaining("written by a newer program");
  }

  private boolean isAmongTheNodes(String node) {
    PostgresSettings settings = server.settings(database);
    try (Connection connection =
            DriverManager.getConnection(settings.url(), settings.user(), "unused");
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select 1 from node where state = 0 and name = '" + node + "'")) {
      return row.next();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void step_thatNodesCannotLiveWith_waitsForThemAndKeepsThemOut() throws Exception {
    Store near = open("a");
    Store far = behindProxy("b");
    assertThatThrownBy(() -> migrate("005_other.sql"))
        .hasMessageContaining("node a runs an older program")
        .hasMessageContaining("step 005_other.sql");
    insert(near, "still");
    near.close();
    proxy.hold();
    await("the lease of the node that is cut off ends", () -> isMigrated("005_other.sql"));
    proxy.pass();
    await(
        "it knows why it stays out",
        () ->
            far.nodes().orElseThrow().troubles().toString()
                .contains("005_other.sql, beside which this one cannot go on"));
    assertThat(isServing(far)).isFalse();
    assertUnavailable(() -> insert(far, "refused"));
  }

  @Test
  void check_nodesThatRun_saysThatTheyMustStop() throws Exception {
    PostgresSettings settings = server.settings(database);
    open("a");
    assertThat(OpenSql.checkFormat(settings).obstacles()).isEmpty();
    sql("delete from migration where number > 1");
    assertThat(OpenSql.checkFormat(settings).obstacles())
        .singleElement()
        .asString()
        .startsWith("node a runs an older program")
        .contains("step 002_details.sql");
  }
}
