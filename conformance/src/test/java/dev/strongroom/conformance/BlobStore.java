package dev.strongroom.conformance;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keeps the bytes and the metadata of blobs in memory, and answers as much of Azure's blob service as
 * a client needs that encrypts by itself: Put Blob, Get Blob with ranges, Get Blob Properties.
 *
 * @see <a href="https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api">Blob
 *     service REST API</a>
 */
final class BlobStore implements AutoCloseable {
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");
  private static final String MODIFIED = "Thu, 01 Jan 2026 00:00:00 GMT";

  private record Blob(byte[] bytes, Map<String, String> metadata) {}

  private final Map<String, Blob> blobs = new ConcurrentHashMap<>();
  private final HttpServer http;

  BlobStore() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext("/", this::answer);
    http.start();
  }

  /** The URL of an account. */
  String endpoint(String account) {
    return "http://127.0.0.1:" + http.getAddress().getPort() + "/" + account;
  }

  /** What lies there, as the service sees it. */
  byte[] stored(String path) {
    return blobs.get(path).bytes();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (exchange.getRequestURI().getQuery() != null) {
        exchange.sendResponseHeaders(501, -1);
      } else if (exchange.getRequestMethod().equals("PUT")) {
        put(exchange, path);
      } else if (blobs.containsKey(path)) {
        get(exchange, blobs.get(path));
      } else {
        exchange.getResponseHeaders().set("x-ms-error-code", "BlobNotFound");
        exchange.sendResponseHeaders(404, -1);
      }
    }
  }

  private void put(HttpExchange exchange, String path) throws IOException {
    Map<String, String> metadata = new LinkedHashMap<>();
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) -> {
              if (name.toLowerCase().startsWith("x-ms-meta-")) {
                metadata.put(name, values.getFirst());
              }
            });
    blobs.put(path, new Blob(exchange.getRequestBody().readAllBytes(), metadata));
    describe(exchange.getResponseHeaders());
    exchange.sendResponseHeaders(201, -1);
  }

  private static void get(HttpExchange exchange, Blob blob) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    describe(headers);
    headers.set("x-ms-blob-type", "BlockBlob");
    headers.set("Content-Type", "application/octet-stream");
    headers.set("Accept-Ranges", "bytes");
    blob.metadata().forEach(headers::set);
    int length = blob.bytes().length;
    if (exchange.getRequestMethod().equals("HEAD")) {
      headers.set("Content-Length", "" + length);
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    String asked = exchange.getRequestHeaders().getFirst("x-ms-range");
    Matcher range = RANGE.matcher(asked == null ? "" : asked);
    byte[] part = blob.bytes();
    int status = 200;
    if (range.matches()) {
      int from = Integer.parseInt(range.group(1));
      int to =
          range.group(2).isEmpty()
              ? length
              : (int) Math.min(length, Long.parseLong(range.group(2)) + 1);
      part = Arrays.copyOfRange(part, from, to);
      headers.set("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + length);
      status = 206;
    }
    exchange.sendResponseHeaders(status, part.length);
    exchange.getResponseBody().write(part);
  }

  private static void describe(Headers headers) {
    headers.set("ETag", "\"0x8D0000000000001\"");
    headers.set("Last-Modified", MODIFIED);
    headers.set("x-ms-version", "2026-02-06");
    headers.set("x-ms-request-server-encrypted", "true");
  }

  @Override
  public void close() {
    http.stop(0);
  }
}
