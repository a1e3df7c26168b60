package dev.strongroom.control;

import dev.strongroom.access.Scopes;
import dev.strongroom.model.Application;
import dev.strongroom.model.BuiltInRole;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Origin;
import dev.strongroom.model.Principal;
import dev.strongroom.model.RoleAssignment;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.Barrier;
import dev.strongroom.store.Reads;
import dev.strongroom.store.Store;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Role assignments. An assignment never changes whom it is for, what it gives and where; only its
 * description does.
 */
public final class Roles {
  private static final String APPLICATION = "ServicePrincipal";
  private static final int DESCRIPTION = 1024;

  /** What a request asks for. */
  public record Wanted(
      Id role, Id principal, Optional<String> principalType, Optional<String> description) {}

  /** Which assignments a list shows, besides those of its scope and above. */
  public sealed interface Filter {
    /** At the scope, above and below. */
    record None() implements Filter {}

    /** At the scope and above. */
    record AtScope() implements Filter {}

    /** Of this principal alone; at the scope and above when also {@code atScope()} was asked. */
    record Of(Id principal, boolean atScope) implements Filter {}

    /** Of this principal and of the groups that it is in. */
    record AssignedTo(Id principal, Set<Id> groups, boolean atScope) implements Filter {}
  }

  private final Store store;
  private final Details details;

  public Roles(Store store, Barrier barrier) {
    this.store = store;
    this.details = new Details(barrier);
  }

  /**
   * Assigns a role.
   *
   * @param tenant of the caller; principal and scope must be of it
   * @param path the scope
   */
  public Placed<RoleAssignment> put(Origin origin, Id tenant, String path, Id id, Wanted wanted) {
    BuiltInRole role = role(wanted.role());
    if (role.condition().isPresent()) {
      throw VaultException.of(
          ErrorCode.ARM_NOT_ENFORCED,
          "feature",
          "The role '" + role.title() + "', which is limited by a condition,");
    }
    if (wanted.description().orElse("").length() > DESCRIPTION) {
      throw VaultException.of(
          ErrorCode.ARM_PROPERTY_INVALID,
          "property",
          "properties.description",
          "reason",
          "it has more than " + DESCRIPTION + " characters");
    }
    Scope seen = scope(store, path, tenant);
    return store.change(
        origin,
        details.note(
            origin,
            Optional.empty(),
            "roleAssignment",
            id.guid(),
            "scope",
            seen.path(),
            "role",
            wanted.role().guid(),
            "principal",
            wanted.principal().guid()),
        tx -> {
          Scope scope = scope(tx, path, tenant);
          String type = principalType(tx, tenant, wanted);
          Instant now = tx.time().truncatedTo(ChronoUnit.SECONDS);
          Optional<RoleAssignment> there = tx.findRule(RuleKind.ROLE_ASSIGNMENT, id.guid());
          if (there.isPresent()) {
            RoleAssignment before = there.get();
            if (!isSame(before, tenant, scope, wanted)) {
              throw VaultException.of(ErrorCode.ROLE_ASSIGNMENT_UPDATE);
            }
            RoleAssignment after = described(before, wanted.description(), now);
            tx.put(RuleKind.ROLE_ASSIGNMENT, after);
            return new Placed<>(after, false);
          }
          tx.rulesByParent(RuleKind.ROLE_ASSIGNMENT, wanted.principal().guid()).stream()
              .filter(other -> isSame(other, tenant, scope, wanted))
              .findFirst()
              .ifPresent(
                  other -> {
                    throw VaultException.of(
                        ErrorCode.ROLE_ASSIGNMENT_EXISTS, "name", other.id().hex());
                  });
          RoleAssignment assignment =
              new RoleAssignment(
                  id,
                  tenant,
                  scope.path(),
                  wanted.role(),
                  wanted.principal(),
                  type,
                  wanted.description(),
                  now,
                  now,
                  origin.principal().map(Principal::objectId));
          tx.put(RuleKind.ROLE_ASSIGNMENT, assignment);
          return new Placed<>(assignment, true);
        });
  }

  /** The assignment, when it is at exactly this scope. */
  public RoleAssignment get(Id tenant, String path, Id id) {
    return find(store, tenant, path, id)
        .orElseThrow(
            () -> VaultException.of(ErrorCode.ROLE_ASSIGNMENT_NOT_FOUND, "name", id.guid()));
  }

