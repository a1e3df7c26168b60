package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.it.RunningServer.Answer;
import dev.strongroom.otlp.Receiver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a real server tells those who watch it: health with reasons, metrics for Prometheus, spans and lines
 * for an OpenTelemetry collector, JSON on standard error.
 */
class WatchIT {
  private static final Path PROMETHEUS = Path.of("/usr/bin/prometheus");
  private static final Path PROMTOOL = Path.of("/usr/bin/promtool");

  @TempDir private static Path folder;

  private static Receiver collector;
  private static ServeFolder installation;
  private static RunningServer server;

  @BeforeAll
  static void serve() throws Exception {
    collector = Receiver.start(0);
    installation =
        ServeFolder.init(
            folder,
            folder.resolve("data"),
            """
            audit.reserveMebibytes = 1
            log.format = "json"
            otlp.endpoint = "http://127.0.0.1:%d"
            [[audit.ship]]
            name = "copy"
            to = "file"
            path = "%s"
            """
                .formatted(collector.port(), folder.resolve("audit.jsonl")));
    server = installation.serve();
    ServeFolder.makeVault(server, "dev");
    String soon = Long.toString(System.currentTimeMillis() / 1000 + 86_400);
    assertThat(
            server
                .secret(
                    "PUT",
                    "/secrets/hidden-name",
                    "{\"value\":\"v\",\"attributes\":{\"exp\":" + soon + "}}")
                .status())
        .isEqualTo(200);
    assertThat(server.secret("GET", "/secrets/hidden-name", null).status()).isEqualTo(200);
    assertThat(server.secret("GET", "/secrets/not-there", null).status()).isEqualTo(404);
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
    collector.close();
  }

  private static Answer admin(String path) {
    return server.send(HttpRequest.newBuilder(URI.create(server.setting("adminUrl") + path)));
  }

  @Test
  void metrics_afterRequests_haveKeyVaultsOwnAndNoNames() {
    RunningServer.await(
        "what expires is counted",
        Duration.ofSeconds(20),
        () -> !admin("/metrics").body().contains("within_days=\"90\"} NaN"));
    String text = admin("/metrics").body();
    assertThat(text)
        .contains(
            "keyvault_service_api_hit_total{activity_name=\"secretset\",activity_type=\"secret\"} ",
            "keyvault_service_api_result_total{activity_name=\"secretget\",activity_type=\"secret\","
                + "status_code=\"404\",status_code_class=\"4xx\"} 1.0",
            "keyvault_service_api_latency_seconds_count{activity_name=\"secretset\"",
            "keyvault_saturation_shoebox_ratio 0.0",
            "strongroom_expiring{collection=\"secrets\",within_days=\"7\"} 1.0",
            "strongroom_expiring{collection=\"secrets\",within_days=\"0\"} 0.0",
            "strongroom_expiring{collection=\"certificates\",within_days=\"90\"} 0.0")
        .doesNotContain("hidden-name", "not-there");
    assertThat(Double.parseDouble(sample(text, "strongroom_store_cache_bytes"))).isPositive();
    assertThat(Double.parseDouble(sample(text, "strongroom_audit_records_total"))).isPositive();
    assertThat(Double.parseDouble(sample(text, "strongroom_store_journal_records_total")))
        .isPositive();
    assertThat(sample(text, "strongroom_audit_owing")).isEqualTo("0.0");
    assertThat(Double.parseDouble(sample(text, "keyvault_availability_ratio"))).isBetween(0.1, 1.0);
  }

  @Test
  void backup_thatWasMade_isInTheMetrics() throws Exception {
    assertThat(sample(admin("/metrics").body(), "strongroom_backup_timestamp_seconds"))
        .isEqualTo("0.0");
    Path phrase = Files.writeString(folder.resolve("phrase"), "words that nobody guesses\n");
    long before = System.currentTimeMillis() / 1000;
    assertThat(
            installation
                .run(
                    "backup",
                    folder.resolve("everything.age").toString(),
                    "--passphrase-file",
                    phrase.toString())
                .code())
        .isZero();
    assertThat(
            Double.parseDouble(
                sample(admin("/metrics").body(), "strongroom_backup_timestamp_seconds")))
        .isBetween((double) before, (double) before + 60);
  }

