package dev.strongroom.vault;

import dev.strongroom.crypto.CertificateFacts;
import dev.strongroom.crypto.CertificateMaking;
import dev.strongroom.crypto.Material;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Attributes;
import dev.strongroom.model.Collection;
import dev.strongroom.model.Container;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Origin;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.Barrier;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.ObjectRow;
import dev.strongroom.store.Reads;
import dev.strongroom.store.Store;
import dev.strongroom.store.Tx;
import dev.strongroom.store.VersionRow;
import java.time.Instant;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The rows of a certificate: an object of its own, and managed ones of its name among keys and
 * secrets. Those share ids and numbers of versions, attributes and tags, and are written in one
 * change.
 *
 * <p>Before its first version is issued a certificate has one without a certificate in it, disabled,
 * and neither key nor secret; the names are taken all the same.
 */
final class CertificateRows {
  static final List<Collection> COMPANIONS = List.of(Collection.KEYS, Collection.SECRETS);

  static final String PENDING_KEY = "pending-key";

  private final Store store;
  private final Barrier barrier;
  private final Objects objects;

  CertificateRows(Store store, Barrier barrier, Objects objects) {
    this.store = store;
    this.barrier = barrier;
    this.objects = objects;
  }

  /** A version that is issued, with everything that is to be kept of it. */
  record Issued(
      Material key,
      CertificateFacts leaf,
      List<byte[]> chain,
      CertificatePolicy policy,
      boolean keepOrder,
      boolean enabled,
      Map<String, String> tags) {}

  /** The live certificate of a name; one that is deleted is refused, as its name is not free. */
  Optional<Stored> seen(Container container, ObjectName name, Instant now) {
    Optional<Reads.Found> found =
        store
            .findHead(container.id(), Collection.CERTIFICATES, name.folded())
            .filter(row -> !row.object().isGone(now));
    found.ifPresent(row -> Objects.refuseDeleted(row.object(), name));
    Optional<Stored> seen =
        found.map(row -> new Stored(container, row.object(), row.version()));
    if (seen.isEmpty()) {
      for (Collection companion : COMPANIONS) {
        store
            .findObject(container.id(), companion, name.folded())
            .filter(row -> !row.isGone(now))
            .ifPresent(row -> refuseTaken(row, name));
      }
    }
    return seen;
  }

  static boolean isIssued(Stored stored) {
    return CertificateCodec.version(stored.version()).certificate().isPresent();
  }

  /** The id that the next version will have. */
  static Id nextVersion(Optional<Stored> seen) {
    return seen.filter(stored -> !isIssued(stored))
        .map(stored -> stored.version().id())
        .orElseGet(Randoms::id);
  }

  /** A key that waits for its certificate, sealed for {@link PendingCertificate#key}. */
  Sealed sealKey(Start start, Material key) {
    return barrier.seal(start.objectKey(), start.keyPlace(), key.stored());
  }

  /** The key of the operation that a certificate has in progress. */
  Material waitingKey(Stored stored) {
    PendingCertificate pending =
        CertificateCodec.whole(stored.object()).pending().orElseThrow();
    return Material.read(
        barrier.open(
            stored.object().objectKey(),
            new Barrier.Place(
                stored.container().id(),
                stored.object().id(),
                pending.versionId(),
                PENDING_KEY),
            Sealed.read(Base64.getDecoder().decode(pending.key().orElseThrow()))),
        PublicJwk.read(pending.publicKey().orElseThrow()));
  }

  /** The object that a change is about: the one that is there, or the one that is to be made. */
  record Start(
      Container container,
      ObjectName name,
      Optional<Stored> seen,
      Id object,
      Sealed objectKey,
      Id version) {

    private Barrier.Place keyPlace() {
      return new Barrier.Place(container.id(), object, version, PENDING_KEY);
    }
  }

  Start start(Container container, ObjectName name, Optional<Stored> seen) {
    Id object = seen.map(stored -> stored.object().id()).orElseGet(Randoms::id);
    Sealed key =
        seen.map(stored -> stored.object().objectKey())
            .orElseGet(() -> barrier.newObjectKey(container.id(), object));
    return new Start(container, name, seen, object, key, nextVersion(seen));
  }

