package dev.strongroom.model;

import java.util.Optional;

/**
 * The elliptic curves of Key Vault, by the name of the JWK member {@code crv} (RFC 7518 section
 * 6.2.1.1; P-256K is secp256k1, which RFC 8812 calls by that name).
 *
 * @see <a href="https://learn.microsoft.com/azure/key-vault/keys/about-keys-details">Key types,
 *     algorithms, and operations</a>
 */
public enum Curve {
  P_256("P-256", "secp256r1", 256, ApiVersion.V2015_06_01),
  P_384("P-384", "secp384r1", 384, ApiVersion.V2015_06_01),
  P_521("P-521", "secp521r1", 521, ApiVersion.V2015_06_01),
  P_256K("P-256K", "secp256k1", 256, ApiVersion.V7_0_PREVIEW);

  private final String wire;
  private final String standard;
  private final int bits;
  private final ApiVersion first;

  Curve(String wire, String standard, int bits, ApiVersion first) {
    this.wire = wire;
    this.standard = standard;
    this.bits = bits;
    this.first = first;
  }

  public String wire() {
    return wire;
  }

  /** The name of SEC 2, which libraries know. */
  public String standard() {
    return standard;
  }

  public int bits() {
    return bits;
  }

  /** Bytes of a coordinate, of a private scalar, and of half a signature. */
  public int bytes() {
    return (bits + 7) / 8;
  }

  public ApiVersion first() {
    return first;
  }

  public static Optional<Curve> find(String wire) {
    for (Curve curve : values()) {
      if (curve.wire.equals(wire)) {
        return Optional.of(curve);
      }
    }
    return Optional.empty();
  }
}
