package dev.strongroom.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A file that a command writes: never over another, and for its owner alone. */
final class NewFile {
  private NewFile() {}

  /** Before anything is asked of the server. */
  static void refuseExisting(Path file) {
    if (Files.exists(file)) {
      throw new CliException(file + " is there already.\nChoose another file.");
    }
  }

  static void write(Path file, String text) throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, text);
  }
}
