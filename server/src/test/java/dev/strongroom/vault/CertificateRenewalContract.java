package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.model.CertificateKeyUsage;
import dev.strongroom.model.KeyType;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Origin;
import dev.strongroom.model.SubjectNames;
import dev.strongroom.seal.Seal;
import dev.strongroom.store.DueRow;
import dev.strongroom.store.JournalRow;
import dev.strongroom.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is due of certificates; each kind of store runs it. */
abstract class CertificateRenewalContract {
  private static final ObjectName NAME = new ObjectName("Site");
  private static final Instant SECOND = OpenVault.START.truncatedTo(ChronoUnit.SECONDS);
  private static final Instant MADE = SECOND.minus(Duration.ofMinutes(10));
  private static final Instant EXPIRES = Instant.parse("2027-03-01T12:00:00Z");
  private static final Instant FAR = Instant.parse("2999-01-01T00:00:00Z");

  // kept, because java.util.logging forgets a logger that nobody has
  private static final Logger LOG = Logger.getLogger(CertificateRenewal.class.getName());

  private final OpenVault vault = new OpenVault(this::open);

  /** An empty store. */
  abstract Store open(Seal seal);

  @AfterEach
  void close() {
    vault.store.close();
  }

  static CertificatePolicy.Wanted policy(
      String issuer, CertificatePolicy.LifetimeAction... actions) {
    return new CertificatePolicy.Wanted(
        Optional.of(KeyType.EC),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of("CN=site.test"),
        Optional.empty(),
        Optional.of(SubjectNames.NONE),
        Optional.of(List.of(CertificateKeyUsage.DIGITAL_SIGNATURE)),
        Optional.of(12),
        Optional.empty(),
        Optional.empty(),
        Optional.of(List.of(actions)),
        Optional.of(new CertificatePolicy.Issuer(issuer, Optional.empty(), Optional.empty())));
  }

  private static CertificatePolicy.LifetimeAction renewal(int daysBefore) {
    return new CertificatePolicy.LifetimeAction(
        CertificatePolicy.Action.AUTO_RENEW, Optional.empty(), Optional.of(daysBefore));
  }

  static CertificatePolicy.LifetimeAction mail(int percentage) {
    return new CertificatePolicy.LifetimeAction(
        CertificatePolicy.Action.EMAIL_CONTACTS, Optional.of(percentage), Optional.empty());
  }

  private Certificate create(CertificatePolicy.Wanted policy) {
    return vault.certificates.create(
        vault.container, NAME, Optional.of(policy), CertificateChange.none(), vault.origin());
  }

  private void enabled(boolean wanted) {
    vault.certificates.update(
        vault.container,
        NAME,
        Optional.empty(),
        new CertificateChange(Optional.of(wanted), Optional.empty(), Optional.empty()),
        Optional.empty(),
        vault.origin());
  }

