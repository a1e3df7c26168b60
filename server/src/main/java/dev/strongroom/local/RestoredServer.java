package dev.strongroom.local;

import dev.strongroom.audit.AuditKey;
import dev.strongroom.audit.ChainCopy;
import dev.strongroom.audit.TrailReader;
import dev.strongroom.backup.Restore;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Id;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.model.RuleKind;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * Decides what a restored server is: the server that was lost, or another one with the same content.
 * Until then it does not serve, because two servers of one installation would give out the same
 * numbers, sign with the same keys and each claim to be the trail.
 */
public final class RestoredServer {
  private RestoredServer() {}

  /** What somebody has said that a restored server is. */
  public enum Purpose {
    /** The lost server goes on: same installation, same token keys, the same audit chain. */
    REPLACES,

    /** Another server: an installation id, token keys, audit key and audit chain of its own. */
    CLONE
  }

  /**
   * To be called before the audit trail is opened, which then writes the record of what is done here.
   * Refuses where nothing is to be decided, and where nobody has.
   *
   * @param trail the folder of the audit trail
   */
  public static void settle(Store store, Path trail, Optional<Purpose> purpose, Instant now)
      throws IOException {
    boolean isUndecided = store.meta(Restore.MARK).isPresent();
    if (!isUndecided && purpose.isPresent()) {
      throw new LocalException(
          "this server was not restored, or was told already what it is; start it without --replaces"
              + " and --clone");
    }
    if (isUndecided) {
      switch (purpose.orElseThrow(RestoredServer::undecided)) {
        case REPLACES -> replace(store, trail, now);
        case CLONE -> makeAnother(store, trail, now);
      }
    }
  }

  private static LocalException undecided() {
    return new LocalException(
        "this server was restored from a backup and must be told what it is: serve --replaces if the"
            + " server that the backup is of is gone for good, serve --clone if it goes on");
  }

  private static void replace(Store store, Path trail, Instant now) throws IOException {
    try (TrailReader chain = new TrailReader(trail, store.node())) {
      if (chain.oldest().isEmpty()) {
        throw new LocalException(
            "the audit trail that came with the backup is of another node than "
                + store.node()
                + "; set node to the name that restore said, since only that one can go on with it");
      }
    }
    store.change(
        origin(Operation.SERVER_REPLACE, now),
        JournalNote.none(),
        tx -> {
          tx.removeMeta(Restore.MARK);
          return null;
        });
  }

  private static void makeAnother(Store store, Path trail, Instant now) throws IOException {
    Id was = Installation.id(store).orElseThrow();
    // first, because a start that finds the mark comes here again
    Path aside = trail.resolveSibling("audit-of-" + was.guid());
    if (Files.exists(trail) && !Files.exists(aside)) {
      Files.move(trail, aside);
    }
    store.change(
        origin(Operation.SERVER_CLONE, now),
        JournalNote.none(),
        tx -> {
          Installation.rename(tx, Randoms.id());
          tx.removeAll(RuleKind.SIGNING_KEY);
          tx.removeMeta(AuditKey.META);
          tx.removeMeta(ChainCopy.CHECKPOINTS);
          tx.removeMeta(ChainCopy.TAKE_OVERS);
          tx.disownJournal("@" + was.guid());
          tx.removeMeta(Restore.MARK);
          return null;
        });
  }

  private static Origin origin(Operation operation, Instant now) {
    return new Origin(Randoms.id(), operation.auditName(), Optional.empty(), now);
  }
}
