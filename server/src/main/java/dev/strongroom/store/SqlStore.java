package dev.strongroom.store;

import dev.strongroom.model.Collection;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.NoWaiting;
import dev.strongroom.model.Origin;
import dev.strongroom.model.RowAuthenticator;
import dev.strongroom.model.Rule;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.VaultException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * A store over SQL: one committer thread runs whatever changes wait in one transaction, and wakes their callers once it is durable. Groups form by themselves, without any
 * delay.
 *
 * <p>What a caller is told follows from one rule: a change counts only if the group's commit
 * returned. When it did not, every caller of the group is told that the store failed; the change is
 * then absent or whole, and not acknowledged. On a shared database, which may be gone for a while and
 * come back, the journal is asked first, and whoever cannot wait for that is told that the outcome
 * is not known.
 */
public final class SqlStore implements Store {
  private static final System.Logger LOG = System.getLogger(SqlStore.class.getName());
  private static final int GROUP = 128;
  static final long CACHE_BYTES = 48L << 20;

  /** What {@link #close} puts behind the last changes. */
  private static final Waiting<Void> END =
      new Waiting<>(Optional.empty(), JournalNote.none(), tx -> null);

  private final Connections connections;
  private final Dialect dialect;
  private final RowMacs macs;
  private final String node;
  private final LongSupplier size;
  private final RowCache rows;
  private final RuleCache rules;
  private final Optional<Nodes> nodes;

  /** Where the last group left the journal, for the committer of a store that nobody else writes. */
  private Optional<Head> lastHead = Optional.empty();

  private final LinkedBlockingQueue<Waiting<?>> queue = new LinkedBlockingQueue<>(16_384);
  private final Thread committer;
  private volatile boolean ended;
  private volatile LongConsumer unanswered = number -> {};
  private final AtomicBoolean closing = new AtomicBoolean();

  /**
   * @param nodes this node among those on a shared database; empty where this is the only one there
   *     can be
   */
  SqlStore(
      Connections connections,
      Dialect dialect,
      RowAuthenticator authenticator,
      IntegrityListener listener,
      String node,
      RowCache rows,
      RuleCache rules,
      Optional<Nodes> nodes,
      LongSupplier size) {
    this.connections = connections;
    this.dialect = dialect;
    this.macs = new RowMacs(authenticator, listener);
    this.node = node;
    this.size = size;
    this.rows = rows;
    this.rules = rules;
    this.nodes = nodes;
    this.committer = Thread.ofPlatform().name("committer").start(this::commitGroups);
  }

  private enum Stage {
    QUEUED,
    RUNNING,
    COMMITTING,
    GIVEN_UP,
    ENDED
  }

  /** A caller and its closure; the caller parks until it has ended, or until it gives up. */
  private static final class Waiting<T> {
    final Thread caller = Thread.currentThread();
    final Optional<Origin> origin;
    final JournalNote note;
    final Change<T> change;
    T result;
    RuntimeException refused;
    Error broken;
    long number;
    final AtomicReference<Stage> stage = new AtomicReference<>(Stage.QUEUED);

    Waiting(Optional<Origin> origin, JournalNote note, Change<T> change) {
      this.origin = origin;
      this.note = note;
      this.change = change;
    }

    /** Leaves it open, or refused or broken for its own reasons; throws when the store failed. */
    void run(SqlTx tx) {
      refused = null;
      broken = null;
      try {
        result = change.apply(tx);
        origin.ifPresent(cause -> tx.journal(cause, note));
        number = tx.journalNumber();
      } catch (VaultException e) {
        if (isStoreFailure(e)) {
          throw e;
        }
        refused = e;
      } catch (RuntimeException e) {
        refused = e;
      } catch (Error e) {
        broken = e;
      }
    }

    boolean isOpen() {
      return refused == null && broken == null;
    }

    /** False when the caller has gone: then nothing may be done for it. */
    boolean begin() {
      return stage.compareAndSet(Stage.QUEUED, Stage.RUNNING);
    }

