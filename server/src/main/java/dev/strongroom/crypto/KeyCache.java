package dev.strongroom.crypto;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Scheduler;
import dev.strongroom.model.Id;
import dev.strongroom.model.NoWaiting;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Opened keys by the id of their version: bounded in number, and none is older than the given age.
 * It decides nothing: whether a key may be used is asked before, each time.
 *
 * <p>A key is closed, and so wiped where Java lets us, as soon as it is neither kept nor in use.
 * After {@link #forget} nobody gets the old one, not even who was just opening it.
 */
public final class KeyCache implements AutoCloseable {
  public static final int MOST = 1_000;
  public static final Duration OLDEST = Duration.ofMinutes(10);

  private final Cache<Id, Held> keys;
  private volatile int era;

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
            .removalListener((Id _, Held held, RemovalCause _) -> held.holders.release())
            .build();
  }

  /** Does the work with the kept key, opened first where there is none. */
  public <R> R use(Id version, Supplier<OpenKey> open, Function<OpenKey, R> work) {
    NoWaiting.aboutToWait();
    while (true) {
      int now = era;
      Held held = keys.get(version, _ -> new Held(open.get(), now));
      if (held.era != era) {
        // because it was being opened while all were forgotten, which does not see what is coming
        keys.asMap().remove(version, held);
      } else if (held.holders.take()) {
        try {
          return work.apply(held.key);
        } finally {
          held.holders.release();
        }
      }
    }
  }

  public void forget(Id version) {
    keys.invalidate(version);
  }

  public synchronized void forgetAll() {
    era++;
    keys.invalidateAll();
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

  private record Held(OpenKey key, int era, Holders holders) {
    Held(OpenKey key, int era) {
      this(key, era, new Holders(key::close));
    }
  }
}
