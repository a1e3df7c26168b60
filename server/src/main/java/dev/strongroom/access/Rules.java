package dev.strongroom.access;

import dev.strongroom.model.BuiltInRole;
import dev.strongroom.model.Container;
import dev.strongroom.model.Container.AccessPolicy;
import dev.strongroom.model.Id;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Principal;
import dev.strongroom.model.RoleAssignment;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.Subscription;
import dev.strongroom.store.Store;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decides from the store's rules, which the store caches; no outcome is kept.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>A principal of another tenant than the resource's is never allowed, whatever is assigned.
 *   <li>A container goes by role assignments or by access policies, never by both.
 *   <li>A role that lives by a condition allows nothing, because conditions are not evaluated.
 *   <li>An assignment whose role is unknown allows nothing.
 * </ul>
 */
public final class Rules implements Access {
  /** The rule that an access policy is named by. */
  public static final String ACCESS_POLICY = "accessPolicy";

  public static final String NO_VALID_RBAC = "DeniedWithNoValidRBAC";
  public static final String NO_POLICY = "DeniedWithNoAccessPolicy";
  public static final String OTHER_TENANT = "DeniedWithOtherTenant";
  private static final String ALLOWED = "Allowed";

  private final Store store;

  public Rules(Store store) {
    this.store = store;
  }

  @Override
  public Decision decide(
      Principal principal,
      Operation operation,
      Container container,
      Optional<ObjectName> object,
      Instant now) {
    if (operation.plane() != Operation.Plane.DATA) {
      throw new IllegalArgumentException(operation + " is not of the data plane");
    }
    if (!principal.tenant().equals(container.tenant())) {
      return denied(OTHER_TENANT);
    }
    if (!container.usesRbac()) {
      return byPolicy(principal, operation, container);
    }
    String resource = Scopes.of(container, operation, object);
    for (RoleAssignment assignment : assignments(principal)) {
      if (Scopes.covers(assignment.scope(), resource, principal.tenant())
          && usable(assignment)
              .filter(role -> role.allows(operation, container.kind()))
              .isPresent()) {
        return allowed(assignment);
      }
    }
    return denied(NO_VALID_RBAC);
  }

  @Override
  public Decision decide(Principal principal, String action, String scope, Instant now) {
    if (action.isEmpty()) {
      return new Decision(true, Optional.empty(), ALLOWED);
    }
    if (isOfOtherTenant(principal, scope)) {
      return denied(OTHER_TENANT);
    }
    for (RoleAssignment assignment : assignments(principal)) {
      if (Scopes.covers(assignment.scope(), scope, principal.tenant())
          && usable(assignment).filter(role -> role.allows(action)).isPresent()) {
        return allowed(assignment);
      }
    }
    return denied(NO_VALID_RBAC);
  }

  /** The principal's own assignments and those of its groups, in its tenant. */
  private List<RoleAssignment> assignments(Principal principal) {
    List<RoleAssignment> found = new ArrayList<>();
    collect(principal.objectId(), principal.tenant(), found);
    for (Id group : principal.groups()) {
      collect(group, principal.tenant(), found);
    }
    return found;
  }

  private void collect(Id holder, Id tenant, List<RoleAssignment> found) {
    for (RoleAssignment assignment : store.rulesByParent(RuleKind.ROLE_ASSIGNMENT, holder.guid())) {
      if (assignment.tenant().equals(tenant)) {
        found.add(assignment);
      }
    }
  }

  private static Optional<BuiltInRole> usable(RoleAssignment assignment) {
    return BuiltInRole.find(assignment.roleDefinition()).filter(role -> role.condition().isEmpty());
  }

  private boolean isOfOtherTenant(Principal principal, String scope) {
    return Scopes.subscriptionOf(scope)
        .flatMap(id -> store.findRule(RuleKind.SUBSCRIPTION, id.guid()))
        .map(Subscription::tenant)
        .filter(tenant -> !tenant.equals(principal.tenant()))
        .isPresent();
  }

  private static Decision byPolicy(Principal principal, Operation operation, Container container) {
    Optional<PolicyCategory> category =
        operation.collection().flatMap(collection -> PolicyCategory.category(collection.wire()));
    Optional<String> permission = operation.permission();
    if (category.isEmpty() || permission.isEmpty()) {
      return denied(NO_POLICY);
    }
    for (AccessPolicy policy : container.accessPolicies()) {
      if (isFor(policy, principal)
          && category.get().allows(category.get().granted(policy), permission.get())) {
        return new Decision(true, Optional.of(ACCESS_POLICY), ALLOWED);
      }
    }
    return denied(NO_POLICY);
  }

  /** A policy with an application is for that object id only when it comes through it. */
  private static boolean isFor(AccessPolicy policy, Principal principal) {
    return policy.tenant().equals(principal.tenant())
        && (policy.objectId().equals(principal.objectId())
            || principal.groups().contains(policy.objectId()))
        && policy
            .applicationId()
            .map(app -> principal.appId().equals(Optional.of(app)))
            .orElse(true);
  }

  private static Decision allowed(RoleAssignment assignment) {
    return new Decision(true, Optional.of(assignment.id().guid()), ALLOWED);
  }

  private static Decision denied(String reason) {
    return new Decision(false, Optional.empty(), reason);
  }
}
