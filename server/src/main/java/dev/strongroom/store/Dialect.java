package dev.strongroom.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Set;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Where SQLite and PostgreSQL differ: the type words of migrations, how a change begins, and which
 * errors mean that the disk is full. Every other statement is the same for both.
 */
public enum Dialect {
  SQLITE(
      "integer",
      "integer primary key",
      "blob",
      "",
      "without rowid",
      "select number, time, last_object, last_version, members from journal_head where id = 1",
      "select 1 from sqlite_master where type = 'table' and name = ?") {
    @Override
    boolean isFull(SQLException e) {
      return e instanceof SQLiteException sqlite && NO_ROOM.contains(sqlite.getResultCode());
    }

    @Override
    boolean isConstraint(SQLException e) {
      return (e.getErrorCode() & 0xff) == 19;
    }
  },
  POSTGRES(
      "bigint",
      "bigint primary key",
      "bytea",
      "collate \"C\"",
      "",
      "select number, time, last_object, last_version, members from journal_head where id = 1 for update",
      "select 1 where to_regclass(?) is not null") {
    @Override
    boolean isFull(SQLException e) {
      return "53100".equals(e.getSQLState()) || "58030".equals(e.getSQLState());
    }

    @Override
    boolean isConstraint(SQLException e) {
      return e.getSQLState() != null && e.getSQLState().startsWith("23");
    }

    @Override
    boolean hasOtherNodes() {
      return true;
    }
  };

  /**
   * How SQLite says that a file could not grow or be written. The vendor code of its exceptions has
   * lost the upper byte that tells these from other input and output errors.
   */
  private static final Set<SQLiteErrorCode> NO_ROOM =
      Set.of(
          SQLiteErrorCode.SQLITE_FULL,
          SQLiteErrorCode.SQLITE_IOERR_WRITE,
          SQLiteErrorCode.SQLITE_IOERR_FSYNC,
          SQLiteErrorCode.SQLITE_IOERR_DIR_FSYNC,
          SQLiteErrorCode.SQLITE_IOERR_TRUNCATE,
          SQLiteErrorCode.SQLITE_IOERR_SHMSIZE,
          SQLiteErrorCode.SQLITE_IOERR_SHMMAP);

  private final String longType;
  private final String rowType;
  private final String bytesType;
  private final String binary;
  private final String clustered;
  private final String lockHead;
  private final String findTable;

  Dialect(
      String longType,
      String rowType,
      String bytesType,
      String binary,
      String clustered,
      String lockHead,
      String findTable) {
    this.longType = longType;
    this.rowType = rowType;
    this.bytesType = bytesType;
    this.binary = binary;
    this.clustered = clustered;
    this.lockHead = lockHead;
    this.findTable = findTable;
  }

  abstract boolean isFull(SQLException e);

  /** A change wrote what the tables exclude: its own fault, not the store's. */
  abstract boolean isConstraint(SQLException e);

  /** Whether other nodes may work on the same rows, who are to hear of each change. */
  boolean hasOtherNodes() {
    return false;
  }

  String lockHead() {
    return lockHead;
  }

  boolean hasTable(Connection connection, String name) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(findTable)) {
      statement.setString(1, name);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next();
      }
    }
  }

  String translate(String migration) {
    return migration
        .replace("${LONG}", longType)
        .replace("${ROW}", rowType)
        .replace("${BYTES}", bytesType)
        .replace("${BINARY}", binary)
        .replace("${CLUSTERED}", clustered);
  }
}
