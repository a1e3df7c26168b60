package dev.strongroom.server;

import dev.strongroom.local.LocalException;
import dev.strongroom.store.FormatCheck;
import dev.strongroom.store.Loading;
import dev.strongroom.store.OpenSql;
import dev.strongroom.store.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which store a command on the machine is about: that of a configuration, or that of a folder. */
final class StorePlace {
  @Option(names = "--config", paramLabel = "FILE", description = "the server's settings")
  Path config;

  @Option(names = "--data", paramLabel = "DIR", description = "the data folder of an embedded store")
  Path data;

  Optional<Config> settings() {
    return Optional.ofNullable(config).map(file -> ConfigFile.read(file, System.getenv()));
  }

  /** The data folder. */
  Path folder() {
    return Optional.ofNullable(data)
        .or(() -> settings().map(Config::data))
        .orElseThrow(() -> new LocalException("give --config FILE or --data DIR"));
  }

  private Optional<Config.Store> shared() {
    return settings().map(Config::store).filter(s -> s.kind() == Config.StoreKind.POSTGRES);
  }

  /** In words, for people. */
  String title() {
    return shared().flatMap(Config.Store::url).orElseGet(() -> folder().toString());
  }

  FormatCheck checkFormat() throws IOException {
    Optional<Config.Store> shared = shared();
    return shared.isPresent()
        ? OpenSql.checkFormat(Wiring.postgres(shared.get()))
        : OpenSql.checkFormat(folder());
  }

  OpenSql.OpenJournal journal() throws IOException {
    Optional<Config.Store> shared = shared();
    return shared.isPresent()
        ? OpenSql.readJournal(Wiring.postgres(shared.get()))
        : OpenSql.readJournal(folder());
  }

  Snapshot snapshot() throws IOException {
    Optional<Config.Store> shared = shared();
    return shared.isPresent()
        ? OpenSql.snapshot(Wiring.postgres(shared.get()))
        : OpenSql.snapshot(folder());
  }

  /** The caller holds the lock of the folder. */
  Loading load(InstantSource clock) throws IOException {
    Optional<Config.Store> shared = shared();
    return shared.isPresent()
        ? OpenSql.load(Wiring.postgres(shared.get()), clock)
        : OpenSql.load(folder(), clock);
  }
}
