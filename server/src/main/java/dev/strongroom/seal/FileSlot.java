package dev.strongroom.seal;

import dev.strongroom.crypto.AesGcm;
import dev.strongroom.crypto.ProcessMemory;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.SecretBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * A key file: a line that names the format, a line with 32 random bytes in base64url. It must
 * belong to the user of the server and be closed to everybody else, or belong to root, who may then
 * let one group read it: so do systemd's credentials and Kubernetes' mounted secrets look.
 */
public final class FileSlot implements SlotKey {
  private static final byte[] FORMAT_LINE =
      "strongroom-slot-key-v1\n".getBytes(StandardCharsets.US_ASCII);
  private static final int KEY_CHARACTERS = 43;
  private static final int LENGTH = FORMAT_LINE.length + KEY_CHARACTERS + 1;

  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private static final int ROOT = 0;

  private static final Set<PosixFilePermission> OTHERS =
      EnumSet.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.GROUP_EXECUTE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE,
          PosixFilePermission.OTHERS_EXECUTE);

  private final SecretBytes key;

  private FileSlot(SecretBytes key) {
    this.key = key;
  }

  /** A key that is in no file: whoever forgets it has shut what it opens for good. */
  public static FileSlot unwritten() {
    return new FileSlot(SecretBytes.taking(Randoms.bytes(AesGcm.KEY)));
  }

  /** Makes a new key file of mode 0600, on disk before this returns; an existing one is kept. */
  public static FileSlot create(Path file) throws IOException {
    SecretBytes key = SecretBytes.taking(Randoms.bytes(AesGcm.KEY));
    byte[] encoded = Base64.getUrlEncoder().withoutPadding().encode(key.exposed());
    ByteBuffer content = ByteBuffer.allocate(LENGTH).put(FORMAT_LINE).put(encoded).put((byte) '\n');
    content.flip();
    try (FileChannel channel =
        FileChannel.open(
            file,
            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
      while (content.hasRemaining()) {
        channel.write(content);
      }
      channel.force(true);
    } finally {
      Arrays.fill(encoded, (byte) 0);
      Arrays.fill(content.array(), (byte) 0);
    }
    try (FileChannel folder =
        FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    }
    return new FileSlot(key);
  }

  /** Refuses, with the reason, a file that others may read or own or that is no key file. */
  public static FileSlot load(Path file) throws IOException {
    refuseIfOpenToOthers(file);
    byte[] content = new byte[LENGTH + 1];
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
        // until the end of the file or one byte more than a key file has
      }
      return new FileSlot(
          parse(content, buffer.position())
              .orElseThrow(() -> refusal(file, "it is not a Strongroom slot key file")));
    } finally {
      Arrays.fill(content, (byte) 0);
    }
  }

  @Override
  public Slots.Kind kind() {
    return Slots.Kind.FILE;
  }

  @Override
  public Optional<Slots.Derivation> newDerivation() {
    return Optional.empty();
  }

  @Override
  public SecretBytes derive(Optional<Slots.Derivation> derivation) {
    return SecretBytes.taking(key.exposed().clone());
  }

  @Override
  public void close() {
    key.close();
  }

  @Override
  public String toString() {
    return "FileSlot[redacted]";
  }

  private static void refuseIfOpenToOthers(Path file) throws IOException {
    Optional<Integer> user = ProcessMemory.user();
    Optional<String> objection =
        objection(
            Files.getPosixFilePermissions(file),
            (Integer) Files.getAttribute(file, "unix:uid"),
            user);
    if (objection.isPresent()) {
      throw refusal(file, objection.get());
    }
  }

  /** What speaks against a file of this mode and owner; the user is not known on every platform. */
  static Optional<String> objection(
      Set<PosixFilePermission> mode, int owner, Optional<Integer> user) {
    boolean isHandedOver = owner == ROOT && user.isPresent() && user.get() != ROOT;
    Set<PosixFilePermission> tooMuch = EnumSet.copyOf(OTHERS);
    if (isHandedOver) {
      tooMuch.remove(PosixFilePermission.GROUP_READ);
    }
    if (!Collections.disjoint(mode, tooMuch)) {
      return Optional.of(
          "its mode is "
              + PosixFilePermissions.toString(mode)
              + ", but it must be closed to everybody but its owner (chmod 600)");
    }
    if (user.isPresent() && user.get() != owner && !isHandedOver) {
      return Optional.of("it belongs to user " + owner + ", not to this user or root");
    }
    return Optional.empty();
  }

  private static Optional<SecretBytes> parse(byte[] content, int length) {
    int end = length == LENGTH && content[length - 1] == '\n' ? length - 1 : length;
    if (end != LENGTH - 1
        || !Arrays.equals(content, 0, FORMAT_LINE.length, FORMAT_LINE, 0, FORMAT_LINE.length)) {
      return Optional.empty();
    }
    byte[] encoded = Arrays.copyOfRange(content, FORMAT_LINE.length, end);
    try {
      return Optional.of(SecretBytes.taking(Base64.getUrlDecoder().decode(encoded)));
    } catch (IllegalArgumentException e) {
      // not carried on, because the message quotes a character of the key
      return Optional.empty();
    } finally {
      Arrays.fill(encoded, (byte) 0);
    }
  }

  private static FileSystemException refusal(Path file, String reason) {
    return new FileSystemException(file.toString(), null, reason);
  }
}
