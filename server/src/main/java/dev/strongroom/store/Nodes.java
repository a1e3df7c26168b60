package dev.strongroom.store;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.NoWaiting;
import dev.strongroom.model.VaultException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * This node among the nodes on one database: it follows the journal, so that nothing cached is older
 * than it may be, and keeps this node's row in {@code node}, so that the others know of it.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>One thread runs rounds: it reads the journal's head, makes the caches forget what other nodes
 *       touched up to there, and only then counts the head as confirmed as of the round's begin.
 *   <li>Rules are used while the last confirmed round began less than {@code maxStaleness} ago. Rows of
 *       objects are used only after a round that began after the request did, or while this node is
 *       alone; so reads of objects are linearizable over all nodes.
 *   <li>A node that comes waits, before its first change, until every other node has seen that it is no
 *       longer alone, or is fenced out. A node that is fenced out commits nothing until it has come
 *       again: each commit looks for a change of {@code members} under the lock of the head row.
 *   <li>A node serves nothing for longer than its lease says, and the lease is written with the
 *       durability of a commit: a database that was cut off from its standbys confirms nothing.
 *   <li>Times of leases are the database's.
 * </ul>
 */
public final class Nodes implements AutoCloseable {
  /** A node that was ever here, and until when it need not be heard of. */
  public record Member(String name, State state, Instant until) {}

  public enum State {
    RUNNING,
    LOST,
    LEFT
  }

  /** A node that did not leave in order and was not heard of for a while. */
  public record Lost(String name, String audited) {}

  static final String CHANNEL = "strongroom_journal";
  static final String DATABASE_MILLIS = "(extract(epoch from clock_timestamp()) * 1000)::bigint";

  private static final System.Logger LOG = System.getLogger(Nodes.class.getName());
  private static final long POLL_MILLIS = 200;
  private static final int PAGE = 1_000;
  static final int LOST = State.LOST.ordinal();
  private static final int LEFT = State.LEFT.ordinal();

  private static final String LOOK =
      "select h.number, h.members, "
          + DATABASE_MILLIS
          + ", (select count(*) from node where name <> ? and state = 0),"
          + " (select count(*) from node where name = ? and session = ? and state = 0),"
          + " (select min(until) from node where name <> ? and state = 0),"
          + " (select count(*) from node where state = 1)"
          + " from journal_head h where h.id = 1";
  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final String LOCK = "select number from journal_head where id = 1 for update";
  private static final String COUNT_UP =
      "update journal_head set members = members + 1 where id = 1"
          + " returning members, pg_notify('"
          + CHANNEL
          + "', '')";

  /** What one round found. */
  private record Look(
      long number,
      long members,
      long millis,
      long others,
      boolean isIn,
      OptionalLong firstEnd,
      long lost) {}

  /** A round that has not begun; whoever waits for it waits for its end. */
  private static final class Round {
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile boolean confirmed;
  }

  /** Opens connections that belong to nobody else. */
  @FunctionalInterface
  interface Opening {
    Connection open() throws SQLException;
  }

  private final NodeSettings self;
  private final Opening opening;
  private final InstantSource clock;
  private final RowCache rows;
  private final RuleCache rules;
  private final IntegrityListener listener;
  private final Thread follower;
  private final Thread hearer;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition wanted = lock.newCondition();
  private Round next = new Round();
  private boolean isWanted;

  private Statements sql;
  private volatile Connection hearing;
  private long applied;
  private long acknowledged;
  private boolean hasBeenIn;
  private long renewedNanos;
  private volatile Supplier<Optional<String>> audited = Optional::empty;

  private volatile boolean isClosing;
  private volatile boolean isIn;
  private volatile boolean isAlone;
  private volatile boolean isBehind;
  private volatile long others;
  private volatile long lost;
  private volatile long members;
  private volatile long newest;
  private volatile long confirmedNanos;
  private volatile long clockDifferenceMillis;
  private volatile Optional<String> failure = Optional.empty();

  private Nodes(
      NodeSettings self,
      Opening opening,
      InstantSource clock,
      RowCache rows,
      RuleCache rules,
      IntegrityListener listener) {
    this.self = self;
    this.opening = opening;
    this.clock = clock;
    this.rows = rows;
    this.rules = rules;
    this.listener = listener;
    this.follower = Thread.ofPlatform().daemon().name("journal-follower").unstarted(this::follow);
    this.hearer = Thread.ofPlatform().daemon().name("journal-hearer").unstarted(this::hear);
  }

