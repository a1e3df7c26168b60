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
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code init} and {@code serve} as an operator meets them. */
class ServeIT {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir Path folder;
  private Path data;
  private Commands commands;
  private ServeFolder here;

  @BeforeEach
  void prepare() throws IOException {
    data = folder.resolve("data");
    commands = new Commands(Start.command(folder.resolve("commands")));
    here = ServeFolder.prepare(folder, data, "");
  }

  @AfterEach
  void stopCommands() {
    commands.close();
  }

  @Test
  void init_whatCannotBe_isRefusedAndMakesNothing() throws IOException {
    String secret = here.secretFile().toString();
    Path junk = Files.writeString(folder.resolve("junk.pem"), "junk");
    failed(init(), "exactly one of --admin-cert and --admin-secret-out");
    failed(
        init("--admin-cert", junk.toString(), "--admin-secret-out", secret),
        "exactly one of --admin-cert and --admin-secret-out");
    failed(init("--admin-secret-out", junk.toString()), junk + " is there already");
    failed(init("--admin-cert", junk.toString()), "--admin-cert: ");
    failed(init("--admin-cert", folder.resolve("none").toString()), "cannot read ");
    failed(serve(), "there is no finished installation in " + data);
    Start init = here.init("--admin-secret-out", secret);
    failed(
        init.with("STRONGROOM_TOKENS_LIFETIME_SECONDS", "1"),
        "tokens.lifetimeSeconds must be 300 to 86400, not 1");
    failed(init.with("STRONGROOM_NO_SUCH", "1"), "STRONGROOM_NO_SUCH names no setting");
    failed(
        init.with("STRONGROOM_UNSEAL_KEY_FILE", "data/slot.key"),
        "may not lie in the data folder");
    assertThat(data.resolve("slot.key")).doesNotExist();
    String whole = Files.readString(here.config());
    for (List<String> broken :
        List.of(
            List.of("domain = \"localhost\"", "", "domain is missing"),
            List.of("data = \"" + data + "\"", "", "data is missing"),
            List.of("admin.port = ", "admin.prot = ", "admin.prot is not a setting"),
            List.of("address = \"127.0.0.1\"", "", "listeners[0].address is missing"),
            List.of(
                "certificate = \"tls/server.pem\"", "", "listeners[0].certificate is missing"),
            List.of("\nport = 0", "\nport = 70000", "listeners[0].port must be 0 to 65535"),
            List.of("[[listeners]]", "[listener]", "listeners: at least one"),
            List.of("domain", "= 1", "is not TOML"))) {
      assertThat(whole).contains(broken.get(0));
      Files.writeString(here.config(), whole.replace(broken.get(0), broken.get(1)));
      failed(init("--admin-secret-out", secret), broken.get(2));
      failed(serve(), broken.get(2));
    }
    Files.writeString(here.config(), whole);
    here.initialise(init);
    assertOwnersAlone(here.secretFile());
    assertOwnersAlone(here.keyFile());
    failed(
        init("--admin-secret-out", folder.resolve("again").toString()),
        "there is an installation already; start it with: serve");
    Finished twice =
        init("--if-absent", "--admin-secret-out", folder.resolve("again").toString());
    assertThat(twice.code()).as(twice.err()).isZero();
    assertThat(folder.resolve("again")).doesNotExist();
    failed(
        commands.run("dev", "--port", "0", "--data", data.toString()),
        "belongs to strongroom serve and not to strongroom dev");
    failed(
        here.start().with("STRONGROOM_DATA", Files.createDirectory(folder.resolve("o")) + ""),
        "there is no finished installation");
    Files.move(here.keyFile(), folder.resolve("moved.key"));
    failed(here.start(), "slot.key");
    assertTrailIsClean();
  }

  @Test
  void init_folderOfDevOrUnfinished_isRefusedWithWhatToDo() throws IOException {
    Path dev = folder.resolve("dev");
    try (RunningServer server = RunningServer.dev(dev)) {
      assertThat(server.stop()).isZero();
    }
    String secret = here.secretFile().toString();
    failed(
        here.init("--admin-secret-out", secret).with("STRONGROOM_DATA", dev.toString()),
        "belongs to strongroom dev and not to strongroom serve");
    failed(
        init("--admin-secret-out", secret, "--tenant-domain", "a b"),
        "init did not finish: remove " + data + " and run it again");
    failed(
        init("--admin-secret-out", secret),
        "an earlier init did not finish here; remove " + data);
    failed(serve(), "there is no finished installation");
  }

