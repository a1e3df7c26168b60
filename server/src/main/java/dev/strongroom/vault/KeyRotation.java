package dev.strongroom.vault;

import dev.strongroom.crypto.KeyBackend;
import dev.strongroom.crypto.Material;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Collection;
import dev.strongroom.model.Container;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.model.RuleKind;
import dev.strongroom.store.DueRow;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.ObjectRow;
import dev.strongroom.store.Store;
import dev.strongroom.store.Tx;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * What a key's rotation policy makes due: its next version, and the notice before its newest version
 * expires. The rows follow every change of the policy and of the newest version, in the same change.
 *
 * <p>A key that is deleted or whose newest version is disabled is not rotated; enabling that version
 * or recovering the key makes due what is due then.
 */
public final class KeyRotation {
  /** Due rows that end in a new version. */
  public static final String ROTATE = "key-rotate";

  /** Due rows that end in a notice. */
  public static final String NOTICE = "key-notice";

  private final Store store;
  private final Objects objects;
  private final KeyBackend backend;

  KeyRotation(Store store, Objects objects, KeyBackend backend) {
    this.store = store;
    this.objects = objects;
    this.backend = backend;
  }

  /** Puts or removes the rows of a key, given its newest version as it is after this change. */
  static void schedule(Tx tx, Stored newest) {
    boolean works =
        !newest.object().isDeleted() && newest.version().attributes().enabled();
    Optional<RotationPolicy> policy =
        works
            ? Optional.of(
                KeyCodec.policy(newest.object())
                    .map(KeyCodec.Policy::policy)
                    .orElse(RotationPolicy.NONE))
            : Optional.empty();
    Instant created = newest.version().attributes().created();
    Optional<Instant> expires = newest.version().attributes().expires();
    put(tx, newest, ROTATE, policy.flatMap(wanted -> wanted.rotation(created, expires)));
    put(
        tx,
        newest,
        NOTICE,
        policy
            .flatMap(wanted -> expires.map(wanted.notice()::before))
            // because notice is given once, and not of what is over
            .filter(at -> expires.orElseThrow().isAfter(tx.time())));
  }

  private static void put(Tx tx, Stored newest, String kind, Optional<Instant> at) {
    ObjectRow object = newest.object();
    if (at.isPresent()) {
      tx.putDue(
          new DueRow(kind, object.id(), object.container(), at.get(), tx.journalNumber()));
    } else {
      tx.removeDue(kind, object.id());
    }
  }

  /**
   * Makes the next version that a row says is due, in one change that also removes the row.
   *
   * @return the origin with the journal number, for the audit record; empty when somebody else has
   *     done the work, or undone the need for it
   */
  public Optional<Origin> rotate(DueRow row, Instant now) {
    Optional<Stored> newest = newest(row);
    if (newest.isEmpty()) {
      return Optional.empty();
    }
    Origin origin = origin(Operation.KEY_ROTATE_IF_DUE, now);
    try (Material material = generate(newest.get())) {
      objects.follow(
          newest.get(),
          next(newest.get(), material, now),
          origin,
          (tx, stored) -> {
            remove(tx, row);
            schedule(tx, stored);
          });
      return Optional.of(origin);
    } catch (Raced e) {
      return Optional.empty();
    }
  }

  /** Gives the notice that a row says is due: a journal record and, by the caller, an audit record. */
  public Optional<Origin> notice(DueRow row, Instant now) {
    Optional<Stored> newest = newest(row);
    if (newest.isEmpty()) {
      return Optional.empty();
    }
    Origin origin = origin(Operation.KEY_NEAR_EXPIRY_EVENT_GRID_NOTIFICATION, now);
    try {
      store.change(
          origin,
          JournalNote.object(
              row.container(),
              Collection.KEYS,
              row.subject(),
              Optional.of(newest.get().version().id())),
          tx -> {
            remove(tx, row);
            return null;
          });
      return Optional.of(origin);
    } catch (Raced e) {
      return Optional.empty();
    }
  }

  /** A key like the newest version's. */
  Material generate(Stored newest) {
    return backend.generate(KeySpec.like(KeyCodec.version(newest.version()).jwk()));
  }

  /** The version behind the newest, as the policy wants it: same uses and tags, a new end. */
  static NewVersion next(Stored newest, Material material, Instant now) {
    KeyCodec.Version before = KeyCodec.version(newest.version());
    Instant created = now.truncatedTo(ChronoUnit.SECONDS);
    return new NewVersion(
        material.stored(),
        newest.version().attributes().enabled(),
        Optional.empty(),
        KeyCodec.policy(newest.object())
            .flatMap(set -> set.policy().expiry())
            .map(expiry -> expiry.after(created)),
        newest.version().tags(),
        Optional.empty(),
        Optional.of(
            KeyCodec.write(
                new KeyCodec.Version(
                    material.publicJwk(), before.operations(), material.assurance(), 0))));
  }

  private Optional<Stored> newest(DueRow row) {
    Optional<Container> container = store.findRule(RuleKind.CONTAINER, row.container().hex());
    return store
        .findObject(row.subject())
        .filter(object -> !object.isDeleted())
        .flatMap(
            object ->
                container.flatMap(
                    owner -> objects.newest(owner, new ObjectName(object.name()))));
  }

  private static Origin origin(Operation operation, Instant now) {
    return new Origin(Randoms.id(), operation.auditName(), Optional.empty(), now);
  }

  private static void remove(Tx tx, DueRow row) {
    if (!tx.removeDue(row)) {
      throw new Raced();
    }
  }
}
