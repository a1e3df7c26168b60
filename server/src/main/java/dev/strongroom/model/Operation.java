package dev.strongroom.model;

import static dev.strongroom.model.ApiVersion.V2015_06_01;
import static dev.strongroom.model.ApiVersion.V2016_10_01;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Every operation, one row each: audited name, plane, action that the caller must be allowed (data
 * actions without the container kind's prefix), access-policy category and permission, where it is
 * checked, first data-plane api-version, body limit in bytes.
 *
 * @see <a href="https://learn.microsoft.com/azure/key-vault/general/logging">Azure Key Vault
 *     logging</a>
 * @see <a href="https://learn.microsoft.com/azure/role-based-access-control/permissions/security">
 *     Azure permissions for Security</a>
 */
public enum Operation {
  SECRET_SET("SecretSet", "secrets/setSecret/action", "set", Checked.OBJECT, V2015_06_01),
  SECRET_GET("SecretGet", "secrets/getSecret/action", "get", Checked.OBJECT, V2015_06_01),
  SECRET_UPDATE("SecretUpdate", "secrets/update/action", "set", Checked.OBJECT, V2015_06_01),
  SECRET_DELETE("SecretDelete", "secrets/delete", "delete", Checked.OBJECT, V2015_06_01),
  SECRET_LIST(
      "SecretList", "secrets/readMetadata/action", "list", Checked.CONTAINER, V2015_06_01),
  SECRET_LIST_VERSIONS(
      "SecretListVersions", "secrets/readMetadata/action", "list", Checked.OBJECT, V2015_06_01),
  SECRET_LIST_DELETED(
      "SecretListDeleted", "secrets/readMetadata/action", "list", Checked.CONTAINER, V2016_10_01),
  SECRET_GET_DELETED(
      "SecretGetDeleted", "secrets/readMetadata/action", "get", Checked.OBJECT, V2016_10_01),
  SECRET_RECOVER("SecretRecover", "secrets/recover/action", "recover", Checked.OBJECT, V2016_10_01),
  SECRET_PURGE("SecretPurge", "secrets/purge/action", "purge", Checked.OBJECT, V2016_10_01),
  SECRET_BACKUP("SecretBackup", "secrets/backup/action", "backup", Checked.OBJECT, V2016_10_01),
  SECRET_RESTORE(
      "SecretRestore", "secrets/restore/action", "restore", Checked.CONTAINER, V2016_10_01, 32 << 20),

  VAULT_PUT("VaultPut", "Microsoft.KeyVault/vaults/write"),
  VAULT_PATCH("VaultPatch", "Microsoft.KeyVault/vaults/write"),
  VAULT_GET("VaultGet", "Microsoft.KeyVault/vaults/read"),
  VAULT_LIST("VaultList", ""),
  VAULT_DELETE("VaultDelete", "Microsoft.KeyVault/vaults/delete"),
  VAULT_ACCESS_POLICIES("VaultAccessPolicies", "Microsoft.KeyVault/vaults/accessPolicies/write"),
  VAULT_LIST_DELETED("VaultListDeleted", "Microsoft.KeyVault/deletedVaults/read"),
  VAULT_GET_DELETED("VaultGetDeleted", "Microsoft.KeyVault/locations/deletedVaults/read"),
  VAULT_PURGE("VaultPurge", "Microsoft.KeyVault/locations/deletedVaults/purge/action"),
  VAULT_OPERATION_RESULT(
      "VaultOperationResult", "Microsoft.KeyVault/locations/operationResults/read"),
  VAULT_CHECK_NAME("VaultCheckName", "Microsoft.KeyVault/checkNameAvailability/read"),
  POOL_LIST("PoolList", "Microsoft.KeyVault/managedHSMs/read"),
  POOL_LIST_DELETED("PoolListDeleted", "Microsoft.KeyVault/deletedManagedHsms/read"),
  RESOURCE_LIST("ResourceList", ""),
  SUBSCRIPTION_LIST("SubscriptionList", ""),
  SUBSCRIPTION_GET("SubscriptionGet", ""),
  TENANT_LIST("TenantList", ""),
  PROVIDER_LIST("ProviderList", "Microsoft.Resources/subscriptions/providers/read"),
  LOCATION_LIST("LocationList", "Microsoft.Resources/subscriptions/locations/read"),
  RESOURCE_GROUP_PUT(
      "ResourceGroupPut", "Microsoft.Resources/subscriptions/resourceGroups/write"),
  RESOURCE_GROUP_GET("ResourceGroupGet", "Microsoft.Resources/subscriptions/resourceGroups/read"),
  RESOURCE_GROUP_LIST("ResourceGroupList", ""),
  RESOURCE_GROUP_DELETE(
      "ResourceGroupDelete", "Microsoft.Resources/subscriptions/resourceGroups/delete"),
  ROLE_ASSIGNMENT_PUT("RoleAssignmentPut", "Microsoft.Authorization/roleAssignments/write"),
  ROLE_ASSIGNMENT_GET("RoleAssignmentGet", "Microsoft.Authorization/roleAssignments/read"),
  ROLE_ASSIGNMENT_LIST("RoleAssignmentList", "Microsoft.Authorization/roleAssignments/read"),
  ROLE_ASSIGNMENT_DELETE(
      "RoleAssignmentDelete", "Microsoft.Authorization/roleAssignments/delete"),
  ROLE_DEFINITION_GET("RoleDefinitionGet", "Microsoft.Authorization/roleDefinitions/read"),
  ROLE_DEFINITION_LIST("RoleDefinitionList", "Microsoft.Authorization/roleDefinitions/read"),
  LOCK_PUT("LockPut", "Microsoft.Authorization/locks/write"),
  LOCK_GET("LockGet", "Microsoft.Authorization/locks/read"),
  LOCK_LIST("LockList", "Microsoft.Authorization/locks/read"),
  LOCK_DELETE("LockDelete", "Microsoft.Authorization/locks/delete"),
  APPLICATION_CREATE("ApplicationCreate", "Strongroom.Directory/applications/write"),
  APPLICATION_LIST("ApplicationList", "Strongroom.Directory/applications/read"),
  APPLICATION_GET("ApplicationGet", "Strongroom.Directory/applications/read"),
  APPLICATION_UPDATE("ApplicationUpdate", "Strongroom.Directory/applications/write"),
  APPLICATION_SECRET_ADD("ApplicationSecretAdd", "Strongroom.Directory/applications/write"),
  APPLICATION_SECRET_REMOVE("ApplicationSecretRemove", "Strongroom.Directory/applications/write"),
  APPLICATION_CERTIFICATE_ADD(
      "ApplicationCertificateAdd", "Strongroom.Directory/applications/write"),
  APPLICATION_CERTIFICATE_REMOVE(
      "ApplicationCertificateRemove", "Strongroom.Directory/applications/write"),
  APPLICATION_FEDERATE("ApplicationFederate", "Strongroom.Directory/applications/write"),
  APPLICATION_FEDERATION_REMOVE(
      "ApplicationFederationRemove", "Strongroom.Directory/applications/write"),

  SIGN_IN("SignIn", Plane.LOGIN),
  DISCOVERY("Discovery", Plane.LOGIN),
  CLOUD_METADATA("CloudMetadata", Plane.LOGIN),

  AUTHENTICATION("Authentication", Plane.LOCAL),
  REQUEST_REFUSED("RequestRefused", Plane.LOCAL),
  SERVER_START("ServerStart", Plane.LOCAL),
  SERVER_STOP("ServerStop", Plane.LOCAL),
  SERVER_INIT("ServerInit", Plane.LOCAL),
  SERVER_SEAL("ServerSeal", Plane.LOCAL),
  SERVER_UNSEAL("ServerUnseal", Plane.LOCAL),
  SLOT_ADD("SlotAdd", Plane.LOCAL),
  SLOT_REMOVE("SlotRemove", Plane.LOCAL),
  ROOT_ROTATE("RootRotate", Plane.LOCAL),
  TENANT_CREATE("TenantCreate", Plane.LOCAL),
  SUBSCRIPTION_CREATE("SubscriptionCreate", Plane.LOCAL),
  ISSUER_ADD("IssuerAdd", Plane.LOCAL),
  ISSUER_REMOVE("IssuerRemove", Plane.LOCAL),
  SIGNING_KEY_ROTATE("SigningKeyRotate", Plane.LOCAL),
  SECRET_PURGE_IF_DUE("SecretPurgeIfDue", Plane.LOCAL),
  VAULT_PURGE_IF_DUE("VaultPurgeIfDue", Plane.LOCAL),
  NODE_TAKE_OVER("NodeTakeOver", Plane.LOCAL),
  INTEGRITY_FAILURE("IntegrityFailure", Plane.LOCAL),
  AUDIT_KEY_CREATE("AuditKeyCreate", Plane.LOCAL),
  AUDIT_REPAIR("AuditRepair", Plane.LOCAL),
  AUDIT_GAP("AuditGap", Plane.LOCAL),
  AUDIT_JOURNAL_BEHIND("AuditJournalBehind", Plane.LOCAL);

  /** Whose rules a request goes by. */
  public enum Plane {
    /** Objects of a container; audience of the container kind. */
    DATA,
    /** Resources; audience of management. */
    CONTROL,
    /** Tokens and discovery; no token needed. */
    LOGIN,
    /** On the machine itself, or by the server of its own accord. */
    LOCAL
  }

  /** Where permission for a data-plane operation is checked. */
  public enum Checked {
    CONTAINER,
    OBJECT
  }

  private static final Map<String, Operation> BY_AUDIT_NAME =
      Arrays.stream(values()).collect(Collectors.toMap(Operation::auditName, row -> row));

  private static final int DATA_BODY = 64 << 10;
  private static final int CONTROL_BODY = 4 << 20;
  private static final int LOGIN_BODY = 64 << 10;

  private final String auditName;
  private final Plane plane;
  private final String action;
  private final Optional<String> permission;
  private final Checked checked;
  private final ApiVersion first;
  private final int bodyLimit;

  Operation(String auditName, String action, String permission, Checked checked, ApiVersion first) {
    this(auditName, action, permission, checked, first, DATA_BODY);
  }

  Operation(
      String auditName,
      String action,
      String permission,
      Checked checked,
      ApiVersion first,
      int bodyLimit) {
    this.auditName = auditName;
    this.plane = Plane.DATA;
    this.action = action;
    this.permission = Optional.of(permission);
    this.checked = checked;
    this.first = first;
    this.bodyLimit = bodyLimit;
  }

  Operation(String auditName, String action) {
    this.auditName = auditName;
    this.plane = Plane.CONTROL;
    this.action = action;
    this.permission = Optional.empty();
    this.checked = Checked.CONTAINER;
    this.first = V2015_06_01;
    this.bodyLimit = CONTROL_BODY;
  }

  Operation(String auditName, Plane plane) {
    this.auditName = auditName;
    this.plane = plane;
    this.action = "";
    this.permission = Optional.empty();
    this.checked = Checked.CONTAINER;
    this.first = V2015_06_01;
    this.bodyLimit = LOGIN_BODY;
  }

  public String auditName() {
    return auditName;
  }

  /** The row of an audited name. */
  public static Optional<Operation> findAudited(String auditName) {
    return Optional.ofNullable(BY_AUDIT_NAME.get(auditName));
  }

  public Plane plane() {
    return plane;
  }

  /**
   * The whole action string; empty when being known is enough: a list of resources then shows what
   * the caller may read one by one, and is refused when that is nothing.
   */
  public String action(ContainerKind kind) {
    return plane == Plane.DATA ? kind.dataActionPrefix() + action : action;
  }

  /** The permission word of access policies; the category is {@link #collection}. */
  public Optional<String> permission() {
    return permission;
  }

  public Optional<Collection> collection() {
    return plane == Plane.DATA
        ? Collection.find(action.substring(0, action.indexOf('/')))
        : Optional.empty();
  }

  public Checked checked() {
    return checked;
  }

  public ApiVersion first() {
    return first;
  }

  public int bodyLimit() {
    return bodyLimit;
  }

  /** Whether it writes, so that it is refused while the store has no room. */
  public boolean changes() {
    return switch (this) {
      case SECRET_GET,
          SECRET_LIST,
          SECRET_LIST_VERSIONS,
          SECRET_LIST_DELETED,
          SECRET_GET_DELETED,
          SECRET_BACKUP,
          VAULT_GET,
          VAULT_LIST,
          VAULT_LIST_DELETED,
          VAULT_GET_DELETED,
          VAULT_OPERATION_RESULT,
          VAULT_CHECK_NAME,
          POOL_LIST,
          POOL_LIST_DELETED,
          RESOURCE_LIST,
          SUBSCRIPTION_LIST,
          SUBSCRIPTION_GET,
          TENANT_LIST,
          PROVIDER_LIST,
          LOCATION_LIST,
          RESOURCE_GROUP_GET,
          RESOURCE_GROUP_LIST,
          ROLE_ASSIGNMENT_GET,
          ROLE_ASSIGNMENT_LIST,
          ROLE_DEFINITION_GET,
          ROLE_DEFINITION_LIST,
          LOCK_GET,
          LOCK_LIST,
          APPLICATION_LIST,
          APPLICATION_GET,
          SIGN_IN,
          DISCOVERY,
          CLOUD_METADATA,
          AUTHENTICATION,
          REQUEST_REFUSED ->
          false;
      default -> true;
    };
  }
}
