package dev.strongroom.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Properties;

/**
 * Pooled connections to PostgreSQL. The driver keeps prepared statements by itself; READ COMMITTED is
 * enough, since every change first takes the head row.
 */
final class PostgresConnections implements Connections {
  // A node that stands still inside a change holds the lock of all nodes: the server ends it then,
  // and nobody waits for that lock for longer. A database that acknowledges commits before they are
  // on disk is told not to do so to us.
  private static final String SESSION =
      "set idle_in_transaction_session_timeout = 5000; set lock_timeout = 5000;"
          + " select set_config('synchronous_commit', 'on', false)"
          + " where current_setting('synchronous_commit') = 'off'";

  private final PostgresSettings settings;
  private final HikariDataSource pool;
  private Statements writer;

  private PostgresConnections(PostgresSettings settings, HikariDataSource pool) {
    this.settings = settings;
    this.pool = pool;
  }

  /** Never a standby: what it says of the journal may be old. A silence of 0 may last. */
  private static Properties properties(PostgresSettings settings, Duration mostSilence) {
    Properties properties = new Properties();
    properties.setProperty("user", settings.user());
    properties.setProperty(
        "password", new String(settings.password().exposed(), StandardCharsets.UTF_8));
    properties.setProperty("ApplicationName", "strongroom");
    properties.setProperty("targetServerType", "primary");
    properties.setProperty("connectTimeout", "3");
    properties.setProperty("loginTimeout", "5");
    properties.setProperty("socketTimeout", Long.toString(mostSilence.toSeconds()));
    properties.setProperty("tcpKeepAlive", "true");
    return properties;
  }

  static PostgresConnections open(PostgresSettings settings, InstantSource clock)
      throws SQLException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(settings.url());
    config.setMaximumPoolSize(settings.poolSize());
    config.setMinimumIdle(1);
    config.setPoolName("strongroom");
    config.setConnectionTimeout(4_000);
    config.setValidationTimeout(1_500);
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    config.setConnectionInitSql(SESSION);
    config.setDataSourceProperties(properties(settings, Duration.ofSeconds(15)));
    HikariDataSource pool;
    try {
      pool = new HikariDataSource(config);
    } catch (RuntimeException e) {
      throw new SQLException("PostgreSQL does not answer at " + settings.url(), e);
    }
    try (Connection connection = pool.getConnection()) {
      Migrations.apply(connection, Dialect.POSTGRES, clock.millis());
    } catch (SQLException e) {
      pool.close();
      throw e;
    }
    return new PostgresConnections(settings, pool);
  }

  /** A connection beside the pool, for what lasts; its owner closes it. */
  Connection separate() throws SQLException {
    Connection connection =
        DriverManager.getConnection(settings.url(), properties(settings, Duration.ofSeconds(6)));
    try (Statement statement = connection.createStatement()) {
      statement.execute(SESSION);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  @Override
  public Connection lasting() throws SQLException {
    return lasting(settings);
  }

  /** For reading or filling at length, beside any node: it may wait for whoever takes its rows. */
  static Connection lasting(PostgresSettings settings) throws SQLException {
    Connection connection =
        DriverManager.getConnection(settings.url(), properties(settings, Duration.ZERO));
    try (Statement statement = connection.createStatement()) {
      statement.execute("set idle_in_transaction_session_timeout = 0");
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  @Override
  public Statements writer() throws SQLException {
    if (writer == null) {
      writer = new Statements(pool.getConnection());
    }
    return writer;
  }

  @Override
  public void discardWriter() {
    if (writer != null) {
      pool.evictConnection(writer.connection());
      writer = null;
    }
  }

  @Override
  public Statements borrow() throws SQLException {
    return new Statements(pool.getConnection());
  }

  @Override
  public void giveBack(Statements reader, boolean broken) {
    if (broken) {
      pool.evictConnection(reader.connection());
      return;
    }
    try {
      reader.close();
    } catch (SQLException e) {
      pool.evictConnection(reader.connection());
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
