package dev.strongroom.store;

import dev.strongroom.model.Collection;
import dev.strongroom.model.Id;
import dev.strongroom.model.Origin;
import dev.strongroom.model.Principal;
import dev.strongroom.model.Rule;
import dev.strongroom.model.RuleKind;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A store in memory that keeps the contract: one change at a time, undone whole when it throws. The
 * fake of every test that needs a store.
 */
public final class MemoryStore implements Store {
  private record Name(Id container, Collection collection, String folded) {}

  private record RuleKey(String kind, String key) {}

  private record DueKey(String kind, Id subject) {}

  private final Map<Id, ObjectRow> objects = new HashMap<>();
  private final Map<Name, Id> names = new HashMap<>();
  private final Map<Long, TreeMap<Long, VersionRow>> versions = new HashMap<>();
  private final Map<RuleKey, Rule> rules = new TreeMap<>(
      java.util.Comparator.comparing(RuleKey::kind).thenComparing(RuleKey::key));
  private final Map<Id, TreeMap<Integer, KeyRow>> keys = new HashMap<>();
  private final Map<DueKey, DueRow> due = new HashMap<>();
  private final Map<String, byte[]> meta = new HashMap<>();
  private final TreeMap<String, IssuedRow> issued = new TreeMap<>();
  private final Map<Id, RevocationListRow> revocationLists = new HashMap<>();
  private final Map<String, Instant> used = new HashMap<>();
  private final List<JournalRow> journal = new ArrayList<>();
  private final String node;
  private final Deque<Runnable> undo = new ArrayDeque<>();
  private long lastObject;
  private boolean changing;
  private Consumer<Set<Long>> hear = objects -> {};
  private Runnable hearAll = () -> {};

  public MemoryStore() {
    this("node-1");
  }

  public MemoryStore(String node) {
    this.node = node;
  }

  @Override
  public synchronized <T> T change(Origin origin, JournalNote note, Change<T> change) {
    if (changing) {
      throw new IllegalStateException("a change cannot be made inside another one");
    }
    changing = true;
    undo.clear();
    long objectsBefore = lastObject;
    try {
      MemoryTx tx = new MemoryTx(origin);
      T result = change.apply(tx);
      journal.add(
          new JournalRow(
              tx.journalNumber(),
              tx.time(),
              node,
              origin.requestId(),
              origin.operation(),
              origin.principal().map(Principal::tenant),
              origin.principal().map(Principal::objectId),
              note));
      origin.committed(journal.size());
      if (tx.hasPurgedAll) {
        hearAll.run();
      } else if (!tx.touched.isEmpty()) {
        hear.accept(Set.copyOf(tx.touched));
      }
      return result;
    } catch (RuntimeException | Error e) {
      undo.forEach(Runnable::run);
      lastObject = objectsBefore;
      throw e;
    } finally {
      changing = false;
    }
  }

  @Override
  public void onChanges(Consumer<Set<Long>> objects, Runnable all) {
    hear = objects;
    hearAll = all;
  }

  @Override
  public synchronized void putMeta(String name, byte[] value) {
    meta.put(name, value.clone());
  }

  private <K, V> void write(Map<K, V> map, K key, V value) {
    V before = value == null ? map.remove(key) : map.put(key, value);
    undo.push(
        () -> {
          if (before == null) {
            map.remove(key);
          } else {
            map.put(key, before);
          }
        });
  }

  @Override
  public String node() {
    return node;
  }

  @Override
  public long size() {
    return -1;
  }

  @Override
  public void close() {}

  @Override
  public synchronized Optional<ObjectRow> findObject(
      Id container, Collection collection, String foldedName) {
    return Optional.ofNullable(names.get(new Name(container, collection, foldedName)))
        .map(objects::get);
  }

  @Override
  public synchronized Optional<ObjectRow> findObject(Id object) {
    return Optional.ofNullable(objects.get(object));
  }

  @Override
  public synchronized Optional<Found> findHead(
      Id container, Collection collection, String foldedName) {
    return findObject(container, collection, foldedName).flatMap(this::head);
  }

  private Optional<Found> head(ObjectRow object) {
    return Optional.ofNullable(versionsOf(object.row()).get(object.head()))
        .map(version -> new Found(object, version));
  }

  private TreeMap<Long, VersionRow> versionsOf(long object) {
    return versions.getOrDefault(object, new TreeMap<>());
  }

