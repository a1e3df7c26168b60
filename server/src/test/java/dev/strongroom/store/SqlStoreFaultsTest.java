package dev.strongroom.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Collection;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.RoleAssignment;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.VaultException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What callers are told when the store fails, fills up or closes under them. */
@Timeout(120)
class SqlStoreFaultsTest {
  private static final InstantSource CLOCK = InstantSource.fixed(StoreContract.NOW);

  @TempDir Path data;

  private SqlStore open() throws IOException {
    return OpenSql.sqlite(data, "node-1", new FakeRowAuthenticator(), (t, k) -> {}, CLOCK);
  }

  private static SqlStore over(Connections connections) {
    return new SqlStore(
        connections,
        Dialect.SQLITE,
        new FakeRowAuthenticator(),
        (t, k) -> {},
        "node-1",
        new RowCache(1 << 20),
        new RuleCache(),
        Optional.empty(),
        () -> -1);
  }

  private static void insert(Store store, String name) {
    store.change(
        StoreContract.origin(),
        JournalNote.none(),
        tx -> {
          tx.insert(StoreContract.version(tx.insert(StoreContract.object(name)), 1));
          return null;
        });
  }

  /** Holds the committer inside a change, so that others queue up behind it. */
  private static Thread hold(Store store, CountDownLatch inside, CountDownLatch release) {
    return Thread.ofPlatform()
        .start(
            () -> {
              try {
                store.change(
                    StoreContract.origin(),
                    JournalNote.none(),
                    tx -> {
                      inside.countDown();
                      try {
                        release.await();
                      } catch (InterruptedException e) {
                        throw new AssertionError(e);
                      }
                      return null;
                    });
              } catch (VaultException e) {
                // because a failing commit refuses this one too
                assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
              }
            });
  }

  private static void awaitParked(List<Thread> threads) throws InterruptedException {
    for (Thread thread : threads) {
      for (int i = 0; i < 5_000 && thread.getState() != Thread.State.WAITING; i++) {
        Thread.sleep(1);
      }
      assertThat(thread.getState()).isEqualTo(Thread.State.WAITING);
    }
  }

