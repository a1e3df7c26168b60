package dev.strongroom.store;

import dev.strongroom.model.Id;
import dev.strongroom.model.Sealed;

/** A system or container key, wrapped by the root key. The owner is the installation or container. */
public record KeyRow(Id owner, int generation, Sealed wrapped) {}
