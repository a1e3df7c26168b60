package dev.strongroom.crypto;

import dev.strongroom.model.SecretBytes;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;

/** Ed25519 signatures (RFC 8032); public keys as their 32 bytes or as SubjectPublicKeyInfo. */
public final class Ed25519 {
  public static final int KEY = 32;
  public static final int SIGNATURE = 64;

  /** The DER of SubjectPublicKeyInfo before the 32 bytes of the key (RFC 8410 section 4). */
  private static final byte[] SPKI_HEAD = {
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00
  };

  private static final String ALGORITHM = "Ed25519";

  private Ed25519() {}

  /** A signing key with its public one. */
  public static final class Pair {
    private final PublicKey publicKey;
    private final Ed25519PrivateKeyParameters privateKey;

    private Pair(PublicKey publicKey, Ed25519PrivateKeyParameters privateKey) {
      this.publicKey = publicKey;
      this.privateKey = privateKey;
    }

    public PublicKey publicKey() {
      return publicKey;
    }

    /** Over the parts one after another, nothing between them. */
    public byte[] sign(byte[]... parts) {
      // because the JDK's takes several times as long, and checkpoints are signed under load
      Ed25519Signer signer = new Ed25519Signer();
      signer.init(true, privateKey);
      for (byte[] part : parts) {
        signer.update(part, 0, part.length);
      }
      return signer.generateSignature();
    }

    @Override
    public String toString() {
      return "Ed25519.Pair[redacted]";
    }
  }

  /** 32 random bytes, from which {@link #read} makes the pair; this is what is stored, sealed. */
  public static SecretBytes newSeed() {
    return SecretBytes.taking(Randoms.bytes(KEY));
  }

  public static Pair generate() {
    try (SecretBytes seed = newSeed()) {
      return read(seed);
    }
  }

  /** The pair of this seed: always the same one. */
  public static Pair read(SecretBytes seed) {
    if (seed.length() != KEY) {
      throw new IllegalArgumentException("an Ed25519 seed has 32 bytes, not " + seed.length());
    }
    Ed25519PrivateKeyParameters privateKey = new Ed25519PrivateKeyParameters(seed.exposed());
    return new Pair(readPublic(privateKey.generatePublicKey().getEncoded()), privateKey);
  }

  public static boolean verify(PublicKey key, byte[] signature, byte[]... parts) {
    if (signature.length != SIGNATURE) {
      return false;
    }
    try {
      Signature verifier = signature();
      verifier.initVerify(key);
      for (byte[] part : parts) {
        verifier.update(part);
      }
      return verifier.verify(signature);
    } catch (SignatureException e) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("verifying with an Ed25519 key", e);
    }
  }

  /** The raw 32 bytes of the public key. */
  public static byte[] raw(PublicKey key) {
    byte[] spki = spki(key);
    return Arrays.copyOfRange(spki, SPKI_HEAD.length, spki.length);
  }

  /** DER of SubjectPublicKeyInfo, for a PEM block PUBLIC KEY. */
  public static byte[] spki(PublicKey key) {
    if (!(key instanceof EdECPublicKey)) {
      throw new IllegalArgumentException("not an Ed25519 key: " + key.getAlgorithm());
    }
    return key.getEncoded();
  }

  /** From the raw 32 bytes or from SubjectPublicKeyInfo. */
  public static PublicKey readPublic(byte[] encoded) {
    byte[] spki = encoded;
    if (encoded.length == KEY) {
      spki = Arrays.copyOf(SPKI_HEAD, SPKI_HEAD.length + KEY);
      System.arraycopy(encoded, 0, spki, SPKI_HEAD.length, KEY);
    }
    if (spki.length != SPKI_HEAD.length + KEY
        || !Arrays.equals(spki, 0, SPKI_HEAD.length, SPKI_HEAD, 0, SPKI_HEAD.length)) {
      throw new IllegalArgumentException("not an Ed25519 public key");
    }
    try {
      return factory().generatePublic(new X509EncodedKeySpec(spki));
    } catch (InvalidKeySpecException e) {
      throw new IllegalArgumentException("not an Ed25519 public key", e);
    }
  }

  private static KeyFactory factory() {
    try {
      return KeyFactory.getInstance(ALGORITHM);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }

  private static Signature signature() {
    try {
      return Signature.getInstance(ALGORITHM);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }
}
