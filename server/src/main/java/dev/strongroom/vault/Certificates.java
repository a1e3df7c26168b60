package dev.strongroom.vault;

import dev.strongroom.crypto.CertificateFacts;
import dev.strongroom.crypto.CertificateFile;
import dev.strongroom.crypto.KeyBackend;
import dev.strongroom.crypto.Material;
import dev.strongroom.model.Attributes;
import dev.strongroom.model.Collection;
import dev.strongroom.model.Container;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.Barrier;
import dev.strongroom.store.ObjectRow;
import dev.strongroom.store.Store;
import dev.strongroom.store.Tx;
import dev.strongroom.store.VersionRow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The operations on certificates: their policies, their making, import and renewal, and the operation
 * that is pending meanwhile. How the three rows of a certificate are written is {@link
 * CertificateRows}' part.
 *
 * @see <a href="https://learn.microsoft.com/azure/key-vault/certificates/create-certificate">
 *     Certificate creation methods</a>
 */
public final class Certificates {
  private final Store store;
  private final Objects objects;
  private final CertificateRows rows;
  private final ObjectBackups backups;
  private final KeyBackend backend;
  private final Lanes lanes;
  private final CertificateIssuing issuing;
  private final CertificateRenewal renewal;

  public Certificates(
      Store store,
      Barrier barrier,
      KeyBackend backend,
      Lanes lanes,
      CertificateIssuers issuers) {
    this.store = store;
    this.objects = new Objects(Collection.CERTIFICATES, store, barrier);
    this.rows = new CertificateRows(store, barrier, objects);
    this.backups = new ObjectBackups(store, barrier);
    this.backend = backend;
    this.lanes = lanes;
    this.issuing =
        new CertificateIssuing(
            rows, new Objects(Collection.KEYS, store, barrier), backend, lanes, issuers);
    this.renewal = new CertificateRenewal(store, issuing, objects);
  }

  /** The due work of certificates. */
  public CertificateRenewal renewal() {
    return renewal;
  }

  /** Begins the next version; when its own key signs it, it is there when this returns. */
  public Certificate create(
      Container container,
      ObjectName name,
      Optional<CertificatePolicy.Wanted> wanted,
      CertificateChange change,
      Origin origin) {
    Optional<CertificatePolicy> replaced =
        wanted.map(given -> CertificatePolicy.of(given).checked(given));
    return Objects.again(
        () -> {
          Optional<Stored> seen = rows.seen(container, name, origin.time());
          CertificateIssuing.requireNonePending(seen);
          Optional<CertificateCodec.Whole> before =
              seen.map(stored -> CertificateCodec.whole(stored.object()));
          CertificatePolicy policy =
              replaced
                  .or(() -> before.map(CertificateCodec.Whole::policy))
                  .orElseThrow(
                      () -> VaultException.of(ErrorCode.PROPERTY_INVALID, "property", "policy"));
          Instant now = Objects.seconds(origin.time());
          CertificateCodec.Whole whole =
              before
                  .map(kept -> replaced.isPresent() ? kept.with(policy, now) : kept)
                  .orElseGet(() -> CertificateCodec.Whole.of(policy, now));
          return Certificate.of(
              issuing.begin(rows.start(container, name, seen), whole, change, origin));
        });
  }

  /** Takes over a key and its certificates; synchronous, and nothing is pending afterwards. */
  public Certificate importFile(
      Container container,
      ObjectName name,
      byte[] content,
      String password,
      CertificatePolicy.Wanted wanted,
      CertificateChange change,
      Origin origin) {
    boolean keepOrder = change.keepOrder().orElse(false);
    Imported imported =
        lanes.run(
            Operation.CERTIFICATE_IMPORT, () -> imported(content, password, wanted, keepOrder));
    try (Material key = imported.key()) {
      CertificateRows.Issued issued =
          new CertificateRows.Issued(
              key,
              imported.chain().leaf(),
              imported.chain().certificates(),
              imported.policy(),
              keepOrder,
              change.enabled().orElse(true),
              change.tags().orElse(Map.of()));
      return Certificate.of(issueImported(container, name, issued, origin));
    }
  }