  private void issuer(String name) {
    vault.issuers.set(
        vault.container,
        name,
        new CertificateIssuers.Wanted(
            Optional.of("DigiCert"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()),
        vault.origin());
  }

  private Certificate newest() {
    return vault.certificates.get(vault.container, NAME, Optional.empty());
  }

  private List<Certificate> versions() {
    return vault.certificates.listVersions(vault.container, NAME, 0, 100);
  }

  private List<DueRow> due() {
    return vault.store.due(FAR, 10).stream()
        .filter(row -> !row.kind().equals("certificate-purge"))
        .toList();
  }

  private void dueIs(Map<String, Instant> expected) {
    assertThat(due())
        .allSatisfy(row -> assertThat(expected).containsEntry(row.kind(), row.at()))
        .hasSameSizeAs(expected.entrySet());
  }

  private DueRow row() {
    return due().getFirst();
  }

  private Optional<Origin> renew(Certificates by, DueRow row) {
    vault.now = row.at();
    return by.renewal().renew(row, vault.now);
  }

  @Test
  void due_actionsOfThePolicy_areCountedInTheLifeOfTheVersion() {
    create(policy("Self", renewal(30), mail(50)));
    Instant half = MADE.plus(Duration.between(MADE, EXPIRES).dividedBy(2));
    dueIs(
        Map.of(
            CertificateRenewal.RENEW,
            EXPIRES.minus(Duration.ofDays(30)),
            CertificateRenewal.NOTICE,
            half));
    vault.certificates.setPolicy(
        vault.container, NAME, policy("Self", renewal(10)), vault.origin());
    dueIs(Map.of(CertificateRenewal.RENEW, EXPIRES.minus(Duration.ofDays(10))));
  }

  @Test
  void due_disabledDeletedOrPending_isNothing() {
    create(policy("Self", renewal(30)));
    enabled(false);
    dueIs(Map.of());
    enabled(true);
    assertThat(due()).hasSize(1);
    vault.certificates.delete(vault.container, NAME, vault.origin());
    dueIs(Map.of());
    vault.certificates.recover(vault.container, NAME, vault.origin());
    assertThat(due()).hasSize(1);
    vault.certificates.create(
        vault.container,
        new ObjectName("Other"),
        Optional.of(policy("Unknown", mail(80))),
        CertificateChange.none(),
        vault.origin());
    assertThat(due()).hasSize(1);
  }

  @Test
  void create_underAnotherPolicyThatCompletesNothing_movesWhatIsDue() {
    create(policy("Self", renewal(30)));
    create(policy("Unknown", mail(50)));
    Instant half = MADE.plus(Duration.between(MADE, EXPIRES).dividedBy(2));
    dueIs(Map.of(CertificateRenewal.NOTICE, half));
    vault.certificates.cancel(vault.container, NAME, vault.origin());
    dueIs(Map.of(CertificateRenewal.NOTICE, half));
    issuer("Mine");
    assertThat(create(policy("Mine", renewal(20))).pending().orElseThrow().failure()).isPresent();
    dueIs(Map.of(CertificateRenewal.RENEW, EXPIRES.minus(Duration.ofDays(20))));
  }

  @Test
  void update_policyBesideAnOldVersion_movesWhatIsDueOfTheNewest() {
    Certificate first = create(policy("Self", renewal(30)));
    renew(vault.certificates, row());
    vault.certificates.update(
        vault.container,
        NAME,
        Optional.of(first.object().version()),
        CertificateChange.none(),
        Optional.of(policy("Self", renewal(10))),
        vault.origin());
    dueIs(
        Map.of(
            CertificateRenewal.RENEW,
            newest().object().attributes().expires().orElseThrow().minus(Duration.ofDays(10))));
  }

  @Test
  void renew_due_makesTheNextVersionAndKeepsTheOldReadable() {
    Certificate first = create(policy("Self", renewal(30)));
    DueRow row = row();
    Optional<Origin> done = renew(vault.certificates, row);
    assertThat(done.orElseThrow().operation()).isEqualTo("CertificateRenew");
    assertThat(done.get().journal()).isPresent();
    assertThat(versions()).hasSize(2);
    assertThat(newest().object().attributes().expires())
        .contains(Instant.parse("2028-01-30T12:00:00Z"));
    assertThat(newest().der().orElseThrow()).isNotEqualTo(first.der().orElseThrow());
    assertThat(
            vault
                .certificates
                .get(vault.container, NAME, Optional.of(first.object().version()))
                .der()
                .orElseThrow())
        .isEqualTo(first.der().orElseThrow());
    assertThat(vault.get(vault.container, "Site", Optional.of(first.object().version())))
        .isNotEqualTo(vault.get("Site"));
    dueIs(
        Map.of(
            CertificateRenewal.RENEW,
            Instant.parse("2028-01-30T12:00:00Z").minus(Duration.ofDays(30))));
    assertThat(renew(vault.certificates, row)).isEmpty();
    assertThat(versions()).hasSize(2);
  }

  @Test
  void renew_serverDiesBeforeOrAfterTheCommit_isDoneOnce() {
    create(policy("Self", renewal(30)));
    DueRow row = row();
    BetweenStore dying = new BetweenStore(vault.store);
    Runnable death =
        () -> {
          throw new IllegalStateException("died");
        };
    dying.endOfEveryChange(death);
    assertThatThrownBy(() -> renew(vault.certificatesOf(dying), row)).hasMessage("died");
    assertThat(versions()).hasSize(1);
    dying.endOfEveryChange(() -> {});
    dying.afterEveryChange(death);
    assertThatThrownBy(() -> renew(vault.certificatesOf(dying), row)).hasMessage("died");
    assertThat(versions()).hasSize(2);
    assertThat(renew(vault.certificates, row)).isEmpty();
    assertThat(versions()).hasSize(2);
    assertThat(renewals()).isEqualTo(1);
  }

  @Test
  void renew_anotherNodeCameFirst_doesNothing() {
    create(policy("Self", renewal(30)));
    DueRow row = row();
    BetweenStore slow = new BetweenStore(vault.store);
    slow.beforeChange(() -> renew(vault.certificates, row));
    assertThat(renew(vault.certificatesOf(slow), row)).isEmpty();
    assertThat(versions()).hasSize(2);
    assertThat(renewals()).isEqualTo(1);
  }

  @Test
  void renew_issuerThatCannotBeAsked_showsAndIsTriedAgainEverLater() {
    issuer("Mine");
    create(policy("Self", renewal(30)));
    Certificate before = newest();
    vault.certificates.setPolicy(
        vault.container, NAME, policy("Mine", renewal(30)), vault.origin());
    Duration pause = Duration.ofMinutes(1);
    List<String> logged = new ArrayList<>();
    Handler log = log(logged);
    for (int times = 0; times < 14; times++) {
      Optional<Origin> done = renew(vault.certificates, row());
      assertThat(done.orElseThrow().operation()).isEqualTo("CertificateRenewFailed");
      assertThat(row().at()).isEqualTo(vault.now.plus(pause));
      pause = pause.multipliedBy(2);
      pause = pause.compareTo(Duration.ofDays(1)) < 0 ? pause : Duration.ofDays(1);
    }
    LOG.removeHandler(log);
    assertThat(vault.certificates.renewal().failed()).isEqualTo(14);
    assertThat(logged)
        .hasSize(14)
        .contains(
            "certificate Site of vault Vault-1 has no next version, tried again in 120 s:"
                + " Certificate issuer error: This server cannot ask issuers of provider DigiCert"
                + " yet.");
    PendingCertificate pending = newest().pending().orElseThrow();
    assertThat(pending.status()).isEqualTo(PendingCertificate.Status.FAILED);
    assertThat(pending.failure().orElseThrow().code()).isEqualTo("Certificate issuer error");
    assertThat(newest().der().orElseThrow()).isEqualTo(before.der().orElseThrow());
    assertThat(newest().object().version()).isEqualTo(before.object().version());
    vault.certificates.setPolicy(
        vault.container, NAME, policy("Self", renewal(30)), vault.origin());
    assertThat(renew(vault.certificates, row()).orElseThrow().operation())
        .isEqualTo("CertificateRenew");
    assertThat(versions()).hasSize(2);
  }

  @Test
  void renew_whileAnotherOperationIsUnderWay_waitsForItsEnd() {
    create(policy("Self", renewal(30)));
    vault.certificates.create(
        vault.container,
        NAME,
        Optional.of(policy("Unknown", mail(80))),
        CertificateChange.none(),
        vault.origin());
    PendingCertificate waiting = newest().pending().orElseThrow();
    vault.certificates.setPolicy(
        vault.container, NAME, policy("Self", renewal(30)), vault.origin());
    assertThat(renew(vault.certificates, row()).orElseThrow().operation())
        .isEqualTo("CertificateRenewFailed");
    assertThat(newest().pending().orElseThrow().requestId()).isEqualTo(waiting.requestId());
    vault.certificates.cancel(vault.container, NAME, vault.origin());
    renew(vault.certificates, row());
    assertThat(versions()).hasSize(2);
  }

  private static Handler log(List<String> lines) {
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            lines.add(new SimpleFormatter().formatMessage(record));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    LOG.addHandler(handler);
    return handler;
  }

  private long renewals() {
    return Stream.of(vault.store.journal(0, 1_000))
        .flatMap(List::stream)
        .map(JournalRow::operation)
        .filter("CertificateRenew"::equals)
        .count();
  }
}
