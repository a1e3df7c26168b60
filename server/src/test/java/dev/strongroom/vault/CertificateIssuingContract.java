package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.CertificateMaking;
import dev.strongroom.crypto.KeyBackend;
import dev.strongroom.crypto.Material;
import dev.strongroom.crypto.OpenKey;
import dev.strongroom.model.CertificateKeyUsage;
import dev.strongroom.model.Collection;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.KeyType;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Origin;
import dev.strongroom.model.SubjectNames;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.Seal;
import dev.strongroom.store.DueRow;
import dev.strongroom.store.Store;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Issuers that take time, seen through one whose every answer a test says; each kind of store runs it.
 */
abstract class CertificateIssuingContract {
  private static final ObjectName NAME = new ObjectName("Site");
  private static final Instant FAR = Instant.parse("2999-01-01T00:00:00Z");
  private static final Runnable DEATH =
      () -> {
        throw new IllegalStateException("died");
      };

  private final Deque<Function<IssuerAdapter.Request, IssuerAdapter.Outcome>> answers =
      new ArrayDeque<>();
  private IssuerAdapter.Request last;
  private boolean offered = true;
  private final OpenVault vault = new OpenVault(this::open, (_, _) -> List.of(new Told()));

  /** An empty store. */
  abstract Store open(Seal seal);

  @AfterEach
  void close() {
    vault.store.close();
  }

  private final class Told implements IssuerAdapter {
    @Override
    public String provider() {
      return "Told";
    }

    @Override
    public boolean isOffered() {
      return offered;
    }

    @Override
    public Outcome begin(Request request) {
      last = request;
      return answers.remove().apply(request);
    }

    @Override
    public Outcome proceed(Request request) {
      return begin(request);
    }
  }

  private static CertificatePolicy.Wanted policy(String issuer) {
    return new CertificatePolicy.Wanted(
        Optional.of(KeyType.EC),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(true),
        Optional.empty(),
        Optional.of("CN=site.test"),
        Optional.empty(),
        Optional.of(SubjectNames.NONE),
        Optional.of(List.of(CertificateKeyUsage.DIGITAL_SIGNATURE)),
        Optional.of(12),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(new CertificatePolicy.Issuer(issuer, Optional.empty(), Optional.empty())));
  }

  private Certificate create(String issuer) {
    return vault.certificates.create(
        vault.container,
        NAME,
        Optional.of(policy(issuer)),
        CertificateChange.none(),
        vault.origin());
  }

  private void waits(String state) {
    answers.add(
        request ->
            new IssuerAdapter.Waiting(
                Optional.of(state), request.now().plus(Duration.ofSeconds(5))));
  }

  private void fails() {
    answers.add(_ -> new IssuerAdapter.Failed("Request rejected", "no"));
  }

  /** Whoever signs: the chain must have the key that was asked for, and that is all. */
  private void issues(IssuerAdapter.Recording recording) {
    answers.add(
        request ->
            new IssuerAdapter.Issued(
                List.of(signed(vault, request)), recording));
  }

  private byte[] signed(OpenVault of, IssuerAdapter.Request request) {
    try (Material key = waitingKey(of);
        OpenKey open = OpenVault.BACKEND.open(key)) {
      return CertificateMaking.selfSigned(
          request.policy().x509(),
          open,
          request.now(),
          request.policy().expires(request.now()));
    }
  }

  private static Material waitingKey(OpenVault of) {
    return new CertificateRows(
            of.store, of.seal, new Objects(Collection.CERTIFICATES, of.store, of.seal))
        .waitingKey(
            new Objects(Collection.CERTIFICATES, of.store, of.seal)
                .find(of.container, NAME, Optional.empty()));
  }

  private Optional<DueRow> due(String kind) {
    return vault.store.due(FAR, 10).stream().filter(row -> row.kind().equals(kind)).findFirst();
  }

  private Optional<Origin> proceed() {
    return proceed(vault.certificates);
  }

  private Optional<Origin> proceed(Certificates by) {
    DueRow row = due(CertificateRenewal.ISSUE).orElseThrow();
    if (row.at().isAfter(vault.now)) {
      vault.now = row.at();
    }
    return by.renewal().issue(row, vault.now);
  }

  private Certificate newest() {
    return vault.certificates.get(vault.container, NAME, Optional.empty());
  }

  private PendingCertificate pending() {
    return newest().pending().orElseThrow();
  }

