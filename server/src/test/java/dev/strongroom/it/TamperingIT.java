package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.it.RunningServer.Answer;
import dev.strongroom.it.RunningServer.Finished;
import dev.strongroom.model.BuiltInRole;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Somebody who can write to the data folder, but has no key, changes it behind the server's back:
 * what was changed is refused and reported, and what was not goes on.
 */
class TamperingIT {
  @TempDir Path folder;
  private Path data;
  private ServeFolder installation;

  @BeforeEach
  void install() throws IOException {
    data = folder.resolve("data");
    installation = ServeFolder.init(folder, data, "audit.reserveMebibytes = 1");
  }

  @Test
  void rows_changedWhileTheServerIsStopped_areRefusedAndReported() throws Exception {
    Reader reader;
    String assignment;
    try (RunningServer server = installation.serve()) {
      ServeFolder.makeVault(server, "dev");
      ServeFolder.makeVault(server, "other");
      for (String name : List.of("safe", "value", "attributes", "first", "second", "moved")) {
        set(server, name, "{\"value\":\"" + name + "\"}");
      }
      set(server, "off", "{\"value\":\"off\",\"attributes\":{\"enabled\":false}}");
      reader = Reader.make(server);
      assignment =
          ServeFolder.assign(
              server, ServeFolder.vault(server, "dev"), BuiltInRole.KEY_VAULT_READER, reader.id());
      assertThat(reader.get(server, "/secrets").status()).isEqualTo(200);
      assertThat(reader.get(server, "/secrets/safe").status()).isEqualTo(403);
      assertThat(server.stop()).isZero();
    }
    sql(
        "update rule set body = replace(body, '%s', '%s') where key = '%s'"
            .formatted(
                BuiltInRole.KEY_VAULT_READER.id().guid(),
                BuiltInRole.KEY_VAULT_ADMINISTRATOR.id().guid(),
                assignment),
        "update rule set body = replace(body, '\"retentionDays\":90', '\"retentionDays\":7')"
            + " where kind = 'container' and parent = 'vault/other'",
        "update version set value = " + aByteLess("value") + " where " + of("value"),
        "update version set enabled = 1 where " + of("off"),
        "update version set expires = 1 where " + of("attributes"),
        "create temp table kept as select value from version where " + of("first"),
        "update version set value = (select v.value from version v where v."
            + of("second")
            + ") where "
            + of("first"),
        "update version set value = (select value from kept) where " + of("second"),
        "update name set object = (select object from name where folded = 'safe')"
            + " where folded = 'moved'");

    try (RunningServer server = installation.serve()) {
      assertValue(server, "safe");
      for (String name : List.of("value", "attributes", "first", "second", "off", "moved")) {
        assertBroken(server.secret("GET", "/secrets/" + name, null), name);
        assertBroken(server.secret("PATCH", "/secrets/" + name, "{\"contentType\":\"t\"}"), name);
        assertBroken(server.secret("DELETE", "/secrets/" + name, null), name);
      }
      // a list that left them out would be believed
      assertBroken(server.secret("GET", "/secrets", null), "");
      assertThat(reader.get(server, "/secrets").status()).isEqualTo(403);
      assertThat(reader.get(server, "/secrets/safe").status()).isEqualTo(403);
      assertBroken(inOther(server, "GET", "/secrets/any"), "vault/other");
      Answer again =
          ServeFolder.arm(
              server, "PUT", ServeFolder.vault(server, "other"), ServeFolder.vaultBody(server));
      assertBroken(again, "vault/other");
      set(server, "new", "{\"value\":\"new\"}");
      assertValue(server, "new");

      List<String> places =
          List.of(
              "role_assignment " + assignment,
              "rule: container ",
              "version: value/",
              "version: off/",
              "version: attributes/", "version: first/", "version: second/", "name: moved");
      assertReported(server, places);
      assertThat(server.stop()).isZero();
    }
    Finished verified = installation.run("audit", "verify");
    assertThat(verified.code()).as(verified.out()).isZero();
  }

