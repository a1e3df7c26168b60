package dev.strongroom.audit;

import dev.strongroom.crypto.Digests;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Operation;
import dev.strongroom.model.VaultException;
import dev.strongroom.store.JournalRow;
import dev.strongroom.store.Store;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestException;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.StampedLock;

/**
 * The audit trail of one node: a chain of JSON lines in segment files.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>Each line carries its number (dense from 1) and the SHA-256 of the line before, without its
 *       line end, in hex.
 *   <li>A file never keeps a part of a line: a write that fails is cut back to the last whole line.
 *   <li>A line that was written is removed only by {@link Retention}, with its whole segment, behind
 *       a signed statement.
 *   <li>After {@link #open} every journal record of this node has its line, or is owed one that is
 *       written as soon as the disk takes it.
 *   <li>All under {@code lock}, except what the sync thread does with files under {@code syncLock};
 *       {@code syncLock} is taken first.
 * </ul>
 *
 * <p>Lines are rendered before the lock is taken. Whoever gets the lock writes the lines of all who
 * wait for it with one write.
 */
public final class AuditLog implements Audit {
  private static final System.Logger LOG = System.getLogger(AuditLog.class.getName());
  private static final int MAX_BATCH = 256 << 10;
  private static final int PAGE = 1_000;
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LITTLE_SPACE = 1 << 20;
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private final AuditSettings settings;
  private final AuditStore store;
  private final AuditAlarm alarm;
  private final InstantSource clock;
  private final SegmentFiles files;

  private final Queue<Pending> queue = new ConcurrentLinkedQueue<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition spaceWork = lock.newCondition();
  private final Condition durableChanged = lock.newCondition();
  private final MessageDigest sha256 = Digests.newSha256();
  private final byte[] digest = new byte[32];
  private byte[] batch = new byte[16 << 10];
  private int batchLength;

  private SegmentFile file;
  private long position;
  private long limit;
  private boolean isFileBroken;
  private long seq;
  private byte[] hash;
  private final JournalCoverage coverage;
  private final TreeSet<Long> owed = new TreeSet<>();

  /** Changes of lost nodes whose records are this node's to write, before any that is owed. */
  private final TreeSet<Long> taken = new TreeSet<>();

  private final List<Retired> retired = new ArrayList<>();
  private final List<Raised> raised = new ArrayList<>();
  private boolean isDirty;
  private boolean areNamesDirty;
  private long durable;
  private int sinceCheckpoint;
  private boolean isNextReady;
  private boolean isReserveReady;
  private boolean isSpaceBusy;
  private boolean isClosed;
  private volatile boolean isClosing;
  private volatile boolean isReserveInUse;
  private volatile boolean isWritable = true;
  private volatile boolean isSyncFailed;
  private volatile boolean isJournalBehind;

  private final ReentrantLock syncLock = new ReentrantLock();
  private Optional<AuditKey> signer = Optional.empty();
  private List<Checkpoint.Signed> unverified = List.of();
  private Optional<PruneStatement.Signed> unverifiedPruned = Optional.empty();
  private volatile boolean isSigning;
  private volatile long lastCheckpointNanos = System.nanoTime();
  private volatile long retryNanos = System.nanoTime();
  private final Thread syncThread;
  private final Thread spaceThread;

  /** Who reads the whole chain shares it, who prunes has it alone. */
  private final StampedLock whole = new StampedLock();

  private static final class Pending {
    private final AuditLine line;
    private boolean isDone;
    private boolean isFailed;
    private long seq;
    private byte[] hash;

    private Pending(AuditLine line) {
      this.line = line;
    }
  }

  /** A segment that is full: its unused end is cut and it is closed by the next sync. */
  private record Retired(SegmentFile file, long length) {}

  private record Raised(AuditAlarm.Kind kind, String what) {}

  private AuditLog(
      AuditSettings settings,
      AuditStore store,
      AuditAlarm alarm,
      InstantSource clock,
      SegmentFiles files,
      ChainEnd end) {
    this.settings = settings;
    this.store = store;
    this.alarm = alarm;
    this.clock = clock;
    this.files = files;
    this.seq = end.seq();
    this.durable = end.seq();
    this.hash = end.hash().getBytes(StandardCharsets.US_ASCII);
    this.coverage = end.coverage();
    this.syncThread = Thread.ofPlatform().daemon().name("audit-sync").unstarted(this::syncLoop);
    this.spaceThread = Thread.ofPlatform().daemon().name("audit-space").unstarted(this::spaceLoop);
  }

  /**
   * Opens the node's chain where it ended: repairs its end, compares it with the store, and writes
   * the records of this node's journal that it lacks. Needs nothing unsealed.
   */
  public static AuditLog open(
      AuditSettings settings, Store store, AuditAlarm alarm, InstantSource clock)
      throws IOException {
    return open(settings, AuditStore.of(store), alarm, clock, new DiskFiles());
  }

