package dev.strongroom.model;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What owns objects: a vault. A deleted one keeps its row (and so its name) until it is purged.
 *
 * <p>{@code rbac} is empty when the client never said, which decides as false but is shown as
 * absent, as Azure shows it.
 */
public record Container(
    Id id,
    ContainerKind kind,
    String name,
    Id tenant,
    Id subscription,
    String resourceGroup,
    String location,
    String sku,
    Optional<Boolean> rbac,
    List<AccessPolicy> accessPolicies,
    int retentionDays,
    boolean purgeProtection,
    boolean enabledForDeployment,
    boolean enabledForDiskEncryption,
    boolean enabledForTemplateDeployment,
    Map<String, String> tags,
    Instant created,
    Instant updated,
    Optional<Instant> deleted)
    implements Rule {

  /** One entry of an access policy; permission words are kept in lower case, as they compare. */
  public record AccessPolicy(
      Id tenant,
      Id objectId,
      Optional<Id> applicationId,
      List<String> keys,
      List<String> secrets,
      List<String> certificates,
      List<String> storage) {}

  public static String parent(ContainerKind kind, String name) {
    return kind.hostLabel() + '/' + name.toLowerCase(Locale.ROOT);
  }

  @Override
  public String key() {
    return id.hex();
  }

  @Override
  public String parent() {
    return parent(kind, name);
  }

  public boolean usesRbac() {
    return rbac.orElse(false);
  }

  public RecoveryLevel recoveryLevel() {
    return RecoveryLevel.of(retentionDays, purgeProtection);
  }

  public Optional<Instant> scheduledPurge() {
    return deleted.map(at -> at.plus(Duration.ofDays(retentionDays)));
  }

  /** Deleted long enough ago that it is gone, whether or not the purge has run yet. */
  public boolean isGone(Instant now) {
    return scheduledPurge().map(at -> !now.isBefore(at)).orElse(false);
  }

  /** The ARM id, in the spelling of creation. */
  public String resourceId() {
    return "/subscriptions/"
        + subscription.guid()
        + "/resourceGroups/"
        + resourceGroup
        + "/providers/"
        + kind.armType()
        + '/'
        + name;
  }
}
