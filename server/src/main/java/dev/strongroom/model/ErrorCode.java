package dev.strongroom.model;

import java.util.Map;
import java.util.Optional;

/**
 * Every refusal the server can answer: code on the wire, status, inner code, message with named
 * slots in braces. No message text for clients stands anywhere else.
 *
 * <p>Data-plane texts follow the recorded answers of Azure Key Vault and its pages "Azure Key Vault
 * REST API error codes" and "Common error codes"; OAuth texts follow RFC 6749 section 5.2 with the
 * AADSTS numbers that clients look for.
 */
public enum ErrorCode {
  // Any plane
  MALFORMED_REQUEST("BadRequest", 400, null, "The request is malformed: {reason}."),
  HEADERS_TOO_LARGE("BadRequest", 431, null, "The request headers are larger than allowed."),
  URI_TOO_LONG("BadRequest", 414, null, "The request URI is longer than allowed."),
  HOST_UNKNOWN("NotFound", 404, null, "No vault or endpoint of this server has the host {host}."),
  PATH_UNKNOWN("NotFound", 404, null, "There is no resource at this path."),
  METHOD_NOT_ALLOWED(
      "MethodNotAllowed", 405, null, "The method {method} is not allowed at this path."),
  SERVER_SEALED(
      "ServiceUnavailable", 503, null, "The server is sealed. An operator must unseal it."),
  STORE_FULL(
      "ServiceUnavailable",
      503,
      null,
      "The server cannot store changes now: its disk is full. Reads are still served."),
  STORE_OLDER_THAN_AUDIT(
      "ServiceUnavailable",
      503,
      null,
      "The server takes no changes: its database is older than its audit trail, as after a restore of"
          + " an old copy. Reads are still served."),
  STORE_UNAVAILABLE("ServiceUnavailable", 503, null, "The server's store does not answer."),
  STORE_OUTCOME_UNKNOWN(
      "ServiceUnavailable",
      503,
      null,
      "The server's store did not say whether the change was made. Read it again before you repeat"
          + " it."),
  AUDIT_UNAVAILABLE(
      "ServiceUnavailable", 503, null, "The server cannot write its audit trail now."),
  STOPPING("ServiceUnavailable", 503, null, "The server is stopping."),
  BUSY(
      "Throttled",
      429,
      null,
      "Request was not processed because too many requests were received. Reason: {reason}"),
  INTERNAL("InternalServerError", 500, null, "The server could not process the request."),
  INTEGRITY(
      "InternalServerError",
      500,
      null,
      "What is stored for {name} fails its integrity check and is not used."),

  // Tokens of the data plane and of resource manager
  UNAUTHORIZED_NO_TOKEN(
      "Unauthorized", 401, null, "AKV10000: Request is missing a Bearer or PoP token."),
  UNAUTHORIZED_MALFORMED(
      "Unauthorized", 401, null, "AKV10001: The bearer token is not a well-formed JWT."),
  UNAUTHORIZED_AUDIENCE(
      "Unauthorized",
      401,
      null,
      "AKV10022: Invalid audience. Expected {expected}, found: {found}."),
  UNAUTHORIZED_ISSUER(
      "Unauthorized",
      401,
      null,
      "AKV10032: Invalid issuer. Expected one of {expected}, found {found}."),
  UNAUTHORIZED_EXPIRED(
      "Unauthorized",
      401,
      null,
      "[TokenExpired] Error validating token: 'S2S12086'."),
  UNAUTHORIZED_INVALID(
      "Unauthorized", 401, null, "AKV10003: The bearer token is not valid: {reason}."),

