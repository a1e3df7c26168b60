package dev.strongroom.model;

import java.util.Optional;

/** What encryption yields and decryption takes; which members there are depends on the algorithm. */
public record Ciphertext(
    byte[] value, Optional<byte[]> iv, Optional<byte[]> tag, Optional<byte[]> aad) {

  public static Ciphertext of(byte[] value) {
    return new Ciphertext(value, Optional.empty(), Optional.empty(), Optional.empty());
  }
}
