package dev.strongroom.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sqlite.SQLiteConfig;

/**
 * How a store stands to this program's format, found without changing anything.
 *
 * @param applied the steps that the store has, in order
 * @param missing the steps that this program would apply when it opens the store
 * @param obstacles why it could not
 */
public record FormatCheck(List<String> applied, List<String> missing, List<String> obstacles) {
  // no step so far rewrites rows: they add columns and tables, which take a few pages each
  private static final long ROOM = 16 << 20;

  public boolean isPossible() {
    return obstacles.isEmpty();
  }

  static FormatCheck of(Path data) throws SQLException, IOException {
    Path file = data.resolve(SqliteConnections.FILE);
    List<String> obstacles = new ArrayList<>();
    Migrations.Format format;
    try (Connection connection = untouched(data, file)) {
      format = look(connection, Dialect.SQLITE, obstacles);
    }
    if (!format.missing().isEmpty()) {
      long room = Files.getFileStore(file).getUsableSpace();
      if (room < ROOM) {
        obstacles.add(
            "the disk of " + data + " has " + room + " bytes left; " + ROOM + " are wanted");
      }
      if (!Files.isWritable(file) || !Files.isWritable(data)) {
        obstacles.add("this user may not write " + file);
      }
    }
    return new FormatCheck(format.applied(), format.missing(), obstacles);
  }

  /** A log that is there has to be read with the file; without one, not even its index is made. */
  private static Connection untouched(Path data, Path file) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    config.setBusyTimeout(10_000);
    boolean hasLog = Files.exists(data.resolve(SqliteConnections.FILE + "-wal"));
    return config.createConnection(
        hasLog
            ? "jdbc:sqlite:" + file.toAbsolutePath()
            : "jdbc:sqlite:" + file.toAbsolutePath().toUri() + "?immutable=1");
  }

  static FormatCheck of(PostgresSettings settings) throws SQLException {
    List<String> obstacles = new ArrayList<>();
    try (Connection connection = PostgresConnections.lasting(settings)) {
      connection.setReadOnly(true);
      Migrations.Format format = look(connection, Dialect.POSTGRES, obstacles);
      if (!format.missing().isEmpty()) {
        obstacles.addAll(
            texts(
                connection,
                "select 'role ' || current_user || ' may not create tables in the schema'"
                    + " where not coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)"));
        obstacles.addAll(
            texts(
                connection,
                "select 'role ' || current_user || ' does not own table ' || tablename"
                    + " from pg_tables where schemaname = current_schema()"
                    + " and not pg_has_role(tableowner, 'USAGE') order by tablename"));
      }
      Optional<String> alone = Migrations.alone(format.missing());
      if (alone.isPresent() && Dialect.POSTGRES.hasTable(connection, "node")) {
        texts(
                connection,
                "select name from node where state = 0 and until > "
                    + Nodes.DATABASE_MILLIS
                    + " order by name")
            .forEach(node -> obstacles.add(Nodes.inTheWay(node, alone.get())));
      }
      return new FormatCheck(format.applied(), format.missing(), obstacles);
    }
  }

  private static Migrations.Format look(
      Connection connection, Dialect dialect, List<String> obstacles) throws SQLException {
    Migrations.Format format = Migrations.found(connection, dialect);
    format.refusal().ifPresent(obstacles::add);
    if (dialect.hasTable(connection, "meta")) {
      StoreMark.find(connection).map(StoreMark::refusal).ifPresent(obstacles::add);
    }
    return format;
  }

  private static List<String> texts(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> all = new ArrayList<>();
      while (rows.next()) {
        all.add(rows.getString(1));
      }
      return all;
    }
  }
}
