package dev.strongroom.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.Optional;

/**
 * One end of a move: a store that no server uses, and that none can begin to use while this is open
 * or its mark is there. Not safe for threads.
 */
public final class StoppedStore implements AutoCloseable {
  /** Opens connections that belong to nobody else. */
  @FunctionalInterface
  private interface Opening {
    Connection open() throws SQLException;
  }

  private final String title;
  private final Dialect dialect;
  private final Opening writing;
  private final Opening reading;
  private final Optional<Connection> guard;

  private StoppedStore(
      String title, Dialect dialect, Opening writing, Opening reading, Optional<Connection> guard) {
    this.title = title;
    this.dialect = dialect;
    this.writing = writing;
    this.reading = reading;
    this.guard = guard;
  }

  /** The embedded store of a folder that the caller has locked, to be moved elsewhere. */
  public static StoppedStore leaving(Path data) throws IOException {
    OpenSql.requireStore(data);
    try {
      StoppedStore store =
          new StoppedStore(
              data.toString(),
              Dialect.SQLITE,
              () -> SqliteConnections.single(data),
              () -> OpenSql.reading(data),
              Optional.empty());
      try (Connection connection = OpenSql.reading(data)) {
        requireFormat(connection, Dialect.SQLITE);
      }
      return store;
    } catch (SQLException e) {
      throw OpenSql.unreadable(data, e);
    }
  }

  /**
   * A shared store, to be moved elsewhere. Its write lock is held until this is closed, so that no
   * node changes anything or comes; none may be there.
   *
   * @param node the node that goes on elsewhere: the others have to have left in order, since nobody
   *     could make good there what they owe
   */
  public static StoppedStore leaving(PostgresSettings settings, String node) throws IOException {
    try {
      Connection guard = PostgresConnections.lasting(settings);
      try {
        requireFormat(guard, Dialect.POSTGRES);
        guard.setAutoCommit(false);
        try (Statement statement = guard.createStatement()) {
          statement.execute("set lock_timeout = 5000");
          statement.execute(Dialect.POSTGRES.lockHead());
        }
        Nodes.requireStopped(guard, node);
        return new StoppedStore(
            settings.url(),
            Dialect.POSTGRES,
            () -> PostgresConnections.lasting(settings),
            () -> PostgresConnections.lasting(settings),
            Optional.of(guard));
      } catch (SQLException | IOException e) {
        guard.close();
        throw e;
      }
    } catch (SQLException e) {
      throw OpenSql.unreadable(settings.url(), e);
    }
  }

  /** The embedded store of a folder that the caller has locked, made when there is none. */
  public static StoppedStore arriving(Path data, InstantSource clock) throws IOException {
    try {
      // because opening it makes file and tables
      SqliteConnections.open(data, clock).close();
      return new StoppedStore(
          data.toString(),
          Dialect.SQLITE,
          () -> SqliteConnections.single(data),
          () -> OpenSql.reading(data),
          Optional.empty());
    } catch (SQLException e) {
      throw OpenSql.unreadable(data, e);
    }
  }

  /** A shared store; its mark is what keeps nodes away. */
  public static StoppedStore arriving(PostgresSettings settings, InstantSource clock)
      throws IOException {
    try (Connection connection = PostgresConnections.lasting(settings)) {
      Migrations.apply(connection, Dialect.POSTGRES, clock.millis());
      return new StoppedStore(
          settings.url(),
          Dialect.POSTGRES,
          () -> PostgresConnections.lasting(settings),
          () -> PostgresConnections.lasting(settings),
          Optional.empty());
    } catch (SQLException e) {
      throw OpenSql.unreadable(settings.url(), e);
    }
  }

  private static void requireFormat(Connection connection, Dialect dialect)
      throws SQLException, IOException {
    Migrations.Format format = Migrations.found(connection, dialect);
    if (format.refusal().isPresent()) {
      throw new IOException(format.refusal().get());
    }
    if (!format.missing().isEmpty()) {
      throw new IOException(
          "the store has an older format; serve it once with this program before it is moved");
    }
  }

  /** In words, for people. */
  public String title() {
    return title;
  }

  public Optional<StoreMark> mark() throws IOException {
    try (Connection connection = reading.open()) {
      return StoreMark.find(connection);
    } catch (SQLException e) {
      throw OpenSql.unreadable(title, e);
    }
  }

  /** Durable when this returns; empty takes the mark away. */
  public void mark(Optional<StoreMark> mark) throws IOException {
    try (Connection connection = writing.open()) {
      connection.setAutoCommit(false);
      StoreMark.put(connection, mark);
      connection.commit();
    } catch (SQLException e) {
      throw OpenSql.unreadable(title, e);
    }
  }

  /** Whether nothing was ever written here but a mark. */
  public boolean isEmpty() throws IOException {
    try (Connection connection = reading.open();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select number from journal_head where id = 1")) {
      return !row.next() || row.getLong(1) == 0;
    } catch (SQLException e) {
      throw OpenSql.unreadable(title, e);
    }
  }

  public Snapshot snapshot() throws IOException {
    try {
      return Snapshot.of(reading.open(), dialect);
    } catch (SQLException e) {
      throw OpenSql.unreadable(title, e);
    }
  }

  /** Fills it; it must be empty but for its mark. */
  public Loading load() throws IOException {
    try {
      return Loading.of(writing.open());
    } catch (SQLException e) {
      throw OpenSql.unreadable(title, e);
    }
  }

  @Override
  public void close() throws IOException {
    if (guard.isPresent()) {
      try (Connection connection = guard.get()) {
        connection.rollback();
      } catch (SQLException e) {
        throw new IOException("the lock of " + title + " did not end", e);
      }
    }
  }
}
