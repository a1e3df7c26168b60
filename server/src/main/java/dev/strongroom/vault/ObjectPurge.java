package dev.strongroom.vault;

import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Collection;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.store.DueRow;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.ObjectRow;
import dev.strongroom.store.Store;
import java.time.Instant;
import java.util.Optional;

/**
 * Due work: purges a deleted object of one collection when its retention has passed, purge
 * protection or not.
 */
public final class ObjectPurge {
  private final Collection collection;
  private final Operation operation;
  private final Store store;

  public ObjectPurge(Collection collection, Operation operation, Store store) {
    this.collection = collection;
    this.operation = operation;
    this.store = store;
  }

  /** What its due rows are called. */
  public static String kind(Collection collection) {
    return collection.singular() + "-purge";
  }

  /**
   * Does the work of one row whose time has come, in one change that also removes the row.
   *
   * @return the origin with the journal number, for the audit record; empty when somebody else has
   *     done the work, or undone the need for it
   */
  public Optional<Origin> run(DueRow row, Instant now) {
    Origin origin = new Origin(Randoms.id(), operation.auditName(), Optional.empty(), now);
    try {
      store.change(
          origin,
          JournalNote.object(row.container(), collection, row.subject(), Optional.empty()),
          tx -> {
            if (!tx.removeDue(row)) {
              throw new Raced();
            }
            Optional<ObjectRow> found = tx.findObject(row.subject());
            if (found.isPresent() && !found.get().isGone(tx.time())) {
              throw new Raced();
            }
            found.ifPresent(object -> Objects.purge(tx, object));
            return null;
          });
      return Optional.of(origin);
    } catch (Raced e) {
      return Optional.empty();
    }
  }
}
