package dev.strongroom.server;

import dev.strongroom.crypto.ProcessMemory;
import dev.strongroom.local.DataFolder;
import dev.strongroom.local.Installation;
import dev.strongroom.local.LocalException;
import dev.strongroom.local.OperatorCommands;
import dev.strongroom.local.RestoredServer;
import dev.strongroom.seal.FileSlot;
import dev.strongroom.seal.PassphraseSlot;
import dev.strongroom.seal.SlotKey;
import dev.strongroom.seal.SlotMismatch;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code strongroom serve}: the real server. */
@Command(name = "serve", description = "Run the server of an installation.")
final class ServeCommand implements Callable<Integer> {
  private static final System.Logger LOG = System.getLogger(ServeCommand.class.getName());

  @Option(names = "--config", paramLabel = "FILE", required = true, description = "the settings")
  Path config;

  @ArgGroup Copy copy;

  /** Needed once, for a server that was restored from a backup. */
  static final class Copy {
    @Option(
        names = "--replaces",
        description = "this restored server is the one that was lost, which never runs again")
    boolean replaces;

    @Option(
        names = "--clone",
        description = "this restored server is another one: new installation id, token keys, trail")
    boolean isClone;

    RestoredServer.Purpose purpose() {
      return replaces ? RestoredServer.Purpose.REPLACES : RestoredServer.Purpose.CLONE;
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Config settings = ConfigFile.read(config, System.getenv());
    Logging.write(settings.log().format(), settings.node());
    ProcessMemory.Protection protection = ProcessMemory.protect();
    if (!protection.isComplete()) {
      LOG.log(Level.WARNING, "core dumps could not be switched off: {0}", protection);
    }
    DataFolder.prepare(settings.data(), DataFolder.Kind.SERVE);
    Wiring server = Wiring.open(settings, Wiring.Mode.SERVE, InstantSource.system());
    try {
      if (!Installation.isComplete(server.store)) {
        throw new LocalException(
            "there is no finished installation in "
                + settings.data()
                + "; run: strongroom init --config "
                + config);
      }
      server.settle(Optional.ofNullable(copy).map(Copy::purpose));
      server.build(settings.listeners(Config.ListenerRole.API).getFirst().port());
      unseal(server, settings);
      server.listen();
      server.listenAdmin();
      server.loadTheRest();
      OrderlyEnd.closes(server);
      LOG.log(
          Level.INFO,
          (server.seal.isSealed()
                  ? "ready and sealed; open it with: strongroom unseal --data " + settings.data()
                  : "ready")
              + "; listening on "
              + server.addresses());
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
    OrderlyEnd.await();
    return 0;
  }

  private static void unseal(Wiring server, Config settings) throws IOException {
    Optional<Path> keyFile = settings.unseal().keyFile();
    Optional<Path> phraseFile = settings.unseal().passphraseFile();
    if (keyFile.isEmpty() && phraseFile.isEmpty()) {
      return;
    }
    keyFile.ifPresent(file -> OperatorCommands.requireOutside(settings.data(), false, file));
    try (SlotKey key =
        keyFile.isPresent()
            ? FileSlot.load(keyFile.get())
            : PassphraseSlot.of(
                NamedFile.firstLine("unseal.passphraseFile", phraseFile.get()))) {
      server.unseal(key);
    } catch (SlotMismatch e) {
      throw new LocalException("no slot opens with the configured key");
    }
  }
}