  // Request of the data plane
  API_VERSION_MISSING(
      "BadParameter",
      400,
      null,
      "The request must have the query parameter api-version."),
  API_VERSION_UNKNOWN(
      "BadParameter", 400, null, "The api-version {version} is not supported."),
  NAME_INVALID("BadParameter", 400, null, "The request URI contains an invalid name: {name}"),
  PROPERTY_INVALID("BadParameter", 400, null, "Property {property} has invalid value\r\n"),
  QUERY_INVALID(
      "BadParameter", 400, null, "The query parameter {parameter} has an invalid value."),
  SKIPTOKEN_INVALID("BadParameter", 400, null, "The $skiptoken is not valid for this list."),
  BODY_MISSING("BadParameter", 400, null, "The request body must be specified."),
  BODY_INVALID("BadParameter", 400, null, "The request body is not valid JSON: {reason}."),
  BODY_TOO_LARGE(
      "RequestEntityTooLarge", 413, null, "The request body is larger than {limit} bytes."),
  BODY_TIMEOUT("RequestTimeout", 408, null, "The request body did not arrive in time."),
  MEDIA_TYPE(
      "UnsupportedMediaType", 415, null, "The content type of the request must be JSON."),
  TAGS_INVALID("BadParameter", 400, null, "Tags are not valid: {reason}."),
  SECRET_TOO_LONG(
      "BadParameter",
      400,
      null,
      "The secret value is longer than the {limit} bytes that are allowed."),
  KEY_SIZE_UNSUPPORTED(
      "BadParameter",
      400,
      null,
      "Unsupported key size ({size}). Supported sizes are {sizes}"),
  KEY_TYPE_INCOMPATIBLE(
      "BadParameter",
      400,
      null,
      "Key and {kind} algorithm are incompatible. Key {kid} is of type '{type}', and algorithm"
          + " '{algorithm}' can only be used with a key of type '{wanted}' or '{wanted}-HSM'."),
  KEY_CURVE_INCOMPATIBLE(
      "BadParameter",
      400,
      null,
      "Key and signing algorithm are incompatible. Key {kid} uses curve '{curve}', and algorithm"
          + " '{algorithm}' can only be used with curve '{wanted}'."),
  KEY_SIZE_INCOMPATIBLE(
      "BadParameter",
      400,
      null,
      "Key and encryption algorithm are incompatible. Key {kid} has {size} bits, and algorithm"
          + " '{algorithm}' can only be used with a key of {wanted} bits."),
  KEY_ALGORITHM_INCOMPATIBLE(
      "BadParameter",
      400,
      null,
      "Key and signing algorithm are incompatible. Key {kid} is of algorithm '{own}', and cannot be"
          + " used with algorithm '{algorithm}'."),
  INPUT_LENGTH_EXACT(
      "BadParameter",
      400,
      null,
      "Invalid length of '{property}': {length} bytes. {algorithm} requires {wanted} bytes, encoded"
          + " with base64url."),
  INPUT_LENGTH(
      "BadParameter",
      400,
      null,
      "Invalid length of '{property}': {length} bytes. {algorithm} requires {wanted}."),
  DECRYPTION_FAILED(
      "BadParameter", 400, null, "Unable to decrypt specified value with this key."),
  ROTATION_POLICY_INVALID(
      "BadParameter", 400, null, "The rotation policy is not valid: {reason}."),
  CERTIFICATE_POLICY_INVALID(
      "BadParameter", 400, null, "The certificate policy is not valid: {reason}."),
  CERTIFICATE_CONTENT_INVALID(
      "BadParameter",
      400,
      null,
      "The specified X.509 certificate content can not be read: {reason}."),
  CERTIFICATE_PASSWORD(
      "BadParameter",
      400,
      null,
      "The specified password does not open the X.509 certificate content."),
  CERTIFICATE_KEY_MISMATCH(
      "BadParameter",
      400,
      null,
      "The public key of the end-entity certificate in the specified X.509 certificate content does"
          + " not match the public part of the private key. Please check if certificate is valid."),
  CERTIFICATE_NOT_IN_PROGRESS(
      "BadRequest",
      400,
      null,
      "The pending key vault certificate {name} is not in progress: its status is {status}."),
  BACKUP_INVALID("BadParameter", 400, null, "The backup blob is not valid: {reason}."),
  BACKUP_FOREIGN(
      "BadParameter",
      400,
      null,
      "The backup was made in another {what} and cannot be restored here."),

