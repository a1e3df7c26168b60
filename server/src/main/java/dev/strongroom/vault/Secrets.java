package dev.strongroom.vault;

import dev.strongroom.crypto.Digests;
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
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The twelve operations on secrets.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>A name belongs to one secret, live or deleted, until that is purged or its retention has
 *       passed; past that time it is gone at every read, whether or not the purge has run.
 *   <li>All versions live and are deleted, recovered and purged together; a version's value never
 *       changes.
 *   <li>nbf and exp inform; only {@code enabled} decides whether a value is handed out.
 * </ul>
 *
 * @see <a href="https://learn.microsoft.com/azure/key-vault/secrets/about-secrets">About Azure Key
 *     Vault secrets</a>
 */
public final class Secrets {
  static final String FIELD = "value";
  private static final Collection SECRETS = Collection.SECRETS;
  private static final int RACES = 8;

  private final Store store;
  private final Barrier barrier;
  private final ObjectBackups backups;

  public Secrets(Store store, Barrier barrier) {
    this.store = store;
    this.barrier = barrier;
    this.backups = new ObjectBackups(store, barrier);
  }

  /** Makes a new version, and the secret where there is none. */
  public Secret set(
      Container container,
      ObjectName name,
      SecretBytes value,
      SecretChange wanted,
      Origin origin) {
    // because the value is sealed before the change, under a key that must still be the object's
    // inside it; when another change came between, it is sealed again
    return again(
        () -> {
          Optional<ObjectRow> seen =
              store
                  .findObject(container.id(), SECRETS, name.folded())
                  .filter(object -> !object.isGone(origin.time()));
          seen.ifPresent(object -> refuseDeleted(object, name));
          seen.ifPresent(object -> refuseManaged(object, name));
          Id object = seen.map(ObjectRow::id).orElseGet(Randoms::id);
          Id version = Randoms.id();
          Sealed objectKey =
              seen.map(ObjectRow::objectKey)
                  .orElseGet(() -> barrier.newObjectKey(container.id(), object));
          Sealed sealed =
              barrier.seal(
                  objectKey, new Barrier.Place(container.id(), object, version, FIELD), value);
          return store.change(
              origin,
              JournalNote.object(container.id(), SECRETS, object, Optional.of(version)),
              tx ->
                  add(
                      tx,
                      container,
                      name,
                      seen.isPresent(),
                      object,
                      version,
                      objectKey,
                      sealed,
                      wanted));
        });
  }

  /**
   * Tries until what was read before the change still holds inside it, so that the journal names
   * what the change was about.
   */
  private static <T> T again(Supplier<T> attempt) {
    for (int race = 0; race < RACES; race++) {
      try {
        return attempt.get();
      } catch (Raced e) {
        continue;
      }
    }
    throw VaultException.of(ErrorCode.BUSY, "reason", "TooManyConcurrentChanges")
        .with("Retry-After", "1");
  }

  private static Secret add(
      Tx tx,
      Container container,
      ObjectName name,
      boolean expected,
      Id object,
      Id version,
      Sealed objectKey,
      Sealed sealed,
      SecretChange wanted) {
    Instant now = seconds(tx.time());
    Optional<ObjectRow> found = tx.findObject(container.id(), SECRETS, name.folded());
    if (found.isPresent() && found.get().isGone(tx.time())) {
      SecretPurge.purge(tx, found.get());
      found = Optional.empty();
    }
    found.ifPresent(row -> refuseDeleted(row, name));
    boolean same =
        found.map(row -> row.id().equals(object) && row.objectKey().equals(objectKey)).orElse(!expected);
    if (!same) {
      throw new Raced();
    }
    if (found.isEmpty()) {
      refusePurged(tx, container);
    }
    ObjectRow row =
        found.isPresent()
            ? found.get().withHead(found.get().head() + 1)
            : tx.insert(
                new ObjectRow(
                    0, object, container.id(), SECRETS, name.text(), objectKey, 1, false, now,
                    Optional.empty(), Optional.empty()));
    Optional<Id> previous =
        found.flatMap(
            before -> tx.findHead(container.id(), SECRETS, name.folded()).map(h -> h.version().id()));
    if (found.isPresent()) {
      tx.update(row);
    }
    VersionRow made =
        new VersionRow(
            row.row(),
            row.head(),
            version,
            previous,
            new Attributes(
                wanted.enabled().orElse(true), wanted.notBefore(), wanted.expires(), now, now),
            wanted.tags().orElse(Map.of()),
            wanted.contentType(),
            sealed);
    tx.insert(made);
    return new Secret(container, row, made);
  }

  /** The value of a version, or of the newest. */
  public OpenedSecret get(
      Container container, ObjectName name, Optional<Id> version, Instant now) {
    Secret secret = find(store, container, name, version);
    if (!secret.version().attributes().enabled()) {
      throw VaultException.of(ErrorCode.SECRET_DISABLED);
    }
    return new OpenedSecret(secret, open(secret));
  }

