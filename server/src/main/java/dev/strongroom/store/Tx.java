package dev.strongroom.store;

import dev.strongroom.model.Collection;
import dev.strongroom.model.Id;
import dev.strongroom.model.Rule;
import dev.strongroom.model.RuleKind;
import java.time.Instant;
import java.util.Optional;

/** The writes of one change. Only inside {@link Store#change}, only on its thread. */
public interface Tx extends Reads {
  /** The time of this change: the origin's, or the newest journal time where that is later. */
  Instant time();

  /** The number that this change's journal record will have. */
  long journalNumber();

  /**
   * What {@link #findHead} would answer, from memory where nobody else can have changed it: for what
   * is to be added behind the head. Whoever writes the head itself anew reads it with {@link
   * #findHead}, lest a row that was changed outside be made good again unseen.
   */
  default Optional<Found> knownHead(Id container, Collection collection, String foldedName) {
    return findHead(container, collection, foldedName);
  }

  /** Inserts an object and returns it with its row number; its name must be free. */
  ObjectRow insert(ObjectRow object);

  /** Writes head, deletion, purge time and details of an object that exists. */
  void update(ObjectRow object);

  /** Removes the object, its name, its key, all its versions and the work that is due for it. */
  void purge(ObjectRow object);

  void insert(VersionRow version);

  /** Writes attributes, tags, content type and details of a version that exists. */
  void update(VersionRow version);

  <T extends Rule> void put(RuleKind<T> kind, T rule);

  void remove(RuleKind<?> kind, String key);

  /** Removes every rule of a kind. */
  void removeAll(RuleKind<?> kind);

  void put(KeyRow key);

  void removeKeys(Id owner);

  /** Removes every object of the container, with names and versions. */
  void purgeObjects(Id container);

  void putMeta(String name, byte[] value);

  /** Removes every small value whose name begins so. */
  void removeMeta(String prefix);

  /**
   * Marks all journal records as those of nodes elsewhere: each node's name gets this ending. What
   * they did stays in the journal, and no node here owes an audit record for it.
   */
  void disownJournal(String ending);

  void insert(IssuedRow issued);

  /** Writes revocation and reason of a certificate that was issued. */
  void update(IssuedRow issued);

  void put(RevocationListRow list);

  void putDue(DueRow due);

  /**
   * False when the row is gone, has another revision or is leased by another node: then the caller
   * must undo by throwing.
   */
  boolean removeDue(DueRow due);

  void removeDue(String kind, Id subject);

  /** Strikes a node off that is {@link Nodes.Lost}; false when it is not, or not any more. */
  default boolean removeLostNode(String name) {
    return false;
  }

  /**
   * Remembers a token id until it expires; false when it was already known. Forgets expired ones as
   * it goes.
   */
  boolean firstUse(String kind, String id, Instant until);

  /** Whether the folded name is taken, live or deleted. */
  default boolean isTaken(Id container, Collection collection, String foldedName) {
    return findObject(container, collection, foldedName).isPresent();
  }
}
