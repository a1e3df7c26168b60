package dev.strongroom.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

/**
 * The connections of one SQLite file: a writer that syncs every commit, and four readers.
 *
 * <p>WAL with synchronous FULL makes a commit durable; no memory mapping, since its pages would count
 * as ours; secure_delete overwrites what a purge removes.
 */
final class SqliteConnections implements Connections {
  private static final int READERS = 4;
  static final String FILE = "strongroom.db";

  private final Path data;
  private final BlockingQueue<Statements> readers = new ArrayBlockingQueue<>(READERS);
  private volatile Statements writer;

  private SqliteConnections(Path data) {
    this.data = data;
  }

  static SqliteConnections open(Path data, InstantSource clock) throws SQLException {
    SqliteConnections connections = new SqliteConnections(data);
    connections.placeLibrary();
    connections.placeFile();
    connections.writer = connections.connect(false);
    Migrations.apply(connections.writer.connection(), Dialect.SQLITE, clock.millis());
    for (int i = 0; i < READERS; i++) {
      connections.readers.add(connections.connect(true));
    }
    return connections;
  }

  long size() {
    long total = 0;
    for (String suffix : new String[] {"", "-wal", "-shm"}) {
      try {
        total += Files.size(data.resolve(FILE + suffix));
      } catch (IOException e) {
        // because a file that is not there yet takes no room
        total += 0;
      }
    }
    return total;
  }

  /**
   * The driver unpacks its library anew at each start and leaves it behind when killed: keep that in
   * the data folder and clear it here.
   */
  private void placeLibrary() throws SQLException {
    Path folder = data.resolve("native");
    try {
      Files.createDirectories(folder);
      if (isPosix(folder)) {
        // because whoever can write here could have the server load another library
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
      }
      try (Stream<Path> left = Files.list(folder)) {
        for (Path file : left.toList()) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw new SQLException("cannot prepare " + folder, e);
    }
    System.setProperty("org.sqlite.tmpdir", folder.toString());
  }

  /** SQLite gives its WAL and index the permissions of the file itself, so it is made private. */
  private void placeFile() throws SQLException {
    Path file = data.resolve(FILE);
    try {
      if (!Files.exists(file) && isPosix(data)) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
    } catch (IOException e) {
      throw new SQLException("cannot make " + file, e);
    }
  }

  private static boolean isPosix(Path path) throws IOException {
    return Files.getFileStore(path).supportsFileAttributeView(PosixFileAttributeView.class);
  }

  /** One connection that may write, to a file that has been opened before. */
  static Connection single(Path data) throws SQLException {
    return new SqliteConnections(data).connect(false).connection();
  }

  private Statements connect(boolean readOnly) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.setBusyTimeout(10_000);
    config.setCacheSize(readOnly ? -4_000 : -16_000);
    config.setTempStore(SQLiteConfig.TempStore.MEMORY);
    config.setPragma(SQLiteConfig.Pragma.MMAP_SIZE, "0");
    config.setPragma(SQLiteConfig.Pragma.SECURE_DELETE, "true");
    config.setGetGeneratedKeys(false);
    if (readOnly) {
      config.setReadOnly(true);
      config.setOpenMode(SQLiteOpenMode.NOMUTEX);
    }
    Connection connection =
        config.createConnection("jdbc:sqlite:" + data.resolve(FILE).toAbsolutePath());
    return new Statements(connection);
  }

  @Override
  public Statements writer() throws SQLException {
    Statements current = writer;
    if (current == null) {
      current = connect(false);
      writer = current;
    }
    return current;
  }

  @Override
  public void discardWriter() {
    close(writer);
    writer = null;
  }

  @Override
  public Statements borrow() throws SQLException {
    try {
      Statements reader = readers.poll(10, TimeUnit.SECONDS);
      if (reader == null) {
        throw new SQLException("no reader became free");
      }
      return reader;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("interrupted while waiting for a reader", e);
    }
  }

  @Override
  public Connection lasting() throws SQLException {
    return connect(true).connection();
  }

  @Override
  public void giveBack(Statements reader, boolean broken) {
    Statements returned = reader;
    if (broken) {
      try {
        returned = connect(true);
        close(reader);
      } catch (SQLException e) {
        returned = reader;
      }
    }
    readers.add(returned);
  }

  @Override
  public void close() {
    Statements reader = readers.poll();
    while (reader != null) {
      close(reader);
      reader = readers.poll();
    }
    // last, because only a connection that may write can bring the log into the file and remove it
    close(writer);
  }

  private static void close(Statements statements) {
    if (statements == null) {
      return;
    }
    try {
      statements.close();
    } catch (SQLException e) {
      System.getLogger(SqliteConnections.class.getName())
          .log(System.Logger.Level.WARNING, "a connection did not close", e);
    }
  }
}
