package dev.strongroom.store;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.Optional;

/**
 * Fills an empty store with the rows of another, in one transaction: all of them are there after
 * {@link #commit}, or none. The rows come as they were, with their MACs; what reads them checks
 * those. Not safe for threads.
 */
public final class Loading implements AutoCloseable {
  private static final int BATCH = 200;

  private final Connection connection;
  private Optional<Table> current = Optional.empty();
  private PreparedStatement insert;
  private int waiting;

  private Loading(Connection connection) {
    this.connection = connection;
  }

  /** Takes the connection over; the store has this program's format, and must have nothing in it. */
  static Loading of(Connection connection) throws SQLException, IOException {
    try {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        for (Table table : Table.values()) {
          String filled =
              table == Table.JOURNAL_HEAD
                  ? "select count(*) from journal_head where number > 0"
                  : table.count();
          try (ResultSet row = statement.executeQuery(filled)) {
            row.next();
            if (row.getLong(1) > 0) {
              throw new IOException(
                  "the store is not empty (table " + table.sqlName() + "); nothing was changed");
            }
          }
        }
        statement.executeUpdate("delete from journal_head");
      }
      return new Loading(connection);
    } catch (SQLException | IOException e) {
      connection.close();
      throw e;
    }
  }

  /** Rows of one table after those of another. */
  public void add(TableRow row) throws IOException {
    try {
      if (!current.equals(Optional.of(row.table()))) {
        flush();
        current = Optional.of(row.table());
        insert = connection.prepareStatement(row.table().insert());
      }
      for (int i = 0; i < row.values().size(); i++) {
        switch (row.values().get(i)) {
          case null -> insert.setNull(i + 1, sqlType(row.table().columns().get(i).type()));
          case Long number -> insert.setLong(i + 1, number);
          case String text -> insert.setString(i + 1, text);
          case byte[] bytes -> insert.setBytes(i + 1, bytes);
          default -> throw new IllegalArgumentException("no column holds this");
        }
      }
      insert.addBatch();
      if (++waiting == BATCH) {
        insert.executeBatch();
        waiting = 0;
      }
    } catch (SQLException e) {
      throw refused(e);
    }
  }

  private static int sqlType(Table.Type type) {
    return switch (type) {
      case LONG -> Types.BIGINT;
      case TEXT -> Types.VARCHAR;
      case BYTES -> Types.BINARY;
    };
  }

  private void flush() throws SQLException {
    if (insert != null) {
      if (waiting > 0) {
        insert.executeBatch();
        waiting = 0;
      }
      insert.close();
      insert = null;
    }
  }

  /** Durable when this returns. */
  public void commit() throws IOException {
    try {
      flush();
      connection.commit();
    } catch (SQLException e) {
      throw refused(e);
    }
  }

  private IOException refused(SQLException e) {
    return new IOException(
        "the store did not take table "
            + current.map(Table::sqlName).orElse("(none)")
            + ": "
            + e.getMessage(),
        e);
  }

  /** Without a commit before, nothing was loaded. */
  @Override
  public void close() throws IOException {
    try (connection) {
      connection.rollback();
    } catch (SQLException e) {
      throw new IOException("a load did not end", e);
    }
  }
}
