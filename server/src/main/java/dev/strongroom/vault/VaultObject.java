package dev.strongroom.vault;

import dev.strongroom.model.Attributes;
import dev.strongroom.model.Container;
import dev.strongroom.model.Id;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * One version of a secret, key or certificate: what all three have in common, and nothing sealed.
 * {@code object} is the same for all versions, {@code number} is their order.
 */
public record VaultObject(
    Container container,
    Id object,
    String name,
    boolean managed,
    Optional<Instant> deleted,
    Optional<Instant> scheduledPurge,
    Id version,
    long number,
    Optional<Id> previous,
    Attributes attributes,
    Map<String, String> tags,
    Optional<String> contentType) {

  public boolean isDeleted() {
    return deleted.isPresent();
  }

  /** The same as it is answered in another form. */
  VaultObject withContentType(String changed) {
    return new VaultObject(
        container,
        object,
        name,
        managed,
        deleted,
        scheduledPurge,
        version,
        number,
        previous,
        attributes,
        tags,
        Optional.of(changed));
  }
}
