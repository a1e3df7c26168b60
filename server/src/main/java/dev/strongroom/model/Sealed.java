package dev.strongroom.model;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Ciphertext with everything needed to open it except the key. A store takes this type only, so it
 * cannot be handed plaintext.
 *
 * <p>Layout, version 1: format (1 byte, value 1), algorithm (1 byte, 1 = AES-256-GCM), key id (16),
 * key generation (4, big-endian), nonce (12), ciphertext, tag (16).
 */
public final class Sealed {
  public static final int HEADER = 1 + 1 + 16 + 4 + 12;
  public static final int TAG = 16;
  public static final byte FORMAT = 1;
  public static final byte AES_256_GCM = 1;

  private final byte[] bytes;

  private Sealed(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Reads stored bytes; anything but format 1 with a whole header and tag is refused. */
  public static Sealed read(byte[] bytes) {
    if (bytes.length < HEADER + TAG || bytes[0] != FORMAT || bytes[1] != AES_256_GCM) {
      throw new IllegalArgumentException("not a sealed value of format 1");
    }
    return new Sealed(bytes.clone());
  }

  public byte[] bytes() {
    return bytes.clone();
  }

  public int length() {
    return bytes.length;
  }

  public Id keyId() {
    return Id.of(Arrays.copyOfRange(bytes, 2, 18));
  }

  public int generation() {
    return ByteBuffer.wrap(bytes, 18, 4).getInt();
  }

  public byte[] nonce() {
    return Arrays.copyOfRange(bytes, 22, HEADER);
  }

  /** Ciphertext and tag. */
  public byte[] body() {
    return Arrays.copyOfRange(bytes, HEADER, bytes.length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Sealed that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "Sealed[" + bytes.length + " bytes]";
  }
}
