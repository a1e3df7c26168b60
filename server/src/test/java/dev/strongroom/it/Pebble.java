package dev.strongroom.it;

import dev.strongroom.crypto.X509;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Let's Encrypt's own test authority with its name server, on loopback. It asks for bound accounts,
 * refuses one nonce in five, refuses {@link #BLOCKED}, looks for challenges at a port of ours and issues
 * for a quarter of an hour.
 */
final class Pebble implements AutoCloseable {
  static final String BLOCKED = "blocked.example.test";
  static final String ACCOUNT = "kid-1";
  static final String ACCOUNT_KEY = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";

  private static final String VERSION = "v2.10.1";
  private static final Path PROGRAMS =
      Path.of("").toAbsolutePath().resolve("target").resolve("pebble-" + VERSION);

  private final Path folder;
  private final int port = RunningServer.freePort();
  private final int management = RunningServer.freePort();
  private final int names = RunningServer.freePort();
  private final int nameManagement = RunningServer.freePort();
  private final List<Process> processes = new ArrayList<>();

  private Pebble(Path folder) throws IOException {
    this.folder = folder;
  }

  static boolean hasGo() throws IOException {
    try {
      return run(Path.of("/dev/null"), Map.of(), "go", "version") == 0;
    } catch (IOException e) {
      return false;
    }
  }

  static Pebble start(Path folder, int challengePort) throws IOException {
    if (!Files.exists(PROGRAMS.resolve("pebble"))
        || !Files.exists(PROGRAMS.resolve("pebble-challtestsrv"))) {
      Path log = folder.resolve("go.log");
      String at = "github.com/letsencrypt/pebble/v2/cmd/";
      int code =
          run(
              log,
              Map.of("GOBIN", PROGRAMS.toString()),
              "go",
              "install",
              at + "pebble@" + VERSION,
              at + "pebble-challtestsrv@" + VERSION);
      if (code != 0) {
        throw new AssertionError("go install failed: " + Files.readString(log));
      }
    }
    Pebble pebble = new Pebble(folder);
    pebble.certify();
    Files.writeString(
        folder.resolve("pebble.json"),
        """
        {"pebble":{"listenAddress":"127.0.0.1:%d","managementListenAddress":"127.0.0.1:%d",
          "certificate":"%s","privateKey":"%s","httpPort":%d,"tlsPort":%d,
          "externalAccountBindingRequired":true,"externalAccountMACKeys":{"%s":"%s"},
          "domainBlocklist":["%s"],"retryAfter":{"authz":1,"order":1},
          "profiles":{"default":{"description":"a quarter of an hour","validityPeriod":900}}}}
        """
            .formatted(
                pebble.port,
                pebble.management,
                folder.resolve("pebble.pem"),
                folder.resolve("pebble.key"),
                challengePort,
                challengePort,
                ACCOUNT,
                ACCOUNT_KEY,
                BLOCKED));
    pebble.launch(
        "pebble-challtestsrv",
        "-dnsserver",
        "127.0.0.1:" + pebble.names,
        "-management",
        "127.0.0.1:" + pebble.nameManagement,
        "-defaultIPv6",
        "",
        "-http01",
        "",
        "-https01",
        "",
        "-tlsalpn01",
        "",
        "-doh",
        "");
    pebble.restart();
    return pebble;
  }

  /** Starts it, or once more: it has forgotten everything then, its authority as well. */
  void restart() throws IOException {
    if (processes.size() > 1) {
      end(processes.removeLast());
    }
    launch(
        "pebble",
        "-config",
        folder.resolve("pebble.json").toString(),
        "-dnsserver",
        "127.0.0.1:" + names);
    RunningServer.await("pebble answers", Duration.ofSeconds(20), this::isUp);
  }

  private boolean isUp() {
    try {
      Files.writeString(folder.resolve("pebble-root.pem"), root());
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Of the authority whose certificates it issues, in PEM. */
  String root() throws IOException {
    try (HttpClient http =
        HttpClient.newBuilder().sslContext(RunningServer.trusting(authorities())).build()) {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + management + "/roots/0"))
                  .timeout(Duration.ofSeconds(10))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      return answer.body();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  String directory() {
    return "https://127.0.0.1:" + port + "/dir";
  }

  /** Of the certificate it speaks TLS with. */
  Path authorities() {
    return folder.resolve("pebble-ca.pem");
  }

  Path rootFile() {
    return folder.resolve("pebble-root.pem");
  }

  /** A program that makes and removes records of its name server, and notes that it has. */
  Path hook(Path notes) throws IOException {
    Path hook = folder.resolve("hook");
    Files.writeString(
        hook,
        """
        #!/bin/sh
        set -e
        case "$1" in
          add) at=set-txt ;;
          remove) at=clear-txt ;;
          *) exit 2 ;;
        esac
        curl -sf -m 10 -d "{\\"host\\":\\"$2.\\",\\"value\\":\\"$3\\"}" http://127.0.0.1:%d/$at
        echo "$1 $2 $3" >> %s
        """
            .formatted(nameManagement, notes));
    if (!hook.toFile().setExecutable(true)) {
      throw new IOException("cannot be made a program: " + hook);
    }
    return hook;
  }

  private void certify() throws IOException {
    Instant from = Instant.now().minus(Duration.ofHours(1));
    Instant until = from.plus(Duration.ofDays(30));
    X509.Issued authority =
        X509.newAuthority(
            "Pebble's TLS", List.of("localhost"), List.of("127.0.0.0/8"), from, until);
    X509.Issued leaf =
        X509.newServerCertificate(
            authority,
            "Pebble",
            List.of("localhost"),
            List.of(InetAddress.getByAddress(new byte[] {127, 0, 0, 1})),
            from,
            until);
    Files.writeString(authorities(), authority.certificate().pem());
    Files.writeString(folder.resolve("pebble.pem"), leaf.certificate().pem());
    try (SecretBytes key = leaf.privateKeyPem()) {
      Files.write(folder.resolve("pebble.key"), key.exposed());
    }
  }

  private void launch(String program, String... words) throws IOException {
    List<String> line = new ArrayList<>(List.of(PROGRAMS.resolve(program).toString()));
    line.addAll(List.of(words));
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(folder.resolve(program + ".log").toFile()));
    builder.environment().put("PEBBLE_VA_NOSLEEP", "1");
    builder.environment().put("PEBBLE_WFE_NONCEREJECT", "20");
    builder.environment().put("PEBBLE_AUTHZREUSE", "0");
    processes.add(builder.start());
  }

  private static int run(Path log, Map<String, String> environment, String... line)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      if (!process.waitFor(300, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("does not end: " + String.join(" ", line));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    return process.exitValue();
  }

  private static void end(Process process) {
    process.destroyForcibly();
    process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    processes.forEach(Pebble::end);
  }
}
