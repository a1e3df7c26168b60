package dev.strongroom.http;

import dev.strongroom.access.Access;
import dev.strongroom.access.Decision;
import dev.strongroom.api.Answer;
import dev.strongroom.api.Call;
import dev.strongroom.api.Handler;
import dev.strongroom.api.Json;
import dev.strongroom.audit.Audit;
import dev.strongroom.audit.AuditRecord;
import dev.strongroom.identity.Audience;
import dev.strongroom.identity.TokenVerifier;
import dev.strongroom.model.Container;
import dev.strongroom.model.ContainerKind;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Principal;
import dev.strongroom.model.VaultException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** A gateway whose neighbours are all in memory, with every operation routed. */
final class Fixture {
  static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
  static final Id TENANT = Id.guid("11111111-1111-1111-1111-111111111111");
  static final Id OTHER_TENANT = Id.guid("22222222-2222-2222-2222-222222222222");
  static final Id SUBSCRIPTION = Id.guid("33333333-3333-3333-3333-333333333333");
  static final Id ASSIGNMENT = Id.guid("44444444-4444-4444-4444-444444444444");
  static final Id CALLER = Id.guid("55555555-5555-5555-5555-555555555555");
  static final Id APPLICATION = Id.guid("66666666-6666-6666-6666-666666666666");
  static final String GOOD = "Bearer good";
  static final String FORBIDDEN = "Bearer powerless";

  final List<AuditRecord> records = new CopyOnWriteArrayList<>();
  final List<String> decisions = new CopyOnWriteArrayList<>();
  final List<String> handled = new CopyOnWriteArrayList<>();
  final Map<Operation, Handler> handlers = new EnumMap<>(Operation.class);
  final AtomicLong ids = new AtomicLong();
  boolean sealed;
  boolean auditBroken;
  boolean auditAvailable = true;
  boolean reserve;
  boolean rbac = true;
  Hosts hosts = new Hosts("lab.test", Map.of("keys.example:9443", "kv1"), Optional.of("kv1"));
  Tracer tracer = Tracer.NOBODY;
  final Gateway gateway;

  Fixture() {
    for (Operation operation : Operation.values()) {
      handlers.put(operation, call -> echo(call));
    }
    List<Route> routes = new ArrayList<>(DataRoutes.of(lazily()));
    routes.addAll(ControlRoutes.of(lazily()));
    routes.addAll(LoginRoutes.of(lazily()));
    gateway =
        new Gateway(
            Routes.of(routes),
            tokens(),
            access(),
            (kind, name) ->
                kind == ContainerKind.VAULT && name.equals("kv1")
                    ? Optional.of(vault())
                    : Optional.empty(),
            () -> sealed,
            audit(),
            InstantSource.fixed(NOW),
            hosts,
            () -> new Id(7, ids.incrementAndGet()),
            "lab",
            TENANT,
            id -> id.equals(SUBSCRIPTION) ? Optional.of(TENANT) : Optional.empty(),
            Observer.NOBODY,
            request -> tracer.begin(request));
  }

  private Map<Operation, Handler> lazily() {
    Map<Operation, Handler> lazy = new EnumMap<>(Operation.class);
    for (Operation operation : Operation.values()) {
      lazy.put(operation, call -> handlers.get(operation).handle(call));
    }
    return lazy;
  }

  private Answer echo(Call call) {
    handled.add(call.operation().auditName());
    if (call.operation() == Operation.SECRET_SET) {
      Json.object(call.body(), ErrorCode.BODY_MISSING, ErrorCode.BODY_INVALID);
    }
    byte[] body =
        Json.write(
            json -> {
              json.writeStartObject();
              json.writeStringProperty("operation", call.operation().name());
              json.writeStringProperty("name", call.variable("name").orElse(""));
              json.writeStringProperty("version", call.variable("version").orElse(""));
              json.writeStringProperty("scope", call.variable("scope").orElse(""));
              json.writeStringProperty("base", call.baseUrl());
              json.writeEndObject();
            });
    return Answer.json(200, body, call.baseUrl() + call.path());
  }

  Container vault() {
    return new Container(
        new Id(1, 2),
        ContainerKind.VAULT,
        "kv1",
        TENANT,
        SUBSCRIPTION,
        "Group",
        "lab",
        "standard",
        Optional.of(rbac),
        List.of(),
        90,
        false,
        false,
        false,
        false,
        Map.of(),
        NOW,
        NOW,
        Optional.empty());
  }

  private static TokenVerifier tokens() {
    return (token, audience, tenant, now) -> {
      if (token.equals("broken")) {
        throw new IllegalStateException("a detail that stays here");
      }
      boolean known = token.equals("good") || token.equals("powerless");
      if (!known) {
        throw VaultException.of(ErrorCode.UNAUTHORIZED_INVALID, "reason", "it is \"wrong\"\r\n");
      }
      if (tenant.isPresent() && !tenant.get().equals(TENANT)) {
        throw VaultException.of(ErrorCode.UNAUTHORIZED_ISSUER);
      }
      return new Principal(
          TENANT,
          CALLER,
          Principal.Kind.APPLICATION,
          Optional.of(APPLICATION),
          "https://sts.lab.test/" + TENANT.guid() + "/",
          Set.of(),
          Map.of("may", Boolean.toString(token.equals("good")), "aud", audience.name()));
    };
  }

  private Access access() {
    return new Access() {
      @Override
      public Decision decide(
          Principal principal,
          Operation operation,
          Container container,
          Optional<ObjectName> object,
          Instant now) {
        decisions.add(operation + "@" + object.map(ObjectName::text).orElse("container"));
        return decision(principal, Audience.VAULT);
      }

      @Override
      public Decision decide(Principal principal, String action, String scope, Instant now) {
        decisions.add(action + "@" + scope);
        return decision(principal, Audience.MANAGEMENT);
      }
    };
  }

  private static Decision decision(Principal principal, Audience audience) {
    boolean allowed =
        principal.claims().get("may").equals("true")
            && principal.claims().get("aud").equals(audience.name());
    return allowed
        ? new Decision(true, Optional.of(ASSIGNMENT.guid()), "")
        : new Decision(false, Optional.empty(), "DeniedWithNoValidRBAC");
  }

  private Audit audit() {
    return new Audit() {
      @Override
      public Taken take(AuditRecord record) {
        return () -> {
          if (auditBroken) {
            throw VaultException.of(ErrorCode.AUDIT_UNAVAILABLE);
          }
          records.add(record);
        };
      }

      @Override
      public boolean isAvailable() {
        return auditAvailable;
      }

      @Override
      public Optional<ErrorCode> refusalOfChanges() {
        return reserve ? Optional.of(ErrorCode.STORE_FULL) : Optional.empty();
      }

      @Override
      public void close() {}
    };
  }
}
