package dev.strongroom.crypto;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Scheduler;
import dev.strongroom.model.Id;
import dev.strongroom.model.NoWaiting;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Opened keys by the id of their version: bounded in number, and none is older than the given age.
 * It decides nothing: whether a key may be used is asked before, each time.
 *
 * <p>A key is closed, and so wiped where Java lets us, as soon as it is neither kept nor in use. It is
 * kept for as long as its object does not change at all, on any node: so what was disabled, deleted or
 * purged is let go at once. Changes have numbers, and a key is kept with the number that was the newest
 * before its row was looked up; objects share counters.
 */
public final class KeyCache implements AutoCloseable {
  public static final int MOST = 1_000;
  public static final Duration OLDEST = Duration.ofMinutes(10);

  private static final int COUNTERS = 1 << 14;

  private final Cache<Id, Held> keys;
  private final AtomicLong newest = new AtomicLong();
  private final AtomicLongArray changed = new AtomicLongArray(COUNTERS);
  private final AtomicIntegerArray kept = new AtomicIntegerArray(COUNTERS);
  private volatile long allChanged;

  public KeyCache(InstantSource clock) {
    this(clock, MOST, OLDEST);
  }

  KeyCache(InstantSource clock, int most, Duration oldest) {
    keys =
        Caffeine.newBuilder()
            .maximumSize(most)
            .expireAfterWrite(oldest)
            // because a server that nobody asks must let go as well
            .scheduler(Scheduler.systemScheduler())
            .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
            .executor(Runnable::run)
            .removalListener((Id _, Held held, RemovalCause _) -> letGo(held))
            .build();
  }

  /** The number of the newest change, to be taken before a key's row is looked up. */
  public long newest() {
    return newest.get();
  }

  /**
   * Does the work with the kept key, opened first where there is none.
   *
   * @param object the row of the version's object
   * @param since {@link #newest} before the row was looked up
   */
  public <R> R use(
      long object, long since, Id version, Supplier<OpenKey> open, Function<OpenKey, R> work) {
    while (isUnchanged(object, since)) {
      Held held = kept(object, since, version, open);
      if (!isUnchanged(object, held.since)) {
        // because it was being opened when its object changed, and is not seen from there
        keys.asMap().remove(version, held);
      } else if (held.holders.take()) {
        try {
          return work.apply(held.key);
        } finally {
          held.holders.release();
        }
      }
    }
    // because the row is older than a change: good for this request, which began before
    NoWaiting.aboutToWait();
    try (OpenKey key = open.get()) {
      return work.apply(key);
    }
  }

  private Held kept(long object, long since, Id version, Supplier<OpenKey> open) {
    Held held = keys.getIfPresent(version);
    if (held != null) {
      return held;
    }
    NoWaiting.aboutToWait();
    return keys.get(
        version,
        _ -> {
          OpenKey key = open.get();
          kept.incrementAndGet(counter(object));
          return new Held(key, object, since);
        });
  }

  /** After a change of these objects, when their rows as they were are found no more. */
  public void changed(Set<Long> objects) {
    long now = newest.incrementAndGet();
    boolean isKept = false;
    for (long object : objects) {
      changed.accumulateAndGet(counter(object), now, Math::max);
      isKept |= kept.get(counter(object)) > 0;
    }
    if (isKept) {
      keys.asMap().values().removeIf(held -> objects.contains(held.object));
    }
  }

  public synchronized void forgetAll() {
    allChanged = newest.incrementAndGet();
    keys.invalidateAll();
  }

  private boolean isUnchanged(long object, long since) {
    return changed.get(counter(object)) <= since && allChanged <= since;
  }

  private static int counter(long object) {
    return (int) (object & (COUNTERS - 1));
  }

  private void letGo(Held held) {
    kept.decrementAndGet(counter(held.object));
    held.holders.release();
  }

  /** How many are kept now. */
  public long size() {
    keys.cleanUp();
    return keys.estimatedSize();
  }

  @Override
  public void close() {
    forgetAll();
  }

  private record Held(OpenKey key, long object, long since, Holders holders) {
    Held(OpenKey key, long object, long since) {
      this(key, object, since, new Holders(key::close));
    }
  }
}
