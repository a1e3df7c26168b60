package dev.strongroom.local;

import dev.strongroom.model.Id;
import dev.strongroom.seal.Slots;
import dev.strongroom.seal.WrappedKeys;
import dev.strongroom.store.KeyRow;
import dev.strongroom.store.Reads;
import java.util.Optional;
import java.util.function.Supplier;

/** Hands the seal the wrapped keys that the store keeps; read each time, since rotations change them. */
public final class StoredKeys implements WrappedKeys {
  private final Supplier<Reads> store;

  /**
   * @param store asked late, because the store itself needs the seal to be opened
   */
  public StoredKeys(Supplier<Reads> store) {
    this.store = store;
  }

  static Wrapped wrapped(KeyRow row) {
    return new Wrapped(row.owner(), row.generation(), row.wrapped());
  }

  static KeyRow row(Wrapped key) {
    return new KeyRow(key.owner(), key.generation(), key.key());
  }

  @Override
  public Optional<Wrapped> newest(Id owner) {
    return store.get().newestKey(owner).map(StoredKeys::wrapped);
  }

  @Override
  public Optional<Slots> slots() {
    return Optional.of(Installation.slots(store.get()));
  }

  @Override
  public Optional<Wrapped> find(Id owner, int generation) {
    return store.get().findKey(owner, generation).map(StoredKeys::wrapped);
  }
}
