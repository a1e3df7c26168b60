package dev.strongroom.store;

import dev.strongroom.model.Id;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Supplier;

/** The operating system's lock on a data folder: it ends with the process, however that ends. */
public final class FolderLock implements AutoCloseable {
  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /** Takes the lock, or says that another process has it. */
  public static FolderLock take(Path folder) throws IOException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve("strongroom.lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      channel.close();
      throw new IOException("another process is using the folder " + folder);
    }
    return new FolderLock(channel);
  }

  /** The folder's own random id, made the first time. */
  public Id folder(Supplier<Id> ids) throws IOException {
    ByteBuffer kept = ByteBuffer.allocate(16);
    while (kept.hasRemaining() && channel.read(kept, kept.position()) > 0) {
      continue;
    }
    if (!kept.hasRemaining()) {
      return Id.of(kept.array());
    }
    Id made = ids.get();
    ByteBuffer fresh = ByteBuffer.wrap(made.bytes());
    while (fresh.hasRemaining()) {
      channel.write(fresh, fresh.position());
    }
    channel.force(true);
    return made;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
