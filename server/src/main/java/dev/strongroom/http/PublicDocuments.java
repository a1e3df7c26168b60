package dev.strongroom.http;

import dev.strongroom.identity.Throttle;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a {@code pki-http} listener answers: a table of path prefixes, each with what makes its
 * documents. Everything here is public by its nature (certificates, revocation, challenges of
 * RFC 8555), so there is no token and no audit record; no route of a vault can be reached.
 */
public final class PublicDocuments implements Service {
  private static final System.Logger LOG = System.getLogger(PublicDocuments.class.getName());
  private static final int MOST_BODY = 16 << 10;
  private static final double PER_SECOND = 50;
  private static final int BURST = 200;
  private static final int ADDRESSES = 20_000;

  /**
   * What was asked.
   *
   * @param name the path behind the prefix, as it was sent; never decoded
   * @param body empty unless it was a POST
   */
  public record Asked(String name, byte[] body) {}

  /**
   * What is answered.
   *
   * @param keep how long anybody may keep it; zero: not at all
   */
  public record Document(String type, Duration keep, byte[] body) {}

  /** Makes the document of a name; empty when there is none. It may wait. */
  @FunctionalInterface
  public interface Responder {
    Optional<Document> answer(Asked asked);
  }

  private record Route(String prefix, Set<String> methods, Responder responder) {}

  private final InstantSource clock;
  private final List<Route> routes = new ArrayList<>();
  private final Throttle addresses = new Throttle(PER_SECOND, BURST, ADDRESSES);

  public PublicDocuments(InstantSource clock) {
    this.clock = clock;
  }

  /** Answers GET and HEAD of paths that begin so. Before listening only. */
  public PublicDocuments get(String prefix, Responder responder) {
    routes.add(new Route(prefix, Set.of("GET", "HEAD"), responder));
    return this;
  }

  /** The same, and POST with a body of up to 16 KiB. */
  public PublicDocuments getAndPost(String prefix, Responder responder) {
    routes.add(new Route(prefix, Set.of("GET", "HEAD", "POST"), responder));
    return this;
  }

  @Override
  public Reply answer(Request request) {
    boolean closes = request.defect().isPresent();
    try {
      return document(request)
          .map(found -> reply(request, 200, headers(found), found.body(), closes))
          .orElseThrow(() -> VaultException.of(ErrorCode.PATH_UNKNOWN));
    } catch (VaultException e) {
      Map<String, String> headers = new LinkedHashMap<>(e.headers());
      headers.put("Content-Type", "text/plain; charset=utf-8");
      headers.put("Cache-Control", "no-store");
      byte[] text = (e.getMessage() + "\n").getBytes(StandardCharsets.UTF_8);
      return reply(request, e.code().status(), headers, text, closes);
    }
  }

  private Optional<Document> document(Request request) {
    if (request.defect().isPresent()) {
      throw request.defect().get().refusal();
    }
    String address =
        request.proxies().client(request.remoteAddress(), request.headers().all("X-Forwarded-For"));
    Optional<Duration> wait = addresses.take(address, clock.instant());
    if (wait.isPresent()) {
      throw VaultException.of(ErrorCode.BUSY, "reason", "TooManyRequests")
          .with("Retry-After", Long.toString(wait.get().toSeconds() + 1));
    }
    String path = request.target().replaceFirst("\\?.*", "");
    Route route =
        routes.stream()
            .filter(one -> path.startsWith(one.prefix()))
            .findFirst()
            .orElseThrow(() -> VaultException.of(ErrorCode.PATH_UNKNOWN));
    String method = request.method();
    if (!route.methods().contains(method)) {
      throw VaultException.of(ErrorCode.METHOD_NOT_ALLOWED, "method", Exchange.clipped(method))
          .with("Allow", String.join(", ", route.methods().stream().sorted().toList()));
    }
    byte[] body = method.equals("POST") ? request.body().read(MOST_BODY) : new byte[0];
    try {
      return route.responder().answer(new Asked(path.substring(route.prefix().length()), body));
    } catch (VaultException e) {
      throw e;
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "a document below " + route.prefix() + " failed", e);
      throw VaultException.of(ErrorCode.INTERNAL);
    }
  }

  private static Map<String, String> headers(Document document) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", document.type());
    headers.put(
        "Cache-Control",
        document.keep().isZero()
            ? "no-store"
            : "public, max-age=" + document.keep().toSeconds());
    headers.put("X-Content-Type-Options", "nosniff");
    return headers;
  }

  private static Reply reply(
      Request request, int status, Map<String, String> headers, byte[] body, boolean closes) {
    if (request.method().equals("HEAD")) {
      headers.put("Content-Length", Integer.toString(body.length));
      return new Reply(status, headers, new byte[0], closes);
    }
    return new Reply(status, headers, body, closes);
  }
}
