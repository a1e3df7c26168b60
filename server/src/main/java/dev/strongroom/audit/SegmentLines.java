package dev.strongroom.audit;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * The lines of one segment, one after another, and what its end looks like. A segment is lines,
 * then perhaps a torn one, then perhaps zeros that were preallocated and never written.
 *
 * <p>A write that was cut by a crash of the machine may leave a page of zeros before whole lines,
 * so the first zero byte ends the lines; what follows up to the last other byte is torn.
 */
final class SegmentLines implements AutoCloseable {
  /** More than a line with every text at its limit has. */
  private static final int MAX_LINE = 1 << 20;

  private final InputStream in;
  private byte[] buffer = new byte[256 << 10];
  private int filled;
  private int next;
  private long bufferOffset;
  private int start;
  private int length;
  private long whole;
  private long torn;
  private long zeros;
  private boolean atEnd;

  SegmentLines(InputStream in) {
    this.in = in;
  }

  /** Whether there is another whole line; {@link #start} and {@link #length} then say where. */
  boolean next() throws IOException {
    if (atEnd) {
      return false;
    }
    int from = next;
    while (true) {
      for (int i = from; i < filled; i++) {
        if (buffer[i] == '\n') {
          start = next;
          length = i - next;
          next = i + 1;
          whole = bufferOffset + next;
          return true;
        }
        if (buffer[i] == 0) {
          readTail();
          return false;
        }
      }
      from = filled;
      if (filled - next > MAX_LINE) {
        readTail();
        return false;
      }
      int moved = next;
      if (!fill()) {
        readTail();
        return false;
      }
      from -= moved - next;
    }
  }

  private boolean fill() throws IOException {
    if (next > 0) {
      System.arraycopy(buffer, next, buffer, 0, filled - next);
      bufferOffset += next;
      filled -= next;
      next = 0;
    }
    if (filled == buffer.length) {
      buffer = Arrays.copyOf(buffer, buffer.length * 2);
    }
    int read = in.read(buffer, filled, buffer.length - filled);
    if (read <= 0) {
      return false;
    }
    filled += read;
    return true;
  }

  private void readTail() throws IOException {
    atEnd = true;
    long trailing = 0;
    long all = 0;
    do {
      for (int i = next; i < filled; i++) {
        trailing = buffer[i] == 0 ? trailing + 1 : 0;
      }
      all += filled - next;
      next = filled;
    } while (fill());
    zeros = trailing;
    torn = all - trailing;
  }

  byte[] buffer() {
    return buffer;
  }

  int start() {
    return start;
  }

  /** Without the line end. */
  int length() {
    return length;
  }

  /** Where the newest whole line ends, counted from the start of the segment. */
  long whole() {
    return whole;
  }

  /** After the last line: bytes that are no whole line. */
  long torn() {
    return torn;
  }

  /** After the last line: zeros at the very end. */
  long zeros() {
    return zeros;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
