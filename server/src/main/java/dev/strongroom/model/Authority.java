package dev.strongroom.model;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * A certificate of the built-in certificate authority, in DER, with its private key sealed under the
 * system key: no operation on keys can reach it.
 *
 * @param issuer the authority that signed it; empty for a root
 * @param publicKey as a JWK
 */
public record Authority(
    Id id,
    Kind kind,
    Optional<Id> issuer,
    byte[] certificate,
    String publicKey,
    Sealed privateKey,
    Instant created)
    implements Rule {

  /** What it signs. */
  public enum Kind {
    /** Intermediate authorities. */
    ROOT,
    /** Certificates of vaults. */
    INTERMEDIATE,
    /** What OCSP answers. */
    RESPONDER
  }

  @Override
  public String key() {
    return id.hex();
  }

  @Override
  public String parent() {
    return parent(kind);
  }

  public static String parent(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return "Authority[" + kind + ' ' + id.hex() + ']';
  }
}
