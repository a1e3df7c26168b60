package dev.strongroom.backup;

/** Hears how far a backup, a restore or a move has come. */
@FunctionalInterface
public interface Progress {
  Progress SILENT = (part, done) -> {};

  /**
   * @param part a table or an audit segment
   * @param done rows, or bytes of a segment, so far
   */
  void at(String part, long done);
}