  /**
   * Whether the newest version, enabled or not, is what setting this would make; a secret that is
   * deleted or not there is not.
   */
  public boolean isAlready(
      Container container, ObjectName name, SecretBytes value, SecretChange wanted) {
    Optional<Secret> newest =
        store
            .findHead(container.id(), SECRETS, name.folded())
            .filter(row -> !row.object().isDeleted())
            .map(row -> new Secret(container, row.object(), row.version()));
    if (newest.isEmpty()) {
      return false;
    }
    VersionRow version = newest.get().version();
    try (SecretBytes current = open(newest.get())) {
      return Digests.equal(current.exposed(), value.exposed())
          && version.contentType().equals(wanted.contentType())
          && version.tags().equals(wanted.tags().orElse(Map.of()))
          && version.attributes().notBefore().equals(wanted.notBefore())
          && version.attributes().expires().equals(wanted.expires())
          && version.attributes().enabled() == wanted.enabled().orElse(true);
    }
  }

  /** Changes attributes, tags and content type of a version, or of the newest. */
  public Secret update(
      Container container,
      ObjectName name,
      Optional<Id> version,
      SecretChange wanted,
      Origin origin) {
    return again(() -> updateOnce(container, name, version, wanted, origin));
  }

  private Secret updateOnce(
      Container container,
      ObjectName name,
      Optional<Id> version,
      SecretChange wanted,
      Origin origin) {
    Secret seen = find(store, container, name, version);
    return store.change(
        origin,
        JournalNote.object(
            container.id(), SECRETS, seen.object().id(), Optional.of(seen.version().id())),
        tx -> {
          Secret now = find(tx, container, name, version);
          if (!now.version().id().equals(seen.version().id())) {
            throw new Raced();
          }
          requireSame(now, seen);
          VersionRow row = now.version();
          Attributes before = row.attributes();
          VersionRow changed =
              new VersionRow(
                  row.object(),
                  row.number(),
                  row.id(),
                  row.previous(),
                  new Attributes(
                      wanted.enabled().orElse(before.enabled()),
                      wanted.notBefore().or(before::notBefore),
                      wanted.expires().or(before::expires),
                      before.created(),
                      seconds(tx.time())),
                  wanted.tags().orElse(row.tags()),
                  wanted.contentType().or(row::contentType),
                  row.value());
          tx.update(changed);
          return new Secret(container, now.object(), changed);
        });
  }

  /** Deletes a secret with all versions; it can be recovered until its scheduled purge. */
  public Secret delete(Container container, ObjectName name, Origin origin) {
    return again(() -> deleteOnce(container, name, origin));
  }

  private Secret deleteOnce(Container container, ObjectName name, Origin origin) {
    Secret seen = find(store, container, name, Optional.empty());
    return store.change(
        origin,
        JournalNote.object(container.id(), SECRETS, seen.object().id(), Optional.empty()),
        tx -> {
          Secret live = find(tx, container, name, Optional.empty());
          requireSame(live, seen);
          refuseManaged(live.object(), name);
          Instant now = seconds(tx.time());
          Instant purge = now.plus(Duration.ofDays(container.retentionDays()));
          ObjectRow deleted = live.object().withDeletion(Optional.of(now), Optional.of(purge));
          tx.update(deleted);
          tx.putDue(
              new DueRow(
                  SecretPurge.KIND, deleted.id(), container.id(), purge, tx.journalNumber()));
          return new Secret(container, deleted, live.version());
        });
  }

  /** Newest versions by name, after the given folded name. */
  public List<Secret> list(Container container, String after, int limit, Instant now) {
    return page(container, false, after, limit, now);
  }

  public List<Secret> listDeleted(Container container, String after, int limit, Instant now) {
    return page(container, true, after, limit, now);
  }

  private List<Secret> page(
      Container container, boolean deleted, String after, int limit, Instant now) {
    List<Secret> page = new ArrayList<>(limit);
    String from = after;
    // because what is gone but not yet purged is not shown, a page may need more than one look
    while (page.size() < limit) {
      int wanted = limit - page.size();
      List<Reads.Found> rows = store.listObjects(container.id(), SECRETS, deleted, from, wanted);
      for (Reads.Found row : rows) {
        if (!row.object().isGone(now)) {
          page.add(new Secret(container, row.object(), row.version()));
        }
        from = row.object().name().toLowerCase(Locale.ROOT);
      }
      if (rows.size() < wanted) {
        break;
      }
    }
    return page;
  }

  /** Versions of a live secret in the order they were made, after the given number. */
  public List<Secret> listVersions(
      Container container, ObjectName name, long after, int limit, Instant now) {
    ObjectRow object = find(store, container, name, Optional.empty()).object();
    return store.listVersions(object.row(), after, limit).stream()
        .map(version -> new Secret(container, object, version))
        .toList();
  }

  /** A deleted secret, without its value. */
  public Secret getDeleted(Container container, ObjectName name, Instant now) {
    Secret secret = findDeleted(store, container, name, now);
    if (!secret.version().attributes().enabled()) {
      throw VaultException.of(ErrorCode.SECRET_DISABLED);
    }
    return secret;
  }

  /** Takes a deleted secret back with all its versions. */
  public Secret recover(Container container, ObjectName name, Origin origin) {
    return again(() -> recoverOnce(container, name, origin));
  }