  static AuditLog open(
      AuditSettings settings,
      AuditStore store,
      AuditAlarm alarm,
      InstantSource clock,
      SegmentFiles files)
      throws IOException {
    if (!Files.isDirectory(settings.directory())) {
      Files.createDirectories(
          settings.directory(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    Optional<byte[]> kept = store.meta(checkpointMeta(settings.node()));
    Optional<Checkpoint.Signed> inStore = kept.flatMap(Checkpoint::read);
    List<SegmentName> segments =
        SegmentName.list(settings.directory()).getOrDefault(settings.node(), List.of());
    PruneStatements pruned = PruneStatements.read(settings.directory(), settings.node());
    ChainEnd end =
        ChainEnd.read(
            segments,
            pruned.newest().map(PruneStatement.Signed::statement),
            inStore.map(s -> OptionalLong.of(s.checkpoint().seq())).orElse(OptionalLong.empty()));
    AuditLog log = new AuditLog(settings, store, alarm, clock, files, end);
    pruned
        .damage()
        .ifPresent(
            what ->
                log.raise(
                    AuditAlarm.Kind.CHAIN_DAMAGED,
                    PruneStatements.file(settings.node()) + ": " + what));
    log.unverifiedPruned = pruned.newest();
    log.start(end, kept.isPresent(), inStore);
    return log;
  }

  static String checkpointMeta(String node) {
    return ChainCopy.CHECKPOINTS + node;
  }

  private void start(ChainEnd end, boolean isKept, Optional<Checkpoint.Signed> inStore)
      throws IOException {
    List<AuditLine> first = new ArrayList<>();
    Optional<ChainEnd.Tail> last =
        end.end().filter(t -> t.whole() > 0 || t.segment().first() == end.seq() + 1);
    if (last.isPresent()) {
      ChainEnd.Tail tail = last.get();
      long used = tail.whole();
      file = files.open(tail.segment().file(), used);
      position = used;
      limit =
          tail.segment().first() == 1 ? settings.firstSegmentBytes() : settings.segmentBytes();
      if (tail.torn() > 0) {
        first.add(repair(tail));
      }
    } else {
      openSegment(SegmentName.of(settings.directory(), settings.node(), seq + 1).file());
      limit = seq == 0 ? settings.firstSegmentBytes() : settings.segmentBytes();
    }
    readyParts();
    end.damage().ifPresent(what -> raise(AuditAlarm.Kind.CHAIN_DAMAGED, what));
    compareWithStore(end, isKept, inStore, first);
    List<Checkpoint.Signed> toVerify = new ArrayList<>();
    end.checkpoint().ifPresent(toVerify::add);
    inStore.ifPresent(toVerify::add);
    unverified = List.copyOf(toVerify);
    boolean isWritten = true;
    for (AuditLine line : first) {
      isWritten &= !submit(line).isFailed;
    }
    if (!isWritten) {
      throw new IOException("the audit trail cannot be written in " + settings.directory());
    }
    settle();
    force();
    syncThread.start();
    spaceThread.start();
  }

  /** Cuts a torn end; what might hold whole lines is kept beside the segment. */
  private AuditLine repair(ChainEnd.Tail tail) throws IOException {
    Path segment = tail.segment().file();
    MessageDigest digestOfTorn = Digests.newSha256();
    Path side = settings.directory().resolve(settings.node() + '-' + (seq + 1) + ".torn");
    Path partial = side.resolveSibling(side.getFileName() + ".tmp");
    boolean isOneLine = true;
    files.delete(partial);
    SegmentFile copy = files.open(partial, 0);
    try (InputStream in = Files.newInputStream(segment)) {
      in.skipNBytes(tail.whole());
      byte[] chunk = new byte[64 << 10];
      for (long left = tail.torn(); left > 0; ) {
        int read = in.readNBytes(chunk, 0, (int) Math.min(left, chunk.length));
        if (read == 0) {
          throw new IOException("the end of " + segment + " changed while it was read");
        }
        for (int i = 0; i < read; i++) {
          isOneLine &= chunk[i] != '\n';
        }
        digestOfTorn.update(chunk, 0, read);
        copy.write(chunk, 0, read);
        left -= read;
      }
      copy.force();
    } finally {
      copy.close();
    }
    if (isOneLine) {
      files.delete(partial);
    } else {
      files.rename(partial, side);
    }
    file.truncate(tail.whole());
    return about(
        Operation.AUDIT_REPAIR,
        Map.of(
            "segment", segment.getFileName().toString(),
            "tornBytes", Long.toString(tail.torn()),
            "tornSha256", HexFormat.of().formatHex(digestOfTorn.digest()),
            "keptAs", isOneLine ? "" : side.getFileName().toString()));
  }

  private void compareWithStore(
      ChainEnd end,
      boolean isKept,
      Optional<Checkpoint.Signed> inStore,
      List<AuditLine> first) {
    if (isKept && inStore.isEmpty()) {
      raise(AuditAlarm.Kind.CHECKPOINT_FORGED, "the store's checkpoint is not readable");
    }
    if (inStore.isPresent()
        && !inStore.get().checkpoint().installation().equals(settings.installation())) {
      raise(AuditAlarm.Kind.CHECKPOINT_FORGED, "the store's checkpoint is another installation's");
    }
    long lastJournal = end.lastJournal();
    if (inStore.isPresent()) {
      Checkpoint checkpoint = inStore.get().checkpoint();
      lastJournal = Math.max(lastJournal, checkpoint.journalHead());
      boolean isShorter = checkpoint.seq() > end.seq();
      boolean differs = end.watched().map(at -> !at.equals(checkpoint.hash())).orElse(false);
      if (isShorter || differs) {
        raise(
            AuditAlarm.Kind.CHAIN_SHORTENED,
            "the store's checkpoint is of record "
                + checkpoint.seq()
                + (differs
                    ? ", which the chain has otherwise"
                    : ", the chain ends at " + end.seq()));
        first.add(
            about(
                Operation.AUDIT_GAP,
                Map.of(
                    "checkpointSeq", Long.toString(checkpoint.seq()),
                    "checkpointHash", checkpoint.hash(),
                    "chainSeq", Long.toString(end.seq()))));
      }
    }
    long head = store.journalHead();
    if (head < lastJournal) {
      isJournalBehind = true;
      raise(
          AuditAlarm.Kind.JOURNAL_BEHIND,
          "the store's journal ends at " + head + ", the audit trail knows " + lastJournal);
      first.add(
          about(
              Operation.AUDIT_JOURNAL_BEHIND,
              Map.of("journalHead", Long.toString(head), "known", Long.toString(lastJournal))));
    }
    List<TakenOver> ofThisNode = TakenOver.of(store, settings.node());
    long after = coverage.complete();
    while (after < head) {
      List<JournalRow> rows = store.journal(after, PAGE);
      if (rows.isEmpty()) {
        break;
      }
      for (JournalRow row : rows) {
        after = row.number();
        if (!row.node().equals(settings.node())
            || TakenOver.find(ofThisNode, after).isPresent()) {
          coverage.add(after);
        } else if (!coverage.contains(after)) {
          owed.add(after);
        }
      }
    }
    for (long each : List.copyOf(owed)) {
      take(each);
    }
  }

  /**
   * Where the change is a take-over whose own record is not written yet: what of the lost node has no
   * record in this chain becomes this node's to write.
   */
  private void take(long journal) {
    Optional<String> lost =
        store.meta(TakenOver.meta(journal)).map(b -> new String(b, StandardCharsets.US_ASCII));
    if (lost.isEmpty()) {
      return;
    }
    TakenOver entry =
        TakenOver.of(store, lost.get()).stream()
            .filter(one -> one.journal() == journal)
            .findFirst()
            .orElseThrow();
    TreeSet<Long> numbers = new TreeSet<>();
    long after = entry.covered().complete();
    while (after < journal) {
      List<JournalRow> rows = store.journal(after, PAGE);
      if (rows.isEmpty()) {
        break;
      }
      for (JournalRow row : rows) {
        after = row.number();
        if (row.node().equals(lost.get()) && entry.includes(after)) {
          numbers.add(after);
        }
      }
    }
    if (!numbers.isEmpty()) {
      numbers.removeAll(inChain());
    }
    lock.lock();
    try {
      taken.addAll(numbers);
    } finally {
      lock.unlock();
    }
  }

  /** Every journal number that this chain has a record of, its own and others'. */
  private Set<Long> inChain() {
    Set<Long> numbers = new HashSet<>();
    try (Held _ = hold()) {
      for (SegmentName segment :
          SegmentName.list(settings.directory()).getOrDefault(settings.node(), List.of())) {
        try (SegmentLines in = new SegmentLines(Files.newInputStream(segment.file()))) {
          while (in.next()) {
            ChainLine.read(in.buffer(), in.start(), in.length())
                .ifPresent(line -> line.journal().ifPresent(numbers::add));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return numbers;
  }

  /** The number of the newest record that stands in the chain. */
  public long newest() {
    lock.lock();
    try {
      return seq;
    } finally {
      lock.unlock();
    }
  }

  /** Records up to this number are on disk. */
  public long durable() {
    lock.lock();
    try {
      return durable;
    } finally {
      lock.unlock();
    }
  }

  /** Until it is closed nothing is pruned, so that the whole chain can be read. */
  public Held hold() {
    long stamp = whole.readLock();
    return () -> whole.unlockRead(stamp);
  }

  /** What keeps a chain from being pruned. */
  public interface Held extends AutoCloseable {
    @Override
    void close();
  }

  /** Keeps others from reading the whole chain; empty while one does. */
  Optional<Held> alone() {
    long stamp = whole.tryWriteLock();
    return stamp == 0 ? Optional.empty() : Optional.of(() -> whole.unlockWrite(stamp));
  }

  AuditSettings settings() {
    return settings;
  }

  SegmentFiles files() {
    return files;
  }

  InstantSource clock() {
    return clock;
  }

  /** The key, while there is one. */
  Optional<AuditKey> signer() {
    syncLock.lock();
    try {
      return signer;
    } finally {
      syncLock.unlock();
    }
  }

  /** Whether every change of this node, and of those that it took over, has its record. */
  boolean isSettled() {
    lock.lock();
    try {
      return owed.isEmpty() && taken.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes a record of the log's own and a checkpoint that covers it. True when both are on disk and
   * the store has the checkpoint.
   */
  boolean state(Operation operation, Map<String, String> details) {
    syncLock.lock();
    try {
      return !submit(about(operation, details)).isFailed && checkpoint();
    } finally {
      syncLock.unlock();
      tell();
    }
  }

  /** Goes on in a new segment, where this one has a record. */
  void turn() {
    lock.lock();
    try {
      if (position > 0 && !isReserveInUse && !isFileBroken && !isClosed && !isSyncFailed) {
        rotate();
      }
    } catch (IOException e) {
      raise(AuditAlarm.Kind.WRITE_FAILED, "a new segment: " + e.getMessage());
    } finally {
      lock.unlock();
    }
    tell();
  }

  /** Raises an alarm of a part that works beside the log. */
  void alarm(AuditAlarm.Kind kind, String what) {
    raise(kind, what);
    tell();
  }

  /** This node has taken over a lost one, by the change of this number. */
  void oweTakenOver(long journal) {
    take(journal);
    owe(journal);
  }

  /** A change of this node was made that nobody writes the record of; it is written here. */
  public void owe(long journal) {
    lock.lock();
    try {
      if (!coverage.contains(journal)) {
        owed.add(journal);
      }
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Which changes of this node have their record, for whoever might have to write the others'. */
  public String coverage() {
    lock.lock();
    try {
      return coverage.complete() + " " + coverage.ahead();
    } finally {
      lock.unlock();
    }
  }

  /**
   * From now on checkpoints are made and signed; called when the server is unsealed. Checkpoints
   * found at the start are verified now.
   */
  public void startCheckpoints(AuditKey with) {
    syncLock.lock();
    try {
      exportKey(with);
      for (Checkpoint.Signed found : unverified) {
        if (!with.publicKey().verifies(found)) {
          raise(
              AuditAlarm.Kind.CHECKPOINT_FORGED,
              "the checkpoint of record " + found.checkpoint().seq() + " is not ours");
        }
      }
      unverified = List.of();
      if (unverifiedPruned.filter(found -> !with.publicKey().verifies(found)).isPresent()) {
        raise(
            AuditAlarm.Kind.CHECKPOINT_FORGED, "the statement of what was pruned is not ours");
      }
      unverifiedPruned = Optional.empty();
      signer = Optional.of(with);
      isSigning = true;
    } finally {
      syncLock.unlock();
    }
    lock.lock();
    try {
      work.signal();
    } finally {
      lock.unlock();
    }
    tell();
  }

  private void exportKey(AuditKey key) {
    try {
      key.export(settings.directory());
    } catch (IOException e) {
      // a full disk must not keep the server sealed; the next start exports it
      raise(AuditAlarm.Kind.WRITE_FAILED, "the public key: " + e.getMessage());
    }
  }

  /** Makes a last checkpoint and forgets the key; called before the server is sealed. */
  public void stopCheckpoints() {
    syncLock.lock();
    try {
      checkpoint();
      signer = Optional.empty();
      isSigning = false;
    } finally {
      syncLock.unlock();
    }
    tell();
  }

  @Override
  public Taken take(AuditRecord record) {
    Pending pending =
        enqueue(AuditLine.of(settings.installation(), settings.node(), record));
    return () -> {
      write(pending);
      if (pending.isFailed
          || settings.sync() == AuditSync.EACH && !awaitDurable(pending.seq)) {
        throw VaultException.of(ErrorCode.AUDIT_UNAVAILABLE);
      }
    };
  }

  @Override
  public boolean waits() {
    return settings.sync() == AuditSync.EACH;
  }

  @Override
  public boolean isAvailable() {
    return isWritable && !isSyncFailed && !isClosing;
  }

  /** Whether the reserve is used or cannot be made: then changes are refused, reads go on. */
  public boolean isReserveInUse() {
    return isReserveInUse;
  }

  /** Whether the store's journal is shorter than this chain says: a database was rolled back. */
  public boolean isJournalBehind() {
    return isJournalBehind;
  }

  /** Not while the reserve is used, nor while the store would give out journal numbers again. */
  @Override
  public Optional<ErrorCode> refusalOfChanges() {
    if (!isAvailable()) {
      return Optional.of(ErrorCode.AUDIT_UNAVAILABLE);
    }
    if (isReserveInUse) {
      return Optional.of(ErrorCode.STORE_FULL);
    }
    return isJournalBehind ? Optional.of(ErrorCode.STORE_OLDER_THAN_AUDIT) : Optional.empty();
  }

  /** Records that wait to be written. */
  public int waiting() {
    return queue.size();
  }

  /** Records that were written and are not known to be on disk. */
  public long notDurable() {
    lock.lock();
    try {
      return seq - durable;
    } finally {
      lock.unlock();
    }
  }

  /** Records of changes that are owed, because their own could not be written. */
  public int owing() {
    lock.lock();
    try {
      return owed.size() + taken.size();
    } finally {
      lock.unlock();
    }
  }

  /** Syncs, makes the last checkpoint, and cuts what was preallocated and not used. */
  @Override
  public void close() {
    lock.lock();
    try {
      if (isClosing) {
        return;
      }
      isClosing = true;
      work.signalAll();
      spaceWork.signalAll();
    } finally {
      lock.unlock();
    }
    join(syncThread);
    join(spaceThread);
    syncLock.lock();
    try {
      force();
      settleOrRetry();
      checkpoint();
      lock.lock();
      try {
        isClosed = true;
        file.truncate(position);
        file.force();
        file.close();
      } catch (IOException e) {
        raise(AuditAlarm.Kind.SYNC_FAILED, "closing the last segment: " + e.getMessage());
      } finally {
        durableChanged.signalAll();
        lock.unlock();
      }
    } finally {
      syncLock.unlock();
    }
    tell();
  }

  static void join(Thread thread) {
    boolean isInterrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        isInterrupted = true;
      }
    }
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- appending

  private Pending submit(AuditLine line) {
    Pending pending = enqueue(line);
    write(pending);
    return pending;
  }

  private Pending enqueue(AuditLine line) {
    Pending pending = new Pending(line);
    queue.add(pending);
    return pending;
  }

  private void write(Pending pending) {
    lock.lock();
    try {
      while (!pending.isDone) {
        writeWaiting();
      }
    } finally {
      lock.unlock();
    }
    tell();
  }

  private void writeWaiting() {
    Deque<Pending> waiting = new ArrayDeque<>();
    for (Pending next = queue.poll(); next != null; next = queue.poll()) {
      waiting.add(next);
      if (waiting.size() == 128) {
        break;
      }
    }
    while (!waiting.isEmpty()) {
      if (isClosed || isSyncFailed || !writeSome(waiting)) {
        fail(waiting);
      }
    }
    if (!isSpaceBusy && (wantsNext() || !isWritable)) {
      spaceWork.signal();
    }
  }

  /** Writes as many lines as fit into the segment at once; false when nothing can be written. */
  private boolean writeSome(Deque<Pending> waiting) {
    if (isFileBroken && !cutBack()) {
      isWritable = false;
      return false;
    }
    try {
      if (position > 0 && position + waiting.peek().line.placedLength() > limit) {
        rotate();
      }
    } catch (IOException e) {
      raise(AuditAlarm.Kind.WRITE_FAILED, "a new segment: " + e.getMessage());
      if (!useReserve()) {
        isWritable = false;
        return false;
      }
    }
    int count = gather(waiting);
    try {
      file.write(batch, 0, batchLength);
    } catch (IOException e) {
      raise(AuditAlarm.Kind.WRITE_FAILED, String.valueOf(e.getMessage()));
      // a file with a partial line at its end is never left behind
      if (cutBack() && useReserve()) {
        return true;
      }
      isWritable = false;
      return false;
    }
    position += batchLength;
    for (int i = 0; i < count; i++) {
      Pending done = waiting.poll();
      seq = done.seq;
      hash = done.hash;
      done.isDone = true;
      if (done.line.journal().isPresent()) {
        long journal = done.line.journal().getAsLong();
        coverage.add(journal);
        owed.remove(journal);
        taken.remove(journal);
      }
    }
    sinceCheckpoint += count;
    isWritable = true;
    if (!isDirty) {
      isDirty = true;
      work.signal();
    } else if (sinceCheckpoint >= settings.checkpointRecords()) {
      work.signal();
    }
    return true;
  }

  /** Fills the batch with the first lines, numbered and chained; at least one. */
  private int gather(Deque<Pending> waiting) {
    batchLength = 0;
    int count = 0;
    long at = seq;
    byte[] before = hash;
    for (Pending next : waiting) {
      AuditLine line = next.line;
      line.place(at + 1, before);
      int length = line.length();
      long filled = batchLength + length;
      if (count > 0 && (position + filled > limit || filled > MAX_BATCH)) {
        break;
      }
      if (batchLength + length > batch.length) {
        batch = Arrays.copyOf(batch, Math.max(batch.length * 2, batchLength + length));
      }
      System.arraycopy(line.bytes(), line.start(), batch, batchLength, length);
      sha256.update(batch, batchLength, length - 1);
      batchLength += length;
      before = digestHex();
      next.seq = ++at;
      next.hash = before;
      count++;
    }
    return count;
  }

  private byte[] digestHex() {
    try {
      sha256.digest(digest, 0, digest.length);
    } catch (DigestException e) {
      throw new IllegalStateException("a SHA-256 has 32 bytes", e);
    }
    byte[] text = new byte[AuditLine.HASH];
    for (int i = 0; i < digest.length; i++) {
      text[2 * i] = HEX[digest[i] >> 4 & 0xf];
      text[2 * i + 1] = HEX[digest[i] & 0xf];
    }
    return text;
  }

  private void fail(Deque<Pending> waiting) {
    for (Pending pending = waiting.poll(); pending != null; pending = waiting.poll()) {
      pending.isDone = true;
      pending.isFailed = true;
      OptionalLong journal = pending.line.journal();
      if (journal.isPresent() && !coverage.contains(journal.getAsLong())) {
        owed.add(journal.getAsLong());
      }
    }
  }

  private boolean cutBack() {
    try {
      file.truncate(position);
      isFileBroken = false;
    } catch (IOException e) {
      isFileBroken = true;
      raise(AuditAlarm.Kind.WRITE_FAILED, "cutting a partial line: " + e.getMessage());
    }
    return !isFileBroken;
  }

  private AuditLine about(Operation operation, Map<String, String> details) {
    return AuditLine.about(
        settings.installation(), settings.node(), clock.instant(), operation, details);
  }

  // ---- segments and space

  private Path part(String suffix) {
    return settings.directory().resolve(settings.node() + suffix);
  }

  private void openSegment(Path path) throws IOException {
    file = files.open(path, 0);
    position = 0;
    areNamesDirty = true;
    isDirty = true;
  }

  /** Goes on in a new segment: the preallocated one where it is ready, else one that grows. */
  private void rotate() throws IOException {
    Path path = SegmentName.of(settings.directory(), settings.node(), seq + 1).file();
    SegmentFile full = file;
    long length = position;
    if (isNextReady) {
      files.rename(part(".next"), path);
      isNextReady = false;
    }
    openSegment(path);
    limit = settings.segmentBytes();
    retired.add(new Retired(full, length));
    work.signal();
    spaceWork.signal();
  }

  /** Makes the reserve the current segment, so that nothing else can take its space. */
  private boolean useReserve() {
    if (!isReserveReady) {
      return false;
    }
    isReserveReady = false;
    Path path = SegmentName.of(settings.directory(), settings.node(), seq + 1).file();
    SegmentFile before = file;
    long length = position;
    try {
      files.rename(part(".reserve"), path);
      openSegment(path);
    } catch (IOException e) {
      raise(AuditAlarm.Kind.WRITE_FAILED, "the reserve: " + e.getMessage());
      return false;
    }
    limit = settings.reserveBytes();
    retired.add(new Retired(before, length));
    isReserveInUse = true;
    work.signal();
    spaceWork.signal();
    raise(AuditAlarm.Kind.RESERVE_IN_USE, "the audit reserve is being used");
    return true;
  }

  /** Finds what an earlier run prepared; a wrong size is made anew. */
  private void readyParts() throws IOException {
    files.delete(part(".next.tmp"));
    files.delete(part(".reserve.tmp"));
    isNextReady = isReady(part(".next"), settings.segmentBytes());
    isReserveReady = isReady(part(".reserve"), settings.reserveBytes());
  }

  private boolean isReady(Path path, long length) throws IOException {
    if (Files.exists(path)) {
      if (length > 0 && Files.size(path) == length) {
        return true;
      }
      files.delete(path);
    }
    return false;
  }

  private void spaceLoop() {
    boolean isDone = true;
    while (true) {
      boolean wantsReserve;
      boolean wantsNext;
      lock.lock();
      try {
        long left = isDone ? 0 : RETRY_NANOS;
        while (left > 0 && !isClosing) {
          left = spaceWork.awaitNanos(left);
        }
        while (!isClosing && !wantsReserve() && !wantsNext() && isWritable) {
          isSpaceBusy = false;
          spaceWork.await();
        }
        isSpaceBusy = true;
        if (isClosing) {
          return;
        }
        wantsReserve = wantsReserve();
        wantsNext = wantsNext();
      } catch (InterruptedException e) {
        // nobody interrupts this thread but a JVM that ends
        return;
      } finally {
        lock.unlock();
      }
      isDone = makeSpace(wantsReserve, wantsNext);
      tell();
    }
  }

  private boolean wantsReserve() {
    return !isReserveReady && settings.reserveBytes() > 0;
  }

  private boolean wantsNext() {
    return !isNextReady && !isReserveInUse && position * 2 >= limit;
  }

  /** False when something is to be tried again later. */
  private boolean makeSpace(boolean wantsReserve, boolean wantsNext) {
    boolean hasReserve = true;
    if (wantsReserve) {
      long bytes = settings.reserveBytes();
      // a quarter more, so that the last bytes of the disk are left to others
      hasReserve = prepare(".reserve", bytes, bytes + bytes / 4);
      lock.lock();
      try {
        isReserveReady = hasReserve;
        if (hasReserve && isReserveInUse) {
          isReserveInUse = false;
          raise(AuditAlarm.Kind.RESERVE_RESTORED, "the audit reserve is whole again");
        } else if (!hasReserve && !isReserveInUse) {
          // as after a start on a disk that is still full
          isReserveInUse = true;
          raise(AuditAlarm.Kind.RESERVE_IN_USE, "there is no space for the audit reserve");
        }
        if (hasReserve) {
          regained();
        }
      } finally {
        lock.unlock();
      }
    }
    boolean hasNext = true;
    if (wantsNext && hasReserve) {
      // on a small disk a segment grows instead
      long bytes = settings.segmentBytes();
      hasNext = prepare(".next", bytes, bytes * 4);
      lock.lock();
      try {
        isNextReady = hasNext;
      } finally {
        lock.unlock();
      }
    }
    if (!isWritable && hasSpace(LITTLE_SPACE)) {
      lock.lock();
      try {
        regained();
      } finally {
        lock.unlock();
      }
    }
    return hasReserve && hasNext && isWritable;
  }

  private void regained() {
    isWritable = true;
    work.signal();
  }

  private boolean prepare(String suffix, long length, long needed) {
    if (!hasSpace(needed)) {
      return false;
    }
    try {
      files.preallocate(part(suffix + ".tmp"), length);
      files.rename(part(suffix + ".tmp"), part(suffix));
      return true;
    } catch (IOException e) {
      raise(AuditAlarm.Kind.WRITE_FAILED, "preparing " + part(suffix) + ": " + e.getMessage());
      return false;
    }
  }

  private boolean hasSpace(long length) {
    try {
      return files.usableSpace(settings.directory()) >= length;
    } catch (IOException e) {
      raise(AuditAlarm.Kind.WRITE_FAILED, "asking for free space: " + e.getMessage());
      return false;
    }
  }

  // ---- syncing and checkpoints

  private void syncLoop() {
    while (!isClosing) {
      boolean hasRecords;
      lock.lock();
      try {
        while (!isClosing && !isDirty && !canSettle() && !isCheckpointDue()) {
          long nanos = nanosToWork();
          if (nanos > 0) {
            work.awaitNanos(nanos);
          } else {
            work.await();
          }
        }
        hasRecords = isDirty;
      } catch (InterruptedException e) {
        // nobody interrupts this thread but a JVM that ends
        return;
      } finally {
        lock.unlock();
      }
      if (hasRecords && settings.sync() == AuditSync.GROUP && !isClosing) {
        LockSupport.parkNanos(settings.syncInterval().toNanos());
      }
      sync();
    }
  }

  private void sync() {
    syncLock.lock();
    try {
      force();
      boolean isDue;
      lock.lock();
      try {
        isDue = isCheckpointDue();
      } finally {
        lock.unlock();
      }
      if (isDue) {
        checkpoint();
      }
      settleOrRetry();
    } finally {
      syncLock.unlock();
    }
    tell();
  }

  private boolean isCheckpointDue() {
    return isSigning
        && !isSyncFailed
        && sinceCheckpoint > 0
        && System.nanoTime() - retryNanos >= 0
        && (sinceCheckpoint >= settings.checkpointRecords() || nanosToCheckpoint() <= 0);
  }

  private long nanosToCheckpoint() {
    return lastCheckpointNanos + settings.checkpointInterval().toNanos() - System.nanoTime();
  }

  private boolean canSettle() {
    return !owed.isEmpty() && isWritable && !isSyncFailed && System.nanoTime() - retryNanos >= 0;
  }

  /** How long the sync thread may sleep; 0 is until something is written. */
  private long nanosToWork() {
    long nanos = 0;
    if (isSigning && sinceCheckpoint > 0) {
      nanos = Math.max(1, nanosToCheckpoint());
    }
    long toRetry = retryNanos - System.nanoTime();
    return toRetry > 0 && (nanos > 0 || !owed.isEmpty()) ? Math.max(nanos, toRetry) : nanos;
  }

  /** What the store could not do is tried again when a checkpoint interval has passed. */
  private void retryLater(RuntimeException e) {
    raise(AuditAlarm.Kind.CHECKPOINT_FAILED, String.valueOf(e.getMessage()));
    retryNanos = System.nanoTime() + settings.checkpointInterval().toNanos();
  }

  private void settleOrRetry() {
    try {
      settle();
    } catch (RuntimeException e) {
      // the store may be away; what is owed stays remembered, and a start finds it too
      retryLater(e);
    }
  }

  private void force() {
    List<Retired> full;
    SegmentFile current;
    long upTo;
    boolean hasNames;
    lock.lock();
    try {
      full = List.copyOf(retired);
      retired.clear();
      current = file;
      upTo = seq;
      hasNames = areNamesDirty;
      areNamesDirty = false;
      isDirty = false;
    } finally {
      lock.unlock();
    }
    try {
      for (Retired segment : full) {
        segment.file.truncate(segment.length);
        segment.file.force();
        segment.file.close();
      }
      current.force();
      if (hasNames) {
        files.forceNames(settings.directory());
      }
      lock.lock();
      try {
        durable = upTo;
        durableChanged.signalAll();
      } finally {
        lock.unlock();
      }
    } catch (IOException e) {
      lock.lock();
      try {
        isSyncFailed = true;
        durableChanged.signalAll();
      } finally {
        lock.unlock();
      }
      raise(AuditAlarm.Kind.SYNC_FAILED, String.valueOf(e.getMessage()));
    }
  }

  private boolean awaitDurable(long upTo) {
    if (Thread.currentThread() == syncThread || syncLock.isHeldByCurrentThread()) {
      // because an alarm may append on the thread that all others wait for
      syncLock.lock();
      try {
        force();
      } finally {
        syncLock.unlock();
      }
    }
    lock.lock();
    try {
      while (durable < upTo && !isSyncFailed && !isClosed) {
        durableChanged.awaitUninterruptibly();
      }
      return durable >= upTo;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Makes a checkpoint now when there is a key and there are records since the last. True when the
   * store's covers all that had been written.
   */
  boolean checkpoint() {
    syncLock.lock();
    try {
      return signer.isPresent() && !isSyncFailed && makeCheckpoint(signer.get());
    } catch (RuntimeException e) {
      // the store may be full or away; the records are safe, and the next checkpoint covers them
      retryLater(e);
      return false;
    } finally {
      lastCheckpointNanos = System.nanoTime();
      syncLock.unlock();
    }
  }

  private boolean makeCheckpoint(AuditKey with) {
    long head = store.journalHead();
    coverOthers(head);
    Checkpoint checkpoint;
    int covered;
    lock.lock();
    try {
      covered = sinceCheckpoint;
      if (covered == 0) {
        return true;
      }
      checkpoint =
          new Checkpoint(
              settings.installation(),
              settings.node(),
              seq,
              new String(hash, StandardCharsets.US_ASCII),
              clock.instant(),
              head,
              coverage.complete(),
              coverage.ahead(),
              with.publicKey().id());
      sinceCheckpoint = 0;
    } finally {
      lock.unlock();
    }
    Pending line = submit(AuditLine.checkpoint(checkpoint.sign(with)));
    boolean isKept = false;
    try {
      // before the store has it, because a store that knows more than the files do is an alarm
      force();
      if (!line.isFailed && !isSyncFailed) {
        String lineHash = new String(line.hash, StandardCharsets.US_ASCII);
        store.putMeta(
            checkpointMeta(settings.node()),
            checkpoint.covering(line.seq, lineHash).sign(with).bytes());
        isKept = true;
      }
    } finally {
      if (!isKept) {
        retryNanos = System.nanoTime() + settings.checkpointInterval().toNanos();
      }
      lock.lock();
      try {
        sinceCheckpoint += (line.isFailed ? 0 : -1) + (isKept ? 0 : covered);
      } finally {
        lock.unlock();
      }
    }
    return isKept;
  }

  /** Takes the journal numbers of other nodes out of the gaps. */
  private void coverOthers(long head) {
    while (true) {
      long complete;
      lock.lock();
      try {
        complete = coverage.complete();
      } finally {
        lock.unlock();
      }
      if (complete >= head) {
        return;
      }
      List<JournalRow> rows = store.journal(complete, PAGE);
      boolean hasProgress;
      lock.lock();
      try {
        for (JournalRow row : rows) {
          if (!row.node().equals(settings.node())) {
            coverage.add(row.number());
          }
        }
        hasProgress = coverage.complete() > complete;
      } finally {
        lock.unlock();
      }
      if (!hasProgress) {
        return;
      }
    }
  }

  /** Writes the records that are owed; false when some still are. */
  private boolean settle() {
    while (true) {
      long number;
      lock.lock();
      try {
        if (owed.isEmpty() && taken.isEmpty()) {
          return true;
        }
        if (!isWritable || isSyncFailed || isClosed) {
          return false;
        }
        // a take-over is owed until all that was taken over is written
        number = taken.isEmpty() ? owed.first() : taken.first();
        if (taken.isEmpty() && coverage.contains(number)) {
          owed.remove(number);
          continue;
        }
      } finally {
        lock.unlock();
      }
      List<JournalRow> rows = store.journal(number - 1, 1);
      if (rows.isEmpty() || rows.getFirst().number() != number) {
        raise(AuditAlarm.Kind.JOURNAL_BEHIND, "journal record " + number + " is gone");
        lock.lock();
        try {
          owed.remove(number);
          taken.remove(number);
        } finally {
          lock.unlock();
        }
      } else if (submit(
              AuditLine.recovered(
                  settings.installation(), settings.node(), rows.getFirst(), clock.instant()))
          .isFailed) {
        return false;
      }
    }
  }

  // ---- alarms

  /** Remembers an alarm; it is told without the lock. */
  private void raise(AuditAlarm.Kind kind, String what) {
    lock.lock();
    try {
      raised.add(new Raised(kind, what));
    } finally {
      lock.unlock();
    }
  }

  private void tell() {
    List<Raised> news;
    lock.lock();
    try {
      if (raised.isEmpty() || lock.getHoldCount() > 1) {
        return;
      }
      news = List.copyOf(raised);
      raised.clear();
    } finally {
      lock.unlock();
    }
    for (Raised one : news) {
      try {
        alarm.raised(one.kind, one.what);
      } catch (RuntimeException e) {
        // because whoever listens must not be able to stop the trail
        LOG.log(System.Logger.Level.ERROR, "an alarm was not taken: " + one, e);
      }
    }
  }
}
