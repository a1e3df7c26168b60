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
import java.util.Optional;
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
      Format found = found(connection, dialect);
      if (found.refusal().isPresent()) {
        throw new SQLException(found.refusal().get());
      }
      for (int i = found.applied().size(); i < FILES.size(); i++) {
        String text = read(FILES.get(i));
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
          insert.setString(3, checksum(text));
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

  /**
   * How far a database is on the way to this program's format.
   *
   * @param applied the steps that it has, in order
   * @param missing those that this program would apply
   * @param refusal why this program cannot use it
   */
  record Format(List<String> applied, List<String> missing, Optional<String> refusal) {}

  /** Looks without changing anything; a database without any table has applied nothing. */
  static Format found(Connection connection, Dialect dialect) throws SQLException {
    List<String> applied = new ArrayList<>();
    List<String> checksums = new ArrayList<>();
    if (dialect.hasTable(connection, "migration")) {
      try (Statement statement = connection.createStatement();
          ResultSet rows =
              statement.executeQuery("select name, checksum from migration order by number")) {
        while (rows.next()) {
          applied.add(rows.getString(1));
          checksums.add(rows.getString(2));
        }
      }
    }
    List<String> missing =
        applied.size() < FILES.size() ? FILES.subList(applied.size(), FILES.size()) : List.of();
    Optional<String> refusal = Optional.empty();
    for (int i = 0; i < Math.min(applied.size(), FILES.size()); i++) {
      if (!applied.get(i).equals(FILES.get(i))
          || !checksums.get(i).equals(checksum(read(FILES.get(i))))) {
        refusal =
            Optional.of(
                "step "
                    + (i + 1)
                    + " of the database is not this program's: "
                    + applied.get(i)
                    + ' '
                    + checksums.get(i));
      }
    }
    if (applied.size() > FILES.size()) {
      refusal =
          Optional.of(
              "the database was written by a newer program: it has step " + applied.getLast());
    }
    return new Format(applied, missing, refusal);
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
