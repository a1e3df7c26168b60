package dev.strongroom.control;

import dev.strongroom.access.Scopes;
import dev.strongroom.model.Id;
import dev.strongroom.model.Principal;
import dev.strongroom.model.RoleAssignment;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.Subscription;
import dev.strongroom.model.Tenant;
import dev.strongroom.store.Store;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Subscriptions and tenants as a caller sees them. */
public final class Subscriptions {
  private final Store store;

  public Subscriptions(Store store) {
    this.store = store;
  }

  public Subscription get(Id subscription) {
    return Vaults.requireSubscription(store, subscription);
  }

  /** The subscription's tenant, for whoever must know before anything is decided. */
  public Optional<Id> tenantOf(Id subscription) {
    return store.findRule(RuleKind.SUBSCRIPTION, subscription.guid()).map(Subscription::tenant);
  }

  /** Those of the caller's tenant where any assignment at, above or below is the caller's. */
  public List<Subscription> seenBy(Principal principal) {
    List<String> scopes =
        Stream.concat(Stream.of(principal.objectId()), principal.groups().stream())
            .flatMap(
                holder -> store.rulesByParent(RuleKind.ROLE_ASSIGNMENT, holder.guid()).stream())
            .filter(assignment -> assignment.tenant().equals(principal.tenant()))
            .map(RoleAssignment::scope)
            .toList();
    return store.rulesByParent(RuleKind.SUBSCRIPTION, principal.tenant().guid()).stream()
        .filter(
            subscription -> {
              String path = Scopes.subscription(subscription.id());
              return scopes.stream()
                  .anyMatch(
                      scope ->
                          Scopes.covers(scope, path, principal.tenant())
                              || Scopes.isAtOrBelow(scope, path));
            })
        .sorted(Comparator.comparing(Subscription::id))
        .toList();
  }

  /** The caller's own tenant. */
  public Optional<Tenant> tenant(Principal principal) {
    return store.findRule(RuleKind.TENANT, principal.tenant().guid());
  }
}
