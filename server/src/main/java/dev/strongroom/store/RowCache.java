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

/**
 * Sealed rows by name, bounded by bytes.
 *
 * <p>A read notes the count of commits before it asks the database and its row is kept only if no
 * commit came in between; a commit raises the count before it forgets the names that it touched. So a
 * row older than an acknowledged change is never found here.
 */
final class RowCache {
  private static final int VERSIONS_OF_ONE_NAME = 16;

  /** What is known of a name: its head and some of its versions, each with its bytes counted. */
  private record Known(Optional<Found> head, Map<Id, Found> versions, int weight) {}

  private final Cache<Touched, Known> cache;
  private final AtomicLong commits = new AtomicLong();

  RowCache(long bytes) {
    cache =
        Caffeine.newBuilder()
            .maximumWeight(bytes)
            .weigher((Touched name, Known known) -> 200 + 2 * name.folded().length() + known.weight())
            .build();
  }

  long commits() {
    return commits.get();
  }

  Optional<Found> head(Touched name) {
    Known known = cache.getIfPresent(name);
    return known == null ? Optional.empty() : known.head();
  }

  Optional<Found> version(Touched name, Id version) {
    Known known = cache.getIfPresent(name);
    return known == null
        ? Optional.empty()
        : known
            .head()
            .filter(head -> head.version().id().equals(version))
            .or(() -> Optional.ofNullable(known.versions().get(version)));
  }

  void keepHead(Touched name, Found head, long commitsBefore) {
    cache
        .asMap()
        .compute(
            name,
            (key, known) -> {
              if (commits.get() != commitsBefore) {
                return known;
              }
              Map<Id, Found> versions = known == null ? Map.of() : known.versions();
              return new Known(Optional.of(head), versions, weight(Optional.of(head), versions));
            });
  }

  void keepVersion(Touched name, Found found, long commitsBefore) {
    cache
        .asMap()
        .compute(
            name,
            (key, known) -> {
              if (commits.get() != commitsBefore) {
                return known;
              }
              Optional<Found> head = known == null ? Optional.empty() : known.head();
              Map<Id, Found> versions = new HashMap<>(known == null ? Map.of() : known.versions());
              if (versions.size() >= VERSIONS_OF_ONE_NAME) {
                versions.clear();
              }
              versions.put(found.version().id(), found);
              return new Known(head, Map.copyOf(versions), weight(head, versions));
            });
  }

  /** After a commit, before its callers are told. */
  void committed(Iterable<Touched> touched, boolean everything) {
    commits.incrementAndGet();
    if (everything) {
      cache.invalidateAll();
    } else {
      touched.forEach(cache.asMap()::remove);
    }
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
        + tags;
  }
}
