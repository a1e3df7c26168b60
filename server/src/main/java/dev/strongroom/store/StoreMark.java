package dev.strongroom.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * Why a store must not be served: a move that has not ended, or one that has. It is about this store
 * alone and never travels to another.
 *
 * @param since when it was put there
 * @param other the store at the other end of the move, in words
 */
public record StoreMark(Kind kind, Instant since, String other) {
  /** The two ends of a move. */
  public enum Kind {
    /** Being filled; whatever is here may be cut. */
    ARRIVING,

    /** Everything is in the other store. */
    MOVED
  }

  /** How the names of small values begin that belong to the store and not to the installation. */
  public static final String PREFIX = "store/";

  private static final String NAME = PREFIX + "mark";

  /** What whoever wants to use the store is told. */
  public String refusal() {
    return switch (kind) {
      case ARRIVING ->
          "a move of "
              + other
              + " into this store began at "
              + since
              + " and has not ended; run the same strongroom migrate --to again";
      case MOVED ->
          "this store was moved to "
              + other
              + " at "
              + since
              + "; serve that one (strongroom migrate --undo makes this one count again)";
    };
  }

  static Optional<StoreMark> find(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("select value from meta where name = '" + NAME + "'")) {
      return row.next() ? Optional.of(read(row.getBytes(1))) : Optional.empty();
    }
  }

  static void requireNone(Connection connection) throws SQLException, IOException {
    Optional<StoreMark> mark = find(connection);
    if (mark.isPresent()) {
      throw new IOException(mark.get().refusal());
    }
  }

  static void put(Connection connection, Optional<StoreMark> mark) throws SQLException {
    try (Statement statement = connection.createStatement();
        PreparedStatement insert =
            connection.prepareStatement("insert into meta (name, value) values (?, ?)")) {
      statement.executeUpdate("delete from meta where name = '" + NAME + "'");
      if (mark.isPresent()) {
        insert.setString(1, NAME);
        insert.setBytes(2, mark.get().bytes());
        insert.executeUpdate();
      }
    }
  }

  private byte[] bytes() {
    return (kind + " " + since + ' ' + other).getBytes(StandardCharsets.UTF_8);
  }

  private static StoreMark read(byte[] bytes) throws SQLException {
    String[] words = new String(bytes, StandardCharsets.UTF_8).split(" ", 3);
    try {
      return new StoreMark(Kind.valueOf(words[0]), Instant.parse(words[1]), words[2]);
    } catch (IllegalArgumentException
        | DateTimeException
        | ArrayIndexOutOfBoundsException e) {
      throw new SQLException("the store bears a mark that is not readable", e);
    }
  }
}
