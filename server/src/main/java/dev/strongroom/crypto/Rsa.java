package dev.strongroom.crypto;

import dev.strongroom.model.SecretBytes;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;

/** RSA key pairs of 2048 bits and more (RFC 8017), into and out of PKCS#8. */
public final class Rsa {
  public static final int LEAST_BITS = 2048;
  public static final int MOST_BITS = 16384;

  private Rsa() {}

  /** A private key with its public one; the JDK's key objects cannot be wiped, so keep it short. */
  public record Pair(RSAPublicKey publicKey, RSAPrivateCrtKey privateKey) {
    /** The private key as PKCS#8 DER. */
    public SecretBytes pkcs8() {
      return SecretBytes.taking(privateKey.getEncoded());
    }

    @Override
    public String toString() {
      return "Rsa.Pair[" + publicKey.getModulus().bitLength() + " bits]";
    }
  }

  /** Slow (about 50 ms for 2048 bits): not on a virtual thread that serves requests. */
  public static Pair generate(int bits) {
    if (bits < LEAST_BITS || bits > MOST_BITS) {
      throw new IllegalArgumentException("an RSA key of " + bits + " bits is not made");
    }
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(bits);
      KeyPair pair = generator.generateKeyPair();
      return new Pair((RSAPublicKey) pair.getPublic(), (RSAPrivateCrtKey) pair.getPrivate());
    } catch (NoSuchAlgorithmException e) {
      throw noRsa(e);
    }
  }

  /** From PKCS#8 DER with the CRT parts, as {@link Pair#pkcs8} writes it. */
  public static Pair read(SecretBytes pkcs8) {
    try {
      if (factory().generatePrivate(new PKCS8EncodedKeySpec(pkcs8.exposed()))
          instanceof RSAPrivateCrtKey key) {
        return new Pair(publicKey(key.getModulus(), key.getPublicExponent()), key);
      }
    } catch (InvalidKeySpecException e) {
      // without the cause, because a provider's message may quote what it could not parse
      throw new IllegalArgumentException("not an RSA private key in PKCS#8");
    }
    throw new IllegalArgumentException("an RSA private key without its primes");
  }

  public static RSAPublicKey publicKey(BigInteger modulus, BigInteger exponent) {
    int bits = modulus.bitLength();
    if (modulus.signum() <= 0 || bits < LEAST_BITS || bits > MOST_BITS) {
      throw new IllegalArgumentException("an RSA modulus of " + bits + " bits is not accepted");
    }
    if (exponent.signum() <= 0 || !exponent.testBit(0) || exponent.equals(BigInteger.ONE)) {
      throw new IllegalArgumentException("this RSA public exponent is not accepted");
    }
    try {
      return (RSAPublicKey) factory().generatePublic(new RSAPublicKeySpec(modulus, exponent));
    } catch (InvalidKeySpecException e) {
      throw new IllegalArgumentException("not an RSA public key", e);
    }
  }

  private static KeyFactory factory() {
    try {
      return KeyFactory.getInstance("RSA");
    } catch (GeneralSecurityException e) {
      throw noRsa(e);
    }
  }

  private static IllegalStateException noRsa(GeneralSecurityException cause) {
    return new IllegalStateException("every JDK has RSA", cause);
  }
}
