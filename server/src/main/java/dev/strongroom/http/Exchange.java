package dev.strongroom.http;

import dev.strongroom.access.Decision;
import dev.strongroom.api.Call;
import dev.strongroom.model.ApiVersion;
import dev.strongroom.model.Container;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.model.Principal;
import dev.strongroom.model.VaultException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;

/**
 * What the gateway has found out about one request so far, and the {@link Call} that its handler
 * sees. It belongs to one thread.
 */
final class Exchange implements Call, AutoCloseable {
  // because a restore may hold 32 MiB: this many at once, the others are told to come again
  private static final int LARGE = 8 << 20;
  private static final String RETRY_AFTER = "1";

  private static final Pattern JSON =
      Pattern.compile("(?i)application/(?:[a-z0-9.+-]+\\+)?json\\s*(?:;.*)?|text/json\\s*(?:;.*)?");

  private final Request request;
  private final Id requestId;
  private final Instant now;
  private final Semaphore largeBodies;
  private final Map<String, String> notes = new LinkedHashMap<>();

  Optional<Target> target = Optional.empty();
  Optional<Place> place = Optional.empty();
  Optional<Container> container = Optional.empty();
  Optional<Id> tenant = Optional.empty();
  Optional<Route> route = Optional.empty();
  Optional<Principal> principal = Optional.empty();
  Optional<Decision> decision = Optional.empty();
  Optional<String> scope = Optional.empty();
  Optional<ApiVersion> apiVersion = Optional.empty();
  Optional<Origin> origin = Optional.empty();
  Map<String, String> variables = Map.of();
  String method;
  String clientAddress;
  private Optional<byte[]> body = Optional.empty();
  private boolean holdsLarge;

  Exchange(Request request, Id requestId, Instant now, Semaphore largeBodies) {
    this.request = request;
    this.requestId = requestId;
    this.now = now;
    this.largeBodies = largeBodies;
    this.method = request.method();
    this.clientAddress =
        request.proxies().client(request.remoteAddress(), request.headers().all("x-forwarded-for"));
  }

  Request request() {
    return request;
  }

  Id requestId() {
    return requestId;
  }

  Map<String, String> notes() {
    return notes;
  }

  /** The kind of host, or of the clients that are told so when there is no such host. */
  Role role() {
    return place.map(Place::role).orElse(Role.VAULT);
  }

  Optional<String> clientRequestId() {
    Optional<String> ours = request.headers().first("x-ms-client-request-id");
    return Headers.echoable(
        role() == Role.LOGIN ? request.headers().first("client-request-id").or(() -> ours) : ours);
  }

  Target parsed() {
    return target.orElseThrow();
  }

  @Override
  public Operation operation() {
    return route.orElseThrow().operation();
  }

  @Override
  public String baseUrl() {
    return place.orElseThrow().baseUrl();
  }

  @Override
  public String path() {
    return parsed().decodedPath();
  }

  @Override
  public Optional<String> variable(String name) {
    return Optional.ofNullable(variables.get(name));
  }

  @Override
  public Optional<String> query(String name) {
    return parsed().first(name);
  }

  @Override
  public Optional<String> header(String name) {
    return request.headers().first(name);
  }

  @Override
  public byte[] body() {
    if (body.isEmpty()) {
      int limit = operation().bodyLimit();
      if (limit > LARGE) {
        holdsLarge = largeBodies.tryAcquire();
        if (!holdsLarge) {
          throw VaultException.of(ErrorCode.BUSY, "reason", "TooManyLargeBodies")
              .with("Retry-After", RETRY_AFTER);
        }
      }
      byte[] bytes = request.body().read(limit);
      if (bytes.length > 0) {
        requireJson();
      }
      body = Optional.of(bytes);
    }
    return body.get();
  }

  @Override
  public Principal principal() {
    return principal.orElseThrow();
  }

  @Override
  public Container container() {
    return container.orElseThrow();
  }

  @Override
  public ApiVersion apiVersion() {
    return apiVersion.orElseThrow();
  }

  @Override
  public Origin origin() {
    return origin.orElseThrow();
  }

  @Override
  public Instant now() {
    return now;
  }

  @Override
  public String clientAddress() {
    return clientAddress;
  }

  @Override
  public void note(String name, String value) {
    notes.put(name, value);
  }

  /** The api-version for the audit record, whatever it is. */
  Optional<String> versionText() {
    return target.flatMap(t -> t.first("api-version")).map(Exchange::clipped);
  }

  List<String> versions() {
    return parsed().all("api-version");
  }

  /** Refuses a body that does not say that it is JSON, where bodies are JSON. */
  void requireJson() {
    boolean json =
        operation().plane() == Operation.Plane.LOGIN
            || header("content-type").filter(t -> JSON.matcher(t.strip()).matches()).isPresent();
    if (!json) {
      throw VaultException.of(ErrorCode.MEDIA_TYPE);
    }
  }

  /** Lets go of the room that its body took. */
  @Override
  public void close() {
    if (holdsLarge) {
      holdsLarge = false;
      largeBodies.release();
    }
  }

  static String clipped(String text) {
    return text.length() <= 256 ? text : text.substring(0, 256);
  }
}
