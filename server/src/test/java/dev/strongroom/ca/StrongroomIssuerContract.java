package dev.strongroom.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.AuthorityMaking;
import dev.strongroom.crypto.CertificateFacts;
import dev.strongroom.crypto.JdkEngine;
import dev.strongroom.crypto.Ocsp;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.crypto.SoftwareKeys;
import dev.strongroom.model.Authority;
import dev.strongroom.model.CertificateKeyUsage;
import dev.strongroom.model.CertificateProfile;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.KeyType;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Origin;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.SubjectNames;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.Seal;
import dev.strongroom.store.DueRow;
import dev.strongroom.store.IssuedRow;
import dev.strongroom.store.JournalRow;
import dev.strongroom.store.Store;
import dev.strongroom.vault.Certificate;
import dev.strongroom.vault.CertificateChange;
import dev.strongroom.vault.CertificatePolicy;
import dev.strongroom.vault.CertificateRenewal;
import dev.strongroom.vault.OpenVault;
import dev.strongroom.vault.PendingCertificate;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPReqBuilder;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.UnknownStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the authority promises; each kind of store runs it. */
abstract class StrongroomIssuerContract {
  private static final ObjectName NAME = new ObjectName("Site");
  private static final Instant FAR = Instant.parse("2999-01-01T00:00:00Z");
  private static final String SERVER = "1.3.6.1.5.5.7.3.1";
  private static final String CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
  private static final String URL = "http://pki.example.test";

  private final SoftwareKeys backend = new SoftwareKeys(new JdkEngine());
  private final OpenVault vault =
      new OpenVault(
          this::open,
          (store, seal) ->
              List.of(new StrongroomIssuer(new Authorities(store, seal, backend))));
  private final Authorities authorities = new Authorities(vault.store, vault.seal, backend);
  private final Revocation revocation = new Revocation(vault.store, authorities);
  private final Publications publications =
      new Publications(vault.store, authorities, () -> vault.now);
  private final OcspResponder responder =
      new OcspResponder(vault.store, authorities, () -> vault.now);

  /** An empty store. */
  abstract Store open(Seal seal);

  @AfterEach
  void close() {
    vault.store.close();
  }

  private void init(String keyType) {
    init(keyType, List.of(), List.of());
  }

  private void init(String keyType, List<String> dns, List<String> networks) {
    authorities.init(
        new Authorities.Wanted(
            "Example",
            keyType,
            Optional.of(URL + '/'),
            new AuthorityMaking.Permitted(dns, networks),
            20,
            10),
        vault.origin());
  }

  /** What a test changes of a policy that is issued. */
  private record Policy(
      List<String> ekus,
      List<CertificateKeyUsage> usage,
      List<String> dns,
      List<String> addresses,
      int months,
      boolean authority,
      Optional<String> profile) {
    static final Policy GOOD =
        new Policy(
            List.of(SERVER),
            List.of(CertificateKeyUsage.DIGITAL_SIGNATURE),
            List.of("site.example.test"),
            List.of(),
            12,
            false,
            Optional.empty());

    CertificatePolicy.Wanted wanted() {
      return new CertificatePolicy.Wanted(
          Optional.of(KeyType.EC),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.of("CN=site.example.test"),
          Optional.of(ekus),
          Optional.of(new SubjectNames(List.of(), dns, List.of(), List.of(), addresses)),
          Optional.of(usage),
          Optional.of(months),
          Optional.of(authority),
          Optional.empty(),
          Optional.empty(),
          Optional.of(
              new CertificatePolicy.Issuer("strongroom", profile, Optional.empty())));
    }
  }

  private Certificate create(Policy policy) {
    return vault.certificates.create(
        vault.container,
        NAME,
        Optional.of(policy.wanted()),
        CertificateChange.none(),
        vault.origin());
  }