  @Test
  void rows_changedUnderTheRunningServer_areRefusedAndReported() throws Exception {
    try (RunningServer server = installation.serve()) {
      ServeFolder.makeVault(server, "dev");
      for (String name : List.of("cold", "warm", "safe")) {
        set(server, name, "{\"value\":\"" + name + "\"}");
      }
      assertThat(server.stop()).isZero();
    }
    try (RunningServer server = installation.serve()) {
      assertValue(server, "warm");
      Reader reader = Reader.make(server);
      String assignment =
          ServeFolder.assign(
              server,
              ServeFolder.vault(server, "dev"),
              BuiltInRole.KEY_VAULT_SECRETS_USER,
              reader.id());
      sql(
          "update rule set body = replace(body, '%s', '%s') where key = '%s'"
              .formatted(
                  BuiltInRole.KEY_VAULT_SECRETS_USER.id().guid(),
                  BuiltInRole.KEY_VAULT_ADMINISTRATOR.id().guid(),
                  assignment),
          "update version set value = " + aByteLess("cold") + " where " + of("cold"),
          "update version set content_type = 'changed', tags = '{\"t\":\"changed\"}' where "
              + of("warm"));
      assertBroken(server.secret("GET", "/secrets/cold", null), "cold");
      // what was read before may be answered from memory, but never as it was changed
      Answer warm = server.secret("GET", "/secrets/warm", null);
      assertThat(warm.body()).doesNotContain("changed");
      assertThat(warm.status()).isIn(200, 500);
      assertBroken(server.secret("PATCH", "/secrets/warm", "{\"contentType\":\"mine\"}"), "warm");
      assertBroken(server.secret("GET", "/secrets/warm/versions", null), "warm");
      assertThat(reader.get(server, "/secrets/safe").status()).isEqualTo(403);
      assertValue(server, "safe");
      set(server, "new", "{\"value\":\"new\"}");
      assertValue(server, "new");
      assertReported(
          server, List.of("role_assignment " + assignment, "version: cold/", "version: warm/"));
      assertThat(server.stop()).isZero();
    }
  }

  @Test
  void trailAndDatabase_cutOrPutBack_areFoundByTheServerAndByTheVerifier() throws Exception {
    Path early = folder.resolve("early");
    Path late = folder.resolve("late");
    try (RunningServer server = installation.serve()) {
      ServeFolder.makeVault(server, "dev");
      set(server, "kept", "{\"value\":\"kept\"}");
      assertThat(server.stop()).isZero();
    }
    copy(data, early);
    try (RunningServer server = installation.serve()) {
      set(server, "later", "{\"value\":\"later\"}");
      while (segments().size() < 2) {
        Stream.generate(() -> server.vaultRequest("GET", "/secrets/kept", null).build())
            .limit(100)
            .map(
                request ->
                    server
                        .http()
                        .sendAsync(request, java.net.http.HttpResponse.BodyHandlers.discarding()))
            .toList()
            .forEach(answer -> assertThat(answer.join().statusCode()).isEqualTo(200));
      }
      assertThat(server.stop()).isZero();
    }
    assertThat(verify().code()).isZero();
    copy(data, late);

    Path last = segments().getLast();
    Files.delete(last);
    assertBad(segments().getLast().getFileName().toString());
    try (RunningServer server = installation.serve()) {
      assertValue(server, "kept");
      assertUnhealthy(server, "CHAIN_SHORTENED");
      assertThat(server.stop()).isZero();
    }
    assertBad("");

    copy(late, data);
    Path first = segments().getFirst();
    String lines = Files.readString(first);
    Files.writeString(first, lines.replaceFirst("(?<=\"callerIpAddress\":\")127", "128"));
    assertThat(Files.readString(first)).isNotEqualTo(lines);
    assertBad(first.getFileName().toString());

    copy(late, data);
    Files.writeString(data.resolve("strongroom.db"), "no database");
    assertBad("store");

    copy(late, data);
    Files.copy(
        early.resolve("strongroom.db"),
        data.resolve("strongroom.db"),
        StandardCopyOption.REPLACE_EXISTING);
    assertBad("journal");
    try (RunningServer server = installation.serve()) {
      assertValue(server, "kept");
      Answer refused = server.secret("PUT", "/secrets/more", "{\"value\":\"more\"}");
      assertThat(refused.status()).as(refused.body()).isEqualTo(503);
      assertThat(refused.errorCode()).isEqualTo("ServiceUnavailable");
      assertUnhealthy(server, "JOURNAL_BEHIND");
      assertThat(server.stop()).isZero();
    }
    assertBad("journal");
  }

  /** An application that may do what a test gives it. */
  private record Reader(String id, String token) {
    static Reader make(RunningServer server) {
      String applications =
          "/strongroom/applications?tenant=" + server.setting("tenantId");
      JsonNode application =
          ServeFolder.arm(server, "POST", applications, "{\"displayName\":\"reader\"}").json();
      JsonNode secret =
          ServeFolder.arm(
                  server,
                  "POST",
                  "/strongroom/applications/" + application.path("id").asString() + "/secrets",
                  "{}")
              .json();
      Answer signedIn =
          server.signIn(
              application.path("appId").asString(), secret.path("secretText").asString(), "vault");
      return new Reader(
          application.path("id").asString(), signedIn.json().path("access_token").asString());
    }

