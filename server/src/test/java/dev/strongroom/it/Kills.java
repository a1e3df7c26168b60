package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.it.RunningServer.Answer;
import dev.strongroom.it.RunningServer.Finished;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;

/**
 * SIGKILL while many clients write, again and again on one folder. Each writer knows what it was told:
 * what was acknowledged is there exactly, and the one change that was under way is there whole or not
 * at all.
 */
final class Kills {
  private static final int WRITERS = 12;
  private static final int NAMES = 3;

  /** Every so many kills the writers go on with new names, so that checks stay quick. */
  private static final int ERA = 5;

  private static final Duration FIRST_ANSWERS = Duration.ofSeconds(30);

  private Kills() {}

  /** What a version holds. */
  private record Held(String value, String contentType) {}

  /** A change that was asked for and not answered. */
  private sealed interface Asked {
    record Set(Held held) implements Asked {}

    record Update(String version, String contentType) implements Asked {}

    record Delete() implements Asked {}

    record Recover() implements Asked {}
  }

  /** What one writer knows of one of its names. */
  private static final class Known {
    final String name;
    final Map<String, Held> versions = new HashMap<>();
    /** Changed since the last check; each version is read again at the end. */
    final Set<String> touched = new HashSet<>();

    String newest = "";
    boolean deleted;
    Optional<Asked> asked = Optional.empty();

    Known(String name) {
      this.name = name;
    }
  }

  /** One client with names of its own; it goes on until the server is gone. */
  private static final class Writer {
    final Random random;
    final int number;
    final List<Known> all = new ArrayList<>();
    List<Known> current = List.of();
    int count;

    Writer(int number) {
      this.number = number;
      this.random = new Random(1000 + number);
    }

    void beginEra(int era) {
      List<Known> fresh = new ArrayList<>();
      for (int i = 0; i < NAMES; i++) {
        fresh.add(new Known("w" + number + "-e" + era + "-" + i));
      }
      current = fresh;
      all.addAll(fresh);
    }

    void write(RunningServer server, AtomicLong acknowledged) {
      while (true) {
        Known known = current.get(random.nextInt(current.size()));
        Asked asked = next(known);
        known.asked = Optional.of(asked);
        Answer answer;
        try {
          answer = server.sending(request(server, known, asked));
        } catch (IOException e) {
          return;
        }
        assertThat(answer.status()).as("%s %s: %s", known.name, asked, answer.body()).isEqualTo(200);
        done(known, asked, answer.json());
        known.asked = Optional.empty();
        acknowledged.incrementAndGet();
      }
    }

    private Asked next(Known known) {
      if (known.deleted) {
        return new Asked.Recover();
      }
      int dice = random.nextInt(100);
      if (known.versions.isEmpty() || dice < 60) {
        String value = known.name + "/" + count++ + "/" + "x".repeat(random.nextInt(400));
        return new Asked.Set(new Held(value, "type/" + count));
      }
      return dice < 85 ? new Asked.Update(known.newest, "type/" + count++) : new Asked.Delete();
    }

    private static java.net.http.HttpRequest.Builder request(
        RunningServer server, Known known, Asked asked) {
      String path = "/secrets/" + known.name;
      return switch (asked) {
        case Asked.Set(Held held) ->
            server.vaultRequest(
                "PUT",
                path,
                "{\"value\":\"%s\",\"contentType\":\"%s\"}"
                    .formatted(held.value(), held.contentType()));
        case Asked.Update(String version, String type) ->
            server.vaultRequest(
                "PATCH", path + '/' + version, "{\"contentType\":\"%s\"}".formatted(type));
        case Asked.Delete() -> server.vaultRequest("DELETE", path, null);
        case Asked.Recover() ->
            server.vaultRequest("POST", "/deleted" + path.substring(1) + "/recover", null);
      };
    }

    private static void done(Known known, Asked asked, JsonNode answer) {
      switch (asked) {
        case Asked.Set(Held held) -> {
          known.newest = version(answer);
          known.touched.add(known.newest);
          assertThat(known.versions.put(known.newest, held)).isNull();
        }
        case Asked.Update(String version, String type) -> {
          known.touched.add(version);
          known.versions.compute(version, (id, held) -> new Held(held.value(), type));
        }
        case Asked.Delete() -> known.deleted = true;
        case Asked.Recover() -> known.deleted = false;
      }
    }

