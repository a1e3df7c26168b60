package dev.strongroom.access;

import dev.strongroom.model.Container;
import dev.strongroom.model.Id;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Operation;
import java.util.Locale;
import java.util.Optional;

/**
 * Scopes of role assignments as paths: which covers which. They compare without case and by whole
 * segments. {@code /} and a tenant's root management group cover all of that tenant and nothing of
 * another: the caller has made sure that assignment and resource belong to one tenant.
 */
public final class Scopes {
  public static final String ROOT = "/";
  public static final String MANAGEMENT_GROUP = "/providers/Microsoft.Management/managementGroups/";
  public static final String SUBSCRIPTION = "/subscriptions/";

  private Scopes() {}

  public static String subscription(Id subscription) {
    return SUBSCRIPTION + subscription.guid();
  }

  public static String resourceGroup(Id subscription, String group) {
    return subscription(subscription) + "/resourceGroups/" + group;
  }

  public static String rootManagementGroup(Id tenant) {
    return MANAGEMENT_GROUP + tenant.guid();
  }

  /** The vault for lists and restore, the object for everything that has a name. */
  public static String of(Container container, Operation operation, Optional<ObjectName> object) {
    return object
        .flatMap(
            name ->
                operation
                    .collection()
                    .map(
                        collection ->
                            container.resourceId() + '/' + collection.wire() + '/' + name.text()))
        .orElseGet(container::resourceId);
  }

  /** The same as refusals and the audit trail show it: in lower case. */
  public static String shown(
      Container container, Operation operation, Optional<ObjectName> object) {
    return of(container, operation, object).toLowerCase(Locale.ROOT);
  }

  /** Whether an assignment at the scope counts at the resource. */
  public static boolean covers(String scope, String resource, Id tenant) {
    return isAtOrBelow(resource, scope)
        || scope.equalsIgnoreCase(rootManagementGroup(tenant))
            && isAtOrBelow(resource, "/subscriptions");
  }

  /** By path alone: the same path, or one that continues it behind a slash. */
  public static boolean isAtOrBelow(String path, String above) {
    if (above.equals(ROOT)) {
      return true;
    }
    int length = above.length();
    return path.regionMatches(true, 0, above, 0, length)
        && (path.length() == length || path.charAt(length) == '/');
  }

  /** The subscription that a path lies in. */
  public static Optional<Id> subscriptionOf(String path) {
    if (!path.regionMatches(true, 0, SUBSCRIPTION, 0, SUBSCRIPTION.length())) {
      return Optional.empty();
    }
    int end = path.indexOf('/', SUBSCRIPTION.length());
    return Id.findGuid(path.substring(SUBSCRIPTION.length(), end < 0 ? path.length() : end));
  }
}
