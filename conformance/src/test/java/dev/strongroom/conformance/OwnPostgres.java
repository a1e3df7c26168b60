package dev.strongroom.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A PostgreSQL 15 of one test class: its own folder and port of loopback, gone at the end. */
final class OwnPostgres {
  static final String USER = "strongroom";
  private static final Path BINARIES = Path.of("/usr/lib/postgresql/15/bin");

  private final Path folder;
  private final int port;

  private OwnPostgres(Path folder, int port) {
    this.folder = folder;
    this.port = port;
  }

  static boolean isHere() {
    return Files.isExecutable(BINARIES.resolve("initdb"));
  }

  static OwnPostgres start() throws Exception {
    OwnPostgres database =
        new OwnPostgres(Files.createTempDirectory("strongroom-pg-"), Ports.free("127.0.0.1"));
    if (isRoot()) {
      // because initdb refuses root, who then becomes Debian's postgres user
      Output.of(
              List.of("chown", "postgres", database.folder.toString()),
              database.folder,
              Map.of(),
              60)
          .mustSucceed();
    }
    database.run("initdb", "-D", database.data(), "-U", USER, "-A", "trust", "-E", "UTF8");
    database.run(
        "pg_ctl",
        "-D",
        database.data(),
        "-w",
        "-l",
        database.folder.resolve("log").toString(),
        "-o",
        "-p "
            + database.port
            + " -c listen_addresses=127.0.0.1 -c unix_socket_directories="
            + database.folder,
        "start");
    return database;
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  /** The address of the database that is there from the beginning. */
  String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
  }

  private String data() {
    return folder.resolve("data").toString();
  }

  private void run(String program, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      command.addAll(List.of("runuser", "-u", "postgres", "--"));
    }
    command.add(BINARIES.resolve(program).toString());
    command.addAll(List.of(arguments));
    Output.of(command, folder, Map.of(), 60).mustSucceed();
  }

  void stop() throws IOException, InterruptedException {
    run("pg_ctl", "-D", data(), "-m", "immediate", "-w", "stop");
    remove(folder);
  }

  /** A folder with all that is in it. */
  static void remove(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
