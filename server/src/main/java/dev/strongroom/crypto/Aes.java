package dev.strongroom.crypto;

import dev.strongroom.model.KeyAlgorithm;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** AES for keys of callers: GCM, CBC with and without padding, key wrap with and without padding. */
final class Aes {
  static final int BLOCK = 16;

  /** The shortest key that RFC 3394 wraps, and what it wraps in. */
  static final int KW_LEAST = 16;

  static final int KW_BLOCK = 8;

  private Aes() {}

  /** Ciphertext and tag, one after the other. */
  static byte[] gcmSeal(SecretKeySpec key, byte[] iv, byte[] aad, byte[] plain) {
    try {
      return gcm(Cipher.ENCRYPT_MODE, key, iv, aad).doFinal(plain);
    } catch (GeneralSecurityException e) {
      throw failed();
    }
  }

  static Optional<byte[]> gcmOpen(SecretKeySpec key, byte[] iv, byte[] aad, byte[] sealed) {
    try {
      return Optional.of(gcm(Cipher.DECRYPT_MODE, key, iv, aad).doFinal(sealed));
    } catch (AEADBadTagException e) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw failed();
    }
  }

  /** Of whole blocks. */
  static byte[] cbc(int mode, SecretKeySpec key, byte[] iv, byte[] blocks) {
    try {
      Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");
      cipher.init(mode, key, new IvParameterSpec(iv));
      return cipher.doFinal(blocks);
    } catch (GeneralSecurityException e) {
      throw failed();
    }
  }

  /** With padding of RFC 5652 section 6.3: always one to sixteen bytes. */
  static byte[] padded(byte[] plain) {
    int padding = BLOCK - plain.length % BLOCK;
    byte[] out = Arrays.copyOf(plain, plain.length + padding);
    Arrays.fill(out, plain.length, out.length, (byte) padding);
    return out;
  }

  /** Without the padding; the padded bytes are wiped. Every bad padding takes the same way. */
  static Optional<byte[]> unpadded(byte[] padded) {
    int padding = padded[padded.length - 1] & 0xff;
    // zero, or more than a block
    int bad = (padding - 1 | BLOCK - padding) >> 31;
    for (int i = 1; i <= BLOCK; i++) {
      int within = (i - padding - 1) >> 31;
      bad |= within & (padded[padded.length - i] ^ padding) & 0xff;
    }
    int good = ~((bad | -bad) >> 31);
    byte[] plain = Arrays.copyOf(padded, padded.length - (padding & good));
    Arrays.fill(padded, (byte) 0);
    if (bad != 0) {
      Arrays.fill(plain, (byte) 0);
      return Optional.empty();
    }
    return Optional.of(plain);
  }

  static byte[] wrap(KeyAlgorithm.Family family, SecretKeySpec key, byte[] plain) {
    try {
      Cipher cipher = Cipher.getInstance(transformation(family));
      cipher.init(Cipher.ENCRYPT_MODE, key);
      return cipher.doFinal(plain);
    } catch (GeneralSecurityException e) {
      throw failed();
    }
  }

  static Optional<byte[]> unwrap(KeyAlgorithm.Family family, SecretKeySpec key, byte[] wrapped) {
    try {
      Cipher cipher = Cipher.getInstance(transformation(family));
      cipher.init(Cipher.DECRYPT_MODE, key);
      return Optional.of(cipher.doFinal(wrapped));
    } catch (BadPaddingException | IllegalBlockSizeException e) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw failed();
    }
  }

  private static String transformation(KeyAlgorithm.Family family) {
    return switch (family) {
      case AES_KW -> "AES/KW/NoPadding";
      case AES_KWP -> "AES/KWP/NoPadding";
      default -> throw new IllegalArgumentException(family + " does not wrap");
    };
  }

  private static Cipher gcm(int mode, SecretKeySpec key, byte[] iv, byte[] aad)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(8 * KeyAlgorithm.GCM_TAG, iv));
    cipher.updateAAD(aad);
    return cipher;
  }

  /** Without the cause, because a provider's message may quote what it worked on. */
  private static IllegalStateException failed() {
    return new IllegalStateException("an AES operation failed");
  }
}
