package dev.strongroom.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.strongroom.model.Id;
import dev.strongroom.store.Reads.Found;
import dev.strongroom.store.SqlTx.Touched;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Sealed rows by name, bounded by bytes.
 *
 * <p>Names share counters of changes. A row is kept with the count that was seen before the database
 * was asked, and is good for as long as the count stays; a commit raises the counts of the names that
 * it touched before its callers are told. So a row older than an acknowledged change is never found
 * here. The committer takes no lock for this: it must not wait for a reader that waits for a
 * processor.
 */
final class RowCache {
  private static final int VERSIONS_OF_ONE_NAME = 16;
  private static final int COUNTERS = 4096;

  /** The changes seen of a name's counter and of whole containers; compared, never ordered. */
  record Seen(long name, long everything) {}

  /** What is known of a name: its head and some of its versions, each with its bytes counted. */
  private record Known(Seen seen, Optional<Found> head, Map<Id, Found> versions, int weight) {}

  private final Cache<Touched, Known> cache;
  private final AtomicLongArray names = new AtomicLongArray(COUNTERS);
  private final AtomicLong everything = new AtomicLong();

  RowCache(long bytes) {
    cache =
        Caffeine.newBuilder()
            .maximumWeight(bytes)
            .weigher((Touched name, Known known) -> 200 + 2 * name.folded().length() + known.weight())
            .build();
  }

  /** To be taken before the database is asked. */
  Seen seen(Touched name) {
    return new Seen(names.get(counter(name)), everything.get());
  }

  Optional<Found> head(Touched name) {
    return known(name, seen(name)).flatMap(Known::head);
  }

  Optional<Found> version(Touched name, Id version) {
    return known(name, seen(name))
        .flatMap(
            known ->
                known
                    .head()
                    .filter(head -> head.version().id().equals(version))
                    .or(() -> Optional.ofNullable(known.versions().get(version))));
  }

  void keepHead(Touched name, Found head, Seen before) {
    Map<Id, Found> versions = known(name, before).map(Known::versions).orElse(Map.of());
    keep(name, before, Optional.of(head), versions);
  }

  void keepVersion(Touched name, Found found, Seen before) {
    Optional<Known> known = known(name, before);
    Map<Id, Found> versions = new HashMap<>(known.map(Known::versions).orElse(Map.of()));
    if (versions.size() >= VERSIONS_OF_ONE_NAME) {
      versions.clear();
    }
    versions.put(found.version().id(), found);
    keep(name, before, known.flatMap(Known::head), Map.copyOf(versions));
  }

  private void keep(Touched name, Seen before, Optional<Found> head, Map<Id, Found> versions) {
    if (seen(name).equals(before)) {
      cache.put(name, new Known(before, head, versions, weight(head, versions)));
    }
  }

  private Optional<Known> known(Touched name, Seen seen) {
    return Optional.ofNullable(cache.getIfPresent(name)).filter(known -> known.seen().equals(seen));
  }

  /** After a commit, before its callers are told. */
  void committed(Iterable<Touched> touched, boolean all) {
    touched.forEach(name -> names.incrementAndGet(counter(name)));
    if (all) {
      everything.incrementAndGet();
    }
  }

  private static int counter(Touched name) {
    int hash = name.hashCode();
    return (hash ^ hash >>> 16) & (COUNTERS - 1);
  }

  private static int weight(Optional<Found> head, Map<Id, Found> versions) {
    int weight = head.map(RowCache::weight).orElse(0);
    for (Found found : versions.values()) {
      weight += weight(found);
    }
    return weight;
  }

  private static int weight(Found found) {
    int tags = 0;
    for (var tag : found.version().tags().entrySet()) {
      tags += 100 + 2 * (tag.getKey().length() + tag.getValue().length());
    }
    return 500
        + found.version().value().length()
        + found.object().objectKey().length()
        + 2 * found.object().name().length()
        + 2 * found.version().contentType().map(String::length).orElse(0)
        + 2 * found.version().details().map(String::length).orElse(0)
        + 2 * found.object().details().map(String::length).orElse(0)
        + tags;
  }
}
