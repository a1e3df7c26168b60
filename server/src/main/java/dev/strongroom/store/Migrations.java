package dev.strongroom.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The numbered steps of the format. An applied step never changes: its checksum is kept, and a
 * database whose steps differ from this program's, or that is newer, is refused.
 */
public final class Migrations {
  private static final List<String> FILES =
      List.of("001_rows.sql", "002_details.sql", "003_nodes.sql", "004_issued.sql");

  private Migrations() {}

  /** Brings the database to this program's format, in one transaction. */
  public static void apply(Connection connection, Dialect dialect, long nowMillis)
      throws SQLException {
    boolean automatic = connection.getAutoCommit();
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      if (dialect == Dialect.POSTGRES) {
        // because two nodes may start at once on an empty database
        statement.execute("select pg_advisory_xact_lock(7237114)");
      }
      statement.execute(
          "create table if not exists migration (number integer primary key, name text not null,"
              + " checksum text not null, applied bigint not null)");
      List<String> applied = new ArrayList<>();
      try (ResultSet rows =
          statement.executeQuery("select name, checksum from migration order by number")) {
        while (rows.next()) {
          applied.add(rows.getString(1) + ' ' + rows.getString(2));
        }
      }
      if (applied.size() > FILES.size()) {
        throw new SQLException(
            "the database was written by a newer program: it has step " + applied.getLast());
      }
      for (int i = 0; i < FILES.size(); i++) {
        String text = read(FILES.get(i));
        String checksum = checksum(text);
        if (i < applied.size()) {
          if (!applied.get(i).equals(FILES.get(i) + ' ' + checksum)) {
            throw new SQLException(
                "step " + (i + 1) + " of the database is not this program's: " + applied.get(i));
          }
          continue;
        }
        for (String step : dialect.translate(withoutComments(text)).split(";")) {
          if (!step.isBlank()) {
            statement.execute(step);
          }
        }
        try (PreparedStatement insert =
            connection.prepareStatement(
                "insert into migration (number, name, checksum, applied) values (?, ?, ?, ?)")) {
          insert.setInt(1, i + 1);
          insert.setString(2, FILES.get(i));
          insert.setString(3, checksum);
          insert.setLong(4, nowMillis);
          insert.executeUpdate();
        }
      }
      connection.commit();
    } catch (SQLException e) {
      connection.rollback();
      throw e;
    } finally {
      connection.setAutoCommit(automatic);
    }
  }

  private static String withoutComments(String text) {
    StringBuilder kept = new StringBuilder();
    text.lines().filter(line -> !line.startsWith("--")).forEach(l -> kept.append(l).append('\n'));
    return kept.toString();
  }

  private static String checksum(String text) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return Long.toHexString(crc.getValue());
  }

  private static String read(String name) {
    try (InputStream in = Migrations.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the program lacks its migration " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("cannot read migration " + name, e);
    }
  }
}
