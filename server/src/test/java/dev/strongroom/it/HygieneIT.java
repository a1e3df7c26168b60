package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.it.RunningServer.Answer;
import dev.strongroom.it.RunningServer.Finished;
import dev.strongroom.model.BuiltInRole;
import dev.strongroom.otlp.Receiver;
import dev.strongroom.seal.KeysOfFolder;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECPoint;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * What a secret, a token and a key leave behind: nothing in logs, files, metrics, traces and the trail,
 * and nothing on the heap that the server could avoid.
 */
class HygieneIT {
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Every logger of every library says everything that it has to say. */
  private static final String VERBOSE =
      """
      handlers=java.util.logging.ConsoleHandler
      .level=ALL
      java.util.logging.ConsoleHandler.level=ALL
      """;

  @TempDir Path folder;
  private final Markers markers = new Markers();
  private Receiver collector;
  private Path data;
  private ServeFolder installation;

  @BeforeEach
  void install() throws IOException {
    data = folder.resolve("data");
    collector = Receiver.start(0);
    installation =
        ServeFolder.init(
            folder,
            data,
            """
            audit.reserveMebibytes = 1
            keys.symmetric = true
            otlp.endpoint = "http://127.0.0.1:%d"
            """
                .formatted(collector.port()));
  }

  @AfterEach
  void stopCollector() {
    collector.close();
  }

  @Test
  void session_withVerboseLogging_leavesNoSecretBehind() throws Exception {
    Path logging = Files.writeString(folder.resolve("logging.properties"), VERBOSE);
    try (RunningServer server =
        installation.serve(
            installation
                .start()
                .withJava(
                    "-Djava.util.logging.config.class=",
                    "-Djava.util.logging.config.file=" + logging))) {
      ServeFolder.makeVault(server, "dev");
      markers.add("the first secret", server.setting("clientSecret"));
      token("management", server.token("management"));
      token("vault", server.token("vault"));
      useSecrets(server);
      useKeys(server);
      sendNonsense(server);
      useApplications(server);
      presentTokens(server);
      breakARow(server);
      assertThat(installation.run("seal").code()).isZero();
      expect(503, server.secret("PUT", "/secrets/a", value(marker("value while sealed"))));
      assertThat(
              installation.run("unseal", "--key-file", installation.keyFile().toString()).code())
          .isZero();
      expect(200, server.secret("GET", "/secrets/kept", null));

      assertThat(server.err()).as("the log is verbose").contains("io.netty", "FINE");
      assertHardened(server);
      for (String page : List.of("/health", "/metrics", "/ready", "/sealed", "/live")) {
        Answer answer =
            server.send(HttpRequest.newBuilder(URI.create(server.setting("adminUrl") + page)));
        assertThat(markers.in(answer.body())).as(page).isEmpty();
      }
      for (String command : List.of("status", "health")) {
        Finished finished = installation.run(command);
        assertThat(markers.in(finished.out() + finished.err())).as(command).isEmpty();
      }
      KeysOfFolder.open(data, installation.keyFile()).forEach(markers::add);
      assertThat(markers.in(folder.resolve("admin-secret"))).as("where it must be").isNotEmpty();
      assertThat(foundInFiles()).as("while it runs").isEmpty();
      assertThat(server.stop()).isZero();
    }
    assertThat(foundInFiles()).as("after it ended").isEmpty();
    assertThat(collector.spans()).extracting(Receiver.Told::name).contains("SecretSet", "SignIn");
    assertThat(collector.lines().toString()).contains("io.netty", "SEVERITY_NUMBER_DEBUG");
    assertThat(markers.in(collector.spans().toString())).as("spans").isEmpty();
    assertThat(markers.in(collector.lines().toString())).as("lines").isEmpty();
  }

