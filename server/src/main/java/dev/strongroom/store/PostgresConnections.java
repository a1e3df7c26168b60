package dev.strongroom.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;

/**
 * Pooled connections to PostgreSQL. The driver keeps prepared statements by itself; READ COMMITTED is
 * enough, since every change first takes the head row.
 */
final class PostgresConnections implements Connections {
  // A node that stands still inside a change holds the lock of all nodes: the server ends it then.
  // A database that acknowledges commits before they are on disk is told not to do so to us.
  private static final String SESSION =
      "set idle_in_transaction_session_timeout = 20000;"
          + " select set_config('synchronous_commit', 'on', false)"
          + " where current_setting('synchronous_commit') = 'off'";

  private final HikariDataSource pool;
  private Statements writer;

  private PostgresConnections(HikariDataSource pool) {
    this.pool = pool;
  }

  static PostgresConnections open(PostgresSettings settings, InstantSource clock)
      throws SQLException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(settings.url());
    config.setUsername(settings.user());
    config.setPassword(new String(settings.password().exposed(), StandardCharsets.UTF_8));
    config.setMaximumPoolSize(settings.poolSize());
    config.setMinimumIdle(1);
    config.setPoolName("strongroom");
    config.setConnectionTimeout(5_000);
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    config.setConnectionInitSql(SESSION);
    config.addDataSourceProperty("ApplicationName", "strongroom");
    config.addDataSourceProperty("socketTimeout", "30");
    config.addDataSourceProperty("tcpKeepAlive", "true");
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
    return new PostgresConnections(pool);
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
