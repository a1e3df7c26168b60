package dev.strongroom.store;

import java.util.List;
import java.util.Optional;

/** The journal and the named values, which is all that proving an audit trail needs of a store. */
public interface JournalView {
  /** Small named values that must be read before unsealing: installation, slots, checkpoints. */
  Optional<byte[]> meta(String name);

  long journalHead();

  /** Up to {@code limit} records after the given number (0 first), in order. */
  List<JournalRow> journal(long after, int limit);
}
