package dev.strongroom.server;

import dev.strongroom.backup.Identity;
import dev.strongroom.backup.Manifest;
import dev.strongroom.backup.Restore;
import dev.strongroom.local.DataFolder;
import dev.strongroom.local.LocalException;
import dev.strongroom.local.OperatorCommands;
import dev.strongroom.seal.FileSlot;
import dev.strongroom.seal.SlotKey;
import dev.strongroom.store.FolderLock;
import dev.strongroom.store.Loading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code strongroom restore}: a backup into an empty folder or database. */
@Command(
    name = "restore",
    description =
        "Put a backup into an empty folder or database. The server that is started there must be told"
            + " what it is: serve --replaces or serve --clone.")
final class RestoreCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "the backup")
  Path file;

  @Mixin IdentityOptions opening;
  @Mixin StorePlace place;

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description =
          "with --data: the key file of the new key slot, made when it does not exist; with --config"
              + " it is what the settings say")
  Path keyFile;

  @Override
  public Integer call() throws IOException {
    Path folder = place.folder();
    InstantSource clock = InstantSource.system();
    try (Identity identity = opening.required()) {
      DataFolder.prepare(folder, DataFolder.Kind.SERVE);
      try (FolderLock _ = FolderLock.take(folder);
          Loading loading = place.load(clock);
          SlotKey slot = slot(folder)) {
        Manifest restored =
            Restore.run(
                file,
                identity,
                opening.trusted(),
                loading,
                folder.resolve("audit"),
                slot,
                clock.instant(),
                BackupCommand::onStandardError);
        System.out.println("restored: " + BackupCommand.describe(restored));
        System.out.println(
            "Start it once with serve --replaces if the server that this is of is gone for good, or"
                + " with serve --clone if it goes on.");
        place
            .settings()
            .map(Config::node)
            .filter(ours -> !ours.equals(restored.node()))
            .ifPresent(
                ours ->
                    System.out.println(
                        "The backup is of node "
                            + restored.node()
                            + " and has its audit trail: for serve --replaces set node to that, not "
                            + ours
                            + "."));
        return 0;
      }
    }
  }

  private SlotKey slot(Path folder) throws IOException {
    if (place.settings().isPresent()) {
      if (keyFile != null) {
        throw new LocalException("with --config the key slot is what the settings say");
      }
      return FirstSlot.of(place.settings().get());
    }
    if (keyFile == null) {
      throw new LocalException("the new key slot needs a key: give --key-file");
    }
    OperatorCommands.requireOutside(folder, false, keyFile);
    return Files.exists(keyFile) ? FileSlot.load(keyFile) : FileSlot.create(keyFile);
  }
}
