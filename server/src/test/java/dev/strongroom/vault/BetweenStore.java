package dev.strongroom.vault;

import dev.strongroom.model.Collection;
import dev.strongroom.model.Id;
import dev.strongroom.model.Origin;
import dev.strongroom.model.Rule;
import dev.strongroom.model.RuleKind;
import dev.strongroom.store.DueRow;
import dev.strongroom.store.IssuedRow;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.JournalRow;
import dev.strongroom.store.KeyRow;
import dev.strongroom.store.ObjectRow;
import dev.strongroom.store.RevocationListRow;
import dev.strongroom.store.Store;
import dev.strongroom.store.VersionRow;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** A store that lets a test act between what an operation reads and what it does with it. */
final class BetweenStore implements Store {
  private final Store store;
  private Runnable beforeChange = () -> {};
  private Runnable endOfChange = () -> {};
  private Runnable afterChange = () -> {};
  private Runnable beforeVersions = () -> {};
  private boolean always;

  BetweenStore(Store store) {
    this.store = store;
  }

  void beforeChange(Runnable once) {
    beforeChange = once;
  }

  void beforeEveryChange(Runnable action) {
    beforeChange = action;
    always = true;
  }

  void endOfEveryChange(Runnable action) {
    endOfChange = action;
  }

  void afterEveryChange(Runnable action) {
    afterChange = action;
  }

  void beforeVersions(Runnable once) {
    beforeVersions = once;
  }

  @Override
  public <T> T change(Origin origin, JournalNote note, Change<T> change) {
    Runnable before = beforeChange;
    if (!always) {
      beforeChange = () -> {};
    }
    before.run();
    T result =
        store.change(
            origin,
            note,
            tx -> {
              T made = change.apply(tx);
              endOfChange.run();
              return made;
            });
    afterChange.run();
    return result;
  }

  @Override
  public void onChanges(Consumer<Set<Long>> objects, Runnable all) {
    store.onChanges(objects, all);
  }

  @Override
  public void putMeta(String name, byte[] value) {
    store.putMeta(name, value);
  }

  @Override
  public List<VersionRow> listVersions(long object, long afterNumber, int limit) {
    Runnable before = beforeVersions;
    beforeVersions = () -> {};
    before.run();
    return store.listVersions(object, afterNumber, limit);
  }

  @Override
  public Optional<ObjectRow> findObject(Id container, Collection collection, String foldedName) {
    return store.findObject(container, collection, foldedName);
  }

  @Override
  public Optional<ObjectRow> findObject(Id object) {
    return store.findObject(object);
  }

  @Override
  public Optional<Found> findHead(Id container, Collection collection, String foldedName) {
    return store.findHead(container, collection, foldedName);
  }

  @Override
  public Optional<Found> findVersion(
      Id container, Collection collection, String foldedName, Id version) {
    return store.findVersion(container, collection, foldedName, version);
  }

  @Override
  public List<Found> listObjects(
      Id container, Collection collection, boolean deleted, String afterFolded, int limit) {
    return store.listObjects(container, collection, deleted, afterFolded, limit);
  }

  @Override
  public long countObjects(Id container) {
    return store.countObjects(container);
  }

  @Override
  public List<Long> countExpiring(Collection collection, List<Instant> by) {
    return store.countExpiring(collection, by);
  }

  @Override
  public <T extends Rule> Optional<T> findRule(RuleKind<T> kind, String key) {
    return store.findRule(kind, key);
  }

  @Override
  public <T extends Rule> List<T> rulesByParent(RuleKind<T> kind, String parent) {
    return store.rulesByParent(kind, parent);
  }

  @Override
  public <T extends Rule> List<T> rules(RuleKind<T> kind) {
    return store.rules(kind);
  }

  @Override
  public Optional<KeyRow> findKey(Id owner, int generation) {
    return store.findKey(owner, generation);
  }

  @Override
  public Optional<KeyRow> newestKey(Id owner) {
    return store.newestKey(owner);
  }

  @Override
  public List<KeyRow> keys() {
    return store.keys();
  }

  @Override
  public Optional<IssuedRow> findIssued(String serial) {
    return store.findIssued(serial);
  }

  @Override
  public Optional<IssuedRow> findIssued(Id version) {
    return store.findIssued(version);
  }

  @Override
  public List<IssuedRow> listIssued(String afterSerial, int limit) {
    return store.listIssued(afterSerial, limit);
  }

  @Override
  public List<IssuedRow> revoked(Id authority, Instant until) {
    return store.revoked(authority, until);
  }

  @Override
  public Optional<RevocationListRow> findRevocationList(Id authority) {
    return store.findRevocationList(authority);
  }

  @Override
  public List<DueRow> due(Instant until, int limit) {
    return store.due(until, limit);
  }

  @Override
  public Optional<byte[]> meta(String name) {
    return store.meta(name);
  }

  @Override
  public long journalHead() {
    return store.journalHead();
  }

  @Override
  public List<JournalRow> journal(long after, int limit) {
    return store.journal(after, limit);
  }

  @Override
  public String node() {
    return store.node();
  }

  @Override
  public long size() {
    return store.size();
  }

  @Override
  public void close() {
    store.close();
  }
}
