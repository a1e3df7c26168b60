package dev.strongroom.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Set;

/**
 * The folder that a server owns, marked with what made it: a folder of {@code dev} is refused by
 * {@code serve} and the other way round. Only its owner may enter it.
 */
public record DataFolder(Path path, Kind kind) {
  private static final String MARK = "strongroom.kind";
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  public enum Kind {
    DEV,
    SERVE
  }

  /** Makes and marks the folder, or checks the mark that is there. */
  public static DataFolder prepare(Path path, Kind kind) throws IOException {
    if (!Files.exists(path)) {
      Files.createDirectories(path);
      Files.setPosixFilePermissions(path, OWNER_ONLY);
    }
    if (!Files.isDirectory(path)) {
      throw new LocalException(path + " is not a folder");
    }
    if (isEmpty(path)) {
      // there is nothing yet that others may have seen
      Files.setPosixFilePermissions(path, OWNER_ONLY);
    }
    Set<PosixFilePermission> permissions =
        Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS);
    if (!OWNER_ONLY.containsAll(permissions)) {
      throw new LocalException(
          path + " can be entered by others; run: chmod 700 " + path);
    }
    Path mark = path.resolve(MARK);
    if (Files.exists(mark)) {
      String found = Files.readString(mark).strip();
      if (!found.equals(kind.name())) {
        throw new LocalException(
            path
                + " belongs to strongroom "
                + found.toLowerCase(Locale.ROOT)
                + " and not to strongroom "
                + kind.name().toLowerCase(Locale.ROOT)
                + "; choose another folder");
      }
    } else {
      if (!isEmpty(path)) {
        throw new LocalException(path + " is not empty and was not made by Strongroom");
      }
      writePrivate(mark, (kind.name() + "\n").getBytes(StandardCharsets.US_ASCII));
    }
    return new DataFolder(path, kind);
  }

  private static boolean isEmpty(Path path) throws IOException {
    try (var entries = Files.list(path)) {
      return entries.findAny().isEmpty();
    }
  }

  /** A file that only the owner may read, whole or absent. */
  public static void writePrivate(Path file, byte[] content) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    Files.createFile(
        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(fresh, content);
    Files.move(
        fresh,
        file,
        java.nio.file.StandardCopyOption.ATOMIC_MOVE,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }
}