  private record Imported(
      Material key, CertificateFacts.Chain chain, CertificatePolicy policy) {}

  private Imported imported(
      byte[] content, String password, CertificatePolicy.Wanted wanted, boolean keepOrder) {
    try (CertificateFile file = CertificateFile.read(content, password)) {
      Material key = backend.importJwk(file.key());
      try {
        CertificateFacts.Chain chain =
            CertificateFacts.chain(file.certificates(), key.publicJwk(), keepOrder);
        CertificatePolicy.SecretForm form =
            file.form() == CertificateFile.Form.PEM
                ? CertificatePolicy.SecretForm.PEM
                : CertificatePolicy.SecretForm.PFX;
        return new Imported(
            key, chain, CertificatePolicy.imported(chain.leaf(), form, wanted));
      } catch (VaultException e) {
        key.close();
        throw e;
      }
    }
  }

  private Stored issueImported(
      Container container, ObjectName name, CertificateRows.Issued issued, Origin origin) {
    Instant now = Objects.seconds(origin.time());
    return Objects.again(
        () -> {
          Optional<Stored> seen = rows.seen(container, name, origin.time());
          CertificateIssuing.requireNonePending(seen);
          CertificateCodec.Whole after =
              seen.map(stored -> CertificateCodec.whole(stored.object()))
                  .map(whole -> whole.with(issued.policy(), now))
                  .orElseGet(() -> CertificateCodec.Whole.of(issued.policy(), now))
                  .pending(Optional.empty());
          return issuing.issue(
              rows.start(container, name, seen), issued, after, origin, Objects.Also.NOTHING);
        });
  }

  /** The certificate with its operation; another request's is not there. */
  public Certificate pending(Container container, ObjectName name, Optional<String> requestId) {
    Stored stored = objects.find(container, name, Optional.empty());
    pendingOf(stored, requestId);
    return Certificate.of(stored);
  }

  private static PendingCertificate pendingOf(Stored stored, Optional<String> requestId) {
    return CertificateCodec.whole(stored.object())
        .pending()
        .filter(
            pending ->
                requestId.filter(wanted -> !wanted.equals(pending.requestId())).isEmpty())
        .orElseThrow(
            () ->
                VaultException.of(
                    ErrorCode.PENDING_CERTIFICATE_NOT_FOUND, "name", stored.object().name()));
  }

  /** Ends the operation without a certificate. */
  public Certificate cancel(Container container, ObjectName name, Origin origin) {
    return Certificate.of(
        changePending(
            container,
            name,
            origin,
            pending -> {
              requireInProgress(name, pending);
              return Optional.of(pending.ended(PendingCertificate.Status.CANCELED));
            }));
  }

  /** Forgets the operation; answers it as it was. */
  public PendingCertificate deletePending(Container container, ObjectName name, Origin origin) {
    List<PendingCertificate> was = new ArrayList<>();
    changePending(
        container,
        name,
        origin,
        pending -> {
          was.add(pending);
          return Optional.empty();
        });
    return was.getLast();
  }

  private Stored changePending(
      Container container,
      ObjectName name,
      Origin origin,
      Function<PendingCertificate, Optional<PendingCertificate>> change) {
    // because one that is not there is refused before a change is begun
    pending(container, name, Optional.empty());
    return objects.touch(
        container,
        name,
        origin,
        (tx, live) -> {
          CertificateCodec.Whole whole = CertificateCodec.whole(live.object());
          PendingCertificate pending = pendingOf(live, Optional.empty());
          tx.removeDue(CertificateRenewal.ISSUE, live.object().id());
          tx.update(
              live.object()
                  .withDetails(
                      Optional.of(
                          CertificateCodec.write(whole.pending(change.apply(pending))))));
        });
  }

  private static void requireInProgress(ObjectName name, PendingCertificate pending) {
    if (!pending.isInProgress()) {
      throw VaultException.of(
          ErrorCode.CERTIFICATE_NOT_IN_PROGRESS,
          "name", name.text(),
          "status", pending.status().wire());
    }
  }

