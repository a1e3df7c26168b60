package dev.strongroom.ship;

import dev.strongroom.audit.TrailReader;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A file of JSON lines that a collector follows. The trail's own files are not fit for that: their ends
 * are zeros until they are written, and nobody else may read their folder. At a size the file is named
 * {@code FILE.1} and a new one begun.
 */
public final class FileDestination implements Destination {
  private final Path path;
  private final long mostBytes;
  private final int keep;
  private FileChannel channel;
  private OutputStream out;
  private long size;

  /**
   * @param mostBytes at this size another file is begun
   * @param keep how many older ones are left
   */
  public FileDestination(Path path, long mostBytes, int keep) {
    this.path = path;
    this.mostBytes = mostBytes;
    this.keep = keep;
  }

  @Override
  public void send(TrailReader.Line line) throws IOException {
    if (channel == null) {
      open();
    }
    int length = line.bytes().length + 1;
    if (size > 0 && size + length > mostBytes) {
      finish();
      rotate();
      open();
    }
    out.write(line.bytes());
    out.write('\n');
    size += length;
  }

  // opened anew for each batch, so that whoever moves the file away is followed
  private void open() throws IOException {
    if (!Files.exists(path)) {
      Files.createFile(path);
      // so that a collector may read it whatever the umask is
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r-----"));
    }
    channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    size = endOfLines();
    channel.truncate(size);
    channel.position(size);
    out = new BufferedOutputStream(Channels.newOutputStream(channel), 64 << 10);
  }

  /** Where the last whole line ends; a crash or a full disk may leave a part of one behind it. */
  private long endOfLines() throws IOException {
    ByteBuffer block = ByteBuffer.allocate(64 << 10);
    for (long end = channel.size(); end > 0; ) {
      long start = Math.max(0, end - block.capacity());
      block.clear().limit((int) (end - start));
      while (block.hasRemaining()) {
        if (channel.read(block, start + block.position()) < 0) {
          throw new IOException(path + " changed while it was read");
        }
      }
      for (int at = block.position() - 1; at >= 0; at--) {
        if (block.get(at) == '\n') {
          return start + at + 1;
        }
      }
      end = start;
    }
    return 0;
  }

  private Path older(int number) {
    return path.resolveSibling(path.getFileName() + "." + number);
  }

  private void rotate() throws IOException {
    Files.deleteIfExists(older(keep));
    for (int number = keep - 1; number >= 1; number--) {
      if (Files.exists(older(number))) {
        Files.move(older(number), older(number + 1));
      }
    }
    Files.move(path, older(1));
  }

  private void finish() throws IOException {
    out.flush();
    channel.force(true);
    channel.close();
    channel = null;
  }

  @Override
  public void flush() throws IOException {
    if (channel != null) {
      out.flush();
    }
  }

  @Override
  public void confirm() throws IOException {
    if (channel != null) {
      finish();
    }
  }

  @Override
  public void abandon() {
    FileChannel open = channel;
    channel = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        // what it had is sent again in any case
        return;
      }
    }
  }

  @Override
  public void close() {
    // a file keeps nobody waiting; whoever writes it ends it
  }

  @Override
  public String toString() {
    return "file " + path;
  }
}
