package dev.strongroom.store;

import dev.strongroom.model.RowAuthenticator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/** Opens stores: the one place that knows both kinds. */
public final class OpenSql {
  private OpenSql() {}

  /** The embedded store in this folder, which the caller has locked. */
  public static SqlStore sqlite(
      Path data,
      String node,
      RowAuthenticator authenticator,
      IntegrityListener listener,
      InstantSource clock)
      throws IOException {
    try {
      SqliteConnections connections = SqliteConnections.open(data, clock);
      try {
        StoreMark.requireNone(connections.writer().connection());
        return new SqlStore(
            connections,
            Dialect.SQLITE,
            authenticator,
            listener,
            node,
            new RowCache(SqlStore.CACHE_BYTES),
            new RuleCache(),
            Optional.empty(),
            connections::size);
      } catch (SQLException | IOException | RuntimeException e) {
        connections.close();
        throw e;
      }
    } catch (SQLException e) {
      throw new IOException("the store in " + data + " cannot be opened: " + e.getMessage(), e);
    }
  }

  /** A node's view of the shared store, once the other nodes know of it. */
  public static SqlStore postgres(
      PostgresSettings settings,
      NodeSettings node,
      RowAuthenticator authenticator,
      IntegrityListener listener,
      InstantSource clock)
      throws IOException {
    try {
      PostgresConnections connections = PostgresConnections.open(settings, clock);
      try {
        try (Connection first = connections.separate()) {
          // before the others are told of this node
          StoreMark.requireNone(first);
        }
        RowCache rows = new RowCache(SqlStore.CACHE_BYTES);
        RuleCache rules = new RuleCache();
        Nodes nodes = Nodes.join(node, connections::separate, clock, rows, rules, listener);
        return new SqlStore(
            connections,
            Dialect.POSTGRES,
            authenticator,
            listener,
            node.name(),
            rows,
            rules,
            Optional.of(nodes),
            () -> -1);
      } catch (SQLException | IOException | RuntimeException e) {
        connections.close();
        throw e;
      }
    } catch (SQLException e) {
      throw new IOException(
          "the store at " + settings.url() + " cannot be opened: " + e.getMessage(), e);
    }
  }

  /** How an embedded store stands to this program's format; a server may be running on it. */
  public static FormatCheck checkFormat(Path data) throws IOException {
    requireStore(data);
    try {
      return FormatCheck.of(data);
    } catch (SQLException e) {
      throw unreadable(data, e);
    }
  }

  /** How a shared store stands to this program's format; nodes may be running on it. */
  public static FormatCheck checkFormat(PostgresSettings settings) throws IOException {
    try {
      return FormatCheck.of(settings);
    } catch (SQLException e) {
      throw unreadable(settings.url(), e);
    }
  }

  /** Whether there is an embedded store in this folder. */
  public static boolean isStore(Path data) {
    return Files.exists(data.resolve(SqliteConnections.FILE));
  }

  /** The journal of a shared store, for reading only; nodes may be running on it. */
  public static OpenJournal readJournal(PostgresSettings settings) throws IOException {
    Properties login = new Properties();
    login.setProperty("user", settings.user());
    login.setProperty(
        "password", new String(settings.password().exposed(), StandardCharsets.UTF_8));
    login.setProperty("ApplicationName", "strongroom audit");
    login.setProperty("connectTimeout", "10");
    try {
      Connection connection = DriverManager.getConnection(settings.url(), login);
      connection.setReadOnly(true);
      return new OpenJournal(new Statements(connection), Dialect.POSTGRES);
    } catch (SQLException e) {
      throw new IOException(
          "the store at " + settings.url() + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** The journal of an embedded store, for reading only; a server may be running on it. */
  public static OpenJournal readJournal(Path data) throws IOException {
    requireStore(data);
    try {
      return new OpenJournal(new Statements(reading(data)), Dialect.SQLITE);
    } catch (SQLException e) {
      throw new IOException("the store in " + data + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Everything in an embedded store; a server may be running on it. */
  public static Snapshot snapshot(Path data) throws IOException {
    requireStore(data);
    try {
      return Snapshot.of(reading(data), Dialect.SQLITE);
    } catch (SQLException e) {
      throw unreadable(data, e);
    }
  }

  /** Everything in a shared store; nodes may be running on it. */
  public static Snapshot snapshot(PostgresSettings settings) throws IOException {
    try {
      return Snapshot.of(PostgresConnections.lasting(settings), Dialect.POSTGRES);
    } catch (SQLException e) {
      throw unreadable(settings.url(), e);
    }
  }

  /** Fills the embedded store of this folder, which the caller has locked; it must be empty. */
  public static Loading load(Path data, InstantSource clock) throws IOException {
    try {
      // because opening it makes file and tables; what has no row is then filled by itself
      SqliteConnections.open(data, clock).close();
      return empty(SqliteConnections.single(data));
    } catch (SQLException e) {
      throw unreadable(data, e);
    }
  }

  /** Fills a shared store, which must be empty and have no node. */
  public static Loading load(PostgresSettings settings, InstantSource clock) throws IOException {
    try {
      Connection connection = PostgresConnections.lasting(settings);
      try {
        Migrations.apply(connection, Dialect.POSTGRES, clock.millis());
      } catch (SQLException e) {
        connection.close();
        throw e;
      }
      return empty(connection);
    } catch (SQLException e) {
      throw unreadable(settings.url(), e);
    }
  }

  private static Loading empty(Connection connection) throws SQLException, IOException {
    try {
      StoreMark.requireNone(connection);
    } catch (SQLException | IOException e) {
      connection.close();
      throw e;
    }
    return Loading.of(connection);
  }

  static void requireStore(Path data) throws IOException {
    if (!isStore(data)) {
      throw new IOException("there is no store in " + data);
    }
  }

  static Connection reading(Path data) throws SQLException {
    Connection connection =
        DriverManager.getConnection(
            "jdbc:sqlite:" + data.resolve(SqliteConnections.FILE).toAbsolutePath());
    try (Statement statement = connection.createStatement()) {
      statement.execute("pragma query_only = true");
      statement.execute("pragma busy_timeout = 10000");
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  static IOException unreadable(Object where, SQLException e) {
    return new IOException("the store in " + where + " cannot be used: " + e.getMessage(), e);
  }

  /** A journal that is open; close it when done. */
  public static final class OpenJournal implements AutoCloseable {
    private final Statements statements;
    private final Dialect dialect;

    private OpenJournal(Statements statements, Dialect dialect) {
      this.statements = statements;
      this.dialect = dialect;
    }

    public JournalView view() {
      return reads();
    }

    /** The wrapped system and container keys. */
    public List<KeyRow> keys() {
      return reads().keys();
    }

    private SqlReads reads() {
      return new SqlReads(statements, new RowMacs(new NoRows(), (table, key) -> {}), dialect);
    }

    @Override
    public void close() throws IOException {
      try {
        statements.close();
      } catch (SQLException e) {
        throw new IOException("the store did not close", e);
      }
    }
  }

  /** Whoever reads only the journal has no key, and meets no row that would need one. */
  private static final class NoRows implements RowAuthenticator {
    @Override
    public byte[] mac(byte[]... parts) {
      throw new IllegalStateException("a journal is read without keys");
    }

    @Override
    public boolean matches(byte[] mac, byte[]... parts) {
      throw new IllegalStateException("a journal is read without keys");
    }
  }
}
