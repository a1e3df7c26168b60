package dev.strongroom.control;

import dev.strongroom.access.Scopes;
import dev.strongroom.model.Collection;
import dev.strongroom.model.Container;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Subscription;
import dev.strongroom.model.VaultException;
import dev.strongroom.store.Reads;
import java.util.Locale;
import java.util.Optional;

/**
 * A scope that exists, as its canonical path: fixed words and names in the spelling of creation, no
 * slash at the end. Objects need not exist: an assignment may be made before what it is for.
 *
 * @param tenant whom it belongs to; {@code /} belongs to the tenant that asks
 */
public record Scope(String path, Id tenant) {
  private static final String MANAGEMENT_GROUPS = "managementGroups";

  /** Refuses, with what is missing, a path that leads nowhere. */
  static Scope resolve(Reads reads, String path, Id tenant) {
    String[] parts = path.equals(Scopes.ROOT) ? new String[0] : path.substring(1).split("/", -1);
    if (parts.length == 0) {
      return new Scope(Scopes.ROOT, tenant);
    }
    if (is(parts, 0, "providers")
        && is(parts, 1, "Microsoft.Management")
        && is(parts, 2, MANAGEMENT_GROUPS)
        && parts.length == 4) {
      if (!Id.findGuid(parts[3]).equals(Optional.of(tenant))) {
        throw VaultException.of(ErrorCode.MANAGEMENT_GROUP_NOT_FOUND, "group", parts[3]);
      }
      return new Scope(Scopes.rootManagementGroup(tenant), tenant);
    }
    if (!is(parts, 0, "subscriptions") || parts.length == 1) {
      throw VaultException.of(ErrorCode.PATH_UNKNOWN);
    }
    Id id =
        Id.findGuid(parts[1])
            .orElseThrow(
                () ->
                    VaultException.of(ErrorCode.SUBSCRIPTION_NOT_FOUND, "subscription", parts[1]));
    Subscription subscription = Vaults.requireSubscription(reads, id);
    if (parts.length == 2) {
      return new Scope(Scopes.subscription(id), subscription.tenant());
    }
    if (!is(parts, 2, "resourceGroups") || parts.length == 3) {
      throw VaultException.of(ErrorCode.PATH_UNKNOWN);
    }
    String group = Vaults.requireGroup(reads, id, parts[3]).name();
    if (parts.length == 4) {
      return new Scope(Scopes.resourceGroup(id, group), subscription.tenant());
    }
    return new Scope(inGroup(reads, id, group, parts), subscription.tenant());
  }

  private static String inGroup(Reads reads, Id subscription, String group, String[] parts) {
    if (parts.length < 8 || !is(parts, 4, "providers")) {
      throw VaultException.of(ErrorCode.PATH_UNKNOWN);
    }
    if (!is(parts, 5, "Microsoft.KeyVault") || !is(parts, 6, "vaults")) {
      throw VaultException.of(
          ErrorCode.RESOURCE_NOT_FOUND,
          "type",
          parts[5] + '/' + parts[6],
          "name",
          parts[7],
          "group",
          group);
    }
    Container vault =
        Vaults.live(reads, subscription, group, parts[7])
            .orElseThrow(() -> Vaults.notFound(reads, subscription, group, parts[7]));
    if (parts.length == 8) {
      return vault.resourceId();
    }
    Optional<Collection> collection = Collection.find(parts[8].toLowerCase(Locale.ROOT));
    if (parts.length != 10 || collection.isEmpty()) {
      throw VaultException.of(ErrorCode.PATH_UNKNOWN);
    }
    return vault.resourceId()
        + '/'
        + collection.get().wire()
        + '/'
        + new ObjectName(parts[9]).text();
  }

  private static boolean is(String[] parts, int at, String word) {
    return parts.length > at && parts[at].equalsIgnoreCase(word);
  }
}
