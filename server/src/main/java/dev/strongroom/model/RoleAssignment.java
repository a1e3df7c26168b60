package dev.strongroom.model;

import java.time.Instant;
import java.util.Optional;

/**
 * A role for a principal at a scope. The scope is a canonical path: {@code /}, a management group,
 * subscription, resource group, container or object, compared without case.
 */
public record RoleAssignment(
    Id id,
    Id tenant,
    String scope,
    Id roleDefinition,
    Id principal,
    String principalType,
    Optional<String> description,
    Instant created,
    Instant updated,
    Optional<Id> createdBy)
    implements Rule {
  @Override
  public String key() {
    return id.guid();
  }

  @Override
  public String parent() {
    return principal.guid();
  }
}
