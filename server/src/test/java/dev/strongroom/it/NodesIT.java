package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.it.RunningServer.Answer;
import dev.strongroom.it.RunningServer.Finished;
import dev.strongroom.it.RunningServer.Start;
import dev.strongroom.model.BuiltInRole;
import dev.strongroom.store.PostgresSettings;
import dev.strongroom.store.PrivatePostgres;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two and three {@code serve} processes on one PostgreSQL: every node answers for every other, a
 * revocation counts on all, and neither a killed node nor a crashed database loses what was
 * acknowledged or leaves a change without its one audit record.
 */
class NodesIT {
  private static final int NODES = 3;
  private static final int REVOCATIONS = 1_000;
  private static final int OBJECTS = 50;
  private static final int CLIENTS = 12;

  /** 100,000 for the history that is checked for linearizability. */
  private static final int OPERATIONS = Integer.getInteger("nodes.operations", 6_000);

  private static final AtomicInteger COUNT = new AtomicInteger();
  private static PrivatePostgres postgres;

  @TempDir Path folder;
  private final List<ServeFolder> folders = new ArrayList<>();
  private final AtomicReferenceArray<RunningServer> servers = new AtomicReferenceArray<>(NODES);
  private PostgresSettings database;

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

  @BeforeEach
  void startNodes() throws Exception {
    database = postgres.create("nodes" + COUNT.incrementAndGet());
    ServeFolder first =
        ServeFolder.initOnPostgres(
            folder, database, "node = \"a\"\nnodes.takeOverSeconds = 600");
    folders.add(first);
    folders.add(first.node("b"));
    folders.add(first.node("c"));
    for (int i = 0; i < NODES; i++) {
      start(i);
    }
    ServeFolder.makeVault(server(0), "dev");
  }

  @AfterEach
  void stopNodes() {
    for (int i = 0; i < NODES; i++) {
      RunningServer server = servers.get(i);
      if (server != null) {
        server.close();
      }
    }
  }

  private RunningServer server(int node) {
    return servers.get(node);
  }

  private void start(int node) throws IOException {
    Start start = folders.get(node).start().withJava("-XX:TieredStopAtLevel=1");
    servers.set(node, folders.get(node).serve(start));
  }

  private static void await200(RunningServer server, String path) {
    RunningServer.await(
        path + " is answered",
        Duration.ofSeconds(30),
        () -> server.secret("GET", path, null).status() == 200);
  }