  private static X509Certificate x509(byte[] der) throws Exception {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(der));
  }

  private X509CRL list(Authority authority) throws Exception {
    return (X509CRL)
        CertificateFactory.getInstance("X.509")
            .generateCRL(
                new ByteArrayInputStream(
                    publications.list(authority.id().hex() + ".crl").orElseThrow().body()));
  }

  private IssuedRow issued(Certificate certificate) {
    return vault.store.findIssued(certificate.object().version()).orElseThrow();
  }

  private Authority issuing() {
    return authorities.required();
  }

  @Test
  void create_authorityOfTheDefaultKeyType_makesAChainThatIsValid() throws Exception {
    createdByAuthorityOf("P-384");
  }

  void createdByAuthorityOf(String keyType) throws Exception {
    init(keyType);
    Certificate made = create(Policy.GOOD);
    assertThat(made.pending().orElseThrow().status())
        .isEqualTo(PendingCertificate.Status.COMPLETED);
    X509Certificate leaf = x509(made.der().orElseThrow());
    X509Certificate issuer = x509(issuing().certificate());
    X509Certificate root = x509(authorities.issuerOf(issuing()).certificate());
    PKIXParameters trust = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
    trust.setRevocationEnabled(false);
    trust.setDate(Date.from(vault.now));
    CertPathValidator.getInstance("PKIX")
        .validate(
            CertificateFactory.getInstance("X.509").generateCertPath(List.of(leaf, issuer)),
            trust);
    assertThat(leaf.getSerialNumber().signum()).isPositive();
    assertThat(leaf.getSerialNumber().bitLength()).isEqualTo(129);
    assertThat(issued(made).serial()).isEqualTo(leaf.getSerialNumber().toString(16));
    assertThat(issuer.getBasicConstraints()).isZero();
    String text = new String(leaf.getEncoded(), StandardCharsets.ISO_8859_1);
    String id = issuing().id().hex();
    assertThat(text)
        .contains(URL + "/crl/" + id + ".crl", URL + "/ca/" + id + ".crt", URL + "/ocsp");
    list(issuing()).verify(issuer.getPublicKey());
    list(authorities.issuerOf(issuing())).verify(root.getPublicKey());
    try (var secret = vault.secrets.get(vault.container, NAME, Optional.empty()).value()) {
      assertThat(secret.length()).isPositive();
    }
  }

  @Test
  void create_noAuthority_isRefusedAndNothingIsThere() {
    assertThatThrownBy(() -> create(Policy.GOOD))
        .isInstanceOfSatisfying(
            VaultException.class,
            refusal ->
                assertThat(refusal.code()).isEqualTo(ErrorCode.CERTIFICATE_ISSUER_NOT_FOUND));
    assertThat(vault.store.countObjects(vault.container.id())).isZero();
  }

  @Test
  void create_whatTheProfileDoesNotPermit_isARejectedOperation() {
    init("P-256");
    Policy good = Policy.GOOD;
    for (Policy wrong :
        List.of(
            new Policy(
                List.of(CODE_SIGNING),
                good.usage(),
                good.dns(),
                List.of(),
                12,
                false,
                Optional.empty()),
            new Policy(
                List.of(), good.usage(), good.dns(), List.of(), 12, false, Optional.empty()),
            new Policy(
                good.ekus(),
                List.of(CertificateKeyUsage.CRL_SIGN),
                good.dns(),
                List.of(),
                12,
                false,
                Optional.empty()),
            new Policy(
                good.ekus(),
                List.of(
                    CertificateKeyUsage.DIGITAL_SIGNATURE, CertificateKeyUsage.KEY_ENCIPHERMENT),
                good.dns(),
                List.of(),
                12,
                false,
                Optional.empty()),
            new Policy(
                good.ekus(), good.usage(), good.dns(), List.of(), 14, false, Optional.empty()),
            new Policy(
                good.ekus(), good.usage(), good.dns(), List.of(), 12, true, Optional.empty()),
            new Policy(
                good.ekus(),
                good.usage(),
                good.dns(),
                List.of(),
                12,
                false,
                Optional.of("nobody")))) {
      Certificate rejected = create(wrong);
      PendingCertificate pending = rejected.pending().orElseThrow();
      assertThat(pending.status()).as(wrong.toString()).isEqualTo(PendingCertificate.Status.FAILED);
      assertThat(pending.failure().orElseThrow().code()).isEqualTo("Request rejected");
      assertThat(rejected.isIssued()).isFalse();
    }
    assertThat(vault.store.listIssued("", 10)).isEmpty();
    assertThat(create(good).isIssued()).isTrue();
  }

  @Test
  void create_profileOfTheOperator_isKeptToAndMayBeWider() {
    init("P-256");
    authorities.set(
        new CertificateProfile(
            "signers",
            1_000,
            List.of(CODE_SIGNING),
            List.of(CertificateKeyUsage.DIGITAL_SIGNATURE)),
        vault.origin());
    Certificate made =
        create(
            new Policy(
                List.of(CODE_SIGNING),
                List.of(CertificateKeyUsage.DIGITAL_SIGNATURE),
                List.of(),
                List.of(),
                24,
                false,
                Optional.of("signers")));
    assertThat(made.isIssued()).isTrue();
  }

  @Test
  void create_namesOutsideOfTheConstraints_areRejected() throws Exception {
    init("P-256", List.of("example.test"), List.of("10.0.0.0/8"));
    assertThat(x509(issuing().certificate()).getCriticalExtensionOIDs()).contains("2.5.29.30");
    Policy good = Policy.GOOD;
    for (Policy outside :
        List.of(
            new Policy(
                good.ekus(),
                good.usage(),
                List.of("site.other.test"),
                List.of(),
                12,
                false,
                Optional.empty()),
            new Policy(
                good.ekus(),
                good.usage(),
                good.dns(),
                List.of("192.0.2.1"),
                12,
                false,
                Optional.empty()))) {
      assertThat(create(outside).pending().orElseThrow().failure().orElseThrow().message())
          .contains("does not permit the name");
    }
    assertThat(
            create(
                    new Policy(
                        good.ekus(),
                        good.usage(),
                        good.dns(),
                        List.of("10.1.2.3"),
                        12,
                        false,
                        Optional.empty()))
                .isIssued())
        .isTrue();
  }

  @Test
  void create_beyondTheEndOfTheAuthority_isRejected() {
    init("P-256");
    vault.pass(Duration.ofDays(3_500));
    assertThat(create(Policy.GOOD).pending().orElseThrow().failure().orElseThrow().message())
        .contains("ends on");
  }

  @Test
  void init_twiceOrWithNonsense_isRefused() {
    init("P-256");
    assertThatThrownBy(() -> init("P-256"))
        .isInstanceOf(CaException.class)
        .hasMessageContaining("already");
    OpenVault other = new OpenVault();
    Authorities empty = new Authorities(other.store, other.seal, backend);
    AuthorityMaking.Permitted all = new AuthorityMaking.Permitted(List.of(), List.of());
    AuthorityMaking.Permitted half =
        new AuthorityMaking.Permitted(List.of("example.test"), List.of());
    for (Authorities.Wanted wrong :
        List.of(
            new Authorities.Wanted("", "P-256", Optional.empty(), all, 20, 10),
            new Authorities.Wanted("a,O=b", "P-256", Optional.empty(), all, 20, 10),
            new Authorities.Wanted("a", "P-192", Optional.empty(), all, 20, 10),
            new Authorities.Wanted("a", "P-256", Optional.of("https://a"), all, 20, 10),
            new Authorities.Wanted("a", "P-256", Optional.of("http://a?b"), all, 20, 10),
            new Authorities.Wanted("a", "P-256", Optional.empty(), half, 20, 10),
            new Authorities.Wanted("a", "P-256", Optional.empty(), all, 10, 20))) {
      assertThatThrownBy(() -> empty.init(wrong, other.origin()))
          .as(wrong.toString())
          .isInstanceOf(CaException.class);
    }
    assertThat(other.store.rules(RuleKind.AUTHORITY)).isEmpty();
  }

  @Test
  void keys_ofTheAuthority_areSealedAndNoObjectOfAVault() {
    init("P-256");
    assertThat(vault.store.countObjects(vault.container.id())).isZero();
    for (Authority one : vault.store.rules(RuleKind.AUTHORITY)) {
      assertThat(one.toString()).doesNotContain(one.publicKey());
      assertThat(vault.store.findObject(one.id())).isEmpty();
    }
  }

  @Test
  void revoke_bySerialOrUrl_isInTheListAndInOcspFromThenOn() throws Exception {
    init("P-256");
    Certificate first = create(Policy.GOOD);
    Certificate second = create(Policy.GOOD);
    assertThat(status(issued(first).serial())).isEqualTo(CertificateStatus.GOOD);
    assertThat(list(issuing()).getRevokedCertificates()).isNull();
    byte[] before = answer(issued(first).serial());
    assertThat(answer(issued(first).serial())).isEqualTo(before);
    vault.pass(Duration.ofMinutes(1));
    Origin origin = vault.origin();
    revocation.revoke(
        "https://vault-1.vault.example.test/certificates/site", Reason.SUPERSEDED, origin);
    revocation.revoke(
        issued(first).serial().toUpperCase().replaceAll("(..)(?=.)", "$1:"),
        Reason.KEY_COMPROMISE,
        vault.origin());
    assertThat(origin.journal()).isPresent();
    JournalRow journal = vault.store.journal(origin.journal().orElseThrow() - 1, 1).getFirst();
    assertThat(journal.note().version()).contains(second.object().version());
    X509CRL list = list(issuing());
    assertThat(list.getRevokedCertificates()).hasSize(2);
    X509CRLEntry entry = list.getRevokedCertificate(x509(first.der().orElseThrow()));
    assertThat(entry.getRevocationReason())
        .isEqualTo(java.security.cert.CRLReason.KEY_COMPROMISE);
    assertThat(status(issued(first).serial())).isInstanceOf(RevokedStatus.class);
    assertThat(status(issued(second).serial())).isInstanceOf(RevokedStatus.class);
    assertThat(status("abcdef")).isInstanceOf(UnknownStatus.class);
    assertThatThrownBy(
            () ->
                revocation.revoke(issued(first).serial(), Reason.SUPERSEDED, vault.origin()))
        .isInstanceOf(CaException.class)
        .hasMessageContaining("already");
    for (String nobody :
        List.of("abcdef", "zz", "https://vault-1.vault.test/certificates/none", "https://v/x")) {
      assertThatThrownBy(
              () -> revocation.revoke(nobody, Reason.UNSPECIFIED, vault.origin()))
          .as(nobody)
          .isInstanceOf(CaException.class);
    }
  }

  @Test
  void revoke_objectThatWasPurged_isStillPossible() {
    init("P-256");
    Certificate made = create(Policy.GOOD);
    String serial = issued(made).serial();
    vault.certificates.delete(vault.container, NAME, vault.origin());
    vault.certificates.purge(vault.container, NAME, vault.origin());
    assertThat(revocation.revoke(serial, Reason.UNSPECIFIED, vault.origin()).revoked())
        .isPresent();
  }

  @Test
  void publish_halfOfTheLifeOver_makesTheNextListOnceAndRenewsTheResponder() throws Exception {
    init("P-256");
    Certificate made = create(Policy.GOOD);
    revocation.revoke(issued(made).serial(), Reason.UNSPECIFIED, vault.origin());
    BigInteger before = number(list(issuing()));
    Authority signer = authorities.responderOf(issuing()).orElseThrow();
    for (int round = 0; round < 12; round++) {
      for (DueRow row : publish()) {
        if (row.at().isAfter(vault.now)) {
          vault.now = row.at();
        }
        assertThat(revocation.publish(row, vault.now).orElseThrow().journal()).isPresent();
        assertThat(revocation.publish(row, vault.now)).isEmpty();
      }
    }
    X509CRL list = list(issuing());
    assertThat(number(list)).isEqualTo(before.add(BigInteger.valueOf(12)));
    assertThat(list.getNextUpdate().toInstant()).isAfter(vault.now);
    assertThat(list.getRevokedCertificates()).hasSize(1);
    Authority next = authorities.responderOf(issuing()).orElseThrow();
    assertThat(next.id()).isNotEqualTo(signer.id());
    assertThat(vault.store.rules(RuleKind.AUTHORITY)).hasSize(3);
    assertThat(status(issued(made).serial())).isInstanceOf(RevokedStatus.class);
    vault.pass(Duration.ofDays(400));
    publish().forEach(row -> revocation.publish(row, vault.now));
    assertThat(list(issuing()).getRevokedCertificates()).hasSize(1);
    vault.pass(Duration.ofHours(40));
    publish().forEach(row -> revocation.publish(row, vault.now));
    assertThat(list(issuing()).getRevokedCertificates()).isNull();
  }

  @Test
  void revoke_againAndAgain_renewsTheResponderToo() throws Exception {
    init("P-256");
    for (int day = 0; day < 40; day++) {
      vault.pass(Duration.ofDays(1));
      String serial = issued(create(Policy.GOOD)).serial();
      revocation.revoke(serial, Reason.SUPERSEDED, vault.origin());
      assertThat(status(serial)).isInstanceOf(RevokedStatus.class);
      Authority signer = authorities.responderOf(issuing()).orElseThrow();
      assertThat(Authorities.ends(signer.certificate()))
          .isAfter(vault.now.plus(Duration.ofDays(14)));
      assertThat(publish())
          .filteredOn(row -> row.subject().equals(issuing().id()))
          .allSatisfy(row -> assertThat(row.at()).isAfter(vault.now.plus(Duration.ofDays(1))));
    }
    assertThat(vault.store.rules(RuleKind.AUTHORITY)).hasSize(3);
  }

  @Test
  void publish_listsThatLastForAYear_renewsTheResponderInTime() {
    init("P-256");
    authorities.set(Optional.empty(), Optional.of(24 * 365), vault.origin());
    while (vault.now.isBefore(OpenVault.START.plus(Duration.ofDays(90)))) {
      for (DueRow row : publish()) {
        vault.now = row.at().isAfter(vault.now) ? row.at() : vault.now;
        assertThat(
                Authorities.ends(
                    authorities.responderOf(issuing()).orElseThrow().certificate()))
            .isAfter(vault.now.plus(Duration.ofDays(7)));
        revocation.publish(row, vault.now);
      }
    }
  }

  private List<DueRow> publish() {
    return vault.store.due(FAR, 20).stream()
        .filter(row -> row.kind().equals(Revocation.PUBLISH))
        .toList();
  }

  private static BigInteger number(X509CRL list) throws Exception {
    DEROctetString whole =
        (DEROctetString)
            DEROctetString.fromByteArray(list.getExtensionValue("2.5.29.20"));
    return new BigInteger(java.util.Arrays.copyOfRange(whole.getOctets(), 2, whole.getOctets().length));
  }

  @Test
  void rotate_intermediate_issuesByTheNewOneWhileTheOldOneGoesOnPublishing() throws Exception {
    init("P-256", List.of("example.test"), List.of("10.0.0.0/8"));
    Authority before = issuing();
    Certificate old = create(Policy.GOOD);
    vault.pass(Duration.ofDays(1));
    authorities.rotate(Optional.of("P-384"), 10, vault.origin());
    assertThat(authorities.intermediates())
        .extracting(Authority::id)
        .containsExactly(issuing().id(), before.id());
    Certificate made = create(Policy.GOOD);
    assertThat(issued(made).authority()).isEqualTo(issuing().id()).isNotEqualTo(before.id());
    X509Certificate issuer = x509(issuing().certificate());
    assertThat(issuer.getSubjectX500Principal().getName()).isEqualTo("CN=Example Issuing CA 2");
    assertThat(issuer.getExtensionValue("2.5.29.30"))
        .isEqualTo(x509(before.certificate()).getExtensionValue("2.5.29.30"));
    issuer.verify(x509(authorities.issuerOf(before).certificate()).getPublicKey());
    x509(made.der().orElseThrow()).verify(issuer.getPublicKey());

    revocation.revoke(issued(old).serial(), Reason.SUPERSEDED, vault.origin());
    assertThat(list(before).getRevokedCertificates()).hasSize(1);
    assertThat(list(issuing()).getRevokedCertificates()).isNull();
    assertThat(status(before, issued(old).serial())).isInstanceOf(RevokedStatus.class);
    assertThat(status(issued(made).serial())).isEqualTo(CertificateStatus.GOOD);
    assertThat(status(issued(old).serial())).isInstanceOf(UnknownStatus.class);
    assertThat(publish()).hasSize(3);

    vault.now = Authorities.ends(before.certificate()).plusSeconds(1);
    publish().forEach(row -> assertThat(revocation.publish(row, vault.now)).isPresent());
    assertThat(publish())
        .extracting(DueRow::subject)
        .containsExactlyInAnyOrder(issuing().id(), authorities.issuerOf(before).id());
  }

  @Test
  void rotate_whatCannotBe_isRefused() {
    assertThatThrownBy(() -> authorities.rotate(Optional.empty(), 10, vault.origin()))
        .isInstanceOf(CaException.class);
    init("P-256");
    for (int years : List.of(0, 51)) {
      assertThatThrownBy(() -> authorities.rotate(Optional.empty(), years, vault.origin()))
          .isInstanceOf(CaException.class);
    }
    assertThatThrownBy(() -> authorities.rotate(Optional.of("DSA"), 10, vault.origin()))
        .isInstanceOf(CaException.class);
    assertThat(authorities.intermediates()).hasSize(1);
    vault.pass(Duration.ofDays(366 * 15));
    authorities.rotate(Optional.empty(), 10, vault.origin());
    assertThat(Authorities.ends(issuing().certificate()))
        .isEqualTo(Authorities.ends(authorities.issuerOf(issuing()).certificate()));
    vault.pass(Duration.ofDays(366 * 6));
    assertThatThrownBy(() -> authorities.rotate(Optional.empty(), 10, vault.origin()))
        .hasMessageContaining("root has ended");
  }

  @Test
  void revoke_intermediate_isInTheRootsListAndIssuesNoMore() throws Exception {
    init("P-256");
    Certificate made = create(Policy.GOOD);
    Authority before = issuing();
    Authority root = authorities.issuerOf(before);
    String serial = AuthorityMaking.serial(before.certificate());
    revocation.revoke(serial, Reason.KEY_COMPROMISE, vault.origin());
    assertThat(list(root).getRevokedCertificate(x509(before.certificate()))).isNotNull();
    assertThat(create(Policy.GOOD).pending().orElseThrow().failure().orElseThrow().message())
        .contains("revoked");
    assertThat(vault.certificates.get(vault.container, NAME, Optional.empty()).der().orElseThrow())
        .isEqualTo(made.der().orElseThrow());
    assertThatThrownBy(
            () -> revocation.revoke(serial, Reason.UNSPECIFIED, vault.origin()))
        .hasMessageContaining("already");
    vault.pass(Duration.ofSeconds(1));
    authorities.rotate(Optional.empty(), 10, vault.origin());
    assertThat(create(Policy.GOOD).pending().orElseThrow().status())
        .isEqualTo(PendingCertificate.Status.COMPLETED);
    vault.pass(Duration.ofHours(40));
    publish().forEach(row -> revocation.publish(row, vault.now));
    assertThat(list(root).getRevokedCertificates()).hasSize(1);
    assertThat(list(root).isRevoked(x509(issuing().certificate()))).isFalse();
  }

  @Test
  void ocsp_moreThanABoundedRateOfWhatNobodyHas_isToComeAgain() throws Exception {
    init("P-256");
    String serial = issued(create(Policy.GOOD)).serial();
    int signed = 0;
    for (int i = 0; i < 100; i++) {
      int status = new OCSPResp(answer(Integer.toHexString(4_096 + i))).getStatus();
      assertThat(status).isIn(OCSPResp.SUCCESSFUL, OCSPResp.TRY_LATER);
      signed += status == OCSPResp.SUCCESSFUL ? 1 : 0;
    }
    assertThat(signed).isEqualTo(20);
    assertThat(status(serial)).isEqualTo(CertificateStatus.GOOD);
    vault.pass(Duration.ofSeconds(1));
    assertThat(status("abcdef")).isInstanceOf(UnknownStatus.class);
  }

  @Test
  void renew_due_makesTheNextVersionByTheAuthority() {
    init("P-256");
    Certificate first = create(Policy.GOOD);
    DueRow row =
        vault.store.due(FAR, 20).stream()
            .filter(one -> one.kind().equals(CertificateRenewal.RENEW))
            .findFirst()
            .orElseThrow();
    vault.now = row.at();
    assertThat(vault.certificates.renewal().renew(row, vault.now)).isPresent();
    Certificate next = vault.certificates.get(vault.container, NAME, Optional.empty());
    assertThat(next.object().version()).isNotEqualTo(first.object().version());
    assertThat(issued(next).serial()).isNotEqualTo(issued(first).serial());
    assertThat(CertificateFacts.read(next.der().orElseThrow()).notAfter())
        .isAfter(CertificateFacts.read(first.der().orElseThrow()).notAfter());
  }

  @Test
  void ocsp_whatIsNoQuestionOrOfAnotherIssuer_isAnsweredWithoutASignature() throws Exception {
    assertThat(new OCSPResp(responder.answer(request(new byte[20], "1")).body()).getStatus())
        .isEqualTo(OCSPResp.UNAUTHORIZED);
    init("P-256");
    for (byte[] wrong :
        List.of(new byte[0], new byte[] {0x30, 0}, Randoms.bytes(100), nested(100_000))) {
      assertThat(new OCSPResp(responder.answer(wrong).body()).getStatus())
          .isEqualTo(OCSPResp.MALFORMED_REQUEST);
    }
    assertThat(new OCSPResp(responder.answer(request(new byte[20], "1")).body()).getStatus())
        .isEqualTo(OCSPResp.UNAUTHORIZED);
    for (String path : List.of("", "/", "/%zz", "/####", "x", "/" + "A".repeat(5_000))) {
      assertThat(new OCSPResp(responder.get(path).body()).getStatus())
          .as(path)
          .isEqualTo(OCSPResp.MALFORMED_REQUEST);
    }
  }

  @Test
  void ocsp_get_isTheSameAsPost() throws Exception {
    init("P-256");
    String serial = issued(create(Policy.GOOD)).serial();
    String base64 = Base64.getEncoder().encodeToString(request(keyHash(), serial));
    assertThat(responder.get('/' + URLEncoder.encode(base64, StandardCharsets.US_ASCII)).body())
        .isEqualTo(answer(serial));
    assertThat(responder.get('/' + base64).body()).isEqualTo(answer(serial));
  }

  private static byte[] nested(int depth) {
    byte[] bytes = new byte[depth];
    for (int i = 0; i + 1 < depth; i += 2) {
      bytes[i] = 0x30;
      bytes[i + 1] = (byte) 0x80;
    }
    return bytes;
  }

  private byte[] keyHash() throws Exception {
    return keyHash(issuing());
  }

  private static byte[] keyHash(Authority issuer) throws Exception {
    return MessageDigest.getInstance("SHA-1")
        .digest(
            new X509CertificateHolder(issuer.certificate())
                .getSubjectPublicKeyInfo()
                .getPublicKeyData()
                .getBytes());
  }

  /** Of our issuer by name; whether by key too is the hash's matter. */
  private byte[] request(byte[] keyHash, String serial) throws Exception {
    return request(
        authorities.isSetUp()
            ? new X509CertificateHolder(issuing().certificate()).getSubject().getEncoded()
            : new byte[] {0x30, 0},
        keyHash,
        serial);
  }

  private static byte[] request(byte[] name, byte[] keyHash, String serial) throws Exception {
    return new OCSPReqBuilder()
        .addRequest(
            new CertificateID(
                new org.bouncycastle.asn1.ocsp.CertID(
                    new AlgorithmIdentifier(OIWObjectIdentifiers.idSHA1),
                    new DEROctetString(MessageDigest.getInstance("SHA-1").digest(name)),
                    new DEROctetString(keyHash),
                    new org.bouncycastle.asn1.ASN1Integer(new BigInteger(serial, 16)))))
        .build()
        .getEncoded();
  }

  private byte[] answer(String serial) throws Exception {
    return responder.answer(request(keyHash(), serial)).body();
  }

  private CertificateStatus status(String serial) throws Exception {
    return status(issuing(), serial);
  }

  private CertificateStatus status(Authority issuer, String serial) throws Exception {
    byte[] name = new X509CertificateHolder(issuer.certificate()).getSubject().getEncoded();
    OCSPResp whole =
        new OCSPResp(responder.answer(request(name, keyHash(issuer), serial)).body());
    assertThat(whole.getStatus()).isEqualTo(OCSPResp.SUCCESSFUL);
    BasicOCSPResp answer = (BasicOCSPResp) whole.getResponseObject();
    X509Certificate signer = x509(answer.getCerts()[0].getEncoded());
    signer.verify(x509(issuer.certificate()).getPublicKey());
    assertThat(signer.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.9");
    assertThat(signer.getExtensionValue("1.3.6.1.5.5.7.48.1.5")).isNotNull();
    assertThat(
            answer.isSignatureValid(
                new org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder()
                    .build(signer)))
        .isTrue();
    assertThat(Ocsp.questions(request(keyHash(), serial))).hasSize(1);
    return answer.getResponses()[0].getCertStatus();
  }
}
