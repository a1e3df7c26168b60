package dev.strongroom.seal;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.strongroom.crypto.Hkdf;
import dev.strongroom.crypto.OffHeapKey;
import dev.strongroom.model.Id;
import dev.strongroom.model.SecretBytes;
import java.lang.foreign.Arena;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Everything that is in memory while the server is unsealed, all of it off the heap: the root key
 * (two during a rotation), one subkey for each use of the system key, and the container keys used
 * last. Closing wipes all of it; nobody who still holds this gets a key after that.
 */
final class OpenKeys {
  /** Each is a page of locked memory, of which a process may often have 8 MiB. */
  private static final int MOST_CONTAINER_KEYS = 1024;

  /** A root key with its generation. */
  record Root(int generation, OffHeapKey key) {}

  private record Owner(Id id, int generation) {}

  private final Id installation;
  private final int systemGeneration;
  private final Supplier<Arena> arenas;
  private final Map<SystemUse, OffHeapKey> subkeys = new EnumMap<>(SystemUse.class);
  private final Cache<Owner, OffHeapKey> containerKeys =
      Caffeine.newBuilder()
          .maximumSize(MOST_CONTAINER_KEYS)
          .executor(Runnable::run)
          .<Owner, OffHeapKey>removalListener((owner, key, cause) -> key.close())
          .build();
  private volatile Root root;
  private volatile Optional<Root> next = Optional.empty();
  private volatile boolean closed;

  OpenKeys(
      Id installation,
      int rootGeneration,
      SecretBytes root,
      int systemGeneration,
      SecretBytes system,
      Supplier<Arena> arenas) {
    this.installation = installation;
    this.systemGeneration = systemGeneration;
    this.arenas = arenas;
    this.root = newRoot(rootGeneration, root);
    for (SystemUse use : SystemUse.values()) {
      subkeys.put(
          use, OffHeapKey.taking(Hkdf.subkey(system.exposed(), use.label()), arenas));
    }
  }

  Id installation() {
    return installation;
  }

  int systemGeneration() {
    return systemGeneration;
  }

  Root root() {
    return root;
  }

  Optional<Root> next() {
    return next;
  }

  /** The root key of this generation, if it is one of those in use. */
  Optional<Root> root(int generation) {
    Root current = root;
    return current.generation() == generation
        ? Optional.of(current)
        : next.filter(coming -> coming.generation() == generation);
  }

  Root newRoot(int generation, SecretBytes key) {
    return new Root(generation, OffHeapKey.taking(key.exposed().clone(), arenas));
  }

  void prepare(Root coming) {
    next = Optional.of(coming);
  }

  /** Ends a rotation; the root key that is not kept is wiped. */
  void finish(boolean keepNext) {
    next.ifPresent(
        coming -> {
          Root given = keepNext ? root : coming;
          if (keepNext) {
            root = coming;
          }
          next = Optional.empty();
          given.key().close();
        });
  }

  boolean isClosed() {
    return closed;
  }

  /** A copy of the subkey for this use; empty once closed. */
  Optional<SecretBytes> subkey(SystemUse use) {
    return subkeys.get(use).copy();
  }

  /**
   * A copy of a container key, opened by {@code opening} when it is not here; empty once closed.
   * What {@code opening} throws is passed on.
   */
  Optional<SecretBytes> containerKey(Id owner, int generation, Supplier<SecretBytes> opening) {
    Owner key = new Owner(owner, generation);
    while (true) {
      OffHeapKey kept =
          containerKeys.get(
              key,
              absent -> {
                try (SecretBytes opened = opening.get()) {
                  return OffHeapKey.taking(opened.exposed(), arenas);
                }
              });
      if (closed) {
        // because the wiping may have passed over an entry that was still being made
        containerKeys.invalidate(key);
        return Optional.empty();
      }
      Optional<SecretBytes> copy = kept.copy();
      if (copy.isPresent()) {
        return copy;
      }
      // evicted between the two lines above: open it again
    }
  }

  void forget(Id owner) {
    for (Owner kept : containerKeys.asMap().keySet()) {
      if (kept.id().equals(owner)) {
        containerKeys.invalidate(kept);
      }
    }
  }

  void close() {
    closed = true;
    containerKeys.invalidateAll();
    containerKeys.cleanUp();
    subkeys.values().forEach(OffHeapKey::close);
    next.ifPresent(coming -> coming.key().close());
    root.key().close();
  }

  @Override
  public String toString() {
    return "OpenKeys[redacted]";
  }
}