    Answer get(RunningServer server, String path) {
      return server.send(
          HttpRequest.newBuilder(
                  URI.create(
                      server.setting("vaultUrl")
                          + path
                          + "?api-version="
                          + RunningServer.SECRETS))
              .header("Authorization", "Bearer " + token));
    }
  }

  private static Answer inOther(RunningServer server, String method, String path) {
    return server.send(
        HttpRequest.newBuilder(
                URI.create(
                    server.setting("vaultUrl").replace("dev.vault", "other.vault")
                        + path
                        + "?api-version="
                        + RunningServer.SECRETS))
            .header("Authorization", "Bearer " + server.token("vault"))
            .method(method, HttpRequest.BodyPublishers.noBody()));
  }

  private static void set(RunningServer server, String name, String body) {
    Answer answer = server.secret("PUT", "/secrets/" + name, body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
  }

  private static void assertValue(RunningServer server, String name) {
    Answer answer = server.secret("GET", "/secrets/" + name, null);
    assertThat(answer.status()).as("%s: %s", name, answer.body()).isEqualTo(200);
    assertThat(answer.json().path("value").asString()).isEqualTo(name);
  }

  private static void assertBroken(Answer answer, String name) {
    assertThat(answer.status()).as("%s: %s", name, answer.body()).isEqualTo(500);
    assertThat(answer.errorCode()).isEqualTo("InternalServerError");
    assertThat(answer.json().path("error").path("message").asString())
        .contains("fails its integrity check and is not used", name);
  }

  /** Each place is in health, in the log, and in exactly one record of the trail. */
  private void assertReported(RunningServer server, List<String> places) throws IOException {
    String health = assertUnhealthy(server, "integrity");
    for (String place : places) {
      assertThat(health).contains(place);
      assertThat(server.err()).contains(place);
      RunningServer.await(
          place + " is in the trail", Duration.ofSeconds(10), () -> records(place).isPresent());
    }
  }

  private Optional<String> records(String place) {
    try {
      List<String> found =
          segments().stream()
              .flatMap(TamperingIT::lines)
              .filter(line -> line.contains("IntegrityFailure") && line.contains(place))
              .toList();
      assertThat(found).hasSizeLessThan(2);
      return found.stream().findFirst();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readString(file).lines();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private String assertUnhealthy(RunningServer server, String word) throws IOException {
    Finished health = installation.run("health");
    assertThat(health.code()).isEqualTo(1);
    assertThat(health.out()).contains(word);
    Answer page =
        server.send(HttpRequest.newBuilder(URI.create(server.setting("adminUrl") + "/health")));
    assertThat(page.status()).isEqualTo(503);
    assertThat(page.json().path("healthy").asBoolean(true)).isFalse();
    return health.out();
  }

  private Finished verify() throws IOException {
    return installation.run("audit", "verify");
  }

  private void assertBad(String place) throws IOException {
    Finished verified = verify();
    assertThat(verified.code()).as(verified.out() + verified.err()).isEqualTo(1);
    assertThat(verified.out()).as(verified.err()).startsWith("BAD ").contains(place);
  }

  private List<Path> segments() throws IOException {
    try (Stream<Path> files = Files.list(data.resolve("audit"))) {
      return files.filter(file -> file.toString().endsWith(".jsonl")).sorted().toList();
    }
  }

  private void sql(String... statements) throws SQLException {
    try (Connection database =
            DriverManager.getConnection("jdbc:sqlite:" + data.resolve("strongroom.db"));
        Statement statement = database.createStatement()) {
      statement.execute("pragma busy_timeout = 10000");
      for (String one : statements) {
        int changed = statement.executeUpdate(one);
        assertThat(changed).as(one).isEqualTo(one.startsWith("create") ? 0 : 1);
      }
    }
  }

  /** The row of a name's only version. */
  private static String of(String name) {
    return "object = (select row_id from object where name = '" + name + "')";
  }

  private static String aByteLess(String name) {
    return "(select substr(value, 1, length(value) - 1) || x'00' from version where "
        + of(name)
        + ")";
  }

  private static void copy(Path from, Path to) throws IOException {
    if (Files.exists(to)) {
      try (Stream<Path> old = Files.walk(to)) {
        for (Path file : old.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    try (Stream<Path> all = Files.walk(from)) {
      for (Path file : all.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }
}
