package dev.strongroom.otlp;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/** A collector that keeps what it is told, as OTLP over HTTP has it. */
public final class Receiver implements AutoCloseable {
  /** A span, or a line. */
  public record Told(
      String name, String traceId, String spanId, String parent, Map<String, String> attributes) {}

  private static final int PLENTY = 1_000_000;

  private final List<Told> spans = new CopyOnWriteArrayList<>();
  private final List<String> states = new CopyOnWriteArrayList<>();
  private final List<Told> lines = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private final Map<String, String> resource = new TreeMap<>();
  private final Semaphore room = new Semaphore(PLENTY);
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile int status = 200;

  private Receiver(HttpServer server) {
    this.server = server;
    server.setExecutor(threads);
    server.createContext(
        "/v1/traces",
        exchange -> take(exchange, body -> traces(ExportTraceServiceRequest.parseFrom(body))));
    server.createContext(
        "/v1/logs",
        exchange -> take(exchange, body -> logs(ExportLogsServiceRequest.parseFrom(body))));
    server.start();
  }

  /** On loopback; 0 takes a free port. */
  public static Receiver start(int port) throws IOException {
    return new Receiver(HttpServer.create(address(port), 0));
  }

  static Receiver start(SSLContext tls) throws IOException {
    HttpsServer server = HttpsServer.create(address(0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    return new Receiver(server);
  }

  private static InetSocketAddress address(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  public int port() {
    return server.getAddress().getPort();
  }

  URI address() {
    return URI.create(
        (server instanceof HttpsServer ? "https" : "http") + "://127.0.0.1:" + port());
  }

  /** Answers nobody until {@link #goOn}. */
  void hold() {
    room.drainPermits();
  }

  void goOn() {
    room.release(PLENTY);
  }

  void answerWith(int other) {
    status = other;
  }

  public List<Told> spans() {
    return List.copyOf(spans);
  }

  List<String> states() {
    return List.copyOf(states);
  }

  public List<Told> lines() {
    return List.copyOf(lines);
  }

  List<String> authorizations() {
    return List.copyOf(authorizations);
  }

  synchronized Map<String, String> resource() {
    return Map.copyOf(resource);
  }

  private interface Reading {
    void of(InputStream body) throws IOException;
  }

  private void take(HttpExchange exchange, Reading reading) throws IOException {
    try (exchange) {
      if (!room.tryAcquire(60, TimeUnit.SECONDS)) {
        throw new AssertionError("nobody let it go on");
      }
      if (status == 200) {
        reading.of(exchange.getRequestBody());
      }
      authorizations.addAll(
          exchange.getRequestHeaders().getOrDefault("Authorization", List.of()));
      exchange.sendResponseHeaders(status, -1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void traces(ExportTraceServiceRequest request) {
    request
        .getResourceSpansList()
        .forEach(
            each -> {
              keep(each.getResource().getAttributesList());
              for (ScopeSpans scope : each.getScopeSpansList()) {
                for (Span span : scope.getSpansList()) {
                  states.add(span.getTraceState());
                  spans.add(
                      new Told(
                          span.getName(),
                          hex(span.getTraceId()),
                          hex(span.getSpanId()),
                          hex(span.getParentSpanId()),
                          map(span.getAttributesList())));
                }
              }
            });
  }

  private void logs(ExportLogsServiceRequest request) {
    request
        .getResourceLogsList()
        .forEach(
            each -> {
              for (ScopeLogs scope : each.getScopeLogsList()) {
                for (LogRecord line : scope.getLogRecordsList()) {
                  Map<String, String> attributes = map(line.getAttributesList());
                  attributes.put("logger", scope.getScope().getName());
                  attributes.put("severity", line.getSeverityNumber().name());
                  lines.add(
                      new Told(
                          line.getBody().getStringValue(),
                          hex(line.getTraceId()),
                          hex(line.getSpanId()),
                          "",
                          attributes));
                }
              }
            });
  }

  private synchronized void keep(List<KeyValue> attributes) {
    resource.putAll(map(attributes));
  }

  private static Map<String, String> map(List<KeyValue> attributes) {
    Map<String, String> map = new TreeMap<>();
    attributes.forEach(
        each ->
            map.put(
                each.getKey(),
                each.getValue().hasIntValue()
                    ? Long.toString(each.getValue().getIntValue())
                    : each.getValue().getStringValue()));
    return map;
  }

  private static String hex(com.google.protobuf.ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  @Override
  public void close() {
    goOn();
    server.stop(0);
    threads.shutdownNow();
  }
}
