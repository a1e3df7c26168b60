package dev.strongroom.crypto;

import dev.strongroom.model.Id;
import java.security.SecureRandom;

/** Random bytes and ids from the operating system's generator. */
public final class Randoms {
  private static final SecureRandom RANDOM = new SecureRandom();

  private Randoms() {}

  public static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  /** For a library that draws its random numbers itself. */
  static SecureRandom source() {
    return RANDOM;
  }

  /** 128 random bits: containers, objects, versions, requests. */
  public static Id id() {
    return Id.of(bytes(16));
  }

  /** A version 4 GUID (RFC 9562 section 5.4), for what clients expect to be one. */
  public static Id guid() {
    byte[] bytes = bytes(16);
    bytes[6] = (byte) (bytes[6] & 0x0f | 0x40);
    bytes[8] = (byte) (bytes[8] & 0x3f | 0x80);
    return Id.of(bytes);
  }
}
