package dev.strongroom.api;

import dev.strongroom.access.Access;
import dev.strongroom.access.PolicyCategory;
import dev.strongroom.access.Scopes;
import dev.strongroom.control.Locations;
import dev.strongroom.control.Placed;
import dev.strongroom.control.VaultSettings;
import dev.strongroom.control.Vaults;
import dev.strongroom.model.Container;
import dev.strongroom.model.Container.AccessPolicy;
import dev.strongroom.model.ContainerKind;
import dev.strongroom.model.ContainerName;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Operation;
import dev.strongroom.model.VaultException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Vaults and deleted vaults of resource manager. What would promise a protection that is not
 * enforced is refused: network rules, private endpoints, closed public access.
 *
 * @see <a href="https://learn.microsoft.com/rest/api/keyvault/vaults">Vaults</a>
 */
final class ControlVaultsApi {
  private static final String SKU_FAMILY = "A";
  private static final Set<String> SKUS = Set.of("standard", "premium");
  private static final Set<String> RESOURCE_MEMBERS =
      Set.of("id", "name", "type", "location", "tags", "systemData", "etag", "properties");
  private static final Set<String> PROPERTIES =
      Set.of(
          "tenantId",
          "sku",
          "accessPolicies",
          "vaultUri",
          "hsmPoolResourceId",
          "enabledForDeployment",
          "enabledForDiskEncryption",
          "enabledForTemplateDeployment",
          "enableSoftDelete",
          "softDeleteRetentionInDays",
          "enableRbacAuthorization",
          "createMode",
          "enablePurgeProtection",
          "networkAcls",
          "provisioningState",
          "privateEndpointConnections",
          "publicNetworkAccess");
  private static final String MODEL_ACTION =
      Operation.ROLE_ASSIGNMENT_PUT.action(ContainerKind.VAULT);
  private static final String READ = Operation.VAULT_GET.action(ContainerKind.VAULT);
  private static final String TYPE = ContainerKind.VAULT.armType();
  private static final String POLL_SECONDS = "1";

  private final Vaults vaults;
  private final Access access;
  private final ControlHosts hosts;

  ControlVaultsApi(Vaults vaults, Access access, ControlHosts hosts) {
    this.vaults = vaults;
    this.access = access;
    this.hosts = hosts;
  }

  void addTo(Map<Operation, Handler> handlers) {
    handlers.put(Operation.VAULT_PUT, this::put);
    handlers.put(Operation.VAULT_PATCH, this::patch);
    handlers.put(Operation.VAULT_GET, this::get);
    handlers.put(Operation.VAULT_LIST, this::list);
    handlers.put(Operation.VAULT_DELETE, this::delete);
    handlers.put(Operation.VAULT_ACCESS_POLICIES, this::accessPolicies);
    handlers.put(Operation.VAULT_LIST_DELETED, this::listDeleted);
    handlers.put(Operation.VAULT_GET_DELETED, this::getDeleted);
    handlers.put(Operation.VAULT_PURGE, this::purge);
    handlers.put(Operation.VAULT_OPERATION_RESULT, this::operationResult);
    handlers.put(Operation.VAULT_CHECK_NAME, this::checkName);
    handlers.put(Operation.POOL_LIST, this::listPools);
    handlers.put(Operation.POOL_LIST_DELETED, this::listPools);
  }

  private Answer put(Call call) {
    String version = ControlVersions.KEY_VAULT.of(call);
    ContainerName name = new ContainerName(ControlApi.variable(call, "vault"));
    ControlFields body = ControlFields.body(call);
    body.requireKnown(RESOURCE_MEMBERS);
    VaultSettings settings = settings(body, true);
    if (settings.recover()) {
      call.note("createMode", "recover");
    }
    Placed<Container> placed =
        vaults.put(
            call.origin(),
            ControlApi.subscription(call),
            ControlApi.variable(call, "resourceGroup"),
            name,
            settings,
            ControlVersions.isRbacByDefault(version) ? Optional.of(true) : Optional.empty(),
            modelChange(call));
    return vault(call, placed.created() ? 201 : 200, placed.value());
  }