  /** Comes to the others, and returns when the journal has been confirmed once. */
  static Nodes join(
      NodeSettings self,
      Opening opening,
      InstantSource clock,
      RowCache rows,
      RuleCache rules,
      IntegrityListener listener)
      throws SQLException {
    Nodes nodes = new Nodes(self, opening, clock, rows, rules, listener);
    try {
      nodes.sql = new Statements(opening.open());
      nodes.come();
      nodes.round();
      if (nodes.isClockOff()) {
        throw new SQLException(nodes.troubles().getFirst());
      }
    } catch (SQLException e) {
      nodes.disconnect();
      throw e;
    }
    nodes.follower.start();
    nodes.hearer.start();
    return nodes;
  }

  /**
   * Refuses while a node runs on the database, and where one but this went without a word, since it
   * may owe audit records.
   */
  static void requireStopped(Connection connection, String self) throws SQLException, IOException {
    Statements sql = new Statements(connection);
    Optional<String> running =
        sql.first(
            "select name from node where state = 0 and until > " + DATABASE_MILLIS,
            row -> row.getString(1));
    if (running.isPresent()) {
      throw new IOException(
          "node " + running.get() + " is running, or was a moment ago; stop all nodes first");
    }
    Optional<String> lost =
        sql.first(
            "select name from node where name <> ? and state <> ?",
            row -> row.getString(1),
            self,
            LEFT);
    if (lost.isPresent()) {
      throw new IOException(
          "node "
              + lost.get()
              + " did not stop in order, and may owe audit records; start and stop it, or have"
              + " another node take them over");
    }
  }

