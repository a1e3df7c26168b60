package dev.strongroom.server;

import dev.strongroom.audit.Verification;
import dev.strongroom.audit.Verifier;
import dev.strongroom.cli.Settings;
import dev.strongroom.local.AuditPrune;
import dev.strongroom.local.LocalException;
import dev.strongroom.model.VaultException;
import dev.strongroom.store.OpenSql;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code strongroom audit}; {@code verify} proves the trail of a folder without a server. */
@Command(
    name = "audit",
    description = "The audit trail.",
    subcommands = {AuditCommand.Verify.class, AuditPrune.class})
final class AuditCommand {
  @Command(
      name = "verify",
      description = "Prove the audit trail of a data folder; exits with 1 at the first bad place.")
  static final class Verify implements Callable<Integer> {
    @Option(names = "--data", paramLabel = "DIR", description = "the data folder")
    Path data;

    @Option(
        names = "--trust",
        paramLabel = "KEY",
        description = "the audit key (PEM) that was kept elsewhere")
    Path trust;

    @Option(
        names = "--config",
        paramLabel = "FILE",
        description = "the server's settings; needed where the store is PostgreSQL")
    Path config;

    @Option(
        names = "--node",
        paramLabel = "NAME",
        description = "the node of this folder (default: that of --config, or node-1)")
    String node;

    @Override
    public Integer call() throws IOException {
      Optional<Config> settings =
          Optional.ofNullable(config).map(file -> ConfigFile.read(file, System.getenv()));
      Path folder =
          Optional.ofNullable(data)
              .or(() -> settings.map(Config::data))
              .orElseGet(() -> Settings.defaultDevFolder(System.getenv()));
      String chain =
          Optional.ofNullable(node).or(() -> settings.map(Config::node)).orElse("node-1");
      if (!Files.isDirectory(folder)) {
        throw new LocalException(folder + " is not a data folder");
      }
      try (OpenSql.OpenJournal journal = journal(folder, settings)) {
        Verification found =
            new Verifier(journal.view(), chain).verify(folder, Optional.ofNullable(trust));
        if (!found.isClean()) {
          System.out.println("BAD " + found.bad().orElseThrow());
          return 1;
        }
        System.out.println(
            "clean: "
                + found.records()
                + " records in "
                + found.segments()
                + " segments, "
                + found.checkpoints()
                + " checkpoints, "
                + found.changes()
                + " changes, "
                + found.recovered()
                + " recovered, "
                + found.repairs()
                + " repairs, "
                + found.uncovered()
                + " after the last checkpoint, "
                + found.pending()
                + " pending"
                + (found.elsewhere() == 0
                    ? ""
                    : ", " + found.elsewhere() + " of nodes whose chains are elsewhere"));
        found.pruned().forEach(gone -> System.out.println("pruned: " + gone));
        return 0;
      } catch (VaultException e) {
        System.out.println("BAD store: its journal cannot be read; the log says why");
        return 1;
      }
    }

    private static OpenSql.OpenJournal journal(Path folder, Optional<Config> settings)
        throws IOException {
      Optional<Config.Store> shared =
          settings.map(Config::store).filter(s -> s.kind() == Config.StoreKind.POSTGRES);
      if (shared.isPresent()) {
        return OpenSql.readJournal(Wiring.postgres(shared.get()));
      }
      if (!OpenSql.isStore(folder)) {
        throw new LocalException(
            "there is no store in " + folder + "; give --config if it is in PostgreSQL");
      }
      return OpenSql.readJournal(folder);
    }
  }
}
