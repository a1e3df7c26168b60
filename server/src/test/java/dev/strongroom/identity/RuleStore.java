package dev.strongroom.identity;

import dev.strongroom.model.Collection;
import dev.strongroom.model.Id;
import dev.strongroom.model.Origin;
import dev.strongroom.model.Rule;
import dev.strongroom.model.RuleKind;
import dev.strongroom.store.DueRow;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.JournalRow;
import dev.strongroom.store.KeyRow;
import dev.strongroom.store.ObjectRow;
import dev.strongroom.store.Store;
import dev.strongroom.store.Tx;
import dev.strongroom.store.VersionRow;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Holds rules and used ids only; a change that throws leaves nothing behind. */
final class RuleStore implements Store {
  private Map<String, Rule> rules = new TreeMap<>();
  private Map<String, Instant> used = new HashMap<>();
  private long head;
  private int reads;

  /** How often signing keys were read. */
  synchronized int reads() {
    return reads;
  }

  @Override
  public synchronized <T> T change(Origin origin, JournalNote note, Change<T> change) {
    Map<String, Rule> rulesBefore = new TreeMap<>(rules);
    Map<String, Instant> usedBefore = new HashMap<>(used);
    try {
      T result = change.apply(new Writes(origin));
      origin.committed(++head);
      return result;
    } catch (RuntimeException e) {
      rules = rulesBefore;
      used = usedBefore;
      throw e;
    }
  }

  @Override
  public synchronized <T extends Rule> Optional<T> findRule(RuleKind<T> kind, String key) {
    return Optional.ofNullable(rules.get(kind.stored() + '\n' + key)).map(kind.type()::cast);
  }

  @Override
  public synchronized <T extends Rule> List<T> rulesByParent(RuleKind<T> kind, String parent) {
    if (kind.equals(RuleKind.SIGNING_KEY)) {
      reads++;
    }
    return rules(kind).stream().filter(rule -> rule.parent().equals(parent)).toList();
  }

  @Override
  public synchronized <T extends Rule> List<T> rules(RuleKind<T> kind) {
    return rules.values().stream()
        .filter(kind.type()::isInstance)
        .map(kind.type()::cast)
        .toList();
  }

  @Override
  public long journalHead() {
    return head;
  }

  @Override
  public String node() {
    return "test";
  }

  @Override
  public long size() {
    return -1;
  }

  @Override
  public void close() {}

  @Override
  public Optional<ObjectRow> findObject(Id container, Collection collection, String foldedName) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<ObjectRow> findObject(Id object) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<Found> findHead(Id container, Collection collection, String foldedName) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<Found> findVersion(
      Id container, Collection collection, String foldedName, Id version) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<Found> listObjects(
      Id container, Collection collection, boolean deleted, String afterFolded, int limit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<VersionRow> listVersions(long object, long afterNumber, int limit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long countObjects(Id container) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<KeyRow> findKey(Id owner, int generation) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<KeyRow> newestKey(Id owner) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<KeyRow> keys() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<byte[]> meta(String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<JournalRow> journal(long after, int limit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<DueRow> due(Instant until, int limit) {
    throw new UnsupportedOperationException();
  }

  private final class Writes implements Tx {
    private final Origin origin;

    private Writes(Origin origin) {
      this.origin = origin;
    }

    @Override
    public Instant time() {
      return origin.time();
    }

    @Override
    public long journalNumber() {
      return head + 1;
    }

    @Override
    public <T extends Rule> void put(RuleKind<T> kind, T rule) {
      rules.put(kind.stored() + '\n' + rule.key(), rule);
    }

    @Override
    public void remove(RuleKind<?> kind, String key) {
      rules.remove(kind.stored() + '\n' + key);
    }

    @Override
    public boolean firstUse(String kind, String id, Instant until) {
      used.values().removeIf(end -> !time().isBefore(end));
      return used.putIfAbsent(kind + '\n' + id, until) == null;
    }

    @Override
    public <T extends Rule> Optional<T> findRule(RuleKind<T> kind, String key) {
      return RuleStore.this.findRule(kind, key);
    }

    @Override
    public <T extends Rule> List<T> rulesByParent(RuleKind<T> kind, String parent) {
      return RuleStore.this.rulesByParent(kind, parent);
    }

    @Override
    public <T extends Rule> List<T> rules(RuleKind<T> kind) {
      return RuleStore.this.rules(kind);
    }

    @Override
    public ObjectRow insert(ObjectRow object) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void update(ObjectRow object) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void purge(ObjectRow object) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void insert(VersionRow version) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void update(VersionRow version) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void put(KeyRow key) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void removeKeys(Id owner) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void purgeObjects(Id container) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void putMeta(String name, byte[] value) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void putDue(DueRow due) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean removeDue(DueRow due) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void removeDue(String kind, Id subject) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<ObjectRow> findObject(Id container, Collection collection, String name) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<ObjectRow> findObject(Id object) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Found> findHead(Id container, Collection collection, String name) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Found> findVersion(
        Id container, Collection collection, String name, Id version) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<Found> listObjects(
        Id container, Collection collection, boolean deleted, String afterFolded, int limit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<VersionRow> listVersions(long object, long afterNumber, int limit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long countObjects(Id container) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<KeyRow> findKey(Id owner, int generation) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<KeyRow> newestKey(Id owner) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<KeyRow> keys() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<byte[]> meta(String name) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long journalHead() {
      return head;
    }

    @Override
    public List<JournalRow> journal(long after, int limit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<DueRow> due(Instant until, int limit) {
      throw new UnsupportedOperationException();
    }
  }
}
