package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.it.RunningServer.Answer;
import dev.strongroom.it.RunningServer.Finished;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Certificates of an outside authority that is asked by ACME, from the policy to the chain. */
class AcmeIT {
  private static final Duration ORDER = Duration.ofSeconds(60);

  @TempDir static Path folder;
  private static Pebble pebble;
  private static ServeFolder installation;
  private static RunningServer server;
  private static Path notes;
  private static int tlsPort;

  @BeforeAll
  static void install() throws IOException {
    assumeTrue(Pebble.hasGo(), "Go, which builds the test authority, is missing");
    int port = RunningServer.freePort();
    tlsPort = RunningServer.freePort();
    notes = Files.createFile(folder.resolve("hook-notes"));
    pebble = Pebble.start(folder, port);
    Files.writeString(folder.resolve("eab.key"), Pebble.ACCOUNT_KEY + '\n');
    installation =
        ServeFolder.init(
            folder,
            folder.resolve("data"),
            """
            audit.reserveMebibytes = 1
            [[listeners]]
            address = "127.0.0.1"
            port = %d
            role = "pki-http"
            [[acme]]
            name = "web"
            %s
            domains = ["example.test"]
            [[acme]]
            name = "names"
            %s
            hook = "%s"
            propagationSeconds = 3
            """
                .formatted(port, settings(), settings(), pebble.hook(notes)));
    server = serve();
    ServeFolder.makeVault(server, "dev");
    issuer("web");
    issuer("names");
  }

  /** On a port that it knows, since it tells the command line where its vaults are. */
  private static RunningServer serve() throws IOException {
    return installation.serve(
        installation.start().with("STRONGROOM_LISTENERS_1_PORT", Integer.toString(tlsPort)));
  }

  private static String settings() {
    return """
        directory = "%s"
        email = "pki@example.test"
        accountId = "%s"
        accountKeyFile = "eab.key"
        authorities = "%s"
        """
        .formatted(pebble.directory(), Pebble.ACCOUNT, pebble.authorities());
  }

  @AfterAll
  static void end() {
    if (server != null) {
      server.close();
    }
    if (pebble != null) {
      pebble.close();
    }
  }

  @Test
  void create_overHttp_isIssuedAndAFailedOrderKeepsTheVersion() throws Exception {
    begin("web", "web", "site.example.test", "www.example.test");
    completed("web");
    verify("web");
    String version = version("web");

    begin("web", "web", Pebble.BLOCKED);
    JsonNode pending = ended("web");
    assertThat(pending.path("status").asString()).isEqualTo("failed");
    assertThat(pending.path("error").path("code").asString()).isEqualTo("Request rejected");
    assertThat(pending.path("error").path("message").asString()).contains("web refuses");
    assertThat(version("web")).isEqualTo(version);

    begin("web", "web", "elsewhere.test");
    assertThat(ended("web").path("error").path("message").asString())
        .contains("is not asked for elsewhere.test");
    assertThat(version("web")).isEqualTo(version);
  }

  @Test
  void renew_hundredthOfTheLifeOver_makesTheNextVersionThroughTheAuthority() throws Exception {
    String renewed =
        ",\"lifetime_actions\":[{\"action\":{\"action_type\":\"%s\"},\"trigger\":"
            + "{\"lifetime_percentage\":%d}}]}";
    begin(
        "renewed", "web", renewed.formatted("AutoRenew", 1), List.of("renewed.example.test"));
    completed("renewed");
    String version = version("renewed");
    await(() -> !version("renewed").equals(version));
    Answer stopped =
        server.secret(
            "PATCH",
            "/certificates/renewed",
            "{\"policy\":{"
                + renewed.formatted("EmailContacts", 80).substring(1)
                + "}");
    assertThat(stopped.status()).as(stopped.body()).isEqualTo(200);
    verify("renewed");
    Answer before =
        server.secret("GET", path(version), null);
    assertThat(before.status()).isEqualTo(200);
    assertThat(before.json().path("cer").asString()).isNotEmpty();
    assertThat(audited("CertificateRenew")).isPositive();
  }

