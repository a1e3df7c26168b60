package dev.strongroom.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What is kept of a log-in until the log-out: one file of the user's, of mode 0600. */
record Profile(Path file) {
  static Profile of(Map<String, String> environment) {
    String home = environment.getOrDefault("STRONGROOM_HOME", "");
    String xdg = environment.getOrDefault("XDG_CONFIG_HOME", "");
    Path folder =
        !home.isBlank()
            ? Path.of(home)
            : (xdg.isBlank() ? Path.of(System.getProperty("user.home"), ".config") : Path.of(xdg))
                .resolve("strongroom");
    return new Profile(folder.resolve("profile.json"));
  }

  Optional<JsonNode> read() {
    try {
      return Files.exists(file)
          ? Optional.of(Client.JSON.readTree(Files.readString(file)))
          : Optional.empty();
    } catch (IOException | JacksonException e) {
      throw new CliException("Cannot read " + file + ".\nLog in again: strongroom login");
    }
  }

  void write(ObjectNode kept) {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.createDirectories(file.getParent());
      Files.deleteIfExists(fresh);
      Files.createFile(
          fresh,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.write(fresh, Client.JSON.writeValueAsBytes(kept));
      Files.move(
          fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new CliException("Cannot write " + file + ".");
    }
  }

  /** Whether there was one. */
  boolean remove() {
    try {
      return Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new CliException("Cannot remove " + file + ".");
    }
  }
}
