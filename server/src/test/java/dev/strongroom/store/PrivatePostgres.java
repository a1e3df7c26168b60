package dev.strongroom.store;

import dev.strongroom.model.SecretBytes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A PostgreSQL of one test run: its own folder and port on loopback, gone at the end. */
public final class PrivatePostgres {
  private final Path folder;
  private final Path binaries;
  private final int port;
  private final boolean asPostgres;

  private PrivatePostgres(Path folder, Path binaries, int port, boolean asPostgres) {
    this.folder = folder;
    this.binaries = binaries;
    this.port = port;
    this.asPostgres = asPostgres;
  }

  /** Where Debian puts its programs; empty when they are not installed. */
  public static Optional<Path> binaries() {
    Path debian = Path.of("/usr/lib/postgresql/15/bin");
    return Files.isExecutable(debian.resolve("initdb")) ? Optional.of(debian) : Optional.empty();
  }

  public static PrivatePostgres start() throws IOException, InterruptedException {
    // because initdb refuses root, who then becomes Debian's postgres user
    boolean root = System.getProperty("user.name").equals("root");
    Path folder = Files.createTempDirectory("strongroom-pg-");
    if (root) {
      run(folder, List.of("chown", "postgres", folder.toString()));
    }
    PrivatePostgres server =
        new PrivatePostgres(folder, binaries().orElseThrow(), freePort(), root);
    server.command("initdb", "-D", server.data(), "-U", "strongroom", "-A", "trust", "-E", "UTF8");
    server.resume();
    return server;
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  /** Starts it, again after {@link #pause}. */
  public void resume() throws IOException, InterruptedException {
    command(
        "pg_ctl",
        "-D",
        data(),
        "-w",
        "-l",
        folder.resolve("log").toString(),
        "-o",
        "-p " + port + " -c listen_addresses=127.0.0.1 -c unix_socket_directories=" + folder,
        "start");
  }

  /** A streaming standby of this server, which is to be promoted when this one has ended. */
  public PrivatePostgres standby() throws IOException, InterruptedException {
    Path other = Files.createTempDirectory("strongroom-pg-");
    if (asPostgres) {
      run(other, List.of("chown", "postgres", other.toString()));
    }
    PrivatePostgres standby = new PrivatePostgres(other, binaries, freePort(), asPostgres);
    command(
        "pg_basebackup",
        "-h",
        "127.0.0.1",
        "-p",
        "" + port,
        "-U",
        "strongroom",
        "-D",
        standby.data(),
        "-R",
        "-X",
        "stream",
        "-c",
        "fast");
    standby.resume();
    return standby;
  }

  public void promote() throws IOException, InterruptedException {
    command("pg_ctl", "-D", data(), "-w", "promote");
  }

  /** Ends it as a crash would. */
  public void pause() throws IOException, InterruptedException {
    command("pg_ctl", "-D", data(), "-m", "immediate", "-w", "stop");
  }

  /** Ends it as a crash would, and starts it again. */
  public void crash() throws IOException, InterruptedException {
    pause();
    resume();
  }

  public int port() {
    return port;
  }

  public PostgresSettings settings(String database) {
    return settings(database, port);
  }

  /** By way of another port, such as that of a {@link CuttingProxy}. */
  public PostgresSettings settings(String database, int port) {
    return new PostgresSettings(
        "jdbc:postgresql://127.0.0.1:" + port + "/" + database,
        "strongroom",
        SecretBytes.ofUtf8("unused"),
        6);
  }

  /** A new empty database. */
  public PostgresSettings create(String database) throws IOException, InterruptedException {
    command("createdb", "-h", "127.0.0.1", "-p", "" + port, "-U", "strongroom", database);
    return settings(database);
  }

  /** Ends its connections, too. */
  public void drop(String database) throws IOException, InterruptedException {
    command(
        "dropdb", "--force", "-h", "127.0.0.1", "-p", "" + port, "-U", "strongroom", database);
  }

  private String data() {
    return folder.resolve("data").toString();
  }

  private void command(String program, String... arguments)
      throws IOException, InterruptedException {
    List<String> line = new ArrayList<>();
    if (asPostgres) {
      line.addAll(List.of("runuser", "-u", "postgres", "--"));
    }
    line.add(binaries.resolve(program).toString());
    line.addAll(List.of(arguments));
    run(folder, line);
  }

  private static void run(Path folder, List<String> line) throws IOException, InterruptedException {
    Path output = Files.createTempFile("strongroom-pg-", ".out");
    Process process =
        new ProcessBuilder(line)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException(line + " failed: " + Files.readString(output));
    }
    Files.delete(output);
  }

  public void stop() throws IOException, InterruptedException {
    command("pg_ctl", "-D", data(), "-m", "immediate", "-w", "stop");
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
