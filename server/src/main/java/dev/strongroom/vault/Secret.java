package dev.strongroom.vault;

import dev.strongroom.model.Container;
import dev.strongroom.store.ObjectRow;
import dev.strongroom.store.VersionRow;

/** A secret in one version, without its value. */
public record Secret(Container container, ObjectRow object, VersionRow version) {}
