package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.it.RunningServer.Answer;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real server tells those who watch it: health with reasons, and metrics for Prometheus. */
class WatchIT {
  private static final Path PROMETHEUS = Path.of("/usr/bin/prometheus");
  private static final Path PROMTOOL = Path.of("/usr/bin/promtool");

  @TempDir private static Path folder;

  private static ServeFolder installation;
  private static RunningServer server;

  @BeforeAll
  static void serve() throws Exception {
    installation =
        ServeFolder.init(
            folder,
            folder.resolve("data"),
            """
            audit.reserveMebibytes = 1
            [[audit.ship]]
            name = "copy"
            to = "file"
            path = "%s"
            """
                .formatted(folder.resolve("audit.jsonl")));
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
            "keyvault_service_api_hit_total{activity_name=\"secretget\",activity_type=\"secret\"} 2.0",
            "keyvault_service_api_result_total{activity_name=\"secretget\",activity_type=\"secret\","
                + "status_code=\"404\",status_code_class=\"4xx\"} 1.0",
            "keyvault_service_api_latency_seconds_count{activity_name=\"secretset\"",
            "keyvault_availability_ratio 1.0",
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
                  + "/api/v1/query?query=keyvault_service_api_hit_total%7Bactivity_name%3D%22secretget%22%7D");
      RunningServer.await(
          "prometheus has scraped",
          Duration.ofSeconds(60),
          () -> {
            try {
              Answer answer = server.sending(HttpRequest.newBuilder(query));
              return answer.status() == 200
                  && answer.json().at("/data/result/0/value/1").asString("").equals("2");
            } catch (java.io.IOException e) {
              // it does not listen yet
              return false;
            }
          });
    } finally {
      prometheus.destroyForcibly();
      assertThat(prometheus.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
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
    assertThat(
            installation.run("unseal", "--key-file", installation.keyFile().toString()).code())
        .isZero();
    assertThat(admin("/ready").status()).isEqualTo(200);
  }
}
