package dev.strongroom.vault;

import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Attributes;
import dev.strongroom.model.Collection;
import dev.strongroom.model.Container;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Origin;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.Barrier;
import dev.strongroom.store.DueRow;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.ObjectRow;
import dev.strongroom.store.Reads;
import dev.strongroom.store.Store;
import dev.strongroom.store.Tx;
import dev.strongroom.store.VersionRow;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The life of the objects of one collection, whatever their values mean: versions, deletion,
 * recovery, purge, lists, backup.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>A name belongs to one object, live or deleted, until that is purged or its retention has
 *       passed; past that time it is gone at every read, whether or not the purge has run.
 *   <li>All versions live and are deleted, recovered and purged together; a version's value never
 *       changes.
 *   <li>Everything is read, decided and sealed before a change, and read again inside it; when
 *       another change came between, it starts anew, so that the journal names what it was about.
 * </ul>
 */
final class Objects {
  static final String FIELD = "value";
  private static final int RACES = 8;

  private final Collection collection;
  private final Store store;
  private final Barrier barrier;
  private final ObjectBackups backups;

  Objects(Collection collection, Store store, Barrier barrier) {
    this.collection = collection;
    this.store = store;
    this.barrier = barrier;
    this.backups = new ObjectBackups(store, barrier);
  }

  /** What else happens in the same change; it may throw to refuse all of it. */
  @FunctionalInterface
  interface Also {
    Also NOTHING = (tx, stored) -> {};

    void apply(Tx tx, Stored stored);
  }

  /** What else happens when a version changes; it may throw to refuse all of it. */
  @FunctionalInterface
  interface AlsoChanged {
    AlsoChanged NOTHING = (tx, before, after) -> {};

    void apply(Tx tx, VersionRow before, Stored after);
  }

  /** How a version changes; called inside the change, with its time. */
  @FunctionalInterface
  interface Edit {
    VersionRow apply(VersionRow before, Instant now);
  }

  /** Makes a new version, and the object where there is none. */
  Stored add(Container container, ObjectName name, NewVersion wanted, Origin origin, Also also) {
    return again(
        () -> {
          Optional<ObjectRow> seen = taker(container, name, origin.time());
          Id object = seen.map(ObjectRow::id).orElseGet(Randoms::id);
          Id version = Randoms.id();
          Sealed objectKey =
              seen.map(ObjectRow::objectKey)
                  .orElseGet(() -> barrier.newObjectKey(container.id(), object));
          Sealed sealed =
              barrier.seal(
                  objectKey,
                  new Barrier.Place(container.id(), object, version, FIELD),
                  wanted.value());
          return store.change(
              origin,
              JournalNote.object(container.id(), collection, object, Optional.of(version)),
              tx -> {
                Optional<Reads.Found> head =
                    unlessGone(tx, tx.knownHead(container.id(), collection, name.folded()));
                Optional<ObjectRow> inside = head.map(Reads.Found::object);
                inside.ifPresent(row -> refuseDeleted(row, name));
                if (!inside.map(ObjectRow::id).equals(seen.map(ObjectRow::id))
                    || !inside.map(ObjectRow::objectKey).equals(seen.map(ObjectRow::objectKey))) {
                  throw new Raced();
                }
                Instant now = seconds(tx.time());
                ObjectRow row;
                if (inside.isPresent()) {
                  row = inside.get().withHead(inside.get().head() + 1);
                  tx.update(row);
                } else {
                  refusePurged(tx, container);
                  refuseClaimed(tx, container, name, tx.time());
                  row =
                      tx.insert(
                          new ObjectRow(
                              object, container.id(), collection, name.text(), objectKey, 1, false,
                              now));
                }
                Stored stored =
                    insertVersion(
                        tx,
                        container,
                        row,
                        head.map(before -> before.version().id()),
                        version,
                        wanted,
                        sealed);
                also.apply(tx, stored);
                return stored;
              });
        });
  }

  /**
   * The object that a new version of this name would belong to; empty when it would be a new one, and
   * refused when there can be none.
   */
  Optional<ObjectRow> taker(Container container, ObjectName name, Instant now) {
    Optional<ObjectRow> found =
        store
            .findHead(container.id(), collection, name.folded())
            .map(Reads.Found::object)
            .filter(object -> !object.isGone(now));
    found.ifPresent(object -> refuseDeleted(object, name));
    found.ifPresent(object -> refuseManaged(object, name));
    if (found.isEmpty()) {
      refuseClaimed(store, container, name, now);
    }
    return found;
  }

