package dev.strongroom.store;

import dev.strongroom.model.Collection;
import dev.strongroom.model.Id;
import dev.strongroom.model.Sealed;
import java.time.Instant;
import java.util.Optional;

/**
 * A secret, key or certificate without its versions. {@code row} is the store's own integer (0
 * before it is inserted); {@code head} is the number of the newest version; {@code scheduledPurge}
 * is set while it is deleted. {@code name} has the spelling of creation.
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
    Optional<Instant> scheduledPurge) {

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
        scheduledPurge);
  }

  public ObjectRow withDeletion(Optional<Instant> at, Optional<Instant> purge) {
    return new ObjectRow(
        row, id, container, collection, name, objectKey, head, managed, created, at, purge);
  }
}
