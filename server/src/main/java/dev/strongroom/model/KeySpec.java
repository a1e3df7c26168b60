package dev.strongroom.model;

/** A key to be made: everything that decides how it is made. One that exists can be made. */
public sealed interface KeySpec {
  KeyType type();

  /** The public exponent that is used when none is asked for. */
  int DEFAULT_EXPONENT = 65537;

  int DEFAULT_RSA_BITS = 2048;
  Curve DEFAULT_CURVE = Curve.P_256;
  int DEFAULT_OCT_BITS = 256;

  record Rsa(int bits, int exponent) implements KeySpec {
    public Rsa {
      requireSize(KeyType.RSA, bits);
      if (exponent != 3 && exponent != DEFAULT_EXPONENT) {
        throw VaultException.of(ErrorCode.PROPERTY_INVALID, "property", "public_exponent");
      }
    }

    public Rsa(int bits) {
      this(bits, DEFAULT_EXPONENT);
    }

    @Override
    public KeyType type() {
      return KeyType.RSA;
    }
  }

  record Ec(Curve curve) implements KeySpec {
    @Override
    public KeyType type() {
      return KeyType.EC;
    }
  }

  record Oct(int bits) implements KeySpec {
    public Oct {
      requireSize(KeyType.OCT, bits);
    }

    @Override
    public KeyType type() {
      return KeyType.OCT;
    }
  }

  record Akp(KeyAlgorithm algorithm) implements KeySpec {
    public Akp {
      if (algorithm.type() != KeyType.AKP) {
        throw VaultException.of(ErrorCode.PROPERTY_INVALID, "property", "alg");
      }
    }

    @Override
    public KeyType type() {
      return KeyType.AKP;
    }
  }

  /** A key like that one, as rotation makes it. */
  static KeySpec like(PublicJwk key) {
    return switch (key) {
      case PublicJwk.Rsa rsa ->
          new Rsa(rsa.bits(), rsa.e().bitLength() == 2 ? 3 : DEFAULT_EXPONENT);
      case PublicJwk.Ec ec -> new Ec(ec.curve());
      case PublicJwk.Oct oct -> new Oct(oct.bits());
      case PublicJwk.Akp akp -> new Akp(akp.algorithm());
    };
  }

  private static void requireSize(KeyType type, int bits) {
    if (!type.sizes().contains(bits)) {
      throw VaultException.of(
          ErrorCode.KEY_SIZE_UNSUPPORTED,
          "size", Integer.toString(bits),
          "sizes", type.sizes().toString());
    }
  }
}
