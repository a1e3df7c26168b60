package dev.strongroom.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.CertificateFacts;
import dev.strongroom.crypto.CertificateMaking;
import dev.strongroom.crypto.JdkEngine;
import dev.strongroom.crypto.Material;
import dev.strongroom.crypto.OpenKey;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.crypto.SoftwareKeys;
import dev.strongroom.model.CertificateIssuer;
import dev.strongroom.model.CertificateKeyUsage;
import dev.strongroom.model.Curve;
import dev.strongroom.model.Id;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.KeyType;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Origin;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.SubjectNames;
import dev.strongroom.model.VaultException;
import dev.strongroom.model.X509Properties;
import dev.strongroom.store.JournalNote;
import dev.strongroom.vault.CertificateIssuers;
import dev.strongroom.vault.CertificatePolicy;
import dev.strongroom.vault.IssuerAdapter.Failed;
import dev.strongroom.vault.IssuerAdapter.Issued;
import dev.strongroom.vault.IssuerAdapter.Outcome;
import dev.strongroom.vault.IssuerAdapter.Request;
import dev.strongroom.vault.IssuerAdapter.Waiting;
import dev.strongroom.vault.OpenVault;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The steps of an order, against an authority that does what a test wants. */
class AcmeIssuerTest {
  private static final int MOST_STEPS = 40;
  private static final SubjectNames TWO =
      new SubjectNames(
          List.of(), List.of("a.example.test", "b.example.test"), List.of(), List.of(), List.of());

  private final OpenVault vault = new OpenVault();
  private final List<Origin> audited = new ArrayList<>();
  private final List<Instant> steps = new ArrayList<>();
  private final Id operation = Randoms.id();
  private final SoftwareKeys backend = new SoftwareKeys(new JdkEngine());
  private final Material key = backend.generate(new KeySpec.Ec(Curve.P_256));
  private FakeAuthority authority;
  private AcmeIssuer issuer;
  private Instant now = OpenVault.START;

  @BeforeEach
  void start() throws Exception {
    authority = new FakeAuthority();
    issuer = issuer(List.of(settings("web", List.of("example.test"))));
  }

  @AfterEach
  void end() {
    authority.close();
    key.close();
    vault.store.close();
  }

  private AcmeSettings settings(String name, List<String> domains) throws Exception {
    return new AcmeSettings(
        name,
        authority.directory(),
        Optional.of("pki@example.test"),
        Optional.empty(),
        SSLContext.getDefault(),
        domains,
        Optional.empty(),
        Duration.ofSeconds(20),
        Duration.ZERO);
  }

  private AcmeIssuer issuer(List<AcmeSettings> settings) {
    return new AcmeIssuer(
        settings,
        vault.store,
        vault.seal,
        new AcmeChallenges(settings, vault.store, () -> now, audited::add),
        audited::add);
  }

  private static X509Properties properties(String subject, SubjectNames names) {
    return new X509Properties(
        subject,
        List.of("1.3.6.1.5.5.7.3.1"),
        names,
        List.of(CertificateKeyUsage.DIGITAL_SIGNATURE),
        3,
        false,
        Optional.empty());
  }

  private Request request(Optional<String> state) {
    return request(properties("CN=a.example.test", TWO), Optional.empty(), state);
  }

  private Request request(
      X509Properties wanted, Optional<CertificateIssuer> by, Optional<String> state) {
    byte[] csr;
    try (OpenKey open = backend.open(key)) {
      csr = CertificateMaking.request(wanted, open);
    }
    return new Request(
        vault.container,
        new ObjectName("site"),
        Randoms.id(),
        Randoms.id(),
        operation.hex(),
        by,
        new CertificatePolicy(
            new CertificatePolicy.KeyProperties(
                KeyType.EC, 256, Optional.of(Curve.P_256), Optional.empty(), true, false),
            CertificatePolicy.SecretForm.PEM,
            wanted,
            List.of(),
            new CertificatePolicy.Issuer("web", Optional.empty(), Optional.empty())),
        csr,
        key.publicJwk(),
        state,
        now);
  }

