package dev.strongroom.it;

import dev.strongroom.crypto.X509;
import dev.strongroom.it.RunningServer.Answer;
import dev.strongroom.it.RunningServer.Finished;
import dev.strongroom.it.RunningServer.Start;
import dev.strongroom.model.BuiltInRole;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.store.PostgresSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An installation for {@code serve}, made by {@code init} as an operator makes it: certificate, key
 * file and secret lie beside the data folder, the first application owns everything.
 */
final class ServeFolder {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** The line of the settings by which the server opens itself at start. */
  static final String KEY_FILE = "unseal.keyFile = \"slot.key\"";

  private static final String RESOURCES = "2023-07-01";
  private static final String ROLES = "2022-04-01";

  private final Path beside;
  private final Path data;
  private final List<String> prefix;
  private final Optional<String> node;
  private final X509.Issued authority;
  private final ObjectNode settings;

  private ServeFolder(
      Path beside,
      Path data,
      List<String> prefix,
      Optional<String> node,
      X509.Issued authority,
      ObjectNode settings) {
    this.beside = beside;
    this.data = data;
    this.prefix = prefix;
    this.node = node;
    this.authority = authority;
    this.settings = settings;
  }

  /** Prepares one and runs {@code init}, with a secret for the first application. */
  static ServeFolder init(Path beside, Path data, String more, String... prefix)
      throws IOException {
    ServeFolder folder = prepare(beside, data, more, prefix);
    folder.initialise(folder.init("--admin-secret-out", folder.secretFile().toString()));
    return folder;
  }

  /** The same with its rows in a database of PostgreSQL. */
  static ServeFolder initOnPostgres(Path beside, PostgresSettings database, String more)
      throws IOException {
    return init(
        beside,
        beside.resolve("data"),
        """
        store = "postgres"
        postgres.url = "%s"
        postgres.user = "%s"
        audit.reserveMebibytes = 1
        %s"""
            .formatted(database.url(), database.user(), more));
  }

  /**
   * Writes certificates and settings; {@code init} is still to be run.
   *
   * @param data the data folder, which may be on a disk that only commands under the prefix see
   * @param more further lines of the configuration
   * @param prefix words before every command
   */
  static ServeFolder prepare(Path beside, Path data, String more, String... prefix)
      throws IOException {
    Instant now = Instant.now();
    ServeFolder folder =
        new ServeFolder(
            beside,
            data,
            List.of(prefix),
            Optional.empty(),
            X509.newAuthority(
                "Test authority",
                List.of("localhost"),
                List.of("127.0.0.0/8"),
                now.minus(Duration.ofHours(1)),
                now.plus(Duration.ofDays(30))),
            JSON.createObjectNode());
    Path ca = Files.createDirectories(beside.resolve("tls")).resolve("ca.pem");
    Files.writeString(ca, folder.authority.certificate().pem());
    folder.settings.put("caFile", ca.toString()).put("dataDir", data.toString());
    folder.certify("Test server");
    Files.writeString(
        folder.config(),
        """
        data = "%s"
        domain = "localhost"
        %s
        admin.port = 0
        %s
        [[listeners]]
        address = "127.0.0.1"
        port = 0
        certificate = "tls/server.pem"
        key = "tls/server.key"
        """
            .formatted(data, KEY_FILE, more));
    return folder;
  }

  /** A new certificate of this name for the server, where the settings say. */
  void certify(String name) throws IOException {
    Instant now = Instant.now();
    X509.Issued leaf =
        X509.newServerCertificate(
            authority,
            name,
            List.of("*.vault.localhost", "login.localhost", "management.localhost"),
            List.of(InetAddress.getByAddress(new byte[] {127, 0, 0, 1})),
            now.minus(Duration.ofHours(1)),
            now.plus(Duration.ofDays(30)));
    try (SecretBytes key = leaf.privateKeyPem()) {
      Files.write(beside.resolve("tls").resolve("server.key"), key.exposed());
    }
    Files.writeString(certificate(), leaf.certificate().pem());
  }

  /** The command that makes the installation. */
  Start init(String... more) {
    List<String> line = new ArrayList<>(List.of("init", "--config", config().toString()));
    line.addAll(List.of(more));
    return Start.command(beside.resolve("init"), line.toArray(String[]::new))
        .under(prefix.toArray(String[]::new));
  }

  /** Runs that command, which must succeed, and keeps what it says. */
  void initialise(Start init) throws IOException {
    Finished made = RunningServer.run(init);
    if (made.code() != 0) {
      throw new AssertionError("init failed: " + made.err());
    }
    for (String name : List.of("tenantId", "subscriptionId", "clientId", "objectId")) {
      Matcher found = Pattern.compile(name + " +(\\S+)").matcher(made.out());
      if (!found.find()) {
        throw new AssertionError("init does not say the " + name + ": " + made.out());
      }
      settings.put(name, found.group(1));
    }
    if (Files.exists(secretFile())) {
      settings.put("clientSecret", Files.readString(secretFile()).strip());
    }
  }