  @Test
  void init_adminCertificate_signsInWithItsKey() throws IOException {
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
    assertThat(here.secretFile()).doesNotExist();
    Path both = folder.resolve("both.pem");
    Files.writeString(
        both,
        admin.certificate().pem()
            + new String(admin.privateKeyPem().exposed(), StandardCharsets.US_ASCII));
    // because the addresses that the server tells its clients have the port of the settings
    String port = Integer.toString(RunningServer.freePort());
    try (RunningServer server =
        here.serve(here.start().with("STRONGROOM_LISTENERS_0_PORT", port))) {
      String shown =
          ok("login", "--arm-url", server.setting("armUrl"), "--ca-file",
              server.setting("caFile"), "--tenant", server.setting("tenantId"), "-u",
              server.setting("clientId"), "--certificate", both.toString());
      assertThat(shown).contains(server.setting("subscriptionId"));
      ok("group", "create", "-n", "main", "-l", "local");
      ok("vault", "create", "-n", "dev", "-g", "main", "-l", "local");
      ok("role", "assignment", "create", "--vault-name", "dev", "--assignee-object-id",
          server.setting("objectId"), "--role", "Key Vault Secrets Officer");
      ok("secret", "set", "--vault-name", "dev", "-n", "a", "--value", "v");
      assertThat(server.stop()).isZero();
    }
    assertTrailIsClean();
  }

  @Test
  void serve_keyFile_livesThroughStopsKillsAndNewCertificates() throws Exception {
    here.initialise(here.init("--admin-secret-out", here.secretFile().toString()));
    String before;
    try (RunningServer server =
        here.serve(here.start().with("STRONGROOM_TOKENS_LIFETIME_SECONDS", "300"))) {
      assertThat(server.err()).contains("ready; listening on 127.0.0.1:" + server.port());
      assertThat(admin(server, "/health")).isEqualTo(200);
      assertThat(admin(server, "/ready")).isEqualTo(200);
      assertThat(admin(server, "/metrics")).isEqualTo(200);
      ServeFolder.makeVault(server, "dev");
      assertThat(server.secret("PUT", "/secrets/a", "{\"value\":\"one\"}").status()).isEqualTo(200);
      failed(here.start(), "another process is using the folder " + data);
      JsonNode status = local("status");
      assertThat(status.path("sealed").asBoolean(true)).isFalse();
      assertThat(status.path("domain").asString()).isEqualTo("localhost");
      assertThat(status.path("store").asString()).isEqualTo("sqlite");
      assertThat(local("health").path("healthy").asBoolean(false)).isTrue();
      assertTrailIsClean();

      before = server.token("vault");
      JsonNode claims = part(before, 1);
      assertThat(claims.path("exp").asLong() - claims.path("iat").asLong())
          .as("the environment's lifetime")
          .isBetween(300L, 301L);
      String fresh = local("signing-key", "rotate").path("kid").asString();
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

      assertThat(served(server)).contains("CN=Test server");
      here.certify("second");
      RunningServer.await(
          "the new certificate is served",
          Duration.ofSeconds(40),
          () -> served(server).contains("CN=second"));
      Files.writeString(here.certificate(), "junk");
      RunningServer.await(
          "the log says that it cannot be used",
          Duration.ofSeconds(40),
          () -> server.err().contains("cannot be used; the old ones stay"));
      assertThat(served(server)).contains("CN=second");
      here.certify("third");

      stopInTheMiddleOfARequest(server);
      assertThat(data.resolve("control.sock")).doesNotExist();
    }
    assertTrailIsClean();
    try (RunningServer server = here.serve()) {
      assertThat(read(server, before).status()).as("a token outlives a restart").isEqualTo(200);
      assertThat(server.secret("GET", "/secrets/drained", null).json().path("value").asString())
          .isEqualTo("whole");
      server.kill();
    }
    assertTrailIsClean();
    try (RunningServer server = here.serve()) {
      assertThat(server.secret("GET", "/secrets/a", null).json().path("value").asString())
          .isEqualTo("one");
      assertTrailIsClean();
      assertThat(server.stop()).isZero();
    }
    assertTrailIsClean();
  }

