package dev.strongroom.backup;

import dev.strongroom.crypto.ChaCha20Poly1305;
import dev.strongroom.model.SecretBytes;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;

/**
 * Reads an age file. A byte comes out only after its chunk was found unchanged and in its place; the
 * end comes only after the chunk that is marked as the last.
 */
final class AgeInput extends InputStream {
  private static final int SEALED_CHUNK = AgeOutput.CHUNK + ChaCha20Poly1305.TAG;

  private final InputStream in;
  private final String id;
  private final byte[] key;
  private byte[] chunk = {};
  private int next;
  private long number;
  private long offset;
  private boolean atEnd;

  AgeInput(InputStream file, Identity identity) throws IOException {
    this.in = new BufferedInputStream(file, 2 * SEALED_CHUNK);
    AgeHeader header = AgeHeader.read(in);
    this.id = header.id();
    try (SecretBytes fileKey = header.open(identity)) {
      byte[] nonce = in.readNBytes(AgeOutput.NONCE);
      if (nonce.length < AgeOutput.NONCE) {
        throw new BackupException("the file ends right behind its head");
      }
      this.key = AgeOutput.payloadKey(fileKey, nonce);
      this.offset = header.length() + AgeOutput.NONCE;
    }
  }

  /**
   * What can be said of a file without an identity: its head is well formed and its length is one
   * that a whole file can have. Answers how many chunks there are.
   */
  static long checkFraming(InputStream file, long length) throws IOException {
    AgeHeader header = AgeHeader.read(new BufferedInputStream(file));
    long payload = length - header.length() - AgeOutput.NONCE;
    long last = payload % SEALED_CHUNK;
    if (payload <= ChaCha20Poly1305.TAG || last > 0 && last <= ChaCha20Poly1305.TAG) {
      throw new BackupException("the file ends within a chunk, at byte " + length);
    }
    return (payload + SEALED_CHUNK - 1) / SEALED_CHUNK;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int start, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (next == chunk.length) {
      if (atEnd) {
        return -1;
      }
      nextChunk();
    }
    int some = Math.min(length, chunk.length - next);
    System.arraycopy(chunk, next, bytes, start, some);
    next += some;
    return some;
  }

  private void nextChunk() throws IOException {
    byte[] sealed = in.readNBytes(SEALED_CHUNK);
    in.mark(1);
    boolean last = in.read() < 0;
    in.reset();
    Optional<byte[]> opened =
        ChaCha20Poly1305.open(key, AgeOutput.nonce(number, last), sealed, sealed.length);
    if (opened.isEmpty()) {
      throw damaged(sealed, last);
    }
    Arrays.fill(chunk, (byte) 0);
    chunk = opened.get();
    next = 0;
    number++;
    offset += sealed.length;
    atEnd = last;
    if (last && chunk.length == 0 && number > 1) {
      throw new BackupException("the last chunk is empty" + place());
    }
  }

  private BackupException damaged(byte[] sealed, boolean last) {
    boolean isOther =
        ChaCha20Poly1305.open(key, AgeOutput.nonce(number, !last), sealed, sealed.length)
            .isPresent();
    if (isOther && last) {
      return new BackupException("the file was cut: it ends" + place() + " and is not finished");
    }
    if (isOther) {
      return new BackupException("something follows the end of the backup" + place());
    }
    return new BackupException(
        last && sealed.length < SEALED_CHUNK
            ? "the file is damaged or was cut" + place()
            : "the file is damaged" + place());
  }

  /** By which the file is known ({@link AgeHeader#id}). */
  String id() {
    return id;
  }

  /** Where reading is, for whoever finds something wrong. */
  String place() {
    return " in chunk " + number + ", which begins at byte " + offset;
  }

  @Override
  public void close() throws IOException {
    Arrays.fill(key, (byte) 0);
    Arrays.fill(chunk, (byte) 0);
    in.close();
  }
}