  @Test
  void certificateCreate_slowIssuer_tellsThatItIsInProgressAndWhatCameOfIt() throws Exception {
    Finished made = certificateCreate("told", "told.test");
    assertThat(made.code()).as(made.err()).isZero();
    assertThat(made.err().lines())
        .isNotEmpty()
        .allMatch(line -> line.matches("\\d+ s: Pending certificate created\\. .*"));
    assertThat(JsonMapper.shared().readTree(made.out()).path("status").asString())
        .isEqualTo("completed");
    Finished failed = certificateCreate("blocked", Pebble.BLOCKED);
    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.out()).isEmpty();
    // a refusal may come before the first look at it, and then nothing was told on the way
    assertThat(failed.err()).contains("Request rejected: The authority names refuses: ");
  }

  private static Finished certificateCreate(String certificate, String name) throws IOException {
    String policy =
        """
        {"issuerParameters":{"name":"names"},"keyProperties":{"keyType":"EC"},
         "x509CertificateProperties":{"subject":"CN=%s"}}
        """
            .formatted(name);
    return RunningServer.run(
        RunningServer.Start.command(
                folder.resolve("create-" + certificate),
                "certificate",
                "create",
                "--vault-name",
                "dev",
                "-n",
                certificate,
                "-p",
                policy,
                "--arm-url",
                server.setting("armUrl"),
                "--authority-host",
                server.setting("authorityHost"),
                "--ca-file",
                server.setting("caFile"),
                "--tenant",
                server.setting("tenantId"),
                "--client-id",
                server.setting("clientId"),
                "-o",
                "json")
            .withJava("-XX:TieredStopAtLevel=1")
            .with("AZURE_CLIENT_SECRET", server.setting("clientSecret")));
  }

  private static String path(String id) {
    return id.substring(server.setting("vaultUrl").length());
  }

  @Test
  void create_authorityHasForgottenTheAccount_makesItAnew() throws Exception {
    begin("anew", "web", "anew.example.test");
    completed("anew");
    String version = version("anew");
    pebble.restart();
    begin("anew", "web", "anew.example.test");
    completed("anew");
    verify("anew");
    assertThat(version("anew")).isNotEqualTo(version);
    assertThat(server.err()).contains("has forgotten the account");
  }

  @Test
  void create_byNamesCancelledOrKilled_takesItsRecordsAwayAndGoesOn() throws Exception {
    begin("dropped", "names", "dropped.test");
    await(() -> noted("add", "dropped.test").size() == 1);
    Answer canceled =
        server.secret(
            "PATCH", "/certificates/dropped/pending", "{\"cancellation_requested\":true}");
    assertThat(canceled.status()).as(canceled.body()).isEqualTo(200);

    int before = audited("CertificateIssueWaiting");
    begin("wild", "names", "*.wild.test", "wild.test");
    await(
        () ->
            noted("add", "wild.test").size() == 2
                && audited("CertificateIssueWaiting") >= before + 2);
    server.kill();
    server = serve();
    completed("wild");
    verify("wild");
    assertThat(noted("remove", "wild.test")).hasSameElementsAs(noted("add", "wild.test"));
    await(() -> noted("remove", "dropped.test").containsAll(noted("add", "dropped.test")));
  }

  private static void await(BooleanSupplier condition) {
    RunningServer.await("the order", ORDER, condition);
  }

  private static List<String> noted(String what, String name) {
    try (Stream<String> lines = Files.lines(notes)) {
      return lines
          .filter(line -> line.startsWith(what + " _acme-challenge." + name))
          .map(line -> line.substring(what.length() + 1))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int audited(String operation) {
    try (Stream<Path> files = Files.walk(installation.data().resolve("audit"))) {
      int count = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        count += text.split('"' + operation + '"', -1).length - 1;
      }
      return count;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void issuer(String name) {
    Answer made =
        server.secret(
            "PUT",
            "/certificates/issuers/" + name,
            "{\"provider\":\"ACME\",\"credentials\":{\"account_id\":\"" + name + "\"}}");
    assertThat(made.status()).as(made.body()).isEqualTo(200);
  }

  private static void begin(String certificate, String issuer, String... names) {
    begin(certificate, issuer, "}", List.of(names));
  }

  /**
   * @param end of the policy
   */
  private static void begin(
      String certificate, String issuer, String end, List<String> names) {
    Answer begun =
        server.secret(
            "POST",
            "/certificates/" + certificate + "/create",
            """
            {"policy":{"issuer":{"name":"%s"},
              "key_props":{"kty":"EC","crv":"P-256"},
              "secret_props":{"contentType":"application/x-pem-file"},
              "x509_props":{"subject":"CN=%s","sans":{"dns_names":["%s"]}}%s}
            """
                .formatted(
                    issuer, names.getFirst(), String.join("\",\"", names), end));
    assertThat(begun.status()).as(begun.body()).isEqualTo(202);
  }

  private static JsonNode pending(String certificate) {
    return server.secret("GET", "/certificates/" + certificate + "/pending", null).json();
  }

  private static JsonNode ended(String certificate) {
    await(() -> !pending(certificate).path("status").asString().equals("inProgress"));
    return pending(certificate);
  }

  private static void completed(String certificate) {
    JsonNode pending = ended(certificate);
    assertThat(pending.path("status").asString()).as(pending.toString()).isEqualTo("completed");
  }

  private static String version(String certificate) {
    return server.secret("GET", "/certificates/" + certificate, null).json().path("id").asString();
  }

  /** The chain of the secret leads to the authority's root. */
  private static void verify(String certificate) throws Exception {
    String pem =
        server.secret("GET", "/secrets/" + certificate, null).json().path("value").asString();
    Path chain = folder.resolve(certificate + ".pem");
    Files.writeString(chain, pem);
    Path out = folder.resolve(certificate + ".txt");
    Process process =
        new ProcessBuilder(
                "openssl",
                "verify",
                "-CAfile",
                pebble.rootFile().toString(),
                "-untrusted",
                chain.toString(),
                chain.toString())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(out)).contains(certificate + ".pem: OK");
  }
}
