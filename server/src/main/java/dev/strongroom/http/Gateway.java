package dev.strongroom.http;

import dev.strongroom.access.Access;
import dev.strongroom.access.Decision;
import dev.strongroom.api.Answer;
import dev.strongroom.api.ControlApi;
import dev.strongroom.audit.Audit;
import dev.strongroom.audit.AuditRecord;
import dev.strongroom.control.ContainerDirectory;
import dev.strongroom.identity.Audience;
import dev.strongroom.identity.TokenVerifier;
import dev.strongroom.model.ApiVersion;
import dev.strongroom.model.Container;
import dev.strongroom.model.ContainerKind;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.NoWaiting;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.model.Principal;
import dev.strongroom.model.VaultException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The one way to every operation: route, authenticate, authorise, operate, audit, respond, in one
 * order of answers whatever the operation is.
 *
 * <p>{@link #serve} decides and sends nothing; {@link #settle} writes the record and only then
 * yields what may be sent. Neither knows the transport.
 */
public final class Gateway implements Service {
  private static final System.Logger LOG = System.getLogger(Gateway.class.getName());
  private static final int LARGE_BODIES = 2;
  private static final Pattern RESOURCE_MANAGER_VERSION =
      Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}(-[a-z]+)?");
  private static final Set<String> OVERRIDES = Set.of("GET", "PUT", "PATCH", "DELETE", "POST");
  private static final Set<ErrorCode> NOT_HTTP =
      EnumSet.of(ErrorCode.MALFORMED_REQUEST, ErrorCode.HEADERS_TOO_LARGE, ErrorCode.URI_TOO_LONG);
  private static final byte[] NOTHING = new byte[0];

  private final Routes routes;
  private final TokenVerifier tokens;
  private final Access access;
  private final ContainerDirectory containers;
  private final BooleanSupplier isSealed;
  private final Audit audit;
  private final InstantSource clock;
  private final Hosts hosts;
  private final Supplier<Id> requestIds;
  private final String region;
  private final Id homeTenant;
  private final Function<Id, Optional<Id>> tenantOfSubscription;
  private final Observer observer;
  private final Tracer tracer;
  private final Semaphore largeBodies = new Semaphore(LARGE_BODIES);

  /**
   * @param region shown where no container says its own location
   * @param homeTenant the tenant of the challenge where the resource has none
   * @param tenantOfSubscription to refuse tokens of other tenants before anything is decided
   */
  public Gateway(
      Routes routes,
      TokenVerifier tokens,
      Access access,
      ContainerDirectory containers,
      BooleanSupplier isSealed,
      Audit audit,
      InstantSource clock,
      Hosts hosts,
      Supplier<Id> requestIds,
      String region,
      Id homeTenant,
      Function<Id, Optional<Id>> tenantOfSubscription,
      Observer observer,
      Tracer tracer) {
    this.routes = routes;
    this.tokens = tokens;
    this.access = access;
    this.containers = containers;
    this.isSealed = isSealed;
    this.audit = audit;
    this.clock = clock;
    this.hosts = hosts;
    this.requestIds = requestIds;
    this.region = region;
    this.homeTenant = homeTenant;
    this.tenantOfSubscription = tenantOfSubscription;
    this.observer = observer;
    this.tracer = tracer;
  }

  /** Decides, audits, and answers: what a transport calls when it has a thread to wait on. */
  @Override
  public Reply answer(Request request) {
    return settle(serve(request));
  }

  /**
   * As {@link #serve}, on a thread that may not wait; empty when the request has to, and then nothing
   * has happened yet. Only for requests that read, or use a key.
   */
  @Override
  public Optional<Unaudited> serveAtOnce(Request request) {
    boolean mayBe =
        switch (request.method()) {
          case "GET" -> !request.body().isAnnounced();
          case "POST" -> request.body().isThere();
          default -> false;
        };
    if (!mayBe || audit.waits()) {
      return Optional.empty();
    }
    try {
      return Optional.of(NoWaiting.run(() -> serve(request)));
    } catch (NoWaiting.WouldWait e) {
      return Optional.empty();
    }
  }

  /** Decides. Nothing is sent and nothing is audited yet. */
  public Unaudited serve(Request request) {
    CurrentRequest current = new CurrentRequest(requestIds.get(), tracer.begin(request));
    return current.run(() -> serve(request, current));
  }

  private Unaudited serve(Request request, CurrentRequest current) {
    long started = System.nanoTime();
    try (Exchange exchange = new Exchange(request, current.id(), clock.instant(), largeBodies)) {
      Answer answer;
      Optional<ErrorCode> refused = Optional.empty();
      try {
        answer = run(exchange);
      } catch (NoWaiting.WouldWait e) {
        throw e;
      } catch (VaultException e) {
        answer = refusal(exchange, e);
        refused = Optional.of(e.code());
      } catch (Throwable e) {
        // because its text may say anything about the inside: it goes to the log only
        LOG.log(System.Logger.Level.ERROR, "a request failed", e);
        answer = refusal(exchange, VaultException.of(ErrorCode.INTERNAL));
        refused = Optional.of(ErrorCode.INTERNAL);
      }
      return conclude(exchange, answer, refused, current, started);
    }
  }

  /** Writes the record. An answer whose record cannot be written is replaced by 503. */
  public Reply settle(Unaudited unaudited) {
    return settle(List.of(unaudited)).getFirst();
  }

  /** As {@link #settle(Unaudited)} for each, with as few writes as can be. */
  @Override
  public List<Reply> settle(List<Unaudited> decided) {
    List<Audit.Taken> records = decided.stream().map(this::take).toList();
    List<Reply> replies = new ArrayList<>(decided.size());
    for (int i = 0; i < decided.size(); i++) {
      replies.add(settle(decided.get(i), records.get(i)));
    }
    return replies;
  }

  private Audit.Taken take(Unaudited unaudited) {
    try {
      return unaudited.record().map(audit::take).orElse(() -> {});
    } catch (RuntimeException | Error e) {
      return () -> {
        throw e;
      };
    }
  }

  private Reply settle(Unaudited unaudited, Audit.Taken taken) {
    Reply reply = recorded(unaudited, taken);
    unaudited.told().accept(reply.status());
    return reply;
  }

  private Reply recorded(Unaudited unaudited, Audit.Taken taken) {
    try {
      taken.written();
      return unaudited.reply();
    } catch (Throwable e) {
      // the trail itself tells once that it cannot be written; a line for each answer would fill the
      // disk that is full already
      LOG.log(
          e instanceof VaultException ? System.Logger.Level.DEBUG : System.Logger.Level.ERROR,
          "the audit record of an answer cannot be written",
          e);
      AuditRecord record = unaudited.record().orElseThrow();
      VaultException refusal = VaultException.of(ErrorCode.AUDIT_UNAVAILABLE);
      Id requestId = Id.guid(record.requestId());
      Map<String, String> headers =
          Headers.of(unaudited.role(), requestId, record.clientRequestId(), record.time());
      headers.put("Content-Type", "application/json; charset=utf-8");
      return new Reply(
          refusal.code().status(),
          headers,
          record.method().equals("HEAD")
              ? NOTHING
              : Errors.body(
                  unaudited.role(),
                  refusal.code(),
                  refusal.getMessage(),
                  requestId,
                  record.clientRequestId(),
                  record.time()),
          unaudited.reply().closes());
    }
  }

  private Answer run(Exchange x) {
    checkForm(x);
    checkHost(x);
    if (isSealed.getAsBoolean()) {
      throw VaultException.of(ErrorCode.SERVER_SEALED);
    }
    if (!audit.isAvailable()) {
      throw VaultException.of(ErrorCode.AUDIT_UNAVAILABLE);
    }
    findContainer(x);
    Routes.Match match = routes.find(x.role(), x.method, x.parsed().segments());
    if (x.role() != Role.LOGIN && !match.isOpen()) {
      authenticate(x, match);
    }
    switch (match) {
      case Routes.Unknown() -> throw VaultException.of(ErrorCode.PATH_UNKNOWN);
      case Routes.WrongMethod(String allow, boolean open) ->
          throw VaultException.of(
                  ErrorCode.METHOD_NOT_ALLOWED, "method", Exchange.clipped(x.method))
              .with("Allow", allow);
      case Routes.Found(Route route, Map<String, String> variables) -> {
        x.route = Optional.of(route);
        x.variables = variables;
      }
    }
    if (!x.method.equals("GET") && (x.role() != Role.VAULT || x.operation().changes())) {
      NoWaiting.aboutToWait();
    }
    x.origin =
        Optional.of(new Origin(x.requestId(), x.operation().auditName(), x.principal, x.now()));
    authorise(x);
    checkVersion(x);
    if (x.operation().plane() == Operation.Plane.DATA) {
      x.variable("name").ifPresent(ObjectName::new);
    }
    if (x.operation().changes()) {
      audit
          .refusalOfChanges()
          .ifPresent(
              code -> {
                throw VaultException.of(code).with("Retry-After", "10");
              });
    }
    if (x.request().body().isAnnounced()) {
      x.requireJson();
    }
    return x.route.orElseThrow().handler().handle(x);
  }

  private void checkForm(Exchange x) {
    Request request = x.request();
    if (request.defect().isPresent()) {
      throw request.defect().get().refusal();
    }
    x.target = Optional.of(Target.parse(request.target()));
    if (request.authorities().size() > 1) {
      throw malformed("it has more than one Host");
    }
    if (request.authorities().isEmpty()) {
      throw malformed("it has no Host");
    }
    String authority = authority(x);
    if (!Hosts.isAuthority(authority)) {
      throw malformed("its Host is not a host and port");
    }
    Optional<String> named = x.parsed().authority();
    if (named.isPresent() && !named.get().equalsIgnoreCase(authority)) {
      throw malformed("its target names another host than its Host");
    }
    if (request.headers().all("authorization").size() > 1) {
      throw malformed("it has more than one Authorization");
    }
  }

  private static String authority(Exchange x) {
    Request request = x.request();
    String sent = request.authorities().getFirst();
    if (!request.proxies().trust(request.remoteAddress())) {
      return sent;
    }
    String host = request.headers().first("x-forwarded-host").map(String::strip).orElse(sent);
    Optional<String> port = request.headers().first("x-forwarded-port").map(String::strip);
    boolean portless = host.indexOf(':', host.lastIndexOf(']') + 1) < 0;
    return portless && port.isPresent() ? host + ':' + port.get() : host;
  }

  private void checkHost(Exchange x) {
    String authority = authority(x);
    x.place =
        hosts
            .find(authority, x.parsed().segments())
            .filter(place -> x.request().roles().contains(place.role()));
    if (x.place.isEmpty()) {
      throw VaultException.of(ErrorCode.HOST_UNKNOWN, "host", authority);
    }
    if (x.role() == Role.VAULT && x.method.equals("POST")) {
      x.method = intended(x);
    }
  }

  // a client that can only POST names the verb that it means in a header
  private static String intended(Exchange x) {
    List<String> named = x.request().headers().all("x-http-method");
    if (named.isEmpty()) {
      named = x.request().headers().all("x-http-request");
    }
    if (named.isEmpty()) {
      return x.method;
    }
    String verb = named.getFirst().strip().toUpperCase(Locale.ROOT);
    if (named.size() > 1 || !OVERRIDES.contains(verb)) {
      throw malformed("its X-HTTP-METHOD is not one known method");
    }
    return verb;
  }

  private void findContainer(Exchange x) {
    Place place = x.place.orElseThrow();
    if (place.role() != Role.VAULT) {
      return;
    }
    x.container = containers.find(place.kind().orElseThrow(), place.container().orElseThrow());
    if (x.container.isEmpty()) {
      throw VaultException.of(ErrorCode.HOST_UNKNOWN, "host", place.authority());
    }
  }

  private void authenticate(Exchange x, Routes.Match match) {
    x.tenant =
        x.container
            .map(Container::tenant)
            .or(() -> subscription(match).flatMap(tenantOfSubscription));
    List<String> credentials = x.request().headers().all("authorization");
    if (credentials.isEmpty()) {
      throw VaultException.of(ErrorCode.UNAUTHORIZED_NO_TOKEN);
    }
    String credential = credentials.getFirst().strip();
    int space = credential.indexOf(' ');
    if (space < 0 || !credential.substring(0, space).equalsIgnoreCase("Bearer")) {
      throw VaultException.of(ErrorCode.UNAUTHORIZED_NO_TOKEN);
    }
    Audience audience =
        x.container
            .map(c -> c.kind() == ContainerKind.VAULT ? Audience.VAULT : Audience.MANAGED_HSM)
            .orElse(Audience.MANAGEMENT);
    x.principal =
        Optional.of(
            tokens.verify(credential.substring(space + 1).strip(), audience, x.tenant, x.now()));
  }

  private static Optional<Id> subscription(Routes.Match match) {
    if (!(match instanceof Routes.Found(Route route, Map<String, String> variables))) {
      return Optional.empty();
    }
    String named = variables.get("subscription");
    if (named == null) {
      String[] scope = variables.getOrDefault("scope", "").split("/");
      named = scope.length > 2 && scope[1].equalsIgnoreCase("subscriptions") ? scope[2] : "";
    }
    return Id.findGuid(named);
  }

  private void authorise(Exchange x) {
    Operation operation = x.operation();
    switch (operation.plane()) {
      case DATA -> {
        Container container = x.container();
        Optional<ObjectName> object =
            operation.checked() == Operation.Checked.OBJECT
                ? x.variable("name").flatMap(Gateway::validName)
                : Optional.empty();
        decided(x, access.decide(x.principal(), operation, container, object, x.now()));
        if (!x.decision.orElseThrow().allowed()) {
          throw forbidden(x, container, object);
        }
      }
      case CONTROL -> {
        String action = operation.action(ContainerKind.VAULT);
        String scope = x.route.orElseThrow().scope(x.variables);
        x.scope = Optional.of(scope);
        if (action.isEmpty()) {
          return;
        }
        decided(x, access.decide(x.principal(), action, scope, x.now()));
        if (!x.decision.orElseThrow().allowed()) {
          throw ControlApi.forbidden(x.principal(), action, scope);
        }
      }
      case LOGIN -> {}
      case LOCAL -> throw new IllegalStateException("a route to " + operation);
    }
  }

  // a name that cannot exist has no rules of its own: what decides is the container
  private static Optional<ObjectName> validName(String text) {
    try {
      return Optional.of(new ObjectName(text));
    } catch (VaultException e) {
      return Optional.empty();
    }
  }

  private static void decided(Exchange x, Decision decision) {
    x.decision = Optional.of(decision);
    decision.rule().ifPresent(rule -> x.note("rule", rule));
    if (!decision.allowed()) {
      x.note("reason", decision.reason());
    }
  }

  private static VaultException forbidden(
      Exchange x, Container container, Optional<ObjectName> object) {
    Operation operation = x.operation();
    Principal principal = x.principal();
    if (!container.usesRbac()) {
      return VaultException.of(
          ErrorCode.FORBIDDEN_BY_POLICY,
          "caller",
          principal.caller().replace(";iss=", ";numgroups=" + principal.groups().size() + ";iss="),
          "category",
          operation.collection().orElseThrow().wire(),
          "permission",
          operation.permission().orElseThrow(),
          "vault",
          container.name(),
          "location",
          container.location());
    }
    String resource =
        container.resourceId()
            + object
                .map(name -> '/' + operation.collection().orElseThrow().wire() + '/' + name.text())
                .orElse("");
    return VaultException.of(
        ErrorCode.FORBIDDEN_BY_RBAC,
        "caller",
        principal.caller(),
        "action",
        operation.action(container.kind()),
        "resource",
        resource.toLowerCase(Locale.ROOT),
        "vault",
        container.name(),
        "location",
        container.location());
  }

  private static void checkVersion(Exchange x) {
    List<String> sent = x.versions();
    String text = String.join(",", sent);
    switch (x.operation().plane()) {
      case DATA -> {
        if (text.isEmpty()) {
          throw VaultException.of(ErrorCode.API_VERSION_MISSING);
        }
        x.apiVersion =
            ApiVersion.find(text).filter(version -> version.atLeast(x.operation().first()));
        if (x.apiVersion.isEmpty()) {
          throw VaultException.of(ErrorCode.API_VERSION_UNKNOWN, "version", Exchange.clipped(text));
        }
      }
      case CONTROL -> {
        if (text.isEmpty()) {
          throw VaultException.of(ErrorCode.ARM_API_VERSION_MISSING);
        }
        if (!RESOURCE_MANAGER_VERSION.matcher(text).matches()) {
          throw VaultException.of(
              ErrorCode.ARM_API_VERSION_UNKNOWN, "version", Exchange.clipped(text));
        }
      }
      case LOGIN, LOCAL -> {}
    }
  }

  private Answer refusal(Exchange x, VaultException refused) {
    VaultException e = x.role() == Role.MANAGEMENT ? forResourceManager(refused) : refused;
    Map<String, String> headers = new HashMap<>(e.headers());
    if (e.code().status() == 401) {
      if (x.container.isPresent()) {
        headers.put("WWW-Authenticate", x.place.orElseThrow().challenge(x.tenant.orElseThrow()));
      } else if (x.role() == Role.MANAGEMENT) {
        headers.put(
            "WWW-Authenticate",
            x.place.orElseThrow().managementChallenge(x.tenant.orElse(homeTenant), e.getMessage()));
      }
    }
    if (e.code().status() == 503 && e.code() != ErrorCode.STORE_OUTCOME_UNKNOWN) {
      // nothing was done, so the same request may come again
      headers.putIfAbsent("Retry-After", "1");
    }
    byte[] body =
        Errors.body(
            x.role(), e.code(), e.getMessage(), x.requestId(), x.clientRequestId(), x.now());
    return new Answer(e.code().status(), headers, body, Optional.empty());
  }

  // because tokens are refused in the data plane's words wherever they are shown
  private static VaultException forResourceManager(VaultException e) {
    String message = e.getMessage();
    return switch (e.code()) {
      case UNAUTHORIZED_NO_TOKEN -> VaultException.of(ErrorCode.ARM_TOKEN_MISSING);
      case UNAUTHORIZED_MALFORMED,
          UNAUTHORIZED_AUDIENCE,
          UNAUTHORIZED_ISSUER,
          UNAUTHORIZED_EXPIRED,
          UNAUTHORIZED_INVALID ->
          VaultException.of(
              ErrorCode.ARM_TOKEN_INVALID,
              "reason",
              message.endsWith(".") ? message.substring(0, message.length() - 1) : message);
      default -> e;
    };
  }

  private Unaudited conclude(
      Exchange x,
      Answer answer,
      Optional<ErrorCode> refused,
      CurrentRequest current,
      long started) {
    Operation operation = named(x, answer);
    long micros = microsSince(started);
    Map<String, String> headers = Headers.of(x.role(), x.requestId(), x.clientRequestId(), x.now());
    if (x.role() == Role.VAULT) {
      Headers.addDataPlane(
          headers,
          x.container.map(Container::location).orElse(region),
          x.clientAddress,
          x.container.filter(Container::usesRbac).flatMap(container -> x.decision));
    }
    if (answer.status() != 204) {
      headers.put("Content-Type", "application/json; charset=utf-8");
    }
    answer.headers().forEach((name, value) -> headers.put(name, Headers.safe(value)));
    boolean head = x.request().method().equals("HEAD");
    Reply reply =
        new Reply(
            answer.status(),
            headers,
            head ? NOTHING : answer.body(),
            refused.filter(NOT_HTTP::contains).isPresent());
    boolean counted =
        answer.status() < 400
            && (operation == Operation.DISCOVERY || operation == Operation.CLOUD_METADATA);
    return new Unaudited(
        reply,
        counted ? Optional.empty() : Optional.of(record(x, operation, answer, refused, micros)),
        x.role(),
        status -> {
          observer.answered(operation, status, microsSince(started));
          current.trace().ifPresent(trace -> trace.end(answered(x, operation, status)));
        });
  }

  private static long microsSince(long nanos) {
    return (System.nanoTime() - nanos) / 1000;
  }

  private static Trace.Answered answered(Exchange x, Operation operation, int status) {
    return new Trace.Answered(
        operation,
        x.method,
        status,
        x.requestId().guid(),
        x.versionText(),
        x.container.map(Container::name));
  }

  private static Operation named(Exchange x, Answer answer) {
    if (x.route.isPresent()) {
      return x.operation();
    }
    return answer.status() == 401 ? Operation.AUTHENTICATION : Operation.REQUEST_REFUSED;
  }

  private static AuditRecord record(
      Exchange x, Operation operation, Answer answer, Optional<ErrorCode> refused, long micros) {
    Request request = x.request();
    return new AuditRecord(
        x.now(),
        operation.auditName(),
        switch (x.role()) {
          case VAULT -> AuditRecord.AUDIT_EVENT;
          case LOGIN -> AuditRecord.SIGN_IN;
          case MANAGEMENT -> AuditRecord.ADMINISTRATION;
        },
        x.container.map(Container::resourceId).or(() -> x.scope),
        x.requestId().guid(),
        x.clientRequestId(),
        x.clientAddress,
        x.principal,
        x.method,
        x.target.map(Target::path).orElse(""),
        x.versionText(),
        request.headers().first("user-agent").map(Exchange::clipped),
        answer.status(),
        refused.map(ErrorCode::wire),
        answer.objectId(),
        micros,
        x.origin.map(Origin::journal).orElse(OptionalLong.empty()),
        x.notes());
  }

  private static VaultException malformed(String reason) {
    return VaultException.of(ErrorCode.MALFORMED_REQUEST, "reason", reason);
  }
}
