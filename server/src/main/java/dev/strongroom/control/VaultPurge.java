package dev.strongroom.control;

import dev.strongroom.model.Container;
import dev.strongroom.model.Id;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.model.RuleKind;
import dev.strongroom.store.DueRow;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.Store;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/** Due work: purges a deleted vault when its retention has passed, purge protection or not. */
public final class VaultPurge {
  public static final String KIND = "vault-purge";

  private final Store store;
  private final Supplier<Id> ids;

  public VaultPurge(Store store, Supplier<Id> ids) {
    this.store = store;
    this.ids = ids;
  }

  /**
   * Does the work of one row whose time has come, in one change that also removes the row.
   *
   * @return the origin with the journal number, for the audit record; empty when somebody else has
   *     done the work, or undone the need for it
   */
  public Optional<Origin> run(DueRow row, Instant now) {
    Origin origin =
        new Origin(ids.get(), Operation.VAULT_PURGE_IF_DUE.auditName(), Optional.empty(), now);
    try {
      store.change(
          origin,
          JournalNote.container(row.subject()),
          tx -> {
            if (!tx.removeDue(row)) {
              throw new Overtaken();
            }
            Optional<Container> found = tx.findRule(RuleKind.CONTAINER, row.subject().hex());
            if (found.isPresent() && !found.get().isGone(tx.time())) {
              throw new Overtaken();
            }
            found.ifPresent(container -> Vaults.purge(tx, container));
            return null;
          });
      return Optional.of(origin);
    } catch (Overtaken e) {
      return Optional.empty();
    }
  }

  /** The row was gone, or its time has not come, when the change began: nothing may be done. */
  private static final class Overtaken extends RuntimeException {
    private Overtaken() {
      super(null, null, false, false);
    }
  }
}
