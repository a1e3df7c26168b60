package dev.strongroom.crypto;

import dev.strongroom.model.Curve;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeyType;
import dev.strongroom.model.PrivateJwk;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.VaultException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Optional;

/**
 * A handed-over key becomes key material only if its members are one key: ranges, primes, the point
 * on its curve, and every relation between private and public members (NIST SP 800-56B section
 * 6.4.1, SP 800-56A section 5.6.2).
 */
final class KeyImport {
  /** What the JDK and OpenSSL compute with for moduli of more than 3072 bits. */
  private static final int MOST_EXPONENT_BITS = 64;

  private static final int PRIME_CERTAINTY = 100;

  /** The primes differ by more than two to the power of half the bits of n less this. */
  private static final int LEAST_DISTANCE_BELOW_HALF = 100;

  /** Each finds the primes of a real key with a chance of a half; of a prime none finds anything. */
  private static final int FACTORING_TRIES = 40;

  private KeyImport() {}

  static SoftwareKey read(PrivateJwk jwk) {
    return switch (jwk.type()) {
      case RSA -> rsa(jwk);
      case EC -> ec(jwk);
      case OCT -> oct(jwk);
      case AKP -> akp(jwk);
      default -> throw invalid("kty");
    };
  }

  private static SoftwareKey rsa(PrivateJwk jwk) {
    BigInteger n = required(jwk, "n");
    BigInteger e = required(jwk, "e");
    BigInteger d = required(jwk, "d");
    if (!KeyType.RSA.sizes().contains(n.bitLength())) {
      throw VaultException.of(
          ErrorCode.KEY_SIZE_UNSUPPORTED,
          "size", Integer.toString(n.bitLength()),
          "sizes", KeyType.RSA.sizes().toString());
    }
    requireThat(n.testBit(0), "n");
    requireThat(
        e.testBit(0) && e.bitLength() > 1 && e.bitLength() <= MOST_EXPONENT_BITS, "e");
    requireThat(d.signum() > 0 && d.compareTo(n) < 0, "d");
    Optional<BigInteger> p = number(jwk, "p");
    Optional<BigInteger> q = number(jwk, "q");
    if (p.isEmpty() && q.isEmpty()) {
      // RFC 7518 section 6.3.2: with none of the others, d may stand alone
      for (String other : new String[] {"dp", "dq", "qi"}) {
        requireThat(jwk.member(other).isEmpty(), "p");
      }
      p = Optional.of(factor(n, e, d));
      q = Optional.of(n.divide(p.get()));
    }
    RsaParts parts =
        checked(n, e, d, p.orElseThrow(() -> invalid("p")), q.orElseThrow(() -> invalid("q")));
    try (parts) {
      requireSame(jwk, "dp", parts.dp());
      requireSame(jwk, "dq", parts.dq());
      requireSame(jwk, "qi", parts.qi());
      return SoftwareKey.rsa(parts);
    }
  }

  private static RsaParts checked(
      BigInteger n, BigInteger e, BigInteger d, BigInteger p, BigInteger q) {
    int bits = n.bitLength();
    requireThat(isLongPrime(p, bits), "p");
    requireThat(isLongPrime(q, bits), "q");
    requireThat(p.multiply(q).equals(n), "n");
    // because primes that are close together can be found (SP 800-56B section 6.4.1.2.1)
    requireThat(p.subtract(q).abs().bitLength() > bits / 2 - LEAST_DISTANCE_BELOW_HALF, "q");
    for (BigInteger prime : new BigInteger[] {p, q}) {
      requireThat(
          e.multiply(d).mod(prime.subtract(BigInteger.ONE)).equals(BigInteger.ONE), "d");
    }
    return RsaParts.of(n, e, d, p, q);
  }

  /** Not only those of half the length: others are in use, and a quarter is beyond who would search. */
  private static boolean isLongPrime(BigInteger number, int modulusBits) {
    return number.bitLength() >= modulusBits / 4
        && number.bitLength() < modulusBits
        && number.isProbablePrime(PRIME_CERTAINTY);
  }

