package dev.strongroom.audit;

import dev.strongroom.model.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Ends segments that have become old, and removes the oldest whole segments when the trail is older or
 * larger than it should be.
 *
 * <p>Pruning goes in this order, and each step is on disk before the next: the segments are read
 * through and must follow from one another, a signed statement about them is put into the file {@code
 * NODE.pruned}, a record with the statement's digest and a checkpoint over it are written, the
 * segments are removed, the oldest first. A crash in between leaves a trail that verifies; the next
 * round finishes what the newest statement speaks of.
 */
public final class Retention implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Retention.class.getName());
  private static final Duration PAUSE = Duration.ofMinutes(1);

  /** So many segments in one statement: reading them through takes a few seconds. */
  private static final int AT_ONCE = 16;

  /**
   * What is kept: what exceeds either is removed.
   *
   * @param days a segment goes once its newest record is older
   * @param mebibytes the oldest segments go while all take more
   */
  public record Limits(OptionalInt days, OptionalInt mebibytes) {
    public static final Limits NONE = new Limits(OptionalInt.empty(), OptionalInt.empty());

    public boolean isNone() {
      return days.isEmpty() && mebibytes.isEmpty();
    }

    private String text() {
      List<String> words = new ArrayList<>();
      days.ifPresent(number -> words.add("days:" + number));
      mebibytes.ifPresent(number -> words.add("mebibytes:" + number));
      return String.join(",", words);
    }
  }

  /** By whom pruning is asked for, as statements say it. */
  public enum Asked {
    SETTING,
    COMMAND
  }

  /** What was removed: the numbers of the records, and how many segments. */
  public record Pruned(long first, long last, int segments) {
    private Pruned and(Pruned later) {
      return new Pruned(first, later.last, segments + later.segments);
    }
  }

  /** It cannot be pruned now, or must not be; nothing was removed. */
  public static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    private Refused(String why) {
      super(why, null, false, false);
    }
  }

  private final AuditLog log;
  private final Limits limits;
  private final Duration segmentAge;
  private final LongSupplier shipped;
  private final Thread thread;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private String told = "";

  /**
   * @param segmentAge after so long a segment ends though it is not full
   * @param shipped records up to this number are where they are shipped to, and may be removed
   */
  public Retention(AuditLog log, Limits limits, Duration segmentAge, LongSupplier shipped) {
    this.log = log;
    this.limits = limits;
    this.segmentAge = segmentAge;
    this.shipped = shipped;
    this.thread = Thread.ofPlatform().daemon().name("audit-retention").unstarted(this::rounds);
  }

  public void start() {
    thread.start();
  }

  private void rounds() {
    try {
      do {
        round();
      } while (!stopping.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      // nobody interrupts this thread but a JVM that ends
      return;
    }
  }

  /** What is done once a minute; while the server is sealed, nothing. */
  void round() {
    if (log.signer().isEmpty()) {
      return;
    }
    try {
      turnIfOld();
      prune(limits, Asked.SETTING);
      told = "";
    } catch (Refused | IOException e) {
      // said once, since it stays so until somebody has looked at it
      if (!told.equals(e.getMessage())) {
        told = e.getMessage();
        LOG.log(System.Logger.Level.WARNING, "the audit trail is not pruned: {0}", told);
      }
    }
  }

  private void turnIfOld() throws IOException {
    Instant now = log.clock().instant();
    List<SegmentName> segments = segments();
    if (!segments.isEmpty()
        && newestOf(segments.getLast(), true)
            .filter(begun -> begun.plus(segmentAge).isBefore(now))
            .isPresent()) {
      log.turn();
    }
  }

  private List<SegmentName> segments() throws IOException {
    return SegmentName.list(log.settings().directory())
        .getOrDefault(log.settings().node(), List.of());
  }

  /** The time of a segment's last record, or of its first, where it has one. */
  private static Optional<Instant> newestOf(SegmentName segment, boolean isFirstEnough)
      throws IOException {
    Optional<Instant> time = Optional.empty();
    try (SegmentLines in = new SegmentLines(Files.newInputStream(segment.file()))) {
      while (in.next()) {
        Optional<Instant> its = ChainLine.time(in.buffer(), in.start(), in.length());
        time = its.isPresent() ? its : time;
        if (isFirstEnough && time.isPresent()) {
          break;
        }
      }
    }
    return time;
  }

  /** Removes what exceeds the limits; empty when nothing does. */
  public synchronized Optional<Pruned> prune(Limits asked, Asked by)
      throws IOException, Refused {
    AuditKey key = log.signer().orElseThrow(() -> new Refused("the server is sealed"));
    AuditLog.Held alone =
        log.alone().orElseThrow(() -> new Refused("the trail is being read, as by a backup"));
    try (alone) {
      Optional<Pruned> all = Optional.empty();
      while (true) {
        Optional<Pruned> some = pruneSome(asked, by, key);
        if (some.isEmpty()) {
          return all;
        }
        all = Optional.of(all.map(before -> before.and(some.get())).orElseGet(some::get));
        if (stopping.getCount() == 0) {
          return all;
        }
      }
    }
  }

  private Optional<Pruned> pruneSome(Limits asked, Asked by, AuditKey key)
      throws IOException, Refused {
    PruneStatements statements =
        PruneStatements.read(log.settings().directory(), log.settings().node());
    if (statements.damage().isPresent()
        || statements.newest().filter(newest -> !key.publicKey().verifies(newest)).isPresent()) {
      throw new Refused(PruneStatements.file(log.settings().node()) + " is not ours");
    }
    finish(statements.newest());
    List<SegmentName> segments = segments();
    List<SegmentName> old = old(segments, asked);
    if (old.isEmpty()) {
      return Optional.empty();
    }
    if (!log.isSettled()) {
      throw new Refused("records are owed for changes, and come first");
    }
    PruneStatement.Signed statement =
        statement(old, segments.get(old.size()), statements.newest(), asked, by, key).sign(key);
    statements.with(statement, log.settings().directory(), log.files());
    finish(Optional.of(statement));
    return Optional.of(
        new Pruned(statement.statement().first(), statement.statement().last(), old.size()));
  }

  /** The oldest segments that exceed the limits; never the one that is written. */
  private List<SegmentName> old(List<SegmentName> segments, Limits asked) throws IOException {
    if (asked.isNone()) {
      return List.of();
    }
    Optional<Instant> before =
        asked.days().isPresent()
            ? Optional.of(
                log.clock().instant().minus(Duration.ofDays(asked.days().getAsInt())))
            : Optional.empty();
    OptionalLong most =
        asked.mebibytes().isPresent()
            ? OptionalLong.of((long) asked.mebibytes().getAsInt() << 20)
            : OptionalLong.empty();
    long all = 0;
    for (SegmentName segment : segments) {
      all += Files.size(segment.file());
    }
    long shippedUpTo = shipped.getAsLong();
    List<SegmentName> old = new ArrayList<>();
    for (int i = 0; i < segments.size() - 1 && old.size() < AT_ONCE; i++) {
      SegmentName segment = segments.get(i);
      SegmentName next = segments.get(i + 1);
      boolean isLarge = most.isPresent() && all > most.getAsLong();
      if (next.first() - 1 > shippedUpTo
          || !isLarge && !(before.isPresent() && isOlder(segment, next, before.get()))) {
        break;
      }
      old.add(segment);
      all -= Files.size(segment.file());
    }
    return old;
  }

  private static boolean isOlder(SegmentName segment, SegmentName next, Instant than)
      throws IOException {
    // the next one's first record is hardly newer than this one's last, and found at once
    Optional<Instant> ended = newestOf(next, true);
    return (ended.isPresent() ? ended : newestOf(segment, false))
        .filter(time -> time.isBefore(than))
        .isPresent();
  }

  private PruneStatement statement(
      List<SegmentName> old,
      SegmentName next,
      Optional<PruneStatement.Signed> before,
      Limits asked,
      Asked by,
      AuditKey key)
      throws IOException, Refused {
    Optional<PruneStatement> previous = before.map(PruneStatement.Signed::statement);
    ChainEnd end = ChainEnd.readAll(old, previous);
    Optional<String> damage = end.damage();
    if (damage.isEmpty() && (end.seq() != next.first() - 1 || !isBefore(end.hash(), next))) {
      damage = Optional.of(next.file().getFileName() + " does not follow");
    }
    if (damage.isPresent()) {
      log.alarm(AuditAlarm.Kind.CHAIN_DAMAGED, damage.get());
      throw new Refused("it is damaged, and evidence is kept: " + damage.get());
    }
    return new PruneStatement(
        log.settings().installation(),
        log.settings().node(),
        previous.map(PruneStatement::last).orElse(0L) + 1,
        end.seq(),
        end.hash(),
        old.size(),
        end.findings(),
        log.clock().instant(),
        end.lastJournal(),
        end.coverage().complete(),
        end.coverage().ahead(),
        by.name().toLowerCase(Locale.ROOT) + ',' + asked.text(),
        key.publicKey().id());
  }

  /** Whether the segment goes on from this hash; one without a line yet does. */
  private static boolean isBefore(String hash, SegmentName segment) throws IOException {
    try (SegmentLines in = new SegmentLines(Files.newInputStream(segment.file()))) {
      return !in.next()
          || ChainLine.read(in.buffer(), in.start(), in.length())
              .filter(line -> line.prev().equals(hash))
              .isPresent();
    }
  }

  /** Removes what the statement speaks of, where any of it is still there. */
  private void finish(Optional<PruneStatement.Signed> newest) throws IOException, Refused {
    if (newest.isEmpty()) {
      return;
    }
    PruneStatement statement = newest.get().statement();
    List<SegmentName> segments = segments();
    List<SegmentName> left = new ArrayList<>();
    for (int i = 0; i < segments.size() - 1; i++) {
      if (segments.get(i + 1).first() - 1 <= statement.last()) {
        left.add(segments.get(i));
      }
    }
    if (left.isEmpty()) {
      return;
    }
    // again after a crash, since it may not have been written then
    boolean isStated =
        log.state(
            Operation.AUDIT_PRUNE,
            Map.of(
                "first", Long.toString(statement.first()),
                "last", Long.toString(statement.last()),
                "lastHash", statement.hash(),
                "segments", Integer.toString(statement.segments()),
                "asked", statement.asked(),
                "statement", newest.get().digest()));
    if (!isStated) {
      throw new Refused("the record of it or its checkpoint could not be written");
    }
    for (SegmentName segment : left) {
      log.files().delete(segment.file());
    }
    log.files().forceNames(log.settings().directory());
  }

  /** Ends after the step under way; the next start goes on. */
  @Override
  public void close() {
    // not by an interrupt, which would close the files that it syncs
    stopping.countDown();
    AuditLog.join(thread);
  }
}
