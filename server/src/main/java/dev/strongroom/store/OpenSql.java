package dev.strongroom.store;

import dev.strongroom.model.RowAuthenticator;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.InstantSource;

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
      throws SQLException {
    SqliteConnections connections = SqliteConnections.open(data, clock);
    return new SqlStore(
        connections, Dialect.SQLITE, authenticator, listener, node, true, connections::size);
  }

  /** A node's view of the shared store; nothing is cached, since others commit too. */
  public static SqlStore postgres(
      PostgresSettings settings,
      String node,
      RowAuthenticator authenticator,
      IntegrityListener listener,
      InstantSource clock)
      throws SQLException {
    PostgresConnections connections = PostgresConnections.open(settings, clock);
    return new SqlStore(
        connections, Dialect.POSTGRES, authenticator, listener, node, false, () -> -1);
  }
}