  @Test
  void create_issuerThatIsNotThere_isRefusedBeforeAKeyIsMade() {
    offered = false;
    KeyBackend none =
        (KeyBackend)
            Proxy.newProxyInstance(
                KeyBackend.class.getClassLoader(),
                new Class<?>[] {KeyBackend.class},
                (_, method, _) -> {
                  throw new AssertionError("a key was asked for: " + method.getName());
                });
    Certificates certificates =
        new Certificates(
            vault.store, vault.seal, none, OpenVault.LANES, vault.issuers);
    for (String name : List.of("Nobody", "Told")) {
      assertThatThrownBy(
              () ->
                  certificates.create(
                      vault.container,
                      NAME,
                      Optional.of(policy(name)),
                      CertificateChange.none(),
                      vault.origin()))
          .isInstanceOfSatisfying(
              VaultException.class,
              refusal ->
                  assertThat(refusal.code()).isEqualTo(ErrorCode.CERTIFICATE_ISSUER_NOT_FOUND));
    }
    assertThat(vault.store.countObjects(vault.container.id())).isZero();
  }

  @Test
  void create_issuerThatTakesTime_goesOnStepByStepWithWhatTheLastStepLeft() {
    waits("first");
    Certificate begun = create("told");
    assertThat(begun.isIssued()).isFalse();
    assertThat(last.state()).isEmpty();
    assertThat(pending().status()).isEqualTo(PendingCertificate.Status.IN_PROGRESS);
    waits("second");
    assertThat(proceed().orElseThrow().operation()).isEqualTo("CertificateIssueWaiting");
    assertThat(last.state()).contains("first");
    assertThat(last.csr()).isEqualTo(pending().csr());
    issues(IssuerAdapter.Recording.NOTHING);
    assertThat(proceed().orElseThrow().operation()).isEqualTo("CertificateIssue");
    assertThat(last.state()).contains("second");
    assertThat(newest().isIssued()).isTrue();
    assertThat(newest().object().version()).isEqualTo(begun.object().version());
    assertThat(pending().status()).isEqualTo(PendingCertificate.Status.COMPLETED);
    assertThat(due(CertificateRenewal.ISSUE)).isEmpty();
    assertThat(due(CertificateRenewal.RENEW)).isPresent();
  }

  private void change(
      Optional<CertificatePolicy.SecretForm> form,
      Optional<String> subject,
      Optional<List<CertificatePolicy.LifetimeAction>> actions) {
    vault.certificates.setPolicy(
        vault.container,
        NAME,
        new CertificatePolicy.Wanted(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            form,
            subject,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            actions,
            Optional.empty()),
        vault.origin());
  }

  @Test
  void proceed_certificateForLessTimeThanAskedFor_isNotRenewedAtOnce() {
    waits("first");
    create("Told");
    change(
        Optional.empty(),
        Optional.empty(),
        Optional.of(
            List.of(
                new CertificatePolicy.LifetimeAction(
                    CertificatePolicy.Action.AUTO_RENEW, Optional.empty(), Optional.of(90)))));
    answers.add(
        request -> {
          try (Material key = waitingKey(vault);
              OpenKey open = OpenVault.BACKEND.open(key)) {
            byte[] shorter =
                CertificateMaking.selfSigned(
                    request.policy().x509(),
                    open,
                    request.now(),
                    request.now().plus(Duration.ofDays(90)));
            return new IssuerAdapter.Issued(List.of(shorter), IssuerAdapter.Recording.NOTHING);
          }
        });
    proceed();
    assertThat(due(CertificateRenewal.RENEW).orElseThrow().at())
        .isEqualTo(
            newest()
                .object()
                .attributes()
                .notBefore()
                .orElseThrow()
                .plus(Duration.ofDays(45)));
  }

  @Test
  void proceed_policyChangedMeanwhile_endsUnderTheOneThatItBeganWith() {
    waits("first");
    create("Told");
    CertificatePolicy began = newest().policy();
    change(
        Optional.of(CertificatePolicy.SecretForm.PEM),
        Optional.of("CN=other.test"),
        Optional.empty());
    waits("second");
    proceed();
    assertThat(last.policy()).isEqualTo(began);
    issues(IssuerAdapter.Recording.NOTHING);
    proceed();
    assertThat(last.policy()).isEqualTo(began);
    assertThat(
            vault.secrets.get(vault.container, NAME, Optional.empty()).object().contentType())
        .contains("application/x-pkcs12");
    assertThat(newest().policy().x509().subject()).isEqualTo("CN=other.test");
    assertThat(pending().policy()).isEmpty();
  }

  @Test
  void proceed_refusedByTheIssuer_isShownAndNotTriedAgain() {
    waits("first");
    create("Told");
    fails();
    assertThat(proceed().orElseThrow().operation()).isEqualTo("CertificateIssueFailed");
    assertThat(pending().failure())
        .contains(new PendingCertificate.Failure("Request rejected", "no"));
    assertThat(due(CertificateRenewal.ISSUE)).isEmpty();
    assertThat(due(CertificateRenewal.RENEW)).isEmpty();
  }

