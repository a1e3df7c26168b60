package dev.strongroom.vault;

import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Collection;
import dev.strongroom.model.Container;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.VaultException;
import dev.strongroom.store.DueRow;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.ObjectRow;
import dev.strongroom.store.Store;
import dev.strongroom.store.Tx;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What is due of certificates. What the lifetime actions of a policy say: the next version, and the
 * notice before the newest expires; their rows follow every change of the policy and of the newest
 * version, in the same change. And the steps of an operation that an issuer takes time for.
 *
 * <p>A renewal that fails leaves the newest version as it is, shows as the certificate's failed
 * operation, and is tried again after a minute, then after twice as long each time, up to a day.
 */
public final class CertificateRenewal {
  private static final System.Logger LOG = System.getLogger(CertificateRenewal.class.getName());

  /** Due rows that end in a new version. */
  public static final String RENEW = "certificate-renew";

  /** Due rows of the next step of an operation in progress. */
  public static final String ISSUE = "certificate-issue";

  /** Due rows that end in a notice. */
  static final String NOTICE = "certificate-notice";

  /** Due rows that end in mail about a notice. */
  static final String MAIL = "certificate-mail";

  /** How long an operation that waits for its issuer keeps the next renewal from beginning. */
  private static final Duration WATCH = Duration.ofHours(1);

  private static final Duration FIRST_PAUSE = Duration.ofMinutes(1);
  private static final Duration LONGEST_PAUSE = Duration.ofDays(1);
  private static final int DOUBLINGS = 11;

  private final Store store;
  private final CertificateIssuing issuing;
  private final Objects objects;
  private final AtomicLong failed = new AtomicLong();

  CertificateRenewal(Store store, CertificateIssuing issuing, Objects objects) {
    this.store = store;
    this.issuing = issuing;
    this.objects = objects;
  }

  /** Renewals, and operations that an issuer took time for, that came to nothing on this node. */
  public long failed() {
    return failed.get();
  }

  /** Puts or removes the rows of a certificate, given its newest version as it is after a change. */
  static void schedule(Tx tx, Stored newest) {
    put(
        tx,
        newest,
        RENEW,
        time(newest, CertificatePolicy.Action.AUTO_RENEW)
            .map(
                at -> {
                  Instant looked = tx.time().plus(WATCH);
                  return isUnderWay(newest) && at.isBefore(looked) ? looked : at;
                }));
    Optional<Instant> notice = time(newest, CertificatePolicy.Action.EMAIL_CONTACTS);
    boolean isGiven =
        CertificateCodec.whole(newest.object())
            .notice()
            .filter(given -> given.version().equals(newest.version().id().hex()))
            .isPresent();
    put(
        tx,
        newest,
        NOTICE,
        notice
            .filter(_ -> !isGiven)
            // because notice is not given of what is over
            .filter(_ -> newest.version().attributes().expires().orElseThrow().isAfter(tx.time())));
    if (notice.isEmpty() || !isGiven) {
      tx.removeDue(MAIL, newest.object().id());
    }
  }

  /** Puts the row of the next step of the operation that a certificate has in progress. */
  static void scheduleIssue(Tx tx, Stored newest, Instant at) {
    put(tx, newest, ISSUE, Optional.of(at));
  }

  private static Optional<Instant> time(Stored newest, CertificatePolicy.Action action) {
    boolean works =
        !newest.object().isDeleted()
            && newest.version().attributes().enabled()
            && CertificateRows.isIssued(newest);
    if (!works) {
      return Optional.empty();
    }
    Instant from = newest.version().attributes().notBefore().orElseThrow();
    Instant until = newest.version().attributes().expires().orElseThrow();
    CertificatePolicy policy = CertificateCodec.whole(newest.object()).policy();
    return policy.actions().stream()
        .filter(wanted -> wanted.action() == action)
        .map(wanted -> policy.at(wanted, from, until))
        .findFirst();
  }

  /** An operation in progress goes on where its certificate is live, and rests where it is not. */
  static void follow(Tx tx, Stored newest) {
    schedule(tx, newest);
    put(
        tx,
        newest,
        ISSUE,
        Optional.of(tx.time())
            .filter(_ -> isUnderWay(newest) && !newest.object().isDeleted()));
  }

