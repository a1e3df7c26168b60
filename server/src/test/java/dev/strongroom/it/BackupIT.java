package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.it.RunningServer.Answer;
import dev.strongroom.it.RunningServer.Finished;
import dev.strongroom.it.RunningServer.Start;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code backup} of a server under load, whose machine is then gone: the file and the identity alone
 * bring it back, as itself or as another one.
 */
class BackupIT {
  private static final int BEFORE = 20;

  @TempDir static Path folder;
  private static Commands commands;
  private static ServeFolder lost;
  private static Path identity;
  private static Path file;

  /** What came after {@link #file}, in two steps. */
  private static Path more;

  /** What every write had got as its answer when the backup began. */
  private static int acknowledged;

  @BeforeAll
  static void backUpAndLoseTheMachine() throws Exception {
    Path machine = Files.createDirectory(folder.resolve("machine"));
    commands = new Commands(Start.command(folder.resolve("commands")));
    lost = ServeFolder.init(machine, machine.resolve("data"), "audit.reserveMebibytes = 1");
    identity = folder.resolve("identity");
    Finished made = commands.run("backup", "keygen", identity.toString());
    assertThat(made.code()).as(made.err()).isZero();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(identity)))
        .isEqualTo("rw-------");
    file = folder.resolve("everything.age");
    try (RunningServer server = lost.serve()) {
      ServeFolder.makeVault(server, "dev");
      for (int i = 0; i < BEFORE; i++) {
        put(server, "kept-" + i, "value " + i);
      }
      assertThat(
              server
                  .secret("POST", "/keys/signer/create", "{\"kty\":\"EC\",\"crv\":\"P-256\"}")
                  .status())
          .isEqualTo(200);
      AtomicInteger written = new AtomicInteger();
      AtomicBoolean over = new AtomicBoolean();
      try (ExecutorService writer = Executors.newSingleThreadExecutor()) {
        Future<?> load =
            writer.submit(
                () -> {
                  while (!over.get()) {
                    put(server, "counted", "" + (written.get() + 1));
                    written.incrementAndGet();
                  }
                });
        RunningServer.await("a load", Duration.ofSeconds(20), () -> written.get() >= 20);
        acknowledged = written.get();
        Finished backup =
            commands.run(
                "backup",
                file.toString(),
                "--data",
                lost.data().toString(),
                "--recipient",
                made.out().strip());
        int afterwards = written.get();
        RunningServer.await(
            "the load goes on", Duration.ofSeconds(20), () -> written.get() > afterwards);
        over.set(true);
        load.get();
        assertThat(backup.code()).as(backup.err()).isZero();
        assertThat(backup.err()).contains("version: ").contains("journal: ");
      }
      assertThat(lost.run("root", "rotate").code()).isZero();
      backUpWhatCameLater(server, made.out().strip());
      server.kill();
    }
    try (Stream<Path> all = Files.walk(machine)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private static void backUpWhatCameLater(RunningServer server, String recipient)
      throws IOException {
    Path between = since(file, "between.age", recipient);
    put(server, "later", "first");
    assertThat(server.secret("DELETE", "/secrets/kept-0", null).status()).isEqualTo(200);
    RunningServer.await(
        "a purge",
        Duration.ofSeconds(20),
        () -> server.secret("DELETE", "/deletedsecrets/kept-0", null).status() == 204);
    more = since(between, "more.age", recipient);
    assertThat(Files.size(more)).isLessThan(Files.size(file));
  }

  private static Path since(Path earlier, String name, String recipient) throws IOException {
    Path made = folder.resolve(name);
    Finished backup =
        commands.run(
            "backup",
            made.toString(),
            "--since",
            earlier.toString(),
            "--data",
            lost.data().toString(),
            "--recipient",
            recipient);
    assertThat(backup.code()).as(backup.err()).isZero();
    return made;
  }

  @AfterAll
  static void end() {
    commands.close();
  }

  private static void put(RunningServer server, String name, String value) {
    Answer answer = server.secret("PUT", "/secrets/" + name, "{\"value\":\"" + value + "\"}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
  }

  private static String value(RunningServer server, String name) {
    Answer answer = server.secret("GET", "/secrets/" + name, null);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.json().path("value").asString();
  }

  /** A new machine with nothing but settings. */
  private static ServeFolder machine(String name) throws IOException {
    Path place = Files.createDirectory(folder.resolve(name));
    return ServeFolder.prepare(place, place.resolve("data"), "audit.reserveMebibytes = 1")
        .holding(lost);
  }

  private static Finished restore(ServeFolder to) throws IOException {
    return restore(file, to);
  }

  private static Finished restore(Path from, ServeFolder to) throws IOException {
    return commands.run(
        "restore",
        from.toString(),
        "--config",
        to.config().toString(),
        "--identity",
        identity.toString());
  }

  private static void assertTrailIsClean(ServeFolder of) throws IOException {
    Finished verified = commands.run("audit", "verify", "--config", of.config().toString());
    assertThat(verified.out() + verified.err()).startsWith("clean: ");
  }

  private static RunningServer serve(ServeFolder installation, String option) throws IOException {
    Start start = installation.start();
    List<String> line = new ArrayList<>(start.arguments());
    line.add(option);
    return installation.serve(
        Start.command(start.log(), line.toArray(String[]::new)));
  }

  @Test
  void restore_machineGone_goesOnAsTheServerOrAsAnother() throws Exception {
    ServeFolder again = machine("again");
    Finished restored = restore(again);
    assertThat(restored.code()).as(restored.err()).isZero();
    assertThat(restored.out()).contains("restored: ").contains("--replaces");
    Finished same =
        commands.run(
            "backup",
            "diff",
            file.toString(),
            "--identity",
            identity.toString(),
            "--config",
            again.config().toString());
    assertThat(same.out()).startsWith("0 differences in ");
    assertThat(same.code()).isZero();
    assertThat(restore(again).err()).contains("not empty");

    Finished undecided = RunningServer.run(again.start());
    assertThat(undecided.code()).isEqualTo(1);
    assertThat(undecided.err()).contains("--replaces").contains("--clone");

    String installation;
    String token;
    try (RunningServer server = serve(again, "--replaces")) {
      for (int i = 0; i < BEFORE; i++) {
        assertThat(value(server, "kept-" + i)).isEqualTo("value " + i);
      }
      assertThat(Integer.parseInt(value(server, "counted"))).isGreaterThanOrEqualTo(acknowledged);
      assertThat(
              server
                  .secret(
                      "POST",
                      "/keys/signer/"
                          + version(server, "signer")
                          + "/sign",
                      "{\"alg\":\"ES256\",\"value\":\"" + "A".repeat(43) + "\"}")
                  .status())
          .isEqualTo(200);
      put(server, "afterwards", "works");
      token = server.token("vault");
      installation = installation(again);
      assertThat(again.run("health").code()).isZero();
      assertThat(server.stop()).isZero();
    }
    assertTrailIsClean(again);
    Finished settled = RunningServer.run(serveLine(again, "--replaces"));
    assertThat(settled.err()).contains("without --replaces");
    Finished changed =
        commands.run(
            "backup",
            "diff",
            file.toString(),
            "--identity",
            identity.toString(),
            "--config",
            again.config().toString());
    assertThat(changed.code()).isEqualTo(1);
    assertThat(changed.out()).contains("only in the store: name ");

    ServeFolder other = machine("other");
    assertThat(restore(other).code()).isZero();
    try (RunningServer server = serve(other, "--clone")) {
      assertThat(value(server, "kept-3")).isEqualTo("value 3");
      assertThat(installation(other)).isNotEqualTo(installation);
      Answer refused =
          server.send(
              HttpRequest.newBuilder(
                      URI.create(
                          server.setting("vaultUrl")
                              + "/secrets/kept-3?api-version="
                              + RunningServer.SECRETS))
                  .header("Authorization", "Bearer " + token));
      assertThat(refused.status()).isEqualTo(401);
      put(server, "afterwards", "elsewhere");
      assertThat(other.run("health").code()).isZero();
      assertThat(server.stop()).isZero();
    }
    assertTrailIsClean(other);
  }

  @Test
  void restore_incremental_isAllOfTheThreeTogether() throws Exception {
    ServeFolder again = machine("later");
    Finished restored = restore(more, again);
    assertThat(restored.code()).as(restored.err()).isZero();
    Finished same =
        commands.run(
            "backup",
            "diff",
            more.toString(),
            "--identity",
            identity.toString(),
            "--config",
            again.config().toString());
    assertThat(same.out()).startsWith("0 differences in ");
    try (RunningServer server = serve(again, "--replaces")) {
      assertThat(value(server, "later")).isEqualTo("first");
      assertThat(value(server, "kept-1")).isEqualTo("value 1");
      assertThat(server.secret("GET", "/secrets/kept-0", null).status()).isEqualTo(404);
      assertThat(server.secret("GET", "/deletedsecrets/kept-0", null).status()).isEqualTo(404);
      assertThat(server.stop()).isZero();
    }
    assertTrailIsClean(again);
  }

  private static Start serveLine(ServeFolder installation, String option) {
    return Start.command(
        installation.start().log(),
        "serve",
        "--config",
        installation.config().toString(),
        option);
  }

  private static String version(RunningServer server, String key) {
    String kid =
        server.secret("GET", "/keys/" + key, null).json().path("key").path("kid").asString();
    return kid.substring(kid.lastIndexOf('/') + 1);
  }

  private static String installation(ServeFolder of) throws IOException {
    Finished status = of.run("status");
    assertThat(status.code()).as(status.err()).isZero();
    return JsonMapper.shared().readTree(status.out()).path("installation").asString();
  }

  @Test
  void backupVerify_wholeOrDamaged_saysWhichAndWhere() throws Exception {
    Finished whole =
        commands.run("backup", "verify", file.toString(), "--identity", identity.toString());
    assertThat(whole.out()).startsWith("whole: ").contains("--trust");
    assertThat(whole.code()).isZero();
    Finished framing = commands.run("backup", "verify", file.toString());
    assertThat(framing.out()).startsWith("framing only: ");
    assertThat(framing.code()).isZero();
    Finished together =
        commands.run("backup", "verify", more.toString(), "--identity", identity.toString());
    assertThat(together.out()).startsWith("whole: ").contains("together with");
    Path alone = Files.createDirectory(folder.resolve("alone")).resolve("more.age");
    Files.copy(more, alone);
    Finished incomplete =
        commands.run("backup", "verify", alone.toString(), "--identity", identity.toString());
    assertThat(incomplete.out()).startsWith("BAD ").contains("is incremental: put the backup of");
    assertThat(incomplete.code()).isEqualTo(1);

    Path stranger = folder.resolve("stranger");
    assertThat(commands.run("backup", "keygen", stranger.toString()).code()).isZero();
    Finished wrong =
        commands.run("backup", "verify", file.toString(), "--identity", stranger.toString());
    assertThat(wrong.out()).startsWith("BAD this identity opens none");
    assertThat(wrong.code()).isEqualTo(1);

    byte[] content = Files.readAllBytes(file);
    Path damaged = folder.resolve("damaged.age");
    for (int at = 0; at < content.length; at += content.length / 12) {
      byte[] changed = content.clone();
      changed[at] ^= 4;
      Files.write(damaged, changed);
      Finished bad =
          commands.run("backup", "verify", damaged.toString(), "--identity", identity.toString());
      assertThat(bad.out()).as("byte %s", at).startsWith("BAD ");
      assertThat(bad.code()).isEqualTo(1);
      Files.write(damaged, Arrays.copyOf(content, at));
      Finished cut =
          commands.run("backup", "verify", damaged.toString(), "--identity", identity.toString());
      assertThat(cut.out()).as("%s bytes", at).startsWith("BAD ").containsAnyOf("byte", "head");
    }
    ServeFolder nothing = machine("nothing");
    Finished refused =
        commands.run(
            "restore",
            damaged.toString(),
            "--config",
            nothing.config().toString(),
            "--identity",
            identity.toString());
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains("byte");
    // nothing was left behind: the whole file can still be restored here
    assertThat(restore(nothing).code()).isZero();
  }
}
