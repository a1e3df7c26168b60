package dev.strongroom.server;

import dev.strongroom.local.Operator;
import dev.strongroom.model.Origin;
import dev.strongroom.seal.Seal;
import dev.strongroom.store.DueRow;
import dev.strongroom.store.Store;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Does what has become due, about once a second. A kind's worker closes its row in the change that
 * does the work, so two nodes or a crash cannot do it twice.
 */
final class DueWork {
  private static final System.Logger LOG = System.getLogger(DueWork.class.getName());
  private static final int AT_ONCE = 100;
  private static final long PAUSE_MILLIS = 1_000;

  /** How long a node that died keeps the others from a row: longer than any one row takes. */
  private static final Duration LEASE = Duration.ofMinutes(1);

  /** Does one row; empty when there was nothing left to do. */
  @FunctionalInterface
  interface Worker {
    Optional<Origin> run(DueRow row, Instant now);
  }

  private final Store store;
  private final Seal seal;
  private final InstantSource clock;
  private final Operator operator;
  private final Map<String, Worker> workers = new HashMap<>();
  private final List<Consumer<Instant>> others = new ArrayList<>();
  private Thread thread;

  DueWork(Store store, Seal seal, InstantSource clock, Operator operator) {
    this.store = store;
    this.seal = seal;
    this.clock = clock;
    this.operator = operator;
  }

  void on(String kind, Worker worker) {
    workers.put(kind, worker);
  }

  /** Something to look at in every round. */
  void also(Consumer<Instant> work) {
    others.add(work);
  }

  synchronized void start() {
    if (thread == null) {
      thread = Thread.ofPlatform().daemon().name("due-work").start(this::rounds);
    }
  }

  synchronized void stop() {
    if (thread == null) {
      return;
    }
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    thread = null;
  }

  private void rounds() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        if (!seal.isSealed()) {
          round(clock.instant());
        }
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.log(Level.ERROR, "due work failed and is tried again", e);
        try {
          Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException stopped) {
          return;
        }
      }
    }
  }

  void round(Instant now) {
    for (DueRow row : store.due(now, AT_ONCE)) {
      Worker worker = workers.get(row.kind());
      if (worker == null) {
        LOG.log(Level.ERROR, "no worker knows due work of kind {0}", row.kind());
        continue;
      }
      if (!store.lease(row, LEASE)) {
        // because another node has it, or has done it
        continue;
      }
      try {
        worker
            .run(row, now)
            .ifPresent(
                origin ->
                    operator.record(origin, 200, Map.of("subject", row.subject().hex())));
      } catch (RuntimeException e) {
        if (Thread.currentThread().isInterrupted()) {
          throw e;
        }
        // because what fails again and again must not keep the rest from being done
        LOG.log(Level.ERROR, "due work of kind " + row.kind() + " failed and is tried again", e);
      }
    }
    others.forEach(work -> work.accept(now));
  }
}
