package dev.strongroom.model;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The built-in roles, one row each, with Azure's ids and permissions. What a role allows is
 * (actions minus notActions) on resources and (dataActions minus notDataActions) on objects.
 *
 * <p>{@code *} stands for any text, and {@code /*}{@code /} also for a single slash, so that {@code
 * vaults/*}{@code /read} covers the vault itself, as the roles' descriptions say. Case does not
 * count.
 *
 * @see <a
 *     href="https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/security">
 *     Azure built-in roles for Security</a>
 * @see <a
 *     href="https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/general">
 *     Azure built-in roles for General</a>
 */
public enum BuiltInRole {
  OWNER(
      "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
      "Owner",
      "Grants full access to manage all resources, including the ability to assign roles in Azure"
          + " RBAC.",
      List.of("*"),
      List.of(),
      List.of()),
  // Beyond Azure's list: Strongroom.Directory. Azure keeps the directory out of reach of resource
  // roles; here a Contributor at / could otherwise give itself a credential of an Owner.
  CONTRIBUTOR(
      "b24988ac-6180-42a0-ab88-20f7382dd24c",
      "Contributor",
      "Grants full access to manage all resources, but does not allow you to assign roles in Azure"
          + " RBAC, manage assignments in Azure Blueprints, or share image galleries.",
      List.of("*"),
      List.of(
          "Microsoft.Authorization/*/Delete",
          "Microsoft.Authorization/*/Write",
          "Microsoft.Authorization/elevateAccess/Action",
          "Microsoft.Blueprint/blueprintAssignments/write",
          "Microsoft.Blueprint/blueprintAssignments/delete",
          "Microsoft.Compute/galleries/share/action",
          "Microsoft.Purview/consents/write",
          "Microsoft.Purview/consents/delete",
          "Strongroom.Directory/*/write"),
      List.of()),
  READER(
      "acdd72a7-3385-48ef-bd42-f606fba81ae7",
      "Reader",
      "View all resources, but does not allow you to make any changes.",
      List.of("*/read"),
      List.of(),
      List.of()),
  USER_ACCESS_ADMINISTRATOR(
      "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
      "User Access Administrator",
      "Lets you manage user access to Azure resources.",
      List.of("*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"),
      List.of(),
      List.of()),
  KEY_VAULT_ADMINISTRATOR(
      "00482a5a-887f-4fb3-b363-3b7fe8e74483",
      "Key Vault Administrator",
      "Perform all data plane operations on a key vault and all objects in it, including"
          + " certificates, keys, and secrets. Cannot manage key vault resources or manage role"
          + " assignments. Only works for key vaults that use the 'Azure role-based access control'"
          + " permission model.",
      Sets.READER,
      List.of(),
      List.of("Microsoft.KeyVault/vaults/*")),
  KEY_VAULT_READER(
      "21090545-7ca7-4776-b22c-e363652d74d2",
      "Key Vault Reader",
      "Read metadata of key vaults and its certificates, keys, and secrets. Cannot read sensitive"
          + " values such as secret contents or key material. Only works for key vaults that use"
          + " the 'Azure role-based access control' permission model.",
      Sets.READER,
      List.of(),
      List.of(
          "Microsoft.KeyVault/vaults/*/read",
          "Microsoft.KeyVault/vaults/secrets/readMetadata/action")),
  KEY_VAULT_SECRETS_OFFICER(
      "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
      "Key Vault Secrets Officer",
      "Perform any action on the secrets of a key vault, except manage permissions. Only works for"
          + " key vaults that use the 'Azure role-based access control' permission model.",
      Sets.READER,
      List.of(),
      List.of("Microsoft.KeyVault/vaults/secrets/*")),
  KEY_VAULT_SECRETS_USER(
      "4633458b-17de-408a-b874-0445c86b69e6",
      "Key Vault Secrets User",
      "Read secret contents. Only works for key vaults that use the 'Azure role-based access"
          + " control' permission model.",
      List.of(),
      List.of(),
      List.of(
          "Microsoft.KeyVault/vaults/secrets/getSecret/action",
          "Microsoft.KeyVault/vaults/secrets/readMetadata/action")),
  KEY_VAULT_CRYPTO_OFFICER(
      "14b46e9e-c2b7-41b4-b07b-48a6ebf60603",
      "Key Vault Crypto Officer",
      "Perform any action on the keys of a key vault, except manage permissions. Only works for key"
          + " vaults that use the 'Azure role-based access control' permission model.",
      Sets.READER,
      List.of(),
      List.of(
          "Microsoft.KeyVault/vaults/keys/*", "Microsoft.KeyVault/vaults/keyrotationpolicies/*")),
  KEY_VAULT_CRYPTO_USER(
      "12338af0-0e69-4776-bea7-57ae8d297424",
      "Key Vault Crypto User",
      "Perform cryptographic operations using keys. Only works for key vaults that use the 'Azure"
          + " role-based access control' permission model.",
      List.of(),
      List.of(),
      List.of(
          "Microsoft.KeyVault/vaults/keys/read",
          "Microsoft.KeyVault/vaults/keys/update/action",
          "Microsoft.KeyVault/vaults/keys/backup/action",
          "Microsoft.KeyVault/vaults/keys/encrypt/action",
          "Microsoft.KeyVault/vaults/keys/decrypt/action",
          "Microsoft.KeyVault/vaults/keys/wrap/action",
          "Microsoft.KeyVault/vaults/keys/unwrap/action",
          "Microsoft.KeyVault/vaults/keys/sign/action",
          "Microsoft.KeyVault/vaults/keys/verify/action")),
  KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER(
      "e147488a-f6f5-4113-8e2d-b22465e65bf6",
      "Key Vault Crypto Service Encryption User",
      "Read metadata of keys and perform wrap/unwrap operations. Only works for key vaults that use"
          + " the 'Azure role-based access control' permission model.",
      List.of(
          "Microsoft.EventGrid/eventSubscriptions/write",
          "Microsoft.EventGrid/eventSubscriptions/read",
          "Microsoft.EventGrid/eventSubscriptions/delete"),
      List.of(),
      List.of(
          "Microsoft.KeyVault/vaults/keys/read",
          "Microsoft.KeyVault/vaults/keys/wrap/action",
          "Microsoft.KeyVault/vaults/keys/unwrap/action")),
  KEY_VAULT_CRYPTO_SERVICE_RELEASE_USER(
      "08bbd89e-9f13-488c-ac41-acfcb10c90ab",
      "Key Vault Crypto Service Release User",
      "Release keys. Only works for key vaults that use the 'Azure role-based access control'"
          + " permission model.",
      List.of(),
      List.of(),
      List.of("Microsoft.KeyVault/vaults/keys/release/action")),
  KEY_VAULT_CERTIFICATES_OFFICER(
      "a4417e6f-fecd-4de8-b567-7b0420556985",
      "Key Vault Certificates Officer",
      "Perform any action on the certificates of a key vault, except managing permissions. Only"
          + " works for key vaults that use the 'Azure role-based access control' permission"
          + " model.",
      Sets.READER,
      List.of(),
      List.of(
          "Microsoft.KeyVault/vaults/certificatecas/*",
          "Microsoft.KeyVault/vaults/certificates/*",
          "Microsoft.KeyVault/vaults/certificatecontacts/write")),
  KEY_VAULT_CERTIFICATE_USER(
      "db79e9a7-68ee-4b58-9aeb-b90e7c24fcba",
      "Key Vault Certificate User",
      "Read certificate contents, including the secret and key portion. Only works for key vaults"
          + " that use the 'Azure role-based access control' permission model.",
      List.of(),
      List.of(),
      List.of(
          "Microsoft.KeyVault/vaults/certificates/read",
          "Microsoft.KeyVault/vaults/secrets/getSecret/action",
          "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
          "Microsoft.KeyVault/vaults/keys/read")),
  KEY_VAULT_CONTRIBUTOR(
      "f25e0fa2-a7c8-4377-a976-54943a77a395",
      "Key Vault Contributor",
      "Manage key vaults, but does not allow you to assign roles in Azure RBAC, and does not allow"
          + " you to access secrets, keys, or certificates.",
      List.of(
          "Microsoft.Authorization/*/read",
          "Microsoft.Insights/alertRules/*",
          "Microsoft.KeyVault/*",
          "Microsoft.Resources/deployments/*",
          "Microsoft.Resources/subscriptions/resourceGroups/read",
          "Microsoft.Support/*"),
      List.of(
          "Microsoft.KeyVault/locations/deletedVaults/purge/action",
          "Microsoft.KeyVault/hsmPools/*",
          "Microsoft.KeyVault/managedHsms/*"),
      List.of()),
  KEY_VAULT_PURGE_OPERATOR(
      "a68e7c17-0ab2-4c09-9a58-125dae29748c",
      "Key Vault Purge Operator",
      "Allows permanent deletion of soft-deleted vaults.",
      List.of(
          "Microsoft.KeyVault/locations/*/read",
          "Microsoft.KeyVault/locations/deletedVaults/purge/action"),
      List.of(),
      List.of()),
  KEY_VAULT_DATA_ACCESS_ADMINISTRATOR(
      "8b54135c-b56d-4d72-a534-26097cfdc8d8",
      "Key Vault Data Access Administrator",
      "Manage access to Azure Key Vault by adding or removing role assignments for the Key Vault"
          + " Administrator, Key Vault Certificates Officer, Key Vault Crypto Officer, Key Vault"
          + " Crypto Service Encryption User, Key Vault Crypto User, Key Vault Reader, Key Vault"
          + " Secrets Officer, or Key Vault Secrets User roles. Includes an ABAC condition to"
          + " constrain role assignments.",
      List.of(
          "Microsoft.Authorization/roleAssignments/write",
          "Microsoft.Authorization/roleAssignments/delete",
          "Microsoft.Authorization/*/read",
          "Microsoft.Resources/deployments/*",
          "Microsoft.Resources/subscriptions/resourceGroups/read",
          "Microsoft.Resources/subscriptions/read",
          "Microsoft.Management/managementGroups/read",
          "Microsoft.Support/*",
          "Microsoft.KeyVault/vaults/*/read"),
      List.of(),
      List.of(),
      Optional.of(Sets.DATA_ACCESS_CONDITION));

  /** In a class of its own because enum rows cannot name constants of their own class. */
  private static final class Sets {
    static final List<String> READER =
        List.of(
            "Microsoft.Authorization/*/read",
            "Microsoft.Insights/alertRules/*",
            "Microsoft.Resources/deployments/*",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
            "Microsoft.Support/*",
            "Microsoft.KeyVault/checkNameAvailability/read",
            "Microsoft.KeyVault/deletedVaults/read",
            "Microsoft.KeyVault/locations/*/read",
            "Microsoft.KeyVault/vaults/*/read",
            "Microsoft.KeyVault/operations/read");
    private static final String DATA_ROLES =
        "00482a5a-887f-4fb3-b363-3b7fe8e74483, a4417e6f-fecd-4de8-b567-7b0420556985,"
            + " 14b46e9e-c2b7-41b4-b07b-48a6ebf60603, e147488a-f6f5-4113-8e2d-b22465e65bf6,"
            + " 12338af0-0e69-4776-bea7-57ae8d297424, 21090545-7ca7-4776-b22c-e363652d74d2,"
            + " b86a8fe4-44ce-4948-aee5-eccb2c155cd7, 4633458b-17de-408a-b874-0445c86b69e6";
    static final String DATA_ACCESS_CONDITION =
        "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR"
            + " (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId]"
            + " ForAnyOfAnyValues:GuidEquals{"
            + DATA_ROLES
            + "})) AND ((!(ActionMatches{'Microsoft.Authorization/roleAssignments/delete'})) OR"
            + " (@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId]"
            + " ForAnyOfAnyValues:GuidEquals{"
            + DATA_ROLES
            + "}))";
  }

  private static final Map<Id, BuiltInRole> BY_ID = new HashMap<>();

  static {
    for (BuiltInRole role : values()) {
      BY_ID.put(role.id, role);
    }
  }

  private final Id id;
  private final String title;
  private final String description;
  private final List<String> actions;
  private final List<String> notActions;
  private final List<String> dataActions;
  private final Optional<String> condition;
  private final Map<ContainerKind, Set<Operation>> data = new EnumMap<>(ContainerKind.class);

  BuiltInRole(
      String id,
      String title,
      String description,
      List<String> actions,
      List<String> notActions,
      List<String> dataActions) {
    this(id, title, description, actions, notActions, dataActions, Optional.empty());
  }

  BuiltInRole(
      String id,
      String title,
      String description,
      List<String> actions,
      List<String> notActions,
      List<String> dataActions,
      Optional<String> condition) {
    this.id = Id.guid(id);
    this.title = title;
    this.description = description;
    this.actions = actions;
    this.notActions = notActions;
    this.dataActions = dataActions;
    this.condition = condition;
    for (ContainerKind kind : ContainerKind.values()) {
      Set<Operation> allowed = EnumSet.noneOf(Operation.class);
      for (Operation operation : Operation.values()) {
        if (operation.plane() == Operation.Plane.DATA
            && matchesAny(dataActions, operation.action(kind))) {
          allowed.add(operation);
        }
      }
      data.put(kind, allowed);
    }
  }

  public Id id() {
    return id;
  }

  public String title() {
    return title;
  }

  public String description() {
    return description;
  }

  public List<String> actions() {
    return actions;
  }

  public List<String> notActions() {
    return notActions;
  }

  public List<String> dataActions() {
    return dataActions;
  }

  /** No built-in role takes data actions away again. */
  public List<String> notDataActions() {
    return List.of();
  }

  /** The condition that limits the role; one that has it is of no use until conditions are. */
  public Optional<String> condition() {
    return condition;
  }

  /** Whether the role, without regard to a condition, allows an action on a resource. */
  public boolean allows(String action) {
    return matchesAny(actions, action) && !matchesAny(notActions, action);
  }

  /** Whether the role, without regard to a condition, allows a data-plane operation. */
  public boolean allows(Operation operation, ContainerKind kind) {
    return data.get(kind).contains(operation);
  }

  public static Optional<BuiltInRole> find(Id id) {
    return Optional.ofNullable(BY_ID.get(id));
  }

  private static boolean matchesAny(List<String> patterns, String action) {
    for (String pattern : patterns) {
      if (matches(pattern, action)) {
        return true;
      }
    }
    return false;
  }

  static boolean matches(String pattern, String action) {
    String text = action.toLowerCase(Locale.ROOT);
    String glob = pattern.toLowerCase(Locale.ROOT);
    return glob(glob, text) || glob.contains("/*/") && glob(glob.replace("/*/", "/"), text);
  }

  /** Greedy matching with one point of return, the last star: linear in practice, no recursion. */
  private static boolean glob(String pattern, String text) {
    int p = 0;
    int t = 0;
    int star = -1;
    int resume = 0;
    while (t < text.length()) {
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        star = p++;
        resume = t;
      } else if (p < pattern.length() && pattern.charAt(p) == text.charAt(t)) {
        p++;
        t++;
      } else if (star >= 0) {
        p = star + 1;
        t = ++resume;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }
}