  // Decision
  FORBIDDEN_BY_RBAC(
      "Forbidden",
      403,
      "ForbiddenByRbac",
      "Caller is not authorized to perform action on resource.\r\n"
          + "If role assignments, deny assignments or role definitions were changed recently,"
          + " please observe propagation time.\r\n"
          + "Caller: {caller}\r\nAction: '{action}'\r\nResource: '{resource}'\r\n"
          + "Assignment: (not found)\r\nDenyAssignmentId: null\r\n"
          + "DecisionReason: 'DeniedWithNoValidRBAC' \r\nVault: {vault};location={location}\r\n"),
  FORBIDDEN_BY_POLICY(
      "Forbidden",
      403,
      "AccessDenied",
      "The user, group or application '{caller}' does not have {category} {permission} permission"
          + " on key vault '{vault};location={location}'. For help resolving this issue, please see"
          + " https://go.microsoft.com/fwlink/?linkid=2125287"),
  PURGE_PROTECTED(
      "Forbidden",
      403,
      null,
      "Operation \"purge\" is not allowed because purge protection is enabled for this vault. Key"
          + " Vault service will automatically purge it after the retention period has passed.\r\n"
          + "Vault: {vault};location={location}"),
  SECRET_DISABLED(
      "Forbidden", 403, "SecretDisabled", "Operation get is not allowed on a disabled secret."),
  KEY_DISABLED(
      "Forbidden",
      403,
      "KeyDisabled",
      "Operation {operation} is not allowed on a disabled key."),
  KEY_NOT_YET_VALID(
      "Forbidden",
      403,
      "KeyNotYetValid",
      "Operation {operation} is not allowed on a not yet valid key."),
  KEY_EXPIRED(
      "Forbidden", 403, "KeyExpired", "Operation {operation} is not allowed on an expired key."),
  KEY_OPERATION_FORBIDDEN(
      "Forbidden",
      403,
      "KeyOperationForbidden",
      "Operation {operation} is not permitted on this key."),
  KEY_EXHAUSTED(
      "Forbidden",
      403,
      "KeyExhausted",
      "This version of key {name} has encrypted as often as is safe with AES-GCM. Make a new one."),
  HARDWARE_NOT_STANDARD(
      "Forbidden", 403, null, "Hardware key operation not allowed on standard vault"),
  HARDWARE_NOT_THERE(
      "NotSupported", 400, null, "This server has no hardware module that could keep the key."),
  OPERATION_NOT_ENABLED(
      "NotSupported", 400, null, "Operation \"{operation}\" is not enabled for this vault."),

  // Objects
  SECRET_NOT_FOUND(
      "SecretNotFound",
      404,
      null,
      "A secret with (name/id) {name} was not found in this key vault. If you recently deleted this"
          + " secret you may be able to recover it using the correct recovery command. For help"
          + " resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182"),
  DELETED_SECRET_NOT_FOUND("SecretNotFound", 404, null, "Deleted Secret not found: {name}"),
  KEY_NOT_FOUND(
      "KeyNotFound",
      404,
      null,
      "A key with (name/id) {name} was not found in this key vault. If you recently deleted this"
          + " key you may be able to recover it using the correct recovery command. For help"
          + " resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182"),
  DELETED_KEY_NOT_FOUND(
      "KeyNotFound", 404, null, "Deleted Key not found: {name}"),
  CERTIFICATE_NOT_FOUND(
      "CertificateNotFound",
      404,
      null,
      "A certificate with (name/id) {name} was not found in this key vault. If you recently deleted this"
          + " certificate you may be able to recover it using the correct recovery command. For help"
          + " resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182"),
  DELETED_CERTIFICATE_NOT_FOUND(
      "CertificateNotFound", 404, null, "Deleted Certificate not found: {name}"),
  CERTIFICATE_PENDING(
      "Forbidden",
      409,
      null,
      "A new key vault certificate can not be created or imported while a pending key vault"
          + " certificate's status is inProgress."),
  CERTIFICATE_MERGE_FORBIDDEN(
      "Forbidden",
      403,
      null,
      "Merge is forbidden on pending object created with issuer : {issuer} while it is in progess."),
  CERTIFICATE_ISSUER_ERROR("Certificate issuer error", 400, null, "{reason}"),
  PENDING_CERTIFICATE_NOT_FOUND(
      "PendingCertificateNotFound", 404, null, "Pending certificate not found: {name}"),
  CERTIFICATE_ISSUER_NOT_FOUND(
      "CertificateIssuerNotFound", 404, null, "Issuer not found: {name}"),
  CERTIFICATE_CONTACTS_NOT_FOUND("ContactsNotFound", 404, null, "Contacts not found"),
  OBJECT_DELETED_BUT_RECOVERABLE(
      "Conflict",
      409,
      "ObjectIsDeletedButRecoverable",
      "{collection} {name} is currently in a deleted but recoverable state, and its name cannot be"
          + " reused; in this state, the {object} can only be recovered or purged."),
  OBJECT_EXISTS(
      "Conflict", 409, null, "A {object} with the name {name} already exists in this vault."),

  OBJECT_MANAGED(
      "Forbidden",
      403,
      null,
      "Operation is not allowed on {name}: it belongs to a certificate and goes with it."),