  /** Keeps what a certificate is to become, and makes the certificate where there is none. */
  Stored keep(
      Start start,
      CertificateCodec.Whole whole,
      boolean keepOrder,
      Origin origin,
      Objects.Also also) {
    Sealed nothing = nothing(start);
    String details = CertificateCodec.write(whole);
    return store.change(
        origin,
        note(start),
        tx -> {
          Optional<Reads.Found> head = requireSeen(tx, start);
          if (head.isPresent()) {
            ObjectRow changed = head.get().object().withDetails(Optional.of(details));
            tx.update(changed);
            Stored kept = new Stored(start.container(), changed, head.get().version());
            also.apply(tx, kept);
            return kept;
          }
          requireFree(tx, start);
          Instant now = Objects.seconds(tx.time());
          ObjectRow row = tx.insert(newCertificate(start, now).withDetails(Optional.of(details)));
          VersionRow version =
              new VersionRow(
                  row.row(),
                  row.head(),
                  start.version(),
                  Optional.empty(),
                  new Attributes(false, Optional.empty(), Optional.empty(), now, now),
                  Map.of(),
                  Optional.empty(),
                  Optional.of(
                      CertificateCodec.write(
                          new CertificateCodec.Version(
                              Optional.empty(), keepOrder, Optional.empty()))),
                  nothing);
          tx.insert(version);
          Stored kept = new Stored(start.container(), row, version);
          also.apply(tx, kept);
          return kept;
        });
  }

  /** Writes an issued version, with its key and its secret. */
  Stored issue(
      Start start,
      Issued issued,
      CertificateCodec.Whole whole,
      Origin origin,
      Objects.Also also) {
    Map<Collection, Companion> companions = companions(start, issued);
    Sealed nothing = nothing(start);
    String details = CertificateCodec.write(whole);
    String version =
        CertificateCodec.write(
            new CertificateCodec.Version(
                Optional.of(issued.leaf().der()),
                issued.keepOrder(),
                Optional.of(issued.policy().key().exportable())));
    return store.change(
        origin,
        note(start),
        tx -> {
          Optional<Reads.Found> head = requireSeen(tx, start);
          Instant now = Objects.seconds(tx.time());
          boolean fills =
              head.filter(found -> found.version().id().equals(start.version())).isPresent();
          ObjectRow row;
          if (head.isEmpty()) {
            requireFree(tx, start);
            row = tx.insert(newCertificate(start, now).withDetails(Optional.of(details)));
          } else {
            ObjectRow before = head.get().object();
            row =
                before
                    .withHead(fills ? before.head() : before.head() + 1)
                    .withDetails(Optional.of(details));
            tx.update(row);
          }
          Optional<Id> previous =
              fills ? Optional.empty() : head.map(found -> found.version().id());
          Attributes attributes =
              new Attributes(
                  issued.enabled(),
                  Optional.of(issued.leaf().notBefore()),
                  Optional.of(issued.leaf().notAfter()),
                  fills ? head.get().version().attributes().created() : now,
                  now);
          VersionRow made =
              new VersionRow(
                  row.row(),
                  row.head(),
                  start.version(),
                  previous,
                  attributes,
                  issued.tags(),
                  Optional.empty(),
                  Optional.of(version),
                  fills ? head.get().version().value() : nothing);
          if (fills) {
            tx.update(made);
          } else {
            tx.insert(made);
          }
          for (Companion companion : companions.values()) {
            write(tx, start, companion, made, now);
          }
          Stored stored = new Stored(start.container(), row, made);
          also.apply(tx, stored);
          return stored;
        });
  }

  /** A key or a secret to be written beside a certificate. */
  private record Companion(
      Collection collection,
      Optional<ObjectRow> seen,
      Id object,
      Sealed objectKey,
      Sealed value,
      Optional<String> contentType,
      Optional<String> details) {}

