package dev.strongroom.audit;

/** Takes the record of an answer before the answer leaves. */
public interface Audit extends AutoCloseable {
  /**
   * Appends the record; when this returns it is written to the operating system in chain order (and
   * on disk, where {@code audit.sync} is each). Throws AUDIT_UNAVAILABLE when it cannot be.
   */
  void append(AuditRecord record);

  /** Whether records can still be written, so that what cannot be audited is refused early. */
  boolean isAvailable();

  /**
   * Whether a change may be made now: its record can be written without using up the space that is
   * kept for the records of reads and refusals.
   */
  default boolean acceptsChanges() {
    return isAvailable();
  }

  /** Whether an append waits for the disk, so that it may not be made where nothing may wait. */
  default boolean waits() {
    return false;
  }

  @Override
  void close();
}
