package dev.strongroom.vault;

import dev.strongroom.crypto.CertificateFacts;
import dev.strongroom.crypto.CertificateMaking;
import dev.strongroom.crypto.KeyBackend;
import dev.strongroom.crypto.Material;
import dev.strongroom.crypto.OpenKey;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.VaultException;
import dev.strongroom.model.X509Properties;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the next version of a certificate comes to be: by its own key, by whom the caller asks, or by an
 * issuer's adapter, at once or step by step.
 */
final class CertificateIssuing {
  /** How long before its making a self-signed certificate is valid, for clocks that are behind. */
  private static final Duration BACKDATED = Duration.ofMinutes(10);

  private final CertificateRows rows;
  private final Objects keys;
  private final KeyBackend backend;
  private final Lanes lanes;
  private final CertificateIssuers issuers;

  CertificateIssuing(
      CertificateRows rows,
      Objects keys,
      KeyBackend backend,
      Lanes lanes,
      CertificateIssuers issuers) {
    this.rows = rows;
    this.keys = keys;
    this.backend = backend;
    this.lanes = lanes;
    this.issuers = issuers;
  }

  /** Begins the next version, and completes it where nobody has to be waited for. */
  Stored begin(
      CertificateRows.Start start,
      CertificateCodec.Whole whole,
      CertificateChange change,
      Origin origin) {
    // because an issuer that is not there is refused before a key is made for it
    CertificateIssuers.Maker maker =
        issuers.maker(start.container(), whole.policy().issuer());
    try (Material key = keyOf(whole.policy(), start.seen())) {
      return begin(start, maker, whole, key, change, origin);
    }
  }

  private Stored begin(
      CertificateRows.Start start,
      CertificateIssuers.Maker maker,
      CertificateCodec.Whole whole,
      Material key,
      CertificateChange change,
      Origin origin) {
    return switch (maker) {
      case CertificateIssuers.Self() ->
          issueSelf(start, whole, key, change, origin, Objects.Also.NOTHING);
      case CertificateIssuers.Unknown() ->
          keep(
              start,
              whole,
              asking(start, whole.policy(), key, change),
              origin,
              CertificateRenewal::schedule);
      case CertificateIssuers.Refused(PendingCertificate.Failure failure) ->
          keep(
              start,
              whole,
              asking(start, whole.policy(), key, change).failed(failure),
              origin,
              CertificateRenewal::schedule);
      case CertificateIssuers.Asked asked -> {
        PendingCertificate pending = asking(start, whole.policy(), asked, key, change);
        yield switch (first(start, asked, whole, pending, key, origin)) {
          case IssuerAdapter.Issued issued ->
              complete(start, issued, whole, pending, key, origin, Objects.Also.NOTHING);
          case IssuerAdapter.Waiting(Optional<String> state, Instant next) ->
              keep(
                  start,
                  whole,
                  pending.at(state),
                  origin,
                  (tx, stored) -> {
                    CertificateRenewal.schedule(tx, stored);
                    CertificateRenewal.scheduleIssue(tx, stored, next);
                  });
          case IssuerAdapter.Failed(String code, String message) ->
              keep(
                  start,
                  whole,
                  pending.failed(new PendingCertificate.Failure(code, message)),
                  origin,
                  CertificateRenewal::schedule);
        };
      }
    };
  }

  private Stored keep(
      CertificateRows.Start start,
      CertificateCodec.Whole whole,
      PendingCertificate pending,
      Origin origin,
      Objects.Also also) {
    return rows.keep(
        start, whole.pending(Optional.of(pending)), pending.keepOrder(), origin, also);
  }

  private IssuerAdapter.Outcome first(
      CertificateRows.Start start,
      CertificateIssuers.Asked asked,
      CertificateCodec.Whole whole,
      PendingCertificate pending,
      Material key,
      Origin origin) {
    IssuerAdapter.Request request =
        step(start, asked, whole, pending, key.publicJwk(), origin.time());
    return lanes.run(Operation.CERTIFICATE_CREATE, () -> asked.adapter().begin(request));
  }

  private static IssuerAdapter.Request step(
      CertificateRows.Start start,
      CertificateIssuers.Asked asked,
      CertificateCodec.Whole whole,
      PendingCertificate pending,
      PublicJwk key,
      Instant now) {
    return new IssuerAdapter.Request(
        start.container(),
        start.name(),
        start.object(),
        start.version(),
        pending.requestId(),
        asked.issuer(),
        pending.under(whole.policy()),
        pending.csr(),
        key,
        pending.state(),
        now);
  }

  /** An operation with a signing request of this key. */
  private PendingCertificate asking(
      CertificateRows.Start start,
      CertificatePolicy policy,
      Material key,
      CertificateChange change) {
    return waiting(start, policy, request(policy.x509(), key), key, change);
  }

  /** The same with what its issuer wants to be told. */
  private PendingCertificate asking(
      CertificateRows.Start start,
      CertificatePolicy policy,
      CertificateIssuers.Asked asked,
      Material key,
      CertificateChange change) {
    byte[] csr = request(asked.adapter().requested(policy.x509()), key);
    return waiting(start, policy, csr, key, change);
  }

