package dev.strongroom.model;

import java.time.Instant;

/** A directory: applications and subscriptions belong to one. Made on the machine only. */
public record Tenant(Id id, String displayName, String domain, Instant created) implements Rule {
  @Override
  public String key() {
    return id.guid();
  }

  @Override
  public String parent() {
    return "";
  }
}
