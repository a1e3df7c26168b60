package dev.strongroom.server;

import dev.strongroom.local.LocalException;
import dev.strongroom.local.OperatorCommands;
import dev.strongroom.seal.FileSlot;
import dev.strongroom.seal.PassphraseSlot;
import dev.strongroom.seal.SlotKey;
import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** The key of an installation's first slot: what the settings name, or a passphrase that is typed. */
final class FirstSlot {
  private FirstSlot() {}

  static SlotKey of(Config settings) throws IOException {
    Optional<Path> keyFile = settings.unseal().keyFile();
    if (keyFile.isPresent()) {
      Path file = keyFile.get();
      OperatorCommands.requireOutside(settings.data(), false, file);
      return Files.exists(file) ? FileSlot.load(file) : FileSlot.create(file);
    }
    Optional<Path> phraseFile = settings.unseal().passphraseFile();
    if (phraseFile.isPresent()) {
      return PassphraseSlot.of(NamedFile.firstLine("unseal.passphraseFile", phraseFile.get()));
    }
    Console console = System.console();
    if (console == null) {
      throw new LocalException(
          "the first slot needs a key: set unseal.keyFile or unseal.passphraseFile, or run this on"
              + " a terminal and type a passphrase");
    }
    char[] once = console.readPassword("New passphrase: ");
    char[] twice = console.readPassword("Again: ");
    try {
      if (once == null || !Arrays.equals(once, twice)) {
        throw new LocalException("the two passphrases differ");
      }
      return PassphraseSlot.of(once);
    } catch (IllegalArgumentException e) {
      throw new LocalException(e.getMessage());
    } finally {
      if (once != null) {
        Arrays.fill(once, ' ');
      }
      if (twice != null) {
        Arrays.fill(twice, ' ');
      }
    }
  }
}
