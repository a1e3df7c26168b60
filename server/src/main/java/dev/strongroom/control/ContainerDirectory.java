package dev.strongroom.control;

import dev.strongroom.model.Container;
import dev.strongroom.model.ContainerKind;
import java.util.Optional;

/** Finds the live container that a host name names; deleted ones are not found. */
@FunctionalInterface
public interface ContainerDirectory {
  Optional<Container> find(ContainerKind kind, String name);
}