  @Override
  public synchronized Optional<Found> findVersion(
      Id container, Collection collection, String foldedName, Id version) {
    return findObject(container, collection, foldedName)
        .flatMap(
            object ->
                versionsOf(object.row()).values().stream()
                    .filter(row -> row.id().equals(version))
                    .findFirst()
                    .map(row -> new Found(object, row)));
  }

  @Override
  public synchronized List<Found> listObjects(
      Id container, Collection collection, boolean deleted, String afterFolded, int limit) {
    return objects.values().stream()
        .filter(row -> row.container().equals(container) && row.collection() == collection)
        .filter(row -> row.isDeleted() == deleted && folded(row).compareTo(afterFolded) > 0)
        .sorted(java.util.Comparator.comparing(MemoryStore::folded))
        .limit(limit)
        .flatMap(row -> head(row).stream())
        .toList();
  }

  @Override
  public synchronized List<VersionRow> listVersions(long object, long afterNumber, int limit) {
    return versionsOf(object).tailMap(afterNumber, false).values().stream().limit(limit).toList();
  }

  @Override
  public synchronized long countObjects(Id container) {
    return objects.values().stream().filter(row -> row.container().equals(container)).count();
  }

  @Override
  public synchronized List<Long> countExpiring(Collection collection, List<Instant> by) {
    List<Instant> ends =
        objects.values().stream()
            .filter(row -> row.collection() == collection && !row.isDeleted() && !row.managed())
            .map(row -> versionsOf(row.row()).get(row.head()).attributes())
            .filter(attributes -> attributes.enabled())
            .flatMap(attributes -> attributes.expires().stream())
            .toList();
    return by.stream().map(at -> ends.stream().filter(end -> !end.isAfter(at)).count()).toList();
  }

  @Override
  public synchronized <T extends Rule> Optional<T> findRule(RuleKind<T> kind, String key) {
    return Optional.ofNullable(rules.get(new RuleKey(kind.stored(), key))).map(kind.type()::cast);
  }

  @Override
  public synchronized <T extends Rule> List<T> rulesByParent(RuleKind<T> kind, String parent) {
    return rules(kind).stream().filter(rule -> rule.parent().equals(parent)).toList();
  }

  @Override
  public synchronized <T extends Rule> List<T> rules(RuleKind<T> kind) {
    return rules.entrySet().stream()
        .filter(entry -> entry.getKey().kind().equals(kind.stored()))
        .map(entry -> kind.type().cast(entry.getValue()))
        .toList();
  }

  @Override
  public synchronized Optional<KeyRow> findKey(Id owner, int generation) {
    return Optional.ofNullable(keys.get(owner)).map(all -> all.get(generation));
  }

  @Override
  public synchronized Optional<KeyRow> newestKey(Id owner) {
    return Optional.ofNullable(keys.get(owner))
        .filter(all -> !all.isEmpty())
        .map(all -> all.lastEntry().getValue());
  }

  @Override
  public synchronized List<KeyRow> keys() {
    return keys.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .flatMap(all -> all.getValue().values().stream())
        .toList();
  }

  @Override
  public synchronized Optional<byte[]> meta(String name) {
    return Optional.ofNullable(meta.get(name)).map(byte[]::clone);
  }

  @Override
  public synchronized long journalHead() {
    return journal.size();
  }

  @Override
  public synchronized List<JournalRow> journal(long after, int limit) {
    return journal.stream().skip(after).limit(limit).toList();
  }

  @Override
  public synchronized Optional<IssuedRow> findIssued(String serial) {
    return Optional.ofNullable(issued.get(serial));
  }

  @Override
  public synchronized Optional<IssuedRow> findIssued(Id version) {
    return issued.values().stream().filter(row -> row.version().equals(version)).findFirst();
  }

  @Override
  public synchronized List<IssuedRow> listIssued(String afterSerial, int limit) {
    return issued.tailMap(afterSerial, false).values().stream().limit(limit).toList();
  }

  @Override
  public synchronized List<IssuedRow> revoked(Id authority, Instant until) {
    return issued.values().stream()
        .filter(row -> row.authority().equals(authority) && row.revoked().isPresent())
        .filter(row -> !row.notAfter().isBefore(until))
        .toList();
  }

  @Override
  public synchronized Optional<RevocationListRow> findRevocationList(Id authority) {
    return Optional.ofNullable(revocationLists.get(authority));
  }

  @Override
  public synchronized List<DueRow> due(Instant until, int limit) {
    return due.values().stream()
        .filter(row -> !row.at().isAfter(until))
        .sorted(java.util.Comparator.comparing(DueRow::at))
        .limit(limit)
        .toList();
  }

