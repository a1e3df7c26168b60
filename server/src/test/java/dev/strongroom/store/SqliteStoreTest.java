package dev.strongroom.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.model.Collection;
import dev.strongroom.model.Container;
import dev.strongroom.model.ContainerKind;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.RoleAssignment;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.VaultException;
import dev.strongroom.crypto.Randoms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteStoreTest extends StoreContract {
  @TempDir Path data;
  private final List<String> broken = new CopyOnWriteArrayList<>();
  private Store store;

  @BeforeEach
  void open() throws IOException {
    store = open(data);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Override
  Store store() {
    return store;
  }

  private Store open(Path folder) throws IOException {
    return OpenSql.sqlite(
        folder,
        "node-1",
        new FakeRowAuthenticator(),
        (table, key) -> broken.add(table + ' ' + key),
        InstantSource.fixed(NOW));
  }

  private void sql(String statement) throws IOException, SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("strongroom.db"));
        Statement run = connection.createStatement()) {
      assertThat(run.executeUpdate(statement)).isPositive();
    }
  }

  @Test
  void reopen_afterClose_everythingIsThere() throws IOException, SQLException {
    ObjectRow row = insert("kept");
    store.close();
    store = open(data);
    assertThat(store.findObject(VAULT, Collection.SECRETS, "kept")).contains(row);
    assertThat(store.journalHead()).isEqualTo(1);
    assertThat(insert("next").row()).isEqualTo(row.row() + 1);
  }

  @Test
  void close_leavesOneFileWithEverything(@TempDir Path copy) throws IOException {
    insert("kept");
    store.close();
    assertThat(data.resolve("strongroom.db-wal")).doesNotExist();
    Files.copy(data.resolve("strongroom.db"), copy.resolve("strongroom.db"));
    try (Store other = open(copy)) {
      assertThat(other.findHead(VAULT, Collection.SECRETS, "kept")).isPresent();
    }
  }

  @Test
  void reopen_copyTakenWhileOpen_hasWhatWasAcknowledged(@TempDir Path copy)
      throws IOException, SQLException {
    for (int i = 0; i < 20; i++) {
      insert("n" + i);
    }
    try (Stream<Path> files = Files.list(data)) {
      for (Path file : files.filter(f -> f.getFileName().toString().startsWith("strongroom.db")).toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    try (Store other = open(copy)) {
      assertThat(other.journalHead()).isEqualTo(20);
      assertThat(other.findHead(VAULT, Collection.SECRETS, "n19")).isPresent();
    }
  }

  @Test
  void rule_bodyChangedInTheDatabase_isAsIfAbsentAndReported() throws IOException, SQLException {
    Id principal = Randoms.guid();
    RoleAssignment assignment = assignment(principal, "/subscriptions/a");
    store.change(
        origin(),
        JournalNote.none(),
        tx -> {
          tx.put(RuleKind.ROLE_ASSIGNMENT, assignment);
          return null;
        });
    sql("update rule set body = replace(body, '/subscriptions/a', '/')");
    store.close();
    store = open(data);
    assertThat(store.rulesByParent(RuleKind.ROLE_ASSIGNMENT, principal.guid())).isEmpty();
    assertThat(store.findRule(RuleKind.ROLE_ASSIGNMENT, assignment.key())).isEmpty();
    assertThat(broken).contains("rule role_assignment " + assignment.key());
  }

  @Test
  void container_bodyChangedInTheDatabase_refusesItsNameInsteadOfFreeingIt()
      throws IOException, SQLException {
    Container container =
        new Container(
            VAULT, ContainerKind.VAULT, "v", Randoms.guid(), Randoms.guid(), "rg", "local",
            "standard", Optional.of(true), List.of(), 90, false, false, false, false, Map.of(), NOW,
            NOW, Optional.empty());
    store.change(
        origin(),
        JournalNote.none(),
        tx -> {
          tx.put(RuleKind.CONTAINER, container);
          return null;
        });
    sql("update rule set body = replace(body, '90', '7')");
    store.close();
    store = open(data);
    assertThatThrownBy(() -> store.rulesByParent(RuleKind.CONTAINER, container.parent()))
        .isInstanceOfSatisfying(
            VaultException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTEGRITY))
        .hasMessageContaining("vault/v");
    assertThat(store.rules(RuleKind.CONTAINER)).isEmpty();
    assertThat(broken).contains("rule container " + container.key());
  }

  @Test
  void rule_movedToAnotherPrincipal_isAsIfAbsent() throws IOException, SQLException {
    RoleAssignment assignment = assignment(Randoms.guid(), "/");
    store.change(
        origin(),
        JournalNote.none(),
        tx -> {
          tx.put(RuleKind.ROLE_ASSIGNMENT, assignment);
          return null;
        });
    Id thief = Randoms.guid();
    sql("update rule set parent = '" + thief.guid() + "'");
    assertThat(store.rulesByParent(RuleKind.ROLE_ASSIGNMENT, thief.guid())).isEmpty();
    assertThat(broken).hasSize(1);
  }

  @Test
  void row_changedInTheDatabase_isRefusedAndReported() throws IOException, SQLException {
    for (String change :
        List.of(
            "update version set enabled = 1 - enabled",
            "update version set expires = null",
            "update version set tags = '{}'",
            "update version set value = zeroblob(64)",
            "update version set content_type = null",
            "update version set previous = zeroblob(16)",
            "update version set id = zeroblob(3)",
            "update version set tags = '{'",
            "update version set mac = zeroblob(0)",
            "delete from version",
            "delete from object",
            "update object set id = zeroblob(3)",
            "update object set object_key = zeroblob(64)",
            "update object set collection = 'nothing'",
            "update object set mac = zeroblob(32)",
            "update object set head = 1, deleted = 5",
            "update object set name = 'Other'",
            "update object set created = 1")) {
      insert("victim");
      sql(change);
      store.close();
      store = open(data);
      broken.clear();
      assertThatThrownBy(() -> store.findHead(VAULT, Collection.SECRETS, "victim"))
          .as(change)
          .isInstanceOfSatisfying(
              VaultException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTEGRITY));
      assertThat(broken).as(change).isNotEmpty();
      assertThatThrownBy(() -> store.listObjects(VAULT, Collection.SECRETS, false, "", 10))
          .as(change)
          .isInstanceOfSatisfying(
              VaultException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTEGRITY));
      for (String table : List.of("name", "version", "object")) {
        clear(table);
      }
    }
  }

  private void clear(String table) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + data.resolve("strongroom.db"));
        Statement run = connection.createStatement()) {
      run.executeUpdate("delete from " + table);
    }
  }

  @Test
  void version_swappedWithAnotherOfTheSameObject_isRefusedAndNamed() throws IOException, SQLException {
    ObjectRow row = insert("victim");
    store.change(
        origin(),
        JournalNote.none(),
        tx -> {
          tx.insert(version(row, 2));
          tx.update(row.withHead(2));
          return null;
        });
    sql("update version set value = (select value from version where number = 1) where number = 2");
    assertThatThrownBy(() -> store.findHead(VAULT, Collection.SECRETS, "victim"))
        .isInstanceOf(VaultException.class)
        .hasMessageContaining("victim");
    assertThatThrownBy(() -> store.listVersions(row.row(), 0, 10))
        .isInstanceOf(VaultException.class)
        .hasMessageContaining("victim");
    assertThat(store.listVersions(row.row(), 0, 1)).hasSize(1);
  }

  @Test
  void name_movedInTheOrderOfTheList_isRefused() throws IOException, SQLException {
    insert("a");
    sql("update name set folded = 'z'");
    assertThatThrownBy(() -> store.listObjects(VAULT, Collection.SECRETS, false, "", 10))
        .isInstanceOf(VaultException.class);
    assertThatThrownBy(() -> store.findObject(VAULT, Collection.SECRETS, "z"))
        .isInstanceOf(VaultException.class);
    assertThat(broken).containsExactly("name z", "name z");
  }

  @Test
  void name_shownAsDeleted_isRefusedByTheDeletedList() throws IOException, SQLException {
    insert("a");
    sql("update name set deleted = 1");
    assertThatThrownBy(() -> store.listObjects(VAULT, Collection.SECRETS, true, "", 10))
        .isInstanceOf(VaultException.class);
    assertThat(broken).containsExactly("name a");
  }

  @Test
  void firstUse_afterReopening_isStillKnown() throws IOException {
    assertThat(used()).isTrue();
    store.close();
    store = open(data);
    assertThat(used()).isFalse();
  }

  private boolean used() {
    return store.change(
        origin(), JournalNote.none(), tx -> tx.firstUse("jti", "id", NOW.plusSeconds(60)));
  }

  @Test
  void close_whileOthersChange_answersEveryCaller() throws Exception {
    AtomicInteger committed = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    CountDownLatch busy = new CountDownLatch(20);
    Thread[] callers = new Thread[16];
    for (int i = 0; i < callers.length; i++) {
      callers[i] =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      while (true) {
                        store.change(origin(), JournalNote.none(), tx -> null);
                        committed.incrementAndGet();
                        busy.countDown();
                      }
                    } catch (VaultException e) {
                      refused.addAndGet(e.code() == ErrorCode.STOPPING ? 1 : 100);
                    }
                  });
    }
    busy.await();
    store.close();
    for (Thread caller : callers) {
      assertThat(caller.join(Duration.ofSeconds(20))).isTrue();
    }
    assertThat(refused).hasValue(callers.length);
    store = open(data);
    assertThat(store.journalHead()).isEqualTo(committed.get());
  }

  @Test
  void open_leftovers_areClearedAndFilesArePrivate() throws Exception {
    Path left = data.resolve("native").resolve("sqlite-left-by-a-killed-process.so");
    Files.writeString(left, "x");
    store.close();
    store = open(data);
    insert("x");
    assertThat(left).doesNotExist();
    assumeTrue(
        Files.getFileStore(data).supportsFileAttributeView("posix"),
        "this file system has no POSIX permissions");
    assertThat(Files.getPosixFilePermissions(data.resolve("native")))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    for (String file : List.of("strongroom.db", "strongroom.db-wal", "strongroom.db-shm")) {
      assertThat(Files.getPosixFilePermissions(data.resolve(file)))
          .as(file)
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
  }

  @Test
  void name_ledToAnotherObject_isRefused() throws IOException, SQLException {
    insert("mine");
    ObjectRow other = insert("other");
    store.close();
    sql("update name set object = " + other.row() + " where folded = 'mine'");
    store = open(data);
    assertThatThrownBy(() -> store.findHead(VAULT, Collection.SECRETS, "mine"))
        .isInstanceOfSatisfying(
            VaultException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTEGRITY));
  }

  @Test
  void open_appliedStepDiffers_isRefused() throws IOException, SQLException {
    store.close();
    sql("update migration set checksum = 'other' where number = 1");
    assertThatThrownBy(() -> open(data)).hasMessageContaining("not this program's");
    sql("update migration set checksum = '" + checksumOfFirst() + "' where number = 1");
    sql("insert into migration values (999, '999_future.sql', 'x', 0)");
    assertThatThrownBy(() -> open(data)).hasMessageContaining("newer program");
    sql("delete from migration where number = 999");
    store = open(data);
  }

  private String checksumOfFirst() throws IOException, SQLException {
    Path scratch = data.resolve("scratch");
    scratch.toFile().mkdirs();
    open(scratch).close();
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + scratch.resolve("strongroom.db"));
        Statement read = connection.createStatement();
        var rows = read.executeQuery("select checksum from migration")) {
      rows.next();
      return rows.getString(1);
    }
  }

  @Test
  void lock_secondTaker_isRefused() throws IOException {
    try (FolderLock lock = FolderLock.take(data)) {
      assertThat(lock).isNotNull();
      assertThatThrownBy(() -> FolderLock.take(data)).hasMessageContaining("another process");
    }
    FolderLock.take(data).close();
  }

  @Test
  void lock_heldByAnotherProcess_isRefusedUntilThatIsKilled() throws Exception {
    Process holder = ChildProcess.java(HoldLock.class, data.toString()).start();
    try {
      assertThat(holder.inputReader().readLine()).isEqualTo("locked");
      assertThatThrownBy(() -> FolderLock.take(data)).hasMessageContaining("another process");
    } finally {
      holder.destroyForcibly().waitFor();
    }
    FolderLock.take(data).close();
  }

  /** Takes the lock of a folder, says so, and stays. */
  static final class HoldLock {
    public static void main(String[] arguments) throws Exception {
      FolderLock.take(Path.of(arguments[0]));
      System.out.println("locked");
      Thread.currentThread().join();
    }
  }

  @Test
  void read_whileOthersWrite_neverSeesARowOlderThanAnAcknowledgedChange() throws Exception {
    ObjectRow row = insert("hot");
    Thread[] readers = new Thread[3];
    AtomicBoolean stop = new AtomicBoolean();
    for (int i = 0; i < readers.length; i++) {
      readers[i] =
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (!stop.get()) {
                      store.findHead(VAULT, Collection.SECRETS, "hot");
                    }
                  });
    }
    for (long number = 2; number < 300; number++) {
      long next = number;
      store.change(
          origin(),
          JournalNote.none(),
          tx -> {
            tx.insert(version(row, next));
            tx.update(row.withHead(next));
            return null;
          });
      assertThat(store.findHead(VAULT, Collection.SECRETS, "hot").orElseThrow().version().number())
          .isEqualTo(next);
    }
    stop.set(true);
    for (Thread reader : readers) {
      reader.join();
    }
  }

  @Test
  void size_afterWrites_isTheFilesLength() {
    insert("x");
    assertThat(store.size()).isPositive();
    assertThat(Optional.of(store.node())).contains("node-1");
  }
}
