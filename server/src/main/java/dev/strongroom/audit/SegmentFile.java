package dev.strongroom.audit;

import java.io.IOException;

/** One open segment; writes go where the last one ended. */
interface SegmentFile {
  void write(byte[] bytes, int start, int length) throws IOException;

  /** What was written is on disk when this returns. */
  void force() throws IOException;

  /** Cuts the file; the next write goes to its end. */
  void truncate(long length) throws IOException;

  void close() throws IOException;
}
