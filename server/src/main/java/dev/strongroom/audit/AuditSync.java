package dev.strongroom.audit;

/** When a record reaches the disk, as the setting {@code audit.sync} says it. */
public enum AuditSync {
  /** Behind the answer, all records of a few milliseconds together. */
  GROUP,
  /** Before the answer, shared by all that wait at the same time. */
  EACH
}
