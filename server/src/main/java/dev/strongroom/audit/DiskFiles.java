package dev.strongroom.audit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Segments on a disk. Writes go through RandomAccessFile, because an interrupt of a request's
 * thread would close a FileChannel under everybody.
 */
final class DiskFiles implements SegmentFiles {
  private static final int CHUNK = 1 << 20;

  @Override
  public SegmentFile open(Path file, long offset) throws IOException {
    create(file);
    RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw");
    opened.seek(offset);
    return new Disk(opened);
  }

  @Override
  public void preallocate(Path file, long length) throws IOException {
    create(file);
    boolean isWhole = false;
    try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
      byte[] zeros = new byte[(int) Math.min(CHUNK, length)];
      for (long left = length; left > 0; left -= zeros.length) {
        opened.write(zeros, 0, (int) Math.min(left, zeros.length));
      }
      opened.getFD().sync();
      isWhole = true;
    } finally {
      if (!isWhole) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static void create(Path file) throws IOException {
    if (!Files.exists(file)) {
      Files.createFile(
          file,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
  }

  @Override
  public void rename(Path file, Path name) throws IOException {
    Files.move(file, name, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
  }

  @Override
  public long usableSpace(Path directory) throws IOException {
    return Files.getFileStore(directory).getUsableSpace();
  }

  @Override
  public void forceNames(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private record Disk(RandomAccessFile file) implements SegmentFile {
    @Override
    public void write(byte[] bytes, int start, int length) throws IOException {
      file.write(bytes, start, length);
    }

    @Override
    public void force() throws IOException {
      file.getChannel().force(false);
    }

    @Override
    public void truncate(long length) throws IOException {
      file.setLength(length);
      file.seek(length);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