  // Resource manager
  ARM_AUTHORIZATION_FAILED(
      "AuthorizationFailed",
      403,
      null,
      "The client '{appid}' with object id '{oid}' does not have authorization to perform action"
          + " '{action}' over scope '{resource}' or the scope is invalid. If access was recently"
          + " granted, please refresh your credentials."),
  ARM_TOKEN_MISSING(
      "AuthenticationFailed",
      401,
      null,
      "Authentication failed. The 'Authorization' header is missing."),
  ARM_TOKEN_INVALID(
      "InvalidAuthenticationToken", 401, null, "The access token is not valid: {reason}."),
  ARM_API_VERSION_MISSING(
      "MissingApiVersionParameter",
      400,
      null,
      "The api-version query parameter (?api-version=) is required for all requests."),
  ARM_API_VERSION_UNKNOWN(
      "InvalidApiVersionParameter", 400, null, "The api-version '{version}' is invalid."),
  ARM_BODY_INVALID("InvalidRequestContent", 400, null, "The request content was invalid: {reason}."),
  ARM_BAD_REQUEST("BadRequest", 400, null, "{reason}"),
  ARM_NOT_ENFORCED(
      "BadRequest",
      400,
      null,
      "{feature} is not enforced by this server yet, so it is refused rather than stored."),
  SUBSCRIPTION_NOT_FOUND(
      "SubscriptionNotFound", 404, null, "The subscription '{subscription}' could not be found."),
  RESOURCE_GROUP_NOT_FOUND(
      "ResourceGroupNotFound", 404, null, "Resource group '{group}' could not be found."),
  RESOURCE_GROUP_NOT_EMPTY(
      "ResourceGroupBeingDeleted",
      409,
      null,
      "Resource group '{group}' still holds vaults; delete them first."),
  RESOURCE_NOT_FOUND(
      "ResourceNotFound",
      404,
      null,
      "The Resource '{type}/{name}' under resource group '{group}' was not found. For more details"
          + " please go to https://aka.ms/ARMResourceNotFoundFix"),
  DELETED_VAULT_NOT_FOUND(
      "DeletedVaultNotFound", 404, null, "The specified deleted vault '{name}' does not exist."),
  VAULT_NAME_NOT_VALID(
      "VaultNameNotValid",
      400,
      null,
      "The vault name should be string of 3 to 24 characters and can contain only numbers (0-9),"
          + " letters (a-z, A-Z), and hyphens (-)"),
  VAULT_ALREADY_EXISTS(
      "VaultAlreadyExists",
      409,
      null,
      "The vault name '{name}' is already in use. Vault names are globaly unique so it is possible"
          + " that the name is already taken. If you are sure that the vault name was not taken then"
          + " it is possible that a vault with the same name was recently deleted but not purged"
          + " after being placed in a recoverable state. If the vault is in a recoverable state then"
          + " the vault will need to be purged before reusing the name. For more information about"
          + " VaultAlreadyExists, soft delete and purging a vault follow this link"
          + " https://go.microsoft.com/fwlink/?linkid=2147740"),
  VAULT_DELETED_CONFLICT(
      "ConflictError",
      409,
      null,
      "A vault with the same name already exists in deleted state. You need to either recover or"
          + " purge existing key vault. Follow this link"
          + " https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete."),
  PURGE_PROTECTION_IRREVERSIBLE(
      "BadRequest",
      400,
      null,
      "The property \"enablePurgeProtection\" cannot be set to false. Enabling the purge protection"
          + " for a vault is an irreversible action."),
  RETENTION_UNCHANGEABLE(
      "BadRequest",
      400,
      null,
      "The property \"softDeleteRetentionInDays\" has been set already and it can't be modified."),
  VAULT_PURGE_PROTECTED(
      "MethodNotAllowed",
      405,
      null,
      "Operation 'DeletedVaultPurge' is not allowed: purge protection is enabled for vault"
          + " '{name}'."),
  ROLE_ASSIGNMENT_NOT_FOUND(
      "RoleAssignmentNotFound", 404, null, "The role assignment '{name}' is not found."),
  ROLE_ASSIGNMENT_EXISTS(
      "RoleAssignmentExists",
      409,
      null,
      "The role assignment already exists. The ID of the existing role assignment is {name}."),
  ROLE_ASSIGNMENT_UPDATE(
      "RoleAssignmentUpdateNotPermitted",
      409,
      null,
      "Tenant ID, application ID, principal ID, role and scope of a role assignment are not allowed"
          + " to be updated."),
  ROLE_DEFINITION_NOT_FOUND(
      "RoleDefinitionDoesNotExist", 404, null, "The role definition '{name}' does not exist."),
  PRINCIPAL_NOT_FOUND(
      "PrincipalNotFound",
      400,
      null,
      "Principal {principal} does not exist in the directory {tenant}."),
  PRINCIPAL_TYPE_UNMATCHED(
      "UnmatchedPrincipalType",
      400,
      null,
      "The PrincipalId '{principal}' has type '{actual}', which is different from the specified"
          + " PrincipalType '{wanted}'."),
  ARM_PROPERTY_INVALID(
      "BadRequest", 400, null, "The property '{property}' is not valid: {reason}."),
  ARM_FILTER_INVALID(
      "InvalidFilterInQueryString",
      400,
      null,
      "The $filter '{filter}' in the query string is not valid here."),
  SOFT_DELETE_REQUIRED(
      "BadRequest",
      400,
      null,
      "The property \"enableSoftDelete\" cannot be set to false. Soft delete is always on."),
  LOCATION_UNCHANGEABLE(
      "InvalidResourceLocation",
      409,
      null,
      "The resource '{name}' already exists in location '{location}' in resource group '{group}'. A"
          + " resource with the same name cannot be created in location '{wanted}'. Please select a"
          + " new resource name."),
  RESOURCE_GROUP_LOCATION(
      "InvalidResourceGroupLocation",
      409,
      null,
      "Invalid resource group location. The resource group '{group}' already exists in location"
          + " '{location}'."),
  MANAGEMENT_GROUP_NOT_FOUND(
      "ManagementGroupNotFound",
      404,
      null,
      "The management group '{group}' could not be found."),
  OPERATION_NOT_FOUND(
      "OperationNotFound", 404, null, "The operation '{name}' could not be found."),
  LOCK_NOT_FOUND("LockNotFound", 404, null, "The lock '{name}' could not be found."),
  PROVIDER_NOT_FOUND(
      "InvalidResourceNamespace",
      404,
      null,
      "The resource namespace '{namespace}' is invalid."),
  APPLICATION_NOT_FOUND(
      "Request_ResourceNotFound", 404, null, "The application '{name}' does not exist."),

