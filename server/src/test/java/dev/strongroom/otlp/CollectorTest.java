package dev.strongroom.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.X509;
import dev.strongroom.http.CurrentRequest;
import dev.strongroom.http.Proxies;
import dev.strongroom.http.Request;
import dev.strongroom.http.Trace;
import dev.strongroom.model.Id;
import dev.strongroom.model.Operation;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.otlp.Collector.Signal;
import dev.strongroom.otlp.Receiver.Told;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CollectorTest {
  private static final Id REQUEST = Id.guid("77777777-7777-7777-7777-777777777777");
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PARENT = "00f067aa0ba902b7";
  private static final System.Logger LOG = System.getLogger("dev.strongroom.sample");

  private Receiver receiver;
  private Collector collector;

  @BeforeEach
  void start() throws Exception {
    receiver = Receiver.start(0);
    collector = Collector.start(settings(100));
  }

  @AfterEach
  void stop() {
    collector.close();
    receiver.close();
  }

  private Collector.Settings settings(int percent) {
    return new Collector.Settings(
        URI.create(receiver.address() + "/"),
        true,
        true,
        percent,
        Optional.empty(),
        Optional.empty(),
        "node-7",
        "1.2");
  }

  private static Request request(String... traceparents) {
    return request(Map.of("traceparent", List.of(traceparents)));
  }

  private static Request request(Map<String, List<String>> headers) {
    return new Request(
        "GET",
        "/secrets/hidden",
        List.of("kv1.vault.lab.test"),
        name -> headers.getOrDefault(name, List.of()),
        "127.0.0.1",
        Set.of(),
        Proxies.of(List.of()),
        Request.Body.NONE,
        Optional.empty());
  }

  private static Trace.Answered answered(String method, int status) {
    return new Trace.Answered(
        Operation.SECRET_GET,
        method,
        status,
        REQUEST.guid(),
        Optional.of("2026-04-01"),
        Optional.of("kv1"));
  }

  private Trace begin(String... traceparents) {
    return collector.begin(request(traceparents)).orElseThrow();
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("it never came").isLessThan(end);
      Thread.sleep(10);
    }
  }

  private List<Told> spans(int count) throws InterruptedException {
    await(() -> receiver.spans().size() >= count);
    return receiver.spans();
  }

  @Test
  void begin_requestOfATrace_isToldAsItsChildWithoutTheObject() throws Exception {
    Trace trace = begin("00-" + TRACE + '-' + PARENT + "-01");
    trace.end(answered("GET", 200));
    Told span = spans(1).getFirst();
    assertThat(span)
        .isEqualTo(
            new Told(
                "SecretGet",
                TRACE,
                trace.spanId(),
                PARENT,
                Map.of(
                    "http.request.method", "GET",
                    "http.response.status_code", "200",
                    "azure.service.request.id", REQUEST.guid(),
                    "strongroom.api_version", "2026-04-01",
                    "strongroom.vault", "kv1")));
    assertThat(trace.traceId()).isEqualTo(TRACE);
    assertThat(receiver.resource())
        .containsEntry("service.name", "strongroom")
        .containsEntry("service.version", "1.2")
        .containsEntry("service.instance.id", "node-7");
    await(() -> collector.sent(Signal.TRACES) == 1);
    assertThat(collector.dropped(Signal.TRACES)).isZero();
  }

  @Test
  void end_failureAndMadeUpMethod_areTold() throws Exception {
    begin().end(answered("<script>", 503));
    assertThat(spans(1).getFirst().attributes())
        .containsEntry("http.request.method", "_OTHER")
        .containsEntry("error.type", "503");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"
      })
  void begin_traceparentThatIsNone_beginsATrace(String traceparent) {
    assertThat(begin(traceparent).traceId()).matches("[0-9a-f]{32}").isNotEqualTo(TRACE);
  }

  @Test
  void begin_twoTraceparents_beginsATrace() {
    String one = "00-" + TRACE + '-' + PARENT + "-01";
    assertThat(begin(one, one).traceId()).isNotEqualTo(TRACE);
  }

  @Test
  void begin_traceState_isKeptUpToWhatTheRecommendationAsks() throws Exception {
    String longest = "a=" + "x".repeat(250) + ",b=" + "y".repeat(250);
    for (String state : List.of(longest, longest + ",c=" + "z".repeat(250))) {
      Map<String, List<String>> headers =
          Map.of(
              "traceparent", List.of("00-" + TRACE + '-' + PARENT + "-01"),
              "tracestate", List.of(state));
      collector.begin(request(headers)).orElseThrow().end(answered("GET", 200));
    }
    assertThat(spans(2)).extracting(Told::traceId).containsOnly(TRACE);
    assertThat(receiver.states()).containsExactly(longest, "");
  }

  @Test
  void begin_traceThatIsNotFollowed_isNotTold() throws Exception {
    Trace trace = begin("00-" + TRACE + '-' + PARENT + "-00");
    trace.end(answered("GET", 200));
    begin().end(answered("PUT", 200));
    assertThat(spans(1)).extracting(Told::traceId).doesNotContain(TRACE);
    assertThat(trace.traceId()).isEqualTo(TRACE);
  }

  @Test
  void begin_noneInAHundred_onlyThoseThatClientsFollow() throws Exception {
    try (Collector rare = Collector.start(settings(0))) {
      rare.begin(request()).orElseThrow().end(answered("GET", 200));
      Trace followed = rare.begin(request("00-" + TRACE + '-' + PARENT + "-01")).orElseThrow();
      followed.end(answered("GET", 200));
      assertThat(spans(1)).extracting(Told::traceId).containsExactly(TRACE);
    }
  }

  @Test
  void begin_whatDoesNotEnd_isNotTold() throws Exception {
    Trace lost = begin();
    begin().end(answered("GET", 200));
    collector.close();
    assertThat(spans(1)).extracting(Told::spanId).doesNotContain(lost.spanId());
  }

  @Test
  void log_lineOfARequest_isToldWithIt() throws Exception {
    Trace trace = begin();
    new CurrentRequest(REQUEST, Optional.of(trace))
        .run(
            () -> {
              LOG.log(System.Logger.Level.ERROR, "it broke", new IllegalStateException("why"));
              return null;
            });
    LOG.log(System.Logger.Level.INFO, "{0} is idle", "it");
    System.getLogger("io.opentelemetry.sample").log(System.Logger.Level.ERROR, "of the library");
    await(() -> receiver.lines().size() >= 2);
    Told line = receiver.lines().getFirst();
    assertThat(line.name()).isEqualTo("it broke");
    assertThat(line.traceId()).isEqualTo(trace.traceId());
    assertThat(line.spanId()).isEqualTo(trace.spanId());
    assertThat(line.attributes())
        .containsEntry("azure.service.request.id", REQUEST.guid())
        .containsEntry("logger", "dev.strongroom.sample")
        .containsEntry("severity", "SEVERITY_NUMBER_ERROR")
        .containsEntry("exception.type", "java.lang.IllegalStateException")
        .containsEntry("exception.message", "why");
    assertThat(receiver.lines().get(1))
        .isEqualTo(
            new Told(
                "it is idle",
                "",
                "",
                "",
                Map.of("logger", "dev.strongroom.sample", "severity", "SEVERITY_NUMBER_INFO")));
    collector.close();
    assertThat(receiver.lines()).extracting(Told::name).doesNotContain("of the library");
  }

  @Test
  void end_collectorThatDoesNotAnswer_dropsWhatDoesNotFitAndTellsTheRest() throws Exception {
    receiver.hold();
    int all = 20_000;
    for (int i = 0; i < all; i++) {
      begin().end(answered("GET", 200));
    }
    await(() -> collector.dropped(Signal.TRACES) > 0);
    assertThat(receiver.spans()).isEmpty();
    receiver.goOn();
    await(() -> collector.sent(Signal.TRACES) + collector.dropped(Signal.TRACES) == all);
    assertThat(collector.sent(Signal.TRACES)).isPositive();
    assertThat(receiver.spans()).hasSize((int) collector.sent(Signal.TRACES));
  }

  @Test
  void end_collectorThatRefuses_isCountedAsDropped() throws Exception {
    receiver.answerWith(400);
    begin().end(answered("GET", 200));
    LOG.log(System.Logger.Level.INFO, "a line");
    await(() -> collector.dropped(Signal.TRACES) == 1 && collector.dropped(Signal.LOGS) == 1);
    assertThat(collector.sent(Signal.TRACES) + collector.sent(Signal.LOGS)).isZero();
  }

  @Test
  void start_overTls_trustsTheAuthorityAndAuthorises() throws Exception {
    X509.Issued authority =
        X509.newAuthority(
            "A", List.of("localhost"), List.of("127.0.0.0/8"), hours(-1), hours(1));
    try (Receiver safe = Receiver.start(tls(authority))) {
      byte[] trusted = authority.certificate().pem().getBytes(StandardCharsets.US_ASCII);
      byte[] other =
          X509.newAuthority("B", List.of("localhost"), List.of("127.0.0.0/8"), hours(-1), hours(1))
              .certificate()
              .pem()
              .getBytes(StandardCharsets.US_ASCII);
      try (Collector wrong = Collector.start(over(safe, other))) {
        wrong.begin(request()).orElseThrow().end(answered("GET", 200));
        await(() -> wrong.dropped(Signal.TRACES) == 1);
      }
      assertThat(safe.spans()).isEmpty();
      try (Collector right = Collector.start(over(safe, trusted))) {
        right.begin(request()).orElseThrow().end(answered("GET", 200));
        await(() -> right.sent(Signal.TRACES) == 1);
      }
      assertThat(safe.spans()).hasSize(1);
      assertThat(safe.authorizations()).containsOnly("Bearer of-the-collector");
    }
  }

  private static Collector.Settings over(Receiver receiver, byte[] authorities) {
    return new Collector.Settings(
        receiver.address(),
        true,
        false,
        100,
        Optional.of(authorities),
        Optional.of(SecretBytes.ofUtf8("Bearer of-the-collector")),
        "node-7",
        "1.2");
  }

  private static Instant hours(int hours) {
    return Instant.now().plus(Duration.ofHours(hours));
  }

  private static SSLContext tls(X509.Issued authority) throws Exception {
    X509.Issued leaf =
        X509.newServerCertificate(
            authority,
            "collector",
            List.of("localhost"),
            List.of(InetAddress.getByAddress(new byte[] {127, 0, 0, 1})),
            hours(-1),
            hours(1));
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    Certificate certificate =
        CertificateFactory.getInstance("X.509")
            .generateCertificate(
                new ByteArrayInputStream(
                    leaf.certificate().pem().getBytes(StandardCharsets.US_ASCII)));
    store.setKeyEntry("leaf", key(leaf), new char[0], new Certificate[] {certificate});
    KeyManagerFactory keys =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  private static PrivateKey key(X509.Issued leaf) throws Exception {
    try (SecretBytes pem = leaf.privateKeyPem()) {
      String text = new String(pem.exposed(), StandardCharsets.US_ASCII);
      byte[] der = Base64.getMimeDecoder().decode(text.replaceAll("-----[A-Z ]+-----", ""));
      return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
    }
  }
}