  @Test
  void change_commitFails_everyCallerOfTheGroupIsTold() throws Exception {
    FailingCommits connections = new FailingCommits(SqliteConnections.open(data, CLOCK));
    try (SqlStore store = over(connections)) {
      insert(store, "before");
      CountDownLatch inside = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      Thread holder = hold(store, inside, release);
      inside.await();
      List<Thread> callers = new ArrayList<>();
      AtomicInteger unavailable = new AtomicInteger();
      AtomicInteger own = new AtomicInteger();
      for (int i = 0; i < 12; i++) {
        String name = "n" + i;
        boolean refuses = i % 4 == 3;
        callers.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      try {
                        store.change(
                            StoreContract.origin(),
                            JournalNote.none(),
                            tx -> {
                              tx.insert(
                                  StoreContract.version(tx.insert(StoreContract.object(name)), 1));
                              if (refuses) {
                                throw VaultException.of(ErrorCode.OBJECT_EXISTS, "name", name);
                              }
                              return null;
                            });
                      } catch (VaultException e) {
                        (e.code() == ErrorCode.STORE_UNAVAILABLE ? unavailable : own)
                            .incrementAndGet();
                      }
                    }));
      }
      awaitParked(callers);
      connections.failing = true;
      release.countDown();
      holder.join();
      for (Thread caller : callers) {
        caller.join();
      }
      assertThat(unavailable).hasValue(9);
      assertThat(own).as("a refusal of its own stays").hasValue(3);
      assertThat(store.journalHead()).isEqualTo(1);
      assertThat(store.countObjects(StoreContract.VAULT)).isEqualTo(1);
      connections.failing = false;
      insert(store, "after");
      assertThat(store.journalHead()).isEqualTo(2);
      assertThat(store.findHead(StoreContract.VAULT, Collection.SECRETS, "n0")).isEmpty();
      assertThat(store.findHead(StoreContract.VAULT, Collection.SECRETS, "after")).isPresent();
    }
  }

  @Test
  void close_whileWritersWait_everyOneIsAnsweredAndAcknowledgedOnesAreKept() throws Exception {
    SqlStore store = open();
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Thread holder = hold(store, inside, release);
    inside.await();
    List<String> done = new ArrayList<>();
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String name = "n" + i;
      callers.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    insert(store, name);
                    synchronized (done) {
                      done.add(name);
                    }
                  }));
    }
    awaitParked(callers);
    Thread closer = Thread.ofPlatform().start(store::close);
    release.countDown();
    closer.join();
    holder.join();
    for (Thread caller : callers) {
      caller.join();
    }
    assertThat(done).hasSize(20);
    assertThatThrownBy(() -> insert(store, "late")).isInstanceOf(VaultException.class);
    try (SqlStore again = open()) {
      assertThat(again.journalHead()).isEqualTo(21);
      for (String name : done) {
        assertThat(again.findHead(StoreContract.VAULT, Collection.SECRETS, name)).isPresent();
      }
    }
  }

  @Test
  void close_whileWritersKeepComing_leavesNobodyWaiting() throws Exception {
    for (int round = 0; round < 10; round++) {
      SqlStore store = open();
      long before = store.journalHead();
      AtomicInteger acknowledged = new AtomicInteger();
      List<Future<?>> writers = new ArrayList<>();
      int current = round;
      try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
        CountDownLatch started = new CountDownLatch(8);
        for (int w = 0; w < 8; w++) {
          int writer = w;
          writers.add(
              threads.submit(
                  () -> {
                    for (int i = 0; ; i++) {
                      try {
                        insert(store, "r" + current + "-w" + writer + "-" + i);
                        acknowledged.incrementAndGet();
                        started.countDown();
                      } catch (VaultException e) {
                        assertThat(e.code())
                            .isIn(ErrorCode.STORE_UNAVAILABLE, ErrorCode.STOPPING);
                        return;
                      }
                    }
                  }));
        }
        started.await();
        store.close();
        for (Future<?> writer : writers) {
          writer.get(20, TimeUnit.SECONDS);
        }
      }
      try (SqlStore again = open()) {
        assertThat(again.journalHead()).isEqualTo(before + acknowledged.get());
      }
    }
  }

  @Test
  void rules_whileOthersRead_areNeverOlderThanAnAcknowledgedChange() throws Exception {
    try (SqlStore store = open()) {
      RoleAssignment first = StoreContract.assignment(Randoms.guid(), "/0");
      CountDownLatch reading = new CountDownLatch(3);
      boolean[] stop = new boolean[1];
      List<Thread> readers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        readers.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      while (!stop[0]) {
                        store.rulesByParent(RuleKind.ROLE_ASSIGNMENT, first.parent());
                        store.findRule(RuleKind.ROLE_ASSIGNMENT, first.key());
                        reading.countDown();
                        Thread.yield();
                      }
                    }));
      }
      reading.await();
      for (int i = 1; i <= 200; i++) {
        boolean there = i % 3 != 0;
        RoleAssignment next =
            new RoleAssignment(
                first.id(), first.tenant(), "/" + i, first.roleDefinition(), first.principal(),
                first.principalType(), first.description(), first.created(), first.updated(),
                first.createdBy());
        store.change(
            StoreContract.origin(),
            JournalNote.none(),
            tx -> {
              if (there) {
                tx.put(RuleKind.ROLE_ASSIGNMENT, next);
              } else {
                tx.remove(RuleKind.ROLE_ASSIGNMENT, next.key());
              }
              return null;
            });
        List<RoleAssignment> expected = there ? List.of(next) : List.of();
        assertThat(store.rulesByParent(RuleKind.ROLE_ASSIGNMENT, first.parent()))
            .isEqualTo(expected);
        assertThat(store.findRule(RuleKind.ROLE_ASSIGNMENT, first.key()).stream().toList())
            .isEqualTo(expected);
      }
      stop[0] = true;
      for (Thread reader : readers) {
        reader.join();
      }
    }
  }

  @Test
  void change_diskFull_isRefusedWhileReadsGoOnAndRecovers() throws Exception {
    Path out = data.resolve("out");
    Process child =
        ChildProcess.onSmallDisk(FullDisk.class, data.resolve("small"), "8m")
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    try {
      assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      child.destroyForcibly();
    }
    String said = Files.readString(out, StandardCharsets.UTF_8);
    assumeTrue(
        child.exitValue() != ChildProcess.NO_MOUNT,
        "a small tmpfs cannot be mounted here: " + said.strip());
    assertThat(child.exitValue()).as(said).isZero();
    assertThat(said).contains("full: changes refused, reads served, recovered, reopened");
  }

  @Test
  void statements_oneDoesNotClose_connectionIsClosedAllTheSame() throws SQLException {
    List<String> closed = new ArrayList<>();
    var statement =
        (java.sql.PreparedStatement)
            java.lang.reflect.Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {java.sql.PreparedStatement.class},
                (self, method, arguments) -> {
                  if (method.getName().equals("close")) {
                    throw new SQLException("still failed");
                  }
                  return 0;
                });
    var connection =
        (java.sql.Connection)
            java.lang.reflect.Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {java.sql.Connection.class},
                (self, method, arguments) -> {
                  if (method.getName().equals("close")) {
                    closed.add("connection");
                  }
                  return method.getName().equals("prepareStatement") ? statement : null;
                });
    Statements statements = new Statements(connection);
    statements.update("anything");
    assertThatThrownBy(statements::close).hasMessage("still failed");
    assertThat(closed).containsExactly("connection");
  }
}
