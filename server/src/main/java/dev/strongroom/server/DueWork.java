package dev.strongroom.server;

import dev.strongroom.local.Operator;
import dev.strongroom.model.Id;
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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Does what has become due, about once a second. A kind's worker closes its row in the change that
 * does the work, so two nodes or a crash cannot do it twice. While the audit trail refuses changes, it
 * waits. What waits for others outside the server runs beside the rest, a few at once, and is
 * interrupted when it takes too long.
 */
final class DueWork {
  private static final System.Logger LOG = System.getLogger(DueWork.class.getName());
  private static final int AT_ONCE = 100;
  private static final int LOOKED_AT = 100_000;
  private static final long PAUSE_MILLIS = 1_000;

  /** How long a node that died keeps the others from a row: longer than any one row takes. */
  private static final Duration LEASE = Duration.ofMinutes(1);

  private static final Duration AFTER_FAILURE = Duration.ofMinutes(1);

  private static final int OUTSIDE_AT_ONCE = 8;
  private static final Duration OUTSIDE_LONGEST = Duration.ofMinutes(4);
  private static final Duration OUTSIDE_LEASE = Duration.ofMinutes(5);

  /** Does one row; empty when there was nothing left to do. */
  @FunctionalInterface
  interface Worker {
    Optional<Origin> run(DueRow row, Instant now);
  }

  private record Subject(String kind, Id id) {
    static Subject of(DueRow row) {
      return new Subject(row.kind(), row.subject());
    }
  }

  private record Under(Thread thread, long sinceNanos) {}

  private final Store store;
  private final Seal seal;
  private final InstantSource clock;
  private final Operator operator;
  private final Map<String, Worker> workers = new HashMap<>();
  private final Map<String, Worker> outside = new HashMap<>();
  private final Map<Subject, Under> underWay = new ConcurrentHashMap<>();
  private final Map<Subject, Instant> failed = new ConcurrentHashMap<>();
  private final List<Consumer<Instant>> others = new ArrayList<>();
  private Thread thread;
  private String failing = "";

  DueWork(Store store, Seal seal, InstantSource clock, Operator operator) {
    this.store = store;
    this.seal = seal;
    this.clock = clock;
    this.operator = operator;
  }

  void on(String kind, Worker worker) {
    workers.put(kind, worker);
  }

  /** The same for work that waits for others outside the server. */
  void outside(String kind, Worker worker) {
    outside.put(kind, worker);
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
    endOutside();
  }

  private void endOutside() {
    underWay.values().forEach(under -> under.thread().interrupt());
    for (Under under : underWay.values()) {
      try {
        under.thread().join(Duration.ofSeconds(10));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void rounds() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        if (!seal.isSealed()) {
          tryRound(clock.instant());
        }
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** A round whose failure is logged once, since a store that is away fails each of them. */
  void tryRound(Instant now) {
    try {
      round(now);
      failing = "";
    } catch (RuntimeException e) {
      if (!failing.equals(e.toString())) {
        failing = e.toString();
        LOG.log(Level.ERROR, "due work failed and is tried again each second", e);
      }
    }
  }

  void round(Instant now) {
    // before the rows are read, because one that ends in between is still among them
    Set<Subject> busy = Set.copyOf(underWay.keySet());
    failed.values().removeIf(again -> !again.isAfter(now));
    for (DueRow row : ready(now, busy)) {
      if (Thread.currentThread().isInterrupted()) {
        return;
      }
      Worker waiting = outside.get(row.kind());
      if (waiting != null) {
        begin(waiting, row, now);
        continue;
      }
      Worker worker = workers.get(row.kind());
      if (worker == null) {
        LOG.log(Level.ERROR, "no worker knows due work of kind {0}", row.kind());
        failed.put(Subject.of(row), now.plus(AFTER_FAILURE));
        continue;
      }
      if (store.lease(row, LEASE)) {
        run(worker, row, now);
      }
      // otherwise another node has it, or has done it
    }
    others.forEach(work -> work.accept(now));
    underWay.values().stream()
        .filter(
            under ->
                System.nanoTime() - under.sinceNanos() > OUTSIDE_LONGEST.toNanos())
        .forEach(under -> under.thread().interrupt());
  }

  /** The first rows that something can be done with now, past all that have to wait. */
  private List<DueRow> ready(Instant now, Set<Subject> busy) {
    if (!operator.mayChange()) {
      return List.of();
    }
    int limit = AT_ONCE;
    while (true) {
      List<DueRow> rows = store.due(now, limit);
      int free = OUTSIDE_AT_ONCE - busy.size();
      List<DueRow> ready = new ArrayList<>();
      for (DueRow row : rows) {
        Subject subject = Subject.of(row);
        boolean isOutside = outside.containsKey(row.kind());
        if (failed.containsKey(subject) || isOutside && (busy.contains(subject) || free <= 0)) {
          continue;
        }
        free -= isOutside ? 1 : 0;
        ready.add(row);
      }
      if (ready.size() >= AT_ONCE || rows.size() < limit || limit >= LOOKED_AT) {
        return ready.subList(0, Math.min(ready.size(), AT_ONCE));
      }
      limit *= 2;
    }
  }

  private void begin(Worker worker, DueRow row, Instant now) {
    Subject subject = Subject.of(row);
    if (!store.lease(row, OUTSIDE_LEASE)) {
      return;
    }
    Thread work =
        Thread.ofVirtual()
            .name("due-work-outside")
            .unstarted(
                () -> {
                  try {
                    run(worker, row, now);
                  } finally {
                    underWay.remove(subject);
                  }
                });
    underWay.put(subject, new Under(work, System.nanoTime()));
    work.start();
  }

  private void run(Worker worker, DueRow row, Instant now) {
    try {
      worker
          .run(row, now)
          .ifPresent(
              origin -> operator.record(origin, 200, Map.of("subject", row.subject().hex())));
    } catch (RuntimeException e) {
      if (Thread.currentThread().isInterrupted()) {
        LOG.log(Level.WARNING, "due work of kind {0} was interrupted", row.kind());
        return;
      }
      // because what fails again and again must not keep the rest from being done
      failed.put(Subject.of(row), now.plus(AFTER_FAILURE));
      LOG.log(
          Level.ERROR, "due work of kind " + row.kind() + " failed and is tried again later", e);
    }
  }
}