  private static Answer ok(Answer answer) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer;
  }

  @Test
  void secrets_onAllNodesInTurn_areOneVaultEverywhere() throws Exception {
    await200(server(1), "/secrets");
    await200(server(2), "/secrets");
    assertThat(folders.get(1).run("status").out().replaceAll("\\s", ""))
        .containsPattern("\"nodes\":\\[\\{\"name\":\"a\",\"state\":\"running\"")
        .contains("\"name\":\"c\",\"state\":\"running\"");
    for (int i = 0; i < 30; i++) {
      RunningServer one = server(i % NODES);
      RunningServer two = server((i + 1) % NODES);
      RunningServer three = server((i + 2) % NODES);
      String path = "/secrets/s" + i;
      String deleted = "/deletedsecrets/s" + i;
      ok(one.secret("PUT", path, "{\"value\":\"first\"}"));
      assertThat(ok(two.secret("GET", path, null)).json().path("value").asString())
          .isEqualTo("first");
      ok(two.secret("PUT", path, "{\"value\":\"second\"}"));
      assertThat(ok(three.secret("GET", path, null)).json().path("value").asString())
          .isEqualTo("second");
      assertThat(ok(one.secret("GET", path + "/versions", null)).json().path("value")).hasSize(2);
      ok(three.secret("PATCH", path, "{\"attributes\":{\"enabled\":false}}"));
      assertThat(one.secret("GET", path, null).status()).isEqualTo(403);
      ok(one.secret("PATCH", path, "{\"attributes\":{\"enabled\":true}}"));
      String backup =
          ok(two.secret("POST", path + "/backup", null)).json().path("value").asString();
      ok(three.secret("DELETE", path, null));
      assertThat(one.secret("GET", path, null).status()).isEqualTo(404);
      ok(two.secret("GET", deleted, null));
      ok(one.secret("POST", deleted + "/recover", null));
      ok(two.secret("GET", path, null));
      ok(two.secret("DELETE", path, null));
      assertThat(three.secret("DELETE", deleted, null).status()).isEqualTo(204);
      assertThat(one.secret("GET", deleted, null).status()).isEqualTo(404);
      ok(two.secret("POST", "/secrets/restore", "{\"value\":\"" + backup + "\"}"));
      assertThat(ok(one.secret("GET", path, null)).json().path("value").asString())
          .isEqualTo("second");
    }
  }

  @Test
  void revocation_onOneNode_countsOnTheOthers() {
    ok(server(0).secret("PUT", "/secrets/kept", "{\"value\":\"x\"}"));
    String vault = ServeFolder.vault(server(0), "dev");
    String administrator = assignmentsOf(vault);
    await200(server(1), "/secrets/kept");
    await200(server(2), "/secrets/kept");
    long longest = 0;
    long total = 0;
    for (int i = 0; i < REVOCATIONS; i++) {
      RunningServer revoking = server(i % NODES);
      RunningServer watched = server((i + 1) % NODES);
      assertThat(ServeFolder.arm(revoking, "DELETE", administrator, "").status()).isEqualTo(200);
      long revoked = System.nanoTime();
      while (watched.secret("GET", "/secrets/kept", null).status() != 403) {
        assertThat(System.nanoTime() - revoked)
            .as("a revocation counts everywhere")
            .isLessThan(Duration.ofSeconds(5).toNanos());
      }
      long took = System.nanoTime() - revoked;
      longest = Math.max(longest, took);
      total += took;
      administrator =
          vault
              + "/providers/Microsoft.Authorization/roleAssignments/"
              + ServeFolder.assign(
                  revoking,
                  vault,
                  BuiltInRole.KEY_VAULT_ADMINISTRATOR,
                  revoking.setting("objectId"));
      await200(watched, "/secrets/kept");
    }
    System.out.printf(
        "%,d revocations: on another node after %.1f ms on average, %.1f ms at most%n",
        REVOCATIONS, total / 1e6 / REVOCATIONS, longest / 1e6);
  }

  /** The id of the one assignment that reads data. */
  private String assignmentsOf(String vault) {
    Answer list =
        ok(
            ServeFolder.arm(
                server(0),
                "GET",
                vault + "/providers/Microsoft.Authorization/roleAssignments",
                ""));
    for (var each : list.json().path("value")) {
      if (each.path("properties").path("scope").asString("").equalsIgnoreCase(vault)) {
        return each.path("id").asString();
      }
    }
    throw new AssertionError(list.body());
  }

  @Test
  void rootRotation_onOneNode_isFollowedByTheOthers() throws Exception {
    ok(server(0).secret("PUT", "/secrets/kept", "{\"value\":\"x\"}"));
    await200(server(1), "/secrets/kept");
    for (int i = 0; i < 3; i++) {
      Finished rotated = folders.get(i).run("root", "rotate");
      assertThat(rotated.code()).as(rotated.err()).isZero();
      for (int n = 0; n < NODES; n++) {
        Answer kept = ok(server(n).secret("GET", "/secrets/kept", null));
        assertThat(kept.json().path("value").asString()).isEqualTo("x");
        String name = "kv-" + i + "-" + n;
        String vault = ServeFolder.vault(server(n), name);
        RunningServer here = server(n);
        // 429 until this node has seen the rotation; never a key under a root key that is gone
        RunningServer.await(
            "a vault is made",
            Duration.ofSeconds(20),
            () -> {
              Answer made = ServeFolder.arm(here, "PUT", vault, ServeFolder.vaultBody(here));
              assertThat(made.status()).as(made.body()).isIn(200, 201, 429);
              return made.status() < 300;
            });
      }
    }
    for (int n = 0; n < NODES; n++) {
      servers.get(n).stop();
      start(n);
    }
    for (int i = 0; i < 3; i++) {
      for (int n = 0; n < NODES; n++) {
        RunningServer here = server(n);
        String name = "kv-" + i + "-" + n;
        ServeFolder.assign(
            here,
            ServeFolder.vault(here, name),
            BuiltInRole.KEY_VAULT_ADMINISTRATOR,
            here.setting("objectId"));
        String url = here.setting("vaultUrl").replace("dev.vault", name + ".vault") + "/secrets/s";
        assertThat(
                here.send(
                        here.vaultRequest("PUT", "/secrets/s", "{\"value\":\"y\"}")
                            .uri(
                                java.net.URI.create(
                                    url + "?api-version=" + RunningServer.SECRETS)))
                    .status())
            .isEqualTo(200);
      }
    }
  }

  @Test
  void load_nodeKilledOrRestartedAndDatabaseCrashed_losesNothingAndKeepsOneRecordPerChange()
      throws Exception {
    await200(server(1), "/secrets");
    await200(server(2), "/secrets");
    Path file = Path.of("target").resolve("nodes-history.jsonl").toAbsolutePath();
    List<Client> clients = new ArrayList<>();
    AtomicInteger done = new AtomicInteger();
    try (History history = new History(file);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        Client client = new Client(i, history, done);
        clients.add(client);
        running.add(threads.submit(client::run));
      }
      awaitOperations(done, running, OPERATIONS / 4);
      server(2).kill();
      awaitOperations(done, running, OPERATIONS / 2);
      postgres.crash();
      start(2);
      awaitOperations(done, running, OPERATIONS * 5 / 8);
      // as a new version is rolled out
      assertThat(server(0).stop()).isZero();
      start(0);
      awaitOperations(done, running, OPERATIONS * 3 / 4);
      server(1).kill();
      start(1);
      for (Future<?> one : running) {
        try {
          one.get();
        } catch (ExecutionException e) {
          throw new AssertionError(e.getCause());
        }
      }
      System.out.println(history.summary() + "; written to " + file);
      readEverythingBack(history);
    }
    List<Path> data = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      assertThat(server(i).stop()).isIn(0, 143);
      data.add(folders.get(i).data());
    }
    assertEveryChangeHasItsRecord(data);
    for (int i = 0; i < NODES; i++) {
      Finished verified =
          RunningServer.run(
              "audit",
              "verify",
              "--config",
              folders.get(i).config().toString(),
              "--data",
              data.get(i).toString(),
              "--node",
              List.of("a", "b", "c").get(i));
      assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
      assertThat(verified.out())
          .contains(" 0 pending, ")
          .contains(" of nodes whose chains are elsewhere");
      System.out.println("node " + List.of("a", "b", "c").get(i) + ": " + verified.out().strip());
    }
    assertTogetherTheyAreClean(data);
  }

  /** As whoever wants to see the trails of all nodes at once copies them. */
  private void assertTogetherTheyAreClean(List<Path> data) throws IOException {
    Path all = Files.createDirectories(folder.resolve("all").resolve("audit"));
    for (Path each : data) {
      try (Stream<Path> files = Files.list(each.resolve("audit"))) {
        for (Path segment : files.filter(f -> f.toString().endsWith(".jsonl")).toList()) {
          Files.copy(segment, all.resolve(segment.getFileName()));
        }
      }
    }
    Finished verified =
        RunningServer.run(
            "audit",
            "verify",
            "--config",
            folders.getFirst().config().toString(),
            "--data",
            all.getParent().toString());
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
    assertThat(verified.out()).contains(" 0 pending").doesNotContain("elsewhere");
  }

  private static void awaitOperations(AtomicInteger done, List<Future<?>> running, int count) {
    RunningServer.await(
        count + " operations",
        Duration.ofMinutes(20),
        () -> done.get() >= count || running.stream().anyMatch(Future::isDone));
  }

  /** The newest acknowledged value of each object, or one whose outcome nobody was told. */
  private void readEverythingBack(History history) {
    for (int object = 0; object < OBJECTS; object++) {
      for (int node = 0; node < NODES; node++) {
        RunningServer here = server(node);
        String path = "/secrets/h" + object;
        if (!history.isWritten(object)) {
          continue;
        }
        Answer[] read = new Answer[1];
        RunningServer.await(
            path,
            Duration.ofSeconds(30),
            () -> {
              read[0] = here.secret("GET", path, null);
              return read[0].status() == 200;
            });
        assertThat(history.mayBeLast(object)).contains(read[0].json().path("value").asString());
      }
    }
  }

  /** One client goes to the nodes in turn, and to the next when one is not there. */
  private final class Client {
    private final int number;
    private final History history;
    private final AtomicInteger done;
    private final Random random;

    Client(int number, History history, AtomicInteger done) {
      this.number = number;
      this.history = history;
      this.done = done;
      this.random = new Random(number);
    }

    void run() {
      for (int i = 0; done.get() < OPERATIONS; i++) {
        RunningServer here = server((number + i) % NODES);
        if (!here.isAlive()) {
          continue;
        }
        int object = random.nextInt(OBJECTS);
        String path = "/secrets/h" + object;
        if (random.nextInt(100) < 30) {
          write(here, path, object, number + "-" + i);
        } else {
          read(here, path, object);
        }
      }
    }

    private void write(RunningServer here, String path, int object, String value) {
      long begin = history.writing(object, value);
      try {
        Answer answer =
            here.sending(here.vaultRequest("PUT", path, "{\"value\":\"" + value + "\"}"));
        if (answer.status() == 200) {
          history.wrote(number, object, value, begin);
          done.incrementAndGet();
          return;
        }
        assertThat(answer.status()).as(answer.body()).isEqualTo(503);
        assertThat(answer.header("retry-after")).as(answer.body()).isPresent();
        if (answer.body().contains("does not answer") || answer.body().contains("stopping")) {
          history.refused(object, value);
          pause();
          return;
        }
      } catch (ConnectException e) {
        history.refused(object, value);
        pause();
        return;
      } catch (IOException e) {
        // the server is gone: whether it has written is not known
      } catch (AssertionError e) {
        if (e.getMessage() == null || !e.getMessage().startsWith("no token")) {
          throw e;
        }
        // the server could not sign the client in, so nothing was asked of it
        history.refused(object, value);
        pause();
        return;
      }
      history.unknown(number, object, value, begin);
      pause();
    }

    private void read(RunningServer here, String path, int object) {
      long begin = System.nanoTime();
      try {
        Answer answer = here.sending(here.vaultRequest("GET", path, null));
        switch (answer.status()) {
          case 200 -> {
            history.read(number, object, answer.json().path("value").asString(), begin);
            done.incrementAndGet();
          }
          case 404 -> {
            history.read(number, object, "", begin);
            done.incrementAndGet();
          }
          default -> {
            assertThat(answer.status()).as(answer.body()).isEqualTo(503);
            assertThat(answer.header("retry-after")).as(answer.body()).isPresent();
            pause();
          }
        }
      } catch (IOException e) {
        pause();
      } catch (AssertionError e) {
        if (e.getMessage() == null || !e.getMessage().startsWith("no token")) {
          throw e;
        }
        pause();
      }
    }

    private static void pause() {
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Who did what when, a line each; an operation whose end is not known ends after everything. */
  private static final class History implements AutoCloseable {
    private final BufferedWriter out;
    private final long start = System.nanoTime();
    private final Map<Integer, Map<String, long[]>> values = new HashMap<>();
    private int reads;
    private int writes;
    private int refused;
    private int unknown;

    History(Path file) throws IOException {
      out = Files.newBufferedWriter(file);
    }

    synchronized long writing(int object, String value) {
      long begin = System.nanoTime();
      values
          .computeIfAbsent(object, o -> new TreeMap<>())
          .put(value, new long[] {begin, Long.MAX_VALUE});
      return begin;
    }

    synchronized void wrote(int client, int object, String value, long begin) {
      writes++;
      long end = System.nanoTime();
      values.get(object).get(value)[1] = end;
      line(client, "write", object, value, begin, end);
    }

    synchronized void refused(int object, String value) {
      refused++;
      values.get(object).remove(value);
    }

    synchronized void unknown(int client, int object, String value, long begin) {
      unknown++;
      line(client, "write", object, value, begin, -1);
    }

    synchronized void read(int client, int object, String value, long begin) {
      reads++;
      line(client, "read", object, value, begin, System.nanoTime());
    }

    synchronized boolean isWritten(int object) {
      return values.getOrDefault(object, Map.of()).values().stream()
          .anyMatch(times -> times[1] < Long.MAX_VALUE);
    }

    /** Values that no other write began after. */
    synchronized List<String> mayBeLast(int object) {
      Map<String, long[]> all = values.get(object);
      long lastBegin =
          all.values().stream()
              .filter(times -> times[1] < Long.MAX_VALUE)
              .mapToLong(times -> times[0])
              .max()
              .orElseThrow();
      return all.entrySet().stream()
          .filter(each -> each.getValue()[1] >= lastBegin)
          .map(Map.Entry::getKey)
          .toList();
    }

    private void line(int client, String kind, int object, String value, long begin, long end) {
      try {
        out.write(
            ("{\"client\":%d,\"kind\":\"%s\",\"object\":%d,\"value\":\"%s\","
                    + "\"call\":%d,\"return\":%d}%n")
                .formatted(client, kind, object, value, begin - start, end < 0 ? -1 : end - start));
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    synchronized String summary() throws IOException {
      out.flush();
      return reads
          + " reads, "
          + writes
          + " writes acknowledged, "
          + refused
          + " refused, "
          + unknown
          + " of unknown outcome";
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }

  private static final Pattern JOURNAL = Pattern.compile("\",\"journal\":(\\d+),");

  /** Over the chains of all nodes together. */
  private void assertEveryChangeHasItsRecord(List<Path> data) throws IOException, SQLException {
    Map<Long, Integer> records = new TreeMap<>();
    for (Path each : data) {
      try (Stream<Path> files = Files.list(each.resolve("audit"))) {
        for (Path segment : files.filter(f -> f.toString().endsWith(".jsonl")).toList()) {
          for (String line : Files.readString(segment, StandardCharsets.ISO_8859_1).split("\n")) {
            Matcher journal = JOURNAL.matcher(line.substring(0, Math.min(200, line.length())));
            if (journal.find()) {
              records.merge(Long.parseLong(journal.group(1)), 1, Integer::sum);
            }
          }
        }
      }
    }
    long head;
    try (Connection connection =
            DriverManager.getConnection(database.url(), database.user(), "unused");
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select number, (select count(*) from journal) from journal_head where id = 1")) {
      assertThat(row.next()).isTrue();
      head = row.getLong(1);
      assertThat(row.getLong(2)).as("journal records").isEqualTo(head);
    }
    assertThat(records.keySet().stream().mapToLong(Long::longValue).toArray())
        .isEqualTo(LongStream.rangeClosed(1, head).toArray());
    assertThat(records.entrySet().stream().filter(each -> each.getValue() != 1)).isEmpty();
  }
}