  /**
   * Refuses a step of the format while a node runs. Those whose lease has ended are fenced out, so
   * that none of them commits after the step; one that comes waits for the end of the connection's
   * transaction, and finds the step then.
   */
  static void requireNone(Connection connection, String step) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(LOCK);
      statement.execute(
          "with gone as (update node set state = 1 where state = 0 and until < "
              + DATABASE_MILLIS
              + " returning name)"
              + " update journal_head set members = members + 1"
              + " where id = 1 and exists (select 1 from gone)");
      try (ResultSet running =
          statement.executeQuery("select name from node where state = 0 order by name")) {
        if (running.next()) {
          throw new SQLException(inTheWay(running.getString(1), step));
        }
      }
    }
  }

  static String inTheWay(String node, String step) {
    return "node "
        + node
        + " runs an older program, or did a moment ago, and could not go on beside step "
        + step
        + "; stop all nodes first";
  }

  // ---- what the store asks

  /** Whether no other node can commit: then what this node commits is all there is to forget. */
  boolean isAlone() {
    return isAlone && isFresh();
  }

  /** Refuses unless the journal was confirmed lately. */
  void requireFresh() {
    if (isFresh()) {
      return;
    }
    // because a process that had no processor for a moment is no reason to refuse
    boolean isHopeful =
        isUsable()
            && failure.isEmpty()
            && sinceConfirmed().compareTo(self.maxStaleness().multipliedBy(2)) < 0;
    if (!isHopeful) {
      throw unavailable();
    }
    confirm();
  }

  /** Returns after the caches have forgotten every change that was committed before the call. */
  void confirm() {
    NoWaiting.aboutToWait();
    Round round;
    lock.lock();
    try {
      round = next;
      isWanted = true;
      wanted.signal();
    } finally {
      lock.unlock();
    }
    try {
      if (round.end.await(self.maxStaleness().toNanos(), TimeUnit.NANOSECONDS)
          && round.confirmed) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw unavailable();
  }

  static VaultException unavailable() {
    return VaultException.of(ErrorCode.STORE_UNAVAILABLE).with("Retry-After", "1");
  }

  /**
   * With the head row locked: refuses when this node was fenced out, or when the journal is shorter
   * than it was.
   */
  void requireMayCommit(Statements writer, Head head, long knownBefore) throws SQLException {
    if (head.journal() < knownBefore) {
      behind(head.journal(), knownBefore);
    }
    if (isBehind) {
      throw new SQLException("the journal is shorter than it was");
    }
    boolean mayCommit =
        isIn && (head.members() == members || isIn(writer));
    if (!mayCommit) {
      throw new SQLException("node " + self.name() + " is not among the nodes at present");
    }
  }

  private boolean isIn(Statements with) throws SQLException {
    return with.first(
            "select 1 from node where name = ? and session = ? and state = 0",
            row -> row.getLong(1),
            self.name(),
            self.session())
        .isPresent();
  }

  /** The largest journal number that is known to be committed. */
  long newest() {
    return newest;
  }

  /** How long a change waits for a database that may be gone. */
  Duration patience() {
    return self.patience();
  }

  /** Only the committer and the follower say this; a number that was overtaken does no harm. */
  synchronized void committed(long number) {
    newest = Math.max(newest, number);
  }

  // ---- what the server asks

  /** Why this node may not serve now; empty when it may. */
  public List<String> troubles() {
    List<String> troubles = new ArrayList<>();
    failure.ifPresent(why -> troubles.add("the database does not answer: " + why));
    if (!isIn) {
      troubles.add("the other nodes took this one for lost; it joins them again");
    }
    if (isBehind) {
      troubles.add("the journal is shorter than it was: an older database was put back");
    }
    if (isClockOff()) {
      troubles.add(
          "the clocks of this node and the database differ by " + clockDifferenceMillis + " ms");
    }
    if (troubles.isEmpty() && !isFresh()) {
      troubles.add("the journal has not been confirmed for " + sinceConfirmed().toMillis() + " ms");
    }
    return troubles;
  }

  /** How far the database's clock is ahead of this node's. */
  public long clockDifferenceMillis() {
    return clockDifferenceMillis;
  }

  public Duration sinceConfirmed() {
    return Duration.ofNanos(System.nanoTime() - confirmedNanos);
  }

  /**
   * What says which changes of this node have their audit record; it stands in the node's row, for
   * whoever has to write the others'.
   */
  public void auditedBy(Supplier<String> coverage) {
    audited = () -> Optional.of(coverage.get());
  }

  /** How many nodes are there, this one with them, as it last saw. */
  public long running() {
    return others + (isIn ? 1 : 0);
  }

  /** How many went without a word, and may owe audit records, as this one last saw. */
  public long lost() {
    return lost;
  }

  /** Every node that was ever here and was not struck off. */
  public List<Member> all() {
    NoWaiting.aboutToWait();
    try (Statements other = new Statements(opening.open())) {
      return other.list(
          "select name, state, until from node order by name",
          row ->
              new Member(
                  row.getString(1),
                  State.values()[row.getInt(2)],
                  Instant.ofEpochMilli(row.getLong(3))));
    } catch (SQLException e) {
      throw SqlReads.refusal(Dialect.POSTGRES, e);
    }
  }

  /** Nodes that went without a word so long ago. */
  public List<Lost> lost(Duration ago) {
    if (lost == 0) {
      return List.of();
    }
    NoWaiting.aboutToWait();
    try (Statements other = new Statements(opening.open())) {
      return other.list(
          "select name, audited from node where state = ? and until < "
              + DATABASE_MILLIS
              + " - ? order by name",
          row -> new Lost(row.getString(1), row.getString(2)),
          (long) LOST,
          ago.toMillis());
    } catch (SQLException e) {
      throw SqlReads.refusal(Dialect.POSTGRES, e);
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      isClosing = true;
      wanted.signal();
    } finally {
      lock.unlock();
    }
    boolean interrupted = false;
    try {
      follower.join(self.lease().toMillis());
    } catch (InterruptedException e) {
      interrupted = true;
    }
    disconnect();
    Connection listening = hearing;
    if (listening != null) {
      abandon(listening);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- freshness

  private boolean isFresh() {
    return isUsable() && System.nanoTime() - confirmedNanos < self.maxStaleness().toNanos();
  }

  private boolean isUsable() {
    return isIn && !isBehind && !isClockOff();
  }

  private boolean isClockOff() {
    return Math.abs(clockDifferenceMillis) > self.maxClockDifference().toMillis();
  }

  // ---- rounds

  private void follow() {
    while (true) {
      Round round;
      lock.lock();
      try {
        long left = TimeUnit.MILLISECONDS.toNanos(POLL_MILLIS);
        while (!isWanted && !isClosing && left > 0) {
          left = wanted.awaitNanos(left);
        }
        if (isClosing) {
          break;
        }
        isWanted = false;
        round = next;
        next = new Round();
      } catch (InterruptedException e) {
        // nobody interrupts this thread but a JVM that ends
        return;
      } finally {
        lock.unlock();
      }
      try {
        if (sql == null) {
          sql = new Statements(opening.open());
        }
        if (!isIn) {
          come();
        }
        round();
        failure.ifPresent(why -> LOG.log(Level.INFO, "the database answers again"));
        failure = Optional.empty();
        round.confirmed = isUsable();
      } catch (SQLException | RuntimeException e) {
        if (failure.isEmpty() && !isClosing) {
          LOG.log(Level.WARNING, "the journal cannot be followed", e);
        }
        failure = Optional.of(String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        disconnect();
        pause();
      } finally {
        round.end.countDown();
      }
    }
    leave();
    next.end.countDown();
  }

  private void round() throws SQLException {
    long started = System.nanoTime();
    long known = newest;
    long before = clock.millis();
    Look look =
        sql.first(
                LOOK,
                row -> {
                  long end = row.getLong(6);
                  boolean hasEnd = !row.wasNull();
                  return new Look(
                      row.getLong(1),
                      row.getLong(2),
                      row.getLong(3),
                      row.getLong(4),
                      row.getLong(5) > 0,
                      hasEnd ? OptionalLong.of(end) : OptionalLong.empty(),
                      row.getLong(7));
                },
                self.name(),
                self.name(),
                self.session(),
                self.name())
            .orElseThrow(() -> new SQLException("the journal has no head row"));
    long after = clock.millis();
    compareClocks(look.millis(), before, after);
    if (look.number() < known) {
      behind(look.number(), known);
    }
    if (!look.isIn()) {
      LOG.log(Level.WARNING, "node {0} was taken for lost and joins again", self.name());
      isIn = false;
      come();
      round();
      return;
    }
    lost = look.lost();
    others = look.others();
    apply(look.number());
    isAlone = look.others() == 0;
    members = look.members();
    // before the lease is renewed, which waits for the database's disk
    confirmedNanos = started;
    if (members != acknowledged
        || System.nanoTime() - renewedNanos > self.lease().toNanos() / 6) {
      renew();
    }
    if (look.firstEnd().isPresent() && look.firstEnd().getAsLong() < look.millis()) {
      fence();
    }
  }

  private void compareClocks(long database, long before, long after) {
    // the database read its clock at some time between the two
    long difference = database < before ? database - before : Math.max(0, database - after);
    boolean wasOff = isClockOff();
    clockDifferenceMillis = difference;
    if (isClockOff() && !wasOff) {
      LOG.log(
          Level.ERROR,
          "the clocks of this node and the database differ by {0} ms: nothing is served",
          difference);
    }
  }

  private void behind(long found, long known) {
    if (!isBehind) {
      isBehind = true;
      listener.broken("journal", "ends at " + found + ", and was at " + known);
    }
  }

  /** Makes the caches forget what other nodes changed up to this number. */
  private void apply(long number) throws SQLException {
    if (number - applied > PAGE) {
      forgetAll();
    } else if (number > applied) {
      Touched touched = new Touched();
      sql.list(
              "select touched from journal where number > ? and number <= ? and node <> ?",
              row -> Touched.read(row.getBytes(1)),
              applied,
              number,
              self.name())
          .forEach(touched::add);
      rows.changed(touched);
      if (touched.hasRules()) {
        rules.changed();
      }
    }
    applied = number;
    committed(number);
  }

  private void forgetAll() {
    rows.changed(Touched.read(null));
    rules.changed();
  }

  // ---- this node's row

  /** Takes this node's place, and waits until every other node knows. */
  private void come() throws SQLException {
    isAlone = false;
    transaction(
        () -> {
          Migrations.requireBeside(sql.connection());
          refuseSecondProcess();
          long now = sql.first(COUNT_UP, row -> row.getLong(1)).orElseThrow();
          sql.update(
              "insert into node (name, folder, session, until, seen, state, audited)"
                  + " values (?, ?, ?, "
                  + DATABASE_MILLIS
                  + " + ?, ?, 0, '0 -')"
                  + " on conflict (name) do update set folder = excluded.folder,"
                  + " session = excluded.session, until = excluded.until, seen = excluded.seen,"
                  + " state = 0",
              self.name(),
              self.folder(),
              self.session(),
              self.lease().toMillis(),
              now);
          members = now;
        });
    long end = System.nanoTime() + 3 * self.lease().toNanos();
    while (!isKnown()) {
      if (System.nanoTime() - end > 0) {
        throw new SQLException("the other nodes do not take notice of this one");
      }
      pause();
      renew();
      fence();
    }
    forgetAll();
    applied =
        sql.first("select number from journal_head where id = 1", row -> row.getLong(1))
            .orElseThrow();
    isIn = true;
    hasBeenIn = true;
  }

  private void refuseSecondProcess() throws SQLException {
    Optional<Id> other =
        sql.first(
            "select folder from node where name = ? and session <> ? and state = 0 and until >= "
                + DATABASE_MILLIS,
            row -> Id.of(row.getBytes(1)),
            self.name(),
            self.session());
    if (other.filter(folder -> !folder.equals(self.folder())).isPresent()) {
      throw new SQLException(
          "a node named " + self.name() + " runs with another data folder; give each its own name");
    }
    // a process that starts holds the lock of its folder: what ran there before has ended
    if (hasBeenIn && other.isPresent()) {
      throw new SQLException("another process has started as node " + self.name());
    }
  }

  private boolean isKnown() throws SQLException {
    return sql.first(
            "select 1 from node where name <> ? and state = 0 and seen < ?",
            row -> row.getLong(1),
            self.name(),
            members)
        .isEmpty();
  }

  /** Goes on being there; says which comings and goings this node has seen. */
  private void renew() throws SQLException {
    long seen = isIn ? members : Long.MAX_VALUE;
    int renewed =
        sql.update(
            "update node set until = "
                + DATABASE_MILLIS
                + " + ?, seen = least(?, (select members from journal_head where id = 1)),"
                + " audited = coalesce(?, audited) where name = ? and session = ? and state = 0",
            self.lease().toMillis(),
            seen,
            audited.get(),
            self.name(),
            self.session());
    if (renewed == 0) {
      isIn = false;
      throw new SQLException("node " + self.name() + " was taken for lost");
    }
    acknowledged = members;
    renewedNanos = System.nanoTime();
  }

  /** Nodes whose lease has ended may not commit any more; one that hangs in a commit a bit later. */
  private void fence() throws SQLException {
    if (!isLockFree()) {
      return;
    }
    List<String> gone = new ArrayList<>();
    transaction(
        () -> {
          gone.addAll(
              sql.list(
                  "update node set state = ? where name <> ? and state = 0 and until < "
                      + DATABASE_MILLIS
                      + " returning name",
                  row -> row.getString(1),
                  (long) LOST,
                  self.name()));
          if (!gone.isEmpty()) {
            sql.first(COUNT_UP, row -> row.getLong(1));
          }
        });
    if (!gone.isEmpty()) {
      LOG.log(Level.WARNING, "not heard of for {0}, and taken for lost: {1}", self.lease(), gone);
    }
  }

  /** False while somebody keeps the head row, for whom this thread must not wait: reads need it. */
  private boolean isLockFree() throws SQLException {
    sql.update("set lock_timeout = 300");
    try {
      sql.first(LOCK, row -> row.getLong(1));
    } catch (SQLException e) {
      if (!LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
        throw e;
      }
      return false;
    } finally {
      sql.update("set lock_timeout = 5000");
    }
    return true;
  }

  private void leave() {
    if (sql == null || !isIn) {
      return;
    }
    isIn = false;
    try {
      transaction(
          () -> {
            sql.update(
                "update node set state = ?, audited = coalesce(?, audited)"
                    + " where name = ? and session = ? and state = 0",
                (long) LEFT,
                audited.get(),
                self.name(),
                self.session());
            sql.first(COUNT_UP, row -> row.getLong(1));
          });
    } catch (SQLException | RuntimeException e) {
      LOG.log(Level.WARNING, "leaving without a word to the other nodes", e);
    }
  }

  @FunctionalInterface
  private interface Work {
    void run() throws SQLException;
  }

  /** Under the lock of the head row, as every change of who is there must be. */
  private void transaction(Work work) throws SQLException {
    sql.update("begin");
    boolean committed = false;
    try {
      sql.first(LOCK, row -> row.getLong(1));
      work.run();
      sql.update("commit");
      committed = true;
    } finally {
      if (!committed) {
        // so that nothing of it is left whatever state the connection is in
        disconnect();
      }
    }
  }

  // ---- notifications

  /** Hears of commits as they happen; the poll makes up for what is not heard. */
  private void hear() {
    while (!isClosing) {
      try (Connection connection = opening.open();
          Statement listen = connection.createStatement()) {
        hearing = connection;
        PGConnection notified = connection.unwrap(PGConnection.class);
        listen.execute("listen " + CHANNEL);
        while (!isClosing) {
          PGNotification[] heard = notified.getNotifications(10_000);
          if (heard.length > 0) {
            wake();
          } else {
            // because a connection that was cut off would be silent for ever
            listen.execute("select 1");
          }
        }
      } catch (SQLException e) {
        LOG.log(Level.DEBUG, "notifications are not heard", e);
        pause();
      }
    }
  }

  private void wake() {
    lock.lock();
    try {
      isWanted = true;
      wanted.signal();
    } finally {
      lock.unlock();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void disconnect() {
    Statements broken = sql;
    sql = null;
    if (broken != null) {
      abandon(broken.connection());
    }
  }

  private static void abandon(Connection connection) {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      LOG.log(Level.DEBUG, "a connection did not close", e);
    }
  }
}