  private static String sample(String text, String name) {
    return text.lines()
        .filter(line -> line.startsWith(name + ' '))
        .map(line -> line.substring(name.length() + 1))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is not there: " + text));
  }

  @Test
  void metrics_ofTheServer_areTheDocumentsTable() throws Exception {
    String text = admin("/metrics").body();
    Pattern meaning = Pattern.compile("# HELP (\\S+) (.*)");
    Set<String> rows = new TreeSet<>();
    for (String line : text.lines().toList()) {
      Matcher found = meaning.matcher(line);
      if (found.matches() && found.group(1).matches("(keyvault|strongroom)_.*")) {
        rows.add("| `" + found.group(1) + "` | " + found.group(2) + " |");
      }
    }
    assertThat(Files.readString(Path.of("..", "docs", "OPERATING.md")).lines())
        .filteredOn(line -> line.matches("\\| `(keyvault|strongroom)_.*"))
        .containsExactlyElementsOf(rows);
  }

  @Test
  void metrics_promtool_findsNothingWrong() throws Exception {
    assumeTrue(Files.isExecutable(PROMTOOL), "promtool is not here (Debian package prometheus)");
    Path text = Files.writeString(folder.resolve("metrics.txt"), admin("/metrics").body());
    Path said = folder.resolve("promtool.out");
    Process check =
        new ProcessBuilder(PROMTOOL.toString(), "check", "metrics")
            .redirectInput(text.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    assertThat(check.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(said)).isEmpty();
    assertThat(check.exitValue()).isZero();
  }

  @Test
  void metrics_prometheus_scrapesThem() throws Exception {
    assumeTrue(Files.isExecutable(PROMETHEUS), "prometheus is not here (Debian package)");
    URI admin = URI.create(server.setting("adminUrl"));
    Path settings =
        Files.writeString(
            folder.resolve("prometheus.yml"),
            """
            global:
              scrape_interval: 1s
            scrape_configs:
              - job_name: strongroom
                static_configs:
                  - targets: ["%s"]
            """
                .formatted(admin.getAuthority()));
    int port = RunningServer.freePort();
    Process prometheus =
        new ProcessBuilder(
                PROMETHEUS.toString(),
                "--config.file=" + settings,
                "--storage.tsdb.path=" + folder.resolve("prometheus"),
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("prometheus.out").toFile())
            .start();
    try {
      URI query =
          URI.create(
              "http://127.0.0.1:"
                  + port
                  + "/api/v1/query?query=keyvault_service_api_result_total%7Bstatus_code%3D%22404%22%7D");
      RunningServer.await(
          "prometheus has scraped",
          Duration.ofSeconds(60),
          () -> {
            try {
              Answer answer = server.sending(HttpRequest.newBuilder(query));
              return answer.status() == 200
                  && answer.json().at("/data/result/0/value/1").asString("").equals("1");
            } catch (IOException e) {
              // it does not listen yet
              return false;
            }
          });
    } finally {
      prometheus.destroyForcibly();
      assertThat(prometheus.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static Answer traced(String path, String traceId) {
    return server.send(
        server
            .vaultRequest("GET", path, null)
            .header("traceparent", "00-" + traceId + "-00f067aa0ba902b7-01"));
  }

  private static Receiver.Told spanOf(String traceId) {
    Receiver.Told[] found = new Receiver.Told[1];
    RunningServer.await(
        "the span of " + traceId,
        Duration.ofSeconds(40),
        () -> {
          found[0] =
              collector.spans().stream()
                  .filter(one -> one.traceId().equals(traceId))
                  .findFirst()
                  .orElse(null);
          return found[0] != null;
        });
    return found[0];
  }

  @Test
  void span_ofARequest_isTheClientsAndNamesNoObject() throws Exception {
    String trace = "11111111111111111111111111111111";
    Answer answer = traced("/secrets/hidden-name", trace);
    assertThat(answer.status()).isEqualTo(200);
    Receiver.Told span = spanOf(trace);
    String id = answer.header("x-ms-request-id").orElseThrow();
    assertThat(span.name()).isEqualTo("SecretGet");
    assertThat(span.parent()).isEqualTo("00f067aa0ba902b7");
    assertThat(span.attributes())
        .isEqualTo(
            Map.of(
                "http.request.method", "GET",
                "http.response.status_code", "200",
                "azure.service.request.id", id,
                "strongroom.api_version", RunningServer.SECRETS,
                "strongroom.vault", "dev"));
    assertThat(collector.spans().toString() + collector.lines()).doesNotContain("hidden-name");
    RunningServer.await(
        "its audit record",
        Duration.ofSeconds(20),
        () -> trail().contains("\"requestId\":\"" + id + '"'));
    RunningServer.await(
        "the metric",
        Duration.ofSeconds(20),
        () ->
            Double.parseDouble(
                    sample(admin("/metrics").body(), "strongroom_otlp_sent_total{signal=\"traces\"}"))
                > 0);
  }

  private static String trail() {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.walk(installation.data().resolve("audit"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.append(Files.readString(file, StandardCharsets.ISO_8859_1));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all.toString();
  }

  @Test
  void collector_away_keepsNobodyWaitingAndIsToldAfterwards() throws Exception {
    int port = collector.port();
    collector.close();
    for (int i = 0; i < 200; i++) {
      assertThat(server.secret("GET", "/secrets/hidden-name", null).status()).isEqualTo(200);
    }
    collector = Receiver.start(port);
    String trace = "22222222222222222222222222222222";
    assertThat(traced("/secrets/hidden-name", trace).status()).isEqualTo(200);
    assertThat(spanOf(trace).name()).isEqualTo("SecretGet");
  }

  @Test
  void log_ofARequestThatFails_isJsonWithItsIdAndTrace() throws Exception {
    assertThat(server.secret("PUT", "/secrets/broken", "{\"value\":\"v\"}").status()).isEqualTo(200);
    try (Connection database =
            DriverManager.getConnection(
                "jdbc:sqlite:" + installation.data().resolve("strongroom.db"));
        Statement statement = database.createStatement()) {
      statement.execute("pragma busy_timeout = 10000");
      statement.executeUpdate(
          "update version set tags = '{' where object ="
              + " (select row_id from object where name = 'broken')");
    }
    String trace = "33333333333333333333333333333333";
    Answer answer = traced("/secrets/broken/versions", trace);
    assertThat(answer.status()).isEqualTo(500);
    assertThat(
            Double.parseDouble(sample(admin("/metrics").body(), "strongroom_integrity_findings")))
        .isPositive();
    String id = answer.header("x-ms-request-id").orElseThrow();
    JsonMapper json = JsonMapper.builder().build();
    List<JsonNode> lines = server.err().lines().map(json::readTree).toList();
    assertThat(lines)
        .filteredOn(line -> line.path("requestId").asString("").equals(id))
        .isNotEmpty()
        .allSatisfy(
            line -> {
              assertThat(line.path("level").asString()).isEqualTo("ERROR");
              assertThat(line.path("node").asString()).isEqualTo("node-1");
              assertThat(line.path("traceId").asString()).isEqualTo(trace);
            });
    Receiver.Told span = spanOf(trace);
    RunningServer.await(
        "the line at the collector",
        Duration.ofSeconds(40),
        () ->
            collector.lines().stream()
                .anyMatch(
                    line ->
                        line.traceId().equals(trace)
                            && line.spanId().equals(span.spanId())
                            && id.equals(line.attributes().get("azure.service.request.id"))));
  }

  @Test
  void ready_sealed_saysSo() throws Exception {
    assertThat(admin("/ready").body()).isEqualTo("ready\n");
    assertThat(admin("/sealed").status()).isEqualTo(200);
    assertThat(installation.run("seal").code()).isZero();
    assertThat(admin("/ready").status()).isEqualTo(503);
    assertThat(admin("/ready").body()).isEqualTo("not ready: sealed\n");
    assertThat(admin("/sealed").status()).isEqualTo(503);
    assertThat(admin("/live").status()).isEqualTo(200);
    assertThat(sample(admin("/metrics").body(), "strongroom_sealed")).isEqualTo("1.0");
    assertThat(sample(admin("/metrics").body(), "strongroom_ready")).isEqualTo("0.0");
    assertThat(
            installation.run("unseal", "--key-file", installation.keyFile().toString()).code())
        .isZero();
    assertThat(admin("/ready").status()).isEqualTo(200);
    assertThat(sample(admin("/metrics").body(), "strongroom_ready")).isEqualTo("1.0");
  }
}