  private Answer patch(Call call) {
    ControlVersions.KEY_VAULT.of(call);
    ControlFields body = ControlFields.body(call);
    body.requireKnown(RESOURCE_MEMBERS);
    VaultSettings settings = settings(body, false);
    if (settings.recover()) {
      throw body.invalid("properties.createMode", "a vault is recovered by PUT");
    }
    return vault(
        call,
        200,
        vaults.patch(
            call.origin(),
            ControlApi.subscription(call),
            ControlApi.variable(call, "resourceGroup"),
            ControlApi.variable(call, "vault"),
            settings,
            modelChange(call)));
  }

  private Answer get(Call call) {
    ControlVersions.KEY_VAULT.of(call);
    return vault(
        call,
        200,
        vaults.get(
            ControlApi.subscription(call),
            ControlApi.variable(call, "resourceGroup"),
            ControlApi.variable(call, "vault")));
  }

  private Answer list(Call call) {
    ControlVersions.KEY_VAULT.of(call);
    return ControlPages.of(
        call, readable(call), Container::parent, (json, item) -> render(json, call, item));
  }

  /** The vaults of the request's group or subscription that the caller may read. */
  List<Container> readable(Call call) {
    Id subscription = ControlApi.subscription(call);
    Optional<String> group = call.variable("resourceGroup");
    String scope =
        group
            .map(name -> Scopes.resourceGroup(subscription, name))
            .orElseGet(() -> Scopes.subscription(subscription));
    if (ControlApi.isAllowed(access, call, READ, scope)) {
      return group
          .map(name -> vaults.list(subscription, name))
          .orElseGet(() -> vaults.list(subscription));
    }
    // because what is there is not told to one who may see none of it
    List<Container> some =
        vaults.live(subscription, group).stream()
            .filter(vault -> ControlApi.isAllowed(access, call, READ, vault.resourceId()))
            .toList();
    if (some.isEmpty()) {
      throw ControlApi.forbidden(call, READ, scope);
    }
    return some;
  }

  private Answer delete(Call call) {
    ControlVersions.KEY_VAULT.of(call);
    boolean there =
        vaults.delete(
            call.origin(),
            ControlApi.subscription(call),
            ControlApi.variable(call, "resourceGroup"),
            ControlApi.variable(call, "vault"));
    return Answer.empty(there ? 200 : 204);
  }

  private Answer accessPolicies(Call call) {
    ControlVersions.KEY_VAULT.of(call);
    String kind = ControlApi.variable(call, "operationKind");
    Vaults.PolicyChange change =
        switch (kind.toLowerCase(Locale.ROOT)) {
          case "add" -> Vaults.PolicyChange.ADD;
          case "replace" -> Vaults.PolicyChange.REPLACE;
          case "remove" -> Vaults.PolicyChange.REMOVE;
          default ->
              throw VaultException.of(
                  ErrorCode.ARM_PROPERTY_INVALID,
                  "property",
                  "operationKind",
                  "reason",
                  "it is add, replace or remove");
        };
    ControlFields body = ControlFields.body(call);
    body.requireKnown(RESOURCE_MEMBERS);
    ControlFields properties = body.requiredObject("properties");
    properties.requireKnown(Set.of("accessPolicies"));
    List<AccessPolicy> entries =
        policies(properties).orElseThrow(() -> properties.missing("accessPolicies"));
    Container vault =
        vaults.changePolicies(
            call.origin(),
            ControlApi.subscription(call),
            ControlApi.variable(call, "resourceGroup"),
            ControlApi.variable(call, "vault"),
            change,
            entries);
    return Answer.json(
        200,
        Json.write(
            json -> {
              json.writeStartObject();
              json.writeStringProperty("id", vault.resourceId() + "/accessPolicies/");
              json.writeStringProperty("type", TYPE + "/accessPolicies");
              json.writeObjectPropertyStart("properties");
              renderPolicies(json, vault.accessPolicies());
              json.writeEndObject();
              json.writeEndObject();
            }));
  }

  private Answer listDeleted(Call call) {
    ControlVersions.KEY_VAULT.of(call);
    return ControlPages.of(
        call,
        vaults.deleted(ControlApi.subscription(call), call.now()),
        Container::parent,
        ControlVaultsApi::renderDeleted);
  }

