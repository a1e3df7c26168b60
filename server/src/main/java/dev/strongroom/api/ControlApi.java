package dev.strongroom.api;

import dev.strongroom.access.Access;
import dev.strongroom.control.ResourceGroups;
import dev.strongroom.control.Roles;
import dev.strongroom.control.Subscriptions;
import dev.strongroom.control.Vaults;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Principal;
import dev.strongroom.model.VaultException;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;

/**
 * Resource manager: the handlers of vaults, roles, locks, subscriptions, resource groups and of the
 * description of this cloud. Variables of routes: subscription, resourceGroup, vault, location,
 * operationKind, operation, namespace, scope, name.
 */
public final class ControlApi {
  private final Map<Operation, Handler> handlers = new EnumMap<>(Operation.class);

  /**
   * @param location shown as available, besides those that are in use
   */
  public ControlApi(
      Vaults vaults,
      Roles roles,
      Subscriptions subscriptions,
      ResourceGroups groups,
      Access access,
      ControlHosts hosts,
      String location) {
    ControlVaultsApi vaultsApi = new ControlVaultsApi(vaults, access, hosts);
    vaultsApi.addTo(handlers);
    new ControlRolesApi(roles).addTo(handlers);
    new ControlSubscriptionsApi(
            subscriptions, groups, vaults, vaultsApi::readable, access, location)
        .addTo(handlers);
    handlers.put(Operation.CLOUD_METADATA, new MetadataApi(hosts)::endpoints);
  }

  public Map<Operation, Handler> handlers() {
    return Map.copyOf(handlers);
  }

  static String variable(Call call, String name) {
    return call.variable(name).orElseThrow(() -> VaultException.of(ErrorCode.PATH_UNKNOWN));
  }

  static Id subscription(Call call) {
    String text = variable(call, "subscription");
    return Id.findGuid(text)
        .orElseThrow(
            () -> VaultException.of(ErrorCode.SUBSCRIPTION_NOT_FOUND, "subscription", text));
  }

  /** Without a slash at the end. */
  static String scope(Call call) {
    String scope = variable(call, "scope");
    return scope.length() > 1 && scope.endsWith("/")
        ? scope.substring(0, scope.length() - 1)
        : scope;
  }

  static boolean isAllowed(Access access, Call call, String action, String scope) {
    return access.decide(call.principal(), action, scope, call.now()).allowed();
  }

  static VaultException forbidden(Call call, String action, String scope) {
    return forbidden(call.principal(), action, scope);
  }

  /** The refusal of an action at a scope, as resource manager words it. */
  public static VaultException forbidden(Principal principal, String action, String scope) {
    return VaultException.of(
        ErrorCode.ARM_AUTHORIZATION_FAILED,
        "appid",
        principal.appId().map(Id::guid).orElse(""),
        "oid",
        principal.objectId().guid(),
        "action",
        action,
        "resource",
        scope);
  }

  static void renderTags(JsonGenerator json, Map<String, String> tags) {
    json.writeObjectPropertyStart("tags");
    new TreeMap<>(tags).forEach(json::writeStringProperty);
    json.writeEndObject();
  }
}
