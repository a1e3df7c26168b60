package dev.strongroom.model;

import static dev.strongroom.model.ApiVersion.V2015_06_01;
import static dev.strongroom.model.ApiVersion.V2016_10_01;
import static dev.strongroom.model.ApiVersion.V2026_01_01_PREVIEW;
import static dev.strongroom.model.ApiVersion.V7_0;
import static dev.strongroom.model.ApiVersion.V7_3;
import static dev.strongroom.model.ApiVersion.V7_6_PREVIEW_2;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Every operation, one row each: audited name, plane, action that the caller must be allowed (data
 * actions without the container kind's prefix), access-policy category and permission, where it is
 * checked, first data-plane api-version, body limit in bytes, lane.
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

  KEY_CREATE("KeyCreate", "keys/create/action", "create", Checked.OBJECT, V2015_06_01),
  KEY_IMPORT(
      "KeyImport",
      "keys/import/action",
      "import",
      Checked.OBJECT,
      V2015_06_01,
      Lane.PRIVATE_KEY),
  KEY_GET("KeyGet", "keys/read", "get", Checked.OBJECT, V2015_06_01),
  KEY_UPDATE("KeyUpdate", "keys/update/action", "update", Checked.OBJECT, V2015_06_01),
  KEY_DELETE("KeyDelete", "keys/delete", "delete", Checked.OBJECT, V2015_06_01),
  KEY_LIST("KeyList", "keys/read", "list", Checked.CONTAINER, V2015_06_01),
  KEY_LIST_VERSIONS("KeyListVersions", "keys/read", "list", Checked.OBJECT, V2015_06_01),
  KEY_LIST_DELETED("KeyListDeleted", "keys/read", "list", Checked.CONTAINER, V2016_10_01),
  KEY_GET_DELETED("KeyGetDeleted", "keys/read", "get", Checked.OBJECT, V2016_10_01),
  KEY_RECOVER("KeyRecover", "keys/recover/action", "recover", Checked.OBJECT, V2016_10_01),
  KEY_PURGE("KeyPurge", "keys/purge/action", "purge", Checked.OBJECT, V2016_10_01),
  KEY_BACKUP("KeyBackup", "keys/backup/action", "backup", Checked.OBJECT, V2015_06_01),
  KEY_RESTORE(
      "KeyRestore", "keys/restore/action", "restore", Checked.CONTAINER, V2015_06_01, 32 << 20),
  KEY_ENCRYPT(
      "KeyEncrypt",
      "keys/encrypt/action",
      "encrypt",
      Checked.OBJECT,
      V2015_06_01,
      256 << 10),
  KEY_DECRYPT(
      "KeyDecrypt",
      "keys/decrypt/action",
      "decrypt",
      Checked.OBJECT,
      V2015_06_01,
      Lane.PRIVATE_KEY),
  KEY_WRAP("KeyWrap", "keys/wrap/action", "wrapKey", Checked.OBJECT, V2015_06_01),
  KEY_UNWRAP(
      "KeyUnwrap",
      "keys/unwrap/action",
      "unwrapKey",
      Checked.OBJECT,
      V2015_06_01,
      Lane.PRIVATE_KEY),
  KEY_SIGN("KeySign", "keys/sign/action", "sign", Checked.OBJECT, V2015_06_01, Lane.PRIVATE_KEY),
  KEY_VERIFY("KeyVerify", "keys/verify/action", "verify", Checked.OBJECT, V2015_06_01, 256 << 10),
  KEY_ROTATE("KeyRotate", "keys/rotate/action", "rotate", Checked.OBJECT, V7_3),
  KEY_ROTATION_POLICY_GET(
      "KeyRotationPolicyGet",
      "keyrotationpolicies/read",
      "getrotationpolicy",
      Checked.OBJECT,
      V7_3),
  KEY_ROTATION_POLICY_SET(
      "KeyRotationPolicySet",
      "keyrotationpolicies/write",
      "setrotationpolicy",
      Checked.OBJECT,
      V7_3),
  KEY_RELEASE("KeyRelease", "keys/release/action", "release", Checked.OBJECT, V7_3),
  KEY_GET_ATTESTATION("KeyGetAttestation", "keys/read", "get", Checked.OBJECT, V7_6_PREVIEW_2),
  KEY_SECURE_WRAP(
      "KeySecureWrap", "keys/wrap/action", "wrapKey", Checked.OBJECT, V2026_01_01_PREVIEW),
  KEY_SECURE_UNWRAP(
      "KeySecureUnwrap", "keys/unwrap/action", "unwrapKey", Checked.OBJECT, V2026_01_01_PREVIEW),

  CERTIFICATE_CREATE(
      "CertificateCreate",
      "certificates/create/action",
      "create",
      Checked.OBJECT,
      V2015_06_01,
      Lane.PRIVATE_KEY),
  CERTIFICATE_IMPORT(
      "CertificateImport",
      "certificates/import/action",
      "import",
      Checked.OBJECT,
      V2015_06_01,
      Lane.PRIVATE_KEY),
  CERTIFICATE_GET("CertificateGet", "certificates/read", "get", Checked.OBJECT, V2015_06_01),
  CERTIFICATE_UPDATE(
      "CertificateUpdate", "certificates/update/action", "update", Checked.OBJECT, V2015_06_01),
  CERTIFICATE_DELETE(
      "CertificateDelete", "certificates/delete", "delete", Checked.OBJECT, V2015_06_01),
  CERTIFICATE_LIST(
      "CertificateList", "certificates/read", "list", Checked.CONTAINER, V2015_06_01),
  CERTIFICATE_LIST_VERSIONS(
      "CertificateListVersions", "certificates/read", "list", Checked.OBJECT, V2015_06_01),
  CERTIFICATE_POLICY_GET(
      "CertificatePolicyGet", "certificates/read", "get", Checked.OBJECT, V2015_06_01),
  CERTIFICATE_POLICY_UPDATE(
      "CertificatePolicyUpdate",
      "certificates/update/action",
      "update",
      Checked.OBJECT,
      V2015_06_01),
  CERTIFICATE_PENDING_GET(
      "CertificatePendingGet", "certificates/read", "get", Checked.OBJECT, V2015_06_01),
  CERTIFICATE_PENDING_UPDATE(
      "CertificatePendingUpdate",
      "certificates/update/action",
      "update",
      Checked.OBJECT,
      V2015_06_01),
  CERTIFICATE_PENDING_DELETE(
      "CertificatePendingDelete",
      "certificates/update/action",
      "update",
      Checked.OBJECT,
      V2015_06_01),
  CERTIFICATE_PENDING_MERGE(
      "CertificatePendingMerge",
      "certificates/create/action",
      "create",
      Checked.OBJECT,
      V2015_06_01,
      256 << 10),
  CERTIFICATE_LIST_DELETED(
      "CertificateListDeleted", "certificates/read", "list", Checked.CONTAINER, V2016_10_01),
  CERTIFICATE_GET_DELETED(
      "CertificateGetDeleted", "certificates/read", "get", Checked.OBJECT, V2016_10_01),
  CERTIFICATE_RECOVER(
      "CertificateRecover",
      "certificates/recover/action",
      "recover",
      Checked.OBJECT,
      V2016_10_01),
  CERTIFICATE_PURGE(
      "CertificatePurge", "certificates/purge/action", "purge", Checked.OBJECT, V2016_10_01),
  CERTIFICATE_BACKUP(
      "CertificateBackup", "certificates/backup/action", "backup", Checked.OBJECT, V7_0),
  CERTIFICATE_RESTORE(
      "CertificateRestore",
      "certificates/restore/action",
      "restore",
      Checked.CONTAINER,
      V7_0,
      32 << 20),
  CERTIFICATE_CONTACTS_SET(
      "CertificateContactsSet",
      "certificatecontacts/write",
      "managecontacts",
      Checked.CONTAINER,
      V2015_06_01),
  CERTIFICATE_CONTACTS_GET(
      "CertificateContactsGet",
      "certificatecontacts/write",
      "managecontacts",
      Checked.CONTAINER,
      V2015_06_01),
  CERTIFICATE_CONTACTS_DELETE(
      "CertificateContactsDelete",
      "certificatecontacts/write",
      "managecontacts",
      Checked.CONTAINER,
      V2015_06_01),
  CERTIFICATE_ISSUERS_LIST(
      "CertificateIssuersList",
      "certificatecas/read",
      "listissuers",
      Checked.CONTAINER,
      V2015_06_01),
  CERTIFICATE_ISSUER_SET(
      "CertificateIssuerSet",
      "certificatecas/write",
      "setissuers",
      Checked.CONTAINER,
      V2015_06_01),
  CERTIFICATE_ISSUER_UPDATE(
      "CertificateIssuerUpdate",
      "certificatecas/write",
      "setissuers",
      Checked.CONTAINER,
      V2015_06_01),
  CERTIFICATE_ISSUER_GET(
      "CertificateIssuerGet",
      "certificatecas/read",
      "getissuers",
      Checked.CONTAINER,
      V2015_06_01),
  CERTIFICATE_ISSUER_DELETE(
      "CertificateIssuerDelete",
      "certificatecas/delete",
      "deleteissuers",
      Checked.CONTAINER,
      V2015_06_01),

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
  SERVER_BACKUP("ServerBackup", Plane.LOCAL),
  SERVER_REPLACE("ServerReplace", Plane.LOCAL),
  SERVER_CLONE("ServerClone", Plane.LOCAL),
  SLOT_ADD("SlotAdd", Plane.LOCAL),
  SLOT_REMOVE("SlotRemove", Plane.LOCAL),
  ROOT_ROTATE("RootRotate", Plane.LOCAL),
  TENANT_CREATE("TenantCreate", Plane.LOCAL),
  SUBSCRIPTION_CREATE("SubscriptionCreate", Plane.LOCAL),
  ISSUER_ADD("IssuerAdd", Plane.LOCAL),
  ISSUER_REMOVE("IssuerRemove", Plane.LOCAL),
  SIGNING_KEY_ROTATE("SigningKeyRotate", Plane.LOCAL),
  SECRET_PURGE_IF_DUE("SecretPurgeIfDue", Plane.LOCAL),
  KEY_PURGE_IF_DUE("KeyPurgeIfDue", Plane.LOCAL),
  KEY_ROTATE_IF_DUE("KeyRotateIfDue", Plane.LOCAL),
  KEY_NEAR_EXPIRY_EVENT_GRID_NOTIFICATION("KeyNearExpiryEventGridNotification", Plane.LOCAL),
  CERTIFICATE_PURGE_IF_DUE("CertificatePurgeIfDue", Plane.LOCAL),
  CERTIFICATE_ISSUE("CertificateIssue", Plane.LOCAL),
  CERTIFICATE_ISSUE_WAITING("CertificateIssueWaiting", Plane.LOCAL),
  CERTIFICATE_ISSUE_FAILED("CertificateIssueFailed", Plane.LOCAL),
  CERTIFICATE_RENEW("CertificateRenew", Plane.LOCAL),
  CERTIFICATE_RENEW_FAILED("CertificateRenewFailed", Plane.LOCAL),
  CERTIFICATE_NEAR_EXPIRY_EVENT_GRID_NOTIFICATION(
      "CertificateNearExpiryEventGridNotification", Plane.LOCAL),
  CERTIFICATE_AUTHORITY_INIT("CertificateAuthorityInit", Plane.LOCAL),
  CERTIFICATE_AUTHORITY_ROTATE("CertificateAuthorityRotate", Plane.LOCAL),
  CERTIFICATE_AUTHORITY_SET("CertificateAuthoritySet", Plane.LOCAL),
  CERTIFICATE_AUTHORITY_PUBLISH("CertificateAuthorityPublish", Plane.LOCAL),
  CERTIFICATE_REVOKE("CertificateRevoke", Plane.LOCAL),
  CERTIFICATE_CONTACTS_MAIL("CertificateContactsMail", Plane.LOCAL),
  CERTIFICATE_CONTACTS_MAIL_FAILED("CertificateContactsMailFailed", Plane.LOCAL),
  CERTIFICATE_CONTACTS_MAIL_DROPPED("CertificateContactsMailDropped", Plane.LOCAL),
  ACME_ACCOUNT_SET("AcmeAccountSet", Plane.LOCAL),
  ACME_CHALLENGE_PUBLISH("AcmeChallengePublish", Plane.LOCAL),
  ACME_CHALLENGE_REMOVE("AcmeChallengeRemove", Plane.LOCAL),
  VAULT_PURGE_IF_DUE("VaultPurgeIfDue", Plane.LOCAL),
  CLOCK_MOVE("ClockMove", Plane.LOCAL),
  NODE_TAKE_OVER("NodeTakeOver", Plane.LOCAL),
  INTEGRITY_FAILURE("IntegrityFailure", Plane.LOCAL),
  AUDIT_KEY_CREATE("AuditKeyCreate", Plane.LOCAL),
  AUDIT_REPAIR("AuditRepair", Plane.LOCAL),
  AUDIT_GAP("AuditGap", Plane.LOCAL),
  AUDIT_JOURNAL_BEHIND("AuditJournalBehind", Plane.LOCAL),
  AUDIT_PRUNE("AuditPrune", Plane.LOCAL);

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

  /** Where the part of an operation that computes for long runs, when it does. */
  public enum Lane {
    /** On the request's own thread: nothing takes long. */
    NONE,
    /** What is done with private keys that takes a millisecond or more. */
    PRIVATE_KEY
  }

  private static final Map<String, Operation> BY_AUDIT_NAME =
      Arrays.stream(values()).collect(Collectors.toMap(Operation::auditName, row -> row));

  private static final int DATA_BODY = 64 << 10;
  private static final int KEY_BODY = 256 << 10;
  private static final int CONTROL_BODY = 4 << 20;
  private static final int LOGIN_BODY = 64 << 10;

  private final String auditName;
  private final Plane plane;
  private final String action;
  private final Optional<String> permission;
  private final Checked checked;
  private final ApiVersion first;
  private final int bodyLimit;
  private final Lane lane;

  Operation(String auditName, String action, String permission, Checked checked, ApiVersion first) {
    this(auditName, action, permission, checked, first, DATA_BODY);
  }

  Operation(
      String auditName,
      String action,
      String permission,
      Checked checked,
      ApiVersion first,
      Lane lane) {
    this(auditName, action, permission, checked, first, KEY_BODY, lane);
  }

  Operation(
      String auditName,
      String action,
      String permission,
      Checked checked,
      ApiVersion first,
      int bodyLimit) {
    this(auditName, action, permission, checked, first, bodyLimit, Lane.NONE);
  }

  Operation(
      String auditName,
      String action,
      String permission,
      Checked checked,
      ApiVersion first,
      int bodyLimit,
      Lane lane) {
    this.auditName = auditName;
    this.plane = Plane.DATA;
    this.action = action;
    this.permission = Optional.of(permission);
    this.checked = checked;
    this.first = first;
    this.bodyLimit = bodyLimit;
    this.lane = lane;
  }

  Operation(String auditName, String action) {
    this.auditName = auditName;
    this.plane = Plane.CONTROL;
    this.action = action;
    this.permission = Optional.empty();
    this.checked = Checked.CONTAINER;
    this.first = V2015_06_01;
    this.bodyLimit = CONTROL_BODY;
    this.lane = Lane.NONE;
  }

  Operation(String auditName, Plane plane) {
    this.auditName = auditName;
    this.plane = plane;
    this.action = "";
    this.permission = Optional.empty();
    this.checked = Checked.CONTAINER;
    this.first = V2015_06_01;
    this.bodyLimit = LOGIN_BODY;
    this.lane = Lane.NONE;
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
    if (plane != Plane.DATA) {
      return Optional.empty();
    }
    String word = action.substring(0, action.indexOf('/'));
    return switch (word) {
      case "keyrotationpolicies" -> Optional.of(Collection.KEYS);
      case "certificatecontacts", "certificatecas" -> Optional.of(Collection.CERTIFICATES);
      default -> Collection.find(word);
    };
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

  public Lane lane() {
    return lane;
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
          KEY_GET,
          KEY_LIST,
          KEY_LIST_VERSIONS,
          KEY_LIST_DELETED,
          KEY_GET_DELETED,
          KEY_BACKUP,
          KEY_ENCRYPT,
          KEY_DECRYPT,
          KEY_WRAP,
          KEY_UNWRAP,
          KEY_SIGN,
          KEY_VERIFY,
          KEY_ROTATION_POLICY_GET,
          KEY_RELEASE,
          KEY_GET_ATTESTATION,
          KEY_SECURE_WRAP,
          KEY_SECURE_UNWRAP,
          CERTIFICATE_GET,
          CERTIFICATE_LIST,
          CERTIFICATE_LIST_VERSIONS,
          CERTIFICATE_POLICY_GET,
          CERTIFICATE_PENDING_GET,
          CERTIFICATE_LIST_DELETED,
          CERTIFICATE_GET_DELETED,
          CERTIFICATE_BACKUP,
          CERTIFICATE_CONTACTS_GET,
          CERTIFICATE_ISSUERS_LIST,
          CERTIFICATE_ISSUER_GET,
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
