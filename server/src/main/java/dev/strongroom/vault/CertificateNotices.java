package dev.strongroom.vault;

import dev.strongroom.model.CertificateContacts;
import dev.strongroom.model.Container;
import dev.strongroom.model.Id;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.model.RuleKind;
import dev.strongroom.store.DueRow;
import dev.strongroom.store.ObjectRow;
import dev.strongroom.store.Store;
import dev.strongroom.store.Tx;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The notice before a certificate expires: once for each version a journal record, and where a relay
 * is configured mail to the vault's contacts.
 *
 * <p>The record and the row of the mail are one change. A mail that fails is tried again after a
 * minute, then after twice as long each time, up to a day, until the certificate has expired. SMTP
 * cannot say whether a relay took a message whose answer was lost: a server that dies between that
 * answer and its own change sends the message again, with the same Message-ID.
 */
public final class CertificateNotices {
  /** Due rows that end in a notice. */
  public static final String NOTICE = CertificateRenewal.NOTICE;

  /** Due rows that end in mail. */
  public static final String MAIL = CertificateRenewal.MAIL;

  private static final System.Logger LOG = System.getLogger(CertificateNotices.class.getName());
  private static final DateTimeFormatter DAY = DateTimeFormatter.ISO_LOCAL_DATE;

  private final Store store;
  private final CertificateRenewal renewal;
  private final Optional<ContactMail> relay;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private volatile Optional<String> trouble = Optional.empty();

  public CertificateNotices(
      Store store, CertificateRenewal renewal, Optional<ContactMail> relay) {
    this.store = store;
    this.renewal = renewal;
    this.relay = relay;
  }

  /** Whether there is a relay. */
  public boolean hasRelay() {
    return relay.isPresent();
  }

  /** Messages that the relay took from this node. */
  public long sent() {
    return sent.get();
  }

  /** Attempts of this node that came to nothing. */
  public long failed() {
    return failed.get();
  }

  /** Why the last attempt of this node failed; empty when it did not. */
  public Optional<String> trouble() {
    return trouble;
  }

  /**
   * Gives the notice that a row says is due.
   *
   * @return the origin with the journal number, for the audit record; empty when somebody else has
   *     done the work, or undone the need for it
   */
  public Optional<Origin> notice(DueRow row, Instant now) {
    return change(
        row,
        Operation.CERTIFICATE_NEAR_EXPIRY_EVENT_GRID_NOTIFICATION,
        now,
        (tx, live) -> {
          update(tx, live, new CertificateCodec.Notice(live.version().id().hex(), 0));
          if (relay.isPresent() && !addresses(live.container()).isEmpty()) {
            tx.putDue(due(row, now, tx.journalNumber()));
          }
        });
  }

  /**
   * Sends the mail that a row says is due.
   *
   * @return as {@link #notice}
   */
  public Optional<Origin> mail(DueRow row, Instant now) {
    Optional<Stored> newest = renewal.newest(row);
    if (newest.isEmpty()) {
      return Optional.empty();
    }
    Stored certificate = newest.get();
    Instant expires = certificate.version().attributes().expires().orElse(Instant.MIN);
    List<String> addresses = addresses(certificate.container());
    if (relay.isEmpty() || addresses.isEmpty() || !expires.isAfter(now)) {
      return change(
          row, Operation.CERTIFICATE_CONTACTS_MAIL_DROPPED, now, (_, _) -> {});
    }
    try {
      int taken = relay.get().send(message(certificate, expires, addresses, now));
      if (taken < addresses.size()) {
        LOG.log(
            Level.WARNING,
            "the mail relay refused {0} of {1} contacts of certificate {2} in vault {3}",
            addresses.size() - taken,
            addresses.size(),
            certificate.object().name(),
            certificate.container().name());
      }
    } catch (ContactMail.Undelivered e) {
      failed.incrementAndGet();
      trouble = Optional.of(e.getMessage());
      LOG.log(
          Level.WARNING,
          "mail to the contacts of certificate {0} in vault {1} failed and is tried again: {2}",
          certificate.object().name(),
          certificate.container().name(),
          e.getMessage());
      return change(
          row,
          Operation.CERTIFICATE_CONTACTS_MAIL_FAILED,
          now,
          (tx, live) -> postpone(tx, row, live, now));
    }
    sent.incrementAndGet();
    trouble = Optional.empty();
    return change(row, Operation.CERTIFICATE_CONTACTS_MAIL, now, (_, _) -> {});
  }

