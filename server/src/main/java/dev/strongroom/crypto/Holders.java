package dev.strongroom.crypto;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts who holds something that must be ended when the last one lets go, and never before: its
 * owner, who holds it from the beginning, and each who is using it.
 */
final class Holders {
  private final AtomicInteger count = new AtomicInteger(1);
  private final Runnable end;

  Holders(Runnable end) {
    this.end = end;
  }

  /** False once the last holder has let go. */
  boolean take() {
    int now = count.get();
    while (now > 0) {
      if (count.compareAndSet(now, now + 1)) {
        return true;
      }
      now = count.get();
    }
    return false;
  }

  void release() {
    if (count.decrementAndGet() == 0) {
      end.run();
    }
  }
}
