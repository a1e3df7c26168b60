package dev.strongroom.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.strongroom.model.Collection;
import dev.strongroom.model.Id;
import dev.strongroom.store.Reads.Found;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;

/**
 * Sealed rows by name, bounded by bytes.
 *
 * <p>Every change that is heard of, here or from another node, gets a number. A row is kept with the
 * number that was the newest before the database was asked, and is good for as long as its object has
 * not changed since. Objects share their counters. While a commit of this node is under way, what it
 * touches is not found here at all: so what one reader saw in the database already, no later one
 * finds older here. The committer takes no lock for this: it must not wait for a reader that waits
 * for a processor.
 */
final class RowCache {
  private static final int VERSIONS_OF_ONE_NAME = 16;
  private static final int COUNTERS = 4096;

  /** What a row is looked up by. */
  record Name(Id container, Collection collection, String folded) {
    static Name of(ObjectRow object) {
      return new Name(
          object.container(), object.collection(), object.name().toLowerCase(Locale.ROOT));
    }
  }

  /** What is known of a name: its head and some of its versions, each with its bytes counted. */
  private record Known(
      long object, long at, Optional<Found> head, Map<Id, Found> versions, int weight) {}

  private final Cache<Name, Known> cache;
  private final AtomicLong newest = new AtomicLong();
  private final AtomicLongArray changed = new AtomicLongArray(COUNTERS);
  private final AtomicIntegerArray changing = new AtomicIntegerArray(COUNTERS);
  private final AtomicLong allChanged = new AtomicLong();
  private final AtomicInteger allChanging = new AtomicInteger();
  private volatile Consumer<Set<Long>> hear = objects -> {};
  private volatile Runnable hearAll = () -> {};

  RowCache(long bytes) {
    cache =
        Caffeine.newBuilder()
            .maximumWeight(bytes)
            .weigher((Name name, Known known) -> 200 + 2 * name.folded().length() + known.weight())
            .build();
  }

  /** What it weighs now. */
  long bytes() {
    return cache.policy().eviction().orElseThrow().weightedSize().orElse(0);
  }

  /** Who else keeps what comes of rows. */
  void onChanges(Consumer<Set<Long>> objects, Runnable all) {
    hear = objects;
    hearAll = all;
  }

  /** To be taken before the database is asked. */
  long newest() {
    return newest.get();
  }

  Optional<Found> head(Name name) {
    return known(name).flatMap(Known::head);
  }

  Optional<Found> version(Name name, Id version) {
    return known(name)
        .flatMap(
            known ->
                known
                    .head()
                    .filter(head -> head.version().id().equals(version))
                    .or(() -> Optional.ofNullable(known.versions().get(version))));
  }

  void keepHead(Name name, Found head, long before) {
    long object = head.object().row();
    Map<Id, Found> versions = known(name, object).map(Known::versions).orElse(Map.of());
    keep(name, object, before, Optional.of(head), versions);
  }

  void keepVersion(Name name, Found found, long before) {
    long object = found.object().row();
    Optional<Known> known = known(name, object);
    Map<Id, Found> versions = new HashMap<>(known.map(Known::versions).orElse(Map.of()));
    if (versions.size() >= VERSIONS_OF_ONE_NAME) {
      versions.clear();
    }
    versions.put(found.version().id(), found);
    keep(name, object, before, known.flatMap(Known::head), Map.copyOf(versions));
  }

  private void keep(
      Name name, long object, long before, Optional<Found> head, Map<Id, Found> versions) {
    if (isUnchanged(object, before)) {
      cache.put(name, new Known(object, before, head, versions, weight(head, versions)));
    }
  }

  private Optional<Known> known(Name name) {
    return Optional.ofNullable(cache.getIfPresent(name))
        .filter(known -> isUnchanged(known.object(), known.at()));
  }

  private Optional<Known> known(Name name, long object) {
    return known(name).filter(known -> known.object() == object);
  }

  private boolean isUnchanged(long object, long since) {
    int counter = counter(object);
    return changing.get(counter) == 0
        && changed.get(counter) <= since
        && allChanging.get() == 0
        && allChanged.get() <= since;
  }

  /** Before a commit of this node; {@link #committed} follows, however the commit ends. */
  void committing(Touched touched) {
    touched.objects().forEach(object -> changing.incrementAndGet(counter(object)));
    if (touched.hasAllObjects()) {
      allChanging.incrementAndGet();
    }
  }

  /** After a commit, before its callers are told; what it wrote is good from the answer on. */
  long committed(Touched touched) {
    long now = changed(touched);
    touched.objects().forEach(object -> changing.decrementAndGet(counter(object)));
    if (touched.hasAllObjects()) {
      allChanging.decrementAndGet();
    }
    return now;
  }

  /** A change that another node has committed. */
  long changed(Touched touched) {
    long now = newest.incrementAndGet();
    touched
        .objects()
        .forEach(object -> changed.accumulateAndGet(counter(object), now, Math::max));
    if (touched.hasAllObjects()) {
      allChanged.accumulateAndGet(now, Math::max);
      hearAll.run();
    } else if (!touched.objects().isEmpty()) {
      hear.accept(touched.objects());
    }
    return now;
  }

  private static int counter(long object) {
    return (int) (object & (COUNTERS - 1));
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