  private static String folded(ObjectRow row) {
    return row.name().toLowerCase(Locale.ROOT);
  }

  private static Name name(ObjectRow row) {
    return new Name(row.container(), row.collection(), folded(row));
  }

  /** The writes; reads are the store's own, which see what this change wrote. */
  private final class MemoryTx implements Tx {
    private final Instant time;
    private final Set<Long> touched = new HashSet<>();
    private boolean hasPurgedAll;

    MemoryTx(Origin origin) {
      Instant newest = journal.isEmpty() ? Instant.MIN : journal.getLast().time();
      time = origin.time().isAfter(newest) ? origin.time() : newest;
    }

    @Override
    public Instant time() {
      return time;
    }

    @Override
    public long journalNumber() {
      return journal.size() + 1L;
    }

    @Override
    public ObjectRow insert(ObjectRow object) {
      if (names.containsKey(name(object))) {
        throw new IllegalStateException("a change wrote what the tables exclude");
      }
      ObjectRow row = object.at(++lastObject);
      write(objects, row.id(), row);
      write(names, name(row), row.id());
      return row;
    }

    @Override
    public void update(ObjectRow object) {
      if (!objects.containsKey(object.id())) {
        throw new IllegalStateException("a row that a change was about to write is not there");
      }
      write(objects, object.id(), object);
      touched.add(object.row());
    }

    @Override
    public void purge(ObjectRow object) {
      touched.add(object.row());
      write(objects, object.id(), null);
      write(names, name(object), null);
      write(versions, object.row(), null);
      due.keySet().stream()
          .filter(key -> key.subject().equals(object.id()))
          .toList()
          .forEach(key -> write(due, key, null));
    }

    @Override
    public void insert(VersionRow version) {
      TreeMap<Long, VersionRow> all = new TreeMap<>(versionsOf(version.object()));
      if (all.put(version.number(), version) != null) {
        throw new IllegalStateException("a change wrote what the tables exclude");
      }
      write(versions, version.object(), all);
    }

    @Override
    public void update(VersionRow version) {
      TreeMap<Long, VersionRow> all = new TreeMap<>(versionsOf(version.object()));
      if (all.put(version.number(), version) == null) {
        throw new IllegalStateException("a row that a change was about to write is not there");
      }
      touched.add(version.object());
      write(versions, version.object(), all);
    }

    @Override
    public <T extends Rule> void put(RuleKind<T> kind, T rule) {
      write(
          rules,
          new RuleKey(kind.stored(), rule.key()),
          RuleCodec.read(kind, RuleCodec.write(rule)));
    }

    @Override
    public void remove(RuleKind<?> kind, String key) {
      write(rules, new RuleKey(kind.stored(), key), null);
    }

    @Override
    public void removeAll(RuleKind<?> kind) {
      List.copyOf(rules.keySet()).stream()
          .filter(key -> key.kind().equals(kind.stored()))
          .forEach(key -> write(rules, key, null));
    }

    @Override
    public void put(KeyRow key) {
      TreeMap<Integer, KeyRow> all = new TreeMap<>(keys.getOrDefault(key.owner(), new TreeMap<>()));
      all.put(key.generation(), key);
      write(keys, key.owner(), all);
    }

    @Override
    public void removeKeys(Id owner) {
      write(keys, owner, null);
    }

    @Override
    public void purgeObjects(Id container) {
      hasPurgedAll = true;
      List.copyOf(objects.values()).stream()
          .filter(row -> row.container().equals(container))
          .forEach(this::purge);
      List.copyOf(due.entrySet()).stream()
          .filter(entry -> entry.getValue().container().equals(container))
          .forEach(entry -> write(due, entry.getKey(), null));
    }

    @Override
    public void putMeta(String name, byte[] value) {
      write(meta, name, value.clone());
    }

    @Override
    public void removeMeta(String prefix) {
      List.copyOf(meta.keySet()).stream()
          .filter(name -> name.startsWith(prefix))
          .forEach(name -> write(meta, name, null));
    }

    @Override
    public void disownJournal(String ending) {
      throw new UnsupportedOperationException("a store in memory is nobody's copy");
    }

    @Override
    public void insert(IssuedRow row) {
      if (issued.containsKey(row.serial())) {
        throw new IllegalStateException("a change wrote what the tables exclude");
      }
      write(issued, row.serial(), row);
    }