  @Test
  void proceed_certificateOfAnotherKey_failsTheOperation() {
    waits("first");
    create("Told");
    try (Material key = OpenVault.BACKEND.generate(last.policy().key().spec());
        OpenKey open = OpenVault.BACKEND.open(key)) {
      byte[] other =
          CertificateMaking.selfSigned(
              last.policy().x509(), open, vault.now, last.policy().expires(vault.now));
      answers.add(_ -> new IssuerAdapter.Issued(List.of(other), IssuerAdapter.Recording.NOTHING));
    }
    assertThat(proceed().orElseThrow().operation()).isEqualTo("CertificateIssueFailed");
    assertThat(pending().status()).isEqualTo(PendingCertificate.Status.FAILED);
    assertThat(newest().isIssued()).isFalse();
  }

  @Test
  void proceed_serverDiesBeforeOrAfterTheCommit_makesOneWholeCertificate() {
    waits("first");
    create("Told");
    BetweenStore dying = new BetweenStore(vault.store);
    dying.endOfEveryChange(DEATH);
    issues(IssuerAdapter.Recording.NOTHING);
    assertThatThrownBy(() -> proceed(vault.certificatesOf(dying))).hasMessage("died");
    assertThat(newest().isIssued()).isFalse();
    assertThat(pending().status()).isEqualTo(PendingCertificate.Status.IN_PROGRESS);
    assertThat(vault.store.countObjects(vault.container.id())).isEqualTo(1);
    dying.endOfEveryChange(() -> {});
    dying.afterEveryChange(DEATH);
    issues(IssuerAdapter.Recording.NOTHING);
    assertThatThrownBy(() -> proceed(vault.certificatesOf(dying))).hasMessage("died");
    assertThat(newest().isIssued()).isTrue();
    assertThat(vault.store.countObjects(vault.container.id())).isEqualTo(3);
    assertThat(due(CertificateRenewal.ISSUE)).isEmpty();
  }

  @Test
  void recording_thatRefuses_leavesNoCertificate() {
    waits("first");
    create("Told");
    issues(
        tx -> {
          throw VaultException.of(ErrorCode.CERTIFICATE_ISSUER_ERROR, "reason", "taken");
        });
    assertThat(proceed().orElseThrow().operation()).isEqualTo("CertificateIssueFailed");
    assertThat(newest().isIssued()).isFalse();
  }

  @Test
  void cancelDeleteAndRecover_operationInProgress_restsAndGoesOn() {
    waits("first");
    create("Told");
    vault.certificates.delete(vault.container, NAME, vault.origin());
    assertThat(due(CertificateRenewal.ISSUE)).isEmpty();
    vault.certificates.recover(vault.container, NAME, vault.origin());
    assertThat(due(CertificateRenewal.ISSUE)).isPresent();
    vault.certificates.cancel(vault.container, NAME, vault.origin());
    assertThat(due(CertificateRenewal.ISSUE)).isEmpty();
    assertThat(pending().status()).isEqualTo(PendingCertificate.Status.CANCELED);
  }

  @Test
  void renew_issuerThatTakesTimeAndFails_keepsTheVersionAndIsTriedAgain() {
    waits("first");
    create("Told");
    issues(IssuerAdapter.Recording.NOTHING);
    proceed();
    DueRow renew = due(CertificateRenewal.RENEW).orElseThrow();
    vault.now = renew.at();
    waits("renewing");
    assertThat(vault.certificates.renewal().renew(renew, vault.now).orElseThrow().operation())
        .isEqualTo("CertificateRenew");
    assertThat(newest().isIssued()).isTrue();
    vault.certificates.update(
        vault.container,
        NAME,
        Optional.empty(),
        CertificateChange.none(),
        Optional.empty(),
        vault.origin());
    assertThat(due(CertificateRenewal.RENEW).orElseThrow().at())
        .isEqualTo(vault.now.plus(Duration.ofHours(1)));
    fails();
    proceed();
    assertThat(newest().isIssued()).isTrue();
    assertThat(due(CertificateRenewal.RENEW).orElseThrow().at())
        .isEqualTo(vault.now.plus(Duration.ofMinutes(1)));
    renew = due(CertificateRenewal.RENEW).orElseThrow();
    vault.now = renew.at();
    waits("again");
    vault.certificates.renewal().renew(renew, vault.now);
    issues(IssuerAdapter.Recording.NOTHING);
    proceed();
    assertThat(vault.certificates.listVersions(vault.container, NAME, 0, 9)).hasSize(2);
    assertThat(due(CertificateRenewal.RENEW).orElseThrow().at()).isAfter(renew.at());
    assertThat(due(CertificateRenewal.ISSUE)).isEmpty();
  }
}
