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
 *
 * <p>A step whose name ends in {@code _beside.sql} leaves programs that lack it right in what they
 * read and write: nodes of such a program that run go on. Any other waits until none of them runs,
 * and keeps them from coming back.
 */
public final class Migrations {
  static final List<String> FILES =
      List.of("001_rows.sql", "002_details.sql", "003_nodes.sql", "004_issued.sql");

  private static final String BESIDE = "_beside.sql";

  private Migrations() {}

  /** Brings the database to this program's format, in one transaction. */
  public static void apply(Connection connection, Dialect dialect, long nowMillis)
      throws SQLException {
    apply(connection, dialect, FILES, nowMillis);
  }

  static void apply(
      Connection connection, Dialect dialect, List<String> steps, long nowMillis)
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
      Format found = found(connection, dialect, steps);
      if (found.refusal().isPresent()) {
        throw new SQLException(found.refusal().get());
      }
      Optional<String> alone = alone(found.missing());
      if (alone.isPresent() && dialect.hasTable(connection, "node")) {
        Nodes.requireNone(connection, alone.get());
      }
      for (int i = found.applied().size(); i < steps.size(); i++) {
        String text = read(steps.get(i));
        for (String step : dialect.translate(withoutComments(text)).split(";")) {
          if (!step.isBlank()) {
            statement.execute(step);
          }
        }
        try (PreparedStatement insert =
            connection.prepareStatement(
                "insert into migration (number, name, checksum, applied) values (?, ?, ?, ?)")) {
          insert.setInt(1, i + 1);
          insert.setString(2, steps.get(i));
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

  /** The first of these steps that nodes of an older program could not live with. */
  static Optional<String> alone(List<String> steps) {
    return steps.stream().filter(step -> !step.endsWith(BESIDE)).findFirst();
  }

  /**
   * Refuses a node of this program on a database that a newer one has brought further meanwhile,
   * unless it may go on.
   */
  static void requireBeside(Connection connection) throws SQLException {
    List<String> applied = found(connection, Dialect.POSTGRES, FILES).applied();
    Optional<String> alone =
        alone(applied.subList(Math.min(FILES.size(), applied.size()), applied.size()));
    if (alone.isPresent()) {
      throw new SQLException(
          "a newer program has run step " + alone.get() + ", beside which this one cannot go on");
    }
  }

  /** Looks without changing anything; a database without any table has applied nothing. */
  static Format found(Connection connection, Dialect dialect) throws SQLException {
    return found(connection, dialect, FILES);
  }

  private static Format found(Connection connection, Dialect dialect, List<String> steps)
      throws SQLException {
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
        applied.size() < steps.size() ? steps.subList(applied.size(), steps.size()) : List.of();
    Optional<String> refusal = Optional.empty();
    for (int i = 0; i < Math.min(applied.size(), steps.size()); i++) {
      if (!applied.get(i).equals(steps.get(i))
          || !checksums.get(i).equals(checksum(read(steps.get(i))))) {
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
    if (applied.size() > steps.size()) {
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
