package dev.strongroom.backup;

import java.io.IOException;

/** A backup that cannot be made, or one that cannot be believed: with the reason and the place. */
public final class BackupException extends IOException {
  public BackupException(String message) {
    super(message);
  }
}
