package dev.strongroom.ship;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far a destination has been served: the newest record that is known to be there, and its hash, by
 * which a chain that was put back from a backup is told from the one that was shipped.
 */
record Position(long seq, String hash) {
  private static final Pattern TEXT = Pattern.compile("([0-9]{1,18}) ([0-9a-f]{64})\n");

  /** Empty where there is none, or none that can be read. */
  static Optional<Position> read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Matcher found = TEXT.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
    return found.matches()
        ? Optional.of(new Position(Long.parseLong(found.group(1)), found.group(2)))
        : Optional.empty();
  }

  /** It is on disk when this returns. */
  void write(Path file) throws IOException {
    Path partial = file.resolveSibling(file.getFileName() + ".tmp");
    Files.deleteIfExists(partial);
    try (FileChannel out =
        FileChannel.open(
            partial,
            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer text =
          ByteBuffer.wrap((seq + " " + hash + '\n').getBytes(StandardCharsets.US_ASCII));
      while (text.hasRemaining()) {
        out.write(text);
      }
      out.force(true);
    }
    Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
