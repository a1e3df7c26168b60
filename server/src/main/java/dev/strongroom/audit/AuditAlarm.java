package dev.strongroom.audit;

/**
 * Hears what an operator must know about the audit trail. It is called on whatever thread noticed
 * and must return soon.
 */
@FunctionalInterface
public interface AuditAlarm {
  /** What is wrong; {@link #integrity} tells tampering and loss from trouble that passes. */
  enum Kind {
    /** A record could not be written where it should go. */
    WRITE_FAILED(false),
    /** The reserve is used or cannot be made: changes are to be refused until it is whole. */
    RESERVE_IN_USE(false),
    /** The reserve is whole again. */
    RESERVE_RESTORED(false),
    /** The disk did not take what was written; nothing is appended until the next start. */
    SYNC_FAILED(false),
    /** A checkpoint could not be made or not be stored; it is tried again. */
    CHECKPOINT_FAILED(false),
    /** A line of the chain does not follow from the one before. */
    CHAIN_DAMAGED(true),
    /** The chain is shorter than, or differs from, what the store's checkpoint says. */
    CHAIN_SHORTENED(true),
    /** The store's journal is shorter than the chain says: an older database was put back. */
    JOURNAL_BEHIND(true),
    /** A checkpoint is not signed by the installation's audit key. */
    CHECKPOINT_FORGED(true);

    private final boolean integrity;

    Kind(boolean integrity) {
      this.integrity = integrity;
    }

    public boolean integrity() {
      return integrity;
    }
  }

  void raised(Kind kind, String what);
}
