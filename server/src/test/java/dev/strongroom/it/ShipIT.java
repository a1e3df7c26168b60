package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.it.RunningServer.Answer;
import dev.strongroom.it.RunningServer.Finished;
import dev.strongroom.it.RunningServer.Start;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's rsyslog takes the audit trail over TLS while it is restarted; a file takes it as well. */
class ShipIT {
  private static final Path RSYSLOGD = Path.of("/usr/sbin/rsyslogd");
  private static final Pattern NUMBER = Pattern.compile("^\\[strongroom@32473 seq=\"(\\d+)\" ");
  private static final Pattern LINE = Pattern.compile("^\\{\"properties\":\\{\"seq\":(\\d+),");
  private static final int READS = 400;

  @TempDir Path folder;

  private Path received;
  private Path settings;
  private Process rsyslog;

  @Test
  void records_rsyslogRestartedInTheMiddle_allArriveAndArePrunedOnlyThen() throws Exception {
    assumeTrue(
        Files.isExecutable(RSYSLOGD) && hasTls() && Files.isExecutable(Path.of("/usr/bin/openssl")),
        "rsyslog, its TLS or openssl is not here (Debian packages rsyslog, rsyslog-gnutls, openssl)");
    int port = prepareRsyslog();
    Path copy = folder.resolve("collector").resolve("audit.jsonl");
    Files.createDirectories(copy.getParent());
    ServeFolder installation =
        ServeFolder.init(
            folder.resolve("strongroom"),
            folder.resolve("strongroom").resolve("data"),
            """
            audit.reserveMebibytes = 1
            audit.segmentMebibytes = 1
            [[audit.ship]]
            name = "siem"
            to = "syslog"
            host = "localhost"
            port = %d
            authorities = "%s"
            [[audit.ship]]
            name = "collector"
            to = "file"
            path = "%s"
            """
                .formatted(port, folder.resolve("rsyslog.pem"), copy));
    startRsyslog();
    String data = installation.data().toString();
    try (RunningServer server = installation.serve();
        Commands commands = new Commands(Start.command(folder.resolve("commands")))) {
      ServeFolder.makeVault(server, "dev");
      assertThat(server.secret("PUT", "/secrets/one", "{\"value\":\"v\"}").status())
          .isEqualTo(200);
      read(server);
      await(server, "siem", 0);

      // it is told to end in the middle of the load
      CompletableFuture<Void> load = CompletableFuture.runAsync(() -> read(server));
      RunningServer.await(
          "some arrives", Duration.ofSeconds(20), () -> numbers(received, NUMBER).size() > 200);
      rsyslog.destroy();
      assertThat(rsyslog.waitFor(20, TimeUnit.SECONDS)).isTrue();
      load.get(60, TimeUnit.SECONDS);
      read(server);
      RunningServer.await(
          "the backlog is seen",
          Duration.ofSeconds(20),
          () ->
              backlog(server, "siem") >= READS
                  && status(commands, data).matches("(?s).*\"siem\"[^}]*\"trouble\" : \".*"));
      String status = status(commands, data);
      long before = firstRecord(installation);
      assertThat(commands.run("audit", "prune", "--mebibytes", "1", "--data", data).code()).isZero();
      assertThat(oldestUnshipped(status)).isGreaterThanOrEqualTo(firstRecord(installation));
      startRsyslog();
      await(server, "siem", 0);

      // and it is killed in the middle
      long shipped = numbers(received, NUMBER).size();
      load = CompletableFuture.runAsync(() -> read(server));
      RunningServer.await(
          "some more arrives",
          Duration.ofSeconds(20),
          () -> numbers(received, NUMBER).size() > shipped);
      rsyslog.destroyForcibly();
      assertThat(rsyslog.waitFor(20, TimeUnit.SECONDS)).isTrue();
      load.get(60, TimeUnit.SECONDS);
      startRsyslog();
      await(server, "siem", 0);
      await(server, "collector", 0);

      long last = records(server);
      assertThat(last).isGreaterThan(4 * READS);
      Set<Long> all = LongStream.rangeClosed(1, last).boxed().collect(Collectors.toSet());
      assertThat(numbers(received, NUMBER)).containsAll(all);
      assertThat(numbers(copy, LINE)).containsAll(all);

      assertThat(commands.run("audit", "prune", "--mebibytes", "1", "--data", data).code()).isZero();
      assertThat(firstRecord(installation)).isGreaterThan(before);
      Finished verified = commands.run("audit", "verify", "--data", data);
      assertThat(verified.out()).contains("clean: ", "pruned: records 1 to ");
      assertThat(verified.code()).isZero();
    } catch (AssertionError e) {
      throw new AssertionError(Files.readString(folder.resolve("rsyslog.out")), e);
    } finally {
      if (rsyslog != null) {
        rsyslog.destroyForcibly();
        assertThat(rsyslog.waitFor(20, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  private static String status(Commands commands, String data) {
    try {
      return commands.run("status", "--data", data).out();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void read(RunningServer server) {
    for (int i = 0; i < READS; i++) {
      assertThat(server.secret("GET", "/secrets/one", null).status()).isEqualTo(200);
    }
  }

  private static boolean hasTls() throws IOException {
    try (Stream<Path> libraries = Files.walk(Path.of("/usr/lib"), 3)) {
      return libraries.anyMatch(file -> file.endsWith("rsyslog/lmnsd_gtls.so"));
    }
  }

  private int prepareRsyslog() throws Exception {
    // not by the JDK, whose EC keys lack their public part, and GnuTLS does not take them
    Process made =
        new ProcessBuilder(
                ("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
                        + " -keyout rsyslog.key -out rsyslog.pem -days 2 -subj /CN=localhost"
                        + " -addext subjectAltName=DNS:localhost")
                    .split(" "))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("openssl.out").toFile())
            .start();
    assertThat(made.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(made.exitValue()).isZero();
    received = folder.resolve("received");
    int port = RunningServer.freePort();
    settings =
        Files.writeString(
            folder.resolve("rsyslog.conf"),
            """
            global(workDirectory="%1$s" maxMessageSize="64k" defaultNetstreamDriver="gtls"
              defaultNetstreamDriverCAFile="%1$s/rsyslog.pem"
              defaultNetstreamDriverCertFile="%1$s/rsyslog.pem"
              defaultNetstreamDriverKeyFile="%1$s/rsyslog.key")
            main_queue(queue.type="Direct")
            module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1"
              streamDriver.authMode="anon")
            template(name="all" type="string" string="%%structured-data%% %%msg%%\\n")
            input(type="imtcp" port="%2$d" address="127.0.0.1")
            action(type="omfile" file="%1$s/received" template="all")
            """
                .formatted(folder, port));
    return port;
  }

  private void startRsyslog() throws IOException {
    Files.deleteIfExists(folder.resolve("rsyslog.pid"));
    rsyslog =
        new ProcessBuilder(
                RSYSLOGD.toString(),
                "-n",
                "-f",
                settings.toString(),
                "-i",
                folder.resolve("rsyslog.pid").toString())
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(folder.resolve("rsyslog.out").toFile()))
            .start();
  }

  private static Set<Long> numbers(Path file, Pattern at) {
    Set<Long> numbers = new HashSet<>();
    try {
      if (Files.exists(file)) {
        for (String line : Files.readAllLines(file)) {
          Matcher found = at.matcher(line);
          if (found.find()) {
            numbers.add(Long.parseLong(found.group(1)));
          }
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return numbers;
  }

  private static String metrics(RunningServer server) {
    Answer answer =
        server.send(HttpRequest.newBuilder(URI.create(server.setting("adminUrl") + "/metrics")));
    assertThat(answer.status()).isEqualTo(200);
    return answer.body();
  }

  private static long sample(RunningServer server, String name) {
    return metrics(server)
        .lines()
        .filter(line -> line.startsWith(name + ' '))
        .map(line -> (long) Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is not there"));
  }

  private static long records(RunningServer server) {
    return sample(server, "strongroom_audit_records_total");
  }

  private static long backlog(RunningServer server, String destination) {
    return sample(server, "strongroom_audit_ship_backlog{destination=\"" + destination + "\"}");
  }

  private static void await(RunningServer server, String destination, long most) {
    RunningServer.await(
        destination + " has everything",
        Duration.ofSeconds(60),
        () -> backlog(server, destination) <= most);
  }

  /** The number of the first record that is in the data folder. */
  private static long firstRecord(ServeFolder installation) throws IOException {
    try (Stream<Path> files = Files.list(installation.data().resolve("audit"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".jsonl"))
          .mapToLong(name -> Long.parseLong(name.replaceAll("^.*-(\\d{18})\\.jsonl$", "$1")))
          .min()
          .orElseThrow();
    }
  }

  private static long oldestUnshipped(String status) {
    Matcher found =
        Pattern.compile("\"siem\".*?\"shippedUpTo\" : (\\d+)", Pattern.DOTALL).matcher(status);
    assertThat(found.find()).isTrue();
    return Long.parseLong(found.group(1)) + 1;
  }
}
