package dev.strongroom.control;

import dev.strongroom.access.Scopes;
import dev.strongroom.model.Container;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Origin;
import dev.strongroom.model.ResourceGroup;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.Barrier;
import dev.strongroom.store.Reads;
import dev.strongroom.store.Store;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Resource groups. One that still holds vaults is not deleted. */
public final class ResourceGroups {
  private static final Pattern ALLOWED =
      Pattern.compile("[\\p{L}\\p{N}_().-]{0,89}[\\p{L}\\p{N}_()-]");

  private final Store store;
  private final Details details;

  public ResourceGroups(Store store, Barrier barrier) {
    this.store = store;
    this.details = new Details(barrier);
  }

  public ResourceGroup get(Id subscription, String name) {
    return Vaults.requireGroup(store, subscription, name);
  }

  public List<ResourceGroup> list(Id subscription) {
    Vaults.requireSubscription(store, subscription);
    return listIfThere(subscription);
  }

  /** The same without a word on whether the subscription exists. */
  public List<ResourceGroup> listIfThere(Id subscription) {
    return store.rulesByParent(RuleKind.RESOURCE_GROUP, subscription.guid()).stream()
        .sorted(Comparator.comparing(ResourceGroup::key))
        .toList();
  }

  /** Creates a group, or sets the tags of one that is there; its location never changes. */
  public Placed<ResourceGroup> put(
      Origin origin,
      Id subscription,
      String name,
      Optional<String> location,
      Map<String, String> tags) {
    if (!ALLOWED.matcher(name).matches()) {
      throw VaultException.of(
          ErrorCode.ARM_PROPERTY_INVALID,
          "property",
          "resourceGroupName",
          "reason",
          "it has 1 to 90 letters, digits, underscores, parentheses, hyphens and periods, and no"
              + " period at the end");
    }
    Tags.check(tags);
    return store.change(
        origin,
        details.note(
            origin, Optional.empty(), "resourceGroup", Scopes.resourceGroup(subscription, name)),
        tx -> {
          Vaults.requireSubscription(tx, subscription);
          Optional<ResourceGroup> there =
              tx.findRule(RuleKind.RESOURCE_GROUP, ResourceGroup.key(subscription, name));
          if (there.isPresent()) {
            ResourceGroup before = there.get();
            String wanted = location.orElse(before.location());
            if (!wanted.equals(before.location())) {
              throw VaultException.of(
                  ErrorCode.RESOURCE_GROUP_LOCATION,
                  "group",
                  before.name(),
                  "location",
                  before.location());
            }
            ResourceGroup after =
                new ResourceGroup(
                    subscription, before.name(), before.location(), tags, before.created());
            tx.put(RuleKind.RESOURCE_GROUP, after);
            return new Placed<>(after, false);
          }
          ResourceGroup made =
              new ResourceGroup(
                  subscription,
                  name,
                  location.orElseThrow(
                      () ->
                          VaultException.of(
                              ErrorCode.ARM_PROPERTY_INVALID,
                              "property",
                              "location",
                              "reason",
                              "it must be given")),
                  tags,
                  tx.time().truncatedTo(ChronoUnit.SECONDS));
          tx.put(RuleKind.RESOURCE_GROUP, made);
          return new Placed<>(made, true);
        });
  }

  /** Removes an empty group with the role assignments at and below it. */
  public void delete(Origin origin, Id subscription, String name) {
    Vaults.requireGroup(store, subscription, name);
    store.change(
        origin,
        details.note(
            origin, Optional.empty(), "resourceGroup", Scopes.resourceGroup(subscription, name)),
        tx -> {
          ResourceGroup group = Vaults.requireGroup(tx, subscription, name);
          if (holdsVaults(tx, group)) {
            throw VaultException.of(ErrorCode.RESOURCE_GROUP_NOT_EMPTY, "group", group.name());
          }
          Vaults.removeAssignments(tx, Scopes.resourceGroup(subscription, group.name()));
          tx.remove(RuleKind.RESOURCE_GROUP, group.key());
          return null;
        });
  }

  private static boolean holdsVaults(Reads reads, ResourceGroup group) {
    for (Container container : reads.rules(RuleKind.CONTAINER)) {
      if (container.deleted().isEmpty()
          && container.subscription().equals(group.subscription())
          && container.resourceGroup().equalsIgnoreCase(group.name())) {
        return true;
      }
    }
    return false;
  }
}