    /** Finds out what became of the change under way, and compares everything else. */
    static void check(RunningServer server, Known known, boolean everything) {
      String path = "/secrets/" + known.name;
      Answer live = server.secret("GET", path, null);
      Answer deleted = server.secret("GET", "/deletedsecrets/" + known.name, null);
      assertThat(List.of(live.status(), deleted.status()))
          .as("%s is live or deleted, or there is none of it: %s", known.name, live.body())
          .isIn(List.of(200, 404), List.of(404, 200), List.of(404, 404));
      boolean isDeleted = deleted.status() == 200;
      boolean mayDiffer =
          known.asked.filter(a -> a instanceof Asked.Delete || a instanceof Asked.Recover).isPresent();
      if (!mayDiffer) {
        assertThat(isDeleted).as("%s deleted", known.name).isEqualTo(known.deleted);
      }
      known.deleted = isDeleted;
      if (isDeleted) {
        Asked recover = new Asked.Recover();
        Answer recovered = server.send(request(server, known, recover));
        assertThat(recovered.status()).as(recovered.body()).isEqualTo(200);
        done(known, recover, recovered.json());
      }
      List<String> found = versions(server, path);
      assertThat(found).as("versions of %s", known.name).containsAll(known.versions.keySet());
      List<String> more = new ArrayList<>(found);
      more.removeAll(known.versions.keySet());
      if (!more.isEmpty()) {
        assertThat(more).as("versions nobody asked for, of %s", known.name).hasSize(1);
        Held asked =
            known
                .asked
                .map(a -> a instanceof Asked.Set(Held held) ? held : null)
                .orElseThrow(() -> new AssertionError(known.name + " has more than was set"));
        known.newest = more.getFirst();
        known.versions.put(known.newest, asked);
        known.touched.add(known.newest);
      }
      if (known.asked.isPresent() && known.asked.get() instanceof Asked.Update(String id, String type)) {
        known.touched.add(id);
      }
      for (Map.Entry<String, Held> version : known.versions.entrySet()) {
        if (!everything && !known.touched.contains(version.getKey())) {
          continue;
        }
        JsonNode read = server.secret("GET", path + '/' + version.getKey(), null).json();
        Held held =
            new Held(
                read.path("value").asString("(none)"), read.path("contentType").asString("(none)"));
        boolean isUpdated =
            known
                .asked
                .filter(
                    a ->
                        a instanceof Asked.Update(String id, String type)
                            && id.equals(version.getKey())
                            && held.equals(new Held(version.getValue().value(), type)))
                .isPresent();
        if (isUpdated) {
          version.setValue(held);
        }
        assertThat(held).as("%s/%s", known.name, version.getKey()).isEqualTo(version.getValue());
      }
      if (!known.versions.isEmpty()) {
        assertThat(version(server.secret("GET", path, null).json())).isEqualTo(known.newest);
      }
      known.asked = Optional.empty();
      known.touched.clear();
    }

    private static List<String> versions(RunningServer server, String path) {
      List<String> found = new ArrayList<>();
      Answer page = server.secret("GET", path + "/versions?maxresults=25", null);
      while (true) {
        if (page.status() == 404) {
          return found;
        }
        assertThat(page.status()).as(page.body()).isEqualTo(200);
        page.json().path("value").forEach(item -> found.add(version(item)));
        JsonNode next = page.json().path("nextLink");
        if (!next.isString() || next.asString().isEmpty()) {
          return found;
        }
        page =
            server.send(
                java.net.http.HttpRequest.newBuilder(java.net.URI.create(next.asString()))
                    .header("Authorization", "Bearer " + server.token("vault")));
      }
    }

    private static String version(JsonNode item) {
      String id = item.path("id").asString();
      return id.substring(id.lastIndexOf('/') + 1);
    }
  }

  /** A server that is killed and started again on what it left. */
  interface Place {
    RunningServer start() throws IOException;

    /** The same as a process that nobody waits for. */
    Process begin() throws IOException;