  /** An operation that has not ended, with its key. */
  private PendingCertificate waiting(
      CertificateRows.Start start,
      CertificatePolicy policy,
      byte[] csr,
      Material key,
      CertificateChange change) {
    return new PendingCertificate(
        Randoms.id().hex(),
        start.version().hex(),
        policy.issuer().name(),
        csr,
        PendingCertificate.Status.IN_PROGRESS,
        false,
        Optional.empty(),
        Optional.of(Base64.getEncoder().encodeToString(rows.sealKey(start, key).bytes())),
        Optional.of(key.publicJwk().stored()),
        change.keepOrder().orElse(false),
        change.enabled().orElse(true),
        change.tags().orElse(Map.of()),
        Optional.empty(),
        Optional.of(policy));
  }

  /** Writes what an issuer has made of an operation. */
  private Stored complete(
      CertificateRows.Start start,
      IssuerAdapter.Issued made,
      CertificateCodec.Whole whole,
      PendingCertificate pending,
      Material key,
      Origin origin,
      Objects.Also also) {
    CertificateFacts.Chain chain =
        CertificateFacts.chain(made.chain(), key.publicJwk(), pending.keepOrder());
    return issue(
        start,
        new CertificateRows.Issued(
            key,
            chain.leaf(),
            chain.certificates(),
            pending.under(whole.policy()),
            pending.keepOrder(),
            pending.enabled(),
            pending.tags()),
        whole.pending(Optional.of(pending.ended(PendingCertificate.Status.COMPLETED))),
        origin,
        (tx, stored) -> {
          also.apply(tx, stored);
          made.recording().apply(tx);
        });
  }

  private Stored issueSelf(
      CertificateRows.Start start,
      CertificateCodec.Whole whole,
      Material key,
      CertificateChange change,
      Origin origin,
      Objects.Also also) {
    CertificatePolicy policy = whole.policy();
    Instant now = Objects.seconds(origin.time());
    byte[][] made =
        lanes.run(
            Operation.CERTIFICATE_CREATE,
            () -> {
              try (OpenKey open = backend.open(key)) {
                return new byte[][] {
                  CertificateMaking.request(policy.x509(), open),
                  CertificateMaking.selfSigned(
                      policy.x509(), open, now.minus(BACKDATED), policy.expires(now))
                };
              }
            });
    return complete(
        start,
        new IssuerAdapter.Issued(List.of(made[1]), IssuerAdapter.Recording.NOTHING),
        whole,
        waiting(start, policy, made[0], key, change),
        key,
        origin,
        also);
  }

  /** Writes a version that is there whole. */
  Stored issue(
      CertificateRows.Start start,
      CertificateRows.Issued issued,
      CertificateCodec.Whole whole,
      Origin origin,
      Objects.Also also) {
    return rows.issue(
        start,
        issued,
        whole.failedRenewals(0),
        origin,
        (tx, stored) -> {
          // because who renews first takes away the row that this replaces
          also.apply(tx, stored);
          CertificateRenewal.schedule(tx, stored);
        });
  }

  private byte[] request(X509Properties wanted, Material key) {
    return lanes.run(
        Operation.CERTIFICATE_CREATE,
        () -> {
          try (OpenKey open = backend.open(key)) {
            return CertificateMaking.request(wanted, open);
          }
        });
  }

  private Material keyOf(CertificatePolicy policy, Optional<Stored> seen) {
    boolean mayBeReused =
        seen.map(stored -> CertificateCodec.version(stored.version()))
            .filter(version -> version.certificate().isPresent())
            // because a key that was made to stay does not leave under a later policy
            .filter(
                version -> !policy.key().exportable() || version.exported().orElse(false))
            .isPresent();
    if (policy.key().reuse() && mayBeReused) {
      Material key = rows.key(seen.get(), keys);
      if (policy.key().fits(key.publicJwk())) {
        return key;
      }
      key.close();
    }
    return backend.generate(policy.key().spec());
  }

  static void requireNonePending(Optional<Stored> seen) {
    boolean isPending =
        seen.flatMap(stored -> CertificateCodec.whole(stored.object()).pending())
            .filter(PendingCertificate::isInProgress)
            .isPresent();
    if (isPending) {
      throw VaultException.of(ErrorCode.CERTIFICATE_PENDING);
    }
  }

  /** The start of an operation that was stored. */
  static CertificateRows.Start again(Stored seen, PendingCertificate pending) {
    return new CertificateRows.Start(
        seen.container(),
        new ObjectName(seen.object().name()),
        Optional.of(seen),
        seen.object().id(),
        seen.object().objectKey(),
        pending.versionId());
  }