  private Answer getDeleted(Call call) {
    ControlVersions.KEY_VAULT.of(call);
    Container vault =
        vaults.deleted(
            ControlApi.subscription(call),
            ControlApi.variable(call, "location"),
            ControlApi.variable(call, "vault"),
            call.now());
    return Answer.json(200, Json.write(json -> renderDeleted(json, vault)));
  }

  private Answer purge(Call call) {
    String version = ControlVersions.KEY_VAULT.of(call);
    Id subscription = ControlApi.subscription(call);
    String location = ControlApi.variable(call, "location");
    vaults.purge(call.origin(), subscription, location, ControlApi.variable(call, "vault"));
    String poll =
        call.baseUrl()
            + Scopes.subscription(subscription)
            + "/providers/Microsoft.KeyVault/locations/"
            + Locations.fold(location)
            + "/operationResults/"
            + call.origin().journal().orElseThrow()
            + '-'
            + call.origin().requestId().hex()
            + "?api-version="
            + version;
    return Answer.empty(202).with("Location", poll).with("Retry-After", POLL_SECONDS);
  }

  /** An operation is done when the journal holds it; its id says where. */
  private Answer operationResult(Call call) {
    ControlVersions.KEY_VAULT.of(call);
    String id = ControlApi.variable(call, "operation");
    int dash = id.indexOf('-');
    OptionalLong journal =
        id.matches("[1-9][0-9]{0,17}-[0-9a-f]{32}")
            ? OptionalLong.of(Long.parseLong(id.substring(0, dash)))
            : OptionalLong.empty();
    if (journal.isEmpty()
        || !vaults.isDone(journal.getAsLong(), Id.findHex(id.substring(dash + 1)).orElseThrow())) {
      throw VaultException.of(ErrorCode.OPERATION_NOT_FOUND, "name", id);
    }
    return Answer.json(
        200,
        Json.write(
            json -> {
              json.writeStartObject();
              json.writeStringProperty("status", "Succeeded");
              json.writeEndObject();
            }));
  }

  private Answer checkName(Call call) {
    ControlVersions.KEY_VAULT.of(call);
    ControlFields body = ControlFields.body(call);
    String name = body.text("name").orElseThrow(() -> body.missing("name"));
    Optional<ErrorCode> refusal = vaults.check(name, call.now()).refusal();
    return Answer.json(
        200,
        Json.write(
            json -> {
              json.writeStartObject();
              json.writeBooleanProperty("nameAvailable", refusal.isEmpty());
              if (refusal.isPresent()) {
                json.writeStringProperty(
                    "reason",
                    refusal.get() == ErrorCode.VAULT_NAME_NOT_VALID
                        ? "AccountNameInvalid"
                        : "AlreadyExists");
                json.writeStringProperty(
                    "message", VaultException.of(refusal.get(), "name", name).getMessage());
              }
              json.writeEndObject();
            }));
  }

  /** Pools cannot be made, so there is none, live or deleted. */
  private Answer listPools(Call call) {
    ControlVersions.KEY_VAULT.of(call);
    return ControlPages.of(call, List.<Container>of(), Container::parent, (json, pool) -> {});
  }

  private Optional<VaultException> modelChange(Call call) {
    String scope =
        Scopes.resourceGroup(
                ControlApi.subscription(call), ControlApi.variable(call, "resourceGroup"))
            + "/providers/"
            + TYPE
            + '/'
            + ControlApi.variable(call, "vault");
    return ControlApi.isAllowed(access, call, MODEL_ACTION, scope)
        ? Optional.empty()
        : Optional.of(ControlApi.forbidden(call, MODEL_ACTION, scope));
  }

