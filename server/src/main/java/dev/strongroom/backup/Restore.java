package dev.strongroom.backup;

import dev.strongroom.model.Id;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.seal.Seal;
import dev.strongroom.seal.SlotKey;
import dev.strongroom.seal.Slots;
import dev.strongroom.seal.WrappedKeys;
import dev.strongroom.model.Sealed;
import dev.strongroom.store.Loading;
import dev.strongroom.store.Table;
import dev.strongroom.store.TableRow;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Puts a backup into an empty store and an empty audit folder. Everything is there when it returns,
 * with one new key slot and a mark that keeps the server from serving until somebody has said what
 * this copy is for; otherwise nothing is.
 */
public final class Restore implements BackupReader.Visitor {
  /** The small value of a store that was restored and not yet told what for. */
  public static final String MARK = "restored";

  private final Loading loading;
  private final Path trailFolder;
  private final SlotKey slot;
  private final Instant now;
  private final List<Path> written = new ArrayList<>();
  private Optional<SecretBytes> rootKey = Optional.empty();
  private Optional<Slots> were = Optional.empty();
  private Optional<WrappedKeys.Wrapped> systemKey = Optional.empty();
  private final List<WrappedKeys.Wrapped> keys = new ArrayList<>();
  private String segment = "";
  private FileChannel open;

  private Restore(Loading loading, Path trailFolder, SlotKey slot, Instant now) {
    this.loading = loading;
    this.trailFolder = trailFolder;
    this.slot = slot;
    this.now = now;
  }

  /**
   * @param loading where rows go; committed here, closed by the caller
   * @param trailFolder where audit segments go
   * @param slot the way to open the restored server
   */
  public static Manifest run(
      Path file,
      Identity identity,
      Optional<Path> trusted,
      Loading loading,
      Path trailFolder,
      SlotKey slot,
      Instant now,
      Progress progress)
      throws IOException {
    requireEmpty(trailFolder);
    Restore restore = new Restore(loading, trailFolder, slot, now);
    boolean done = false;
    try {
      Manifest manifest = BackupReader.read(file, identity, trusted, restore, progress);
      restore.finish(manifest);
      done = true;
      return manifest;
    } finally {
      restore.rootKey.ifPresent(SecretBytes::close);
      restore.closeSegment();
      if (!done) {
        for (Path each : restore.written) {
          Files.deleteIfExists(each);
        }
      }
    }
  }

  private static void requireEmpty(Path trailFolder) throws IOException {
    if (Files.isDirectory(trailFolder)) {
      try (Stream<Path> entries = Files.list(trailFolder)) {
        if (entries.findAny().isPresent()) {
          throw new BackupException(trailFolder + " is not empty; nothing was changed");
        }
      }
    }
  }

  @Override
  public void rootKey(SecretBytes key) {
    rootKey = Optional.of(key);
  }

  @Override
  public void row(TableRow row) throws IOException {
    if (row.table() == Table.WRAPPED_KEY) {
      keys.add(
          new WrappedKeys.Wrapped(
              Id.of(row.bytes(0)), (int) row.number(1), Sealed.read(row.bytes(2))));
    }
    if (row.table() == Table.META && row.text(0).equals(ServerBackup.SLOTS)) {
      were = Optional.of(Slots.read(row.bytes(1)));
      return;
    }
    if (row.table() == Table.META && row.text(0).equals(MARK)) {
      // of a restored server that was backed up before it was told what for
      return;
    }
    loading.add(row);
  }

  @Override
  public void segment(String file, byte[] bytes) throws IOException {
    if (!file.equals(segment)) {
      closeSegment();
      Files.createDirectories(
          trailFolder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Path path = trailFolder.resolve(file);
      open =
          FileChannel.open(
              path,
              EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      written.add(path);
      segment = file;
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      open.write(buffer);
    }
  }

  private void closeSegment() throws IOException {
    if (open != null) {
      open.force(true);
      open.close();
      open = null;
    }
  }

  private void finish(Manifest manifest) throws IOException {
    closeSegment();
    Slots before = were.orElseThrow(() -> new BackupException("the backup has no key slots"));
    systemKey =
        keys.stream()
            .filter(key -> key.owner().equals(before.installation()))
            .reduce((one, newer) -> newer);
    Slots slots =
        Seal.newSlots(
            before,
            rootKey.orElseThrow(),
            systemKey.orElseThrow(() -> new BackupException("the backup has no system key")),
            slot,
            "restored",
            now);
    meta(ServerBackup.SLOTS, slots.bytes());
    meta(MARK, (manifest.created() + " " + now).getBytes(StandardCharsets.US_ASCII));
    loading.commit();
  }

  private void meta(String name, byte[] value) throws IOException {
    loading.add(new TableRow(Table.META, List.of(name, value)));
  }
}