    Path data();

    Connection database() throws SQLException;

    /** The option that names its store for commands. */
    List<String> option();
  }

  static void run(int kills, Place place) throws Exception {
    Random random = new Random(7);
    List<Writer> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      writers.add(new Writer(i));
    }
    AtomicLong acknowledged = new AtomicLong();
    int undecided = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int kill = 0; kill < kills; kill++) {
        if (kill % ERA == 0) {
          int era = kill / ERA;
          writers.forEach(writer -> writer.beginEra(era));
        }
        try (RunningServer server = place.start()) {
          server.token("vault");
          each(threads, writers, writer -> writer.current.forEach(k -> Writer.check(server, k, false)));
          long before = acknowledged.get();
          List<Future<Void>> writing =
              submit(threads, writers, writer -> writer.write(server, acknowledged));
          RunningServer.await(
              "answers under load",
              FIRST_ANSWERS,
              () -> acknowledged.get() > before + WRITERS || writing.stream().anyMatch(Future::isDone));
          Thread.sleep(200 + random.nextInt(250));
          assertThat(server.isAlive()).as(server.err()).isTrue();
          server.kill();
          join(writing);
        }
        undecided +=
            (int) writers.stream().flatMap(w -> w.current.stream()).filter(k -> k.asked.isPresent()).count();
        if (kill % ERA == ERA - 1) {
          assertTrailIsClean(place);
          killWhileStarting(place, random);
        }
      }
      try (RunningServer server = place.start()) {
        server.token("vault");
        each(threads, writers, writer -> writer.all.forEach(k -> Writer.check(server, k, true)));
        assertJournalIsDense(place);
        Finished health = RunningServer.run("health", "--data", place.data().toString());
        assertThat(health.code()).as(health.out()).isZero();
        server.stop();
      }
    }
    Finished verified = assertTrailIsClean(place);
    assertThat(verified.out()).contains(" 0 pending");
    assertThat(acknowledged.get()).as("changes acknowledged").isGreaterThan((long) kills * WRITERS);
    assertThat(undecided).as("changes that a kill met under way").isPositive();
    System.out.println(
        kills + " kills, " + acknowledged + " changes acknowledged, " + undecided + " under way; "
            + verified.out().strip());
  }

  /** A start that does not come to its end must not harm anything either. */
  private static void killWhileStarting(Place place, Random random) throws Exception {
    Process process = place.begin();
    Thread.sleep(300 + random.nextInt(700));
    process.destroyForcibly();
    process.waitFor();
  }

  private static Finished assertTrailIsClean(Place place) throws IOException {
    Finished verified =
        RunningServer.run(
            "audit", "verify", place.option().getFirst(), place.option().getLast());
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
    return verified;
  }

  private static void assertJournalIsDense(Place place) throws Exception {
    try (Connection database = place.database();
        Statement statement = database.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select count(*), min(number), max(number),"
                    + " (select number from journal_head), count(distinct number) from journal")) {
      assertThat(row.next()).isTrue();
      long count = row.getLong(1);
      assertThat(count).isPositive();
      assertThat(row.getLong(2)).isEqualTo(1);
      assertThat(row.getLong(3)).isEqualTo(count);
      assertThat(row.getLong(4)).isEqualTo(count);
      assertThat(row.getLong(5)).isEqualTo(count);
    }
  }

  private interface Step {
    void of(Writer writer) throws Exception;
  }

  private static List<Future<Void>> submit(
      ExecutorService threads, List<Writer> writers, Step step) {
    List<Future<Void>> futures = new ArrayList<>();
    for (Writer writer : writers) {
      Callable<Void> task =
          () -> {
            step.of(writer);
            return null;
          };
      futures.add(threads.submit(task));
    }
    return futures;
  }

  private static void each(ExecutorService threads, List<Writer> writers, Step step)
      throws Exception {
    join(submit(threads, writers, step));
  }

  private static void join(List<Future<Void>> futures) throws Exception {
    for (Future<Void> future : futures) {
      try {
        future.get();
      } catch (ExecutionException e) {
        if (e.getCause() instanceof Error error) {
          throw error;
        }
        throw e;
      }
    }
  }
}