  private Map<Collection, Companion> companions(Start start, Issued issued) {
    Map<Collection, Companion> companions = new EnumMap<>(Collection.class);
    companions.put(
        Collection.KEYS,
        companion(
            start,
            Collection.KEYS,
            issued.key().stored(),
            Optional.empty(),
            Optional.of(
                KeyCodec.write(
                    new KeyCodec.Version(
                        issued.key().publicJwk(),
                        issued.policy().operations(),
                        issued.key().assurance(),
                        0)))));
    try (SecretBytes secret = secret(issued)) {
      companions.put(
          Collection.SECRETS,
          companion(
              start,
              Collection.SECRETS,
              secret,
              Optional.of(issued.policy().form().wire()),
              Optional.empty()));
    }
    return companions;
  }

  private static SecretBytes secret(Issued issued) {
    try (SecretBytes key =
        CertificateMaking.exported(issued.key(), issued.policy().key().exportable())) {
      return switch (issued.policy().form()) {
        case PFX -> CertificateMaking.pfx(key, issued.leaf().der(), issued.chain());
        case PEM -> CertificateMaking.pem(key, issued.chain());
      };
    }
  }

  private Companion companion(
      Start start,
      Collection collection,
      SecretBytes value,
      Optional<String> contentType,
      Optional<String> details) {
    Optional<ObjectRow> seen =
        start
            .seen()
            .filter(CertificateRows::isIssued)
            .map(_ -> companion(store, start.container(), start.name(), collection));
    Id object = seen.map(ObjectRow::id).orElseGet(Randoms::id);
    Sealed objectKey =
        seen.map(ObjectRow::objectKey)
            .orElseGet(() -> barrier.newObjectKey(start.container().id(), object));
    return new Companion(
        collection,
        seen,
        object,
        objectKey,
        sealed(objectKey, start, object, value),
        contentType,
        details);
  }

  /** The live key or secret of an issued certificate. */
  private static ObjectRow companion(
      Reads reads, Container container, ObjectName name, Collection collection) {
    return reads
        .findObject(container.id(), collection, name.folded())
        .filter(ObjectRow::managed)
        .orElseThrow(Raced::new);
  }

  private void write(
      Tx tx, Start start, Companion companion, VersionRow certificate, Instant now) {
    ObjectRow row;
    if (companion.seen().isPresent()) {
      ObjectRow inside =
          companion(tx, start.container(), start.name(), companion.collection());
      if (!inside.id().equals(companion.object())
          || !inside.objectKey().equals(companion.objectKey())) {
        throw new Raced();
      }
      row = inside.withHead(certificate.number());
      tx.update(row);
    } else {
      row =
          tx.insert(
              newObject(
                      start,
                      companion.collection(),
                      companion.object(),
                      companion.objectKey(),
                      now)
                  .asManaged());
    }
    tx.insert(
        new VersionRow(
            row.row(),
            certificate.number(),
            certificate.id(),
            certificate.previous(),
            certificate.attributes(),
            certificate.tags(),
            companion.contentType(),
            companion.details(),
            companion.value()));
  }

  /** Gives key and secret of a version the attributes and tags that its certificate has now. */
  static void mirror(Tx tx, Stored certificate) {
    ObjectName name = new ObjectName(certificate.object().name());
    VersionRow now = certificate.version();
    for (Collection companion : COMPANIONS) {
      tx.findVersion(certificate.container().id(), companion, name.folded(), now.id())
          .map(Reads.Found::version)
          .ifPresent(
              before ->
                  tx.update(
                      new VersionRow(
                          before.object(),
                          before.number(),
                          before.id(),
                          before.previous(),
                          now.attributes(),
                          now.tags(),
                          before.contentType(),
                          before.details(),
                          before.value())));
    }
  }

  /** Deletes or recovers key and secret as their certificate is now. */
  static void mirrorDeletion(Tx tx, Stored certificate) {
    ObjectRow whole = certificate.object();
    String folded = new ObjectName(whole.name()).folded();
    for (Collection companion : COMPANIONS) {
      tx.findObject(whole.container(), companion, folded)
          .filter(ObjectRow::managed)
          .ifPresent(row -> tx.update(row.withDeletion(whole.deleted(), whole.scheduledPurge())));
    }
  }

  /** The newest version of the key behind a certificate, as its material was stored. */
  Material key(Stored certificate, Objects keys) {
    Stored key =
        keys.find(
            certificate.container(),
            new ObjectName(certificate.object().name()),
            Optional.of(certificate.version().id()));
    return Material.read(keys.open(key), KeyCodec.version(key.version()).jwk());
  }

