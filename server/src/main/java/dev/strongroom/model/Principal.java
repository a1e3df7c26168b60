package dev.strongroom.model;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who asks, as the verified token and our own directory say it. The claims are the token's own, kept
 * for conditions and the audit trail; nothing in them decides by itself.
 */
public record Principal(
    Id tenant,
    Id objectId,
    Kind kind,
    Optional<Id> appId,
    String issuer,
    Set<Id> groups,
    Map<String, String> claims) {

  public enum Kind {
    APPLICATION,
    USER,
    MANAGED_IDENTITY,
    FEDERATED_SUBJECT
  }

  public Principal {
    groups = Set.copyOf(groups);
    claims = Map.copyOf(claims);
  }

  /** The caller as Azure's refusals write it. */
  public String caller() {
    return "appid=" + appId.map(Id::guid).orElse("") + ";oid=" + objectId.guid() + ";iss=" + issuer;
  }
}
