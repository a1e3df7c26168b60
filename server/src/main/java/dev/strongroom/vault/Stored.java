package dev.strongroom.vault;

import dev.strongroom.model.Container;
import dev.strongroom.store.ObjectRow;
import dev.strongroom.store.VersionRow;

/** One version of an object as it lies in the store. */
record Stored(Container container, ObjectRow object, VersionRow version) {
  VaultObject shown() {
    return new VaultObject(
        container,
        object.id(),
        object.name(),
        object.managed(),
        object.deleted(),
        object.scheduledPurge(),
        version.id(),
        version.number(),
        version.previous(),
        version.attributes(),
        version.tags(),
        version.contentType());
  }
}
