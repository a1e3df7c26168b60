package dev.strongroom.model;

import java.time.Instant;

/** What resource groups and containers belong to; hence their tenant. */
public record Subscription(Id id, Id tenant, String displayName, Instant created) implements Rule {
  @Override
  public String key() {
    return id.guid();
  }

  @Override
  public String parent() {
    return tenant.guid();
  }
}
