package dev.strongroom.store;

import dev.strongroom.store.Reads.Found;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the changes of one group have made of the rows so far: what caches are to forget once it has
 * committed, and which heads its later changes may use without asking the database again.
 */
final class GroupRows {
  private final Optional<RowCache> cache;
  private final Touched touched = new Touched();
  private final Map<Long, Found> heads = new HashMap<>();

  /**
   * @param cache what earlier groups left; empty where other nodes may have changed it meanwhile
   */
  GroupRows(Optional<RowCache> cache) {
    this.cache = cache;
  }

  void add(SqlTx tx) {
    touched.add(tx.touched());
    heads.keySet().removeAll(tx.touched().objects());
    heads.putAll(tx.heads());
  }

  Touched touched() {
    return touched;
  }

  /** New heads of objects, by row. */
  Map<Long, Found> heads() {
    return heads;
  }

  /** The head as this group leaves it; empty says nothing. */
  Optional<Found> head(RowCache.Name name) {
    return cache
        .filter(kept -> !touched.hasAllObjects())
        .flatMap(kept -> kept.head(name))
        .flatMap(
            kept -> {
              long row = kept.object().row();
              return touched.objects().contains(row)
                  ? Optional.ofNullable(heads.get(row))
                  : Optional.of(kept);
            });
  }
}
