package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.X509;
import dev.strongroom.it.RunningServer.Answer;
import dev.strongroom.it.RunningServer.Finished;
import dev.strongroom.it.RunningServer.Start;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code init} and {@code serve} as an operator meets them. */
class ServeIT {
  private static final JsonMapper JSON = JsonMapper.builder().build();
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

  @Test
  void serve_keyFile_livesThroughStopsKillsAndNewCertificates() throws Exception {
    Installed here = new Installed(folder, KEY_FILE);
    here.initialise(here.init("--admin-secret-out", here.secretFile.toString()));
    String before;
    try (RunningServer server =
        here.serve(here.serving().with("STRONGROOM_TOKENS_LIFETIME_SECONDS", "300"))) {
      assertThat(server.err()).contains("ready; listening on 127.0.0.1:" + here.port);
      assertThat(here.admin("/health")).isEqualTo(200);
      assertThat(here.admin("/ready")).isEqualTo(200);
      assertThat(here.admin("/metrics")).isEqualTo(200);
      here.makeVault(server);
      assertThat(server.secret("PUT", "/secrets/a", "{\"value\":\"one\"}").status()).isEqualTo(200);
      failed(here.serving(), "another process is using the folder " + here.data);
      JsonNode status = here.local("status");
      assertThat(status.path("sealed").asBoolean(true)).isFalse();
      assertThat(status.path("domain").asString()).isEqualTo(Installed.DOMAIN);
      assertThat(status.path("store").asString()).isEqualTo("sqlite");
      assertThat(here.local("health").path("healthy").asBoolean(false)).isTrue();
      here.assertTrailIsClean();

      before = server.token("vault");
      JsonNode claims = part(before, 1);
      assertThat(claims.path("exp").asLong() - claims.path("iat").asLong())
          .as("the environment's lifetime")
          .isBetween(300L, 301L);
      String fresh = here.local("signing-key", "rotate").path("kid").asString();
      assertThat(part(before, 0).path("kid").asString()).isNotEqualTo(fresh);
      assertThat(read(server, before).status()).as("overlap").isEqualTo(200);
      Answer keys =
          server.send(
              HttpRequest.newBuilder(
                  URI.create(
                      server.setting("authorityHost") + "/common/discovery/v2.0/keys")));
      assertThat(keys.body())
          .as("published before it signs")
          .contains(fresh, part(before, 0).path("kid").asString());

      assertThat(served(server)).contains("CN=first");
      here.writeTls("second");
      RunningServer.await(
          "the new certificate is served",
          Duration.ofSeconds(40),
          () -> served(server).contains("CN=second"));
      Files.writeString(folder.resolve("tls.pem"), "junk");
      RunningServer.await(
          "the log says that it cannot be used",
          Duration.ofSeconds(40),
          () -> server.err().contains("cannot be used; the old ones stay"));
      assertThat(served(server)).contains("CN=second");
      here.writeTls("third");

      stopInTheMiddleOfARequest(here, server);
      assertThat(here.data.resolve("control.sock")).doesNotExist();
    }
    here.assertTrailIsClean();
    try (RunningServer server = here.serve()) {
      assertThat(read(server, before).status()).as("a token outlives a restart").isEqualTo(200);
      assertThat(server.secret("GET", "/secrets/drained", null).json().path("value").asString())
          .isEqualTo("whole");
      server.kill();
    }
    here.assertTrailIsClean();
    try (RunningServer server = here.serve()) {
      assertThat(server.secret("GET", "/secrets/a", null).json().path("value").asString())
          .isEqualTo("one");
      here.assertTrailIsClean();
      assertThat(server.stop()).isZero();
    }
    here.assertTrailIsClean();
  }

