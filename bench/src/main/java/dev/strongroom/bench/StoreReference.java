package dev.strongroom.bench;

import dev.strongroom.store.Dialect;
import dev.strongroom.store.Migrations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Random;
import org.sqlite.SQLiteConfig;

/**
 * What the disk and the database alone can do: writes the rows of a new secret version (journal, version,
 * object, head of the journal) into the server's own tables through the same driver and settings, so
 * many operations a commit; and appends of 600 bytes with fdatasync.
 *
 * <p>Arguments: folder, operations a commit, seconds, and the JDBC address of an empty PostgreSQL database
 * where it is not to be SQLite. Prints one line of JSON.
 */
public final class StoreReference {
  private static final int OBJECTS = 1_000;
  private static final int WARM_UP_COMMITS = 200;

  private final Random random = new Random(7);
  private final Connection connection;
  private final PreparedStatement journal;
  private final PreparedStatement version;
  private final PreparedStatement object;
  private final PreparedStatement head;
  private final long[] numbers = new long[OBJECTS];
  private long operations;

  private StoreReference(Connection connection) throws SQLException {
    this.connection = connection;
    journal =
        connection.prepareStatement(
            "insert into journal (number, time, node, request_id, operation, tenant, principal,"
                + " container, collection, object, version, detail)"
                + " values (?, ?, 'node-1', ?, 'SecretSet', ?, ?, ?, 'secrets', ?, ?, null)");
    version =
        connection.prepareStatement(
            "insert into version (seq, object, number, id, previous, enabled, not_before, expires,"
                + " created, updated, content_type, tags, value, journal, mac)"
                + " values (?, ?, ?, ?, ?, 1, null, null, ?, ?, null, '{}', ?, ?, ?)");
    object =
        connection.prepareStatement(
            "update object set object_key = ?, head = ?, deleted = null, scheduled_purge = null,"
                + " journal = ?, mac = ? where row_id = ?");
    head =
        connection.prepareStatement(
            "update journal_head set number = ?, time = ?, last_version = ? where id = 1");
  }

  public static void main(String[] arguments) throws SQLException, IOException {
    Path folder = Path.of(arguments[0]);
    int group = Integer.parseInt(arguments[1]);
    double seconds = Double.parseDouble(arguments[2]);
    Dialect dialect = arguments.length > 3 ? Dialect.POSTGRES : Dialect.SQLITE;
    double rows;
    try (Connection connection =
        dialect == Dialect.POSTGRES
            ? DriverManager.getConnection(arguments[3], "strongroom", "")
            : sqlite(folder)) {
      Migrations.apply(connection, dialect, 0);
      connection.setAutoCommit(false);
      StoreReference reference = new StoreReference(connection);
      reference.fill();
      for (int i = 0; i < WARM_UP_COMMITS; i++) {
        reference.commit(group);
      }
      rows = reference.run(group, seconds);
    }
    System.out.printf(
        "{\"rowsPerSecond\": %.1f, \"fsyncPerSecond\": %.1f}%n", rows, syncs(folder, seconds));
  }

  private static Connection sqlite(Path folder) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    config.setCacheSize(-16_000);
    config.setPragma(SQLiteConfig.Pragma.MMAP_SIZE, "0");
    config.setPragma(SQLiteConfig.Pragma.SECURE_DELETE, "true");
    return config.createConnection("jdbc:sqlite:" + folder.resolve("reference.db"));
  }

  private void fill() throws SQLException {
    try (PreparedStatement insert =
            connection.prepareStatement(
                "insert into object (row_id, id, container, collection, name, object_key, head,"
                    + " managed, created, deleted, scheduled_purge, journal, mac)"
                    + " values (?, ?, ?, 'secrets', ?, ?, 1, 0, 0, null, null, 0, ?)");
        PreparedStatement name =
            connection.prepareStatement(
                "insert into name (container, collection, folded, deleted, object)"
                    + " values (?, 'secrets', ?, 0, ?)")) {
      byte[] container = bytes(16);
      for (int i = 1; i <= OBJECTS; i++) {
        insert.setLong(1, i);
        insert.setBytes(2, bytes(16));
        insert.setBytes(3, container);
        insert.setString(4, "put-" + i);
        insert.setBytes(5, bytes(82));
        insert.setBytes(6, bytes(32));
        insert.executeUpdate();
        name.setBytes(1, container);
        name.setString(2, "put-" + i);
        name.setLong(3, i);
        name.executeUpdate();
      }
      connection.commit();
    }
  }

  private double run(int group, double seconds) throws SQLException {
    long began = System.nanoTime();
    long before = operations;
    while (System.nanoTime() - began < seconds * 1e9) {
      commit(group);
    }
    return (operations - before) / ((System.nanoTime() - began) / 1e9);
  }

  private void commit(int group) throws SQLException {
    for (int i = 0; i < group; i++) {
      write();
    }
    head.setLong(1, operations);
    head.setLong(2, operations);
    head.setLong(3, operations);
    head.executeUpdate();
    connection.commit();
  }

  private void write() throws SQLException {
    operations++;
    int at = (int) (operations * 7919 % OBJECTS);
    long row = at + 1L;
    long number = ++numbers[at];
    byte[] id = bytes(16);
    journal.setLong(1, operations);
    journal.setLong(2, operations);
    journal.setBytes(3, bytes(16));
    journal.setBytes(4, id);
    journal.setBytes(5, id);
    journal.setBytes(6, id);
    journal.setBytes(7, id);
    journal.setBytes(8, id);
    journal.executeUpdate();
    version.setLong(1, operations);
    version.setLong(2, row);
    version.setLong(3, number);
    version.setBytes(4, id);
    version.setBytes(5, id);
    version.setLong(6, operations);
    version.setLong(7, operations);
    version.setBytes(8, bytes(114));
    version.setLong(9, operations);
    version.setBytes(10, bytes(32));
    version.executeUpdate();
    object.setBytes(1, bytes(82));
    object.setLong(2, number);
    object.setLong(3, operations);
    object.setBytes(4, bytes(32));
    object.setLong(5, row);
    object.executeUpdate();
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static double syncs(Path folder, double seconds) throws IOException {
    try (FileChannel file =
        FileChannel.open(
            folder.resolve("sync"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ByteBuffer block = ByteBuffer.allocate(600);
      long began = System.nanoTime();
      long count = 0;
      while (System.nanoTime() - began < seconds * 1e9) {
        block.clear();
        file.write(block);
        file.force(false);
        count++;
      }
      return count / ((System.nanoTime() - began) / 1e9);
    }
  }
}