  /** Takes the certificate that an unknown issuer has made of the signing request. */
  public Certificate merge(
      Container container,
      ObjectName name,
      List<byte[]> certificates,
      CertificateChange change,
      Origin origin) {
    return Objects.again(
        () -> {
          Stored seen = objects.find(container, name, Optional.empty());
          CertificateCodec.Whole whole = CertificateCodec.whole(seen.object());
          PendingCertificate pending = pendingOf(seen, Optional.empty());
          requireInProgress(name, pending);
          boolean isUnknown =
              pending.issuer().equalsIgnoreCase(CertificatePolicy.UNKNOWN);
          if (!isUnknown) {
            throw VaultException.of(
                ErrorCode.CERTIFICATE_MERGE_FORBIDDEN, "issuer", pending.issuer());
          }
          try (Material key = rows.waitingKey(seen)) {
            CertificateFacts.Chain chain =
                CertificateFacts.chain(certificates, key.publicJwk(), pending.keepOrder());
            return Certificate.of(
                issuing.issue(
                    CertificateIssuing.again(seen, pending),
                    new CertificateRows.Issued(
                        key,
                        chain.leaf(),
                        chain.certificates(),
                        pending.under(whole.policy()),
                        pending.keepOrder(),
                        change.enabled().orElse(pending.enabled()),
                        change.tags().orElse(pending.tags())),
                    whole.pending(
                        Optional.of(pending.ended(PendingCertificate.Status.COMPLETED))),
                    origin,
                    Objects.Also.NOTHING));
          }
        });
  }

  public Certificate get(Container container, ObjectName name, Optional<Id> version) {
    return Certificate.of(objects.find(container, name, version));
  }

  /** Changes what can change of a version, or of the newest, and the policy where one is given. */
  public Certificate update(
      Container container,
      ObjectName name,
      Optional<Id> version,
      CertificateChange wanted,
      Optional<CertificatePolicy.Wanted> policy,
      Origin origin) {
    List<Stored> result = new ArrayList<>();
    objects.update(
        container,
        name,
        version,
        (before, now) -> edited(before, wanted, now),
        origin,
        (tx, _, after) -> {
          CertificateRows.mirror(tx, after);
          ObjectRow row = after.object();
          if (policy.isPresent()) {
            row = changedPolicy(after, policy.get(), origin);
            tx.update(row);
          }
          // because a policy is of all versions, whichever was named
          if (policy.isPresent() || after.version().number() == row.head()) {
            CertificateRenewal.schedule(
                tx, objects.find(tx, container, name, Optional.empty()));
          }
          result.add(new Stored(container, row, after.version()));
        });
    return Certificate.of(result.getLast());
  }

  private static VersionRow edited(VersionRow before, CertificateChange wanted, Instant now) {
    Attributes was = before.attributes();
    boolean isIssued = CertificateCodec.version(before).certificate().isPresent();
    return new VersionRow(
        before.object(),
        before.number(),
        before.id(),
        before.previous(),
        new Attributes(
            // because there is nothing yet that could be enabled
            isIssued && wanted.enabled().orElse(was.enabled()),
            was.notBefore(),
            was.expires(),
            was.created(),
            now),
        wanted.tags().orElse(before.tags()),
        before.contentType(),
        before.details(),
        before.value());
  }

  /** Changes the members of the policy that are given; versions that are there stay as they are. */
  public Certificate setPolicy(
      Container container, ObjectName name, CertificatePolicy.Wanted wanted, Origin origin) {
    return Certificate.of(
        objects.touch(
            container,
            name,
            origin,
            (tx, live) -> {
              ObjectRow row = changedPolicy(live, wanted, origin);
              tx.update(row);
              CertificateRenewal.schedule(tx, new Stored(container, row, live.version()));
            }));
  }

  private static ObjectRow changedPolicy(
      Stored live, CertificatePolicy.Wanted wanted, Origin origin) {
    CertificateCodec.Whole whole = CertificateCodec.whole(live.object());
    return live.object()
        .withDetails(
            Optional.of(
                CertificateCodec.write(
                    whole.with(
                        whole.policy().with(wanted).checked(wanted),
                        Objects.seconds(origin.time())))));
  }

