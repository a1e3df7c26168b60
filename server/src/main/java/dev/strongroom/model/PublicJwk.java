package dev.strongroom.model;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What everybody may know of a key: its public members as a JWK (RFC 7517, RFC 7518 section 6, RFC
 * 9964), without kid and key_ops. It is stored beside the sealed private part, as {@link #stored}.
 */
public sealed interface PublicJwk {
  KeyType type();

  /** The size of the key; of AKP keys, of the public key. */
  int bits();

  /** The public members in the order in which they are answered, binary ones as base64url. */
  Map<String, String> members();

  /** One line without blanks, to be read by {@link #read}. */
  default String stored() {
    String middle = this instanceof Oct oct ? Integer.toString(oct.bits()) : "";
    return type().wire() + '.' + String.join(".", members().values()) + middle;
  }

  static PublicJwk read(String stored) {
    String[] parts = stored.split("\\.", -1);
    if (parts.length == 3 && parts[0].equals(KeyType.RSA.wire())) {
      return new Rsa(number(parts[1]), number(parts[2]));
    }
    if (parts.length == 4 && parts[0].equals(KeyType.EC.wire())) {
      return new Ec(
          Curve.find(parts[1]).orElseThrow(PublicJwk::unreadable),
          number(parts[2]),
          number(parts[3]));
    }
    if (parts.length == 2 && parts[0].equals(KeyType.OCT.wire())) {
      return new Oct(Integer.parseInt(parts[1]));
    }
    if (parts.length == 3 && parts[0].equals(KeyType.AKP.wire())) {
      return new Akp(
          KeyAlgorithm.find(parts[1]).orElseThrow(PublicJwk::unreadable),
          Base64.getUrlDecoder().decode(parts[2]));
    }
    throw unreadable();
  }

  /** RSA: modulus and public exponent. */
  record Rsa(BigInteger n, BigInteger e) implements PublicJwk {
    @Override
    public KeyType type() {
      return KeyType.RSA;
    }

    @Override
    public int bits() {
      return n.bitLength();
    }

    @Override
    public Map<String, String> members() {
      Map<String, String> members = new LinkedHashMap<>();
      members.put("n", base64(fixed(n, (n.bitLength() + 7) / 8)));
      members.put("e", base64(fixed(e, (e.bitLength() + 7) / 8)));
      return members;
    }
  }

  /** A point on a curve. */
  record Ec(Curve curve, BigInteger x, BigInteger y) implements PublicJwk {
    @Override
    public KeyType type() {
      return KeyType.EC;
    }

    @Override
    public int bits() {
      return curve.bits();
    }

    @Override
    public Map<String, String> members() {
      Map<String, String> members = new LinkedHashMap<>();
      members.put("crv", curve.wire());
      members.put("x", base64(fixed(x, curve.bytes())));
      members.put("y", base64(fixed(y, curve.bytes())));
      return members;
    }
  }

  /** A symmetric key, of which only the size may be known. */
  record Oct(int bits) implements PublicJwk {
    @Override
    public KeyType type() {
      return KeyType.OCT;
    }

    @Override
    public Map<String, String> members() {
      return Map.of();
    }
  }

  /** A key of one post-quantum algorithm. */
  record Akp(KeyAlgorithm algorithm, byte[] pub) implements PublicJwk {
    public Akp {
      if (algorithm.type() != KeyType.AKP) {
        throw unreadable();
      }
      pub = pub.clone();
    }

    /** A copy. */
    @Override
    public byte[] pub() {
      return pub.clone();
    }

    @Override
    public KeyType type() {
      return KeyType.AKP;
    }

    @Override
    public int bits() {
      return pub.length * 8;
    }

    @Override
    public Map<String, String> members() {
      Map<String, String> members = new LinkedHashMap<>();
      members.put("alg", algorithm.wire());
      members.put("pub", base64(pub));
      return members;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Akp that
          && algorithm == that.algorithm
          && Arrays.equals(pub, that.pub);
    }

    @Override
    public int hashCode() {
      return 31 * algorithm.hashCode() + Arrays.hashCode(pub);
    }
  }

  /** A number as big-endian bytes of this length, with zeros before it. */
  static byte[] fixed(BigInteger number, int length) {
    byte[] bytes = number.toByteArray();
    int from = bytes.length > length && bytes[0] == 0 ? 1 : 0;
    if (number.signum() < 0 || bytes.length - from > length) {
      throw new IllegalArgumentException("the number has more than " + length + " bytes");
    }
    byte[] out = new byte[length];
    System.arraycopy(bytes, from, out, length - bytes.length + from, bytes.length - from);
    return out;
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static BigInteger number(String base64) {
    return new BigInteger(1, Base64.getUrlDecoder().decode(base64));
  }

  private static IllegalArgumentException unreadable() {
    return new IllegalArgumentException("not a stored public key");
  }
}
