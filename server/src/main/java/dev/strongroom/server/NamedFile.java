package dev.strongroom.server;

import dev.strongroom.crypto.TrustedAuthorities;
import dev.strongroom.model.SecretBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** What settings name files for: secrets, which are the first line without its end, and trust. */
final class NamedFile {
  private NamedFile() {}

  private static byte[] bytes(String setting, Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new ConfigException(setting + ": cannot read " + file);
    }
  }

  static SecretBytes firstLine(String setting, Path file) {
    byte[] all = bytes(setting, file);
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

  /** The same, and shows a certificate of ours to whoever asks for one. */
  static SSLContext trust(
      String setting, Optional<Path> authorities, Path certificate, Path key) {
    try (SecretBytes secret = SecretBytes.taking(Files.readAllBytes(key))) {
      return TrustedAuthorities.with(
          authorities.isPresent()
              ? Optional.of(Files.readAllBytes(authorities.get()))
              : Optional.empty(),
          Files.readAllBytes(certificate),
          secret);
    } catch (IOException e) {
      throw new ConfigException(setting + ": cannot read " + e.getMessage());
    } catch (IllegalArgumentException e) {
      throw new ConfigException(setting + ": " + e.getMessage());
    }
  }

  /** TLS that trusts the authorities of a file, and without one those of the JDK. */
  static SSLContext trust(String setting, Optional<Path> file) {
    return file.map(named -> TrustedAuthorities.only(authorities(setting, named)))
        .orElseGet(TrustedAuthorities::ofTheSystem);
  }

  /** Authorities in PEM, at least one. */
  static byte[] authorities(String setting, Path file) {
    byte[] all = bytes(setting, file);
    try {
      TrustedAuthorities.only(all);
      return all;
    } catch (IllegalArgumentException e) {
      throw new ConfigException(setting + ": " + file + ": " + e.getMessage());
    }
  }
}
