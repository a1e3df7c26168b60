package dev.strongroom.model;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An outside issuer whose tokens may be exchanged: its exact URL, the algorithms it may use, and its
 * keys, either fixed or by one configured address. Made on the machine only.
 */
public record TrustedIssuer(
    Id tenant,
    String url,
    Optional<String> jwks,
    Optional<String> jwksUri,
    List<String> algorithms,
    Instant created)
    implements Rule {
  @Override
  public String key() {
    return tenant.guid() + '/' + url;
  }

  @Override
  public String parent() {
    return tenant.guid();
  }
}
