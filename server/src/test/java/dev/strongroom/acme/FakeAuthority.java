package dev.strongroom.acme;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An ACME authority (RFC 8555) in the clear on loopback that keeps accounts and orders and does what a
 * test wants: refuse, lose answers, take its time. It looks at no signature and at no challenge.
 */
final class FakeAuthority implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final X500Name NAME = new X500Name("CN=Fake Authority");

  private final HttpServer http;
  private final KeyPair key;
  private final Map<String, String> accounts = new HashMap<>();
  private final Map<String, Order> orders = new HashMap<>();

  /** What was asked, such as {@code order 0}, in turn; without the directory and nonces. */
  final List<String> asked = new ArrayList<>();

  /** Problems that the next request of a kind meets, by its first word. */
  final Map<String, Problem> problems = new HashMap<>();

  /** Which request, counted from 0, is worked on and then gets no answer; none below 0. */
  int lost = -1;

  /** Which kinds of request are refused once for their nonce. */
  final Set<String> badNonces = new HashSet<>();

  /** Whether names are found to be in the hands of who asks. */
  boolean validates = true;

  /** How often an order is still being looked at. */
  int looks = 1;

  /** What an order that is being looked at asks to wait; empty for nothing. */
  String retryAfter = "";

  /**
   * @param type behind {@code urn:ietf:params:acme:error:}
   */
  record Problem(int status, String type, String retryAfter) {}

  private static final class Order {
    private final JsonNode identifiers;
    private String status = "pending";
    private boolean triggered;
    private int looks;
    private String certificate = "";

    private Order(JsonNode identifiers, int looks) {
      this.identifiers = identifiers;
      this.looks = looks;
    }
  }

  FakeAuthority() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    key = generator.generateKeyPair();
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext("/", this::serve);
    http.start();
  }

  URI directory() {
    return URI.create(at("/dir"));
  }

  synchronized int accounts() {
    return accounts.size();
  }

  synchronized int orders() {
    return orders.size();
  }

  synchronized int certificates() {
    return (int) orders.values().stream().filter(one -> !one.certificate.isEmpty()).count();
  }

  /** It knows no account and no order any more. */
  synchronized void forget() {
    accounts.clear();
    orders.clear();
  }

  private String at(String path) {
    return "http://127.0.0.1:" + http.getAddress().getPort() + path;
  }

  private synchronized void serve(HttpExchange exchange) throws IOException {
    // closed in any case, which is how an answer is lost
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      exchange.getResponseHeaders().add("Replay-Nonce", "nonce-" + System.nanoTime());
      String[] path = exchange.getRequestURI().getPath().substring(1).split("/");
      if (path[0].equals("dir")) {
        answer(exchange, 200, directoryOf());
        return;
      }
      if (path[0].equals("nonce")) {
        exchange.sendResponseHeaders(200, -1);
        return;
      }
      int number = asked.size();
      String what = path[0] + (path.length > 1 ? ' ' + path[1] : "");
      asked.add(what);
      Problem problem = problems.remove(path[0]);
      if (badNonces.remove(path[0])) {
        problem = new Problem(400, "badNonce", "");
      }
      if (problem != null) {
        refuse(exchange, problem);
        return;
      }
      JsonNode jws = JSON.readTree(body);
      JsonNode head = decoded(jws.path("protected").asString());
      String payload = jws.path("payload").asString();
      Reply reply =
          reply(path, head, payload.isEmpty() ? JSON.missingNode() : decoded(payload));
      if (number == lost) {
        return;
      }
      reply.headers.forEach(exchange.getResponseHeaders()::add);
      answer(exchange, reply.status, reply.body);
    }
  }

  private record Reply(int status, Object body, Map<String, String> headers) {}

  private Reply reply(String[] path, JsonNode head, JsonNode payload) throws IOException {
    if (path[0].equals("new-account")) {
      String thumb = head.path("jwk").toString();
      boolean known = accounts.containsKey(thumb);
      String id = accounts.computeIfAbsent(thumb, _ -> "account/" + accounts.size());
      ObjectNode account = JSON.createObjectNode().put("status", "valid");
      return new Reply(known ? 200 : 201, account, Map.of("Location", at('/' + id)));
    }
    String kid = head.path("kid").asString().replaceFirst("^.*?://[^/]+/", "");
    if (!accounts.containsValue(kid)) {
      return refusal(400, "accountDoesNotExist");
    }
    if (path[0].equals("new-order")) {
      String id = Integer.toString(orders.size());
      orders.put(id, new Order(payload.path("identifiers"), looks));
      return new Reply(201, order(id), Map.of("Location", at("/order/" + id)));
    }
    Order order = orders.get(path[1]);
    if (order == null) {
      return refusal(404, "malformed");
    }
    return switch (path[0]) {
      case "order" -> {
        if (order.status.equals("processing") && order.looks-- <= 0) {
          order.status = "valid";
        }
        yield new Reply(
            200,
            order(path[1]),
            retryAfter.isEmpty() ? Map.of() : Map.of("Retry-After", retryAfter));
      }
      case "authorization" ->
          new Reply(200, authorization(order, path[1], Integer.parseInt(path[2])), Map.of());
      case "challenge" -> {
        if (payload.isObject()) {
          order.triggered = true;
          order.status = validates ? "ready" : "invalid";
        }
        yield new Reply(200, challenge(order, path[1], Integer.parseInt(path[2])), Map.of());
      }
      case "finalize" -> {
        order.certificate = issued(payload.path("csr").asString());
        order.status = "processing";
        yield new Reply(200, order(path[1]), Map.of());
      }
      case "certificate" -> new Reply(200, order.certificate, Map.of());
      default -> refusal(404, "malformed");
    };
  }

  private static Reply refusal(int status, String type) {
    return new Reply(
        status,
        JSON.createObjectNode()
            .put("type", "urn:ietf:params:acme:error:" + type)
            .put("detail", "because of " + type),
        Map.of());
  }

  private void refuse(HttpExchange exchange, Problem problem) throws IOException {
    if (!problem.retryAfter().isEmpty()) {
      exchange.getResponseHeaders().add("Retry-After", problem.retryAfter());
    }
    answer(exchange, problem.status(), refusal(problem.status(), problem.type()).body());
  }

  private ObjectNode directoryOf() {
    return JSON.createObjectNode()
        .put("newNonce", at("/nonce"))
        .put("newAccount", at("/new-account"))
        .put("newOrder", at("/new-order"))
        .put("revokeCert", at("/revoke"))
        .put("keyChange", at("/key"));
  }

  private ObjectNode order(String id) {
    Order order = orders.get(id);
    ObjectNode out = JSON.createObjectNode().put("status", order.status);
    out.set("identifiers", order.identifiers);
    for (int i = 0; i < order.identifiers.size(); i++) {
      out.withArray("authorizations").add(at("/authorization/" + id + '/' + i));
    }
    out.put("finalize", at("/finalize/" + id));
    if (order.status.equals("valid")) {
      out.put("certificate", at("/certificate/" + id));
    }
    return out;
  }

  private ObjectNode authorization(Order order, String id, int name) {
    String status = !order.triggered ? "pending" : validates ? "valid" : "invalid";
    ObjectNode out = JSON.createObjectNode().put("status", status);
    out.set("identifier", order.identifiers.get(name));
    out.withArray("challenges").add(challenge(order, id, name));
    return out;
  }

  private ObjectNode challenge(Order order, String id, int name) {
    String status = !order.triggered ? "pending" : validates ? "valid" : "invalid";
    ObjectNode out =
        JSON.createObjectNode()
            .put("type", "http-01")
            .put("url", at("/challenge/" + id + '/' + name))
            .put("token", "token-" + id + '-' + name)
            .put("status", status);
    if (status.equals("invalid")) {
      out.set("error", (ObjectNode) refusal(403, "connection").body());
    }
    return out;
  }

  private String issued(String csr) throws IOException {
    Instant now = Instant.now();
    PKCS10CertificationRequest request =
        new PKCS10CertificationRequest(Base64.getUrlDecoder().decode(csr));
    try {
      X509CertificateHolder made =
          new JcaX509v3CertificateBuilder(
                  NAME,
                  BigInteger.valueOf(now.toEpochMilli()),
                  Date.from(now),
                  Date.from(now.plus(Duration.ofDays(90))),
                  request.getSubject(),
                  new JcaPEMKeyConverter()
                      .getPublicKey(request.getSubjectPublicKeyInfo()))
              .build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate()));
      return "-----BEGIN CERTIFICATE-----\n"
          + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
              .encodeToString(made.getEncoded())
          + "\n-----END CERTIFICATE-----\n";
    } catch (OperatorCreationException e) {
      throw new IOException(e);
    }
  }

  private static JsonNode decoded(String base64) {
    return JSON.readTree(Base64.getUrlDecoder().decode(base64));
  }

  private static void answer(HttpExchange exchange, int status, Object body) throws IOException {
    boolean json = !(body instanceof String);
    byte[] bytes =
        json
            ? JSON.writeValueAsBytes(body)
            : ((String) body).getBytes(StandardCharsets.US_ASCII);
    String type =
        !json
            ? "application/pem-certificate-chain"
            : status >= 400 ? "application/problem+json" : "application/json";
    exchange.getResponseHeaders().add("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    http.stop(0);
  }
}