  // Token endpoint (OAuth)
  OAUTH_INVALID_REQUEST("invalid_request", 400, null, "AADSTS900144: {reason}."),
  OAUTH_TENANT_UNKNOWN("invalid_request", 400, null, "AADSTS90002: Tenant '{tenant}' not found."),
  OAUTH_GRANT_UNSUPPORTED(
      "unsupported_grant_type", 400, null, "AADSTS70003: The grant type '{grant}' is not supported."),
  OAUTH_CLIENT_UNKNOWN(
      "unauthorized_client",
      400,
      null,
      "AADSTS700016: Application with identifier '{client}' was not found in the directory."),
  OAUTH_CLIENT_DISABLED(
      "unauthorized_client", 400, null, "AADSTS7000112: Application '{client}' is disabled."),
  OAUTH_SECRET_INVALID(
      "invalid_client",
      401,
      null,
      "AADSTS7000215: Invalid client secret provided for application '{client}'."),
  OAUTH_SECRET_EXPIRED(
      "invalid_client",
      401,
      null,
      "AADSTS7000222: The provided client secret keys for application '{client}' are expired."),
  OAUTH_ASSERTION_INVALID(
      "invalid_client", 401, null, "AADSTS700027: The client assertion is not valid: {reason}."),
  OAUTH_FEDERATION_NO_MATCH(
      "invalid_client",
      401,
      null,
      "AADSTS700213: No matching federated identity record found for the presented assertion:"
          + " {reason}."),
  OAUTH_SCOPE_INVALID(
      "invalid_scope",
      400,
      null,
      "AADSTS70011: The provided value for the input parameter 'scope' or 'resource' is not valid:"
          + " {reason}."),
  OAUTH_RESOURCE_UNKNOWN(
      "invalid_resource",
      400,
      null,
      "AADSTS500011: The resource principal named {resource} was not found in the tenant."),
  OAUTH_THROTTLED(
      "temporarily_unavailable", 429, null, "AADSTS90055: Too many requests; try again later.");

  private final String wire;
  private final int status;
  private final Optional<String> inner;
  private final String template;

  ErrorCode(String wire, int status, String inner, String template) {
    this.wire = wire;
    this.status = status;
    this.inner = Optional.ofNullable(inner);
    this.template = template;
  }

  public String wire() {
    return wire;
  }

  public int status() {
    return status;
  }

  public Optional<String> inner() {
    return inner;
  }

  public String template() {
    return template;
  }

  /** The message with its slots filled in one pass, so that a slot's text is never expanded again. */
  String message(Map<String, String> slots) {
    StringBuilder text = new StringBuilder(template.length() + 64);
    int at = 0;
    while (at < template.length()) {
      int open = template.indexOf('{', at);
      if (open < 0) {
        break;
      }
      int close = template.indexOf('}', open);
      String slot = template.substring(open + 1, close);
      text.append(template, at, open).append(slots.getOrDefault(slot, ""));
      at = close + 1;
    }
    return text.append(template, at, template.length()).toString();
  }
}
