package dev.strongroom.model;

import java.time.Instant;
import java.util.List;

/**
 * An application and its credentials. A secret is kept only as an HMAC under a system subkey; the
 * hint is its first three characters, as the directory shows it.
 */
public record Application(
    Id objectId,
    Id appId,
    Id tenant,
    String displayName,
    boolean enabled,
    List<Secret> secrets,
    List<Certificate> certificates,
    List<Federation> federations,
    Instant created)
    implements Rule {

  public record Secret(
      Id keyId, String displayName, String hint, String mac, Instant start, Instant end) {}

  /** The certificate as DER in base64, with its SHA-1 and SHA-256 thumbprints in base64url. */
  public record Certificate(
      Id keyId,
      String displayName,
      String der,
      String sha1,
      String sha256,
      Instant notBefore,
      Instant notAfter) {}

  /** Tokens of this issuer with exactly this subject and audience sign in as the application. */
  public record Federation(
      Id id, String name, String issuer, String subject, String audience) {}

  @Override
  public String key() {
    return objectId.guid();
  }

  @Override
  public String parent() {
    return appId.guid();
  }
}
