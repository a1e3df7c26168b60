package dev.strongroom.store;

import dev.strongroom.model.Collection;
import dev.strongroom.model.Id;
import dev.strongroom.model.Sealed;
import java.time.Instant;
import java.util.Optional;

/**
 * A secret, key or certificate without its versions. {@code row} is the store's own integer (0
 * before it is inserted); {@code head} is the number of the newest version; {@code scheduledPurge}
 * is set while it is deleted. {@code name} has the spelling of creation; {@code details} is what its
 * collection keeps for all versions, such as a rotation policy, in the collection's own form.
 */
public record ObjectRow(
    long row,
    Id id,
    Id container,
    Collection collection,
    String name,
    Sealed objectKey,
    long head,
    boolean managed,
    Instant created,
    Optional<Instant> deleted,
    Optional<Instant> scheduledPurge,
    Optional<String> details) {

  /** A new object that is not deleted and has no details. */
  public ObjectRow(
      Id id,
      Id container,
      Collection collection,
      String name,
      Sealed objectKey,
      long head,
      boolean managed,
      Instant created) {
    this(
        0, id, container, collection, name, objectKey, head, managed, created, Optional.empty(),
        Optional.empty(), Optional.empty());
  }

  /** Deleted long enough ago that it is gone, whether or not the purge has run yet. */
  public boolean isGone(Instant now) {
    return scheduledPurge.map(at -> !now.isBefore(at)).orElse(false);
  }

  public boolean isDeleted() {
    return deleted.isPresent();
  }

  public ObjectRow withHead(long newHead) {
    return new ObjectRow(
        row, id, container, collection, name, objectKey, newHead, managed, created, deleted,
        scheduledPurge, details);
  }

  public ObjectRow withDeletion(Optional<Instant> at, Optional<Instant> purge) {
    return new ObjectRow(
        row, id, container, collection, name, objectKey, head, managed, created, at, purge,
        details);
  }

  public ObjectRow withDetails(Optional<String> changed) {
    return new ObjectRow(
        row, id, container, collection, name, objectKey, head, managed, created, deleted,
        scheduledPurge, changed);
  }

  /** The same as one that belongs to a certificate. */
  public ObjectRow asManaged() {
    return new ObjectRow(
        row, id, container, collection, name, objectKey, head, true, created, deleted,
        scheduledPurge, details);
  }

  /** As a store placed it. */
  public ObjectRow at(long placed) {
    return new ObjectRow(
        placed, id, container, collection, name, objectKey, head, managed, created, deleted,
        scheduledPurge, details);
  }
}
