package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.X509;
import dev.strongroom.it.RunningServer.Finished;
import dev.strongroom.it.RunningServer.Start;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code init} as an operator meets it, and what {@code serve} refuses to start on. */
class ServeIT {
  private static final String KEY_FILE = "unseal.keyFile = \"slot.key\"";

  @TempDir Path folder;

  @Test
  void init_whatCannotBe_isRefusedAndMakesNothing() throws IOException {
    Installed here = new Installed(folder, KEY_FILE);
    String secret = here.secretFile.toString();
    Path junk = Files.writeString(folder.resolve("junk.pem"), "junk");
    failed(here.init(), "exactly one of --admin-cert and --admin-secret-out");
    failed(
        here.init("--admin-cert", junk.toString(), "--admin-secret-out", secret),
        "exactly one of --admin-cert and --admin-secret-out");
    failed(here.init("--admin-secret-out", junk.toString()), junk + " is there already");
    failed(here.init("--admin-cert", junk.toString()), "--admin-cert: ");
    failed(here.init("--admin-cert", folder.resolve("none").toString()), "cannot read ");
    failed(here.serving(), "there is no finished installation in " + here.data);
    failed(
        here.init("--admin-secret-out", secret).with("STRONGROOM_TOKENS_LIFETIME_SECONDS", "1"),
        "tokens.lifetimeSeconds must be 300 to 86400, not 1");
    failed(
        here.init("--admin-secret-out", secret).with("STRONGROOM_NO_SUCH", "1"),
        "STRONGROOM_NO_SUCH names no setting");
    failed(
        here.init("--admin-secret-out", secret)
            .with("STRONGROOM_UNSEAL_KEY_FILE", "data/slot.key"),
        "may not lie in the data folder");
    assertThat(here.data.resolve("slot.key")).doesNotExist();
    String whole = Files.readString(here.config);
    for (List<String> broken :
        List.of(
            List.of("domain = \"localhost\"", "", "domain is missing"),
            List.of("data = \"data\"", "", "data is missing"),
            List.of("location = ", "loaction = ", "loaction is not a setting"),
            List.of("address = \"127.0.0.1\"", "", "listeners[0].address is missing"),
            List.of("certificate = \"tls.pem\"", "", "listeners[0].certificate is missing"),
            List.of("port = " + here.port, "port = 70000", "listeners[0].port must be 0 to 65535"),
            List.of("[[listeners]]", "[listener]", "listeners: at least one"),
            List.of("location", "= 1", "is not TOML"))) {
      Files.writeString(here.config, whole.replace(broken.get(0), broken.get(1)));
      failed(here.init("--admin-secret-out", secret), broken.get(2));
      failed(here.serving(), broken.get(2));
    }
    Files.writeString(here.config, whole);
    here.initialise(here.init("--admin-secret-out", secret));
    assertThat(Files.getPosixFilePermissions(here.secretFile))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(Files.getPosixFilePermissions(here.keyFile))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    failed(
        here.init("--admin-secret-out", folder.resolve("again").toString()),
        "there is an installation already; start it with: serve");
    failed(
        here.command("dev", "--port", "0", "--data", here.data.toString()),
        "belongs to strongroom serve and not to strongroom dev");
    failed(
        here.serving().with("STRONGROOM_DATA", Files.createDirectory(folder.resolve("o")) + ""),
        "there is no finished installation");
    Files.move(here.keyFile, folder.resolve("moved.key"));
    failed(here.serving(), "slot.key");
    here.assertTrailIsClean();
  }

  @Test
  void init_folderOfDevOrUnfinished_isRefusedWithWhatToDo() throws IOException {
    Path dev = folder.resolve("dev");
    try (RunningServer server = RunningServer.dev(dev)) {
      server.stop();
    }
    Installed here = new Installed(Files.createDirectory(folder.resolve("here")), KEY_FILE);
    failed(
        here.init("--admin-secret-out", here.secretFile.toString())
            .with("STRONGROOM_DATA", dev.toString()),
        "belongs to strongroom dev and not to strongroom serve");
    failed(
        here.init("--admin-secret-out", here.secretFile.toString(), "--tenant-domain", "a b"),
        "init did not finish: remove " + here.data + " and run it again");
    failed(
        here.init("--admin-secret-out", here.secretFile.toString()),
        "an earlier init did not finish here; remove " + here.data);
    failed(here.serving(), "there is no finished installation");
  }

  @Test
  void init_adminCertificate_signsInWithItsKey() throws IOException {
    Installed here = new Installed(folder, KEY_FILE);
    Instant now = Instant.now();
    X509.Issued admin =
        X509.newAuthority(
            "admin",
            List.of("localhost"),
            List.of("127.0.0.0/8"),
            now.minus(Duration.ofHours(1)),
            now.plus(Duration.ofDays(1)));
    Path certificate =
        Files.writeString(folder.resolve("admin.pem"), admin.certificate().pem());
    here.initialise(here.init("--admin-cert", certificate.toString()));
    assertThat(here.secretFile).doesNotExist();
    Path both = folder.resolve("both.pem");
    Files.writeString(
        both,
        admin.certificate().pem()
            + new String(admin.privateKeyPem().exposed(), StandardCharsets.US_ASCII));
    try (RunningServer server = here.serve()) {
      String shown =
          here.ok("login", "--arm-url", server.setting("armUrl"), "--ca-file",
              server.setting("caFile"), "--tenant", server.setting("tenantId"), "-u",
              server.setting("clientId"), "--certificate", both.toString());
      assertThat(shown).contains(server.setting("subscriptionId"));
      here.ok("group", "create", "-n", "main", "-l", "onprem");
      assertThat(server.stop()).isZero();
    }
    here.assertTrailIsClean();
  }

  private static void failed(Start start, String why) throws IOException {
    Finished ended = RunningServer.run(start);
    String said = ended.err().lines().reduce((one, two) -> two).orElse("");
    assertThat(ended.code()).as("%s: %s", start.arguments(), ended.err()).isEqualTo(1);
    assertThat(said).as("%s", start.arguments()).startsWith("strongroom: ").contains(why);
  }
}
