package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.it.RunningServer.Finished;
import dev.strongroom.it.RunningServer.Start;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code dev} as somebody meets it who has just cloned the project. */
class DevIT {
  @TempDir Path folder;

  @Test
  void dev_seededAndRestarted_keepsEverythingAndSetsNothingTwice() throws IOException {
    Path data = folder.resolve("data");
    Path seed = folder.resolve("seed.json");
    Files.writeString(
        seed,
        """
        {"secrets": {"plain": "one", "whole": {"value": "two", "contentType": "text/x",
         "tags": {"a": "b"}, "attributes": {"exp": 4102444800}},
         "off": {"value": "three", "attributes": {"enabled": false}}}}
        """);
    String first;
    String secret;
    try (RunningServer server = RunningServer.dev(data, "--seed", seed.toString())) {
      assertThat(server.out().lines()).hasSize(1);
      List<String> members = new ArrayList<>(server.settings().propertyNames());
      assertThat(members)
          .containsExactly(
              "vaultUrl", "vaultName", "localUrl", "authorityHost", "tenantId", "clientId",
              "clientSecret", "objectId", "caFile", "armUrl", "subscriptionId", "resourceGroup",
              "location", "pid", "dataDir");
      assertThat(server.settings().path("pid").asLong()).isEqualTo(server.pid());
      assertThat(Files.getPosixFilePermissions(data))
          .isEqualTo(PosixFilePermissions.fromString("rwx------"));
      for (String name : List.of("credentials.json", "slot.key", "tls/server.key")) {
        assertThat(Files.getPosixFilePermissions(data.resolve(name)))
            .as(name)
            .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      }
      JsonNode whole = server.secret("GET", "/secrets/whole", null).json();
      assertThat(whole.path("value").asString()).isEqualTo("two");
      assertThat(whole.path("contentType").asString()).isEqualTo("text/x");
      assertThat(whole.path("tags").path("a").asString()).isEqualTo("b");
      assertThat(whole.path("attributes").path("exp").asLong()).isEqualTo(4102444800L);
      assertThat(server.secret("GET", "/secrets/off", null).errorCode()).isEqualTo("Forbidden");
      first = whole.path("id").asString();
      secret = server.setting("clientSecret");
      Finished second =
          RunningServer.run("dev", "--data", data.toString(), "--port", "" + server.port());
      assertThat(second.code()).isEqualTo(1);
      assertThat(second.out()).isEmpty();
      assertThat(second.err())
          .isEqualTo("strongroom: another process is using the folder " + data + "\n");
      assertThat(server.stop()).isZero();
      assertThat(server.out().lines()).as("to the end").hasSize(1);
      assertThat(data.resolve("control.sock")).doesNotExist();
    }
    try (RunningServer server =
        RunningServer.dev(data, "--seed", seed.toString(), "--vault", "kv1", "--vault", "kv2")) {
      assertThat(server.setting("clientSecret")).isEqualTo(secret);
      assertThat(server.setting("vaultName")).isEqualTo("kv1");
      String old = "https://dev.vault.localhost:" + server.port();
      HttpRequest.Builder request =
          HttpRequest.newBuilder(
                  URI.create(old + "/secrets/whole?api-version=" + RunningServer.SECRETS))
              .header("Authorization", "Bearer " + server.token("vault"));
      assertThat(path(server.send(request).json().path("id").asString())).isEqualTo(path(first));
      assertThat(server.secret("GET", "/secrets/plain", null).status()).isEqualTo(200);
      request =
          HttpRequest.newBuilder(
                  URI.create(
                      "https://kv2.vault.localhost:"
                          + server.port()
                          + "/secrets?api-version="
                          + RunningServer.SECRETS))
              .header("Authorization", "Bearer " + server.token("vault"));
      assertThat(server.send(request).status()).isEqualTo(200);
      server.kill();
    }
    Files.writeString(seed, Files.readString(seed).replace("\"b\"", "\"c\""));
    try (RunningServer server = RunningServer.dev(data, "--seed", seed.toString())) {
      for (String name : List.of("whole", "plain", "off")) {
        assertThat(
                server
                    .secret("GET", "/secrets/" + name + "/versions", null)
                    .json()
                    .path("value"))
            .as(name)
            .hasSize(name.equals("whole") ? 2 : 1);
      }
      JsonNode changed = server.secret("GET", "/secrets/whole", null).json();
      assertThat(changed.path("tags").path("a").asString()).isEqualTo("c");
      assertThat(server.stop()).isZero();
    }
    Finished verified = RunningServer.run("audit", "verify", "--data", data.toString());
    assertThat(verified.out()).startsWith("clean: ");
    assertThat(verified.code()).isZero();
  }

  @Test
  void dev_anotherDomain_isServedWithACertificateOfItsOwn() throws IOException {
    Path data = folder.resolve("data");
    String before;
    try (RunningServer server = RunningServer.dev(data)) {
      assertThat(server.secret("PUT", "/secrets/a", "{\"value\":\"v\"}").status()).isEqualTo(200);
      before = Files.readString(Path.of(server.setting("caFile")));
      assertThat(server.stop()).isZero();
    }
    Path hosts = folder.resolve("hosts");
    Files.writeString(
        hosts, "127.0.0.1 dev.vault.example.test login.example.test management.example.test\n");
    try (RunningServer server = RunningServer.dev(data, "--domain", "example.test")) {
      assertThat(server.setting("vaultUrl"))
          .isEqualTo("https://dev.vault.example.test:" + server.port());
      assertThat(Files.readString(Path.of(server.setting("caFile")))).isNotEqualTo(before);
      Finished shown =
          RunningServer.run(
              Start.command(
                      folder.resolve("show"),
                      "secret", "show", "--data", data.toString(), "-n", "a", "-o", "tsv")
                  .withJava("-Djdk.net.hosts.file=" + hosts));
      assertThat(shown.err()).isEmpty();
      assertThat(shown.out())
          .startsWith("https://dev.vault.example.test:" + server.port() + "/secrets/a/")
          .contains("\tv\t");
      assertThat(server.stop()).isZero();
    }
  }

