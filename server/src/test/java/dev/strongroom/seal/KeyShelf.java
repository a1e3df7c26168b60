package dev.strongroom.seal;

import dev.strongroom.model.Id;
import dev.strongroom.model.Sealed;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/** Wrapped keys in memory, as a store would keep them. */
final class KeyShelf implements WrappedKeys {
  private record Key(Id owner, int generation) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int order = owner.compareTo(other.owner);
      return order != 0 ? order : Integer.compare(generation, other.generation);
    }
  }

  private final ConcurrentSkipListMap<Key, Sealed> keys = new ConcurrentSkipListMap<>();

  /** Where a test has another node that may rotate. */
  volatile Slots slots;

  @Override
  public Optional<Slots> slots() {
    return Optional.ofNullable(slots);
  }

  void put(Wrapped wrapped) {
    keys.put(new Key(wrapped.owner(), wrapped.generation()), wrapped.key());
  }

  void put(Id owner, int generation, Sealed key) {
    put(new Wrapped(owner, generation, key));
  }

  void remove(Id owner) {
    keys.keySet().removeIf(key -> key.owner().equals(owner));
  }

  List<Wrapped> all() {
    return keys.entrySet().stream().map(KeyShelf::wrapped).toList();
  }

  @Override
  public Optional<Wrapped> newest(Id owner) {
    return Optional.ofNullable(keys.floorEntry(new Key(owner, Integer.MAX_VALUE)))
        .map(KeyShelf::wrapped)
        .filter(wrapped -> wrapped.owner().equals(owner));
  }

  @Override
  public Optional<Wrapped> find(Id owner, int generation) {
    return Optional.ofNullable(keys.get(new Key(owner, generation)))
        .map(key -> new Wrapped(owner, generation, key));
  }

  private static Wrapped wrapped(Map.Entry<Key, Sealed> entry) {
    return new Wrapped(entry.getKey().owner(), entry.getKey().generation(), entry.getValue());
  }
}
