package dev.strongroom.store;

import dev.strongroom.model.Id;
import dev.strongroom.model.Sealed;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One connection with its prepared statements, kept for as long as the connection. */
final class Statements implements AutoCloseable {
  /** Makes a row from the current line. */
  @FunctionalInterface
  interface Mapper<T> {
    T map(ResultSet row) throws SQLException;
  }

  private final Connection connection;
  private final Map<String, PreparedStatement> prepared = new HashMap<>();

  Statements(Connection connection) {
    this.connection = connection;
  }

  Connection connection() {
    return connection;
  }

  <T> List<T> list(String sql, Mapper<T> mapper, Object... arguments) throws SQLException {
    try (ResultSet rows = bind(sql, arguments).executeQuery()) {
      List<T> all = new ArrayList<>();
      while (rows.next()) {
        all.add(mapper.map(rows));
      }
      return all;
    }
  }

  <T> Optional<T> first(String sql, Mapper<T> mapper, Object... arguments) throws SQLException {
    try (ResultSet rows = bind(sql, arguments).executeQuery()) {
      return rows.next() ? Optional.of(mapper.map(rows)) : Optional.empty();
    }
  }

  int update(String sql, Object... arguments) throws SQLException {
    return bind(sql, arguments).executeUpdate();
  }

  private PreparedStatement bind(String sql, Object... arguments) throws SQLException {
    PreparedStatement statement = prepared.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      prepared.put(sql, statement);
    }
    for (int i = 0; i < arguments.length; i++) {
      set(statement, i + 1, arguments[i]);
    }
    return statement;
  }

  private static void set(PreparedStatement statement, int at, Object value) throws SQLException {
    switch (value) {
      case Optional<?> optional when optional.isPresent() -> set(statement, at, optional.get());
      case Optional<?> _ -> statement.setNull(at, Types.NULL);
      case Id id -> statement.setBytes(at, id.bytes());
      case Sealed sealed -> statement.setBytes(at, sealed.bytes());
      case byte[] bytes -> statement.setBytes(at, bytes);
      case Instant time -> statement.setLong(at, time.toEpochMilli());
      case Boolean flag -> statement.setLong(at, flag ? 1 : 0);
      case Long number -> statement.setLong(at, number);
      case Integer number -> statement.setInt(at, number);
      case String text -> statement.setString(at, text);
      default -> throw new IllegalArgumentException("no column holds " + value.getClass());
    }
  }

  @Override
  public void close() throws SQLException {
    // because a statement whose last run failed may fail again when closed, and a connection that
    // stays open would keep its lock
    try (connection) {
      for (PreparedStatement statement : prepared.values()) {
        statement.close();
      }
    } finally {
      prepared.clear();
    }
  }
}