  private static boolean isUnderWay(Stored newest) {
    return CertificateCodec.whole(newest.object())
        .pending()
        .filter(PendingCertificate::isInProgress)
        .filter(pending -> !pending.issuer().equalsIgnoreCase(CertificatePolicy.UNKNOWN))
        .isPresent();
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
   * Makes the next version that a row says is due, in one change that also replaces the row.
   *
   * @return the origin with the journal number, for the audit record; empty when somebody else has
   *     done the work, or undone the need for it
   */
  public Optional<Origin> renew(DueRow row, Instant now) {
    Optional<Stored> newest = newest(row);
    if (newest.isEmpty()) {
      return Optional.empty();
    }
    Origin origin = origin(Operation.CERTIFICATE_RENEW, now);
    try {
      Optional<PendingCertificate.Failure> failure =
          issuing.renew(newest.get(), origin, (tx, _) -> remove(tx, row));
      return failure.isPresent()
          ? postpone(row, newest.get(), failure, now)
          : Optional.of(origin);
    } catch (Raced e) {
      return Optional.empty();
    } catch (VaultException e) {
      if (e.code().status() >= 500 || e.code() == ErrorCode.BUSY) {
        // because a sealed, full or busy server is no fault of the certificate
        throw e;
      }
      return postpone(
          row,
          newest.get(),
          // because an operation that is under way is not replaced by one that failed
          e.code() == ErrorCode.CERTIFICATE_PENDING
              ? Optional.empty()
              : Optional.of(
                  new PendingCertificate.Failure(e.code().wire(), e.getMessage())),
          now);
    }
  }

  private Optional<Origin> postpone(
      DueRow row,
      Stored newest,
      Optional<PendingCertificate.Failure> reason,
      Instant now) {
    Origin origin = origin(Operation.CERTIFICATE_RENEW_FAILED, now);
    try {
      Duration pause =
          store.change(
              origin,
              note(row, newest),
              tx -> {
                Stored live =
                    tx.findObject(row.subject())
                        .filter(object -> object.details().equals(newest.object().details()))
                        .map(object -> new Stored(newest.container(), object, newest.version()))
                        .orElseThrow(Raced::new);
                remove(tx, row);
                CertificateCodec.Whole whole = CertificateCodec.whole(live.object());
                Duration until = pause(whole.failedRenewals());
                tx.putDue(
                    new DueRow(
                        RENEW,
                        row.subject(),
                        row.container(),
                        now.plus(until),
                        tx.journalNumber()));
                tx.update(
                    live.object()
                        .withDetails(
                            Optional.of(
                                CertificateCodec.write(failed(whole, live, reason)))));
                return until;
              });
      tell(
          newest,
          ", tried again in " + pause.toSeconds() + " s",
          reason.map(CertificateRenewal::text).orElse("another operation is in progress"));
      return Optional.of(origin);
    } catch (Raced e) {
      return Optional.empty();
    }
  }

  private void tell(Stored certificate, String next, String why) {
    failed.incrementAndGet();
    LOG.log(
        Level.WARNING,
        "certificate {0} of vault {1} has no next version{2}: {3}",
        certificate.object().name(),
        certificate.container().name(),
        next,
        why);
  }

  private static String text(PendingCertificate.Failure failure) {
    return failure.code() + ": " + failure.message();
  }

  private static CertificateCodec.Whole failed(
      CertificateCodec.Whole whole, Stored live, Optional<PendingCertificate.Failure> reason) {
    CertificateCodec.Whole counted = whole.failedRenewals(whole.failedRenewals() + 1);
    return reason
        .map(
            failure ->
                counted.pending(
                    Optional.of(
                        PendingCertificate.failed(
                            Randoms.id().hex(),
                            live.version().id().hex(),
                            whole.policy().issuer().name(),
                            failure))))
        .orElse(counted);
  }

  /**
   * Takes the next step of an operation in progress.
   *
   * @return as {@link #renew}
   */
  public Optional<Origin> issue(DueRow row, Instant now) {
    Optional<Stored> newest = newest(row);
    Optional<PendingCertificate> pending =
        newest
            .flatMap(seen -> CertificateCodec.whole(seen.object()).pending())
            .filter(PendingCertificate::isInProgress);
    if (pending.isEmpty()) {
      return Optional.empty();
    }
    try {
      Origin origin =
          issuing.proceed(
              newest.get(),
              pending.get(),
              now,
              (tx, stored) -> {
                remove(tx, row);
                // because a renewal that has failed now need not be watched any longer
                CertificateCodec.whole(stored.object())
                    .pending()
                    .filter(after -> after.status() == PendingCertificate.Status.FAILED)
                    .ifPresent(_ -> retry(tx, stored));
              });
      newest(row)
          .flatMap(after -> CertificateCodec.whole(after.object()).pending())
          .filter(after -> after.requestId().equals(pending.get().requestId()))
          .flatMap(PendingCertificate::failure)
          .ifPresent(failure -> tell(newest.get(), "", text(failure)));
      return Optional.of(origin);
    } catch (Raced e) {
      return Optional.empty();
    }
  }

  /** Where the next version is overdue, it is tried again after a pause. */
  private static void retry(Tx tx, Stored failed) {
    if (time(failed, CertificatePolicy.Action.AUTO_RENEW)
        .filter(at -> !at.isAfter(tx.time()))
        .isEmpty()) {
      return;
    }
    CertificateCodec.Whole whole = CertificateCodec.whole(failed.object());
    put(tx, failed, RENEW, Optional.of(tx.time().plus(pause(whole.failedRenewals()))));
    tx.update(
        failed
            .object()
            .withDetails(
                Optional.of(
                    CertificateCodec.write(
                        whole.failedRenewals(whole.failedRenewals() + 1)))));
  }

  /** How long after so many failures the next attempt is. */
  static Duration pause(int failures) {
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(DOUBLINGS, failures));
    return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
  }

  static JournalNote note(DueRow row, Stored newest) {
    return JournalNote.object(
        row.container(),
        Collection.CERTIFICATES,
        row.subject(),
        Optional.of(newest.version().id()));
  }

  /** Whether that operation of a certificate goes on, or will when the certificate is recovered. */
  public boolean isUnderWay(Id certificate, String requestId) {
    return store
        .findObject(certificate)
        .flatMap(object -> CertificateCodec.whole(object).pending())
        .filter(PendingCertificate::isInProgress)
        .filter(pending -> pending.requestId().equals(requestId))
        .isPresent();
  }

  Optional<Stored> newest(DueRow row) {
    Optional<Container> container = store.findRule(RuleKind.CONTAINER, row.container().hex());
    return store
        .findObject(row.subject())
        .filter(object -> !object.isDeleted())
        .flatMap(
            object ->
                container.flatMap(
                    owner -> objects.newest(owner, new ObjectName(object.name()))));
  }

  static Origin origin(Operation operation, Instant now) {
    return new Origin(Randoms.id(), operation.auditName(), Optional.empty(), now);
  }

  static void remove(Tx tx, DueRow row) {
    if (!tx.removeDue(row)) {
      throw new Raced();
    }
  }
}
