package dev.strongroom.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Three {@code serve} nodes on one PostgreSQL, made as an operator makes them, behind {@link
 * RoundRobin}: whatever a client asks, its next request is answered by another node.
 */
final class NodesServer implements Server {
  static final int NODES = 3;
  private static final int SECONDS = 60;
  private static final Map<String, String> SHORT_LIVED =
      Map.of("STRONGROOM_JAVA_OPTS", "-XX:TieredStopAtLevel=1");
  private static final Pattern MADE = Pattern.compile("(\\w+Id) +(\\S+)");

  private final Path work;
  private final Path made;
  private final OwnPostgres database;
  private final List<Process> nodes = new ArrayList<>();
  private final Map<String, String> settings = new HashMap<>();
  private RoundRobin front;

  private NodesServer(Path work, Path made, OwnPostgres database) {
    this.work = work;
    this.made = made;
    this.database = database;
  }

  /** Their logs go to {@code work}; what they keep is gone at the end. */
  static NodesServer start(Path work) throws Exception {
    NodesServer server =
        new NodesServer(
            work, Files.createTempDirectory("strongroom-nodes-"), OwnPostgres.start());
    try {
      server.begin();
      return server;
    } catch (Exception e) {
      server.close();
      throw e;
    }
  }

  private void begin() throws Exception {
    int port = Ports.free("127.0.0.1");
    // each node has an address of its own and the port that clients see, as behind a balancer
    StringBuilder names =
        new StringBuilder(
            "san=dns:dev.vault.localhost,dns:other.vault.localhost,dns:login.localhost,"
                + "dns:management.localhost");
    for (int i = 0; i < NODES; i++) {
      names.append(",ip:").append(address(i));
    }
    Credentials.newCertificate(made, "front", "-ext", names.toString());
    Path config =
        Files.writeString(
            made.resolve("strongroom.toml"),
            """
            data = "unset"
            domain = "localhost"
            store = "postgres"
            postgres.url = "%s"
            postgres.user = "%s"
            unseal.keyFile = "slot.key"
            admin.port = 0
            audit.reserveMebibytes = 1
            audit.segmentMebibytes = 1
            keys.symmetric = true
            [[listeners]]
            address = "unset"
            port = %d
            certificate = "front.cer"
            key = "front.pem"
            """
                .formatted(database.url(), OwnPostgres.USER, port));
    Output init =
        Output.of(
                command(
                    "init",
                    "--config",
                    config.toString(),
                    "--admin-secret-out",
                    made.resolve("secret").toString()),
                made,
                environment(0),
                SECONDS)
            .mustSucceed();
    Matcher found = MADE.matcher(init.stdout());
    while (found.find()) {
      settings.put(found.group(1), found.group(2));
    }
    List<String> addresses = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      nodes.add(serve(config, i));
      addresses.add(address(i));
    }
    for (int i = 0; i < NODES; i++) {
      awaitReady(i);
    }
    front = RoundRobin.start(port, addresses, made.resolve("front.p12"), made.resolve("front.cer"));
    settings.put("vaultName", "dev");
    settings.put("resourceGroup", "dev");
    settings.put("location", "local");
    settings.put("vaultUrl", "https://dev.vault.localhost:" + port);
    settings.put("authorityHost", "https://login.localhost:" + port);
    settings.put("armUrl", "https://management.localhost:" + port);
    settings.put("caFile", made.resolve("front.cer").toString());
    settings.put("clientSecret", Files.readString(made.resolve("secret")).strip());
    settings.put("dataDir", data(0).toString());
    Map<String, String> environment = new HashMap<>(SHORT_LIVED);
    environment.putAll(environment());
    Output.of(
            command(
                "login",
                "--arm-url",
                get("armUrl"),
                "--ca-file",
                get("caFile"),
                "--tenant",
                get("tenantId"),
                "-u",
                get("clientId"),
                "--secret-file",
                made.resolve("secret").toString()),
            made,
            environment,
            SECONDS)
        .mustSucceed();
  }

  private static String address(int node) {
    return "127.0.0." + (node + 2);
  }

  private Path data(int node) {
    return made.resolve("data-" + node);
  }

  private static List<String> command(String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of(DevServer.launcher().toString()));
    command.addAll(List.of(words));
    return command;
  }

  private Map<String, String> environment(int node) {
    Map<String, String> environment = new HashMap<>(SHORT_LIVED);
    environment.put("STRONGROOM_NODE", "node-" + node);
    environment.put("STRONGROOM_DATA", data(node).toString());
    environment.put("STRONGROOM_LISTENERS_0_ADDRESS", address(node));
    return environment;
  }

  private Process serve(Path config, int node) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command("serve", "--config", config.toString()))
            .redirectErrorStream(true)
            .redirectOutput(log(node).toFile());
    builder.environment().putAll(environment(node));
    return builder.start();
  }

  private Path log(int node) {
    return work.resolve("node-" + node + ".log");
  }

  private void awaitReady(int node) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (!Files.readString(log(node)).contains("; listening on ")) {
      if (!nodes.get(node).isAlive() || System.nanoTime() > end) {
        throw new IOException("A node did not start:\n" + Files.readString(log(node)));
      }
      Thread.sleep(20);
    }
  }

  /** How many requests each node has answered. */
  List<Integer> answered() {
    return front.answered();
  }

  /** What goes over HTTPS is signed in; the rest asks the first node's socket. */
  @Override
  public List<String> options(String command) {
    return command.equals("app") ? List.of() : Server.super.options(command);
  }

  @Override
  public Map<String, String> environment() {
    return Map.of("STRONGROOM_HOME", made.resolve("home").toString());
  }

  @Override
  public String get(String name) {
    String value = settings.get(name);
    if (value == null) {
      throw new IllegalStateException("Nodes have no setting " + name);
    }
    return value;
  }

  @Override
  public void close() {
    if (front != null) {
      front.close();
    }
    nodes.forEach(Process::destroy);
    try {
      for (Process node : nodes) {
        if (!node.waitFor(SECONDS, TimeUnit.SECONDS)) {
          node.destroyForcibly();
          throw new IllegalStateException("A node did not stop on SIGTERM");
        }
      }
      database.stop();
      OwnPostgres.remove(made);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      nodes.forEach(Process::destroyForcibly);
      Thread.currentThread().interrupt();
    }
  }
}