  /** One prime of n, out of both exponents (NIST SP 800-56B appendix C.1). */
  private static BigInteger factor(BigInteger n, BigInteger e, BigInteger d) {
    BigInteger k = e.multiply(d).subtract(BigInteger.ONE);
    requireThat(k.signum() > 0 && !k.testBit(0), "d");
    int twos = k.getLowestSetBit();
    BigInteger odd = k.shiftRight(twos);
    BigInteger least = n.subtract(BigInteger.ONE);
    for (int tries = 0; tries < FACTORING_TRIES; tries++) {
      BigInteger g = new BigInteger(1, Randoms.bytes(n.bitLength() / 8)).mod(n);
      BigInteger y = g.modPow(odd, n);
      for (int i = 0; i < twos && !y.equals(BigInteger.ONE) && !y.equals(least); i++) {
        BigInteger x = y.modPow(BigInteger.TWO, n);
        if (x.equals(BigInteger.ONE)) {
          return y.subtract(BigInteger.ONE).gcd(n);
        }
        y = x;
      }
      // because with an exponent of this modulus, every number would have come to one by now
      requireThat(y.equals(BigInteger.ONE) || y.equals(least), "d");
    }
    throw invalid("d");
  }

  private static SoftwareKey ec(PrivateJwk jwk) {
    Curve curve = jwk.curve().orElseThrow(() -> invalid("crv"));
    BigInteger x = required(jwk, "x");
    BigInteger y = required(jwk, "y");
    BigInteger d = required(jwk, "d");
    PublicJwk.Ec key = EcMath.point(curve, x, y).orElseThrow(() -> invalid("x"));
    requireThat(d.signum() > 0 && d.compareTo(EcMath.order(curve)) < 0, "d");
    requireThat(EcMath.publicKey(curve, d).equals(key), "d");
    return SoftwareKey.ec(key, d);
  }

  private static SoftwareKey oct(PrivateJwk jwk) {
    byte[] k = jwk.member("k").orElseThrow(() -> invalid("k")).exposed();
    if (!KeyType.OCT.sizes().contains(k.length * 8)) {
      throw VaultException.of(
          ErrorCode.KEY_SIZE_UNSUPPORTED,
          "size", Integer.toString(k.length * 8),
          "sizes", KeyType.OCT.sizes().toString());
    }
    return SoftwareKey.oct(k);
  }

  private static SoftwareKey akp(PrivateJwk jwk) {
    KeyAlgorithm algorithm =
        jwk.algorithm()
            .filter(KeyAlgorithm.akp()::contains)
            .orElseThrow(() -> invalid("alg"));
    byte[] seed = jwk.member("priv").orElseThrow(() -> invalid("priv")).exposed();
    requireThat(seed.length == SoftwareKey.SEED, "priv");
    PublicJwk.Akp key = MlDsa.publicKey(algorithm, seed);
    jwk.member("pub")
        .ifPresent(pub -> requireThat(Arrays.equals(pub.exposed(), key.pub()), "pub"));
    return SoftwareKey.akp(key, seed);
  }

  private static BigInteger required(PrivateJwk jwk, String member) {
    return number(jwk, member).orElseThrow(() -> invalid(member));
  }

  private static Optional<BigInteger> number(PrivateJwk jwk, String member) {
    return jwk.member(member)
        .map(SecretBytes::exposed)
        .filter(bytes -> bytes.length > 0)
        .map(RsaParts::number);
  }

  private static void requireSame(PrivateJwk jwk, String member, byte[] expected) {
    number(jwk, member)
        .ifPresent(given -> requireThat(given.equals(RsaParts.number(expected)), member));
  }

  private static void requireThat(boolean holds, String member) {
    if (!holds) {
      throw invalid(member);
    }
  }

  private static VaultException invalid(String member) {
    return VaultException.of(ErrorCode.PROPERTY_INVALID, "property", member);
  }
}
