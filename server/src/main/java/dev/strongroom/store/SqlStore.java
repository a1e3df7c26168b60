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
import dev.strongroom.store.SqlTx.Touched;
import java.lang.System.Logger.Level;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * A store over SQL: one committer thread runs whatever changes wait in one transaction, each in a
 * savepoint, and wakes their callers once it is durable. Groups form by themselves, without any
 * delay.
 *
 * <p>What a caller is told follows from one rule: a change counts only if the group's commit returned.
 * When it did not, every caller of the group is told that the store failed; the change is then absent
 * or whole, and not acknowledged.
 */
public final class SqlStore implements Store {
  private static final System.Logger LOG = System.getLogger(SqlStore.class.getName());
  private static final int GROUP = 128;
  private static final long CACHE_BYTES = 48L << 20;

  /** What {@link #close} puts behind the last changes. */
  private static final Waiting<Void> END =
      new Waiting<>(Optional.empty(), JournalNote.none(), tx -> null);

  private final Connections connections;
  private final Dialect dialect;
  private final RowMacs macs;
  private final String node;
  private final LongSupplier size;
  private final Optional<RowCache> rows;
  private final Optional<RuleCache> rules;
  private final LinkedBlockingQueue<Waiting<?>> queue = new LinkedBlockingQueue<>(16_384);
  private final Thread committer;
  private volatile boolean ended;
  private final AtomicBoolean closing = new AtomicBoolean();

  /**
   * @param caching whether this is the only node, so that its own commits are all there are
   */
  SqlStore(
      Connections connections,
      Dialect dialect,
      RowAuthenticator authenticator,
      IntegrityListener listener,
      String node,
      boolean caching,
      LongSupplier size) {
    this.connections = connections;
    this.dialect = dialect;
    this.macs = new RowMacs(authenticator, listener);
    this.node = node;
    this.size = size;
    this.rows = caching ? Optional.of(new RowCache(CACHE_BYTES)) : Optional.empty();
    this.rules = caching ? Optional.of(new RuleCache()) : Optional.empty();
    this.committer = Thread.ofPlatform().name("committer").start(this::commitGroups);
  }

  /** A caller and its closure; the caller parks until {@code done}. */
  private static final class Waiting<T> {
    final Thread caller = Thread.currentThread();
    final Optional<Origin> origin;
    final JournalNote note;
    final Change<T> change;
    T result;
    RuntimeException refused;
    Error broken;
    long number;
    volatile boolean done;

    Waiting(Optional<Origin> origin, JournalNote note, Change<T> change) {
      this.origin = origin;
      this.note = note;
      this.change = change;
    }

    void run(SqlTx tx) {
      result = change.apply(tx);
      origin.ifPresent(cause -> tx.journal(cause, note));
      number = tx.journalNumber();
    }

    boolean isOpen() {
      return refused == null && broken == null;
    }

    void finish() {
      done = true;
      LockSupport.unpark(caller);
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
    while (!waiting.done) {
      LockSupport.park(this);
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
        group.forEach(Waiting::finish);
      }
    }
    ended = true;
    refuseTheRest();
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
    Statements writer = connections.writer();
    boolean committed = false;
    Set<Touched> touched = new HashSet<>();
    boolean rulesTouched = false;
    boolean everything = false;
    try {
      begin(writer);
      Head head = lockHead(writer);
      Head last = head;
      for (Waiting<?> waiting : group) {
        SqlTx tx =
            new SqlTx(
                writer,
                macs,
                dialect,
                node,
                last,
                waiting.origin.map(Origin::time).orElse(last.time()));
        writer.update("savepoint change");
        try {
          waiting.run(tx);
          writer.update("release savepoint change");
        } catch (VaultException refused) {
          if (isStoreFailure(refused)) {
            throw refused;
          }
          undo(writer);
          waiting.refused = refused;
          continue;
        } catch (RuntimeException failed) {
          undo(writer);
          waiting.refused = failed;
          continue;
        } catch (Error broken) {
          undo(writer);
          waiting.broken = broken;
          continue;
        }
        touched.addAll(tx.touched());
        rulesTouched |= tx.hasTouchedRules();
        everything |= tx.hasTouchedEverything();
        if (waiting.origin.isPresent()) {
          last = tx.head();
        }
      }
      if (last != head) {
        writer.update(
            "update journal_head set number = ?, time = ?, last_object = ?, last_version = ?"
                + " where id = 1",
            last.journal(),
            last.time(),
            last.object(),
            last.version());
      }
      writer.update("commit");
      committed = true;
    } finally {
      if (!committed) {
        rollback(writer);
      }
      // because a commit that failed to report may have happened, forgetting is right either way
      RowCache cache = rows.orElse(null);
      if (cache != null) {
        cache.committed(touched, everything);
      }
      if (rulesTouched || !committed) {
        rules.ifPresent(RuleCache::changed);
      }
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
                    row.getLong(4)))
        .orElseThrow(() -> new SQLException("the journal has no head row"));
  }

  private static void undo(Statements writer) throws SQLException {
    writer.update("rollback to savepoint change");
    writer.update("release savepoint change");
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
    if (rows.isEmpty()) {
      return read(reads -> reads.findHead(container, collection, foldedName));
    }
    RowCache cache = rows.get();
    Touched name = new Touched(container, collection, foldedName);
    Optional<Found> cached = cache.head(name);
    if (cached.isPresent()) {
      return cached;
    }
    RowCache.Seen before = cache.seen(name);
    Optional<Found> found = read(reads -> reads.findHead(container, collection, foldedName));
    found.ifPresent(head -> cache.keepHead(name, head, before));
    return found;
  }

  @Override
  public Optional<Found> findVersion(
      Id container, Collection collection, String foldedName, Id version) {
    if (rows.isEmpty()) {
      return read(reads -> reads.findVersion(container, collection, foldedName, version));
    }
    RowCache cache = rows.get();
    Touched name = new Touched(container, collection, foldedName);
    Optional<Found> cached = cache.version(name, version);
    if (cached.isPresent()) {
      return cached;
    }
    RowCache.Seen before = cache.seen(name);
    Optional<Found> found =
        read(reads -> reads.findVersion(container, collection, foldedName, version));
    found.ifPresent(row -> cache.keepVersion(name, row, before));
    return found;
  }

  @Override
  public Optional<Found> cachedHead(Id container, Collection collection, String foldedName) {
    return rows.flatMap(cache -> cache.head(new Touched(container, collection, foldedName)));
  }

  @Override
  public Optional<Found> cachedVersion(
      Id container, Collection collection, String foldedName, Id version) {
    return rows.flatMap(
        cache -> cache.version(new Touched(container, collection, foldedName), version));
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
    return rules.isEmpty()
        ? read(query)
        : rules.get().get(kind, byParent, text, () -> read(query));
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
  public List<DueRow> due(Instant until, int limit) {
    return read(reads -> reads.due(until, limit));
  }

  @Override
  public String node() {
    return node;
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
      connections.close();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
