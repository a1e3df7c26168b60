package dev.strongroom.server;

import dev.strongroom.local.LocalException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Folders of {@code dev --ephemeral}: one per process below a folder of the user's in the temporary
 * directory. A process that was killed leaves its folder; the next one removes it, unless its lock
 * says that it is alive.
 */
final class EphemeralFolder {
  private static final String LOCK = "ephemeral.lock";

  private EphemeralFolder() {}

  static Path make() throws IOException {
    Path parent =
        Path.of(System.getProperty("java.io.tmpdir"), "strongroom-" + System.getProperty("user.name"));
    if (!Files.isDirectory(parent, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectory(
          parent, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    if (!Files.getOwner(parent).getName().equals(System.getProperty("user.name"))) {
      throw new LocalException(parent + " belongs to somebody else");
    }
    sweep(parent);
    Path folder = Files.createTempDirectory(parent, "dev-");
    hold(folder);
    return folder.resolve("data");
  }

  /** Removes the folder made by {@link #make}, with everything in it. */
  static void remove(Path data) {
    delete(data.getParent());
  }

  // The lock lives as long as the process: the channel is never closed on purpose.
  private static void hold(Path folder) throws IOException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (channel.tryLock() == null) {
      throw new LocalException(folder + " is in use");
    }
    HELD.add(channel);
  }

  private static final List<FileChannel> HELD = new java.util.concurrent.CopyOnWriteArrayList<>();

  private static void sweep(Path parent) throws IOException {
    try (Stream<Path> folders = Files.list(parent)) {
      for (Path folder : folders.toList()) {
        if (isAbandoned(folder)) {
          delete(folder);
        }
      }
    }
  }

  private static boolean isAbandoned(Path folder) throws IOException {
    Path lock = folder.resolve(LOCK);
    if (!Files.exists(lock)) {
      // because another process may be between making its folder and locking it
      return Files.getLastModifiedTime(folder).toMillis()
          < System.currentTimeMillis() - 60_000;
    }
    try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
        FileLock held = channel.tryLock()) {
      return held != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + folder, e);
    }
  }
}
