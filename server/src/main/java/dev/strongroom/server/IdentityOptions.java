package dev.strongroom.server;

import dev.strongroom.backup.Identity;
import dev.strongroom.local.LocalException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What opens a backup, and whose signature it must bear. */
final class IdentityOptions {
  @Option(
      names = {"-i", "--identity"},
      paramLabel = "FILE",
      description = "the identity that the backup is sealed to")
  Path identity;

  @Option(
      names = "--backup-passphrase-file",
      paramLabel = "FILE",
      description = "a file whose first line is the backup's passphrase")
  Path passphraseFile;

  @Option(
      names = "--trust",
      paramLabel = "KEY",
      description = "the audit key (PEM) that was kept elsewhere and must have signed the backup")
  Path trust;

  Optional<Identity> find() throws IOException {
    if (identity != null && passphraseFile != null) {
      throw new LocalException("give --identity or --backup-passphrase-file, not both");
    }
    if (identity != null) {
      return Optional.of(Identity.read(identity));
    }
    return Optional.ofNullable(passphraseFile)
        .map(
            file ->
                new Identity.Passphrase(NamedFile.firstLine("--backup-passphrase-file", file)));
  }

  Identity required() throws IOException {
    return find()
        .orElseThrow(() -> new LocalException("give --identity or --backup-passphrase-file"));
  }

  Optional<Path> trusted() {
    return Optional.ofNullable(trust);
  }
}