  @Test
  void serve_passphraseSlot_startsSealedAndIsOpenedByEachSlot() throws IOException {
    Installed here = new Installed(folder, "");
    Path first = Files.writeString(folder.resolve("first"), "correct horse battery\n");
    Path wrong = Files.writeString(folder.resolve("wrong"), "incorrect horse battery\n");
    failed(
        here.init("--admin-secret-out", here.secretFile.toString()),
        "the first slot needs a key: set unseal.keyFile or unseal.passphraseFile");
    Path key = folder.resolve("added.key");
    here.initialise(
        here.init("--admin-secret-out", here.secretFile.toString())
            .with("STRONGROOM_UNSEAL_PASSPHRASE_FILE", first.toString()));
    try (RunningServer server = here.serve()) {
      assertThat(server.err()).contains("ready and sealed; open it with: strongroom unseal");
      assertThat(here.local("status").path("sealed").asBoolean(false)).isTrue();
      assertSealed(here, server);
      assertThat(here.refused("slot", "add", "--key-file", key.toString())).contains("sealed");
      assertThat(here.refused("unseal", "--passphrase-file", wrong.toString()))
          .contains("no slot opens with this key");
      assertThat(here.refused("unseal", "--key-file", key.toString())).startsWith("strongroom: ");
      here.local("unseal", "--passphrase-file", first.toString());
      assertThat(here.admin("/ready")).isEqualTo(200);
      here.makeVault(server);
      assertThat(server.secret("PUT", "/secrets/a", "{\"value\":\"one\"}").status()).isEqualTo(200);

      here.local("seal");
      assertSealed(here, server);
      here.local("unseal", "--passphrase-file", first.toString());
      assertThat(server.secret("GET", "/secrets/a", null).status()).isEqualTo(200);

      String slot = here.local("slot", "list").path("slots").path(0).path("id").asString();
      assertThat(here.refused("slot", "remove", slot)).contains("last");
      assertThat(here.refused("slot", "add", "--key-file", here.data.resolve("k").toString()))
          .contains("may not lie in the data folder");
      JsonNode slots = here.local("slot", "add", "--key-file", key.toString(), "--label", "spare");
      assertThat(slots.path("slots")).hasSize(2);
      assertThat(slots.path("slots").path(1).path("label").asString()).isEqualTo("spare");
      assertThat(Files.getPosixFilePermissions(key))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      assertThat(here.refused("slot", "remove", "nonsense")).contains("GUID");
      int generation = here.local("status").path("rootGeneration").asInt();
      assertThat(here.local("root", "rotate").path("rootGeneration").asInt())
          .isEqualTo(generation + 1);
      assertThat(server.secret("GET", "/secrets/a", null).status()).isEqualTo(200);
      assertThat(server.secret("PUT", "/secrets/b", "{\"value\":\"two\"}").status()).isEqualTo(200);

      Path secret = folder.resolve("tenant.secret");
      JsonNode tenant =
          here.local("tenant", "create", "-n", "Second", "--tenant-domain", "second.test",
              "--admin-secret-out", secret.toString());
      assertThat(tenant.path("tenantId").asString()).isNotEqualTo(server.setting("tenantId"));
      assertThat(Files.getPosixFilePermissions(secret))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      assertThat(here.local("tenant", "list").path("tenants")).hasSize(2);
      assertThat(
              here.refused("tenant", "create", "-n", "Third", "--tenant-domain", "second.test",
                  "--admin-secret-out", folder.resolve("third").toString()))
          .startsWith("strongroom: ");
      assertThat(folder.resolve("third")).doesNotExist();
      assertThat(server.stop()).isZero();
    }
    here.assertTrailIsClean();
    for (String[] way :
        List.of(
            new String[] {"unseal", "--passphrase-file", first.toString()},
            new String[] {"unseal", "--key-file", key.toString()})) {
      try (RunningServer server = here.serve()) {
        assertSealed(here, server);
        here.local(way);
        assertThat(server.secret("GET", "/secrets/a", null).json().path("value").asString())
            .isEqualTo("one");
        assertThat(server.secret("GET", "/secrets/b", null).json().path("value").asString())
            .isEqualTo("two");
        server.kill();
      }
      here.assertTrailIsClean();
    }
    try (RunningServer server =
        here.serve(here.serving().with("STRONGROOM_UNSEAL_KEY_FILE", key.toString()))) {
      String slot = here.local("slot", "list").path("slots").path(0).path("id").asString();
      assertThat(here.local("slot", "remove", slot).path("slots")).hasSize(1);
      assertThat(server.stop()).isZero();
    }
    failed(
        here.serving().with("STRONGROOM_UNSEAL_PASSPHRASE_FILE", first.toString()),
        "no slot opens with the configured key");
  }

