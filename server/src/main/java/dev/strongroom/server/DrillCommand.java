package dev.strongroom.server;

import dev.strongroom.backup.Identity;
import dev.strongroom.local.Drill;
import dev.strongroom.local.DrillReport;
import dev.strongroom.local.LocalException;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.FileSlot;
import dev.strongroom.seal.PassphraseSlot;
import dev.strongroom.seal.SlotKey;
import dev.strongroom.store.OpenSql;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code strongroom drill}: proves that the newest backup would bring the server back. */
@Command(
    name = "drill",
    description =
        "Restore the newest backup into a folder that nothing serves and that is removed afterwards,"
            + " open every value in it, measure, and write a signed report; exits with 1 when"
            + " anything did not hold.",
    subcommands = DrillCommand.Verify.class)
final class DrillCommand implements Callable<Integer> {
  private static final System.Logger LOG = System.getLogger(DrillCommand.class.getName());
  private static final String AUDIT_KEY = "audit/audit-key.pub";

  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      description = "the backup, in place of --backups")
  Path file;

  @Option(
      names = "--backups",
      paramLabel = "DIR",
      description = "the folder of backups, of which the newest file *.age is taken")
  Path backups;

  @Mixin IdentityOptions opening;
  @Mixin StorePlace place;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "where the report is written (default: beside the backup, with the time)")
  Path reportFile;

  @Override
  public Integer call() throws IOException {
    if ((file == null) == (backups == null)) {
      throw new LocalException("give the backup, or --backups and the folder that it is in");
    }
    InstantSource clock = InstantSource.system();
    Instant started = clock.instant();
    Path backup = file == null ? Drill.newest(backups) : file;
    Path to =
        Optional.ofNullable(reportFile)
            .orElseGet(
                () ->
                    backup.resolveSibling(
                        backup.getFileName()
                            + ".drill-"
                            + started.truncatedTo(ChronoUnit.SECONDS).toString().replace(':', '-')));
    if (Files.exists(to)) {
      throw new LocalException(to + " is there already; choose another file with --report");
    }
    DrillReport report;
    Path scratch = EphemeralFolder.make();
    try (Identity identity = opening.required()) {
      Drill drill =
          new Drill(
              new Drill.Wanted(
                  backup,
                  identity,
                  opening.trusted().or(this::ownKey),
                  scratch,
                  "Strongroom " + VersionCommand.version()),
              started,
              clock,
              BackupCommand::onStandardError);
      drill.run();
      lookAtTheLiveStore(drill);
      report = drill.end();
    } finally {
      EphemeralFolder.remove(scratch);
    }
    Files.write(to, report.bytes(), StandardOpenOption.CREATE_NEW);
    print(report);
    System.out.println("report    " + to + (report.isSigned() ? "" : " (not signed)"));
    return report.isPassed() ? 0 : 1;
  }

  /** On the machine of the server its audit key is there; elsewhere somebody has to bring it. */
  private Optional<Path> ownKey() {
    return hasPlace()
        ? Optional.of(place.folder().resolve(AUDIT_KEY)).filter(Files::exists)
        : Optional.empty();
  }

  private boolean hasPlace() {
    return place.config != null || place.data != null;
  }

  private void lookAtTheLiveStore(Drill drill) {
    if (!hasPlace()) {
      drill.unreachable("no --config or --data was given");
      return;
    }
    boolean isReached = false;
    try (OpenSql.OpenJournal live = place.journal()) {
      drill.compareWith(live.view());
      isReached = true;
      if (!drill.hasSigner()) {
        Optional<SlotKey> slot = slot();
        if (slot.isPresent()) {
          try (SlotKey key = slot.get()) {
            drill.signWith(live, key);
          }
        }
      }
    } catch (IOException | ConfigException | VaultException e) {
      if (isReached) {
        LOG.log(Level.WARNING, "the live store''s key cannot be had: {0}", e.getMessage());
      } else {
        drill.unreachable(e.getMessage());
      }
    }
  }

  private Optional<SlotKey> slot() throws IOException {
    Optional<Config.Unseal> unseal = place.settings().map(Config::unseal);
    Optional<Path> keyFile = unseal.flatMap(Config.Unseal::keyFile);
    Optional<Path> phraseFile = unseal.flatMap(Config.Unseal::passphraseFile);
    if (keyFile.isPresent()) {
      return Optional.of(FileSlot.load(keyFile.get()));
    }
    return phraseFile.map(
        phrase -> PassphraseSlot.of(NamedFile.firstLine("unseal.passphraseFile", phrase)));
  }

  private static void print(DrillReport report) {
    JsonNode found = report.found();
    System.out.println(report.isPassed() ? "PASSED" : "FAILED");
    found.path("failures").forEach(why -> System.out.println("BAD       " + why.asString()));
    JsonNode backup = found.path("backup");
    System.out.println(
        "backup    " + backup.path("file").asString() + " of " + backup.path("created").asString("?"));
    JsonNode checked = found.path("checked");
    if (checked.has("versions")) {
      System.out.println(
          "checked   "
              + checked.path("rowsCompared").asLong()
              + " rows, "
              + checked.path("objects").asLong()
              + " objects with "
              + checked.path("versions").asLong()
              + " values opened in "
              + checked.path("vaults").asLong()
              + " vaults, "
              + checked.path("auditRecords").asLong()
              + " audit records");
    }
    JsonNode rto = found.path("rto");
    System.out.println(
        rto.has("seconds")
            ? "RTO       "
                + rto.path("seconds").asDouble()
                + " s until a value could be read, "
                + rto.path("allCheckedSeconds").asDouble()
                + " s until everything was checked"
            : "RTO       none: no value could be read");
    JsonNode rpo = found.path("rpo");
    if (rpo.has("seconds")) {
      System.out.println(
          "RPO       "
              + rpo.path("seconds").asDouble()
              + " s against "
              + rpo.path("against").asString()
              + (rpo.has("missingChanges")
                  ? "; " + rpo.path("missingChanges").asLong() + " changes are not in the backup"
                  : ""));
    }
  }

  /** {@code strongroom drill verify}: whether a report is what a drill wrote. */
  @Command(
      name = "verify",
      description = "Check the signature of a report; exits with 1 unless it fits and the drill passed.")
  static final class Verify implements Callable<Integer> {
    @Parameters(paramLabel = "REPORT", description = "the report")
    Path file;

    @Option(
        names = "--trust",
        paramLabel = "KEY",
        required = true,
        description = "the audit key (PEM) of the installation, kept elsewhere")
    Path trust;

    @Override
    public Integer call() throws IOException {
      DrillReport report = DrillReport.read(Files.readAllBytes(file));
      if (!report.isSignedBy(trust)) {
        System.out.println(
            report.isSigned()
                ? "BAD the signature is not that of " + trust
                : "BAD the report is not signed");
        return 1;
      }
      System.out.println("signed by " + trust);
      print(report);
      return report.isPassed() ? 0 : 1;
    }
  }
}