  private CertificateIssuer object(String account) {
    return vault.issuers.set(
        vault.container,
        "web",
        new CertificateIssuers.Wanted(
            Optional.of("DigiCert"),
            Optional.of(account),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()),
        vault.origin());
  }

  /** Steps to the end; after this many the outcome is forgotten once, as by a crash. */
  private Outcome driven(int crash) {
    Outcome outcome = issuer.begin(request(Optional.empty()));
    Optional<String> state = Optional.empty();
    for (int step = 0; outcome instanceof Waiting waiting; step++) {
      assertThat(step).as("%s", authority.asked).isLessThan(MOST_STEPS);
      if (step != crash) {
        state = waiting.state();
      }
      now = waiting.next().isAfter(now) ? waiting.next() : now;
      steps.add(now);
      outcome = issuer.proceed(request(state));
    }
    return outcome;
  }

  private void isIssued(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Issued.class);
    assertThat(CertificateFacts.read(((Issued) outcome).chain().getFirst()).key().stored())
        .isEqualTo(key.publicJwk().stored());
    assertThat(vault.store.rules(RuleKind.ACME_CHALLENGE)).isEmpty();
  }

  @Test
  void order_noTrouble_asksForEachThingOnceInTurn() {
    authority.badNonces.addAll(List.of("new-account", "finalize"));
    isIssued(driven(-1));
    assertThat(authority.accounts()).isEqualTo(1);
    assertThat(authority.orders()).isEqualTo(1);
    assertThat(authority.asked.stream().filter("challenge 0"::equals)).hasSize(2);
    assertThat(authority.asked.stream().filter("finalize 0"::equals)).hasSize(2);
    assertThat(authority.asked)
        .containsSubsequence(
            "new-account",
            "new-order",
            "authorization 0",
            "challenge 0",
            "finalize 0",
            "certificate 0");
    assertThat(vault.store.rules(RuleKind.ACME_ACCOUNT)).hasSize(1);
  }

  @Test
  void order_secondOne_isOfTheSameAccount() {
    isIssued(driven(-1));
    isIssued(driven(-1));
    assertThat(authority.accounts()).isEqualTo(1);
    assertThat(authority.asked.stream().filter("new-account"::equals)).hasSize(1);
    assertThat(authority.orders()).isEqualTo(2);
  }

  @Test
  void order_crashBetweenAnyStepAndItsRecord_isIssuedAllTheSame() {
    isIssued(driven(-1));
    int all = steps.size();
    assertThat(all).isGreaterThan(4);
    for (int crash = 0; crash < all; crash++) {
      int orders = authority.orders();
      int certificates = authority.certificates();
      isIssued(driven(crash));
      assertThat(authority.accounts()).isEqualTo(1);
      assertThat(authority.certificates()).as("crash %s", crash).isEqualTo(certificates + 1);
      // because an order whose address was not kept is left to the authority
      assertThat(authority.orders() - orders).as("crash %s", crash).isBetween(1, 2);
    }
  }

  @Test
  void order_answerLostAtAnyRequest_isIssuedAllTheSame() {
    isIssued(driven(-1));
    int all = authority.asked.size();
    for (int lost = 0; lost < all; lost++) {
      authority.asked.clear();
      authority.forget();
      vault.store.change(
          vault.origin(),
          JournalNote.none(),
          tx -> {
            tx.rules(RuleKind.ACME_ACCOUNT)
                .forEach(one -> tx.remove(RuleKind.ACME_ACCOUNT, one.key()));
            return null;
          });
      authority.lost = lost;
      isIssued(driven(-1));
      assertThat(authority.accounts()).as("lost %s", lost).isEqualTo(1);
      assertThat(authority.certificates()).as("lost %s", lost).isEqualTo(1);
    }
  }

  @Test
  void order_authorityHasForgottenTheAccountMeanwhile_isMadeAnew() {
    isIssued(driven(-1));
    authority.forget();
    isIssued(driven(-1));
    assertThat(authority.accounts()).isEqualTo(1);
    assertThat(authority.orders()).isEqualTo(1);
  }

  @Test
  void order_refusedForGood_failsWithWhatTheAuthoritySays() {
    for (Map.Entry<String, String> each :
        Map.of(
                "rejectedIdentifier", "Request rejected",
                "badCSR", "Request rejected",
                "unauthorized", "Certificate issuer error",
                "caa", "Certificate issuer error",
                "externalAccountRequired", "Certificate issuer error")
            .entrySet()) {
      authority.problems.put("new-order", new FakeAuthority.Problem(403, each.getKey(), ""));
      assertThat(driven(-1))
          .isEqualTo(
              new Failed(
                  each.getValue(), "The authority web refuses: because of " + each.getKey()));
      assertThat(vault.store.rules(RuleKind.ACME_CHALLENGE)).isEmpty();
    }
  }

  @Test
  void order_serverFailsAtEachThingOnce_isTriedAgain() {
    for (String kind :
        List.of(
            "new-account",
            "new-order",
            "order",
            "authorization",
            "challenge",
            "finalize",
            "certificate")) {
      authority.problems.put(kind, new FakeAuthority.Problem(500, "serverInternal", ""));
    }
    isIssued(driven(-1));
    assertThat(authority.problems).isEmpty();
    assertThat(authority.certificates()).isEqualTo(1);
  }

  @Test
  void order_toldWhenToComeAgain_waitsAsLongButNotForEver() {
    // because Retry-After is counted from the clock of the machine
    now = Instant.now();
    for (Map.Entry<String, Duration> each :
        Map.of("120", Duration.ofMinutes(2), "86400", Duration.ofMinutes(10)).entrySet()) {
      authority.problems.put(
          "new-order", new FakeAuthority.Problem(429, "rateLimited", each.getKey()));
      Waiting limited = (Waiting) issuer.proceed(request(Optional.empty()));
      assertThat(Duration.between(now, limited.next()))
          .isBetween(each.getValue().minusSeconds(2), each.getValue().plusSeconds(60));
    }
    authority.retryAfter = "120";
    authority.looks = 2;
    isIssued(driven(-1));
    assertThat(pauses()).anyMatch(pause -> pause.compareTo(Duration.ofSeconds(60)) > 0);
  }

  @Test
  void order_notValidated_failsWithTheChallengesProblem() {
    authority.validates = false;
    assertThat(driven(-1))
        .isEqualTo(
            new Failed(
                "Certificate issuer error",
                "The authority could not validate: because of connection"));
    assertThat(vault.store.rules(RuleKind.ACME_CHALLENGE)).isEmpty();
  }

  @Test
  void order_stillBeingLookedAt_isAskedForEverLater() {
    authority.looks = 14;
    isIssued(driven(-1));
    assertThat(pauses()).contains(Duration.ofSeconds(1), Duration.ofSeconds(64));
    assertThat(pauses()).allMatch(pause -> pause.compareTo(Duration.ofMinutes(10)) <= 0);
  }

  private List<Duration> pauses() {
    List<Duration> pauses = new ArrayList<>();
    for (int i = 1; i < steps.size(); i++) {
      pauses.add(Duration.between(steps.get(i - 1), steps.get(i)));
    }
    return pauses;
  }

  @Test
  void order_moreThanADay_failsAndLeavesNothingPublished() {
    authority.looks = 10_000;
    Outcome outcome = issuer.begin(request(Optional.empty()));
    while (outcome instanceof Waiting waiting) {
      now = waiting.next().plus(Duration.ofHours(2));
      outcome = issuer.proceed(request(waiting.state()));
    }
    assertThat(outcome)
        .isEqualTo(new Failed("Certificate issuer error", "The authority took more than a day."));
    assertThat(vault.store.rules(RuleKind.ACME_CHALLENGE)).isEmpty();
  }

  @Test
  void requested_commonNameAlone_isAnAlternativeNameToo() {
    for (SubjectNames names : List.of(SubjectNames.NONE, TWO)) {
      assertThat(issuer.requested(properties("CN=A.example.test,O=Some", names)).names().dnsNames())
          .containsExactlyElementsOf(
              names.isEmpty() ? List.of("a.example.test") : TWO.dnsNames());
    }
  }

  @Test
  void requested_commonNameBesideAnotherOrEscaped_isOneOfTheNames() {
    for (String subject :
        List.of("C=DE+CN=a.example.test", "O=\\zb,CN=a.example.test", "CN=a.example.test,O=\"b,c\"")) {
      assertThat(issuer.requested(properties(subject, SubjectNames.NONE)).names().dnsNames())
          .as(subject)
          .containsExactly("a.example.test");
    }
  }

  @Test
  void requested_commonNameThatIsNoDnsName_isRefused() {
    for (String name : List.of("My Site", "gr\u00f6\u00dfe.example.test", "a..b")) {
      assertThatThrownBy(() -> issuer.requested(properties("CN=" + name, TWO)))
          .isInstanceOf(VaultException.class)
          .hasMessageContaining("sans.dns_names has");
    }
  }

  @Test
  void begin_namesThatCannotBeAskedFor_areRejectedWithoutAsking() {
    List<String> none = List.of();
    for (X509Properties wrong :
        List.of(
            properties(
                "CN=a.example.test",
                new SubjectNames(List.of("a@b.test"), none, none, none, none)),
            properties(
                "CN=a.example.test", new SubjectNames(none, none, List.of("a@b"), none, none)),
            properties(
                "CN=a.example.test",
                new SubjectNames(none, none, none, none, List.of("10.0.0.1"))),
            properties("O=Nobody", SubjectNames.NONE),
            properties("CN=a.other.test", SubjectNames.NONE),
            properties("CN=*.example.test", SubjectNames.NONE))) {
      assertThat(issuer.begin(request(wrong, Optional.empty(), Optional.empty())))
          .as("%s", wrong)
          .isInstanceOfSatisfying(
              Failed.class, failed -> assertThat(failed.code()).isEqualTo("Request rejected"));
    }
    assertThat(authority.asked).isEmpty();
  }

  @Test
  void begin_accountIdOfNoAuthority_isAFailedOperation() throws Exception {
    issuer = issuer(List.of(settings("web", List.of()), settings("other", List.of())));
    X509Properties wanted = properties("CN=a.example.test", TWO);
    assertThat(
            issuer.begin(
                request(wanted, Optional.of(object("nobody")), Optional.empty())))
        .isInstanceOf(Failed.class);
    // because with two it must be said which
    assertThat(issuer.begin(request(wanted, Optional.empty(), Optional.empty())))
        .isInstanceOf(Failed.class);
    assertThat(
            issuer.begin(request(wanted, Optional.of(object("OTHER")), Optional.empty())))
        .isInstanceOf(Waiting.class);
  }

  @Test
  void proceed_authorityTakenOutOfTheConfiguration_failsAndLeavesNothingPublished() {
    Outcome outcome = issuer.begin(request(Optional.empty()));
    while (vault.store.rules(RuleKind.ACME_CHALLENGE).isEmpty()) {
      outcome = issuer.proceed(request(((Waiting) outcome).state()));
    }
    issuer = issuer(List.of());
    assertThat(issuer.proceed(request(((Waiting) outcome).state()))).isInstanceOf(Failed.class);
    assertThat(vault.store.rules(RuleKind.ACME_CHALLENGE)).isEmpty();
  }
}