  /** A certificate's name is also that of its key and secret, before and after those are there. */
  private void refuseClaimed(Reads reads, Container container, ObjectName name, Instant now) {
    if (collection == Collection.CERTIFICATES) {
      return;
    }
    reads
        .findObject(container.id(), Collection.CERTIFICATES, name.folded())
        .filter(certificate -> !certificate.isGone(now))
        .ifPresent(Objects::refuseExisting);
  }

  static void refuseExisting(ObjectRow row) {
    throw VaultException.of(
        ErrorCode.OBJECT_EXISTS, "object", row.collection().singular(), "name", row.name());
  }

  /**
   * Makes a new version behind one that was seen.
   *
   * @throws Raced when the object is no longer live, or that version no longer its newest
   */
  Stored follow(Stored seen, NewVersion wanted, Origin origin, Also also) {
    Container container = seen.container();
    ObjectRow object = seen.object();
    Id version = Randoms.id();
    Sealed sealed =
        barrier.seal(
            object.objectKey(),
            new Barrier.Place(container.id(), object.id(), version, FIELD),
            wanted.value());
    return store.change(
        origin,
        JournalNote.object(container.id(), collection, object.id(), Optional.of(version)),
        tx -> {
          Stored now = find(tx, container, new ObjectName(object.name()), Optional.empty());
          requireSame(now, seen);
          if (!now.version().id().equals(seen.version().id())
              || !now.object().objectKey().equals(object.objectKey())) {
            throw new Raced();
          }
          ObjectRow row = now.object().withHead(now.object().head() + 1);
          tx.update(row);
          Stored stored =
              insertVersion(
                  tx, container, row, Optional.of(seen.version().id()), version, wanted, sealed);
          also.apply(tx, stored);
          return stored;
        });
  }

  private static Stored insertVersion(
      Tx tx,
      Container container,
      ObjectRow row,
      Optional<Id> previous,
      Id version,
      NewVersion wanted,
      Sealed sealed) {
    Instant now = seconds(tx.time());
    VersionRow made =
        new VersionRow(
            row.row(),
            row.head(),
            version,
            previous,
            new Attributes(wanted.enabled(), wanted.notBefore(), wanted.expires(), now, now),
            wanted.tags(),
            wanted.contentType(),
            wanted.details(),
            sealed);
    tx.insert(made);
    return new Stored(container, row, made);
  }

  /** Changes what can change of a version, or of the newest. */
  Stored update(
      Container container,
      ObjectName name,
      Optional<Id> version,
      Edit edit,
      Origin origin,
      AlsoChanged also) {
    return again(
        () -> {
          Stored seen = find(container, name, version);
          return store.change(
              origin,
              JournalNote.object(
                  container.id(),
                  collection,
                  seen.object().id(),
                  Optional.of(seen.version().id())),
              tx -> {
                Stored now = find(tx, container, name, version);
                if (!now.version().id().equals(seen.version().id())) {
                  throw new Raced();
                }
                requireSame(now, seen);
                refuseManaged(now.object(), name);
                VersionRow changed = edit.apply(now.version(), seconds(tx.time()));
                tx.update(changed);
                Stored stored = new Stored(container, now.object(), changed);
                also.apply(tx, now.version(), stored);
                return stored;
              });
        });
  }

  /** Changes a live object as a whole: what {@code also} does with it. */
  Stored touch(Container container, ObjectName name, Origin origin, Also also) {
    return again(
        () -> {
          Stored seen = find(container, name, Optional.empty());
          return store.change(
              origin,
              JournalNote.object(
                  container.id(), collection, seen.object().id(), Optional.empty()),
              tx -> {
                Stored live = find(tx, container, name, Optional.empty());
                requireSame(live, seen);
                also.apply(tx, live);
                return find(tx, container, name, Optional.empty());
              });
        });
  }

  /** Deletes an object with all versions; it can be recovered until its scheduled purge. */
  Stored delete(Container container, ObjectName name, Origin origin, Also also) {
    return again(
        () -> {
          Stored seen = find(container, name, Optional.empty());
          return store.change(
              origin,
              JournalNote.object(
                  container.id(), collection, seen.object().id(), Optional.empty()),
              tx -> {
                Stored live = find(tx, container, name, Optional.empty());
                requireSame(live, seen);
                refuseManaged(live.object(), name);
                Instant now = seconds(tx.time());
                Instant purge = now.plus(Duration.ofDays(container.retentionDays()));
                ObjectRow deleted =
                    live.object().withDeletion(Optional.of(now), Optional.of(purge));
                tx.update(deleted);
                tx.putDue(
                    new DueRow(
                        ObjectPurge.kind(collection),
                        deleted.id(),
                        container.id(),
                        purge,
                        tx.journalNumber()));
                Stored stored = new Stored(container, deleted, live.version());
                also.apply(tx, stored);
                return stored;
              });
        });
  }