  @Test
  void devEphemeral_stoppedOrKilled_leavesNothing() throws IOException {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Path stopped;
    try (RunningServer server = RunningServer.dev(ephemeral(temporary, "first"))) {
      stopped = server.data();
      assertThat(stopped).startsWith(temporary);
      assertThat(server.secret("PUT", "/secrets/a", "{\"value\":\"v\"}").status()).isEqualTo(200);
      Finished verified = RunningServer.run("audit", "verify", "--data", stopped.toString());
      assertThat(verified.out()).as("the same store and trail").startsWith("clean: ");
      assertThat(server.stop()).isZero();
    }
    assertThat(stopped.getParent()).doesNotExist();
    Path killed;
    try (RunningServer server = RunningServer.dev(ephemeral(temporary, "second"))) {
      killed = server.data();
      server.kill();
    }
    assertThat(killed).exists();
    try (RunningServer server = RunningServer.dev(ephemeral(temporary, "third"))) {
      assertThat(killed.getParent()).doesNotExist();
      assertThat(server.data()).exists();
    }
  }

  @Test
  void dev_portInUse_saysSoAndLeavesNothing() throws IOException {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Finished ended =
          RunningServer.run(
              Start.command(
                      folder.resolve("log"),
                      "dev", "--ephemeral", "--port", "" + taken.getLocalPort())
                  .with("TMPDIR", temporary.toString()));
      assertThat(ended.code()).isEqualTo(1);
      assertThat(ended.out()).isEmpty();
      assertThat(ended.err().lines()).hasSize(1);
      assertThat(ended.err())
          .startsWith("strongroom: cannot listen on 127.0.0.1:" + taken.getLocalPort())
          .contains("--port 0");
    }
    try (var left = Files.walk(temporary)) {
      assertThat(left.filter(path -> path.getFileName().toString().startsWith("dev-"))).isEmpty();
    }
  }

  @Test
  void dev_textOutputOnAnotherAddress_helpsAndListensThereAlone() throws IOException {
    Path data = folder.resolve("data");
    Start start =
        Start.command(
            folder.resolve("log"),
            "dev", "--data", data.toString(), "--port", "0", "--listen", "127.0.0.2");
    Process process = start.process();
    try {
      RunningServer.await(
          "the welcome is there",
          Duration.ofSeconds(60),
          () -> {
            try {
              return Files.readString(start.out()).contains("Ctrl-C") || !process.isAlive();
            } catch (IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
          });
      String text = Files.readString(start.out());
      assertThat(text.lines()).noneMatch(line -> line.startsWith("{"));
      assertThat(text).contains("Strongroom is ready", "AZURE_TENANT_ID", "--data " + data);
      Matcher url = Pattern.compile("https://dev\\.vault\\.localhost:(\\d+)").matcher(text);
      assertThat(url.find()).isTrue();
      int port = Integer.parseInt(url.group(1));
      new Socket("127.0.0.2", port).close();
      assertThatThrownBy(() -> new Socket("127.0.0.1", port).close())
          .isInstanceOf(ConnectException.class);
    } finally {
      process.destroy();
      RunningServer.await("it stops", Duration.ofSeconds(40), () -> !process.isAlive());
    }
    assertThat(process.exitValue()).isZero();
  }

  @Test
  void dev_whatCannotBe_isRefusedInOneLine() throws IOException {
    Path seed = Files.writeString(folder.resolve("seed.json"), "{\"secrets\":{\"a\":{}}}");
    Path file = Files.writeString(folder.resolve("file"), "x");
    String data = folder.resolve("data").toString();
    for (List<String> line :
        List.of(
            List.of("dev", "--data", data, "--port", "0", "--listen", "nowhere.invalid"),
            List.of("dev", "--data", data, "--port", "0", "--seed", seed.toString()),
            List.of("dev", "--data", data, "--port", "0", "--seed", "/nowhere/seed"),
            List.of("dev", "--data", data, "--port", "70000"),
            List.of("dev", "--data", data, "--port", "0", "--vault", "a_b"),
            List.of("dev", "--data", data, "--port", "0", "--domain", "a b"),
            List.of("dev", "--data", file.toString(), "--port", "0"),
            List.of("dev", "--ephemeral", "--data", data),
            List.of("status", "--data", data),
            List.of("audit", "verify", "--data", data + "-none"))) {
      Finished ended = RunningServer.run(line.toArray(String[]::new));
      assertThat(ended.code()).as("%s", line).isEqualTo(1);
      assertThat(ended.out()).as("%s", line).isEmpty();
      assertThat(ended.err().lines()).as("%s: %s", line, ended.err()).hasSize(1);
      assertThat(ended.err()).startsWith("strongroom: ");
    }
  }

  private Start ephemeral(Path temporary, String log) {
    return Start.command(
            folder.resolve(log), "dev", "--ephemeral", "--port", "0", "--print", "json")
        .with("TMPDIR", temporary.toString());
  }

  private static String path(String url) {
    return URI.create(url).getPath();
  }
}