  private List<String> foundInFiles() throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        found.addAll(markers.in(file));
      }
    }
    found.addAll(markers.in(folder.resolve("log.out")));
    found.addAll(markers.in(folder.resolve("log.err")));
    return found;
  }

  private void useSecrets(RunningServer server) {
    expect(200, server.secret("PUT", "/secrets/kept", value(marker("a kept value"))));
    String first = marker("a purged value");
    expect(200, server.secret("PUT", "/secrets/purged", value(first)));
    Answer got = server.secret("GET", "/secrets/purged", null);
    assertThat(got.json().path("value").asString()).isEqualTo(first);
    String version = got.json().path("id").asString();
    version = version.substring(version.lastIndexOf('/') + 1);
    expect(200, server.secret("GET", "/secrets/purged/" + version, null));
    expect(200, server.secret("PATCH", "/secrets/purged/" + version, "{\"contentType\":\"t\"}"));
    Answer page = server.secret("GET", "/secrets?maxresults=1", null);
    URI next = URI.create(page.json().path("nextLink").asString());
    markers.add("a page token", next.getQuery().replaceFirst(".*skiptoken=([^&]+).*", "$1"));
    expect(200, get(server, next, server.token("vault")));
    expect(200, server.secret("GET", "/secrets/purged/versions?maxresults=1", null));
    String blob =
        server.secret("POST", "/secrets/purged/backup", null).json().path("value").asString();
    markers.add("a backup", blob);
    expect(409, server.secret("POST", "/secrets/restore", value(blob)));
    expect(200, server.secret("DELETE", "/secrets/purged", null));
    expect(409, server.secret("PUT", "/secrets/purged", value(marker("a refused value"))));
    expect(200, server.secret("POST", "/deletedsecrets/purged/recover", null));
    expect(200, server.secret("DELETE", "/secrets/purged", null));
    expect(204, server.secret("DELETE", "/deletedsecrets/purged", null));
    expect(200, server.secret("POST", "/secrets/restore", value(blob)));
    assertThat(server.secret("GET", "/secrets/purged", null).json().path("value").asString())
        .isEqualTo(first);
    expect(400, server.secret("POST", "/secrets/restore", value(marker("a wrong backup"))));
  }

  private void useKeys(RunningServer server) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair pair = generator.generateKeyPair();
    ECPoint point = ((ECPublicKey) pair.getPublic()).getW();
    BigInteger scalar = ((ECPrivateKey) pair.getPrivate()).getS();
    String point64 =
        "{\"key\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\""
            + base64(fixed(point.getAffineX()))
            + "\",\"y\":\""
            + base64(fixed(point.getAffineY()))
            + "\",\"d\":\"";
    markers.add("a key on a curve", fixed(scalar));
    expect(200, server.secret("PUT", "/keys/curve", point64 + base64(fixed(scalar)) + "\"}}"));
    expect(200, post(server, "curve/sign", "ES256", new byte[32]));
    byte[] other = bytes("a key that is not of its point");
    expect(400, server.secret("PUT", "/keys/other", point64 + base64(other) + "\"}}"));
    expect(
        400,
        server.secret("PUT", "/keys/other", point64 + marker("a key in no base64") + "\"}}"));
    expect(
        400, server.secret("PUT", "/keys/other", point64 + marker("a key in bad JSON") + "\"}"));

    byte[] symmetric = bytes("a symmetric key");
    expect(200, server.secret("PUT", "/keys/aes", symmetric(symmetric)));
    byte[] plain = bytes("a plaintext");
    JsonNode sealed = post(server, "aes/encrypt", "A256GCM", plain).json();
    String ciphertext =
        "{\"alg\":\"A256GCM\",\"value\":%s,\"iv\":%s,\"tag\":%s}"
            .formatted(sealed.path("value"), sealed.path("iv"), sealed.path("tag"));
    Answer opened = server.secret("POST", "/keys/aes/decrypt", ciphertext);
    assertThat(opened.json().path("value").asString()).isEqualTo(base64(plain));
    byte[] wrapped = bytes("a wrapped key");
    JsonNode wrap = post(server, "aes/wrapkey", "A256KW", wrapped).json();
    Answer unwrapped =
        server.secret(
            "POST",
            "/keys/aes/unwrapkey",
            "{\"alg\":\"A256KW\",\"value\":%s}".formatted(wrap.path("value")));
    assertThat(unwrapped.json().path("value").asString()).isEqualTo(base64(wrapped));
    expect(400, post(server, "aes/unwrapkey", "A256KW", bytes("what was never wrapped")));
    expect(400, post(server, "aes/encrypt", "RSA-OAEP", bytes("what another key encrypts")));

    expect(200, server.secret("POST", "/keys/rsa/create", "{\"kty\":\"RSA\"}"));
    expect(200, post(server, "rsa/wrapkey", "RSA-OAEP-256", bytes("what RSA wraps")));
    expect(400, post(server, "rsa/wrapkey", "RSA-OAEP-256", Arrays.copyOf(bytes("much"), 400)));
    String blob =
        server.secret("POST", "/keys/aes/backup", null).json().path("value").asString();
    markers.add("a key's backup", blob);
    expect(409, server.secret("POST", "/keys/restore", value(blob)));
    expect(200, server.secret("DELETE", "/keys/aes", null));
    expect(204, server.secret("DELETE", "/deletedkeys/aes", null));
    expect(200, server.secret("POST", "/keys/restore", value(blob)));
  }

  private static Answer post(
      RunningServer server, String path, String algorithm, byte[] value) {
    return server.secret(
        "POST",
        "/keys/" + path,
        "{\"alg\":\"" + algorithm + "\",\"value\":\"" + base64(value) + "\"}");
  }

  private static String symmetric(byte[] key) {
    return "{\"key\":{\"kty\":\"oct\",\"k\":\"" + base64(key) + "\"}}";
  }

  private byte[] bytes(String what) {
    byte[] bytes = randomBytes();
    markers.add(what, bytes);
    return bytes;
  }

  private static byte[] randomBytes() {
    byte[] bytes = new byte[32];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  private static byte[] fixed(BigInteger number) {
    byte[] bytes = new byte[32];
    byte[] signed = number.toByteArray();
    int length = Math.min(signed.length, bytes.length);
    System.arraycopy(signed, signed.length - length, bytes, bytes.length - length, length);
    return bytes;
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private void sendNonsense(RunningServer server) {
    String secret = marker("a value in bad JSON");
    String quoted = '"' + secret + '"';
    for (String body :
        List.of(
            "{\"value\":" + quoted,
            "{\"value\":" + quoted + "} x",
            "{\"value\":" + quoted + ",\"value\":" + quoted + "}",
            "{\"value\":" + secret + "}",
            "{" + quoted + ":1",
            "{\"value\":[" + quoted + "]}",
            "{\"value\":" + quoted + ",\"attributes\":{\"exp\":" + quoted + "}}",
            "{\"value\":" + quoted + ",\"attributes\":" + quoted + "}",
            "{\"value\":" + quoted + ",\"tags\":{\"a\":[" + quoted + "]}}",
            "{\"value\":" + quoted + ",\"contentType\":\"" + secret.repeat(20) + "\"}",
            "{\"value\":\"" + secret + "\\ud800\\q\"}",
            quoted,
            secret)) {
      expect(400, server.secret("PUT", "/secrets/bad", body));
    }
    String big = marker("a value too big");
    expect(400, server.secret("PUT", "/secrets/big", value(big + "x".repeat(26_000))));
    expect(413, server.secret("PUT", "/secrets/big", value(big + "x".repeat(70_000))));
    expect(405, server.secret("PUT", "/secrets", value(marker("a value at a wrong path"))));
    expect(400, server.secret("PUT", "/secrets/b_d", value(marker("a value of a bad name"))));
    expect(404, server.secret("PUT", "/secret/a", value(marker("a value of an unknown path"))));
    expect(
        415,
        server.send(
            server
                .vaultRequest("PUT", "/secrets/a", value(marker("a value of another type")))
                .setHeader("Content-Type", "text/plain")));
  }

  private void useApplications(RunningServer server) {
    JsonNode made =
        ServeFolder.arm(server, "POST", "/strongroom/applications", "{\"displayName\":\"app\"}")
            .json();
    String id = made.path("id").asString();
    String secret =
        ServeFolder.arm(server, "POST", "/strongroom/applications/" + id + "/secrets", "{}")
            .json()
            .path("secretText")
            .asString();
    markers.add("an application's secret", secret);
    ServeFolder.assign(
        server, ServeFolder.vault(server, "dev"), BuiltInRole.KEY_VAULT_SECRETS_USER, id);
    String appId = made.path("appId").asString();
    Answer signedIn = server.signIn(appId, secret, "vault");
    token("an application's", signedIn.json().path("access_token").asString());
    expect(401, server.signIn(appId, marker("a wrong secret"), "vault"));
    expect(401, server.signIn(appId, secret + "x", "vault"));
    expect(400, server.signIn("no-guid", marker("a secret of nobody"), "vault"));
    String basic =
        Base64.getEncoder()
            .encodeToString(
                (appId + ":" + marker("a secret in Basic")).getBytes(StandardCharsets.UTF_8));
    for (String form :
        List.of(
            "grant_type=password&username=u&password=" + encode(marker("a password")),
            "grant_type=refresh_token&refresh_token=" + encode(marker("a refresh token")),
            "grant_type=client_credentials&client_assertion_type="
                + encode("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
                + "&client_id="
                + appId
                + "&scope=x&client_assertion="
                + encode(marker("an assertion")),
            "client_secret=" + encode(marker("a secret without a grant")))) {
      Answer refused =
          server.send(
              HttpRequest.newBuilder(
                      URI.create(
                          server.setting("authorityHost")
                              + '/'
                              + server.setting("tenantId")
                              + "/oauth2/v2.0/token"))
                  .header("Authorization", "Basic " + basic)
                  .header("Content-Type", "application/x-www-form-urlencoded")
                  .POST(HttpRequest.BodyPublishers.ofString(form)));
      assertThat(refused.status()).as(refused.body()).isBetween(400, 499);
    }
  }

  private void presentTokens(RunningServer server) {
    URI secret =
        URI.create(
            server.setting("vaultUrl") + "/secrets/kept?api-version=" + RunningServer.SECRETS);
    String good = server.token("vault");
    expect(401, get(server, secret, marker("a token that is none")));
    expect(401, get(server, secret, good.substring(0, good.length() - 2)));
    expect(401, get(server, secret, "." + good));
    expect(401, get(server, secret, server.token("management")));
    String payload =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(
                ("{\"oid\":\"" + marker("a claim of a forged token") + "\"}")
                    .getBytes(StandardCharsets.UTF_8));
    expect(401, get(server, secret, good.replaceFirst("\\.[^.]+\\.", '.' + payload + '.')));
    URI withToken = URI.create(secret + "&access_token=" + encode(marker("a token in a query")));
    expect(401, get(server, withToken, "x"));
    Answer basic =
        server.send(
            HttpRequest.newBuilder(secret)
                .header("Authorization", "Basic " + marker("a credential of another scheme")));
    expect(401, basic);
    expect(
        400,
        server.send(
            HttpRequest.newBuilder(secret)
                .header("Authorization", "Bearer " + good)
                .header("Authorization", "Bearer " + marker("a second token"))));
  }

  /** A 500 with a detail for the log. */
  private void breakARow(RunningServer server) throws Exception {
    expect(200, server.secret("PUT", "/secrets/broken", value(marker("a value that breaks"))));
    try (Connection database =
            DriverManager.getConnection("jdbc:sqlite:" + data.resolve("strongroom.db"));
        Statement statement = database.createStatement()) {
      statement.execute("pragma busy_timeout = 10000");
      statement.executeUpdate(
          "update version set tags = '{' where object ="
              + " (select row_id from object where name = 'broken')");
    }
    expect(500, server.secret("GET", "/secrets/broken/versions", null));
  }

  /** Nobody can attach, and nothing of the memory is written to a file. */
  private void assertHardened(RunningServer server) throws Exception {
    assertThat(server.jcmd(folder.resolve("jcmd"), "VM.version").code()).isNotZero();
    assertThat(Files.readString(Path.of("/proc/" + server.pid() + "/limits")))
        .containsPattern("Max core file size +0 +0 ");
    assertThat(server.err()).doesNotContain("core dumps could not be switched off");
    // what the kernel gives to root alone, because the process asked not to be dumpable
    assertThat(Files.getAttribute(Path.of("/proc/" + server.pid() + "/environ"), "unix:uid"))
        .isEqualTo(0);
  }

  @Test
  void heap_afterRequestsEnded_holdsNoKeyAndNoValue() throws Exception {
    Markers values = new Markers();
    try (RunningServer server =
        installation.serve(installation.start().withJava("-XX:-DisableAttachMechanism"))) {
      ServeFolder.makeVault(server, "dev");
      for (int i = 0; i < 20; i++) {
        String value = random();
        values.add("value " + i, value);
        String path = "/secrets/n" + i;
        expect(200, server.secret("PUT", path, value(value)));
        expect(200, server.secret("GET", path, null));
        expect(200, server.secret("GET", path, null));
        byte[] key = randomBytes();
        byte[] plain = randomBytes();
        values.add("key " + i, key);
        values.add("plaintext " + i, plain);
        expect(200, server.secret("PUT", "/keys/k" + i, symmetric(key)));
        expect(200, post(server, "k" + i + "/encrypt", "A256GCM", plain));
        // until then it is open, and may be in memory
        expect(200, server.secret("DELETE", "/keys/k" + i, null));
      }
      values.add("the first secret", server.setting("clientSecret"));
      expect(401, server.signIn(server.setting("clientSecret") + "x", "vault"));
      // other requests, so that what a thread or a buffer keeps of its last one is another's
      for (int i = 0; i < 200; i++) {
        expect(404, server.secret("GET", "/secrets/absent" + i, null));
      }
      Map<String, byte[]> keys = KeysOfFolder.open(data, installation.keyFile());
      assertThat(keys).hasSizeGreaterThan(30);
      Markers all = new Markers();
      keys.forEach(all::add);
      Path live = heap(server);
      assertThat(all.in(live)).as("keys that something still holds").isEmpty();
      assertThat(values.in(live)).as("values that something still holds").isEmpty();
      server.stop();
    }
  }

  private Path heap(RunningServer server) throws Exception {
    Path file = folder.resolve("live.hprof");
    Finished dumped = server.jcmd(folder.resolve("jcmd"), "GC.heap_dump", file.toString());
    assertThat(dumped.code()).as(dumped.out() + dumped.err()).isZero();
    assertThat(Files.size(file)).isGreaterThan(1 << 20);
    return file;
  }

  private String marker(String what) {
    String secret = random();
    markers.add(what, secret);
    return secret;
  }

  private static String random() {
    byte[] bytes = new byte[16];
    RANDOM.nextBytes(bytes);
    return "K9+/=&" + HexFormat.of().formatHex(bytes);
  }

  private void token(String what, String token) {
    String[] parts = token.split("\\.");
    markers.add(what + " token's claims", parts[1]);
    markers.add(what + " token's signature", parts[2]);
  }

  private static String value(String text) {
    return "{\"value\":\"" + text + "\"}";
  }

  private static Answer get(RunningServer server, URI uri, String token) {
    return server.send(HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + token));
  }

  private static void expect(int status, Answer answer) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
  }

  private static String encode(String text) {
    return RunningServer.encode(text);
  }
}