  @Test
  void serve_passphraseSlot_startsSealedAndIsOpenedByEachSlot() throws IOException {
    Files.writeString(
        here.config(), Files.readString(here.config()).replace(ServeFolder.KEY_FILE, ""));
    Path first = Files.writeString(folder.resolve("first"), "correct horse battery\n");
    Path wrong = Files.writeString(folder.resolve("wrong"), "incorrect horse battery\n");
    failed(
        init("--admin-secret-out", here.secretFile().toString()),
        "the first slot needs a key: set unseal.keyFile or unseal.passphraseFile");
    Path key = folder.resolve("added.key");
    here.initialise(
        here.init("--admin-secret-out", here.secretFile().toString())
            .with("STRONGROOM_UNSEAL_PASSPHRASE_FILE", first.toString()));
    try (RunningServer server = here.serve()) {
      assertThat(server.err()).contains("ready and sealed; open it with: strongroom unseal");
      assertThat(local("status").path("sealed").asBoolean(false)).isTrue();
      assertSealed(server);
      assertThat(refused("slot", "add", "--key-file", key.toString())).contains("sealed");
      assertThat(refused("unseal", "--passphrase-file", wrong.toString()))
          .contains("no slot opens with this key");
      assertThat(refused("unseal", "--key-file", key.toString())).startsWith("strongroom: ");
      local("unseal", "--passphrase-file", first.toString());
      assertThat(admin(server, "/ready")).isEqualTo(200);
      ServeFolder.makeVault(server, "dev");
      assertThat(server.secret("PUT", "/secrets/a", "{\"value\":\"one\"}").status()).isEqualTo(200);

      local("seal");
      assertSealed(server);
      local("unseal", "--passphrase-file", first.toString());
      assertThat(server.secret("GET", "/secrets/a", null).status()).isEqualTo(200);

      String slot = local("slot", "list").path("slots").path(0).path("id").asString();
      assertThat(refused("slot", "remove", slot)).contains("last");
      assertThat(refused("slot", "add", "--key-file", data.resolve("k").toString()))
          .contains("may not lie in the data folder");
      JsonNode slots = local("slot", "add", "--key-file", key.toString(), "--label", "spare");
      assertThat(slots.path("slots")).hasSize(2);
      assertThat(slots.path("slots").path(1).path("label").asString()).isEqualTo("spare");
      assertOwnersAlone(key);
      assertThat(refused("slot", "remove", "nonsense")).contains("GUID");
      int generation = local("status").path("rootGeneration").asInt();
      assertThat(local("root", "rotate").path("rootGeneration").asInt())
          .isEqualTo(generation + 1);
      assertThat(server.secret("GET", "/secrets/a", null).status()).isEqualTo(200);
      assertThat(server.secret("PUT", "/secrets/b", "{\"value\":\"two\"}").status()).isEqualTo(200);

      Path secret = folder.resolve("tenant.secret");
      JsonNode tenant =
          local("tenant", "create", "-n", "Second", "--tenant-domain", "second.test",
              "--admin-secret-out", secret.toString());
      assertThat(tenant.path("tenantId").asString()).isNotEqualTo(server.setting("tenantId"));
      assertOwnersAlone(secret);
      assertThat(local("tenant", "list").path("tenants")).hasSize(2);
      assertThat(
              refused("tenant", "create", "-n", "Third", "--tenant-domain", "second.test",
                  "--admin-secret-out", folder.resolve("third").toString()))
          .startsWith("strongroom: ");
      assertThat(folder.resolve("third")).doesNotExist();
      assertThat(server.stop()).isZero();
    }
    assertTrailIsClean();
    for (String[] way :
        List.of(
            new String[] {"unseal", "--passphrase-file", first.toString()},
            new String[] {"unseal", "--key-file", key.toString()})) {
      try (RunningServer server = here.serve()) {
        assertSealed(server);
        local(way);
        assertThat(server.secret("GET", "/secrets/a", null).json().path("value").asString())
            .isEqualTo("one");
        assertThat(server.secret("GET", "/secrets/b", null).json().path("value").asString())
            .isEqualTo("two");
        server.kill();
      }
      assertTrailIsClean();
    }
    try (RunningServer server =
        here.serve(here.start().with("STRONGROOM_UNSEAL_KEY_FILE", key.toString()))) {
      String slot = local("slot", "list").path("slots").path(0).path("id").asString();
      assertThat(local("slot", "remove", slot).path("slots")).hasSize(1);
      assertThat(server.stop()).isZero();
    }
    failed(
        here.start().with("STRONGROOM_UNSEAL_PASSPHRASE_FILE", first.toString()),
        "no slot opens with the configured key");
  }