    @Override
    public void update(IssuedRow row) {
      if (!issued.containsKey(row.serial())) {
        throw new IllegalStateException("a row that a change was about to write is not there");
      }
      write(issued, row.serial(), row);
    }

    @Override
    public void put(RevocationListRow list) {
      write(revocationLists, list.authority(), list);
    }

    @Override
    public void putDue(DueRow row) {
      write(due, new DueKey(row.kind(), row.subject()), row);
    }

    @Override
    public boolean removeDue(DueRow row) {
      DueKey key = new DueKey(row.kind(), row.subject());
      DueRow found = due.get(key);
      if (found == null || found.revision() != row.revision()) {
        return false;
      }
      write(due, key, null);
      return true;
    }

    @Override
    public void removeDue(String kind, Id subject) {
      write(due, new DueKey(kind, subject), null);
    }

    @Override
    public boolean firstUse(String kind, String id, Instant until) {
      List.copyOf(used.entrySet()).stream()
          .filter(entry -> entry.getValue().isBefore(time))
          .forEach(entry -> write(used, entry.getKey(), null));
      String key = kind + ' ' + id;
      if (used.containsKey(key)) {
        return false;
      }
      write(used, key, until);
      return true;
    }

    @Override
    public Optional<ObjectRow> findObject(Id container, Collection collection, String folded) {
      return MemoryStore.this.findObject(container, collection, folded);
    }

    @Override
    public Optional<ObjectRow> findObject(Id object) {
      return MemoryStore.this.findObject(object);
    }

    @Override
    public Optional<Found> findHead(Id container, Collection collection, String folded) {
      return MemoryStore.this.findHead(container, collection, folded);
    }

    @Override
    public Optional<Found> findVersion(Id container, Collection collection, String folded, Id id) {
      return MemoryStore.this.findVersion(container, collection, folded, id);
    }

    @Override
    public List<Found> listObjects(
        Id container, Collection collection, boolean deleted, String after, int limit) {
      return MemoryStore.this.listObjects(container, collection, deleted, after, limit);
    }

    @Override
    public List<VersionRow> listVersions(long object, long after, int limit) {
      return MemoryStore.this.listVersions(object, after, limit);
    }

    @Override
    public long countObjects(Id container) {
      return MemoryStore.this.countObjects(container);
    }

    @Override
    public List<Long> countExpiring(Collection collection, List<Instant> by) {
      return MemoryStore.this.countExpiring(collection, by);
    }

    @Override
    public <T extends Rule> Optional<T> findRule(RuleKind<T> kind, String key) {
      return MemoryStore.this.findRule(kind, key);
    }

    @Override
    public <T extends Rule> List<T> rulesByParent(RuleKind<T> kind, String parent) {
      return MemoryStore.this.rulesByParent(kind, parent);
    }

    @Override
    public <T extends Rule> List<T> rules(RuleKind<T> kind) {
      return MemoryStore.this.rules(kind);
    }

    @Override
    public Optional<KeyRow> findKey(Id owner, int generation) {
      return MemoryStore.this.findKey(owner, generation);
    }

    @Override
    public Optional<KeyRow> newestKey(Id owner) {
      return MemoryStore.this.newestKey(owner);
    }

    @Override
    public List<KeyRow> keys() {
      return MemoryStore.this.keys();
    }

    @Override
    public Optional<byte[]> meta(String name) {
      return MemoryStore.this.meta(name);
    }

    @Override
    public long journalHead() {
      return MemoryStore.this.journalHead();
    }

    @Override
    public List<JournalRow> journal(long after, int limit) {
      return MemoryStore.this.journal(after, limit);
    }

    @Override
    public Optional<IssuedRow> findIssued(String serial) {
      return MemoryStore.this.findIssued(serial);
    }

    @Override
    public Optional<IssuedRow> findIssued(Id version) {
      return MemoryStore.this.findIssued(version);
    }

    @Override
    public List<IssuedRow> listIssued(String afterSerial, int limit) {
      return MemoryStore.this.listIssued(afterSerial, limit);
    }

    @Override
    public List<IssuedRow> revoked(Id authority, Instant until) {
      return MemoryStore.this.revoked(authority, until);
    }

    @Override
    public Optional<RevocationListRow> findRevocationList(Id authority) {
      return MemoryStore.this.findRevocationList(authority);
    }

    @Override
    public List<DueRow> due(Instant until, int limit) {
      return MemoryStore.this.due(until, limit);
    }
  }
}
