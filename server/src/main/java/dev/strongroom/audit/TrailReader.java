package dev.strongroom.audit;

import dev.strongroom.crypto.Digests;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Reads the lines of a node's chain from its files, one after another, behind whoever writes them. It
 * is told up to where they are whole, and never waits for the writer nor makes it wait.
 */
public final class TrailReader implements AutoCloseable {
  private static final int LONGEST = 2 << 20;

  private final Path directory;
  private final String node;
  private RandomAccessFile file;
  private long offset;
  private byte[] buffer = new byte[64 << 10];
  private int from;
  private int filled;
  private long seq;

  /**
   * One line, without its end.
   *
   * @param prev the hash of the line before, as this one has it
   */
  public record Line(long seq, byte[] bytes, String prev) {
    public Optional<Instant> time() {
      return ChainLine.time(bytes, 0, bytes.length);
    }

    /** What the next line has as {@link #prev}. */
    public String hash() {
      return HexFormat.of().formatHex(Digests.sha256(bytes));
    }
  }

  public TrailReader(Path directory, String node) {
    this.directory = directory;
    this.node = node;
  }

  /** The number of the oldest record that is there; empty while there is no segment. */
  public Optional<Long> oldest() throws IOException {
    List<SegmentName> segments = segments();
    return segments.isEmpty() ? Optional.empty() : Optional.of(segments.getFirst().first());
  }

  /** The next line is the one behind this record. */
  public void seek(long record) throws IOException {
    close();
    seq = record;
  }

  /**
   * The next line, where its number is not beyond this.
   *
   * @param whole up to where lines are whole and stay as they are
   */
  public Optional<Line> next(long whole) throws IOException {
    if (seq >= whole) {
      return Optional.empty();
    }
    if (file == null) {
      open(seq + 1);
    }
    Optional<byte[]> bytes = line();
    if (bytes.isEmpty()) {
      // the segment has ended, so the next one begins here
      open(seq + 1);
      bytes = line();
    }
    byte[] line = bytes.orElseThrow(() -> notThere(seq + 1));
    ChainLine read =
        ChainLine.read(line, 0, line.length)
            .filter(its -> its.seq() == seq + 1)
            .orElseThrow(() -> notThere(seq + 1));
    seq++;
    return Optional.of(new Line(seq, line, read.prev()));
  }

  private IOException notThere(long record) {
    return new IOException("record " + record + " of the audit trail is not where it should be");
  }

  private List<SegmentName> segments() throws IOException {
    return SegmentName.list(directory).getOrDefault(node, List.of());
  }

  private void open(long record) throws IOException {
    SegmentName found =
        segments().stream()
            .filter(segment -> segment.first() <= record)
            .reduce((one, later) -> later)
            .orElseThrow(() -> notThere(record));
    close();
    file = new RandomAccessFile(found.file().toFile(), "r");
    for (long at = found.first(); at < record; at++) {
      if (line().isEmpty()) {
        throw notThere(record);
      }
    }
  }

  /** Empty at the end of what the file has now. */
  private Optional<byte[]> line() throws IOException {
    int at = from;
    while (true) {
      for (; at < filled; at++) {
        if (buffer[at] == '\n') {
          byte[] line = Arrays.copyOfRange(buffer, from, at);
          offset += at + 1 - from;
          from = at + 1;
          return Optional.of(line);
        }
        if (buffer[at] == 0) {
          // preallocated: what is written here later must be read again
          from = 0;
          filled = 0;
          return Optional.empty();
        }
      }
      int scanned = at - from;
      System.arraycopy(buffer, from, buffer, 0, filled - from);
      filled -= from;
      from = 0;
      at = scanned;
      if (filled == buffer.length) {
        if (filled > LONGEST) {
          throw new IOException("a line of the audit trail has no end");
        }
        buffer = Arrays.copyOf(buffer, buffer.length * 2);
      }
      file.seek(offset + filled);
      int read = file.read(buffer, filled, buffer.length - filled);
      if (read <= 0) {
        filled = 0;
        return Optional.empty();
      }
      filled += read;
    }
  }

  @Override
  public void close() throws IOException {
    offset = 0;
    from = 0;
    filled = 0;
    if (file != null) {
      file.close();
      file = null;
    }
  }
}
