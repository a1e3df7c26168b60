package dev.strongroom.audit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A real disk with a made-up amount of free space: bytes beyond what a file already occupies are
 * taken from it, and a write that does not fit writes what does and fails, as a disk does.
 */
final class FakeFiles implements SegmentFiles {
  private final DiskFiles disk = new DiskFiles();
  private long free;
  final AtomicBoolean failTruncate = new AtomicBoolean();
  final AtomicBoolean failForce = new AtomicBoolean();
  final AtomicInteger forces = new AtomicInteger();
  final AtomicInteger writes = new AtomicInteger();

  FakeFiles(long free) {
    this.free = free;
  }

  synchronized void free(long bytes) {
    free = bytes;
  }

  synchronized long free() {
    return free;
  }

  /** What can be written of these bytes; takes the space. */
  private synchronized long take(long bytes) {
    long taken = Math.min(free, bytes);
    free -= taken;
    return taken;
  }

  private synchronized void give(long bytes) {
    free += bytes;
  }

  @Override
  public SegmentFile open(Path file, long offset) throws IOException {
    SegmentFile opened = disk.open(file, offset);
    return new Limited(opened, file.toFile().length(), offset);
  }

  @Override
  public void preallocate(Path file, long length) throws IOException {
    long taken = take(length);
    if (taken < length) {
      give(taken);
      throw new IOException("No space left on device");
    }
    disk.preallocate(file, length);
  }

  @Override
  public void rename(Path file, Path name) throws IOException {
    disk.rename(file, name);
  }

  @Override
  public void delete(Path file) throws IOException {
    give(file.toFile().length());
    disk.delete(file);
  }

  @Override
  public synchronized long usableSpace(Path directory) {
    return free;
  }

  @Override
  public void forceNames(Path directory) throws IOException {
    disk.forceNames(directory);
  }

  private final class Limited implements SegmentFile {
    private final SegmentFile file;
    private long size;
    private long at;

    private Limited(SegmentFile file, long size, long at) {
      this.file = file;
      this.size = size;
      this.at = at;
    }

    @Override
    public void write(byte[] bytes, int start, int length) throws IOException {
      writes.incrementAndGet();
      long grows = Math.max(0, at + length - size);
      long taken = take(grows);
      int possible = (int) (length - grows + taken);
      file.write(bytes, start, possible);
      at += possible;
      size = Math.max(size, at);
      if (possible < length) {
        throw new IOException("No space left on device");
      }
    }

    @Override
    public void force() throws IOException {
      forces.incrementAndGet();
      if (failForce.get()) {
        throw new IOException("Input/output error");
      }
      file.force();
    }

    @Override
    public void truncate(long length) throws IOException {
      if (failTruncate.get()) {
        throw new IOException("Input/output error");
      }
      file.truncate(length);
      give(size - length);
      size = length;
      at = length;
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
