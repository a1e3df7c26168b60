package dev.strongroom.api;

import dev.strongroom.access.Access;
import dev.strongroom.access.Scopes;
import dev.strongroom.control.Locations;
import dev.strongroom.control.Placed;
import dev.strongroom.control.ResourceGroups;
import dev.strongroom.control.Subscriptions;
import dev.strongroom.control.Vaults;
import dev.strongroom.model.Container;
import dev.strongroom.model.ContainerKind;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Operation;
import dev.strongroom.model.ResourceGroup;
import dev.strongroom.model.Subscription;
import dev.strongroom.model.Tenant;
import dev.strongroom.model.VaultException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import tools.jackson.core.JsonGenerator;

/**
 * Subscriptions, tenants, resource groups, providers and locations of resource manager, and the
 * list of resources by which clients find a vault.
 *
 * @see <a href="https://learn.microsoft.com/rest/api/resources">Azure Resource Manager</a>
 */
final class ControlSubscriptionsApi {
  private static final String READ_GROUP = Operation.RESOURCE_GROUP_GET.action(ContainerKind.VAULT);
  private static final String READ_SUBSCRIPTION = "Microsoft.Resources/subscriptions/read";
  private static final String GROUP_TYPE = "Microsoft.Resources/resourceGroups";

  /** A provider of this server with what it offers; each is registered from the start. */
  private enum Provider {
    AUTHORIZATION(
        "Microsoft.Authorization",
        ControlVersions.AUTHORIZATION,
        List.of("roleAssignments", "roleDefinitions")),
    KEY_VAULT(
        "Microsoft.KeyVault",
        ControlVersions.KEY_VAULT,
        List.of(
            "vaults",
            "vaults/accessPolicies",
            "deletedVaults",
            "locations",
            "locations/deletedVaults",
            "locations/operationResults",
            "checkNameAvailability",
            "checkMhsmNameAvailability")),
    RESOURCES(
        "Microsoft.Resources",
        ControlVersions.RESOURCES,
        List.of(
            "subscriptions",
            "subscriptions/resourceGroups",
            "subscriptions/resources",
            "subscriptions/providers",
            "subscriptions/locations",
            "resourceGroups",
            "tenants"));

    private final String namespace;
    private final ControlVersions versions;
    private final List<String> types;

    Provider(String namespace, ControlVersions versions, List<String> types) {
      this.namespace = namespace;
      this.versions = versions;
      this.types = types;
    }

    String namespace() {
      return namespace;
    }
  }

  private final Subscriptions subscriptions;
  private final ResourceGroups groups;
  private final Vaults vaults;
  private final Function<Call, List<Container>> readable;
  private final Access access;
  private final String location;

  ControlSubscriptionsApi(
      Subscriptions subscriptions,
      ResourceGroups groups,
      Vaults vaults,
      Function<Call, List<Container>> readable,
      Access access,
      String location) {
    this.subscriptions = subscriptions;
    this.groups = groups;
    this.vaults = vaults;
    this.readable = readable;
    this.access = access;
    this.location = Locations.fold(location);
  }

  void addTo(Map<Operation, Handler> handlers) {
    handlers.put(Operation.SUBSCRIPTION_LIST, this::list);
    handlers.put(Operation.SUBSCRIPTION_GET, this::get);
    handlers.put(Operation.TENANT_LIST, this::listTenants);
    handlers.put(Operation.PROVIDER_LIST, this::providers);
    handlers.put(Operation.LOCATION_LIST, this::listLocations);
    handlers.put(Operation.RESOURCE_LIST, this::listResources);
    handlers.put(Operation.RESOURCE_GROUP_PUT, this::putGroup);
    handlers.put(Operation.RESOURCE_GROUP_GET, this::getGroup);
    handlers.put(Operation.RESOURCE_GROUP_LIST, this::listGroups);
    handlers.put(Operation.RESOURCE_GROUP_DELETE, this::deleteGroup);
  }

  private Answer list(Call call) {
    ControlVersions.RESOURCES.of(call);
    return ControlPages.of(
        call,
        subscriptions.seenBy(call.principal()),
        Subscription::key,
        ControlSubscriptionsApi::render);
  }

