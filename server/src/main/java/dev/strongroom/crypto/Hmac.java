package dev.strongroom.crypto;

import dev.strongroom.model.KeyAlgorithm;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HMAC (FIPS 198-1): with SHA-256 for what is ours, with SHA-2 for keys of callers. */
public final class Hmac {
  private static final String ALGORITHM = "HmacSHA256";

  private Hmac() {}

  /** Over the parts, each preceded by its length in 4 bytes, so that parts cannot run together. */
  public static byte[] sha256(byte[] key, byte[]... parts) {
    Mac mac = keyed(ALGORITHM, key);
    for (byte[] part : parts) {
      mac.update(ByteBuffer.allocate(4).putInt(part.length).array());
      mac.update(part);
    }
    return mac.doFinal();
  }

  /** Over the message as it stands. */
  public static byte[] sha256Of(byte[] key, byte[] message) {
    return keyed(ALGORITHM, key).doFinal(message);
  }

  static byte[] of(KeyAlgorithm.Hash hash, byte[] key, byte[] message) {
    return keyed("Hmac" + hash.standard().replace("-", ""), key).doFinal(message);
  }

  private static Mac keyed(String algorithm, byte[] key) {
    try {
      Mac mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(key, algorithm));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + algorithm, e);
    }
  }
}
