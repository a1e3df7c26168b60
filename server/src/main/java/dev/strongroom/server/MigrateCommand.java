package dev.strongroom.server;

import dev.strongroom.backup.Manifest;
import dev.strongroom.local.DataFolder;
import dev.strongroom.local.LocalException;
import dev.strongroom.local.StoreMove;
import dev.strongroom.store.FolderLock;
import dev.strongroom.store.FormatCheck;
import dev.strongroom.store.StoppedStore;
import dev.strongroom.store.StoreMark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code strongroom migrate}: what a new program would do to a store, and moves between stores. */
@Command(
    name = "migrate",
    description = "Look at the format of a store, or move it between SQLite and PostgreSQL.")
final class MigrateCommand implements Callable<Integer> {
  @Mixin StorePlace place;

  @ArgGroup(multiplicity = "1")
  Wanted wanted;

  /** One of three things. */
  static final class Wanted {
    @Option(
        names = "--check",
        description =
            "say which format the store has and which steps this program would run, and change"
                + " nothing; exits with 1 when it could not run them")
    boolean check;

    @Option(
        names = "--to",
        paramLabel = "FILE",
        description =
            "move everything in the store of --config, whose nodes are stopped, to the empty store"
                + " of these settings")
    Path to;

    @Option(
        names = "--undo",
        description = "make a store count again that was moved elsewhere")
    boolean undo;
  }

  @Override
  public Integer call() throws IOException {
    if (wanted.check) {
      return check();
    }
    if (place.config == null || place.data != null) {
      throw new LocalException("give --config FILE, the settings of the store as it is now");
    }
    Config from = ConfigFile.read(place.config, System.getenv());
    if (!Files.isDirectory(from.data())) {
      throw new LocalException(from.data() + " is not a folder");
    }
    DataFolder.prepare(from.data(), DataFolder.Kind.SERVE);
    try (FolderLock _ = FolderLock.take(from.data())) {
      return wanted.undo ? undo(from) : move(from, ConfigFile.read(wanted.to, System.getenv()));
    }
  }

  private int check() throws IOException {
    FormatCheck found = place.checkFormat();
    System.out.println("store     " + place.title());
    System.out.println("format    " + found.applied().size() + steps(found.applied()));
    System.out.println(
        found.missing().isEmpty()
            ? "to run    nothing"
            : "to run    " + String.join(", ", found.missing()));
    found.obstacles().forEach(why -> System.out.println("CANNOT    " + why));
    return found.isPossible() ? 0 : 1;
  }

  private static String steps(List<String> applied) {
    return applied.isEmpty() ? "" : " (" + applied.getLast() + ")";
  }

  private static int move(Config from, Config to) throws IOException {
    boolean isSameFolder = Files.exists(to.data()) && Files.isSameFile(from.data(), to.data());
    if (!isSameFolder || !from.node().equals(to.node())) {
      throw new LocalException(
          "both settings must have the same data and node: the audit trail stays in its folder");
    }
    if (from.store().kind() == to.store().kind() && from.store().url().equals(to.store().url())) {
      throw new LocalException("both settings name the same store");
    }
    InstantSource clock = InstantSource.system();
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    try (StoppedStore source = leaving(from);
        StoppedStore target =
            to.store().kind() == Config.StoreKind.SQLITE
                ? StoppedStore.arriving(to.data(), clock)
                : StoppedStore.arriving(Wiring.postgres(to.store()), clock)) {
      Map<String, Manifest.Digest> moved =
          StoreMove.run(source, target, now, BackupCommand::onStandardError);
      moved.forEach(
          (table, digest) ->
              System.out.printf("%-16s %10d  %s%n", table, digest.count(), digest.sha256()));
      System.out.println(
          "moved "
              + moved.values().stream().mapToLong(Manifest.Digest::count).sum()
              + " rows in "
              + moved.size()
              + " tables from "
              + source.title()
              + " to "
              + target.title()
              + "; both were read and have these digests");
      System.out.println("Serve the second from now on; the first is kept as it was and refused.");
      return 0;
    }
  }

  private static StoppedStore leaving(Config from) throws IOException {
    return from.store().kind() == Config.StoreKind.SQLITE
        ? StoppedStore.leaving(from.data())
        : StoppedStore.leaving(Wiring.postgres(from.store()), from.node());
  }

  private static int undo(Config from) throws IOException {
    try (StoppedStore store = leaving(from)) {
      StoreMark mark =
          store
              .mark()
              .filter(found -> found.kind() == StoreMark.Kind.MOVED)
              .orElseThrow(() -> new LocalException(store.title() + " was not moved elsewhere"));
      store.mark(Optional.empty());
      System.out.println(
          store.title()
              + " counts again, as it was at "
              + mark.since()
              + ". Empty "
              + mark.other()
              + ": it must not be served too, and what was changed there is not here.");
      return 0;
    }
  }
}
