package dev.strongroom.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.strongroom.model.RuleKind;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Rules as they were read, good for one epoch: any change of any rule begins the next. What was read
 * is kept under the epoch that was seen before reading, so it can only be too old to be used, never
 * too old to be right.
 */
final class RuleCache {
  private record Key(RuleKind<?> kind, boolean byParent, String text) {}

  private record Read(long epoch, Object value) {}

  private final AtomicLong epoch = new AtomicLong();
  private final Cache<Key, Read> cache = Caffeine.newBuilder().maximumSize(20_000).build();

  <T> T get(RuleKind<?> kind, boolean byParent, String text, Supplier<T> load) {
    Key key = new Key(kind, byParent, text);
    long now = epoch.get();
    Read read = cache.getIfPresent(key);
    if (read != null && read.epoch() == now) {
      @SuppressWarnings("unchecked")
      T value = (T) read.value();
      return value;
    }
    T value = load.get();
    cache.put(key, new Read(now, value));
    return value;
  }

  long epoch() {
    return epoch.get();
  }

  void changed() {
    epoch.incrementAndGet();
  }
}
