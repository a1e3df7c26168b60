package dev.strongroom.http;

import dev.strongroom.api.Answer;
import dev.strongroom.api.Handler;
import dev.strongroom.http.Lines.Line;
import dev.strongroom.model.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The paths of resource manager and where each is allowed or not. Variables: subscription,
 * resourceGroup, location, vault, operationKind, operation, namespace, scope (with its leading
 * slash), name; for applications application, credential. Words of a path compare without case.
 *
 * @see <a href="https://learn.microsoft.com/rest/api/keyvault/resource-manager/vaults">Key Vault
 *     resource manager API, vaults</a>
 * @see <a href="https://learn.microsoft.com/rest/api/authorization/role-assignments">Role
 *     assignments</a>
 */
public final class ControlRoutes {
  private static final String SUBSCRIPTION = "/subscriptions/{subscription}";
  private static final String GROUP = SUBSCRIPTION + "/resourceGroups/{resourceGroup}";
  private static final String KEY_VAULT = "/providers/Microsoft.KeyVault";
  private static final String AUTHORIZATION = "/{scope*}/providers/Microsoft.Authorization";
  private static final String VAULT = GROUP + KEY_VAULT + "/vaults/{vault}";
  private static final String DELETED =
      SUBSCRIPTION + KEY_VAULT + "/locations/{location}/deletedVaults/{vault}";
  private static final String APPLICATIONS = "/strongroom/applications";
  private static final String APPLICATION = APPLICATIONS + "/{application}";

