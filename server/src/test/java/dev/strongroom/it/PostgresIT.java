package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.it.RunningServer.Answer;
import dev.strongroom.it.RunningServer.Finished;
import dev.strongroom.store.PostgresSettings;
import dev.strongroom.store.PrivatePostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code serve} on PostgreSQL: what one node does while its database is away, and after kill -9. */
class PostgresIT {
  private static final int WRITERS = 3;
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

  @Test
  void serve_databaseAwayAndServerKilled_refusesMeanwhileAndLosesNothing() throws Exception {
    PostgresSettings database = postgres.create("one");
    ServeFolder installation = ServeFolder.initOnPostgres(folder, database, "");
    Written written = new Written();
    try (RunningServer server = installation.serve()) {
      ServeFolder.makeVault(server, "dev");
      assertThat(server.secret("PUT", "/secrets/kept", "{\"value\":\"v\"}").status())
          .isEqualTo(200);
      try (Load load = new Load(server, written)) {
        load.awaitAcknowledged(20);
        postgres.pause();
        load.awaitRefused(20);
        assertThat(admin(server, "/live")).isEqualTo(200);
        assertThat(admin(server, "/ready")).isEqualTo(503);
        String metrics = scraped(server);
        assertThat(metrics).contains("\nstrongroom_ready 0.0\n");
        assertThat(metrics).containsPattern("\nstrongroom_store_journal_records_total [1-9]");
        RunningServer.await(
            "reads end as well, since what others changed cannot be known",
            Duration.ofSeconds(30),
            () -> server.secret("GET", "/secrets/kept", null).status() == 503);
        postgres.resume();
        load.awaitAcknowledged(20);
        assertThat(admin(server, "/ready")).isEqualTo(200);
        written.assertPresent(server);
        server.kill();
      }
    }
    try (RunningServer server = installation.serve()) {
      written.assertPresent(server);
      assertThat(server.secret("GET", "/secrets/kept", null).json().path("value").asString())
          .isEqualTo("v");
      assertTrailIsClean(installation);
      assertThat(server.stop()).isZero();
    }
    assertTrailIsClean(installation);
  }

  private static void assertTrailIsClean(ServeFolder installation) throws IOException {
    Finished verified =
        RunningServer.run("audit", "verify", "--config", installation.config().toString());
    assertThat(verified.out() + verified.err()).startsWith("clean: ");
    assertThat(verified.code()).isZero();
  }

  private static int admin(RunningServer server, String path) {
    return server
        .send(HttpRequest.newBuilder(URI.create(server.setting("adminUrl") + path)))
        .status();
  }

  private static String scraped(RunningServer server) {
    Answer page =
        server.send(HttpRequest.newBuilder(URI.create(server.setting("adminUrl") + "/metrics")));
    assertThat(page.status()).as(page.body()).isEqualTo(200);
    return page.body();
  }

  /** The numbers that each writer sent, and the last that was acknowledged. */
  private static final class Written {
    private final AtomicIntegerArray sent = new AtomicIntegerArray(WRITERS);
    private final AtomicIntegerArray acknowledged = new AtomicIntegerArray(WRITERS);

    /** No secret is older than what was acknowledged before this was called. */
    void assertPresent(RunningServer server) {
      for (int i = 0; i < WRITERS; i++) {
        int least = acknowledged.get(i);
        Answer answer = server.secret("GET", "/secrets/w" + i, null);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(Integer.parseInt(answer.json().path("value").asString()))
            .isBetween(least, sent.get(i));
      }
    }
  }

  /** Writers, each counting up one secret, until it is closed or the server is gone. */
  private static final class Load implements AutoCloseable {
    private final RunningServer server;
    private final Written written;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<?>> running = new ArrayList<>();
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private volatile boolean isOver;

    Load(RunningServer server, Written written) {
      this.server = server;
      this.written = written;
      for (int i = 0; i < WRITERS; i++) {
        int writer = i;
        running.add(threads.submit(() -> write(writer)));
      }
    }

    private void write(int writer) {
      while (!isOver) {
        int number = written.sent.incrementAndGet(writer);
        Answer answer;
        try {
          answer =
              server.sending(
                  server.vaultRequest(
                      "PUT", "/secrets/w" + writer, "{\"value\":\"" + number + "\"}"));
        } catch (IOException e) {
          // because its sockets go before the process itself is seen to be gone
          RunningServer.await(
              "a server that ended, since it answers " + e,
              Duration.ofSeconds(20),
              () -> !server.isAlive());
          return;
        }
        if (answer.status() == 200) {
          written.acknowledged.set(writer, number);
          acknowledged.incrementAndGet();
        } else {
          assertThat(answer.status()).as(answer.body()).isEqualTo(503);
          assertThat(answer.errorCode()).isEqualTo("ServiceUnavailable");
          assertThat(answer.header("Retry-After")).as(answer.body()).isPresent();
          refused.incrementAndGet();
        }
      }
    }

    void awaitAcknowledged(int more) {
      await(acknowledged, more);
    }

    void awaitRefused(int more) {
      await(refused, more);
    }

    private void await(AtomicInteger count, int more) {
      int enough = count.get() + more;
      RunningServer.await(
          more + " more answers",
          Duration.ofSeconds(60),
          () -> count.get() >= enough || running.stream().anyMatch(Future::isDone));
      assertThat(running).as("writers at work").noneMatch(Future::isDone);
    }

    @Override
    public void close() {
      isOver = true;
      try {
        for (Future<?> one : running) {
          one.get(60, TimeUnit.SECONDS);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      } catch (ExecutionException | TimeoutException e) {
        throw new AssertionError("a writer", e);
      } finally {
        threads.shutdownNow();
      }
    }
  }
}
