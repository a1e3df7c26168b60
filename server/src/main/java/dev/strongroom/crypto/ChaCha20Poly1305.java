package dev.strongroom.crypto;

import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** ChaCha20-Poly1305 (RFC 8439) without associated data, for the files of a backup. */
public final class ChaCha20Poly1305 {
  public static final int KEY = 32;
  public static final int NONCE = 12;
  public static final int TAG = 16;
  private static final String ALGORITHM = "ChaCha20-Poly1305";

  private ChaCha20Poly1305() {}

  /** Ciphertext and tag; the caller never gives a nonce twice with one key. */
  public static byte[] seal(byte[] key, byte[] nonce, byte[] plain, int length) {
    try {
      return cipher(Cipher.ENCRYPT_MODE, key, nonce).doFinal(plain, 0, length);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK seals with " + ALGORITHM, e);
    }
  }

  /** Empty when the tag does not fit. */
  public static Optional<byte[]> open(byte[] key, byte[] nonce, byte[] sealed, int length) {
    if (length < TAG) {
      return Optional.empty();
    }
    try {
      return Optional.of(cipher(Cipher.DECRYPT_MODE, key, nonce).doFinal(sealed, 0, length));
    } catch (AEADBadTagException e) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK opens with " + ALGORITHM, e);
    }
  }

  private static Cipher cipher(int mode, byte[] key, byte[] nonce)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance(ALGORITHM);
    cipher.init(mode, new SecretKeySpec(key, "ChaCha20"), new IvParameterSpec(nonce));
    return cipher;
  }
}
