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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * Folders of {@code dev --ephemeral} and of {@code drill}: one per process below a folder of the user's
 * in the temporary directory. A process that was killed leaves its folder; the next of either removes
 * it, unless its lock says that it is alive.
 */
final class EphemeralFolder {
  private static final String LOCK = "ephemeral.lock";
  private static final String PREFIX = "dev-";

  // A folder's lock lives as long as the process: these are never closed on purpose.
  private static final List<FileChannel> HELD = new CopyOnWriteArrayList<>();

  private EphemeralFolder() {}

  static Path make() throws IOException {
    return make(parent());
  }

  static Path make(Path parent) throws IOException {
    if (!Files.isDirectory(parent, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectory(
          parent, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    requireOurs(parent);
    try (FileChannel _ = turn(parent)) {
      removeAbandoned(parent);
      Path folder = Files.createTempDirectory(parent, PREFIX);
      FileChannel channel = open(folder.resolve(LOCK));
      if (channel.tryLock() == null) {
        throw new LocalException(folder + " is in use");
      }
      HELD.add(channel);
      return folder.resolve("data");
    }
  }

  /** Removes what killed processes left; there may be nothing. */
  static void sweep() throws IOException {
    sweep(parent());
  }

  static void sweep(Path parent) throws IOException {
    if (!Files.isDirectory(parent, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    requireOurs(parent);
    try (FileChannel _ = turn(parent)) {
      removeAbandoned(parent);
    }
  }

  /** Removes the folder made by {@link #make}, with everything in it. */
  static void remove(Path data) {
    delete(data.getParent());
  }

  private static Path parent() {
    String temporary = System.getenv("TMPDIR");
    return Path.of(
        temporary == null || temporary.isBlank()
            ? System.getProperty("java.io.tmpdir")
            : temporary,
        "strongroom-" + System.getProperty("user.name"));
  }

  private static void requireOurs(Path parent) throws IOException {
    if (!Files.getOwner(parent, LinkOption.NOFOLLOW_LINKS)
        .getName()
        .equals(System.getProperty("user.name"))) {
      throw new LocalException(parent + " belongs to somebody else");
    }
  }

  // because one that is being made, but is not locked yet, looks abandoned
  private static FileChannel turn(Path parent) throws IOException {
    FileChannel channel = open(parent.resolve("turn.lock"));
    FileLock lock = channel.lock();
    if (!lock.isValid()) {
      throw new IOException("cannot lock " + parent);
    }
    return channel;
  }

  private static void removeAbandoned(Path parent) throws IOException {
    List<Path> folders;
    try (Stream<Path> all = Files.list(parent)) {
      folders =
          all.filter(path -> path.getFileName().toString().startsWith(PREFIX))
              .filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
              .toList();
    }
    for (Path folder : folders) {
      if (isAbandoned(folder)) {
        delete(folder);
      }
    }
  }

  private static boolean isAbandoned(Path folder) throws IOException {
    Path lock = folder.resolve(LOCK);
    if (!Files.exists(lock)) {
      return true;
    }
    try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
        FileLock held = channel.tryLock()) {
      return held != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  // A process that stops by itself removes its folder while another may look at it.
  private static void delete(Path folder) {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + folder, e);
    }
  }
}
