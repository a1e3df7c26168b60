package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.it.RunningServer.Answer;
import dev.strongroom.it.RunningServer.Start;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What no well-behaved client sends: each gets one clear answer or a closed connection, each answer
 * is in the trail, nothing of it is stored, and the server goes on as before.
 */
class BadInputIT {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int ENHANCE_YOUR_CALM = 11;
  private static final int REFUSED_STREAM = 7;
  private static final long MEBIBYTE = 1 << 20;

  @TempDir Path folder;
  private RunningServer server;
  private String stored;

  /** Answers that this test got, each of which must have its record. */
  private long answers;

  @BeforeEach
  void start() throws Exception {
    server =
        RunningServer.dev(
            Start.dev(folder.resolve("data")).withJava("-XX:-DisableAttachMechanism"));
    expect(200, server.secret("PUT", "/secrets/kept", "{\"value\":\"kept\"}"));
    server.token("management");
    answers = recorded();
    stored = stored();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** At the end of each test: everything is answered, recorded, and as it was. */
  private void assertUnharmed() throws Exception {
    assertThat(stored()).isEqualTo(stored);
    Answer kept = expect(200, server.secret("GET", "/secrets/kept", null));
    assertThat(kept.json().path("value").asString()).isEqualTo("kept");
    assertThat(server.stop()).isZero();
    assertThat(server.err()).doesNotContain(" SEVERE ", " ERROR ");
    assertThat(RunningServer.run("audit", "verify", "--data", server.data().toString()).code())
        .isZero();
  }

  private void assertEachAnswerIsRecorded() {
    RunningServer.await(
        "records of " + answers + " answers", Duration.ofSeconds(10), () -> recorded() >= answers);
    assertThat(recorded()).isEqualTo(answers);
  }

  @Test
  void bodies_malformed_areRefusedWithoutATrace() throws Exception {
    String deep = "[".repeat(40) + "]".repeat(40);
    String secret = "/secrets/new";
    for (String body :
        List.of(
            "{\"value\":\"cut",
            "{\"value\":\"v\"",
            "{\"value\":\"v\"}}",
            "{\"value\":\"v\"} {}",
            "{\"value\":\"v\",\"value\":\"w\"}",
            "{\"value\":\"v\",\"tags\":{\"a\":\"1\",\"a\":\"2\"}}",
            "{'value':'v'}",
            "{\"value\":\"v\",}",
            "{\"value\":\"v\"/* */}",
            "{\"value\":NaN}",
            "{\"value\":\"\\u12\"}",
            "{\"value\":\"\\ud800\"}",
            "{\"value\":\"a\nb\"}",
            "[]",
            "\"v\"",
            "null",
            "{}",
            "{\"value\":null}",
            "{\"value\":1}",
            "{\"value\":{}}",
            "{\"value\":" + deep + "}",
            "{\"value\":\"v\",\"tags\":[]}",
            "{\"value\":\"v\",\"tags\":{\"a\":{\"b\":1}}}",
            "{\"value\":\"v\",\"attributes\":[]}",
            "{\"value\":\"v\",\"attributes\":{\"enabled\":\"true\"}}",
            "{\"value\":\"v\",\"attributes\":{\"exp\":\"x\"}}",
            "{\"value\":\"v\",\"attributes\":{\"exp\":1e99}}",
            "{\"value\":\"v\",\"attributes\":{\"exp\":" + "9".repeat(2_000) + "}}",
            "{\"value\":\"v\",\"contentType\":7}",
            "{\"value\":\"" + "v".repeat(25_601) + "\"}",
            "{\"x\":" + "[".repeat(30_000))) {
      refused(400, server.secret("PUT", secret, body));
    }
    for (byte[] bytes :
        List.of(
            new byte[] {'{', '"', 'v', 'a', 'l', 'u', 'e', '"', ':', '"', (byte) 0xff, '"', '}'},
            "{\"value\":\"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1),
            "{\"value\":\"v\"}".getBytes(StandardCharsets.UTF_16),
            new byte[] {(byte) 0xef, (byte) 0xbb, (byte) 0xbf, '{', '}'},
            new byte[50_000])) {
      refused(
          400,
          server.send(
              server
                  .vaultRequest("PUT", secret, "")
                  .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes))));
    }
    refused(400, server.secret("PUT", secret, ""));
    refused(413, server.secret("PUT", secret, "{\"value\":\"" + "v".repeat(70_000) + "\"}"));
    // without a length: chunked on HTTP/1.1, frames alone on HTTP/2
    for (HttpClient.Version version : HttpClient.Version.values()) {
      refused(
          413,
          server.send(
              server
                  .vaultRequest("PUT", secret, "")
                  .version(version)
                  .PUT(
                      HttpRequest.BodyPublishers.fromPublisher(
                          HttpRequest.BodyPublishers.ofByteArray(new byte[100_000])))));
    }
    for (String type : List.of("text/plain", "application/x-www-form-urlencoded", "x", "")) {
      refused(
          415,
          server.send(
              server
                  .vaultRequest("PUT", secret, "{\"value\":\"v\"}")
                  .setHeader("Content-Type", type)));
    }
    refused(400, server.secret("PATCH", "/secrets/kept", "{\"attributes\":1}"));
    refused(400, server.secret("POST", "/secrets/restore", "{\"value\":\"AAAA\"}"));
    refused(400, server.secret("POST", "/secrets/restore", "{\"value\":\"?\"}"));
    refused(413, server.secret("POST", "/secrets/restore", " ".repeat(33 << 20)));
    String vault =
        "/subscriptions/"
            + server.setting("subscriptionId")
            + "/resourceGroups/dev/providers/Microsoft.KeyVault/vaults/another";
    for (String body :
        List.of("", "[", "[]", "{\"location\":\"local\"}", deep, "{\"a\":1,\"a\":2}")) {
      refused(400, ServeFolder.arm(server, "PUT", vault, body));
    }
    assertEachAnswerIsRecorded();
    assertUnharmed();
  }

  @Test
  void requests_thatNameNothing_areRefusedInOrder() throws Exception {
    for (String[] row :
        new String[][] {
          {"POST", "/secrets/kept"},
          {"DELETE", "/secrets"},
          {"PUT", "/deletedsecrets/kept"},
          {"BREW", "/secrets/kept"}
        }) {
      Answer answer = server.secret(row[0], row[1], null);
      refused(405, answer);
      assertThat(answer.header("Allow").orElse("")).as(row[1]).contains("GET");
    }
    for (String path :
        List.of(
            "/",
            "/secret",
            "/secrets/kept/backup/x/y",
            "/SECRETS/kept/x/y/z",
            "/%2e%2e/x",
            "/a/b/c/d")) {
      refused(404, server.secret("GET", path, null));
    }
    for (String name :
        List.of(
            "a_b", "../secrets", "a.b", "%20", "a".repeat(128), "%C3%A9", "a%2Fb", "a%00b")) {
      refused(400, server.secret("GET", "/secrets/" + name, null));
    }
    for (String query :
        List.of("maxresults=0", "maxresults=26", "maxresults=x", "$skiptoken=x", "api-version=1")) {
      refused(400, server.secret("GET", "/secrets?" + query.replace("$", "%24"), null));
    }
    for (String host :
        List.of("other.vault.localhost", "x.localhost", "example.com", "a.dev.vault.localhost")) {
      refused(404, raw(host, server.token("vault")));
    }
    for (String credential :
        List.of("", "Bearer", "Bearer x.y.z", "Basic eDp5", "Bearer " + "x".repeat(9_000))) {
      refused(401, raw("dev.vault.localhost:" + server.port(), credential));
    }
    assertEachAnswerIsRecorded();
    assertUnharmed();
  }

  @Test
  void http1_shapesThatParsersDisagreeOn_endTheConnection() throws Exception {
    String put = "PUT /secrets/new?api-version=7.4 HTTP/1.1\r\nHost: localhost\r\n";
    String get = "GET /secrets/kept?api-version=7.4 HTTP/1.1\r\nHost: localhost\r\n";
    String authorized =
        put
            + "Authorization: Bearer "
            + server.token("vault")
            + "\r\nContent-Type: application/json\r\n";
    String chunked = authorized + "Transfer-Encoding: chunked\r\n\r\n";
    for (String bytes :
        List.of(
            put + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            put + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
            put + "Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd",
            put + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
            put + "Content-Length: 4, 4\r\n\r\nabcd",
            put + "Content-Length: +4\r\n\r\nabcd",
            put + "Content-Length: -4\r\n\r\nabcd",
            put + "Content-Length: 0x4\r\n\r\nabcd",
            put + "Content-Length: 99999999999999999999\r\n\r\n",
            put + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            put + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            put + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
            put + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
            put + "Transfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n",
            put + "X: a\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            get + "X: a\nY: b\n\n",
            get + "X: a\rY: b\r\n\r\n",
            get + "X: a\u0000b\r\n\r\n",
            get + "X\u0000: a\r\n\r\n",
            get + ": a\r\n\r\n",
            get + "no colon\r\n\r\n",
            get + "Host: other\r\n\r\n",
            "GET /secrets/kept HTTP/1.1\r\n\r\n",
            "GET  /secrets/kept HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET /secrets/kept\r\nHost: localhost\r\n\r\n",
            "GET /secrets/kept HTTP/1.1 x\r\nHost: localhost\r\n\r\n",
            "GET /secrets/k\u00e9pt HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET /secrets/%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "G\u0001T /secrets/kept HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "CONNECT localhost:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            chunked + "zz\r\n\r\n",
            chunked + "-1\r\nx\r\n",
            chunked + "fffffffffffffffff\r\nx",
            chunked + "2\r\n{}x\r\n0\r\n\r\n")) {
      single(400, bytes);
    }
    single(414, "GET /" + "a".repeat(9_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    single(431, get + "X: " + "a".repeat(40_000) + "\r\n\r\n");
    single(431, get + "X: a\r\n".repeat(12_000) + "\r\n");
    // an extension of a chunk is allowed (RFC 9112 section 7.1.1) and means nothing
    try (Wire wire = Wire.http1(server)) {
      wire.write(chunked + "2;a=b\r\n{}\r\n0;c\r\n\r\n" + get + "Connection: close\r\n\r\n");
      assertThat(statuses(wire.readAll())).containsExactly(400, 401);
      answers += 2;
    }
    assertEachAnswerIsRecorded();
    assertUnharmed();
  }

  @Test
  void clients_tooSlow_areLetGo() throws Exception {
    String host = "Host: localhost\r\n";
    String put =
        "PUT /secrets/new?api-version=7.4 HTTP/1.1\r\n"
            + host
            + "Authorization: Bearer "
            + server.token("vault")
            + "\r\nContent-Type: application/json\r\n";
    List<Future<String>> slow = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Socket silent = new Socket("127.0.0.1", server.port())) {
      silent.setSoTimeout(30_000);
      for (int i = 0; i < 20; i++) {
        slow.add(threads.submit(() -> trickle("GET /secrets/kept HTTP/1.1\r\n" + host, "X-A: ")));
        slow.add(threads.submit(() -> trickle(put + "Content-Length: 5000\r\n\r\n", "{\"v\":")));
        slow.add(
            threads.submit(
                () -> trickle(put + "Transfer-Encoding: chunked\r\n\r\n", "1\r\n{\r\n")));
      }
      expect(200, server.secret("GET", "/secrets/kept", null));
      // a handshake that never begins
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
      for (int i = 0; i < slow.size(); i++) {
        String said = slow.get(i).get(90, TimeUnit.SECONDS);
        if (i % 3 == 0) {
          assertThat(said).isEmpty();
        } else {
          assertThat(statuses(said)).containsExactly(408);
          answers++;
        }
      }
    }
    assertEachAnswerIsRecorded();
    assertUnharmed();
  }

  /** Sends the start, then the rest byte by byte, again and again, until the other side closes. */
  private String trickle(String start, String rest) throws Exception {
    try (Wire wire = Wire.http1(server)) {
      wire.write(start);
      Thread writer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      for (int i = 0; i < 300; i++) {
                        wire.write(rest.substring(i % rest.length(), i % rest.length() + 1));
                        Thread.sleep(500);
                      }
                    } catch (IOException | InterruptedException e) {
                      // the other side closed, which is what is waited for
                      Thread.currentThread().interrupt();
                    }
                  });
      String said = wire.readAll();
      writer.interrupt();
      return said;
    }
  }

  @Test
  void http2_floods_endTheirConnectionOnly() throws Exception {
    String authority = "localhost:" + server.port();
    byte[] get = Wire.request("GET", authority, "/secrets/kept?api-version=7.4");
    long before = liveBytes();
    for (int round = 0; round < 5; round++) {
      // RFC 9113 section 10.5; each of these made other servers fall
      assertThat(rapidReset(get)).isIn(ENHANCE_YOUR_CALM, -1);
      assertThat(continuations(get, 16_000, 2_000)).isPositive();
      assertThat(continuations(get, 0, 100_000)).isPositive();
      tooManyStreams(authority);
      headerBomb(get);
      pings();
      malformedFrames();
      expect(200, server.secret("GET", "/secrets/kept", null));
    }
    assertThat(liveBytes() - before).isLessThan(8 * MEBIBYTE);
    assertUnharmed();
  }

  private int rapidReset(byte[] get) throws Exception {
    try (Wire wire = Wire.http2(server);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Integer> end = threads.submit(wire::awaitEnd);
      ByteArrayOutputStream both = new ByteArrayOutputStream();
      try {
        for (int stream = 1; stream < 10_000; stream += 2) {
          both.reset();
          both.writeBytes(
              Wire.bytes(Wire.HEADERS, Wire.END_HEADERS | Wire.END_STREAM, stream, get));
          both.writeBytes(Wire.bytes(Wire.RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8}));
          wire.write(both.toByteArray());
        }
      } catch (IOException e) {
        // cut off in the middle, as it should be
        return end.get(30, TimeUnit.SECONDS);
      }
      return end.get(30, TimeUnit.SECONDS);
    }
  }

  /** A header block that never ends; how often it could go on at the most. */
  private int continuations(byte[] get, int size, int most) throws Exception {
    try (Wire wire = Wire.http2(server);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Integer> end = threads.submit(wire::awaitEnd);
      wire.frame(Wire.HEADERS, Wire.END_STREAM, 1, get);
      byte[] junk = new byte[size];
      Arrays.fill(junk, (byte) 0x82);
      int sent = 0;
      try {
        for (; sent < most; sent++) {
          wire.frame(Wire.CONTINUATION, 0, 1, junk);
        }
      } catch (IOException e) {
        assertThat(sent).isLessThan(most);
      }
      return end.get(30, TimeUnit.SECONDS);
    }
  }

  private void tooManyStreams(String authority) throws Exception {
    byte[] put =
        Wire.request(
            "PUT",
            authority,
            "/secrets/new?api-version=7.4",
            "authorization",
            "Bearer " + server.token("vault"),
            "content-type",
            "application/json");
    try (Wire wire = Wire.http2(server)) {
      for (int i = 0; i < 120; i++) {
        wire.frame(Wire.HEADERS, Wire.END_HEADERS, 2 * i + 1, put);
      }
      // those within the limit wait for their bodies; the others are refused
      Wire.Frame refused = wire.await(Wire.RST_STREAM);
      assertThat(refused.error()).isEqualTo(REFUSED_STREAM);
      assertThat(refused.stream()).isEqualTo(201);
    }
  }

  private void headerBomb(byte[] get) throws Exception {
    try (Wire wire = Wire.http2(server)) {
      ByteArrayOutputStream first = new ByteArrayOutputStream();
      first.writeBytes(get);
      // RFC 7541 section 6.2.1: a field that is kept under the number 62
      first.write(0x40);
      Wire.text(first, "x-a");
      Wire.text(first, "a".repeat(3_900));
      wire.frame(Wire.HEADERS, Wire.END_HEADERS | Wire.END_STREAM, 1, first.toByteArray());
      ByteArrayOutputStream bomb = new ByteArrayOutputStream();
      bomb.writeBytes(get);
      byte[] references = new byte[8_000];
      Arrays.fill(references, (byte) (0x80 | 62));
      bomb.writeBytes(references);
      wire.frame(Wire.HEADERS, Wire.END_HEADERS | Wire.END_STREAM, 3, bomb.toByteArray());
      Wire.Frame frame = wire.read();
      while (frame.stream() != 3 && frame.type() != Wire.GOAWAY) {
        frame = wire.read();
      }
      assertThat(frame.type()).isIn(Wire.HEADERS, Wire.RST_STREAM, Wire.GOAWAY);
    }
  }

  private void pings() throws Exception {
    try (Wire wire = Wire.http2(server)) {
      ByteArrayOutputStream many = new ByteArrayOutputStream();
      for (int i = 0; i < 100; i++) {
        many.writeBytes(Wire.bytes(Wire.PING, 0, 0, new byte[8]));
        many.writeBytes(Wire.bytes(Wire.SETTINGS, 0, 0, new byte[0]));
      }
      wire.patience(Duration.ofSeconds(5));
      for (int i = 0; i < 100; i++) {
        wire.write(many.toByteArray());
      }
    } catch (IOException e) {
      // nobody reads the answers: the connection may be ended
      assertThat(server.isAlive()).isTrue();
    }
  }

  private void malformedFrames() throws Exception {
    for (byte[] frame :
        List.of(
            Wire.bytes(Wire.DATA, 0, 0, new byte[1]),
            Wire.bytes(Wire.HEADERS, Wire.END_HEADERS, 2, new byte[] {(byte) 0x82}),
            Wire.bytes(Wire.HEADERS, Wire.END_HEADERS, 1, new byte[] {-1, -1, -1, -1, -1, -1}),
            Wire.bytes(Wire.CONTINUATION, 0, 1, new byte[0]),
            Wire.bytes(Wire.SETTINGS, 0, 0, new byte[5]),
            Wire.bytes(Wire.PING, 0, 0, new byte[7]),
            Wire.bytes(Wire.RST_STREAM, 0, 0, new byte[4]),
            new byte[] {-1, -1, -1, 0, 0, 0, 0, 0, 1})) {
      try (Wire wire = Wire.http2(server)) {
        wire.write(frame);
        assertThat(wire.awaitEnd()).isPositive();
      }
    }
  }

  @Test
  void requests_twentyThousandBad_leaveMemoryAsItWas() throws Exception {
    flood(4_000);
    long live = liveBytes();
    long resident = server.residentBytes();
    flood(20_000);
    assertThat(liveBytes() - live).as("live bytes more").isLessThan(4 * MEBIBYTE);
    assertThat(server.residentBytes() - resident)
        .as("resident bytes more")
        .isLessThan(96 * MEBIBYTE);
    assertEachAnswerIsRecorded();
    assertUnharmed();
  }

  private void flood(int count) {
    String host = server.setting("vaultUrl");
    String version = "?api-version=" + RunningServer.SECRETS;
    List<HttpRequest> kinds =
        List.of(
            HttpRequest.newBuilder(URI.create(host + "/secrets/kept" + version)).build(),
            HttpRequest.newBuilder(URI.create(host + "/secrets/kept" + version))
                .header("Authorization", "Bearer " + "x.".repeat(500))
                .build(),
            HttpRequest.newBuilder(URI.create(host + "/%zz".replace("%", "%25") + "/a/b"))
                .header("Authorization", "Bearer " + server.token("vault"))
                .build(),
            server.vaultRequest("PUT", "/secrets/new", "{\"value\":\"" + "v".repeat(5_000)).build(),
            server.vaultRequest("PUT", "/secrets/new", "[".repeat(5_000)).build(),
            server.vaultRequest("POST", "/secrets", "{}").build(),
            server.vaultRequest("GET", "/secrets/a_b", null).build(),
            server.vaultRequest("GET", "/secrets/absent", null).build(),
            HttpRequest.newBuilder(URI.create(host + "/secrets/" + "n".repeat(3_000) + version))
                .header("X-Filler", "y".repeat(8_000))
                .build(),
            HttpRequest.newBuilder(
                    URI.create(
                        server.setting("authorityHost")
                            + '/'
                            + server.setting("tenantId")
                            + "/oauth2/v2.0/token"))
                .POST(HttpRequest.BodyPublishers.ofString("grant_type=" + "p".repeat(1_000)))
                .build());
    for (int sent = 0; sent < count; sent += 40) {
      List<CompletableFuture<Integer>> some = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        some.add(
            server
                .http()
                .sendAsync(
                    kinds.get(i % kinds.size()), HttpResponse.BodyHandlers.discarding())
                .thenApply(HttpResponse::statusCode));
      }
      for (CompletableFuture<Integer> one : some) {
        assertThat(one.join()).isBetween(400, 499);
        answers++;
      }
    }
  }

  /** One request on a connection of its own, with another behind it that must not be read. */
  private void single(int status, String bytes) throws IOException {
    try (Wire wire = Wire.http1(server)) {
      try {
        wire.write(bytes + "GET /secrets/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n");
      } catch (IOException e) {
        // answered and closed before all was sent
        assertThat(bytes.length()).isGreaterThan(8_000);
      }
      wire.patience(Duration.ofSeconds(20));
      String said = wire.readAll();
      assertThat(statuses(said)).as(printable(bytes)).containsExactly(status);
      assertThat(said).as(printable(bytes)).contains("\"error\"");
      answers++;
    }
  }

  private Answer raw(String host, String credential) throws IOException {
    try (Wire wire = Wire.http1(server)) {
      wire.write(
          "GET /secrets/kept?api-version=7.4 HTTP/1.1\r\nHost: "
              + host
              + "\r\nAuthorization: "
              + credential
              + "\r\nConnection: close\r\n\r\n");
      String said = wire.readAll();
      int body = said.indexOf("\r\n\r\n");
      assertThat(said.substring(0, body)).containsIgnoringCase("x-ms-request-id: ");
      return new Answer(statuses(said).getFirst(), Map.of(), said.substring(body + 4));
    }
  }

  private static String printable(String bytes) {
    return bytes.substring(0, Math.min(400, bytes.length())).replaceAll("[^ -~]", ".");
  }

  private static List<Integer> statuses(String said) {
    return Pattern.compile("HTTP/1\\.[01] (\\d{3}) ")
        .matcher(said)
        .results()
        .map(found -> Integer.valueOf(found.group(1)))
        .toList();
  }

  private void refused(int status, Answer answer) {
    expect(status, answer);
    assertThat(answer.errorCode()).as(answer.body()).isNotEmpty();
    assertThat(answer.json().path("error").path("message").asString("")).isNotEmpty();
  }

  private Answer expect(int status, Answer answer) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    answers++;
    return answer;
  }

  /** How many answers to somebody outside the trail has, merged ones by their count. */
  private long recorded() {
    try (Stream<Path> files = Files.list(server.data().resolve("audit"))) {
      long count = 0;
      for (Path file : files.filter(f -> f.toString().endsWith(".jsonl")).sorted().toList()) {
        for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
          if (line.contains("\"callerIpAddress\":\"127.0.0.1\"")) {
            JsonNode properties = JSON.readTree(line).path("properties");
            count += Long.parseLong(properties.path("count").asString("1"));
          }
        }
      }
      return count;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How much is stored. */
  private String stored() throws Exception {
    try (Connection database =
            DriverManager.getConnection("jdbc:sqlite:" + server.data().resolve("strongroom.db"));
        Statement statement = database.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select (select count(*) from object) || ' objects, '"
                    + " || (select count(*) from name) || ' names, '"
                    + " || (select count(*) from version) || ' versions, '"
                    + " || (select count(*) from rule) || ' rules, '"
                    + " || (select number from journal_head) || ' changes'")) {
      row.next();
      return row.getString(1);
    }
  }

  /** What is in use on the heap after a collection. */
  private long liveBytes() throws Exception {
    String histogram = server.jcmd(folder.resolve("jcmd"), "GC.class_histogram").out();
    var total = Pattern.compile("^Total +\\d+ +(\\d+)", Pattern.MULTILINE).matcher(histogram);
    assertThat(total.find()).as(histogram).isTrue();
    return Long.parseLong(total.group(1));
  }
}
