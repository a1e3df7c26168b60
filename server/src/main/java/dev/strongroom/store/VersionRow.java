package dev.strongroom.store;

import dev.strongroom.model.Attributes;
import dev.strongroom.model.Id;
import dev.strongroom.model.Sealed;
import java.util.Map;
import java.util.Optional;

/**
 * One version of an object. {@code object} is the {@code row} of its {@link ObjectRow}; {@code
 * number} counts versions of the object from 1 and is their order; {@code previous} is the id of the
 * version before it; {@code details} is what may be known of the value without opening it, in the
 * collection's own form. Only attributes, tags, content type and details ever change.
 */
public record VersionRow(
    long object,
    long number,
    Id id,
    Optional<Id> previous,
    Attributes attributes,
    Map<String, String> tags,
    Optional<String> contentType,
    Optional<String> details,
    Sealed value) {

  public VersionRow {
    tags = Map.copyOf(tags);
  }

  public VersionRow withDetails(String changed) {
    return new VersionRow(
        object, number, id, previous, attributes, tags, contentType, Optional.of(changed), value);
  }

  /** A version of an object that has a row number. */
  public VersionRow of(long placed) {
    return new VersionRow(
        placed, number, id, previous, attributes, tags, contentType, details, value);
  }
}