  /**
   * Makes the next version as the policy says, behind the one that was seen, or begins to.
   *
   * @return why there will be none
   */
  Optional<PendingCertificate.Failure> renew(Stored newest, Origin origin, Objects.Also also) {
    CertificateCodec.Whole whole = CertificateCodec.whole(newest.object());
    requireNonePending(Optional.of(newest));
    CertificatePolicy policy = whole.policy();
    CertificateIssuers.Maker maker = issuers.maker(newest.container(), policy.issuer());
    if (maker instanceof CertificateIssuers.Refused(PendingCertificate.Failure failure)) {
      return Optional.of(failure);
    }
    if (maker instanceof CertificateIssuers.Unknown) {
      return Optional.of(
          new PendingCertificate.Failure(
              ErrorCode.CERTIFICATE_ISSUER_ERROR.wire(),
              "Nobody can be asked for what an unknown issuer signs."));
    }
    CertificateRows.Start start =
        rows.start(
            newest.container(), new ObjectName(newest.object().name()), Optional.of(newest));
    CertificateChange change =
        new CertificateChange(
            Optional.of(true),
            Optional.of(newest.version().tags()),
            Optional.of(CertificateCodec.version(newest.version()).keepOrder()));
    try (Material key = keyOf(policy, Optional.of(newest))) {
      if (!(maker instanceof CertificateIssuers.Asked asked)) {
        issueSelf(start, whole, key, change, origin, also);
        return Optional.empty();
      }
      PendingCertificate pending = asking(start, policy, asked, key, change);
      return switch (first(start, asked, whole, pending, key, origin)) {
        case IssuerAdapter.Issued issued -> {
          complete(start, issued, whole, pending, key, origin, also);
          yield Optional.empty();
        }
        case IssuerAdapter.Waiting(Optional<String> state, Instant next) -> {
          keep(
              start,
              whole,
              pending.at(state),
              origin,
              (tx, stored) -> {
                also.apply(tx, stored);
                CertificateRenewal.schedule(tx, stored);
                CertificateRenewal.scheduleIssue(tx, stored, next);
              });
          yield Optional.empty();
        }
        case IssuerAdapter.Failed(String code, String message) ->
            Optional.of(new PendingCertificate.Failure(code, message));
      };
    }
  }

  /**
   * Takes the next step of an operation that was seen in progress.
   *
   * @return the operation of the change that was made
   */
  Origin proceed(Stored seen, PendingCertificate pending, Instant now, Objects.Also also) {
    CertificateCodec.Whole whole = CertificateCodec.whole(seen.object());
    CertificateRows.Start start = again(seen, pending);
    try (Material key = rows.waitingKey(seen)) {
      IssuerAdapter.Outcome outcome = next(start, whole, pending, key.publicJwk(), now);
      if (outcome instanceof IssuerAdapter.Issued issued) {
        Origin origin = CertificateRenewal.origin(Operation.CERTIFICATE_ISSUE, now);
        try {
          complete(start, issued, whole, pending, key, origin, also);
          return origin;
        } catch (VaultException e) {
          if (e.code().status() >= 500 || e.code() == ErrorCode.BUSY) {
            throw e;
          }
          // because it is no certificate, or not of this key
          outcome =
              new IssuerAdapter.Failed(
                  ErrorCode.CERTIFICATE_ISSUER_ERROR.wire(), e.getMessage());
        }
      }
      return switch (outcome) {
        case IssuerAdapter.Waiting(Optional<String> state, Instant at) -> {
          Origin origin =
              CertificateRenewal.origin(Operation.CERTIFICATE_ISSUE_WAITING, now);
          keep(
              start,
              whole,
              pending.at(state),
              origin,
              (tx, stored) -> {
                also.apply(tx, stored);
                CertificateRenewal.scheduleIssue(tx, stored, at);
              });
          yield origin;
        }
        case IssuerAdapter.Failed(String code, String message) -> {
          Origin origin = CertificateRenewal.origin(Operation.CERTIFICATE_ISSUE_FAILED, now);
          keep(
              start,
              whole,
              pending.failed(new PendingCertificate.Failure(code, message)),
              origin,
              also);
          yield origin;
        }
        case IssuerAdapter.Issued _ -> throw new IllegalStateException("was written above");
      };
    }
  }

  private IssuerAdapter.Outcome next(
      CertificateRows.Start start,
      CertificateCodec.Whole whole,
      PendingCertificate pending,
      PublicJwk key,
      Instant now) {
    CertificatePolicy.Issuer wanted = pending.under(whole.policy()).issuer();
    CertificateIssuers.Maker maker;
    try {
      maker =
          issuers.maker(
              start.container(),
              new CertificatePolicy.Issuer(
                  pending.issuer(), wanted.certificateType(), wanted.transparency()));
    } catch (VaultException e) {
      return new IssuerAdapter.Failed(ErrorCode.CERTIFICATE_ISSUER_ERROR.wire(), e.getMessage());
    }
    return switch (maker) {
      case CertificateIssuers.Asked asked ->
          asked.adapter().proceed(step(start, asked, whole, pending, key, now));
      case CertificateIssuers.Refused(PendingCertificate.Failure failure) ->
          new IssuerAdapter.Failed(failure.code(), failure.message());
      case CertificateIssuers.Self(), CertificateIssuers.Unknown() ->
          throw new IllegalStateException("no steps are due of " + pending.issuer());
    };
  }
}
