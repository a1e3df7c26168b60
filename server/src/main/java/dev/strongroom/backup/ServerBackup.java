package dev.strongroom.backup;

import dev.strongroom.audit.AuditKey;
import dev.strongroom.audit.AuditLog;
import dev.strongroom.audit.ChainCopy;
import dev.strongroom.model.Id;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.seal.Seal;
import dev.strongroom.seal.Slots;
import dev.strongroom.store.Snapshot;
import dev.strongroom.store.SqlStore;
import dev.strongroom.store.Table;
import dev.strongroom.store.TableRow;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Makes backups of a running server: all rows as one commit left them, the root key that opens them,
 * and the node's audit trail up to that moment. Nobody waits for it.
 */
public final class ServerBackup {
  /** Under which name a store keeps its key slots. */
  static final String SLOTS = "slots";

  private static final System.Logger LOG = System.getLogger(ServerBackup.class.getName());
  private static final int TRIES = 3;

  private final SqlStore store;
  private final Seal seal;
  private final AuditLog trail;
  private final Path trailFolder;
  private final MadeBackups made;
  private final AuditKey signer;
  private final Id installation;
  private final String program;
  private final InstantSource clock;

  /**
   * @param made the folder where this node keeps what an incremental backup has to know
   * @param program name and version of what writes
   */
  public ServerBackup(
      SqlStore store,
      Seal seal,
      AuditLog trail,
      Path trailFolder,
      Path made,
      AuditKey signer,
      Id installation,
      String program,
      InstantSource clock) {
    this.store = store;
    this.seal = seal;
    this.trail = trail;
    this.trailFolder = trailFolder;
    this.made = new MadeBackups(made);
    this.signer = signer;
    this.installation = installation;
    this.program = program;
    this.clock = clock;
  }

  /**
   * Writes a backup.
   *
   * @param since the id of a backup of this node; what is in it is left out
   * @param beginning hears what the backup is of before the first byte is written
   */
  public Manifest write(
      OutputStream out,
      List<Recipient> recipients,
      Optional<String> since,
      Consumer<Manifest> beginning,
      Progress progress)
      throws IOException {
    Optional<MadeBackup> base = Optional.empty();
    if (since.isPresent()) {
      base = Optional.of(made.find(since.get()));
    }
    try (AuditLog.Held _ = trail.hold();
        Moment moment = moment()) {
      if (base.isPresent()) {
        base.get().requireBefore(moment.of, moment.snapshot);
      }
      beginning.accept(moment.of);
      return write(moment, out, recipients, base, progress);
    }
  }

  private Manifest write(
      Moment moment,
      OutputStream out,
      List<Recipient> recipients,
      Optional<MadeBackup> base,
      Progress progress)
      throws IOException {
    try (AgeOutput age = new AgeOutput(out, recipients)) {
      BackupWriter writer = new BackupWriter(age, base, progress);
      writer.rootKey(moment.rootKey);
      for (Table table : Table.values()) {
        writer.table(moment.snapshot, table);
      }
      for (String segment : moment.chain.segments()) {
        writer.segment(moment.chain, segment);
      }
      Manifest written = writer.finish(moment.of, signer);
      age.finish();
      keep(MadeBackup.of(age.id(), written, moment.snapshot));
      return written;
    }
  }

  private void keep(MadeBackup backup) {
    try {
      made.keep(backup);
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "a backup was made, and no incremental one can follow it: " + e.getMessage());
    }
  }

  /** Rows, root key and trail of one moment. */
  private record Moment(Snapshot snapshot, SecretBytes rootKey, ChainCopy chain, Manifest of)
      implements AutoCloseable {
    @Override
    public void close() throws IOException {
      rootKey.close();
      snapshot.close();
    }
  }

  private Moment moment() throws IOException {
    for (int i = 0; i < TRIES; i++) {
      // before the snapshot, so that what is lost with the server is never less than it seems
      Instant created = clock.instant();
      long written = trail.newest();
      Snapshot snapshot = store.snapshot();
      try {
        Slots slots =
            Slots.read(
                snapshot
                    .meta(SLOTS)
                    .orElseThrow(() -> new BackupException("the store has no key slots")));
        Optional<SecretBytes> rootKey = seal.rootKey(slots);
        if (rootKey.isPresent()) {
          ChainCopy chain =
              ChainCopy.of(
                  trailFolder,
                  store.node(),
                  written,
                  snapshot.meta(ChainCopy.CHECKPOINTS + store.node()));
          return new Moment(snapshot, rootKey.get(), chain, of(created, snapshot, slots, chain));
        }
        // the root key was rotated since the snapshot
        snapshot.close();
      } catch (IOException | RuntimeException e) {
        snapshot.close();
        throw e;
      }
    }
    throw new BackupException("the root key is being rotated; run the command again");
  }

  private Manifest of(Instant created, Snapshot snapshot, Slots slots, ChainCopy chain)
      throws IOException {
    try (Snapshot.Rows head = snapshot.rows(Table.JOURNAL_HEAD)) {
      TableRow row = head.next().orElseThrow(() -> new BackupException("there is no journal"));
      return new Manifest(
          installation,
          store.node(),
          program,
          created,
          row.number(1),
          slots.rootGeneration(),
          chain.last(),
          Map.of(),
          List.of(),
          "",
          signer.id(),
          Optional.empty());
    }
  }
}
