package dev.strongroom.crypto;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/** HKDF-SHA-256 (RFC 5869). */
public final class Hkdf {
  private Hkdf() {}

  /** 32 bytes for one purpose; the label names it. The key is uniformly random: no salt. */
  public static byte[] subkey(byte[] key, String label) {
    return derive(key, new byte[0], label.getBytes(StandardCharsets.UTF_8), 32);
  }

  /** With a salt (empty for none), an info and any length. */
  public static byte[] derive(byte[] key, byte[] salt, byte[] info, int length) {
    try {
      HKDFParameterSpec.Builder extract = HKDFParameterSpec.ofExtract().addIKM(key);
      if (salt.length > 0) {
        extract.addSalt(salt);
      }
      return KDF.getInstance("HKDF-SHA256").deriveData(extract.thenExpand(info, length));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK 25 has HKDF-SHA256", e);
    }
  }
}
