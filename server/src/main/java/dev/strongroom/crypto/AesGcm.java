package dev.strongroom.crypto;

import dev.strongroom.model.Id;
import dev.strongroom.model.Sealed;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256-GCM (NIST SP 800-38D) into and out of {@link Sealed}: a random 96-bit nonce per call, the
 * header of the sealed value authenticated together with the associated data.
 *
 * <p>Random nonces bound one key to 2^32 calls: object keys see few, container and system subkeys
 * are rotated by generation.
 */
public final class AesGcm {
  public static final int KEY = 32;

  private static final String NAME = "AES/GCM/NoPadding";
  private static final int NONCE = 12;
  // because looking through all providers costs more than the cipher does
  private static final Provider PROVIDER = provider();
  private static final int HEADER_BEFORE_NONCE = Sealed.HEADER - NONCE;

  private AesGcm() {}

  public static Sealed seal(byte[] key, Id keyId, int generation, byte[] aad, byte[] plain) {
    byte[] nonce = Randoms.bytes(NONCE);
    byte[] out = new byte[Sealed.HEADER + plain.length + Sealed.TAG];
    ByteBuffer.wrap(out)
        .put(Sealed.FORMAT)
        .put(Sealed.AES_256_GCM)
        .put(keyId.bytes())
        .putInt(generation)
        .put(nonce);
    try {
      Cipher cipher = cipher(Cipher.ENCRYPT_MODE, key, nonce);
      cipher.updateAAD(out, 0, HEADER_BEFORE_NONCE);
      cipher.updateAAD(aad);
      cipher.doFinal(plain, 0, plain.length, out, Sealed.HEADER);
      return Sealed.read(out);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES-GCM", e);
    }
  }

  /** Empty when the value does not open under this key and associated data. */
  public static Optional<byte[]> open(byte[] key, byte[] aad, Sealed sealed) {
    byte[] bytes = sealed.bytes();
    try {
      Cipher cipher = cipher(Cipher.DECRYPT_MODE, key, sealed.nonce());
      cipher.updateAAD(bytes, 0, HEADER_BEFORE_NONCE);
      cipher.updateAAD(aad);
      return Optional.of(cipher.doFinal(bytes, Sealed.HEADER, bytes.length - Sealed.HEADER));
    } catch (AEADBadTagException e) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES-GCM", e);
    }
  }

  private static Provider provider() {
    try {
      return Cipher.getInstance(NAME).getProvider();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES-GCM", e);
    }
  }

  static Cipher cipher(int mode, byte[] key, byte[] nonce) throws GeneralSecurityException {
    if (key.length != KEY || nonce.length != NONCE) {
      throw new IllegalArgumentException("AES-256-GCM takes a key of 32 bytes and a nonce of 12");
    }
    Cipher cipher = Cipher.getInstance(NAME, PROVIDER);
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
    return cipher;
  }
}
