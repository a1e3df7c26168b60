package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.it.RunningServer.Answer;
import dev.strongroom.it.RunningServer.Finished;
import dev.strongroom.it.RunningServer.Start;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code drill} beside the running server: what it proves, measures, signs, and what it leaves. */
class DrillIT {
  @TempDir static Path folder;
  private static Path temporary;
  private static Commands commands;
  private static ServeFolder installation;
  private static RunningServer server;
  private static Path identity;
  private static String recipient;
  private static Path backups;
  private static Path newest;
  private static Path trusted;

  @BeforeAll
  static void backUp() throws Exception {
    temporary = Files.createDirectory(folder.resolve("tmp"));
    commands =
        new Commands(
            Start.command(folder.resolve("commands")).with("TMPDIR", temporary.toString()));
    installation = ServeFolder.init(folder, folder.resolve("data"), "audit.reserveMebibytes = 1");
    identity = folder.resolve("identity");
    recipient = commands.run("backup", "keygen", identity.toString()).out().strip();
    backups = Files.createDirectory(folder.resolve("backups"));
    server = installation.serve();
    trusted = folder.resolve("kept-elsewhere.pub");
    Files.copy(installation.data().resolve("audit").resolve("audit-key.pub"), trusted);
    ServeFolder.makeVault(server, "dev");
    send("PUT", "/secrets/one", "{\"value\":\"first\"}");
    backUp("a-older.age");
    send("PUT", "/secrets/one", "{\"value\":\"second\"}");
    send("PUT", "/secrets/gone", "{\"value\":\"third\"}");
    send("DELETE", "/secrets/gone", null);
    send("POST", "/keys/signer/create", "{\"kty\":\"EC\"}");
    send("PUT", "/certificates/issuers/outside", ISSUER);
    // waits for the merge of a signed certificate, so its key is kept beside it
    send("POST", "/certificates/waiting/create", POLICY);
    assertThat(installation.run("ca", "init", "--name", "Example", "--key-type", "P-256").code())
        .isZero();
    newest = backUp("b-newer.age");
    Files.setLastModifiedTime(
        backups.resolve("a-older.age"),
        FileTime.from(Instant.now().minusSeconds(3600)));
    send("PUT", "/secrets/one", "{\"value\":\"after the backup\"}");
  }

  private static final String ISSUER =
      "{\"provider\":\"DigiCert\",\"credentials\":{\"account_id\":\"a\",\"pwd\":\"issuer password\"}}";
  private static final String POLICY =
      "{\"policy\":{\"issuer\":{\"name\":\"Unknown\"},\"x509_props\":{\"subject\":\"CN=x\"},"
          + "\"key_props\":{\"kty\":\"EC\",\"crv\":\"P-256\"}}}";

  private static Path backUp(String name) throws IOException {
    Path file = backups.resolve(name);
    Finished made =
        commands.run(
            "backup",
            file.toString(),
            "--data",
            installation.data().toString(),
            "--recipient",
            recipient);
    assertThat(made.code()).as(made.err()).isZero();
    return file;
  }

  private static void send(String method, String path, String body) {
    Answer answer = server.secret(method, path, body);
    assertThat(answer.status()).as(answer.body()).isBetween(200, 202);
  }

  @AfterAll
  static void end() {
    server.close();
    commands.close();
  }

  private static Finished drill(String... more) throws IOException {
    List<String> words = new ArrayList<>(List.of("drill"));
    words.addAll(Arrays.asList(more));
    words.addAll(
        List.of(
            "--identity", identity.toString(), "--config", installation.config().toString()));
    return commands.run(words.toArray(String[]::new));
  }

  private static JsonNode json(Path report) throws IOException {
    return JsonMapper.shared().readTree(Files.readAllLines(report).get(1));
  }

  private static void assertNothingIsLeft() throws IOException {
    try (Stream<Path> left = Files.walk(temporary)) {
      assertThat(left.filter(path -> path.toString().contains("dev-"))).isEmpty();
    }
  }

  @Test
  void drill_goodBackup_opensEverythingAndSignsWhatItMeasured() throws Exception {
    Path report = folder.resolve("good.report");
    Finished passed = drill("--backups", backups.toString(), "--report", report.toString());
    assertThat(passed.code()).as(passed.out() + passed.err()).isZero();
    assertThat(passed.out())
        .startsWith("PASSED")
        .contains(newest.toString())
        .contains("RTO  ")
        .contains("; 1 changes are not in the backup");
    assertNothingIsLeft();
    JsonNode found = json(report);
    JsonNode checked = found.path("checked");
    assertThat(checked.path("vaults").asLong()).isEqualTo(1);
    // one, gone, signer, waiting with its key and secret to come
    assertThat(checked.path("objects").asLong()).isGreaterThanOrEqualTo(4);
    assertThat(checked.path("versions").asLong())
        .isGreaterThan(checked.path("objects").asLong());
    // token keys, two authorities and more, the issuer's password, the key that waits
    assertThat(checked.path("keysAndPasswords").asLong()).isGreaterThanOrEqualTo(5);
    assertThat(checked.path("differences").asLong()).isZero();
    assertThat(checked.path("auditRecords").asLong()).isGreaterThan(10);
    assertThat(found.path("backup").path("trusted").asBoolean()).isTrue();
    assertThat(found.path("rto").path("seconds").asDouble()).isPositive();
    assertThat(found.path("rpo").path("missingChanges").asLong()).isEqualTo(1);
    assertThat(found.path("rpo").path("liveJournal").asLong())
        .isEqualTo(found.path("backup").path("journal").asLong() + 1);

    Finished verified =
        commands.run("drill", "verify", report.toString(), "--trust", trusted.toString());
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
    assertThat(verified.out()).contains("signed by ").contains("PASSED");
    Files.writeString(
        report, Files.readString(report).replace("\"missingChanges\":1", "\"missingChanges\":0"));
    Finished changed =
        commands.run("drill", "verify", report.toString(), "--trust", trusted.toString());
    assertThat(changed.code()).isEqualTo(1);
    assertThat(changed.out()).startsWith("BAD the signature is not that of");

    assertThat(drill("--backups", temporary.toString()).err()).contains("there is no backup");
    assertThat(drill().err()).contains("--backups");
  }

