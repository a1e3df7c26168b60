package dev.strongroom.vault;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.NoWaiting;
import dev.strongroom.model.Operation;
import dev.strongroom.model.VaultException;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The bounded pools of platform threads on which long calculations run, so that they hold up nothing
 * else. When a lane's queue is full, its work is refused with 429.
 */
public final class Lanes implements AutoCloseable {
  private static final String RETRY_AFTER = "1";

  private final Map<Operation.Lane, ThreadPoolExecutor> pools =
      new EnumMap<>(Operation.Lane.class);

  /**
   * @param threads of each lane
   * @param queue how much work of each lane may wait
   */
  public Lanes(int threads, int queue) {
    for (Operation.Lane lane : Operation.Lane.values()) {
      if (lane != Operation.Lane.NONE) {
        ThreadPoolExecutor pool =
            new ThreadPoolExecutor(
                threads,
                threads,
                30,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(queue),
                Thread.ofPlatform().daemon().name(name(lane), 1).factory());
        pool.allowCoreThreadTimeOut(true);
        pools.put(lane, pool);
      }
    }
  }

  private static String name(Operation.Lane lane) {
    return lane.name().toLowerCase(Locale.ROOT).replace('_', '-') + '-';
  }

  /** Runs work of an operation on the operation's lane, and waits for it. */
  <T> T run(Operation operation, Supplier<T> work) {
    NoWaiting.aboutToWait();
    Future<T> result;
    try {
      result = pools.get(operation.lane()).submit(work::get);
    } catch (RejectedExecutionException e) {
      throw VaultException.of(ErrorCode.BUSY, "reason", "TooManyKeyOperations")
          .with("Retry-After", RETRY_AFTER);
    }
    try {
      return result.get();
    } catch (InterruptedException e) {
      result.cancel(false);
      Thread.currentThread().interrupt();
      throw VaultException.of(ErrorCode.STOPPING);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException refused -> throw refused;
        case Error failed -> throw failed;
        default -> throw new IllegalStateException(e.getCause());
      }
    }
  }

  /** Work that waits, of all lanes. */
  public int waiting() {
    return pools.values().stream().mapToInt(pool -> pool.getQueue().size()).sum();
  }

  /** The part of its queue that the fullest lane uses, 0 to 1. */
  public double saturation() {
    return pools.values().stream()
        .map(ThreadPoolExecutor::getQueue)
        .mapToDouble(queue -> queue.size() / (double) (queue.size() + queue.remainingCapacity()))
        .max()
        .orElse(0);
  }

  @Override
  public void close() {
    pools.values().forEach(ThreadPoolExecutor::shutdown);
  }
}
