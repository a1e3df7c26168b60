package dev.strongroom.store;

import java.sql.SQLException;

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
      "select number, time, last_object, last_version from journal_head where id = 1") {
    @Override
    boolean isFull(SQLException e) {
      // SQLITE_FULL, and SQLITE_IOERR_WRITE where the file system reports no space that way
      int code = e.getErrorCode();
      return (code & 0xff) == 13 || code == 778;
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
      "select number, time, last_object, last_version from journal_head where id = 1 for update") {
    @Override
    boolean isFull(SQLException e) {
      return "53100".equals(e.getSQLState());
    }

    @Override
    boolean isConstraint(SQLException e) {
      return e.getSQLState() != null && e.getSQLState().startsWith("23");
    }
  };

  private final String longType;
  private final String rowType;
  private final String bytesType;
  private final String binary;
  private final String clustered;
  private final String lockHead;

  Dialect(
      String longType,
      String rowType,
      String bytesType,
      String binary,
      String clustered,
      String lockHead) {
    this.longType = longType;
    this.rowType = rowType;
    this.bytesType = bytesType;
    this.binary = binary;
    this.clustered = clustered;
    this.lockHead = lockHead;
  }

  abstract boolean isFull(SQLException e);

  /** A change wrote what the tables exclude: its own fault, not the store's. */
  abstract boolean isConstraint(SQLException e);

  String lockHead() {
    return lockHead;
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