  /** Restores the rows that the parts of a backup hold. */
  Stored restore(
      Container container,
      ObjectBackups.Restored certificate,
      Map<Collection, ObjectBackups.Restored> companions,
      Origin origin,
      Objects.Also also) {
    ObjectName name = new ObjectName(certificate.object().name());
    return store.change(
        origin,
        JournalNote.object(
            container.id(),
            Collection.CERTIFICATES,
            certificate.object().id(),
            Optional.empty()),
        tx -> {
          objects
              .headInside(tx, container, name)
              .map(Reads.Found::object)
              .ifPresent(row -> refuseTaken(row, name));
          requireFree(tx, container, name);
          Objects.refusePurged(tx, container);
          Stored stored = insert(tx, container, certificate, certificate.object());
          companions
              .values()
              .forEach(part -> insert(tx, container, part, part.object().asManaged()));
          also.apply(tx, stored);
          return stored;
        });
  }

  private static Stored insert(
      Tx tx, Container container, ObjectBackups.Restored restored, ObjectRow object) {
    ObjectRow row = tx.insert(object);
    VersionRow head = null;
    for (VersionRow version : restored.versions(row.row())) {
      tx.insert(version);
      head = version;
    }
    return new Stored(container, row, head);
  }

  /** Inside a change: the certificate as it was seen before, or this change starts anew. */
  private Optional<Reads.Found> requireSeen(Tx tx, Start start) {
    Optional<Reads.Found> head = objects.headInside(tx, start.container(), start.name());
    head.ifPresent(found -> Objects.refuseDeleted(found.object(), start.name()));
    Optional<Stored> seen = start.seen();
    boolean same =
        seen.isPresent() == head.isPresent()
            && (seen.isEmpty()
                || head.get().object().id().equals(start.object())
                    && head.get().object().objectKey().equals(start.objectKey())
                    && head.get().object().details().equals(seen.get().object().details())
                    && head.get().version().id().equals(seen.get().version().id()));
    if (!same) {
      throw new Raced();
    }
    return head;
  }

  private static void requireFree(Tx tx, Start start) {
    Objects.refusePurged(tx, start.container());
    requireFree(tx, start.container(), start.name());
  }

  private static void requireFree(Tx tx, Container container, ObjectName name) {
    for (Collection companion : COMPANIONS) {
      Optional<ObjectRow> taken = tx.findObject(container.id(), companion, name.folded());
      taken.filter(row -> row.isGone(tx.time())).ifPresent(row -> Objects.purge(tx, row));
      taken.filter(row -> !row.isGone(tx.time())).ifPresent(row -> refuseTaken(row, name));
    }
  }

  private static void refuseTaken(ObjectRow row, ObjectName name) {
    Objects.refuseDeleted(row, name);
    Objects.refuseExisting(row);
  }

  private static ObjectRow newCertificate(Start start, Instant now) {
    return newObject(start, Collection.CERTIFICATES, start.object(), start.objectKey(), now);
  }

  private static ObjectRow newObject(
      Start start, Collection collection, Id object, Sealed objectKey, Instant now) {
    return new ObjectRow(
        object,
        start.container().id(),
        collection,
        start.name().text(),
        objectKey,
        1,
        false,
        now);
  }

  /** The value of a certificate's own row: all that is secret is with its key and secret. */
  private Sealed nothing(Start start) {
    return sealed(
        start.objectKey(), start, start.object(), SecretBytes.taking(new byte[0]));
  }

  private Sealed sealed(Sealed objectKey, Start start, Id object, SecretBytes value) {
    return barrier.seal(
        objectKey,
        new Barrier.Place(start.container().id(), object, start.version(), Objects.FIELD),
        value);
  }

  private static JournalNote note(Start start) {
    return JournalNote.object(
        start.container().id(),
        Collection.CERTIFICATES,
        start.object(),
        Optional.of(start.version()));
  }

  static VaultException notFound(ObjectName name) {
    return VaultException.of(ErrorCode.CERTIFICATE_NOT_FOUND, "name", name.text());
  }
}