  /** Deletes a certificate with its key and its secret. */
  public Certificate delete(Container container, ObjectName name, Origin origin) {
    return Certificate.of(
        objects.delete(container, name, origin, Certificates::followDeletion));
  }

  /** Takes a deleted certificate back with its key and its secret. */
  public Certificate recover(Container container, ObjectName name, Origin origin) {
    return Certificate.of(
        objects.recover(container, name, origin, Certificates::followDeletion));
  }

  private static void followDeletion(Tx tx, Stored stored) {
    CertificateRows.mirrorDeletion(tx, stored);
    CertificateRenewal.follow(tx, stored);
  }

  /** Removes a deleted certificate for good, with its key and its secret. */
  public void purge(Container container, ObjectName name, Origin origin) {
    objects.purge(container, name, origin);
  }

  /**
   * Newest versions by name, after the given folded name.
   *
   * @param pending whether those are shown too whose first version is still to come
   */
  public List<Certificate> list(
      Container container, boolean pending, String after, int limit, Instant now) {
    return list(container, false, pending, after, limit, now);
  }

  private List<Certificate> list(
      Container container,
      boolean deleted,
      boolean pending,
      String after,
      int limit,
      Instant now) {
    List<Certificate> page = new ArrayList<>(limit);
    String from = after;
    while (page.size() < limit) {
      int wanted = limit - page.size();
      List<Stored> found = objects.list(container, deleted, from, wanted, now);
      for (Stored stored : found) {
        if (pending || CertificateRows.isIssued(stored)) {
          page.add(Certificate.of(stored));
        }
        from = stored.object().name().toLowerCase(Locale.ROOT);
      }
      if (found.size() < wanted) {
        break;
      }
    }
    return page;
  }

  /** Versions of a live certificate in the order they were made, after the given number. */
  public List<Certificate> listVersions(
      Container container, ObjectName name, long after, int limit) {
    return objects.listVersions(container, name, after, limit).stream()
        .filter(CertificateRows::isIssued)
        .map(Certificate::of)
        .toList();
  }

  /**
   * @param pending as for {@link #list}
   */
  public List<Certificate> listDeleted(
      Container container, boolean pending, String after, int limit, Instant now) {
    return list(container, true, pending, after, limit, now);
  }

  public Certificate getDeleted(Container container, ObjectName name, Instant now) {
    return Certificate.of(objects.findDeleted(container, name, now));
  }

  /** All versions with their keys and secrets as one blob. */
  public byte[] backup(Container container, ObjectName name) {
    Stored newest = objects.find(container, name, Optional.empty());
    if (!CertificateRows.isIssued(newest)) {
      throw CertificateRows.notFound(name);
    }
    String kept =
        CertificateCodec.write(
            CertificateCodec.whole(newest.object()).pending(Optional.empty()));
    Map<Collection, byte[]> parts = new EnumMap<>(Collection.class);
    parts.put(
        Collection.CERTIFICATES,
        backups.make(container, newest.object().withDetails(Optional.of(kept))));
    for (Collection companion : CertificateRows.COMPANIONS) {
      ObjectRow row =
          store
              .findObject(container.id(), companion, name.folded())
              .filter(ObjectRow::managed)
              .orElseThrow(() -> CertificateRows.notFound(name));
      // because a version may have come since the certificate was read
      parts.put(companion, backups.make(container, row.withHead(newest.object().head())));
    }
    return ObjectBackups.together(parts);
  }

  /** Restores a blob of this installation under the name that it holds. */
  public Certificate restore(Container container, byte[] blob, Origin origin) {
    Map<Collection, ObjectBackups.Restored> parts = new EnumMap<>(Collection.class);
    ObjectBackups.apart(blob)
        .forEach(
            (collection, part) ->
                parts.put(collection, backups.open(container, collection, part)));
    ObjectBackups.Restored certificate = parts.remove(Collection.CERTIFICATES);
    parts.values().forEach(part -> ObjectBackups.requireSameVersions(certificate, part));
    return Certificate.of(
        rows.restore(container, certificate, parts, origin, CertificateRenewal::schedule));
  }

}
