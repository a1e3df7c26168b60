package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.it.RunningServer.Start;
import dev.strongroom.store.PostgresSettings;
import dev.strongroom.store.PrivatePostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link Kills} of a node on PostgreSQL; continuous integration has fifty of them. */
class CrashPostgresIT {
  private static final int KILLS = Integer.getInteger("crash.kills", 10);

  @TempDir Path folder;

  @Test
  void kill_underWriteLoad_keepsWhatWasAcknowledged() throws Exception {
    assumeTrue(
        PrivatePostgres.binaries().isPresent(),
        "PostgreSQL 15 is not installed here (Debian package postgresql-15)");
    PrivatePostgres postgres = PrivatePostgres.start();
    try {
      PostgresSettings database = postgres.create("crash");
      ServeFolder installation = ServeFolder.initOnPostgres(folder, database, "");
      Start start = installation.start().withJava("-XX:TieredStopAtLevel=1");
      try (RunningServer server = installation.serve(start)) {
        ServeFolder.makeVault(server, "dev");
        assertThat(server.stop()).isZero();
      }
      Kills.run(
          KILLS,
          new Kills.Place() {
            @Override
            public RunningServer start() throws IOException {
              return installation.serve(start);
            }

            @Override
            public Process begin() throws IOException {
              return start.process();
            }

            @Override
            public Path data() {
              return installation.data();
            }

            @Override
            public Connection database() throws SQLException {
              return DriverManager.getConnection(database.url(), database.user(), "");
            }

            @Override
            public List<String> option() {
              return List.of("--config", installation.config().toString());
            }
          });
    } finally {
      postgres.stop();
    }
  }
}
