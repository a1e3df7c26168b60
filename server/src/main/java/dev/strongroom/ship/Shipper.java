package dev.strongroom.ship;

import dev.strongroom.audit.AuditLog;
import dev.strongroom.audit.TrailReader;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Takes a node's audit trail to one destination, in order and at least once, on a thread of its own. It
 * reads the trail's files behind the writer, and only what is on disk; how far it is stands in a file
 * beside them. What fails is tried again with growing pauses, from the last confirmed record on.
 */
public final class Shipper implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Shipper.class.getName());
  private static final int LEAST = 100;
  private static final int MOST = 10_000;
  private static final Duration LOOK = Duration.ofMillis(250);
  private static final Duration CONFIRM = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  private final String name;
  private final Destination destination;
  private final TrailReader reader;
  private final LongSupplier durable;
  private final Path file;
  private final InstantSource clock;

  /** For so long a batch takes what comes after its first record. */
  private final Duration open;

  private final Thread thread;
  private final CountDownLatch stopping = new CountDownLatch(1);

  /** So many records are sent before they are confirmed; fewer after a failure, as of a slow receiver. */
  private int batch = LEAST;

  private boolean hasBegun;

  /** Whether the reader is where the next batch begins. */
  private boolean isInPlace;

  private volatile Position confirmed = new Position(0, "");
  private volatile Optional<Instant> oldest = Optional.empty();
  private volatile Optional<String> trouble = Optional.empty();
  private volatile long failures;

  /**
   * @param name by which settings name the destination, and the file of its position
   * @param directory the folder of the trail
   */
  public Shipper(
      String name,
      Destination destination,
      AuditLog log,
      Path directory,
      String node,
      InstantSource clock) {
    this(name, destination, log::durable, directory, node, clock, CONFIRM);
  }

  Shipper(
      String name,
      Destination destination,
      LongSupplier durable,
      Path directory,
      String node,
      InstantSource clock,
      Duration open) {
    this.name = name;
    this.destination = destination;
    this.durable = durable;
    this.reader = new TrailReader(directory, node);
    this.file = directory.resolve(node + '.' + name + ".shipped");
    this.clock = clock;
    this.open = open;
    this.thread = Thread.ofPlatform().daemon().name("audit-ship-" + name).unstarted(this::rounds);
  }

  /** Where this chain is another than the one that was shipped, all of it is shipped. */
  private void begin() throws IOException {
    long before = reader.oldest().orElse(1L) - 1;
    Optional<Position> kept = Position.read(file);
    if (kept.isEmpty() || kept.get().seq() < before) {
      confirmed = new Position(before, "");
    } else if (isOfThisChain(kept.get(), before)) {
      confirmed = kept.get();
    } else {
      LOG.log(
          Level.WARNING,
          "audit trail: what was shipped to {0} up to record {1} is not this trail; all of it is"
              + " shipped again",
          name,
          kept.get().seq());
      confirmed = new Position(before, "");
    }
    hasBegun = true;
  }

  private boolean isOfThisChain(Position kept, long before) throws IOException {
    long end = durable.getAsLong();
    if (kept.seq() < end) {
      reader.seek(kept.seq());
      return reader.next(end).filter(line -> line.prev().equals(kept.hash())).isPresent();
    }
    if (kept.seq() > end || kept.seq() == before) {
      return kept.seq() == end;
    }
    reader.seek(kept.seq() - 1);
    return reader.next(end).filter(line -> line.hash().equals(kept.hash())).isPresent();
  }

  public void start() {
    thread.start();
  }

  private void rounds() {
    Duration pause = PAUSE;
    try {
      do {
        try {
          ship();
          pause = PAUSE;
          trouble = Optional.empty();
        } catch (IOException | RuntimeException e) {
          failed(e);
          if (stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
            return;
          }
          Duration twice = pause.multipliedBy(2);
          pause = twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
        }
      } while (!stopping.await(LOOK.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      // nobody interrupts this thread but a JVM that ends
      return;
    } finally {
      destination.abandon();
    }
  }

  private void failed(Exception e) {
    if (e instanceof RuntimeException) {
      LOG.log(Level.ERROR, "audit trail: shipping to " + name + " failed and is tried again", e);
    }
    destination.abandon();
    batch = Math.max(LEAST, batch / 2);
    if (stopping.getCount() == 0) {
      return;
    }
    failures++;
    String what = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    if (trouble.isEmpty()) {
      LOG.log(
          Level.WARNING, "audit trail: shipping to {0} ({1}): {2}", name, destination, what);
    }
    trouble = Optional.of(what);
  }

  /** One batch: what there is, and what comes within the next moment. */
  void ship() throws IOException, InterruptedException {
    if (!hasBegun) {
      begin();
    }
    if (!isInPlace) {
      reader.seek(confirmed.seq());
    }
    isInPlace = false;
    long began = 0;
    Optional<TrailReader.Line> last = Optional.empty();
    int count = 0;
    // asked anew only where it is reached, since whoever writes waits for the answer to be given
    long upTo = durable.getAsLong();
    while (count < batch && (count == 0 || System.nanoTime() - began < open.toNanos())) {
      Optional<TrailReader.Line> line = reader.next(upTo);
      if (line.isEmpty()) {
        upTo = durable.getAsLong();
        line = reader.next(upTo);
      }
      if (line.isPresent()) {
        if (count == 0) {
          oldest = line.get().time();
          began = System.nanoTime();
        }
        destination.send(line.get());
        last = line;
        count++;
      } else if (count == 0) {
        oldest = Optional.empty();
        isInPlace = true;
        return;
      } else {
        destination.flush();
        long pause = Math.min(LOOK.toMillis(), open.toMillis());
        if (stopping.await(pause, TimeUnit.MILLISECONDS)) {
          break;
        }
      }
    }
    destination.confirm();
    TrailReader.Line newest = last.orElseThrow();
    Position now = new Position(newest.seq(), newest.hash());
    now.write(file);
    confirmed = now;
    isInPlace = true;
    batch = Math.min(MOST, batch * 2);
    if (durable.getAsLong() <= now.seq()) {
      oldest = Optional.empty();
    }
  }

  public String name() {
    return name;
  }

  /** What it is and where. */
  public String target() {
    return destination.toString();
  }

  /** Records up to this number are there. */
  public long shipped() {
    return confirmed.seq();
  }

  /** How many records are on disk here and not known to be there. */
  public long backlog() {
    return Math.max(0, durable.getAsLong() - confirmed.seq());
  }

  /** How old the oldest of those is; nothing when there is none. */
  public Duration age() {
    Duration age =
        oldest
            .filter(time -> backlog() > 0)
            .map(time -> Duration.between(time, clock.instant()))
            .orElse(Duration.ZERO);
    return age.isNegative() ? Duration.ZERO : age;
  }

  /** Why the last attempt failed, while the next has not succeeded. */
  public Optional<String> trouble() {
    return trouble;
  }

  public long failures() {
    return failures;
  }

  /** Ends; what is not confirmed by then is sent again at the next start. */
  @Override
  public void close() {
    stopping.countDown();
    destination.close();
    boolean isInterrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        isInterrupted = true;
      }
    }
    try {
      reader.close();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "closing a segment that was read", e);
    }
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
