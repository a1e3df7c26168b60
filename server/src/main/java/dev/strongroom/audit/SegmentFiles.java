package dev.strongroom.audit;

import java.io.IOException;
import java.nio.file.Path;

/** The file system as the log needs it; tests put failures in here. */
interface SegmentFiles {
  /** Opens or makes a file; the first write goes to the offset. */
  SegmentFile open(Path file, long offset) throws IOException;

  /** Makes a file of zeros whose blocks are taken; on failure nothing is left. */
  void preallocate(Path file, long length) throws IOException;

  /** Puts the file under the other name, in place of what is there. */
  void rename(Path file, Path name) throws IOException;

  void delete(Path file) throws IOException;

  /** Bytes that can still be taken where the directory is. */
  long usableSpace(Path directory) throws IOException;

  /** Makes new and changed names durable. */
  void forceNames(Path directory) throws IOException;
}
