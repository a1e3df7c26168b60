package dev.strongroom.server;

import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The part of requests, 0 to 1, that the server itself did not fail, over the last five minutes; 1 where
 * there were none.
 */
final class Availability {
  private static final int SLICES = 30;
  private static final long SLICE_MILLIS = 10_000;

  private final InstantSource clock;
  private final AtomicLongArray slice = new AtomicLongArray(SLICES);
  private final AtomicLongArray all = new AtomicLongArray(SLICES);
  private final AtomicLongArray failed = new AtomicLongArray(SLICES);

  Availability(InstantSource clock) {
    this.clock = clock;
  }

  void answered(int status) {
    long now = clock.millis() / SLICE_MILLIS;
    int at = Math.floorMod(now, SLICES);
    long before = slice.get(at);
    // a request counted in the moment between may be lost, which a percentage bears
    if (before != now && slice.compareAndSet(at, before, now)) {
      all.set(at, 0);
      failed.set(at, 0);
    }
    all.incrementAndGet(at);
    if (status >= 500) {
      failed.incrementAndGet(at);
    }
  }

  double ratio() {
    long now = clock.millis() / SLICE_MILLIS;
    long ofAll = 0;
    long ofFailed = 0;
    for (int i = 0; i < SLICES; i++) {
      if (now - slice.get(i) < SLICES) {
        ofAll += all.get(i);
        ofFailed += failed.get(i);
      }
    }
    return ofAll == 0 ? 1 : (ofAll - ofFailed) / (double) ofAll;
  }
}
