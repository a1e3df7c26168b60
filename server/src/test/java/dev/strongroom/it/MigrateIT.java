package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.it.RunningServer.Answer;
import dev.strongroom.it.RunningServer.Finished;
import dev.strongroom.it.RunningServer.Start;
import dev.strongroom.store.PostgresSettings;
import dev.strongroom.store.PrivatePostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code migrate} of a server that was killed, to PostgreSQL and back again. */
class MigrateIT {
  @TempDir static Path folder;
  private static PrivatePostgres postgres;
  private static Commands commands;

  @BeforeAll
  static void startDatabase() throws Exception {
    assumeTrue(
        PrivatePostgres.binaries().isPresent(),
        "PostgreSQL 15 is not installed here (Debian package postgresql-15)");
    postgres = PrivatePostgres.start();
    commands = new Commands(Start.command(folder.resolve("commands")));
  }

  @AfterAll
  static void stopDatabase() throws Exception {
    if (postgres != null) {
      postgres.stop();
      commands.close();
    }
  }

  @Test
  void migrate_toPostgresAndBack_everythingGoesOnAndOnlyOneIsServed() throws Exception {
    ServeFolder embedded =
        ServeFolder.init(folder, folder.resolve("data"), "audit.reserveMebibytes = 1");
    Path here = embedded.config();
    PostgresSettings database = postgres.create("moved");
    Path there = folder.resolve("shared.toml");
    Files.writeString(
        there,
        "store = \"postgres\"\npostgres.url = \"%s\"\npostgres.user = \"%s\"\n"
                .formatted(database.url(), database.user())
            + Files.readString(here));

    Finished nothing = commands.run("migrate", "--check", "--config", there.toString());
    assertThat(nothing.code()).as(nothing.err()).isZero();
    assertThat(nothing.out()).contains("format    0").contains("001_rows.sql");
    try (RunningServer server = embedded.serve()) {
      ServeFolder.makeVault(server, "dev");
      put(server, "first", "one");
      put(server, "first", "two");
      put(server, "gone", "three");
      assertThat(server.secret("DELETE", "/secrets/gone", null).status()).isEqualTo(200);
      Finished running = migrate(here, there);
      assertThat(running.code()).isEqualTo(1);
      assertThat(running.err()).contains("another process is using the folder");
      server.kill();
    }
    Finished moved = migrate(here, there);
    assertThat(moved.code()).as(moved.err()).isZero();
    assertThat(moved.out()).contains("object ").contains("moved ");
    assertRefused(here, "was moved to " + database.url());
    Finished check = commands.run("migrate", "--check", "--config", here.toString());
    assertThat(check.code()).isEqualTo(1);
    assertThat(check.out()).contains("CANNOT    this store was moved to ");
    assertThat(migrate(here, there).err()).contains("was moved to ");

    try (RunningServer server = serve(embedded, there)) {
      assertThat(value(server, "first")).isEqualTo("two");
      put(server, "second", "four");
      assertThat(server.secret("POST", "/deletedsecrets/gone/recover", null).status())
          .isEqualTo(200);
      assertThat(migrate(there, here).err()).contains("another process is using the folder");
      assertThat(server.stop()).isZero();
    }
    assertTrailIsClean(there);
    Finished ready = commands.run("migrate", "--check", "--config", there.toString());
    assertThat(ready.code()).as(ready.out()).isZero();
    assertThat(ready.out()).contains("to run    nothing");

    // the embedded store of before is still there, and has to be put aside by whoever owns it
    assertThat(migrate(there, here).err()).contains("was moved to ").contains("an empty store");
    Files.move(embedded.data().resolve("strongroom.db"), folder.resolve("aside.db"));
    Finished back = migrate(there, here);
    assertThat(back.code()).as(back.err()).isZero();
    assertRefused(there, "was moved to " + embedded.data());

    try (RunningServer server = embedded.serve()) {
      assertThat(value(server, "first")).isEqualTo("two");
      assertThat(value(server, "second")).isEqualTo("four");
      assertThat(value(server, "gone")).isEqualTo("three");
      put(server, "third", "five");
      assertThat(embedded.run("health").code()).isZero();
      assertThat(server.stop()).isZero();
    }
    assertTrailIsClean(here);

    Finished undone = commands.run("migrate", "--undo", "--config", there.toString());
    assertThat(undone.code()).as(undone.err()).isZero();
    assertThat(undone.out()).contains("counts again");
    Finished twice = commands.run("migrate", "--undo", "--config", there.toString());
    assertThat(twice.err()).contains("was not moved elsewhere");
  }

  private static Finished migrate(Path from, Path to) throws IOException {
    return commands.run("migrate", "--config", from.toString(), "--to", to.toString());
  }

  private static RunningServer serve(ServeFolder installation, Path config) throws IOException {
    return installation.serve(
        Start.command(folder.resolve("log"), "serve", "--config", config.toString()));
  }

  private static void assertRefused(Path config, String why) throws IOException {
    for (List<String> words :
        List.of(
            List.of("serve", "--config", config.toString()),
            List.of(
                "init",
                "--config",
                config.toString(),
                "--admin-secret-out",
                folder.resolve("other").toString()))) {
      Finished refused = commands.run(words.toArray(String[]::new));
      assertThat(refused.code()).as(refused.out()).isEqualTo(1);
      assertThat(refused.err()).contains(why);
    }
  }

  private static void assertTrailIsClean(Path config) throws IOException {
    Finished verified = commands.run("audit", "verify", "--config", config.toString());
    assertThat(verified.out() + verified.err()).startsWith("clean: ").contains(" 0 pending");
  }

  private static void put(RunningServer server, String name, String value) {
    Answer answer = server.secret("PUT", "/secrets/" + name, "{\"value\":\"" + value + "\"}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
  }

  private static String value(RunningServer server, String name) {
    Answer answer = server.secret("GET", "/secrets/" + name, null);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.json().path("value").asString();
  }
}