  private Answer get(Call call) {
    ControlVersions.RESOURCES.of(call);
    Id id = ControlApi.subscription(call);
    Subscription seen =
        subscriptions.seenBy(call.principal()).stream()
            .filter(subscription -> subscription.id().equals(id))
            .findFirst()
            .orElseThrow(
                () -> ControlApi.forbidden(call, READ_SUBSCRIPTION, Scopes.subscription(id)));
    return Answer.json(200, Json.write(json -> render(json, seen)));
  }

  private Answer listTenants(Call call) {
    ControlVersions.RESOURCES.of(call);
    return ControlPages.of(
        call,
        subscriptions.tenant(call.principal()).stream().toList(),
        Tenant::key,
        ControlSubscriptionsApi::render);
  }

  /** All providers, one, or one to be registered, which it is. */
  private Answer providers(Call call) {
    ControlVersions.RESOURCES.of(call);
    Id subscription = ControlApi.subscription(call);
    Set<String> locations = locations(subscription);
    if (call.variable("namespace").isEmpty()) {
      return ControlPages.of(
          call,
          List.of(Provider.values()),
          Provider::namespace,
          (json, provider) -> render(json, subscription, provider, locations));
    }
    String namespace = ControlApi.variable(call, "namespace");
    for (Provider provider : Provider.values()) {
      if (provider.namespace.equalsIgnoreCase(namespace)) {
        return Answer.json(
            200, Json.write(json -> render(json, subscription, provider, locations)));
      }
    }
    throw VaultException.of(ErrorCode.PROVIDER_NOT_FOUND, "namespace", namespace);
  }

  private Answer listLocations(Call call) {
    ControlVersions.RESOURCES.of(call);
    Id subscription = ControlApi.subscription(call);
    return ControlPages.of(
        call,
        List.copyOf(locations(subscription)),
        name -> name,
        (json, name) -> {
          json.writeStartObject();
          json.writeStringProperty("id", Scopes.subscription(subscription) + "/locations/" + name);
          json.writeStringProperty("name", name);
          json.writeStringProperty("type", "Region");
          json.writeStringProperty("displayName", name);
          json.writeStringProperty("regionalDisplayName", name);
          json.writeObjectPropertyStart("metadata");
          json.writeStringProperty("regionType", "Physical");
          json.writeEndObject();
          json.writeEndObject();
        });
  }

  /** Any name will do for a location: those in use and the server's own, in order. */
  private Set<String> locations(Id subscription) {
    Set<String> names = new TreeSet<>(Set.of(location));
    groups.list(subscription).forEach(group -> names.add(group.location()));
    vaults.list(subscription).forEach(vault -> names.add(vault.location()));
    return names;
  }

  private Answer listResources(Call call) {
    ControlVersions.RESOURCES.of(call);
    ControlFilter filter =
        ControlFilter.of(call, "resourcetype", "name", "resourcegroup", "location");
    List<Container> found =
        readable.apply(call).stream()
            .filter(vault -> filter.allows("resourcetype", vault.kind().armType()))
            .filter(vault -> filter.allows("name", vault.name()))
            .filter(vault -> filter.allows("resourcegroup", vault.resourceGroup()))
            .filter(vault -> filter.allows("location", vault.location()))
            .toList();
    return ControlPages.of(
        call,
        found,
        Container::parent,
        (json, vault) -> {
          json.writeStartObject();
          json.writeStringProperty("id", vault.resourceId());
          json.writeStringProperty("name", vault.name());
          json.writeStringProperty("type", vault.kind().armType());
          json.writeStringProperty("location", vault.location());
          ControlApi.renderTags(json, vault.tags());
          json.writeEndObject();
        });
  }

  private Answer putGroup(Call call) {
    ControlVersions.RESOURCES.of(call);
    ControlFields body = ControlFields.body(call);
    body.requireKnown(Set.of("id", "name", "type", "location", "tags", "properties"));
    Placed<ResourceGroup> placed =
        groups.put(
            call.origin(),
            ControlApi.subscription(call),
            ControlApi.variable(call, "resourceGroup"),
            body.text("location").map(Locations::fold),
            body.map("tags").orElse(Map.of()));
    return Answer.json(
        placed.created() ? 201 : 200,
        Json.write(json -> render(json, placed.value())),
        id(placed.value()));
  }