    /** False when nobody waits for what became of it. */
    boolean finish() {
      boolean isAwaited = stage.getAndSet(Stage.ENDED) != Stage.GIVEN_UP;
      LockSupport.unpark(caller);
      return isAwaited;
    }

    boolean isEnded() {
      return stage.get() == Stage.ENDED;
    }
  }

  @Override
  public <T> T change(Origin origin, JournalNote note, Change<T> change) {
    Waiting<T> waiting = new Waiting<>(Optional.of(origin), note, change);
    await(waiting);
    origin.committed(waiting.number);
    return waiting.result;
  }

  @Override
  public void putMeta(String name, byte[] value) {
    await(
        new Waiting<Void>(
            Optional.empty(),
            JournalNote.none(),
            tx -> {
              tx.putMeta(name, value);
              return null;
            }));
  }

  private void await(Waiting<?> waiting) {
    NoWaiting.aboutToWait();
    nodes.ifPresent(Nodes::requireFresh);
    if (Thread.currentThread() == committer) {
      throw new IllegalStateException("a change cannot be made inside another one");
    }
    if (closing.get()) {
      throw VaultException.of(ErrorCode.STOPPING);
    }
    if (!queue.offer(waiting)) {
      throw VaultException.of(ErrorCode.STORE_UNAVAILABLE).with("Retry-After", "2");
    }
    // because the committer may have ended between the two: it empties the queue after it stopped,
    // so whoever sees it ended here empties it once more
    if (ended) {
      refuseTheRest();
    }
    boolean interrupted = false;
    long began = System.nanoTime();
    while (!waiting.isEnded()) {
      if (nodes.isEmpty()) {
        LockSupport.park(this);
      } else {
        long left = nodes.get().patience().toNanos() - (System.nanoTime() - began);
        if (left <= 0) {
          giveUp(waiting);
        }
        LockSupport.parkNanos(this, Math.max(1, left));
      }
      // because a change that is under way cannot be taken back: its end must be waited for
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (waiting.broken != null) {
      throw waiting.broken;
    }
    if (waiting.refused != null) {
      throw waiting.refused;
    }
  }

  /** Ends the wait for a database that does not answer, unless the end has come meanwhile. */
  private static void giveUp(Waiting<?> waiting) {
    if (waiting.stage.compareAndSet(Stage.QUEUED, Stage.GIVEN_UP)
        || waiting.stage.compareAndSet(Stage.RUNNING, Stage.GIVEN_UP)) {
      throw VaultException.of(ErrorCode.STORE_UNAVAILABLE).with("Retry-After", "2");
    }
    if (waiting.stage.compareAndSet(Stage.COMMITTING, Stage.GIVEN_UP)) {
      throw outcomeUnknown();
    }
  }

  private static VaultException outcomeUnknown() {
    return VaultException.of(ErrorCode.STORE_OUTCOME_UNKNOWN).with("Retry-After", "5");
  }

  @Override
  public void onUnanswered(LongConsumer journalNumbers) {
    unanswered = journalNumbers;
  }

  @Override
  public void onChanges(Consumer<Set<Long>> objects, Runnable all) {
    rows.onChanges(objects, all);
  }

  private void commitGroups() {
    List<Waiting<?>> group = new ArrayList<>(GROUP);
    boolean last = false;
    while (!last) {
      group.clear();
      try {
        group.add(queue.take());
      } catch (InterruptedException e) {
        LOG.log(Level.WARNING, "the committer was interrupted and goes on", e);
        continue;
      }
      queue.drainTo(group, GROUP - 1);
      last = group.remove(END);
      group.removeIf(waiting -> !waiting.begin());
      try {
        if (!group.isEmpty()) {
          commit(group);
        }
      } catch (SQLException e) {
        RuntimeException refusal = SqlReads.refusal(dialect, e);
        group.stream().filter(Waiting::isOpen).forEach(one -> one.refused = refusal);
      } catch (RuntimeException e) {
        LOG.log(Level.ERROR, "a group of changes failed", e);
        group.stream().filter(Waiting::isOpen).forEach(one -> one.refused = e);
      } catch (Error e) {
        LOG.log(Level.ERROR, "a group of changes failed", e);
        group.stream().filter(Waiting::isOpen).forEach(one -> one.broken = e);
      } finally {
        group.forEach(this::finish);
      }
    }
    ended = true;
    refuseTheRest();
  }

  private void finish(Waiting<?> waiting) {
    boolean isAwaited = waiting.finish();
    if (!isAwaited && waiting.isOpen() && waiting.origin.isPresent()) {
      LOG.log(
          Level.WARNING,
          "change {0} was made after its caller had been told that its outcome is not known",
          waiting.number);
      unanswered.accept(waiting.number);
    }
  }

  private void refuseTheRest() {
    List<Waiting<?>> rest = new ArrayList<>();
    queue.drainTo(rest);
    for (Waiting<?> waiting : rest) {
      waiting.refused = VaultException.of(ErrorCode.STOPPING);
      waiting.finish();
    }
  }

  private void commit(List<Waiting<?>> group) throws SQLException {
    // because a change that is refused has rarely written anything yet, places to go back to are set
    // only for a group that turned out to need them
    if (!commit(group, false)) {
      commit(group, true);
    }
  }

  /** False, with nothing done, when a change must be undone and there is no place to go back to. */
  private boolean commit(List<Waiting<?>> group, boolean undoing) throws SQLException {
    long known = nodes.map(Nodes::newest).orElse(0L);
    Statements writer = beginning();
    boolean sent = false;
    boolean committed = false;
    GroupRows changed = new GroupRows(nodes.isEmpty() ? Optional.of(rows) : Optional.empty());
    Optional<Waiting<?>> first = Optional.empty();
    try {
      Head head = lastHead.isPresent() ? lastHead.get() : lockHead(writer);
      lastHead = Optional.empty();
      if (nodes.isPresent()) {
        nodes.get().requireMayCommit(writer, head, known);
      }
      Head last = head;
      for (Waiting<?> waiting : group) {
        SqlTx tx =
            new SqlTx(
                writer,
                macs,
                dialect,
                node,
                changed,
                last,
                waiting.origin.map(Origin::time).orElse(last.time()));
        if (undoing) {
          writer.update("savepoint change");
        }
        waiting.run(tx);
        if (!waiting.isOpen() && tx.hasWritten()) {
          if (!undoing) {
            return false;
          }
          writer.update("rollback to savepoint change");
        }
        if (undoing) {
          writer.update("release savepoint change");
        }
        if (waiting.isOpen()) {
          changed.add(tx);
          if (waiting.origin.isPresent()) {
            last = tx.head();
            first = first.isPresent() ? first : Optional.of(waiting);
          }
        }
      }
      if (last != head) {
        moveHead(writer, last);
      }
      for (Waiting<?> waiting : group) {
        if (!waiting.stage.compareAndSet(Stage.RUNNING, Stage.COMMITTING)) {
          throw new SQLException("the caller of a change waited for too long");
        }
      }
      rows.committing(changed.touched());
      sent = true;
      try {
        writer.update("commit");
        committed = true;
      } catch (SQLException e) {
        committed = nodes.isPresent() && first.isPresent() && isInJournal(first.get(), e);
        if (!committed) {
          throw e;
        }
      }
      if (nodes.isPresent()) {
        nodes.get().committed(last.journal());
      } else {
        lastHead = Optional.of(last);
      }
      return true;
    } finally {
      if (!committed) {
        rollback(writer);
      }
      if (sent) {
        long at = rows.committed(changed.touched());
        // because what was written is what is read next; another node may have changed it already
        if (committed && nodes.isEmpty()) {
          changed
              .heads()
              .values()
              .forEach(found -> rows.keepHead(RowCache.Name.of(found.object()), found, at));
        }
      }
      // because a commit that failed to report may have happened, forgetting is right either way
      if (changed.touched().hasRules() || !committed) {
        rules.changed();
      }
    }
  }

  private void moveHead(Statements writer, Head last) throws SQLException {
    String move =
        "update journal_head set number = ?, time = ?, last_object = ?, last_version = ?"
            + " where id = 1";
    Object[] numbers = {last.journal(), last.time(), last.object(), last.version()};
    if (nodes.isPresent() && !nodes.get().isAlone()) {
      writer.first(
          move + " returning pg_notify('" + Nodes.CHANNEL + "', '')", row -> true, numbers);
    } else {
      writer.update(move, numbers);
    }
  }

  /**
   * Whether a commit that did not answer has happened, as its first journal record says. The head
   * row is locked for that, so that the lost connection's transaction has ended, one way or the
   * other. Waits for the database for as long as that takes: no later change could be made without it.
   */
  private boolean isInJournal(Waiting<?> first, SQLException lost) throws SQLException {
    LOG.log(Level.WARNING, "a commit did not answer; the journal will tell whether it was", lost);
    connections.discardWriter();
    while (true) {
      try {
        Statements writer = connections.writer();
        begin(writer);
        lockHead(writer);
        Optional<byte[]> request =
            writer.first(
                "select request_id from journal where number = ?",
                row -> row.getBytes(1),
                first.number);
        writer.update("rollback");
        boolean isThere =
            Arrays.equals(
                request.orElse(new byte[0]), first.origin.orElseThrow().requestId().bytes());
        LOG.log(Level.INFO, "the commit that did not answer {0}", isThere ? "was made" : "was not");
        return isThere;
      } catch (SQLException e) {
        connections.discardWriter();
        if (closing.get()) {
          throw outcomeUnknown();
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
      }
    }
  }

  /** A writer with a transaction begun; a connection that ended since the last one is made anew. */
  private Statements beginning() throws SQLException {
    Statements writer = connections.writer();
    try {
      begin(writer);
      return writer;
    } catch (SQLException e) {
      connections.discardWriter();
      Statements fresh = connections.writer();
      begin(fresh);
      return fresh;
    }
  }

  private void begin(Statements writer) throws SQLException {
    writer.update(dialect == Dialect.SQLITE ? "begin immediate" : "begin");
  }

  private Head lockHead(Statements writer) throws SQLException {
    return writer
        .first(
            dialect.lockHead(),
            row ->
                new Head(
                    row.getLong(1),
                    Instant.ofEpochMilli(row.getLong(2)),
                    row.getLong(3),
                    row.getLong(4),
                    row.getLong(5)))
        .orElseThrow(() -> new SQLException("the journal has no head row"));
  }

  private void rollback(Statements writer) {
    try {
      writer.update("rollback");
    } catch (SQLException e) {
      LOG.log(Level.WARNING, "a group could not be rolled back; its connection is given up", e);
      connections.discardWriter();
    }
  }

  private static boolean isStoreFailure(VaultException refused) {
    return refused.code() == ErrorCode.STORE_FULL
        || refused.code() == ErrorCode.STORE_UNAVAILABLE;
  }

  private <T> T read(Function<SqlReads, T> query) {
    NoWaiting.aboutToWait();
    nodes.ifPresent(Nodes::requireFresh);
    try {
      return readOnce(query);
    } catch (VaultException e) {
      if (nodes.isEmpty() || e.code() != ErrorCode.STORE_UNAVAILABLE) {
        throw e;
      }
      // because of a database that came back the pool still has the old connections
      nodes.get().requireFresh();
      return readOnce(query);
    }
  }

  private <T> T readOnce(Function<SqlReads, T> query) {
    Statements reader;
    try {
      reader = connections.borrow();
    } catch (SQLException e) {
      throw SqlReads.refusal(dialect, e);
    }
    boolean broken = true;
    try {
      T result = query.apply(new SqlReads(reader, macs, dialect));
      broken = false;
      return result;
    } catch (VaultException e) {
      broken = isStoreFailure(e);
      throw e;
    } finally {
      connections.giveBack(reader, broken);
    }
  }

  @Override
  public Optional<ObjectRow> findObject(Id container, Collection collection, String foldedName) {
    return read(reads -> reads.findObject(container, collection, foldedName));
  }

  @Override
  public Optional<ObjectRow> findObject(Id object) {
    return read(reads -> reads.findObject(object));
  }

  @Override
  public Optional<Found> findHead(Id container, Collection collection, String foldedName) {
    RowCache.Name name = new RowCache.Name(container, collection, foldedName);
    Optional<Found> cached = confirmed(rows.head(name), () -> rows.head(name));
    if (cached.isPresent()) {
      return cached;
    }
    long before = rows.newest();
    Optional<Found> found = read(reads -> reads.findHead(container, collection, foldedName));
    found.ifPresent(head -> rows.keepHead(name, head, before));
    return found;
  }

  @Override
  public Optional<Found> findVersion(
      Id container, Collection collection, String foldedName, Id version) {
    RowCache.Name name = new RowCache.Name(container, collection, foldedName);
    Optional<Found> cached =
        confirmed(rows.version(name, version), () -> rows.version(name, version));
    if (cached.isPresent()) {
      return cached;
    }
    long before = rows.newest();
    Optional<Found> found =
        read(reads -> reads.findVersion(container, collection, foldedName, version));
    found.ifPresent(row -> rows.keepVersion(name, row, before));
    return found;
  }

  /** What was found in the cache, looked up again where other nodes may have changed it. */
  private Optional<Found> confirmed(Optional<Found> cached, Supplier<Optional<Found>> again) {
    if (cached.isEmpty() || isAlone()) {
      return cached;
    }
    nodes.orElseThrow().confirm();
    return again.get();
  }

  private boolean isAlone() {
    return nodes.isEmpty() || nodes.get().isAlone();
  }

  @Override
  public Optional<Found> cachedHead(Id container, Collection collection, String foldedName) {
    return isAlone()
        ? rows.head(new RowCache.Name(container, collection, foldedName))
        : Optional.empty();
  }

  @Override
  public Optional<Found> cachedVersion(
      Id container, Collection collection, String foldedName, Id version) {
    return isAlone()
        ? rows.version(new RowCache.Name(container, collection, foldedName), version)
        : Optional.empty();
  }

  @Override
  public List<Found> listObjects(
      Id container, Collection collection, boolean deleted, String afterFolded, int limit) {
    return read(reads -> reads.listObjects(container, collection, deleted, afterFolded, limit));
  }

  @Override
  public List<VersionRow> listVersions(long object, long afterNumber, int limit) {
    return read(reads -> reads.listVersions(object, afterNumber, limit));
  }

  @Override
  public long countObjects(Id container) {
    return read(reads -> reads.countObjects(container));
  }

  @Override
  public List<Long> countExpiring(Collection collection, List<Instant> by) {
    return read(reads -> reads.countExpiring(collection, by));
  }

  @Override
  public <T extends Rule> Optional<T> findRule(RuleKind<T> kind, String key) {
    return cached(kind, false, key, reads -> reads.findRule(kind, key));
  }

  @Override
  public <T extends Rule> List<T> rulesByParent(RuleKind<T> kind, String parent) {
    return cached(kind, true, parent, reads -> reads.rulesByParent(kind, parent));
  }

  @Override
  public <T extends Rule> List<T> rules(RuleKind<T> kind) {
    return read(reads -> reads.rules(kind));
  }

  private <T> T cached(RuleKind<?> kind, boolean byParent, String text, Function<SqlReads, T> query) {
    nodes.ifPresent(Nodes::requireFresh);
    return rules.get(kind, byParent, text, () -> read(query));
  }

  @Override
  public Optional<KeyRow> findKey(Id owner, int generation) {
    return read(reads -> reads.findKey(owner, generation));
  }

  @Override
  public Optional<KeyRow> newestKey(Id owner) {
    return read(reads -> reads.newestKey(owner));
  }

  @Override
  public List<KeyRow> keys() {
    return read(SqlReads::keys);
  }

  @Override
  public Optional<byte[]> meta(String name) {
    return read(reads -> reads.meta(name));
  }

  @Override
  public long journalHead() {
    return read(SqlReads::journalHead);
  }

  @Override
  public List<JournalRow> journal(long after, int limit) {
    return read(reads -> reads.journal(after, limit));
  }

  @Override
  public Optional<IssuedRow> findIssued(String serial) {
    return read(reads -> reads.findIssued(serial));
  }

  @Override
  public Optional<IssuedRow> findIssued(Id version) {
    return read(reads -> reads.findIssued(version));
  }

  @Override
  public List<IssuedRow> listIssued(String afterSerial, int limit) {
    return read(reads -> reads.listIssued(afterSerial, limit));
  }

  @Override
  public List<IssuedRow> revoked(Id authority, Instant until) {
    return read(reads -> reads.revoked(authority, until));
  }

  @Override
  public Optional<RevocationListRow> findRevocationList(Id authority) {
    return read(reads -> reads.findRevocationList(authority));
  }

  @Override
  public List<DueRow> due(Instant until, int limit) {
    return read(reads -> reads.due(until, limit));
  }

  @Override
  public long rulesEpoch() {
    return rules.epoch();
  }

  @Override
  public boolean lease(DueRow due, Duration lasting) {
    return nodes.isEmpty()
        || read(
            reads ->
                reads.run(
                    () ->
                        reads.sql.update(
                                "update due set leased_by = ?, leased_until = "
                                    + Nodes.DATABASE_MILLIS
                                    + " + ? where kind = ? and subject = ? and revision = ?"
                                    + " and (leased_by is null or leased_by = ? or leased_until < "
                                    + Nodes.DATABASE_MILLIS
                                    + ")",
                                node,
                                lasting.toMillis(),
                                due.kind(),
                                due.subject(),
                                due.revision(),
                                node)
                            == 1));
  }

  /** Everything as the newest commit left it, for a backup; the caller closes it. */
  public Snapshot snapshot() throws IOException {
    nodes.ifPresent(Nodes::requireFresh);
    try {
      return Snapshot.of(connections.lasting(), dialect);
    } catch (SQLException e) {
      throw new IOException("the store cannot be read: " + e.getMessage(), e);
    }
  }

  @Override
  public Optional<Nodes> nodes() {
    return nodes;
  }

  @Override
  public String node() {
    return node;
  }

  /** The end of the journal; of a shared one as this node last saw it, without asking. */
  public long newestChange() {
    return nodes.map(Nodes::newest).orElseGet(this::journalHead);
  }

  /** Changes that wait to be made. */
  public int waiting() {
    return queue.size();
  }

  /** The part of the room for waiting changes that is used, 0 to 1. */
  public double saturation() {
    return queue.size() / (double) (queue.size() + queue.remainingCapacity());
  }

  /** Bytes of rows that are kept in memory, estimated. */
  public long cached() {
    return rows.bytes();
  }

  @Override
  public long size() {
    return size.getAsLong();
  }

  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    boolean interrupted = false;
    try {
      boolean told = false;
      while (!told || committer.isAlive()) {
        try {
          if (!told) {
            queue.put(END);
            told = true;
          }
          committer.join();
        } catch (InterruptedException e) {
          // because closing connections under a commit could leave its callers without an answer
          interrupted = true;
        }
      }
      nodes.ifPresent(Nodes::close);
      connections.close();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
