package dev.strongroom.backup;

import dev.strongroom.crypto.ChaCha20Poly1305;
import dev.strongroom.crypto.Hkdf;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.SecretBytes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Writes an age file (c2sp.org/age): chunks of 64 KiB under ChaCha20-Poly1305, numbered, the last
 * one marked. Only {@link #finish} ends it; a file that was not finished does not open to its end.
 */
final class AgeOutput extends OutputStream {
  static final int CHUNK = 64 << 10;
  static final int NONCE = 16;

  private final OutputStream out;
  private final String id;
  private final byte[] key;
  private final byte[] chunk = new byte[CHUNK];
  private int filled;
  private long number;

  AgeOutput(OutputStream out, List<Recipient> recipients) throws IOException {
    this.out = out;
    try (SecretBytes fileKey = SecretBytes.taking(Randoms.bytes(AgeHeader.FILE_KEY))) {
      AgeHeader header = AgeHeader.of(recipients, fileKey);
      this.id = header.id();
      out.write(header.bytes());
      byte[] nonce = Randoms.bytes(NONCE);
      out.write(nonce);
      this.key = payloadKey(fileKey, nonce);
    }
  }

  /** By which the file is known ({@link AgeHeader#id}). */
  String id() {
    return id;
  }

  static byte[] payloadKey(SecretBytes fileKey, byte[] nonce) {
    return Hkdf.derive(
        fileKey.exposed(), nonce, "payload".getBytes(StandardCharsets.US_ASCII), 32);
  }

  /** The number of a chunk in 11 bytes, and whether it is the last. */
  static byte[] nonce(long number, boolean last) {
    return ByteBuffer.allocate(ChaCha20Poly1305.NONCE)
        .putLong(3, number)
        .put(11, (byte) (last ? 1 : 0))
        .array();
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int start, int length) throws IOException {
    int at = start;
    int left = length;
    while (left > 0) {
      if (filled == CHUNK) {
        // not before there is more, because the last chunk must not be empty
        seal(false);
      }
      int some = Math.min(left, CHUNK - filled);
      System.arraycopy(bytes, at, chunk, filled, some);
      filled += some;
      at += some;
      left -= some;
    }
  }

  private void seal(boolean last) throws IOException {
    out.write(ChaCha20Poly1305.seal(key, nonce(number++, last), chunk, filled));
    filled = 0;
  }

  void finish() throws IOException {
    seal(true);
    wipe();
    out.flush();
  }

  private void wipe() {
    Arrays.fill(key, (byte) 0);
    Arrays.fill(chunk, (byte) 0);
  }

  /** Wipes what is in memory; without {@link #finish} the file stays without an end. */
  @Override
  public void close() {
    wipe();
  }
}