  private static void assertSealed(Installed here, RunningServer server) throws IOException {
    assertThat(here.admin("/live")).isEqualTo(200);
    assertThat(here.admin("/ready")).isEqualTo(503);
    assertThat(here.admin("/health")).isEqualTo(503);
    Answer token = server.signIn(server.setting("clientSecret"), "vault");
    assertThat(token.status()).as(token.body()).isEqualTo(503);
    Answer data =
        server.send(
            HttpRequest.newBuilder(
                    URI.create(
                        server.setting("vaultUrl") + "/secrets/a?api-version=2026-04-01"))
                .header("Authorization", "Bearer nonsense"));
    assertThat(data.status()).isEqualTo(503);
    assertThat(data.errorCode()).isEqualTo("ServiceUnavailable");
    assertThat(data.header("Retry-After")).isPresent();
    Finished health =
        RunningServer.run(here.command("health", "--data", here.data.toString()));
    assertThat(health.code()).isEqualTo(1);
    assertThat(health.out()).contains("\"sealed\" : true");
  }

  /** SIGTERM while a body is on its way: it is answered, and new connections are not. */
  private static void stopInTheMiddleOfARequest(Installed here, RunningServer server)
      throws Exception {
    String body = "{\"value\":\"whole\"}";
    String head =
        "PUT /secrets/drained?api-version=2026-04-01 HTTP/1.1\r\nHost: dev.vault."
            + Installed.DOMAIN
            + ":"
            + here.port
            + "\r\nAuthorization: Bearer "
            + server.token("vault")
            + "\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n";
    try (SSLSocket socket = connected(server)) {
      socket.setSoTimeout(40_000);
      socket.getOutputStream().write(head.getBytes(StandardCharsets.UTF_8));
      assertThat(read(socket, 25)).as("it waits for the body").isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
      ProcessHandle.of(server.pid()).orElseThrow().destroy();
      RunningServer.await(
          "new connections are refused",
          Duration.ofSeconds(20),
          () -> {
            try (SSLSocket _ = connected(server)) {
              return false;
            } catch (IOException e) {
              return true;
            }
          });
      assertThat(server.isAlive()).isTrue();
      socket.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
      assertThat(read(socket, 12)).isEqualTo("HTTP/1.1 200");
    }
    assertThat(server.stop()).isZero();
  }

  private static String read(SSLSocket socket, int length) throws IOException {
    return new String(socket.getInputStream().readNBytes(length), StandardCharsets.US_ASCII);
  }

  private static SSLSocket connected(RunningServer server) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            RunningServer.trusting(Path.of(server.setting("caFile")))
                .getSocketFactory()
                .createSocket("127.0.0.1", server.port());
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName("dev.vault." + Installed.DOMAIN)));
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  private static String served(RunningServer server) {
    try (SSLSocket socket = connected(server)) {
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
          .getSubjectX500Principal()
          .getName();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Answer read(RunningServer server, String token) {
    return server.send(
        HttpRequest.newBuilder(
                URI.create(
                    server.setting("vaultUrl") + "/secrets/a?api-version=2026-04-01"))
            .header("Authorization", "Bearer " + token));
  }

  private static JsonNode part(String token, int which) {
    return JSON.readTree(Base64.getUrlDecoder().decode(token.split("\\.")[which]));
  }

  private static void failed(Start start, String why) throws IOException {
    Finished ended = RunningServer.run(start);
    String said = ended.err().lines().reduce((one, two) -> two).orElse("");
    assertThat(ended.code()).as("%s: %s", start.arguments(), ended.err()).isEqualTo(1);
    assertThat(said).as("%s", start.arguments()).startsWith("strongroom: ").contains(why);
  }
}
