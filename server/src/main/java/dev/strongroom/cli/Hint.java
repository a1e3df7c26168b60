package dev.strongroom.cli;

import java.util.Optional;

/** What to do next, for the refusals that people meet. */
enum Hint {
  FORBIDDEN_BY_RBAC(
      "ForbiddenByRbac",
      "Give a role, for example: strongroom role assignment create --assignee ID --role"
          + " \"Key Vault Secrets User\" --vault-name NAME"),
  ACCESS_DENIED(
      "AccessDenied",
      "This vault uses access policies: add one with az keyvault set-policy, or switch it to RBAC."),
  AUTHORIZATION_FAILED(
      "AuthorizationFailed",
      "An Owner must give this application a role at that scope: strongroom role assignment create"),
  SECRET_NOT_FOUND(
      "SecretNotFound",
      "See what is there: strongroom secret list --vault-name NAME, and what was deleted: strongroom"
          + " secret list-deleted --vault-name NAME"),
  DELETED_BUT_RECOVERABLE(
      "ObjectIsDeletedButRecoverable",
      "Take it back with strongroom secret recover, or give up its name with strongroom secret"
          + " purge."),
  SECRET_DISABLED(
      "SecretDisabled", "Enable it: strongroom secret set-attributes --enabled true"),
  VAULT_NOT_FOUND("ResourceNotFound", "See what is there: strongroom vault list"),
  GROUP_NOT_FOUND("ResourceGroupNotFound", "Make it first: strongroom group create --name GROUP"),
  VAULT_DELETED(
      "ConflictError",
      "Take it back with strongroom vault recover, or give up its name with strongroom vault purge."),
  INVALID_CLIENT(
      "invalid_client",
      "Check AZURE_CLIENT_ID and AZURE_CLIENT_SECRET; a lost secret is replaced with: strongroom app"
          + " secret add"),
  CLIENT_DISABLED(
      "unauthorized_client",
      "If it is disabled, an Owner can enable it: strongroom app enable --id CLIENT_ID"),
  SEALED("ServiceUnavailable", "Ask the operator; on the machine: strongroom status"),
  THROTTLED("Throttled", "Wait a few seconds and try again.");

  private final String code;
  private final String text;

  Hint(String code, String text) {
    this.code = code;
    this.text = text;
  }

  static Optional<String> of(String code) {
    for (Hint hint : values()) {
      if (hint.code.equals(code)) {
        return Optional.of("hint: " + hint.text);
      }
    }
    return Optional.empty();
  }
}
