package dev.strongroom.seal;

import dev.strongroom.model.Id;
import dev.strongroom.model.Sealed;
import java.util.Optional;

/** Where the barrier gets wrapped system and container keys from, by owner and generation. */
public interface WrappedKeys {
  /** A wrapped key with its generation. */
  record Wrapped(Id owner, int generation, Sealed key) {}

  Optional<Wrapped> newest(Id owner);

  Optional<Wrapped> find(Id owner, int generation);

  /** The stored slots, where another node may rotate the root key; otherwise empty. */
  default Optional<Slots> slots() {
    return Optional.empty();
  }
}