  /** Takes a deleted object back with all its versions. */
  Stored recover(Container container, ObjectName name, Origin origin, Also also) {
    return again(
        () -> {
          Stored seen = findDeleted(container, name, origin.time());
          return store.change(
              origin,
              JournalNote.object(
                  container.id(), collection, seen.object().id(), Optional.empty()),
              tx -> {
                Stored deleted = findDeleted(tx, container, name, tx.time());
                requireSame(deleted, seen);
                refuseManaged(deleted.object(), name);
                ObjectRow live = deleted.object().withDeletion(Optional.empty(), Optional.empty());
                tx.update(live);
                tx.removeDue(ObjectPurge.kind(collection), live.id());
                Stored stored = new Stored(container, live, deleted.version());
                also.apply(tx, stored);
                return stored;
              });
        });
  }

  /** Removes a deleted object for good. */
  Stored purge(Container container, ObjectName name, Origin origin) {
    refuseProtected(container);
    return again(
        () -> {
          Stored seen = findDeleted(container, name, origin.time());
          return store.change(
              origin,
              JournalNote.object(
                  container.id(), collection, seen.object().id(), Optional.empty()),
              tx -> {
                // because protection may have been turned on since the request was taken
                tx.findRule(RuleKind.CONTAINER, container.key())
                    .ifPresent(Objects::refuseProtected);
                Stored deleted = findDeleted(tx, container, name, tx.time());
                requireSame(deleted, seen);
                refuseManaged(deleted.object(), name);
                purge(tx, deleted.object());
                return deleted;
              });
        });
  }

  /** All versions as one sealed blob. */
  byte[] backup(Container container, ObjectName name) {
    Stored newest = find(container, name, Optional.empty());
    refuseManaged(newest.object(), name);
    return backups.make(container, newest.object());
  }

  /** Restores a blob of this installation under the name that it holds. */
  Stored restore(Container container, byte[] blob, Origin origin, Also also) {
    ObjectBackups.Restored restored = backups.open(container, collection, blob);
    ObjectName name = new ObjectName(restored.object().name());
    return store.change(
        origin,
        JournalNote.object(container.id(), collection, restored.object().id(), Optional.empty()),
        tx -> {
          headInside(tx, container, name)
              .map(Reads.Found::object)
              .ifPresent(
                  row -> {
                    refuseDeleted(row, name);
                    refuseExisting(row);
                  });
          refusePurged(tx, container);
          refuseClaimed(tx, container, name, tx.time());
          ObjectRow row = tx.insert(restored.object());
          VersionRow head = null;
          for (VersionRow version : restored.versions(row.row())) {
            tx.insert(version);
            head = version;
          }
          Stored stored = new Stored(container, row, head);
          also.apply(tx, stored);
          return stored;
        });
  }

  /** Newest versions by name, after the given folded name. */
  List<Stored> list(Container container, boolean deleted, String after, int limit, Instant now) {
    List<Stored> page = new ArrayList<>(limit);
    String from = after;
    // because what is gone but not yet purged is not shown, a page may need more than one look
    while (page.size() < limit) {
      int wanted = limit - page.size();
      List<Reads.Found> rows =
          store.listObjects(container.id(), collection, deleted, from, wanted);
      for (Reads.Found row : rows) {
        if (!row.object().isGone(now)) {
          page.add(new Stored(container, row.object(), row.version()));
        }
        from = row.object().name().toLowerCase(Locale.ROOT);
      }
      if (rows.size() < wanted) {
        break;
      }
    }
    return page;
  }

  /** Versions of a live object in the order they were made, after the given number. */
  List<Stored> listVersions(Container container, ObjectName name, long after, int limit) {
    ObjectRow object = find(container, name, Optional.empty()).object();
    return store.listVersions(object.row(), after, limit).stream()
        .map(version -> new Stored(container, object, version))
        .toList();
  }

  /** A version of a live object, or the newest. */
  Stored find(Container container, ObjectName name, Optional<Id> version) {
    return find(store, container, name, version);
  }

