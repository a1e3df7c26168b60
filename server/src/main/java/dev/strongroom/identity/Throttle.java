package dev.strongroom.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** A token bucket per key, for a bounded number of keys: the least used ones are forgotten. */
public final class Throttle {
  private static final double NANOS = 1e9;

  private static final class Bucket {
    private double tokens;
    private Instant filled;

    private Bucket(double tokens, Instant filled) {
      this.tokens = tokens;
      this.filled = filled;
    }
  }

  private final double perSecond;
  private final int burst;
  private final Cache<String, Bucket> buckets;

  public Throttle(double perSecond, int burst, int keys) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.buckets = Caffeine.newBuilder().maximumSize(keys).build();
  }

  /** Empty when it may go on, else how long to wait. */
  public Optional<Duration> take(String key, Instant now) {
    Bucket bucket = buckets.get(key, made -> new Bucket(burst, now));
    synchronized (bucket) {
      Duration since = Duration.between(bucket.filled, now);
      // a clock that was set back fills nothing, and counts from its new time on
      double more = since.isNegative() ? 0 : since.toNanos() / NANOS * perSecond;
      bucket.tokens = Math.min(burst, bucket.tokens + more);
      bucket.filled = now;
      if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return Optional.empty();
      }
      return Optional.of(Duration.ofNanos((long) ((1 - bucket.tokens) / perSecond * NANOS)));
    }
  }
}