  private static final List<Line> LINES =
      List.of(
          new Line("PUT", VAULT, Operation.VAULT_PUT, VAULT),
          new Line("PATCH", VAULT, Operation.VAULT_PATCH, VAULT),
          new Line("GET", VAULT, Operation.VAULT_GET, VAULT),
          new Line("DELETE", VAULT, Operation.VAULT_DELETE, VAULT),
          new Line("GET", GROUP + KEY_VAULT + "/vaults", Operation.VAULT_LIST, GROUP),
          new Line("GET", SUBSCRIPTION + KEY_VAULT + "/vaults", Operation.VAULT_LIST, SUBSCRIPTION),
          new Line(
              "PUT",
              VAULT + "/accessPolicies/{operationKind}",
              Operation.VAULT_ACCESS_POLICIES,
              VAULT),
          new Line(
              "GET",
              SUBSCRIPTION + KEY_VAULT + "/deletedVaults",
              Operation.VAULT_LIST_DELETED,
              SUBSCRIPTION),
          new Line("GET", DELETED, Operation.VAULT_GET_DELETED, SUBSCRIPTION),
          new Line("POST", DELETED + "/purge", Operation.VAULT_PURGE, SUBSCRIPTION),
          new Line(
              "GET",
              SUBSCRIPTION + KEY_VAULT + "/locations/{location}/operationResults/{operation}",
              Operation.VAULT_OPERATION_RESULT,
              SUBSCRIPTION),
          new Line(
              "POST",
              SUBSCRIPTION + KEY_VAULT + "/checkNameAvailability",
              Operation.VAULT_CHECK_NAME,
              SUBSCRIPTION),
          new Line(
              "POST",
              SUBSCRIPTION + KEY_VAULT + "/checkMhsmNameAvailability",
              Operation.VAULT_CHECK_NAME,
              SUBSCRIPTION),
          new Line("GET", GROUP + KEY_VAULT + "/managedHSMs", Operation.POOL_LIST, GROUP),
          new Line(
              "GET", SUBSCRIPTION + KEY_VAULT + "/managedHSMs", Operation.POOL_LIST, SUBSCRIPTION),
          new Line(
              "GET",
              SUBSCRIPTION + KEY_VAULT + "/deletedManagedHSMs",
              Operation.POOL_LIST_DELETED,
              SUBSCRIPTION),
          new Line("GET", SUBSCRIPTION + "/resources", Operation.RESOURCE_LIST, SUBSCRIPTION),
          new Line("GET", GROUP + "/resources", Operation.RESOURCE_LIST, GROUP),
          new Line("GET", "/subscriptions", Operation.SUBSCRIPTION_LIST, "/"),
          new Line("GET", SUBSCRIPTION, Operation.SUBSCRIPTION_GET, SUBSCRIPTION),
          new Line("GET", "/tenants", Operation.TENANT_LIST, "/"),
          new Line("GET", SUBSCRIPTION + "/providers", Operation.PROVIDER_LIST, SUBSCRIPTION),
          new Line(
              "GET",
              SUBSCRIPTION + "/providers/{namespace}",
              Operation.PROVIDER_LIST,
              SUBSCRIPTION),
          new Line(
              "POST",
              SUBSCRIPTION + "/providers/{namespace}/register",
              Operation.PROVIDER_LIST,
              SUBSCRIPTION),
          new Line("GET", SUBSCRIPTION + "/locations", Operation.LOCATION_LIST, SUBSCRIPTION),
          new Line("PUT", GROUP, Operation.RESOURCE_GROUP_PUT, GROUP),
          new Line("GET", GROUP, Operation.RESOURCE_GROUP_GET, GROUP),
          new Line(
              "GET", SUBSCRIPTION + "/resourceGroups", Operation.RESOURCE_GROUP_LIST, SUBSCRIPTION),
          new Line("DELETE", GROUP, Operation.RESOURCE_GROUP_DELETE, GROUP),
          new Line(
              "PUT",
              AUTHORIZATION + "/roleAssignments/{name}",
              Operation.ROLE_ASSIGNMENT_PUT,
              "{scope}"),
          new Line(
              "GET",
              AUTHORIZATION + "/roleAssignments/{name}",
              Operation.ROLE_ASSIGNMENT_GET,
              "{scope}"),
          new Line(
              "DELETE",
              AUTHORIZATION + "/roleAssignments/{name}",
              Operation.ROLE_ASSIGNMENT_DELETE,
              "{scope}"),
          new Line(
              "GET", AUTHORIZATION + "/roleAssignments", Operation.ROLE_ASSIGNMENT_LIST, "{scope}"),
          new Line(
              "GET",
              AUTHORIZATION + "/roleDefinitions/{name}",
              Operation.ROLE_DEFINITION_GET,
              "{scope}"),
          new Line(
              "GET", AUTHORIZATION + "/roleDefinitions", Operation.ROLE_DEFINITION_LIST, "{scope}"),
          new Line("PUT", AUTHORIZATION + "/locks/{name}", Operation.LOCK_PUT, "{scope}"),
          new Line("GET", AUTHORIZATION + "/locks/{name}", Operation.LOCK_GET, "{scope}"),
          new Line("DELETE", AUTHORIZATION + "/locks/{name}", Operation.LOCK_DELETE, "{scope}"),
          new Line("GET", AUTHORIZATION + "/locks", Operation.LOCK_LIST, "{scope}"),
          new Line("POST", APPLICATIONS, Operation.APPLICATION_CREATE, "/"),
          new Line("GET", APPLICATIONS, Operation.APPLICATION_LIST, "/"),
          new Line("GET", APPLICATION, Operation.APPLICATION_GET, "/"),
          new Line("PATCH", APPLICATION, Operation.APPLICATION_UPDATE, "/"),
          new Line("POST", APPLICATION + "/secrets", Operation.APPLICATION_SECRET_ADD, "/"),
          new Line(
              "DELETE", APPLICATION + "/secrets/{credential}", Operation.APPLICATION_SECRET_REMOVE, "/"),
          new Line(
              "POST", APPLICATION + "/certificates", Operation.APPLICATION_CERTIFICATE_ADD, "/"),
          new Line(
              "DELETE",
              APPLICATION + "/certificates/{credential}",
              Operation.APPLICATION_CERTIFICATE_REMOVE,
              "/"),
          new Line("POST", APPLICATION + "/federatedCredentials", Operation.APPLICATION_FEDERATE, "/"),
          new Line(
              "DELETE",
              APPLICATION + "/federatedCredentials/{credential}",
              Operation.APPLICATION_FEDERATION_REMOVE,
              "/"),
          new Line("GET", "/metadata/endpoints", Operation.CLOUD_METADATA, ""));

  private ControlRoutes() {}

  /** The lines for every operation that the map has a handler for. */
  public static List<Route> of(Map<Operation, Handler> handlers) {
    List<Route> routes = new ArrayList<>(Lines.of(Role.MANAGEMENT, handlers, LINES));
    Handler group = handlers.get(Operation.RESOURCE_GROUP_GET);
    if (group != null) {
      routes.add(
          new Route(
              "HEAD",
              Role.MANAGEMENT,
              PathTemplate.of(GROUP),
              Operation.RESOURCE_GROUP_GET,
              GROUP,
              call -> {
                group.handle(call);
                return Answer.empty(204);
              }));
    }
    return List.copyOf(routes);
  }
}
