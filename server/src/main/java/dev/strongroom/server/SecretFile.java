package dev.strongroom.server;

import dev.strongroom.model.SecretBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Secrets of the configuration: the first line of a file, without its line end. */
final class SecretFile {
  private SecretFile() {}

  static SecretBytes firstLine(String setting, Path file) {
    byte[] all;
    try {
      all = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new ConfigException(setting + ": cannot read " + file);
    }
    int end = 0;
    while (end < all.length && all[end] != '\n' && all[end] != '\r') {
      end++;
    }
    byte[] line = Arrays.copyOf(all, end);
    Arrays.fill(all, (byte) 0);
    if (line.length == 0) {
      throw new ConfigException(setting + ": " + file + " has an empty first line");
    }
    return SecretBytes.taking(line);
  }
}