  Stored findDeleted(Container container, ObjectName name, Instant now) {
    return findDeleted(store, container, name, now);
  }

  /** The newest version of a live object, where there is one. */
  Optional<Stored> newest(Container container, ObjectName name) {
    return store
        .findHead(container.id(), collection, name.folded())
        .filter(row -> !row.object().isDeleted())
        .map(row -> new Stored(container, row.object(), row.version()));
  }

  SecretBytes open(Stored stored) {
    return barrier.open(
        stored.object().objectKey(),
        new Barrier.Place(
            stored.object().container(), stored.object().id(), stored.version().id(), FIELD),
        stored.version().value());
  }

  /** The same as a change or the store sees it. */
  Stored find(Reads reads, Container container, ObjectName name, Optional<Id> version) {
    Optional<Reads.Found> found =
        version.isPresent()
            ? reads.findVersion(container.id(), collection, name.folded(), version.get())
            : reads.findHead(container.id(), collection, name.folded());
    return found
        .filter(row -> !row.object().isDeleted())
        .map(row -> new Stored(container, row.object(), row.version()))
        .orElseThrow(
            () ->
                VaultException.of(
                    collection.notFound(),
                    "name",
                    name.text() + version.map(id -> "/" + id.hex()).orElse("")));
  }

  private Stored findDeleted(Reads reads, Container container, ObjectName name, Instant now) {
    return reads
        .findHead(container.id(), collection, name.folded())
        .filter(row -> row.object().isDeleted() && !row.object().isGone(now))
        .map(row -> new Stored(container, row.object(), row.version()))
        .orElseThrow(() -> VaultException.of(collection.deletedNotFound(), "name", name.text()));
  }

  /** Inside a change: who has the name; one whose retention has passed gives it up here. */
  Optional<Reads.Found> headInside(Tx tx, Container container, ObjectName name) {
    return unlessGone(tx, tx.findHead(container.id(), collection, name.folded()));
  }

  private static Optional<Reads.Found> unlessGone(Tx tx, Optional<Reads.Found> head) {
    if (head.isPresent() && head.get().object().isGone(tx.time())) {
      purge(tx, head.get().object());
      return Optional.empty();
    }
    return head;
  }

  /** Inside a change: an object for good, and with a certificate its key and secret. */
  static void purge(Tx tx, ObjectRow object) {
    tx.purge(object);
    if (object.collection() == Collection.CERTIFICATES) {
      String folded = new ObjectName(object.name()).folded();
      for (Collection companion : List.of(Collection.KEYS, Collection.SECRETS)) {
        tx.findObject(object.container(), companion, folded)
            .filter(ObjectRow::managed)
            .ifPresent(tx::purge);
      }
    }
  }

  static <T> T again(Supplier<T> attempt) {
    for (int race = 0; race < RACES; race++) {
      try {
        return attempt.get();
      } catch (Raced e) {
        continue;
      }
    }
    throw tooManyChanges();
  }

  static VaultException tooManyChanges() {
    return VaultException.of(ErrorCode.BUSY, "reason", "TooManyConcurrentChanges")
        .with("Retry-After", "1");
  }

  static void requireSame(Stored inside, Stored before) {
    if (!inside.object().id().equals(before.object().id())) {
      throw new Raced();
    }
  }

  static void refuseDeleted(ObjectRow row, ObjectName name) {
    if (row.isDeleted()) {
      String singular = row.collection().singular();
      throw VaultException.of(
          ErrorCode.OBJECT_DELETED_BUT_RECOVERABLE,
          "collection",
          singular.substring(0, 1).toUpperCase(Locale.ROOT) + singular.substring(1),
          "object",
          singular,
          "name",
          name.text());
    }
  }

  static void refuseManaged(ObjectRow row, ObjectName name) {
    if (row.managed()) {
      throw VaultException.of(ErrorCode.OBJECT_MANAGED, "name", name.text());
    }
  }

  private static void refuseProtected(Container container) {
    if (container.purgeProtection()) {
      throw VaultException.of(
          ErrorCode.PURGE_PROTECTED, "vault", container.name(), "location", container.location());
    }
  }

  /** A container that went after the request was taken must not get an object that nothing owns. */
  static void refusePurged(Tx tx, Container container) {
    if (tx.newestKey(container.id()).isEmpty()) {
      throw VaultException.of(ErrorCode.HOST_UNKNOWN, "host", container.name());
    }
  }

  static Instant seconds(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS);
  }
}
