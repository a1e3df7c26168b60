package dev.strongroom.audit;

import dev.strongroom.model.ErrorCode;
import java.util.Optional;

/** Takes the record of an answer before the answer leaves. */
public interface Audit extends AutoCloseable {
  /** A record that was taken and may not be written yet. */
  @FunctionalInterface
  interface Taken {
    /**
     * When this returns the record is written to the operating system in chain order (and on disk,
     * where {@code audit.sync} is each). Throws AUDIT_UNAVAILABLE when it cannot be.
     */
    void written();
  }

  /** Takes the record; those taken before the first {@link Taken#written} are written together. */
  Taken take(AuditRecord record);

  /** Takes the record and sees to it that it is written. */
  default void append(AuditRecord record) {
    take(record).written();
  }

  /** Whether records can still be written, so that what cannot be audited is refused early. */
  boolean isAvailable();

  /**
   * Why no change may be made now: its record could not be written without using up the space that is
   * kept for the records of reads and refusals, or would contradict earlier ones.
   */
  Optional<ErrorCode> refusalOfChanges();

  default boolean acceptsChanges() {
    return refusalOfChanges().isEmpty();
  }

  /** Whether an append waits for the disk, so that it may not be made where nothing may wait. */
  default boolean waits() {
    return false;
  }

  @Override
  void close();
}
