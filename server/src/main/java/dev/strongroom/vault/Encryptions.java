package dev.strongroom.vault;

import dev.strongroom.model.Collection;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.NoWaiting;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Origin;
import dev.strongroom.model.VaultException;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.Reads;
import dev.strongroom.store.Store;
import dev.strongroom.store.VersionRow;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Counts what a key version encrypts under random initialization vectors, and refuses more than
 * 2<sup>32</sup> (NIST SP 800-38D section 8.3).
 *
 * <p>Numbers are taken from the store in blocks, each in one change, and given out from memory; what
 * is left of a block when the server ends is never given out. So no number is given out twice, by any
 * node.
 */
final class Encryptions {
  static final long MOST = 1L << 32;
  static final long BLOCK = 1L << 16;
  private static final int REMEMBERED = 10_000;

  private final Store store;
  private final Map<Counted, Block> blocks =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Counted, Block> eldest) {
          return size() > REMEMBERED;
        }
      };

  Encryptions(Store store) {
    this.store = store;
  }

  /** A version of a restored object has the id of the one that it was, but a count of its own. */
  private record Counted(Id object, Id version) {}

  private static final class Block {
    final ReentrantLock lock = new ReentrantLock();
    long left;
  }

  /** Takes one number for a version, or refuses. */
  void take(Stored stored, Origin origin) {
    Block block;
    synchronized (blocks) {
      block =
          blocks.computeIfAbsent(
              new Counted(stored.object().id(), stored.version().id()), _ -> new Block());
    }
    if (!block.lock.tryLock()) {
      // because whoever holds it may be writing
      NoWaiting.aboutToWait();
      block.lock.lock();
    }
    try {
      if (block.left == 0) {
        reserve(stored, origin);
        block.left = BLOCK;
      }
      block.left--;
    } finally {
      block.lock.unlock();
    }
  }

  private void reserve(Stored stored, Origin origin) {
    ObjectName name = new ObjectName(stored.object().name());
    Id container = stored.container().id();
    Id object = stored.object().id();
    Id version = stored.version().id();
    store.change(
        origin,
        JournalNote.object(container, Collection.KEYS, object, Optional.of(version)),
        tx -> {
          VersionRow now =
              tx.findVersion(container, Collection.KEYS, name.folded(), version)
                  .filter(found -> found.object().id().equals(object))
                  .map(Reads.Found::version)
                  .orElseThrow(() -> VaultException.of(ErrorCode.KEY_NOT_FOUND, "name", name.text()));
          KeyCodec.Version details = KeyCodec.version(now);
          if (details.encryptions() + BLOCK > MOST) {
            throw VaultException.of(ErrorCode.KEY_EXHAUSTED, "name", name.text());
          }
          tx.update(
              now.withDetails(KeyCodec.write(details.counting(details.encryptions() + BLOCK))));
          return null;
        });
  }
}