  private static VaultSettings settings(ControlFields body, boolean whole) {
    ControlFields properties =
        body.object("properties")
            .orElseGet(
                () -> {
                  if (whole) {
                    throw body.missing("properties");
                  }
                  return new ControlFields(JsonNodeFactory.instance.objectNode(), "properties.");
                });
    properties.requireKnown(PROPERTIES);
    refuseUnenforced(properties);
    if (!properties.flag("enableSoftDelete").orElse(true)) {
      throw VaultException.of(ErrorCode.SOFT_DELETE_REQUIRED);
    }
    boolean recover =
        properties
            .text("createMode")
            .map(
                mode ->
                    switch (mode.toLowerCase(Locale.ROOT)) {
                      case "default" -> false;
                      case "recover" -> true;
                      default -> throw properties.invalid("createMode", "it is default or recover");
                    })
            .orElse(false);
    Optional<Id> tenant = properties.guid("tenantId");
    Optional<String> location = body.text("location").map(Locations::fold);
    if (whole && tenant.isEmpty()) {
      throw properties.missing("tenantId");
    }
    if (whole && location.isEmpty()) {
      throw body.missing("location");
    }
    Optional<String> sku = sku(properties);
    if (whole && sku.isEmpty()) {
      throw properties.missing("sku");
    }
    Optional<Map<String, String>> tags = body.map("tags");
    return new VaultSettings(
        recover,
        location,
        tenant,
        sku,
        properties.flag("enableRbacAuthorization"),
        policies(properties),
        properties.number("softDeleteRetentionInDays"),
        properties.flag("enablePurgeProtection"),
        properties.flag("enabledForDeployment"),
        properties.flag("enabledForDiskEncryption"),
        properties.flag("enabledForTemplateDeployment"),
        whole && !recover ? tags.or(() -> Optional.of(Map.of())) : tags);
  }

  private static void refuseUnenforced(ControlFields properties) {
    properties
        .text("publicNetworkAccess")
        .filter(access -> !access.equalsIgnoreCase("Enabled"))
        .ifPresent(
            access -> {
              throw notEnforced("publicNetworkAccess other than Enabled");
            });
    if (!properties.objects("privateEndpointConnections").orElse(List.of()).isEmpty()) {
      throw notEnforced("A private endpoint connection");
    }
    properties
        .object("networkAcls")
        .ifPresent(
            acls -> {
              acls.requireKnown(
                  Set.of("bypass", "defaultAction", "ipRules", "virtualNetworkRules"));
              boolean open =
                  acls.text("defaultAction").orElse("Allow").equalsIgnoreCase("Allow")
                      && acls.text("bypass")
                          .orElse("AzureServices")
                          .equalsIgnoreCase("AzureServices")
                      && acls.objects("ipRules").orElse(List.of()).isEmpty()
                      && acls.objects("virtualNetworkRules").orElse(List.of()).isEmpty();
              if (!open) {
                throw notEnforced("networkAcls other than open to all networks");
              }
            });
  }

  private static VaultException notEnforced(String feature) {
    return VaultException.of(ErrorCode.ARM_NOT_ENFORCED, "feature", feature);
  }

  private static Optional<String> sku(ControlFields properties) {
    return properties
        .object("sku")
        .map(
            sku -> {
              sku.requireKnown(Set.of("family", "name"));
              sku.text("family")
                  .filter(family -> !family.equalsIgnoreCase(SKU_FAMILY))
                  .ifPresent(
                      family -> {
                        throw sku.invalid("family", "it is " + SKU_FAMILY);
                      });
              String name =
                  sku.text("name").orElseThrow(() -> sku.missing("name")).toLowerCase(Locale.ROOT);
              if (!SKUS.contains(name)) {
                throw sku.invalid("name", "it is standard or premium");
              }
              return name;
            });
  }

  private static Optional<List<AccessPolicy>> policies(ControlFields properties) {
    return properties
        .objects("accessPolicies")
        .map(entries -> entries.stream().map(ControlVaultsApi::policy).toList());
  }

  private static AccessPolicy policy(ControlFields entry) {
    entry.requireKnown(Set.of("tenantId", "objectId", "applicationId", "permissions"));
    ControlFields permissions = entry.requiredObject("permissions");
    permissions.requireKnown(Set.of("keys", "secrets", "certificates", "storage"));
    return new AccessPolicy(
        entry.guid("tenantId").orElseThrow(() -> entry.missing("tenantId")),
        entry.guid("objectId").orElseThrow(() -> entry.missing("objectId")),
        entry.guid("applicationId"),
        words(permissions, PolicyCategory.KEYS),
        words(permissions, PolicyCategory.SECRETS),
        words(permissions, PolicyCategory.CERTIFICATES),
        words(permissions, PolicyCategory.STORAGE));
  }

