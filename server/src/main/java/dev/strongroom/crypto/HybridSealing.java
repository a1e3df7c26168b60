package dev.strongroom.crypto;

import dev.strongroom.model.SecretBytes;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.pqc.crypto.xwing.XWingPrivateKeyParameters;
import org.bouncycastle.pqc.crypto.xwing.XWingPublicKeyParameters;

/**
 * Seals a short secret to a public key so that both ML-KEM-768 (FIPS 203) and X25519 (RFC 7748)
 * would have to be broken: HPKE (RFC 9180) in base mode with MLKEM768-X25519
 * (draft-ietf-hpke-pq, which is X-Wing), HKDF-SHA256 and ChaCha20-Poly1305.
 */
public final class HybridSealing {
  public static final int SEED = 32;
  public static final int PUBLIC_KEY = 1216;

  /** How long the encapsulated key is that stands beside what was sealed. */
  public static final int ENCAPSULATED = 1120;

  private static final byte[] NOTHING = {};

  private HybridSealing() {}

  /** What {@link #open} needs beside the seed. */
  public record Sealed(byte[] encapsulated, byte[] ciphertext) {}

  /** The public key of this seed. */
  public static byte[] publicKey(SecretBytes seed) {
    return privateKey(seed).getPublicKeyParameters().getEncoded();
  }

  public static Sealed seal(byte[] publicKey, byte[] info, SecretBytes plain) {
    try {
      byte[][] sealed =
          hpke()
              .seal(
                  new XWingPublicKeyParameters(publicKey),
                  info,
                  NOTHING,
                  plain.exposed(),
                  null,
                  null,
                  null);
      return new Sealed(sealed[1], sealed[0]);
    } catch (InvalidCipherTextException e) {
      throw new IllegalStateException("sealing does not fail", e);
    }
  }

  /** Empty when it was sealed to another key, or changed. */
  public static Optional<SecretBytes> open(SecretBytes seed, byte[] info, Sealed sealed) {
    if (sealed.encapsulated().length != ENCAPSULATED) {
      return Optional.empty();
    }
    XWingPrivateKeyParameters key = privateKey(seed);
    try {
      return Optional.of(
          SecretBytes.taking(
              hpke()
                  .open(
                      sealed.encapsulated(),
                      new AsymmetricCipherKeyPair(key.getPublicKeyParameters(), key),
                      info,
                      NOTHING,
                      sealed.ciphertext(),
                      null,
                      null,
                      null)));
    } catch (InvalidCipherTextException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static HPKE hpke() {
    return new HPKE(
        HPKE.mode_base, HPKE.kem_MLKEM768_X25519, HPKE.kdf_HKDF_SHA256, HPKE.aead_CHACHA20_POLY1305);
  }

  private static XWingPrivateKeyParameters privateKey(SecretBytes seed) {
    if (seed.length() != SEED) {
      throw new IllegalArgumentException("a seed has 32 bytes");
    }
    byte[] copy = Arrays.copyOf(seed.exposed(), SEED);
    try {
      return new XWingPrivateKeyParameters(copy);
    } finally {
      Arrays.fill(copy, (byte) 0);
    }
  }
}
