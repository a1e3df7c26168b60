package dev.strongroom.store;

import dev.strongroom.model.Collection;
import dev.strongroom.model.Id;
import dev.strongroom.model.Sealed;
import java.util.Optional;

/** What a change is about, for its journal record; the detail is metadata only, and sealed. */
public record JournalNote(
    Optional<Id> container,
    Optional<Collection> collection,
    Optional<Id> object,
    Optional<Id> version,
    Optional<Sealed> detail) {

  public static JournalNote none() {
    return new JournalNote(
        Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  public static JournalNote container(Id container) {
    return new JournalNote(
        Optional.of(container),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  public static JournalNote object(
      Id container, Collection collection, Id object, Optional<Id> version) {
    return new JournalNote(
        Optional.of(container),
        Optional.of(collection),
        Optional.of(object),
        version,
        Optional.empty());
  }
}
