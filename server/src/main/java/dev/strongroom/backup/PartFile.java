package dev.strongroom.backup;

import dev.strongroom.crypto.Digests;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;

/** The parts of one file, as they are in it. */
final class PartFile implements Parts {
  private final Path file;
  private final AgeInput in;
  private final MessageDigest content = Digests.newSha256();
  private Optional<Earlier> base = Optional.empty();

  private PartFile(Path file, AgeInput in) {
    this.file = file;
    this.in = in;
  }

  static PartFile open(Path file, Identity identity) throws IOException {
    InputStream raw = Files.newInputStream(file);
    try {
      PartFile parts = new PartFile(file, new AgeInput(raw, identity));
      parts.begin();
      return parts;
    } catch (IOException | RuntimeException e) {
      raw.close();
      throw e;
    }
  }

  private void begin() throws IOException {
    Part first = next();
    boolean isIncremental = first.text().equals(Manifest.INCREMENTAL);
    if (first.kind() != 'V' || !isIncremental && !first.text().equals(Manifest.WHOLE)) {
      throw refused("the backup is of another version of the format: " + first.text());
    }
    if (isIncremental) {
      Part named = next();
      String[] words = named.text().split(" ");
      if (named.kind() != 'B' || words.length != 2) {
        throw refused("the backup does not say what it is to be read together with");
      }
      base = Optional.of(new Earlier(words[0], words[1]));
    }
  }

  @Override
  public Optional<Earlier> base() {
    return base;
  }

  String id() {
    return in.id();
  }

  Path file() {
    return file;
  }

  @Override
  public Part next() throws IOException {
    byte[] head = bytes(5);
    if (head.length < 5) {
      throw refused("the backup ends without its manifest");
    }
    int length = ByteBuffer.wrap(head).getInt(1);
    if (length < 0 || length > BackupWriter.LONGEST_PART) {
      throw refused("a part has an impossible length");
    }
    byte[] bytes = bytes(length);
    if (bytes.length < length) {
      throw refused("a part is cut");
    }
    if (head[0] != 'M' && head[0] != 'S') {
      content.update(head);
      content.update(bytes);
    }
    return new Part((char) head[0], bytes);
  }

  private byte[] bytes(int length) throws IOException {
    try {
      return in.readNBytes(length);
    } catch (BackupException e) {
      throw new BackupException(file + ": " + e.getMessage());
    }
  }

  @Override
  public BackupException refused(String why) {
    return new BackupException(file + ": " + why + in.place());
  }

  @Override
  public String content() {
    return HexFormat.of().formatHex(content.digest());
  }

  @Override
  public boolean isAtEnd() throws IOException {
    return bytes(1).length == 0;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
