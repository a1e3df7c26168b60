package dev.strongroom.store;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All rows as one commit left them, however long they are read and whatever is changed meanwhile: a
 * read transaction of SQLite, REPEATABLE READ of PostgreSQL. Nobody waits for it; it keeps the log
 * of SQLite, or dead rows of PostgreSQL, from being cleared. Not safe for threads.
 */
public final class Snapshot implements AutoCloseable {
  private static final int FETCHED = 200;

  private final Connection connection;
  private final Dialect dialect;

  private Snapshot(Connection connection, Dialect dialect) {
    this.connection = connection;
    this.dialect = dialect;
  }

  /** Takes the connection over, which nobody else may use. */
  static Snapshot of(Connection connection, Dialect dialect) throws SQLException {
    try {
      if (dialect == Dialect.POSTGRES) {
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        connection.setReadOnly(true);
      }
      connection.setAutoCommit(false);
      try (Statement first = connection.createStatement();
          ResultSet row = first.executeQuery("select number from journal_head where id = 1")) {
        // because the first read is what decides which commit is seen
        if (!row.next()) {
          throw new SQLException("the journal has no head row");
        }
      }
      return new Snapshot(connection, dialect);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /** Rows one after another; close it before the next is opened. */
  public final class Rows implements AutoCloseable {
    private final Table table;
    private final Statement statement;
    private final ResultSet rows;

    private Rows(Table table, String sql) throws SQLException {
      this.table = table;
      this.statement = connection.createStatement();
      statement.setFetchSize(FETCHED);
      this.rows = statement.executeQuery(sql);
    }

    /** The next row, or nothing at the end. */
    public Optional<TableRow> next() throws IOException {
      try {
        if (!rows.next()) {
          return Optional.empty();
        }
        List<Object> values = new ArrayList<>(table.columns().size());
        for (int i = 0; i < table.columns().size(); i++) {
          values.add(value(table.columns().get(i).type(), i + 1));
        }
        return Optional.of(new TableRow(table, values));
      } catch (SQLException e) {
        throw unreadable(table, e);
      }
    }

    private Object value(Table.Type type, int at) throws SQLException {
      return switch (type) {
        case LONG -> {
          long number = rows.getLong(at);
          yield rows.wasNull() ? null : (Object) number;
        }
        case TEXT -> rows.getString(at);
        case BYTES -> rows.getBytes(at);
      };
    }

    @Override
    public void close() throws IOException {
      try {
        statement.close();
      } catch (SQLException e) {
        throw unreadable(table, e);
      }
    }
  }

  public Rows rows(Table table) throws IOException {
    return rows(table, table.select(dialect));
  }

  private Rows rows(Table table, String sql) throws IOException {
    try {
      return new Rows(table, sql);
    } catch (SQLException e) {
      throw unreadable(table, e);
    }
  }

  /** The journal's record of one change. */
  public Optional<TableRow> journalRow(long number) throws IOException {
    try (Rows rows = rows(Table.JOURNAL, Table.JOURNAL.selectOne(number))) {
      return rows.next();
    }
  }

  public long count(Table table) throws IOException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(table.count())) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw unreadable(table, e);
    }
  }

  /** A small named value as it was then. */
  public Optional<byte[]> meta(String name) throws IOException {
    try (Rows rows = rows(Table.META)) {
      for (Optional<TableRow> row = rows.next(); row.isPresent(); row = rows.next()) {
        if (row.get().text(0).equals(name)) {
          return Optional.of(row.get().bytes(1));
        }
      }
      return Optional.empty();
    }
  }

  private static IOException unreadable(Table table, SQLException e) {
    return new IOException("table " + table.sqlName() + " cannot be read: " + e.getMessage(), e);
  }

  @Override
  public void close() throws IOException {
    try (connection) {
      connection.rollback();
    } catch (SQLException e) {
      throw new IOException("a snapshot did not end", e);
    }
  }
}
