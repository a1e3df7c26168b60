package dev.strongroom.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
    write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  static void write(Path file, byte[] content) throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(file, content);
  }
}