  @Test
  void drill_damagedOrCutBackup_failsWithThePlaceInASignedReport() throws Exception {
    byte[] content = Files.readAllBytes(newest);
    byte[] damaged = content.clone();
    damaged[content.length / 2] ^= 1;
    Path file = folder.resolve("damaged.age");
    for (byte[] bad : List.of(damaged, Arrays.copyOf(content, content.length - 1000))) {
      Files.write(file, bad);
      Path report = folder.resolve("bad-" + bad.length + ".report");
      Finished failed = drill(file.toString(), "--report", report.toString());
      assertThat(failed.code()).as(failed.err()).isEqualTo(1);
      assertThat(failed.out()).startsWith("FAILED").contains("in chunk ").contains("byte ");
      assertThat(json(report).path("failures").get(0).asString()).contains("in chunk ");
      assertThat(json(report).path("passed").asBoolean()).isFalse();
      Finished verified =
          commands.run("drill", "verify", report.toString(), "--trust", trusted.toString());
      assertThat(verified.code()).isEqualTo(1);
      assertThat(verified.out()).startsWith("signed by ").contains("FAILED");
    }
    assertNothingIsLeft();
  }

  @Test
  void drill_wholeBackupWithoutAKeyOrOfAnother_fails() throws Exception {
    Path place = Files.createDirectory(folder.resolve("lost-key"));
    ServeFolder other =
        ServeFolder.init(place, place.resolve("data"), "audit.reserveMebibytes = 1");
    try (RunningServer running = other.serve()) {
      ServeFolder.makeVault(running, "dev");
      assertThat(running.secret("PUT", "/secrets/one", "{\"value\":\"v\"}").status())
          .isEqualTo(200);
      running.kill();
    }
    // the vault's key, which is under no MAC: nothing notices before a value is opened
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:sqlite:" + other.data().resolve("strongroom.db"));
        Statement statement = connection.createStatement()) {
      assertThat(
              statement.executeUpdate(
                  "delete from wrapped_key where owner in (select container from object)"))
          .isEqualTo(1);
    }
    Path file = folder.resolve("without-key.age");
    try (RunningServer running = other.serve()) {
      Finished made =
          commands.run(
              "backup",
              file.toString(),
              "--data",
              other.data().toString(),
              "--recipient",
              recipient);
      assertThat(made.code()).as(made.err()).isZero();
      running.kill();
    }
    Finished verified =
        commands.run(
            "backup", "verify", file.toString(), "--identity", identity.toString());
    assertThat(verified.out()).startsWith("whole: ");
    Finished failed =
        commands.run(
            "drill",
            file.toString(),
            "--identity",
            identity.toString(),
            "--config",
            other.config().toString());
    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.out())
        .startsWith("FAILED")
        .contains("BAD       vault dev, secrets one/")
        .contains("RTO       none");

    Finished stranger =
        commands.run(
            "drill",
            file.toString(),
            "--identity",
            identity.toString(),
            "--trust",
            trusted.toString(),
            "--report",
            folder.resolve("stranger.report").toString());
    assertThat(stranger.out())
        .contains("the manifest is not signed by the key in " + trusted)
        .contains("(not signed)");
    assertThat(stranger.code()).isEqualTo(1);
  }

  @Test
  void drill_killed_leavesNothingForLong() throws Exception {
    Path scratch = Files.createDirectory(folder.resolve("killed"));
    Process process =
        Start.command(
                folder.resolve("killed-log"),
                "drill",
                newest.toString(),
                "--identity",
                identity.toString(),
                "--report",
                folder.resolve("killed.report").toString())
            .with("TMPDIR", scratch.toString())
            .process();
    try {
      RunningServer.await(
          "a restored store", Duration.ofSeconds(30), () -> !stores(scratch).isEmpty());
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(stores(scratch)).hasSize(1);
    assertThat(Files.getPosixFilePermissions(stores(scratch).getFirst().getParent().getParent()))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    Finished next =
        RunningServer.run(
            Start.command(
                    folder.resolve("next-log"),
                    "drill",
                    newest.toString(),
                    "--identity",
                    identity.toString(),
                    "--report",
                    folder.resolve("next.report").toString())
                .with("TMPDIR", scratch.toString()));
    assertThat(next.code()).as(next.out() + next.err()).isZero();
    assertThat(next.out()).contains("against now, since the live store cannot be read");
    assertThat(stores(scratch)).isEmpty();
  }

  private static List<Path> stores(Path scratch) {
    try (Stream<Path> files = Files.walk(scratch)) {
      return files.filter(path -> path.endsWith("strongroom.db")).toList();
    } catch (IOException | UncheckedIOException e) {
      // what is walked through may be removed meanwhile
      return List.of();
    }
  }
}
