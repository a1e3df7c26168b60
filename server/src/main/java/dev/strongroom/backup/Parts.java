package dev.strongroom.backup;

import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;

/** The parts of a backup that has everything, one after another. */
interface Parts extends Closeable {
  /** Which other backup an incremental one is read together with. */
  record Earlier(String id, String created) {}

  Optional<Earlier> base();

  /** The next part; the first is behind what says of which format the backup is. */
  Part next() throws IOException;

  /** What is to be said of a backup whose parts do not make sense, with the place. */
  BackupException refused(String why);

  /** SHA-256 of what the file itself has had before its manifest. */
  String content();

  /** Whether the file has nothing more. */
  boolean isAtEnd() throws IOException;
}
