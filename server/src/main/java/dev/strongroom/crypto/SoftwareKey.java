package dev.strongroom.crypto;

import dev.strongroom.model.Assurance;
import dev.strongroom.model.KeyType;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.SecretBytes;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A key whose private part is with us.
 *
 * <p>Stored form 1: the byte 1, a byte for the type, then: RSA (1) n, e, d, p, q, dp, dq, qi, each
 * after its length in two bytes; EC (2) the scalar, as long as the curve's numbers; oct (3) the
 * bytes; AKP (4) the seed of 32 bytes (FIPS 204 section 6.1), from which the rest is derived.
 */
public final class SoftwareKey implements Material {
  static final byte FORMAT = 1;
  static final int SEED = 32;

  private static final int HEADER = 2;

  private final PublicJwk publicJwk;
  private final SecretBytes stored;

  SoftwareKey(PublicJwk publicJwk, SecretBytes stored) {
    this.publicJwk = publicJwk;
    this.stored = stored;
    byte[] bytes = stored.exposed();
    boolean fits =
        bytes.length > HEADER
            && bytes[0] == FORMAT
            && bytes[1] == code(publicJwk.type())
            && switch (publicJwk) {
              case PublicJwk.Rsa rsa -> belongs(rsa);
              case PublicJwk.Ec ec -> bytes.length == HEADER + ec.curve().bytes();
              case PublicJwk.Oct oct -> bytes.length == HEADER + oct.bits() / 8;
              case PublicJwk.Akp _ -> bytes.length == HEADER + SEED;
            };
    if (!fits) {
      throw new IllegalArgumentException("key material that does not belong to its public key");
    }
  }

  static SoftwareKey rsa(RsaParts parts) {
    byte[][] numbers = {
      parts.n(), parts.e(), parts.d(), parts.p(), parts.q(), parts.dp(), parts.dq(), parts.qi()
    };
    int length = HEADER;
    for (byte[] number : numbers) {
      length += 2 + number.length;
    }
    ByteBuffer out = ByteBuffer.allocate(length).put(FORMAT).put(code(KeyType.RSA));
    for (byte[] number : numbers) {
      out.putShort((short) number.length).put(number);
    }
    return new SoftwareKey(parts.publicJwk(), SecretBytes.taking(out.array()));
  }

  static SoftwareKey ec(PublicJwk.Ec key, BigInteger scalar) {
    byte[] fixed = PublicJwk.fixed(scalar, key.curve().bytes());
    try {
      return new SoftwareKey(key, behindHeader(KeyType.EC, fixed));
    } finally {
      Arrays.fill(fixed, (byte) 0);
    }
  }

  static SoftwareKey oct(byte[] key) {
    return new SoftwareKey(new PublicJwk.Oct(key.length * 8), behindHeader(KeyType.OCT, key));
  }

  static SoftwareKey akp(PublicJwk.Akp key, byte[] seed) {
    return new SoftwareKey(key, behindHeader(KeyType.AKP, seed));
  }

  @Override
  public PublicJwk publicJwk() {
    return publicJwk;
  }

  @Override
  public SecretBytes stored() {
    return stored;
  }

  @Override
  public Assurance assurance() {
    return Assurance.SOFTWARE;
  }

  /** A copy of the numbers, to be wiped by who asked. */
  RsaParts rsaParts() {
    ByteBuffer in = ByteBuffer.wrap(stored.exposed()).position(HEADER);
    byte[][] numbers = new byte[8][];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = new byte[in.getShort() & 0xffff];
      in.get(numbers[i]);
    }
    if (in.hasRemaining()) {
      throw new IllegalArgumentException("something is behind the key");
    }
    return new RsaParts(
        numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6],
        numbers[7]);
  }

  /** A copy of what stands behind the header, to be wiped by who asked. */
  byte[] secret() {
    return Arrays.copyOfRange(stored.exposed(), HEADER, stored.length());
  }

  private boolean belongs(PublicJwk.Rsa key) {
    try (RsaParts parts = rsaParts()) {
      return parts.publicJwk().equals(key);
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      return false;
    }
  }

  private static SecretBytes behindHeader(KeyType type, byte[] secret) {
    byte[] out = new byte[HEADER + secret.length];
    out[0] = FORMAT;
    out[1] = code(type);
    System.arraycopy(secret, 0, out, HEADER, secret.length);
    return SecretBytes.taking(out);
  }

  /** Stored: these numbers never change. */
  private static byte code(KeyType type) {
    return (byte)
        switch (type) {
          case RSA -> 1;
          case EC -> 2;
          case OCT -> 3;
          case AKP -> 4;
          default -> throw new IllegalArgumentException(type + " is not a software key");
        };
  }

  @Override
  public void close() {
    stored.close();
  }

  @Override
  public String toString() {
    return "SoftwareKey[" + publicJwk.type().wire() + ", redacted]";
  }
}
