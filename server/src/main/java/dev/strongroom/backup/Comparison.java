package dev.strongroom.backup;

import dev.strongroom.audit.ChainCopy;
import dev.strongroom.store.Snapshot;
import dev.strongroom.store.Table;
import dev.strongroom.store.TableRow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Finds the rows in which a store differs from a backup. What belongs to one running server is not
 * compared: its key slots, its checkpoints, the mark of a restored one.
 */
public final class Comparison implements BackupReader.Visitor {
  private static final int MOST_NAMED = 20;

  private final Snapshot store;
  private final List<String> named = new ArrayList<>();
  private Optional<Snapshot.Rows> rows = Optional.empty();
  private Optional<Table> table = Optional.empty();
  private Optional<TableRow> next = Optional.empty();
  private long compared;
  private long differences;

  /** What was found, with the first differences by name. */
  public record Found(long compared, long differences, List<String> named) {}

  private Comparison(Snapshot store) {
    this.store = store;
  }

  public static Found run(
      java.nio.file.Path file,
      Identity identity,
      Optional<java.nio.file.Path> trusted,
      Snapshot store,
      Progress progress)
      throws IOException {
    Comparison comparison = new Comparison(store);
    try {
      BackupReader.read(file, identity, trusted, comparison, progress);
    } finally {
      comparison.close();
    }
    return new Found(
        comparison.compared, comparison.differences, List.copyOf(comparison.named));
  }

  @Override
  public void row(TableRow row) throws IOException {
    if (!table.equals(Optional.of(row.table()))) {
      open(row.table());
    }
    if (!isCompared(row)) {
      return;
    }
    compared++;
    while (next.isPresent() && next.get().compareKey(row) < 0) {
      differs("only in the store", next.get());
      advance();
    }
    if (next.isEmpty() || next.get().compareKey(row) > 0) {
      differs("only in the backup", row);
      return;
    }
    if (!Arrays.equals(next.get().encoded(), row.encoded())) {
      differs("differs", row);
    }
    advance();
  }

  @Override
  public void tableEnded(Table ended) throws IOException {
    if (!table.equals(Optional.of(ended))) {
      open(ended);
    }
    while (next.isPresent()) {
      differs("only in the store", next.get());
      advance();
    }
  }

  private void open(Table of) throws IOException {
    close();
    rows = Optional.of(store.rows(of));
    table = Optional.of(of);
    advance();
  }

  private void advance() throws IOException {
    do {
      next = rows.orElseThrow().next();
    } while (next.isPresent() && !isCompared(next.get()));
  }

  private static boolean isCompared(TableRow row) {
    return row.table() != Table.META
        || !row.text(0).equals(ServerBackup.SLOTS)
            && !row.text(0).equals(Restore.MARK)
            && !row.text(0).startsWith(ChainCopy.CHECKPOINTS);
  }

  private void differs(String how, TableRow row) {
    differences++;
    if (named.size() < MOST_NAMED) {
      named.add(how + ": " + row.key());
    }
  }

  private void close() throws IOException {
    if (rows.isPresent()) {
      rows.get().close();
      rows = Optional.empty();
    }
  }
}
