package dev.strongroom.crypto;

import dev.strongroom.model.PublicJwk;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * All numbers of an RSA private key (RFC 8017 section 3.2), big-endian without leading zeros, so
 * that they can be wiped. That they belong together is checked by {@link KeyImport}.
 */
record RsaParts(
    byte[] n, byte[] e, byte[] d, byte[] p, byte[] q, byte[] dp, byte[] dq, byte[] qi)
    implements AutoCloseable {

  static RsaParts of(
      BigInteger n, BigInteger e, BigInteger d, BigInteger p, BigInteger q) {
    return new RsaParts(
        unsigned(n),
        unsigned(e),
        unsigned(d),
        unsigned(p),
        unsigned(q),
        unsigned(d.mod(p.subtract(BigInteger.ONE))),
        unsigned(d.mod(q.subtract(BigInteger.ONE))),
        unsigned(q.modInverse(p)));
  }

  PublicJwk.Rsa publicJwk() {
    return new PublicJwk.Rsa(number(n), number(e));
  }

  static byte[] unsigned(BigInteger number) {
    return PublicJwk.fixed(number, Math.max(1, (number.bitLength() + 7) / 8));
  }

  static BigInteger number(byte[] unsigned) {
    return new BigInteger(1, unsigned);
  }

  @Override
  public void close() {
    for (byte[] secret : new byte[][] {d, p, q, dp, dq, qi}) {
      Arrays.fill(secret, (byte) 0);
    }
  }

  @Override
  public String toString() {
    return "RsaParts[redacted]";
  }
}
