package dev.strongroom.model;

import java.util.function.Supplier;

/**
 * Work that may run on a thread which must not wait, such as an event loop. Whatever is about to wait
 * (for a disk, a database, a body, a slow calculation) says so first through {@link #aboutToWait};
 * inside {@link #run} that ends the attempt with {@link WouldWait}, and the caller does the work again
 * where waiting is allowed.
 *
 * <p>It follows that nothing may have an effect before the last thing that could wait.
 */
public final class NoWaiting {
  private static final ThreadLocal<Boolean> HERE = new ThreadLocal<>();

  private NoWaiting() {}

  /** The attempt has to wait. Not an exception, so that nobody takes it for a failure. */
  public static final class WouldWait extends Error {
    private static final WouldWait INSTANCE = new WouldWait();

    private WouldWait() {
      super(null, null, false, false);
    }
  }

  public static <T> T run(Supplier<T> work) {
    HERE.set(true);
    try {
      return work.get();
    } finally {
      HERE.remove();
    }
  }

  public static void aboutToWait() {
    // because a virtual thread may always wait, and this spares it a look into its own map
    if (!Thread.currentThread().isVirtual() && HERE.get() != null) {
      throw WouldWait.INSTANCE;
    }
  }
}
