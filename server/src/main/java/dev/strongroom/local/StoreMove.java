package dev.strongroom.local;

import dev.strongroom.backup.Manifest;
import dev.strongroom.backup.Progress;
import dev.strongroom.backup.RowDigest;
import dev.strongroom.store.Loading;
import dev.strongroom.store.Snapshot;
import dev.strongroom.store.StoppedStore;
import dev.strongroom.store.StoreMark;
import dev.strongroom.store.Table;
import dev.strongroom.store.TableRow;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Moves everything in one store to another, row by row as it is. At no moment can both be served,
 * however it ends: the target bears a mark from before its first row until the source bears one. Run
 * again, it goes on from wherever it was.
 */
public final class StoreMove {
  private static final int EACH = 10_000;

  private StoreMove() {}

  /** Answers how many rows of each table there are, the same in both, and their digests. */
  public static Map<String, Manifest.Digest> run(
      StoppedStore from, StoppedStore to, Instant now, Progress progress) throws IOException {
    Optional<StoreMark> was = from.mark();
    Optional<StoreMark> begun = to.mark();
    if (was.isPresent() && (begun.isEmpty() || was.get().kind() != StoreMark.Kind.MOVED)) {
      throw new LocalException(from.title() + ": " + was.get().refusal());
    }
    if (begun.isPresent() && begun.get().kind() != StoreMark.Kind.ARRIVING) {
      throw new LocalException(
          to.title() + ": " + begun.get().refusal() + ". Moving needs an empty store");
    }
    Map<String, Manifest.Digest> sent;
    try (Snapshot source = from.snapshot()) {
      if (source.meta(Installation.COMPLETE).isEmpty()) {
        throw new LocalException("there is no finished installation in " + from.title());
      }
      if (to.isEmpty()) {
        to.mark(Optional.of(new StoreMark(StoreMark.Kind.ARRIVING, now, from.title())));
        sent = copy(source, to, progress);
      } else if (begun.isPresent()) {
        sent = RowDigest.of(source);
      } else {
        throw new LocalException(to.title() + " is not empty; nothing was changed");
      }
    }
    Map<String, Manifest.Digest> received;
    try (Snapshot target = to.snapshot()) {
      received = RowDigest.of(target);
    }
    if (!received.equals(sent)) {
      throw new LocalException(
          to.title()
              + " does not hold what "
              + from.title()
              + " does, and cannot be served; empty it and run this again");
    }
    progress.at("compared", Table.values().length);
    from.mark(Optional.of(new StoreMark(StoreMark.Kind.MOVED, now, to.title())));
    progress.at("moved", Table.values().length);
    to.mark(Optional.empty());
    return sent;
  }

  private static Map<String, Manifest.Digest> copy(
      Snapshot source, StoppedStore to, Progress progress) throws IOException {
    Map<String, Manifest.Digest> sent = new LinkedHashMap<>();
    try (Loading loading = to.load()) {
      for (Table table : Table.values()) {
        RowDigest digest = new RowDigest();
        long count = 0;
        try (Snapshot.Rows rows = source.rows(table)) {
          for (Optional<TableRow> row = rows.next(); row.isPresent(); row = rows.next()) {
            loading.add(row.get());
            digest.add(row.get().encoded());
            if (++count % EACH == 0) {
              progress.at(table.sqlName(), count);
            }
          }
        }
        sent.put(table.sqlName(), digest.end());
        progress.at(table.sqlName(), count);
      }
      loading.commit();
    }
    return sent;
  }
}
