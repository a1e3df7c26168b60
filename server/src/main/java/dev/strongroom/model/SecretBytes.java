package dev.strongroom.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A secret value, key or token in memory. It never prints itself and has no equality; every place
 * that touches the bytes says {@link #exposed}, so a text search finds them all. Closing wipes this
 * copy; the collector may have moved earlier ones.
 */
public final class SecretBytes implements AutoCloseable {
  private final byte[] bytes;

  private SecretBytes(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Takes the array over: the caller gives it up and must not keep it. */
  public static SecretBytes taking(byte[] bytes) {
    return new SecretBytes(bytes);
  }

  public static SecretBytes ofUtf8(String text) {
    return new SecretBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The bytes themselves, not a copy. */
  public byte[] exposed() {
    return bytes;
  }

  public int length() {
    return bytes.length;
  }

  @Override
  public void close() {
    Arrays.fill(bytes, (byte) 0);
  }

  @Override
  public String toString() {
    return "SecretBytes[redacted]";
  }
}
