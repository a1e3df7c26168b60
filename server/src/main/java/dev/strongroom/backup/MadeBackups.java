package dev.strongroom.backup;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The newest backups that a node made, a small file each in a folder of the node. There is no secret
 * in them, and nothing that a restored backup would be believed for.
 */
final class MadeBackups {
  static final int MOST = 500;
  private static final String SUFFIX = ".json";

  private final Path folder;

  MadeBackups(Path folder) {
    this.folder = folder;
  }

  MadeBackup find(String id) throws IOException {
    if (!id.matches("[0-9a-f]{64}")) {
      throw new BackupException("that is no backup");
    }
    try {
      return MadeBackup.read(Files.readAllBytes(folder.resolve(id + SUFFIX)));
    } catch (NoSuchFileException e) {
      throw new BackupException(
          "this node did not make that backup, or made it too long ago; make one without --since");
    }
  }

  void keep(MadeBackup made) throws IOException {
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path file = folder.resolve(made.id() + SUFFIX);
    Path partial = folder.resolve(made.id() + ".new");
    try {
      write(partial, made.bytes());
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(partial);
    }
    forgetOldest();
  }

  private static void write(Path file, byte[] content) throws IOException {
    try (FileChannel out =
        FileChannel.open(
            file,
            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
  }

  private void forgetOldest() throws IOException {
    List<Path> kept = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
      files.forEach(kept::add);
    }
    Map<Path, FileTime> times = new HashMap<>();
    for (Path each : kept) {
      times.put(each, Files.getLastModifiedTime(each));
    }
    kept.sort(Comparator.comparing(times::get));
    for (Path old : kept.subList(0, Math.max(0, kept.size() - MOST))) {
      Files.delete(old);
    }
  }
}