  private Secret recoverOnce(Container container, ObjectName name, Origin origin) {
    Secret seen = findDeleted(store, container, name, origin.time());
    return store.change(
        origin,
        JournalNote.object(container.id(), SECRETS, seen.object().id(), Optional.empty()),
        tx -> {
          Secret deleted = findDeleted(tx, container, name, tx.time());
          requireSame(deleted, seen);
          refuseManaged(deleted.object(), name);
          ObjectRow live = deleted.object().withDeletion(Optional.empty(), Optional.empty());
          tx.update(live);
          tx.removeDue(SecretPurge.KIND, live.id());
          return new Secret(container, live, deleted.version());
        });
  }

  /** Removes a deleted secret for good. */
  public void purge(Container container, ObjectName name, Origin origin) {
    refuseProtected(container);
    again(() -> purgeOnce(container, name, origin));
  }

  private Secret purgeOnce(Container container, ObjectName name, Origin origin) {
    Secret seen = findDeleted(store, container, name, origin.time());
    return store.change(
        origin,
        JournalNote.object(container.id(), SECRETS, seen.object().id(), Optional.empty()),
        tx -> {
          // because protection may have been turned on since the request was taken
          tx.findRule(RuleKind.CONTAINER, container.key()).ifPresent(Secrets::refuseProtected);
          Secret deleted = findDeleted(tx, container, name, tx.time());
          requireSame(deleted, seen);
          refuseManaged(deleted.object(), name);
          SecretPurge.purge(tx, deleted.object());
          return deleted;
        });
  }

  /** All versions as one sealed blob. */
  public byte[] backup(Container container, ObjectName name, Instant now) {
    Secret secret = find(store, container, name, Optional.empty());
    refuseManaged(secret.object(), name);
    return backups.make(container, secret.object());
  }

  /** Restores a blob of this installation under the name that it holds. */
  public Secret restore(Container container, byte[] blob, Origin origin) {
    ObjectBackups.Restored restored = backups.open(container, SECRETS, blob);
    ObjectName name = new ObjectName(restored.object().name());
    return store.change(
        origin,
        JournalNote.object(container.id(), SECRETS, restored.object().id(), Optional.empty()),
        tx -> {
          Optional<ObjectRow> taken = tx.findObject(container.id(), SECRETS, name.folded());
          if (taken.isPresent() && taken.get().isGone(tx.time())) {
            SecretPurge.purge(tx, taken.get());
            taken = Optional.empty();
          }
          taken.ifPresent(
              row -> {
                refuseDeleted(row, name);
                throw VaultException.of(
                    ErrorCode.OBJECT_EXISTS, "object", SECRETS.singular(), "name", row.name());
              });
          refusePurged(tx, container);
          ObjectRow row = tx.insert(restored.object());
          VersionRow head = null;
          for (VersionRow version : restored.versions(row.row())) {
            tx.insert(version);
            head = version;
          }
          return new Secret(container, row, head);
        });
  }

  private SecretBytes open(Secret secret) {
    return barrier.open(
        secret.object().objectKey(),
        new Barrier.Place(
            secret.object().container(), secret.object().id(), secret.version().id(), FIELD),
        secret.version().value());
  }

  private static Secret find(
      Reads reads, Container container, ObjectName name, Optional<Id> version) {
    Optional<Reads.Found> found =
        version.isPresent()
            ? reads.findVersion(container.id(), SECRETS, name.folded(), version.get())
            : reads.findHead(container.id(), SECRETS, name.folded());
    return found
        .filter(row -> !row.object().isDeleted())
        .map(row -> new Secret(container, row.object(), row.version()))
        .orElseThrow(
            () ->
                VaultException.of(
                    ErrorCode.SECRET_NOT_FOUND,
                    "name",
                    name.text() + version.map(id -> "/" + id.hex()).orElse("")));
  }

  private static Secret findDeleted(
      Reads reads, Container container, ObjectName name, Instant now) {
    return reads
        .findHead(container.id(), SECRETS, name.folded())
        .filter(row -> row.object().isDeleted() && !row.object().isGone(now))
        .map(row -> new Secret(container, row.object(), row.version()))
        .orElseThrow(
            () -> VaultException.of(ErrorCode.DELETED_SECRET_NOT_FOUND, "name", name.text()));
  }

  private static void refuseDeleted(ObjectRow row, ObjectName name) {
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

  private static void refuseManaged(ObjectRow row, ObjectName name) {
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
  private static void refusePurged(Tx tx, Container container) {
    if (tx.newestKey(container.id()).isEmpty()) {
      throw VaultException.of(ErrorCode.HOST_UNKNOWN, "host", container.name());
    }
  }

  private static void requireSame(Secret inside, Secret before) {
    if (!inside.object().id().equals(before.object().id())) {
      throw new Raced();
    }
  }

  private static Instant seconds(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS);
  }

  /** What was read before the change no longer holds inside it. */
  private static final class Raced extends RuntimeException {
    Raced() {
      super(null, null, false, false);
    }
  }
}