  private Answer getGroup(Call call) {
    ControlVersions.RESOURCES.of(call);
    ResourceGroup group =
        groups.get(ControlApi.subscription(call), ControlApi.variable(call, "resourceGroup"));
    return Answer.json(200, Json.write(json -> render(json, group)));
  }

  private Answer listGroups(Call call) {
    ControlVersions.RESOURCES.of(call);
    Id subscription = ControlApi.subscription(call);
    String scope = Scopes.subscription(subscription);
    boolean all = ControlApi.isAllowed(access, call, READ_GROUP, scope);
    List<ResourceGroup> seen =
        (all ? groups.list(subscription) : groups.listIfThere(subscription))
            .stream()
                .filter(group -> all || ControlApi.isAllowed(access, call, READ_GROUP, id(group)))
                .toList();
    if (!all && seen.isEmpty()) {
      throw ControlApi.forbidden(call, READ_GROUP, scope);
    }
    return ControlPages.of(call, seen, ResourceGroup::key, ControlSubscriptionsApi::render);
  }

  private Answer deleteGroup(Call call) {
    ControlVersions.RESOURCES.of(call);
    groups.delete(
        call.origin(), ControlApi.subscription(call), ControlApi.variable(call, "resourceGroup"));
    return Answer.empty(200);
  }

  private static void render(JsonGenerator json, Subscription subscription) {
    json.writeStartObject();
    json.writeStringProperty("id", Scopes.subscription(subscription.id()));
    json.writeStringProperty("authorizationSource", "RoleBased");
    json.writeStringProperty("subscriptionId", subscription.id().guid());
    json.writeStringProperty("tenantId", subscription.tenant().guid());
    json.writeStringProperty("displayName", subscription.displayName());
    json.writeStringProperty("state", "Enabled");
    json.writeEndObject();
  }

  private static void render(JsonGenerator json, Tenant tenant) {
    json.writeStartObject();
    json.writeStringProperty("id", "/tenants/" + tenant.id().guid());
    json.writeStringProperty("tenantId", tenant.id().guid());
    json.writeStringProperty("displayName", tenant.displayName());
    json.writeStringProperty("defaultDomain", tenant.domain());
    json.writeArrayPropertyStart("domains");
    json.writeString(tenant.domain());
    json.writeEndArray();
    json.writeStringProperty("tenantCategory", "Home");
    json.writeEndObject();
  }

  private static void render(
      JsonGenerator json, Id subscription, Provider provider, Set<String> locations) {
    json.writeStartObject();
    json.writeStringProperty(
        "id", Scopes.subscription(subscription) + "/providers/" + provider.namespace);
    json.writeStringProperty("namespace", provider.namespace);
    json.writeStringProperty("registrationPolicy", "RegistrationFree");
    json.writeStringProperty("registrationState", "Registered");
    json.writeArrayPropertyStart("resourceTypes");
    for (String type : provider.types) {
      json.writeStartObject();
      json.writeStringProperty("resourceType", type);
      json.writeArrayPropertyStart("locations");
      locations.forEach(json::writeString);
      json.writeEndArray();
      json.writeArrayPropertyStart("apiVersions");
      provider.versions.all().forEach(json::writeString);
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static String id(ResourceGroup group) {
    return Scopes.resourceGroup(group.subscription(), group.name());
  }

  private static void render(JsonGenerator json, ResourceGroup group) {
    json.writeStartObject();
    json.writeStringProperty("id", id(group));
    json.writeStringProperty("name", group.name());
    json.writeStringProperty("type", GROUP_TYPE);
    json.writeStringProperty("location", group.location());
    ControlApi.renderTags(json, group.tags());
    json.writeObjectPropertyStart("properties");
    json.writeStringProperty("provisioningState", "Succeeded");
    json.writeEndObject();
    json.writeEndObject();
  }
}
