package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.X509;
import dev.strongroom.it.RunningServer.Finished;
import dev.strongroom.it.RunningServer.Start;
import dev.strongroom.model.SecretBytes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What an operator of {@code serve} has: TLS files, a settings file, an installation. */
final class Installed {
  static final String DOMAIN = "localhost";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final AtomicInteger COUNT = new AtomicInteger();

  final Path folder;
  final Path data;
  final Path config;
  final Path keyFile;
  final Path secretFile;
  final int port;
  final int adminPort;
  private final X509.Issued authority;
  private final Map<String, String> ids = new LinkedHashMap<>();

  /**
   * @param more further lines of the settings file, in front of its tables
   */
  Installed(Path folder, String more) throws IOException {
    this.folder = folder;
    port = RunningServer.freePort();
    adminPort = RunningServer.freePort();
    data = folder.resolve("data");
    config = folder.resolve("strongroom.toml");
    keyFile = folder.resolve("slot.key");
    secretFile = folder.resolve("admin.secret");
    Instant now = Instant.now();
    authority =
        X509.newAuthority(
            "Operator's authority",
            List.of("localhost"),
            List.of("127.0.0.0/8"),
            now.minus(Duration.ofDays(1)),
            now.plus(Duration.ofDays(2)));
    Files.writeString(folder.resolve("ca.pem"), authority.certificate().pem());
    writeTls("first");
    Files.writeString(
        config,
        """
        data = "data"
        domain = "%s"
        location = "onprem"
        %s
        [admin]
        port = %d

        [[listeners]]
        address = "127.0.0.1"
        port = %d
        certificate = "tls.pem"
        key = "tls.key"
        """
            .formatted(DOMAIN, more, adminPort, port));
  }

  /** A new certificate of this name, in the places that the settings name. */
  void writeTls(String name) throws IOException {
    Instant now = Instant.now();
    X509.Issued server =
        X509.newServerCertificate(
            authority,
            name,
            List.of("*.vault." + DOMAIN, "login." + DOMAIN, "management." + DOMAIN),
            List.of(InetAddress.ofLiteral("127.0.0.1")),
            now.minus(Duration.ofHours(1)),
            now.plus(Duration.ofDays(1)));
    try (SecretBytes key = server.privateKeyPem()) {
      Files.write(folder.resolve("tls.key"), key.exposed());
    }
    Files.writeString(folder.resolve("tls.pem"), server.certificate().pem());
  }

  /** A command with the words as they are. */
  Start command(String... words) {
    return Start.command(folder.resolve("command-" + COUNT.incrementAndGet()), words)
        .withJava("-XX:TieredStopAtLevel=1");
  }

  Start init(String... more) {
    String[] words = new String[more.length + 3];
    words[0] = "init";
    words[1] = "--config";
    words[2] = config.toString();
    System.arraycopy(more, 0, words, 3, more.length);
    return command(words);
  }

  /** Makes the installation with a first secret. */
  void initialise(Start init) throws IOException {
    Finished made = RunningServer.run(init);
    assertThat(made.code()).as(made.err()).isZero();
    Matcher line = Pattern.compile("^(\\w+Id) +(\\S+)$", Pattern.MULTILINE).matcher(made.out());
    while (line.find()) {
      ids.put(line.group(1), line.group(2));
    }
    assertThat(ids.keySet())
        .containsExactly("tenantId", "subscriptionId", "clientId", "objectId");
  }

  Start serving() {
    return Start.command(folder.resolve("serve"), "serve", "--config", config.toString());
  }

  RunningServer serve() throws IOException {
    return serve(serving());
  }

  RunningServer serve(Start start) throws IOException {
    ObjectNode settings =
        JSON.createObjectNode()
            .put("clientSecret", Files.exists(secretFile) ? Files.readString(secretFile).strip() : "")
            .put("caFile", folder.resolve("ca.pem").toString())
            .put("dataDir", data.toString());
    ids.forEach(settings::put);
    return RunningServer.serve(start, settings);
  }

  /** Logs in and makes the vault dev, in which the first application may use secrets. */
  void makeVault(RunningServer server) throws IOException {
    ok("login", "--arm-url", server.setting("armUrl"), "--ca-file", server.setting("caFile"),
        "--tenant", ids.get("tenantId"), "-u", ids.get("clientId"), "--secret-file",
        secretFile.toString());
    ok("group", "create", "-n", "main", "-l", "onprem");
    ok("vault", "create", "-n", "dev", "-g", "main", "-l", "onprem");
    ok("role", "assignment", "create", "--vault-name", "dev", "--assignee-object-id",
        ids.get("objectId"), "--role", "Key Vault Secrets Officer");
  }

  /** A command that must succeed; what it printed. */
  String ok(String... words) throws IOException {
    Finished ended = RunningServer.run(command(words));
    assertThat(ended.code()).as("%s: %s", List.of(words), ended.err()).isZero();
    return ended.out();
  }

  /** A local command on this installation that must succeed; its JSON. */
  JsonNode local(String... words) throws IOException {
    return JSON.readTree(ok(withData(words)));
  }

  /** A local command that must be refused; what it said. */
  String refused(String... words) throws IOException {
    Finished ended = RunningServer.run(command(withData(words)));
    assertThat(ended.code()).as("%s: %s", List.of(words), ended.out()).isEqualTo(1);
    return ended.err();
  }

  private String[] withData(String... words) {
    String[] line = new String[words.length + 2];
    System.arraycopy(words, 0, line, 0, words.length);
    line[words.length] = "--data";
    line[words.length + 1] = data.toString();
    return line;
  }

  void assertTrailIsClean() throws IOException {
    Finished verified =
        RunningServer.run(
            command(
                "audit", "verify", "--config", config.toString(), "--trust",
                data.resolve("audit").resolve("audit-key.pub").toString()));
    assertThat(verified.out() + verified.err()).startsWith("clean: ");
    assertThat(verified.code()).isZero();
  }

  /** The admin listener's answer: its status. */
  int admin(String path) throws IOException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort + path)).build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