  private static List<String> words(ControlFields permissions, PolicyCategory category) {
    List<String> kept = new ArrayList<>();
    for (String word : permissions.texts(category.wire()).orElse(List.of())) {
      String known =
          category
              .find(word)
              .orElseThrow(
                  () ->
                      permissions.invalid(
                          category.wire(), "'" + word + "' is not a permission of its kind"));
      if (!kept.contains(known)) {
        kept.add(known);
      }
    }
    return List.copyOf(kept);
  }

  private Answer vault(Call call, int status, Container vault) {
    return Answer.json(status, Json.write(json -> render(json, call, vault)), vault.resourceId());
  }

  private void render(JsonGenerator json, Call call, Container vault) {
    json.writeStartObject();
    json.writeStringProperty("id", vault.resourceId());
    json.writeStringProperty("name", vault.name());
    json.writeStringProperty("type", TYPE);
    json.writeStringProperty("location", vault.location());
    ControlApi.renderTags(json, vault.tags());
    json.writeObjectPropertyStart("systemData");
    json.writeStringProperty("createdAt", vault.created().toString());
    json.writeStringProperty("lastModifiedAt", vault.updated().toString());
    json.writeEndObject();
    json.writeObjectPropertyStart("properties");
    json.writeObjectPropertyStart("sku");
    json.writeStringProperty("family", SKU_FAMILY);
    json.writeStringProperty("name", vault.sku());
    json.writeEndObject();
    json.writeStringProperty("tenantId", vault.tenant().guid());
    renderPolicies(json, vault.accessPolicies());
    json.writeBooleanProperty("enabledForDeployment", vault.enabledForDeployment());
    json.writeBooleanProperty("enabledForDiskEncryption", vault.enabledForDiskEncryption());
    json.writeBooleanProperty("enabledForTemplateDeployment", vault.enabledForTemplateDeployment());
    json.writeBooleanProperty("enableSoftDelete", true);
    json.writeNumberProperty("softDeleteRetentionInDays", vault.retentionDays());
    vault.rbac().ifPresent(rbac -> json.writeBooleanProperty("enableRbacAuthorization", rbac));
    if (vault.purgeProtection()) {
      json.writeBooleanProperty("enablePurgeProtection", true);
    }
    json.writeStringProperty("vaultUri", hosts.vaultUri(call, vault.name()));
    json.writeStringProperty("provisioningState", "Succeeded");
    json.writeStringProperty("publicNetworkAccess", "Enabled");
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void renderPolicies(JsonGenerator json, List<AccessPolicy> policies) {
    json.writeArrayPropertyStart("accessPolicies");
    for (AccessPolicy policy : policies) {
      json.writeStartObject();
      json.writeStringProperty("tenantId", policy.tenant().guid());
      json.writeStringProperty("objectId", policy.objectId().guid());
      policy.applicationId().ifPresent(id -> json.writeStringProperty("applicationId", id.guid()));
      json.writeObjectPropertyStart("permissions");
      for (PolicyCategory category : PolicyCategory.values()) {
        json.writeArrayPropertyStart(category.wire());
        for (String word : category.granted(policy)) {
          json.writeString(category.spell(word));
        }
        json.writeEndArray();
      }
      json.writeEndObject();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void renderDeleted(JsonGenerator json, Container vault) {
    json.writeStartObject();
    json.writeStringProperty(
        "id",
        Scopes.subscription(vault.subscription())
            + "/providers/Microsoft.KeyVault/locations/"
            + vault.location()
            + "/deletedVaults/"
            + vault.name());
    json.writeStringProperty("name", vault.name());
    json.writeStringProperty("type", "Microsoft.KeyVault/deletedVaults");
    json.writeObjectPropertyStart("properties");
    json.writeStringProperty("vaultId", vault.resourceId());
    json.writeStringProperty("location", vault.location());
    ControlApi.renderTags(json, vault.tags());
    json.writeStringProperty("deletionDate", vault.deleted().orElseThrow().toString());
    json.writeStringProperty("scheduledPurgeDate", vault.scheduledPurge().orElseThrow().toString());
    json.writeBooleanProperty("purgeProtectionEnabled", vault.purgeProtection());
    json.writeEndObject();
    json.writeEndObject();
  }
}