  private void assertSealed(RunningServer server) throws IOException {
    assertThat(admin(server, "/live")).isEqualTo(200);
    assertThat(admin(server, "/ready")).isEqualTo(503);
    assertThat(admin(server, "/health")).isEqualTo(503);
    Answer token = server.signIn(server.setting("clientSecret"), "vault");
    assertThat(token.status()).as(token.body()).isEqualTo(503);
    Answer read =
        server.send(
            HttpRequest.newBuilder(
                    URI.create(
                        server.setting("vaultUrl") + "/secrets/a?api-version=2026-04-01"))
                .header("Authorization", "Bearer nonsense"));
    assertThat(read.status()).isEqualTo(503);
    assertThat(read.errorCode()).isEqualTo("ServiceUnavailable");
    assertThat(read.header("Retry-After")).isPresent();
    Finished health = commands.run(withData("health"));
    assertThat(health.code()).isEqualTo(1);
    assertThat(health.out()).contains("\"sealed\" : true");
  }

  /** SIGTERM while a body is on its way: it is answered, and new connections are not. */
  private static void stopInTheMiddleOfARequest(RunningServer server) throws IOException {
    String body = "{\"value\":\"whole\"}";
    String head =
        "PUT /secrets/drained?api-version=2026-04-01 HTTP/1.1\r\nHost: dev.vault.localhost:"
            + server.port()
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
      Answer ready =
          server.send(
              HttpRequest.newBuilder(URI.create(server.setting("adminUrl") + "/ready")));
      assertThat(ready.status()).isEqualTo(503);
      assertThat(ready.body()).contains("stopping");
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
    parameters.setServerNames(List.of(new SNIHostName("dev.vault.localhost")));
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

  private Finished init(String... more) throws IOException {
    return commands.run(here.init(more).arguments().toArray(String[]::new));
  }

  /** Only for what refuses to start. */
  private Finished serve() throws IOException {
    return commands.run(here.start().arguments().toArray(String[]::new));
  }

  private static void failed(Start start, String why) throws IOException {
    failed(RunningServer.run(start), why);
  }

  private static void failed(Finished ended, String why) {
    String said = ended.err().lines().reduce((one, two) -> two).orElse("");
    assertThat(ended.code()).as(ended.err()).isEqualTo(1);
    assertThat(said).startsWith("strongroom: ").contains(why);
  }

  /** A command that must succeed; what it printed. */
  private String ok(String... words) throws IOException {
    Finished ended = commands.run(words);
    assertThat(ended.code()).as(ended.err()).isZero();
    return ended.out();
  }

  /** A command for this installation that must succeed; its JSON. */
  private JsonNode local(String... words) throws IOException {
    return JSON.readTree(ok(withData(words)));
  }

  /** A command for this installation that must be refused; what it said. */
  private String refused(String... words) throws IOException {
    Finished ended = commands.run(withData(words));
    assertThat(ended.code()).as(ended.out()).isEqualTo(1);
    return ended.err();
  }

  private String[] withData(String... words) {
    String[] line = Arrays.copyOf(words, words.length + 2);
    line[words.length] = "--data";
    line[words.length + 1] = data.toString();
    return line;
  }

  private void assertTrailIsClean() throws IOException {
    assertThat(
            ok("audit", "verify", "--config", here.config().toString(), "--trust",
                data.resolve("audit").resolve("audit-key.pub").toString()))
        .startsWith("clean: ");
  }

  private static void assertOwnersAlone(Path file) throws IOException {
    assertThat(Files.getPosixFilePermissions(file))
        .as("%s", file)
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  /** The status that the admin listener answers. */
  private static int admin(RunningServer server, String path) {
    return server
        .send(HttpRequest.newBuilder(URI.create(server.setting("adminUrl") + path)))
        .status();
  }
}
