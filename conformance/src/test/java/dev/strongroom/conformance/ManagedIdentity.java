package dev.strongroom.conformance;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a host of managed identities does for the programs on it: hands out tokens of the development
 * application, each asked for at the server.
 *
 * @see <a href="https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference">REST
 *     endpoint of managed identities</a>
 */
final class ManagedIdentity implements AutoCloseable {
  private static final Pattern RESOURCE = Pattern.compile("(?:^|&)resource=([^&]+)");
  private static final long LIFE_SECONDS = 600;

  private final ResourceManager arm;
  private final String header = UUID.randomUUID().toString();
  private final HttpServer http;

  ManagedIdentity(ResourceManager arm) throws IOException {
    this.arm = arm;
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext("/msi/token", this::answer);
    http.start();
  }

  /** The variables by which a program finds its identity. */
  Map<String, String> environment() {
    return Map.of(
        "IDENTITY_ENDPOINT",
        "http://127.0.0.1:" + http.getAddress().getPort() + "/msi/token",
        "IDENTITY_HEADER",
        header);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Matcher resource = RESOURCE.matcher(exchange.getRequestURI().getRawQuery());
      if (!header.equals(exchange.getRequestHeaders().getFirst("X-IDENTITY-HEADER"))
          || !resource.find()) {
        exchange.sendResponseHeaders(400, -1);
        return;
      }
      String audience = URLDecoder.decode(resource.group(1), StandardCharsets.UTF_8);
      Map<String, String> token =
          Map.of(
              "access_token", arm.token(audience),
              "expires_on", "" + (Instant.now().getEpochSecond() + LIFE_SECONDS),
              "resource", audience,
              "token_type", "Bearer");
      byte[] body = JsonMapper.shared().writeValueAsBytes(token);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    http.stop(0);
  }
}
