package dev.strongroom.conformance;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A balancer that hands each request to the next node, also those of one connection, with the host
 * that the client asked for.
 */
final class RoundRobin implements AutoCloseable {
  /** What belongs to one connection (RFC 9110 section 7.6.1), or is made anew. */
  private static final Set<String> NOT_HANDED_ON =
      Set.of("connection", "keep-alive", "transfer-encoding", "content-length", "upgrade", "expect");

  private final HttpsServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client;
  private final List<String> nodes;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicIntegerArray answered;

  private RoundRobin(HttpsServer server, HttpClient client, List<String> nodes) {
    this.server = server;
    this.client = client;
    this.nodes = nodes;
    this.answered = new AtomicIntegerArray(nodes.size());
  }

  /**
   * @param port where it listens, and the nodes on their addresses
   * @param store certificate and key, PKCS#12
   * @param trusted the certificate alone, which the nodes have as well
   */
  static RoundRobin start(int port, List<String> nodes, Path store, Path trusted)
      throws IOException, GeneralSecurityException {
    char[] password = Credentials.STORE_PASSWORD.toCharArray();
    KeyManagerFactory keys =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(KeyStore.getInstance(store.toFile(), password), password);
    SSLContext ours = SSLContext.getInstance("TLS");
    ours.init(keys.getKeyManagers(), null, null);
    HttpsServer server = HttpsServer.create(new InetSocketAddress("127.0.0.1", port), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(ours));
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(
                Credentials.trusting(
                    trusted,
                    trusted.resolveSibling("front-trust.p12"),
                    Credentials.STORE_PASSWORD))
            .connectTimeout(Duration.ofSeconds(10))
            .build();
    RoundRobin front = new RoundRobin(server, client, List.copyOf(nodes));
    server.createContext("/", front::handOn);
    server.setExecutor(front.threads);
    server.start();
    return front;
  }

  List<Integer> answered() {
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < answered.length(); i++) {
      all.add(answered.get(i));
    }
    return all;
  }

  private void handOn(HttpExchange exchange) throws IOException {
    try (exchange) {
      int node = Math.floorMod(next.getAndIncrement(), nodes.size());
      HttpRequest.Builder request =
          HttpRequest.newBuilder(
                  URI.create(
                      "https://"
                          + nodes.get(node)
                          + ':'
                          + server.getAddress().getPort()
                          + exchange.getRequestURI()))
              .timeout(Duration.ofSeconds(60));
      exchange
          .getRequestHeaders()
          .forEach(
              (name, values) -> {
                if (!NOT_HANDED_ON.contains(name.toLowerCase(Locale.ROOT))) {
                  values.forEach(value -> request.header(name, value));
                }
              });
      byte[] body = exchange.getRequestBody().readAllBytes();
      request.method(
          exchange.getRequestMethod(),
          body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
      HttpResponse<byte[]> answer = client.send(request.build(), BodyHandlers.ofByteArray());
      answer
          .headers()
          .map()
          .forEach(
              (name, values) -> {
                if (!NOT_HANDED_ON.contains(name.toLowerCase(Locale.ROOT))) {
                  values.forEach(value -> exchange.getResponseHeaders().add(name, value));
                }
              });
      answered.incrementAndGet(node);
      boolean isEmpty = answer.body().length == 0;
      exchange.sendResponseHeaders(answer.statusCode(), isEmpty ? -1 : answer.body().length);
      if (!isEmpty) {
        exchange.getResponseBody().write(answer.body());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    client.shutdownNow();
    threads.shutdownNow();
  }
}
