package dev.strongroom.crypto;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-2 and, for thumbprints that clients still send, SHA-1. */
public final class Digests {
  private Digests() {}

  public static byte[] sha256(byte[]... parts) {
    return digest("SHA-256", parts);
  }

  /** Only for X.509 thumbprints (RFC 7515 section 4.1.7), never for integrity. */
  public static byte[] sha1Thumbprint(byte[] der) {
    return digest("SHA-1", der);
  }

  /** A running SHA-256, for who hashes in place on a hot path. */
  public static MessageDigest newSha256() {
    return instance("SHA-256");
  }

  /** Equality that takes the same time wherever the first difference stands. */
  public static boolean equal(byte[] one, byte[] other) {
    return MessageDigest.isEqual(one, other);
  }

  private static byte[] digest(String algorithm, byte[]... parts) {
    MessageDigest digest = instance(algorithm);
    for (byte[] part : parts) {
      digest.update(part);
    }
    return digest.digest();
  }

  static MessageDigest instance(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has " + algorithm, e);
    }
  }
}
