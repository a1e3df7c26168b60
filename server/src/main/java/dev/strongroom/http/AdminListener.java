package dev.strongroom.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Health and metrics over plain HTTP, for the machine itself: {@code /health}, {@code /metrics},
 * {@code /live}, {@code /ready}, {@code /sealed}. It shares nothing with the listeners that it reports
 * on.
 */
public final class AdminListener implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(AdminListener.class.getName());
  private static final String JSON = "application/json; charset=utf-8";
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String METRICS = "text/plain; version=0.0.4; charset=utf-8";

  /** A body and whether all is well. */
  public record Health(boolean ok, String json) {}

  private record Page(int status, String type, String body) {}

  private final HttpServer server;
  private final ExecutorService threads;

  private AdminListener(HttpServer server, ExecutorService threads) {
    this.server = server;
    this.threads = threads;
  }

  /**
   * @param port 0 for any free one
   * @param health JSON about the server's parts; 503 when not ok
   * @param metrics in Prometheus' text format
   * @param unready why requests would not be answered; empty when they would
   * @param isSealed whether the keys are away
   */
  public static AdminListener start(
      String address,
      int port,
      Supplier<Health> health,
      Supplier<String> metrics,
      Supplier<List<String>> unready,
      BooleanSupplier isSealed)
      throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(address, port), 0);
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    server.setExecutor(threads);
    page(
        server,
        "/health",
        () -> {
          Health now = health.get();
          return new Page(now.ok() ? 200 : 503, JSON, now.json());
        });
    page(server, "/metrics", () -> new Page(200, METRICS, metrics.get()));
    page(server, "/live", () -> new Page(200, TEXT, "live\n"));
    page(
        server,
        "/ready",
        () -> {
          List<String> reasons = unready.get();
          return reasons.isEmpty()
              ? new Page(200, TEXT, "ready\n")
              : new Page(503, TEXT, "not ready: " + String.join("; ", reasons) + "\n");
        });
    page(
        server,
        "/sealed",
        () ->
            isSealed.getAsBoolean()
                ? new Page(503, TEXT, "sealed\n")
                : new Page(200, TEXT, "unsealed\n"));
    server.createContext("/", exchange -> send(exchange, new Page(404, TEXT, "not found\n")));
    server.start();
    return new AdminListener(server, threads);
  }

  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private static void page(HttpServer server, String path, Supplier<Page> page) {
    server.createContext(path, exchange -> send(exchange, answer(exchange, path, page)));
  }

  private static Page answer(HttpExchange exchange, String path, Supplier<Page> page) {
    if (!exchange.getRequestURI().getPath().equals(path)) {
      return new Page(404, TEXT, "not found\n");
    }
    String method = exchange.getRequestMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      return new Page(405, TEXT, "method not allowed\n");
    }
    try {
      return page.get();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, path + " failed", e);
      return new Page(500, TEXT, "failed\n");
    }
  }

  private static void send(HttpExchange exchange, Page page) throws IOException {
    try (exchange) {
      byte[] body = page.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", page.type());
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(page.status(), head || body.length == 0 ? -1 : body.length);
      if (!head) {
        exchange.getResponseBody().write(body);
      }
    }
  }
}