  /** Here is, or will be, what is in that other folder: the same tenant and application. */
  ServeFolder holding(ServeFolder other) {
    for (String name :
        List.of("tenantId", "subscriptionId", "clientId", "objectId", "clientSecret")) {
      settings.put(name, other.settings.path(name).asString());
    }
    return this;
  }

  /** Another node on the same store: with a name and a data folder of its own. */
  ServeFolder node(String name) {
    Path folder = data.resolveSibling("data-" + name);
    ObjectNode own = settings.deepCopy();
    own.put("dataDir", folder.toString());
    return new ServeFolder(beside, folder, prefix, Optional.of(name), authority, own);
  }

  Path data() {
    return data;
  }

  Path config() {
    return beside.resolve("strongroom.toml");
  }

  Path secretFile() {
    return beside.resolve("admin-secret");
  }

  Path keyFile() {
    return beside.resolve("slot.key");
  }

  Path certificate() {
    return beside.resolve("tls").resolve("server.pem");
  }

  Start start() {
    Path log = beside.resolve(node.map(name -> "log-" + name).orElse("log"));
    Start start =
        Start.command(log, "serve", "--config", config().toString())
            .under(prefix.toArray(String[]::new));
    return node.isEmpty()
        ? start
        : start.with("STRONGROOM_NODE", node.get()).with("STRONGROOM_DATA", data.toString());
  }

  RunningServer serve() throws IOException {
    return serve(start());
  }

  RunningServer serve(Start start) throws IOException {
    return RunningServer.serve(start, settings.deepCopy());
  }

  /** A command of the jar that gets {@code --data}. */
  Finished run(String... words) throws IOException {
    String[] line = Arrays.copyOf(words, words.length + 2);
    line[words.length] = "--data";
    line[words.length + 1] = data.toString();
    Path log = Files.createTempDirectory(beside, "command").resolve("log");
    return RunningServer.run(
        Start.command(log, line)
            .withJava("-XX:TieredStopAtLevel=1")
            .under(prefix.toArray(String[]::new)));
  }

  /** A vault in which the application may do everything with data. */
  static void makeVault(RunningServer server, String name) {
    succeed(arm(server, "PUT", group(server), "{\"location\":\"local\"}"));
    succeed(arm(server, "PUT", vault(server, name), vaultBody(server)));
    assign(
        server,
        vault(server, name),
        BuiltInRole.KEY_VAULT_ADMINISTRATOR,
        server.setting("objectId"));
  }

  /** The resource id of a vault. */
  static String vault(RunningServer server, String name) {
    return group(server) + "/providers/Microsoft.KeyVault/vaults/" + name;
  }

  static String vaultBody(RunningServer server) {
    return ("{\"location\":\"local\",\"properties\":{\"tenantId\":\"%s\","
            + "\"enableRbacAuthorization\":true,"
            + "\"sku\":{\"family\":\"A\",\"name\":\"standard\"}}}")
        .formatted(server.setting("tenantId"));
  }

  /** Gives a role; answers the assignment's id. */
  static String assign(RunningServer server, String scope, BuiltInRole role, String principal) {
    String id = UUID.randomUUID().toString();
    succeed(
        arm(
            server,
            "PUT",
            scope + "/providers/Microsoft.Authorization/roleAssignments/" + id,
            ("{\"properties\":{\"roleDefinitionId\":"
                    + "\"/subscriptions/%s/providers/Microsoft.Authorization/roleDefinitions/%s\","
                    + "\"principalId\":\"%s\",\"principalType\":\"ServicePrincipal\"}}")
                .formatted(server.setting("subscriptionId"), role.id().guid(), principal)));
    return id;
  }

  /** Asks the management host as the first application. */
  static Answer arm(RunningServer server, String method, String path, String body) {
    return server.send(
        HttpRequest.newBuilder(
                URI.create(
                    server.setting("armUrl")
                        + path
                        + (path.indexOf('?') < 0 ? '?' : '&')
                        + "api-version="
                        + (path.contains("Microsoft.Authorization") ? ROLES : RESOURCES)))
            .header("Authorization", "Bearer " + server.token("management"))
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body)));
  }

  private static String group(RunningServer server) {
    return "/subscriptions/" + server.setting("subscriptionId") + "/resourceGroups/rg";
  }

  private static void succeed(Answer answer) {
    if (answer.status() > 299) {
      throw new AssertionError(answer.status() + " " + answer.body());
    }
  }
}
