package dev.strongroom.store;

import dev.strongroom.model.Origin;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Where everything durable lives. Reads outside a change see the newest commit.
 *
 * <p>Invariants, for every implementation:
 *
 * <ul>
 *   <li>All changes of all nodes run one after another under one write lock, so a closure sees every
 *       earlier change and needs no retry.
 *   <li>A closure reads, checks, and writes through its {@link Tx} only; it does no cryptography, no
 *       parsing and no waiting.
 *   <li>A change that returns has exactly one journal record; one that throws has none and no other
 *       effect, and its neighbours in the same commit are untouched.
 *   <li>Journal numbers are dense from 1 and in commit order; journal times never fall.
 *   <li>{@link #change} returns after the commit is durable. Where a database went away in the
 *       middle, the journal decides whether it was made; a caller who cannot wait for that is told
 *       STORE_OUTCOME_UNKNOWN and never that it failed.
 * </ul>
 */
public interface Store extends Reads, AutoCloseable {

  /** What a change does; it may throw {@link dev.strongroom.model.VaultException} to refuse. */
  @FunctionalInterface
  interface Change<T> {
    T apply(Tx tx);
  }

  /**
   * Runs the closure as one durable change with one journal record made from the origin and the
   * note, and writes the journal number back into the origin.
   */
  <T> T change(Origin origin, JournalNote note, Change<T> change);

  /**
   * Writes a small named value without a journal record; durable when this returns. Only for what
   * describes the journal from outside, such as the newest audit checkpoint of a node.
   */
  void putMeta(String name, byte[] value);

  /**
   * Whether this node, and for so long no other, is to do what is due; the change that does it then
   * removes the row. A store of one node grants it always.
   */
  default boolean lease(DueRow due, Duration lasting) {
    return true;
  }

  /**
   * Hears the journal numbers of changes whose callers had been told STORE_OUTCOME_UNKNOWN, once it
   * is known that they were made.
   */
  default void onUnanswered(LongConsumer journalNumbers) {}

  /**
   * Hears of every change of objects, made here or on another node, once their rows as they were are
   * found no more: the rows, or that all may have changed.
   */
  void onChanges(Consumer<Set<Long>> objects, Runnable all);

  /** This node among those on a shared database; empty where there can be only one. */
  default Optional<Nodes> nodes() {
    return Optional.empty();
  }

  /** The node's own name, as journal records carry it. */
  String node();

  /** Bytes that the store occupies on disk, or -1 when it does not know. */
  long size();

  @Override
  void close();
}
