package dev.strongroom.vault;

import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Collection;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.store.DueRow;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.ObjectRow;
import dev.strongroom.store.Store;
import dev.strongroom.store.Tx;
import java.time.Instant;
import java.util.Optional;

/** Due work: purges a deleted secret when its retention has passed, purge protection or not. */
public final class SecretPurge {
  public static final String KIND = "secret-purge";

  private final Store store;

  public SecretPurge(Store store) {
    this.store = store;
  }

  /**
   * Does the work of one row whose time has come, in one change that also removes the row.
   *
   * @return the origin with the journal number, for the audit record; empty when somebody else has
   *     done the work, or undone the need for it
   */
  public Optional<Origin> run(DueRow row, Instant now) {
    Origin origin =
        new Origin(
            Randoms.id(), Operation.SECRET_PURGE_IF_DUE.auditName(), Optional.empty(), now);
    try {
      store.change(
          origin,
          JournalNote.object(
              row.container(), Collection.SECRETS, row.subject(), Optional.empty()),
          tx -> {
            if (!tx.removeDue(row)) {
              throw new Overtaken();
            }
            Optional<ObjectRow> found = tx.findObject(row.subject());
            if (found.isPresent() && !found.get().isGone(tx.time())) {
              throw new Overtaken();
            }
            found.ifPresent(object -> purge(tx, object));
            return null;
          });
      return Optional.of(origin);
    } catch (Overtaken e) {
      return Optional.empty();
    }
  }

  static void purge(Tx tx, ObjectRow object) {
    tx.purge(object);
    tx.removeDue(KIND, object.id());
  }

  /** The row was gone or changed, or its time has not come, so nothing may be done. */
  private static final class Overtaken extends RuntimeException {
    private Overtaken() {
      super(null, null, false, false);
    }
  }
}
