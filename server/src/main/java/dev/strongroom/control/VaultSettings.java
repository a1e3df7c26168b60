package dev.strongroom.control;

import dev.strongroom.model.Container.AccessPolicy;
import dev.strongroom.model.Id;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a request asks of a vault; a member that it did not name is empty and keeps its value.
 *
 * @param recover the request is to bring a deleted vault back
 */
public record VaultSettings(
    boolean recover,
    Optional<String> location,
    Optional<Id> tenant,
    Optional<String> sku,
    Optional<Boolean> rbac,
    Optional<List<AccessPolicy>> accessPolicies,
    Optional<Integer> retentionDays,
    Optional<Boolean> purgeProtection,
    Optional<Boolean> enabledForDeployment,
    Optional<Boolean> enabledForDiskEncryption,
    Optional<Boolean> enabledForTemplateDeployment,
    Optional<Map<String, String>> tags) {

  public VaultSettings {
    accessPolicies = accessPolicies.map(List::copyOf);
    tags = tags.map(Map::copyOf);
  }

  /** A new standard vault that goes by role assignments, with everything else as by default. */
  public static VaultSettings rbacVault(Id tenant, String location) {
    return new VaultSettings(
        false,
        Optional.of(location),
        Optional.of(tenant),
        Optional.of("standard"),
        Optional.of(true),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