  private static void postpone(Tx tx, DueRow row, Stored live, Instant now) {
    CertificateCodec.Notice notice =
        CertificateCodec.whole(live.object())
            .notice()
            .orElse(new CertificateCodec.Notice(live.version().id().hex(), 0));
    update(tx, live, new CertificateCodec.Notice(notice.version(), notice.failedMails() + 1));
    Duration pause = CertificateRenewal.pause(notice.failedMails());
    tx.putDue(due(row, now.plus(pause), tx.journalNumber()));
  }

  private static DueRow due(DueRow row, Instant at, long revision) {
    return new DueRow(MAIL, row.subject(), row.container(), at, revision);
  }

  private static void update(Tx tx, Stored live, CertificateCodec.Notice notice) {
    tx.update(
        live.object()
            .withDetails(
                Optional.of(
                    CertificateCodec.write(
                        CertificateCodec.whole(live.object()).notice(Optional.of(notice))))));
  }

  /** Removes the row, and does what belongs to that, for the certificate as it is in the change. */
  private Optional<Origin> change(
      DueRow row, Operation operation, Instant now, Objects.Also also) {
    Optional<Stored> newest = renewal.newest(row);
    if (newest.isEmpty()) {
      return Optional.empty();
    }
    Stored seen = newest.get();
    Origin origin = CertificateRenewal.origin(operation, now);
    try {
      store.change(
          origin,
          CertificateRenewal.note(row, seen),
          tx -> {
            CertificateRenewal.remove(tx, row);
            ObjectRow object =
                tx.findObject(row.subject())
                    .filter(live -> live.head() == seen.object().head())
                    .orElseThrow(Raced::new);
            also.apply(tx, new Stored(seen.container(), object, seen.version()));
            return null;
          });
      return Optional.of(origin);
    } catch (Raced e) {
      return Optional.empty();
    }
  }

  private List<String> addresses(Container container) {
    Optional<CertificateContacts> contacts =
        store.findRule(RuleKind.CERTIFICATE_CONTACTS, container.id().hex());
    Collection<String> distinct = new LinkedHashSet<>();
    contacts
        .map(CertificateContacts::contacts)
        .orElse(List.of())
        .forEach(contact -> distinct.add(contact.email()));
    return List.copyOf(distinct);
  }

  private static ContactMail.Message message(
      Stored certificate, Instant expires, List<String> addresses, Instant now) {
    String name = certificate.object().name();
    String vault = certificate.container().name();
    Id version = certificate.version().id();
    boolean renews =
        CertificateCodec.whole(certificate.object()).policy().actions().stream()
            .anyMatch(wanted -> wanted.action() == CertificatePolicy.Action.AUTO_RENEW);
    String day = DAY.format(expires.atOffset(ZoneOffset.UTC));
    return new ContactMail.Message(
        certificate.object().id().hex() + '.' + version.hex() + ".near-expiry",
        addresses,
        "Certificate " + name + " of vault " + vault + " expires on " + day,
        """
        The certificate %s of vault %s expires on %s, in %d days.

        Version: %s
        Expires: %s

        %s

        You get this mail because you are a contact of the vault's certificates.
        """
            .formatted(
                name,
                vault,
                day,
                ChronoUnit.DAYS.between(now, expires),
                version.hex(),
                expires,
                renews
                    ? "Its policy renews it before that."
                    : "It is not renewed by itself: create its next version before that."));
  }
}
