package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.it.RunningServer.Start;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link Kills} on one folder, whose database is whole afterwards. */
class CrashIT {
  private static final int KILLS = Integer.getInteger("crash.kills", 20);

  @TempDir Path folder;

  @Test
  void kill_underWriteLoad_keepsWhatWasAcknowledged() throws Exception {
    Path data = folder.resolve("data");
    Start start = Start.dev(data).withJava("-XX:TieredStopAtLevel=1");
    Kills.run(
        KILLS,
        new Kills.Place() {
          @Override
          public RunningServer start() throws IOException {
            return RunningServer.dev(start);
          }

          @Override
          public Process begin() throws IOException {
            return start.process();
          }

          @Override
          public Path data() {
            return data;
          }

          @Override
          public Connection database() throws SQLException {
            return DriverManager.getConnection("jdbc:sqlite:" + data.resolve("strongroom.db"));
          }

          @Override
          public List<String> option() {
            return List.of("--data", data.toString());
          }
        });
    try (Connection database =
            DriverManager.getConnection("jdbc:sqlite:" + data.resolve("strongroom.db"));
        Statement statement = database.createStatement();
        ResultSet row = statement.executeQuery("pragma integrity_check")) {
      assertThat(row.next()).isTrue();
      assertThat(row.getString(1)).isEqualTo("ok");
    }
  }
}
