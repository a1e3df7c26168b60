package dev.strongroom.crypto;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-2 and, for thumbprints that clients still send, SHA-1. */
public final class Digests {
  // because a copy costs less than looking through all providers
  private static final MessageDigest SHA_256 = instance("SHA-256");

  private Digests() {}

  public static byte[] sha256(byte[]... parts) {
    return digest(newSha256(), parts);
  }

  /** Only for X.509 thumbprints (RFC 7515 section 4.1.7), never for integrity. */
  public static byte[] sha1Thumbprint(byte[] der) {
    return digest(instance("SHA-1"), der);
  }

  /** A running SHA-256, for who hashes in place on a hot path. */
  public static MessageDigest newSha256() {
    try {
      return (MessageDigest) SHA_256.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the JDK's SHA-256 can be copied", e);
    }
  }

  /** Equality that takes the same time wherever the first difference stands. */
  public static boolean equal(byte[] one, byte[] other) {
    return MessageDigest.isEqual(one, other);
  }

  private static byte[] digest(MessageDigest digest, byte[]... parts) {
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
