package dev.strongroom.backup;

import java.io.IOException;

/** A backup that cannot be made, or one that cannot be believed: with the reason and the place. */
public final class BackupException extends IOException {
  // because a file that somebody made may name things as a terminal would obey them
  private static final String CONTROLS = "[\\x00-\\x1f\\x7f-\\x9f]";

  public BackupException(String message) {
    super(message.replaceAll(CONTROLS, "?"));
  }
}
