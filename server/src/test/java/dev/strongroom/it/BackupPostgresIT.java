package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.it.RunningServer.Answer;
import dev.strongroom.it.RunningServer.Finished;
import dev.strongroom.it.RunningServer.Start;
import dev.strongroom.store.PostgresSettings;
import dev.strongroom.store.PrivatePostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code backup} of a server on PostgreSQL under load, sealed to a passphrase, while the root key is
 * rotated; machine and database are then gone, and the file comes back in both kinds of store.
 */
class BackupPostgresIT {
  private static final int WRITERS = 3;

  @TempDir static Path folder;
  private static PrivatePostgres postgres;
  private static Commands commands;

  @BeforeAll
  static void startDatabase() throws Exception {
    assumeTrue(
        PrivatePostgres.binaries().isPresent(),
        "PostgreSQL 15 is not installed here (Debian package postgresql-15)");
    postgres = PrivatePostgres.start();
    commands = new Commands(Start.command(folder.resolve("commands")));
  }

  @AfterAll
  static void stopDatabase() throws Exception {
    if (postgres != null) {
      postgres.stop();
    }
    if (commands != null) {
      commands.close();
    }
  }

  private static String on(PostgresSettings database) {
    return "store = \"postgres\"\npostgres.url = \"%s\"\npostgres.user = \"%s\"\n%s"
        .formatted(database.url(), database.user(), "audit.reserveMebibytes = 1");
  }

  @Test
  void backup_underLoadAndRootRotation_restoresIntoBothKindsOnceEverythingElseIsGone()
      throws Exception {
    PostgresSettings database = postgres.create("lost");
    Path machine = Files.createDirectory(folder.resolve("machine"));
    ServeFolder lost = ServeFolder.init(machine, machine.resolve("data"), on(database));
    Path phrase = folder.resolve("phrase");
    Files.writeString(phrase, "words that nobody guesses\n");
    Path file = folder.resolve("everything.age");
    Path trusted = folder.resolve("kept-elsewhere.pub");
    AtomicInteger[] written = new AtomicInteger[WRITERS];
    int[] acknowledged = new int[WRITERS];
    try (RunningServer server = lost.serve()) {
      Files.copy(machine.resolve("data").resolve("audit").resolve("audit-key.pub"), trusted);
      ServeFolder.makeVault(server, "dev");
      AtomicBoolean over = new AtomicBoolean();
      List<Future<?>> load = new ArrayList<>();
      try (ExecutorService writers = Executors.newFixedThreadPool(WRITERS)) {
        for (int i = 0; i < WRITERS; i++) {
          String name = "counted-" + i;
          AtomicInteger count = new AtomicInteger();
          written[i] = count;
          load.add(
              writers.submit(
                  () -> {
                    while (!over.get()) {
                      put(server, name, "" + (count.get() + 1));
                      count.incrementAndGet();
                    }
                  }));
        }
        await("a load", written, 10);
        assertThat(lost.run("root", "rotate").code()).isZero();
        for (int i = 0; i < WRITERS; i++) {
          acknowledged[i] = written[i].get();
        }
        Finished backup =
            commands.run(
                "backup",
                file.toString(),
                "--config",
                lost.config().toString(),
                "--passphrase-file",
                phrase.toString());
        assertThat(backup.code()).as(backup.err()).isZero();
        await("the load goes on", written, written[0].get() + 5);
        over.set(true);
        for (Future<?> one : load) {
          one.get(60, TimeUnit.SECONDS);
        }
      }
      assertThat(lost.run("root", "rotate").code()).isZero();
      Finished drilled =
          commands.run(
              "drill",
              file.toString(),
              "--backup-passphrase-file",
              phrase.toString(),
              "--config",
              lost.config().toString());
      assertThat(drilled.code()).as(drilled.out() + drilled.err()).isZero();
      assertThat(drilled.out()).contains("changes are not in the backup");
      server.kill();
    }
    postgres.drop("lost");
    try (Stream<Path> all = Files.walk(machine)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }

    ServeFolder embedded = machine(lost, "embedded", "audit.reserveMebibytes = 1");
    ServeFolder shared = machine(lost, "shared", on(postgres.create("again")));
    for (ServeFolder to : List.of(embedded, shared)) {
      Finished restored = withBackup("restore", file, to, phrase, trusted);
      assertThat(restored.code()).as(restored.err()).isZero();
      Finished same = withBackup("diff", file, to, phrase, trusted);
      assertThat(same.out()).startsWith("0 differences in ");
      assertThat(same.code()).isZero();
      try (RunningServer server = serve(to, to == embedded ? "--replaces" : "--clone")) {
        for (int i = 0; i < WRITERS; i++) {
          Answer answer = server.secret("GET", "/secrets/counted-" + i, null);
          assertThat(answer.status()).as(answer.body()).isEqualTo(200);
          assertThat(Integer.parseInt(answer.json().path("value").asString()))
              .isBetween(acknowledged[i], written[i].get());
        }
        put(server, "afterwards", "works");
        server.kill();
      }
    }
    Finished verified =
        commands.run(
            "audit",
            "verify",
            "--config",
            embedded.config().toString(),
            "--trust",
            trusted.toString());
    assertThat(verified.out() + verified.err()).startsWith("clean: ");

    // the clone has an audit key of its own, which did not sign this backup
    Path stranger = shared.data().resolve("audit").resolve("audit-key.pub");
    Finished refused = withBackup("verify", file, null, phrase, stranger);
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.out()).startsWith("BAD ").contains("not signed by the key in");
    Finished whole = withBackup("verify", file, null, phrase, trusted);
    assertThat(whole.out()).startsWith("whole: ").doesNotContain("--trust");
    Files.writeString(phrase, "other words\n");
    Finished wrong = withBackup("verify", file, null, phrase, trusted);
    assertThat(wrong.out()).startsWith("BAD the passphrase does not open this backup");
    assertThat(withBackup("restore", file, embedded, phrase, trusted).err())
        .contains("not empty");
  }

  private static void await(String what, AtomicInteger[] written, int least) {
    RunningServer.await(
        what,
        Duration.ofSeconds(30),
        () -> Stream.of(written).allMatch(count -> count.get() >= least));
  }

  private static Finished withBackup(
      String command, Path file, ServeFolder to, Path phrase, Path trusted) throws IOException {
    List<String> words = new ArrayList<>();
    if (!command.equals("restore")) {
      words.add("backup");
    }
    words.addAll(
        List.of(
            command,
            file.toString(),
            "--backup-passphrase-file",
            phrase.toString(),
            "--trust",
            trusted.toString()));
    if (to != null) {
      words.addAll(List.of("--config", to.config().toString()));
    }
    return commands.run(words.toArray(String[]::new));
  }

  private static ServeFolder machine(ServeFolder lost, String name, String more)
      throws IOException {
    Path place = Files.createDirectory(folder.resolve(name));
    return ServeFolder.prepare(place, place.resolve("data"), more).holding(lost);
  }

  private static RunningServer serve(ServeFolder installation, String option) throws IOException {
    return installation.serve(
        Start.command(
            installation.start().log(),
            "serve",
            "--config",
            installation.config().toString(),
            option));
  }

  private static void put(RunningServer server, String name, String value) {
    Answer answer = server.secret("PUT", "/secrets/" + name, "{\"value\":\"" + value + "\"}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
  }
}