  public List<RoleAssignment> list(Id tenant, String path, Filter filter) {
    Predicate<RoleAssignment> above = assignment -> Scopes.covers(assignment.scope(), path, tenant);
    Predicate<RoleAssignment> around =
        above.or(assignment -> isBelow(assignment.scope(), path, tenant));
    Predicate<RoleAssignment> wanted =
        switch (filter) {
          case Filter.None() -> around;
          case Filter.AtScope() -> above;
          case Filter.Of(Id principal, boolean atScope) ->
              (atScope ? above : around)
                  .and(assignment -> assignment.principal().equals(principal));
          case Filter.AssignedTo(Id principal, Set<Id> groups, boolean atScope) ->
              (atScope ? above : around)
                  .and(
                      assignment ->
                          assignment.principal().equals(principal)
                              || groups.contains(assignment.principal()));
        };
    return store.rules(RuleKind.ROLE_ASSIGNMENT).stream()
        .filter(assignment -> assignment.tenant().equals(tenant))
        .filter(wanted)
        .sorted(
            Comparator.comparing(RoleAssignment::scope, String.CASE_INSENSITIVE_ORDER)
                .thenComparing(RoleAssignment::id))
        .toList();
  }

  /** The assignment that is gone now; empty when there was none. */
  public Optional<RoleAssignment> delete(Origin origin, Id tenant, String path, Id id) {
    Optional<RoleAssignment> seen = find(store, tenant, path, id);
    if (seen.isEmpty()) {
      return Optional.empty();
    }
    return store.change(
        origin,
        details.note(
            origin,
            Optional.empty(),
            "roleAssignment",
            id.guid(),
            "scope",
            seen.get().scope(),
            "role",
            seen.get().roleDefinition().guid(),
            "principal",
            seen.get().principal().guid()),
        tx -> {
          Optional<RoleAssignment> there = find(tx, tenant, path, id);
          there.ifPresent(assignment -> tx.remove(RuleKind.ROLE_ASSIGNMENT, assignment.key()));
          return there;
        });
  }

  public BuiltInRole role(Id id) {
    return BuiltInRole.find(id)
        .orElseThrow(
            () -> VaultException.of(ErrorCode.ROLE_DEFINITION_NOT_FOUND, "name", id.guid()));
  }

  private static Optional<RoleAssignment> find(Reads reads, Id tenant, String path, Id id) {
    return reads
        .findRule(RuleKind.ROLE_ASSIGNMENT, id.guid())
        .filter(
            assignment ->
                assignment.tenant().equals(tenant) && assignment.scope().equalsIgnoreCase(path));
  }

  private static Scope scope(Reads reads, String path, Id tenant) {
    Scope scope = Scope.resolve(reads, path, tenant);
    if (!scope.tenant().equals(tenant)) {
      throw VaultException.of(
          ErrorCode.SUBSCRIPTION_NOT_FOUND,
          "subscription",
          Scopes.subscriptionOf(path).map(Id::guid).orElse(path));
    }
    return scope;
  }

  private static boolean isBelow(String scope, String path, Id tenant) {
    return Scopes.isAtOrBelow(scope, path)
        || path.equalsIgnoreCase(Scopes.rootManagementGroup(tenant))
            && Scopes.isAtOrBelow(scope, "/subscriptions");
  }

  private static boolean isSame(RoleAssignment one, Id tenant, Scope scope, Wanted wanted) {
    return one.tenant().equals(tenant)
        && one.scope().equalsIgnoreCase(scope.path())
        && one.roleDefinition().equals(wanted.role())
        && one.principal().equals(wanted.principal());
  }

  private static String principalType(Reads reads, Id tenant, Wanted wanted) {
    Optional<Application> application =
        reads
            .findRule(RuleKind.APPLICATION, wanted.principal().guid())
            .filter(found -> found.tenant().equals(tenant));
    if (application.isEmpty()) {
      throw VaultException.of(
          ErrorCode.PRINCIPAL_NOT_FOUND,
          "principal",
          wanted.principal().hex(),
          "tenant",
          tenant.guid());
    }
    wanted
        .principalType()
        .filter(type -> !type.equalsIgnoreCase(APPLICATION))
        .ifPresent(
            type -> {
              throw VaultException.of(
                  ErrorCode.PRINCIPAL_TYPE_UNMATCHED,
                  "principal",
                  wanted.principal().hex(),
                  "actual",
                  APPLICATION,
                  "wanted",
                  type);
            });
    return APPLICATION;
  }

  private static RoleAssignment described(
      RoleAssignment before, Optional<String> description, Instant now) {
    boolean unchanged = before.description().equals(description);
    return new RoleAssignment(
        before.id(),
        before.tenant(),
        before.scope(),
        before.roleDefinition(),
        before.principal(),
        before.principalType(),
        description,
        before.created(),
        unchanged ? before.updated() : now,
        before.createdBy());
  }
}
