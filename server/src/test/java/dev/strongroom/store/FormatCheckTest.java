package dev.strongroom.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.model.SecretBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FormatCheckTest {
  private static final InstantSource CLOCK = InstantSource.system();

  /** As a store of the first format looks to what checks formats. */
  private static final String FIRST = "delete from migration where number > 1";

  @TempDir Path data;

  private static void sql(Path data, String... statements) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:sqlite:" + data.resolve(SqliteConnections.FILE));
        Statement statement = connection.createStatement()) {
      for (String each : statements) {
        statement.executeUpdate(each);
      }
    }
  }

  private Map<Path, String> files() throws IOException {
    Map<Path, String> all = new TreeMap<>();
    try (Stream<Path> paths = Files.list(data)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        all.put(path, new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1));
      }
    }
    return all;
  }

  @Test
  void check_newerOrForeignOrMarkedStore_saysWhyAndTouchesNothing() throws Exception {
    SqliteConnections.open(data, CLOCK).close();
    assertThat(OpenSql.checkFormat(data).isPossible()).isTrue();
    assertThat(OpenSql.checkFormat(data).missing()).isEmpty();

    sql(data, "insert into migration values (99, '099_later.sql', 'c', 0)");
    Map<Path, String> before = files();
    FormatCheck newer = OpenSql.checkFormat(data);
    assertThat(newer.isPossible()).isFalse();
    assertThat(newer.obstacles().getFirst()).contains("newer program: it has step 099_later.sql");
    assertThat(files()).isEqualTo(before);
    assertThatThrownBy(() -> SqliteConnections.open(data, CLOCK))
        .hasMessageContaining("newer program");

    sql(data, FIRST, "update migration set checksum = 'other'");
    assertThat(OpenSql.checkFormat(data).obstacles().getFirst())
        .contains("step 1 of the database is not this program's: 001_rows.sql other");

    SqliteConnections fresh = SqliteConnections.open(Files.createDirectory(data.resolve("f")), CLOCK);
    StoreMark.put(
        fresh.writer().connection(),
        Optional.of(new StoreMark(StoreMark.Kind.MOVED, Instant.EPOCH, "there")));
    // a server that runs has a log beside the file, in which the newest rows are
    assertThat(OpenSql.checkFormat(data.resolve("f")).obstacles().getFirst())
        .startsWith("this store was moved to there at 1970");
    fresh.close();
  }

  @Test
  void check_noStore_isRefused() {
    assertThatThrownBy(() -> OpenSql.checkFormat(data))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("there is no store in");
    assertThat(data).isEmptyDirectory();
  }

  /** Run in a process of its own on a small file system. */
  static final class LittleRoom {
    public static void main(String[] arguments) throws Exception {
      Path folder = Path.of(arguments[0]);
      SqliteConnections.open(folder, CLOCK).close();
      System.out.println("nothing to run: " + OpenSql.checkFormat(folder).obstacles());
      sql(folder, FIRST);
      System.out.println("steps to run: " + OpenSql.checkFormat(folder).obstacles());
    }
  }

  @Test
  void check_littleRoom_countsOnlyWhereThereAreSteps() throws Exception {
    Path out = data.resolve("out");
    Process child =
        ChildProcess.onSmallDisk(LittleRoom.class, data.resolve("small"), "8m")
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    try {
      assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      child.destroyForcibly();
    }
    String said = Files.readString(out);
    assumeTrue(
        child.exitValue() != ChildProcess.NO_MOUNT,
        "a small tmpfs cannot be mounted here: " + said.strip());
    assertThat(said)
        .contains("nothing to run: []")
        .containsPattern("steps to run: \\[the disk of \\S+ has \\d+ bytes left; 16777216 are wanted");
  }

  @Test
  void check_roleWithoutRights_saysWhich() throws Exception {
    assumeTrue(
        PrivatePostgres.binaries().isPresent(),
        "PostgreSQL 15 is not installed here (Debian package postgresql-15)");
    PrivatePostgres server = PrivatePostgres.start();
    try {
      PostgresSettings owner = server.create("checked");
      PostgresSettings other =
          new PostgresSettings(owner.url(), "other", SecretBytes.ofUtf8("unused"), 2);
      try (Connection connection = DriverManager.getConnection(owner.url(), owner.user(), "");
          Statement statement = connection.createStatement()) {
        statement.execute("create role other login");
        assertThat(OpenSql.checkFormat(owner).isPossible()).isTrue();
        assertThat(OpenSql.checkFormat(other).obstacles())
            .containsExactly("role other may not create tables in the schema");
        Migrations.apply(connection, Dialect.POSTGRES, 0);
        statement.execute(FIRST);
        statement.execute("grant create on schema public to other");
        statement.execute("grant select on all tables in schema public to other");
      }
      FormatCheck found = OpenSql.checkFormat(other);
      assertThat(found.applied()).containsExactly("001_rows.sql");
      assertThat(found.obstacles()).contains("role other does not own table journal");
      assertThat(OpenSql.checkFormat(owner).isPossible()).isTrue();
    } finally {
      server.stop();
    }
  }
}
