package dev.strongroom.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Application;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.Tenant;
import dev.strongroom.model.VaultException;
import dev.strongroom.store.JournalNote;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApplicationsTest {
  private final World world = new World();
  private final Applications applications = world.applications;
  private final Id tenant = world.tenant.id();
  private final Id app = world.application.objectId();

  @Test
  void create_isFoundByBothIds_inItsTenantOnly() {
    Application made = applications.create(tenant, "second", world.origin());

    assertThat(applications.get(tenant, made.objectId())).isEqualTo(made);
    assertThat(applications.get(tenant, made.appId())).isEqualTo(made);
    assertThat(made.enabled()).isTrue();
    assertThat(made.appId()).isNotEqualTo(made.objectId());
    Id other = world.otherTenant();
    assertThat(code(() -> applications.get(other, made.objectId())))
        .isEqualTo(ErrorCode.APPLICATION_NOT_FOUND);
    assertThat(applications.list(other)).isEmpty();
    assertThat(applications.list(tenant))
        .extracting(Application::displayName)
        .containsExactly("app", "second");
  }

  @Test
  void create_inNoTenant_isRefused() {
    assertThat(code(() -> applications.create(Randoms.guid(), "x", world.origin())))
        .isEqualTo(ErrorCode.ARM_BAD_REQUEST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "line\nbreak", "nul\u0000"})
  void create_nameThatIsNone_isRefused(String name) {
    assertThat(code(() -> applications.create(tenant, name, world.origin())))
        .isEqualTo(ErrorCode.ARM_BAD_REQUEST);
  }

  @Test
  void addSecret_storesOnlyAMac_andAHintOfThreeCharacters() {
    Applications.NewSecret made =
        applications.addSecret(tenant, app, "second", Duration.ofDays(1), world.origin());
    String text = new String(made.text().exposed(), StandardCharsets.US_ASCII);

    assertThat(text).hasSize(43).matches("[A-Za-z0-9_-]+");
    assertThat(made.entry().hint()).isEqualTo(text.substring(0, 3));
    assertThat(made.entry().mac()).hasSize(64).matches("[0-9a-f]+");
    assertThat(made.toString()).doesNotContain(text);
    assertThat(world.store.rules(RuleKind.APPLICATION).toString()).doesNotContain(text);
    world.request().secret(text).issue();
    world.request().issue();
  }

  @Test
  void addSecret_macIsBoundToApplicationAndKey() {
    Application other = applications.create(tenant, "other", world.origin());
    Application.Secret stolen = world.secret;
    world.store.change(
        world.origin(),
        JournalNote.none(),
        tx -> {
          tx.put(
              RuleKind.APPLICATION,
              new Application(
                  other.objectId(),
                  other.appId(),
                  tenant,
                  "other",
                  true,
                  List.of(stolen),
                  List.of(),
                  List.of(),
                  other.created()));
          return null;
        });
    world.directory.changed();

    assertThat(code(() -> world.request().client(other.appId().guid()).issue()))
        .isEqualTo(ErrorCode.OAUTH_SECRET_INVALID);
  }

  @Test
  void addSecret_lifetimeOutOfRange_isRefused() {
    for (Duration life :
        List.of(Duration.ZERO, Duration.ofDays(-1), Duration.ofDays(3651))) {
      assertThat(code(() -> applications.addSecret(tenant, app, "x", life, world.origin())))
          .isEqualTo(ErrorCode.ARM_BAD_REQUEST);
    }
  }

  @Test
  void addSecret_moreThanTwenty_isRefused() {
    for (int i = 1; i < 20; i++) {
      applications.addSecret(tenant, app, "s" + i, Duration.ofDays(1), world.origin());
    }

    assertThat(
            code(
                () ->
                    applications.addSecret(
                        tenant, app, "more", Duration.ofDays(1), world.origin())))
        .isEqualTo(ErrorCode.ARM_BAD_REQUEST);
  }

  @Test
  void removeSecret_unknown_isRefused() {
    assertThat(
            code(() -> applications.removeSecret(tenant, app, Randoms.guid(), world.origin())))
        .isEqualTo(ErrorCode.ARM_BAD_REQUEST);
  }

  @Test
  void change_ofAnotherTenantsApplication_isRefused() {
    Id other = world.otherTenant();
    long head = world.store.journalHead();

    assertThat(code(() -> applications.setEnabled(other, app, false, world.origin())))
        .isEqualTo(ErrorCode.APPLICATION_NOT_FOUND);
    assertThat(
            code(
                () ->
                    applications.addSecret(
                        other, app, "x", Duration.ofDays(1), world.origin())))
        .isEqualTo(ErrorCode.APPLICATION_NOT_FOUND);
    assertThat(world.store.journalHead()).isEqualTo(head);
  }

  @Test
  void addCertificate_pemAndDer_areTheSame_andOnlyOnce() {
    Certificates.Client client = Certificates.rsaClient(world.now);
    byte[] pem = client.certificate().pem().getBytes(StandardCharsets.US_ASCII);

    Application changed =
        applications.addCertificate(tenant, app, "client", pem, world.origin());

    assertThat(changed.certificates())
        .singleElement()
        .satisfies(
            entry -> {
              assertThat(entry.sha1()).isEqualTo(client.certificate().sha1());
              assertThat(entry.sha256()).isEqualTo(client.certificate().sha256());
              assertThat(entry.notAfter()).isEqualTo(client.certificate().notAfter());
            });
    assertThat(
            code(
                () ->
                    applications.addCertificate(
                        tenant, app, "again", client.certificate().der(), world.origin())))
        .isEqualTo(ErrorCode.ARM_BAD_REQUEST);
  }

  @Test
  void addCertificate_expiredOrWeakOrNone_isRefused() {
    Certificates.Client expired =
        Certificates.client(
            Certificates.RSA,
            world.now.minus(Duration.ofDays(2)),
            world.now.minus(Duration.ofDays(1)));
    Certificates.Client weak =
        Certificates.client(
            Certificates.rsa(1024), world.now, world.now.plus(Duration.ofDays(1)));
    byte[] withKey =
        (expired.certificate().pem()
                + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
            .getBytes(StandardCharsets.US_ASCII);

    for (byte[] bad :
        List.of(
            expired.certificate().der(),
            weak.certificate().der(),
            withKey,
            new byte[] {0x30, 0x00},
            new byte[0])) {
      assertThat(code(() -> applications.addCertificate(tenant, app, "x", bad, world.origin())))
          .isEqualTo(ErrorCode.ARM_BAD_REQUEST);
    }
  }

  @Test
  void federate_sameThreeTwice_isRefused_andRemovable() {
    Application changed = federate("https://issuer.example", "subject", "audience");

    assertThat(code(() -> federate("https://issuer.example", "subject", "audience")))
        .isEqualTo(ErrorCode.ARM_BAD_REQUEST);
    Application without =
        applications.removeFederation(
            tenant, app, changed.federations().getFirst().id(), world.origin());
    assertThat(without.federations()).isEmpty();
  }

  @Test
  void createTenant_domainTakenOrReserved_isRefused() {
    for (String domain :
        List.of("test.example", "TEST.example", "common", "adfs", "", "a b", "x/y", "-x")) {
      assertThat(code(() -> applications.createTenant("x", domain, world.origin())))
          .as(domain)
          .isEqualTo(ErrorCode.ARM_BAD_REQUEST);
    }
  }

  @Test
  void defaultTenant_isTheOldest() {
    world.now = world.now.plusSeconds(1);
    world.otherTenant();

    assertThat(applications.defaultTenant()).contains(world.tenant);
    assertThat(applications.tenants())
        .extracting(Tenant::domain)
        .containsExactly("test.example", "other.example");
  }

  @Test
  void addIssuer_thatCannotBeEnforced_isRefused() {
    String url = "https://issuer.example";
    Optional<String> keys = Optional.of(new JWKSet(Certificates.RSA).toString());
    Optional<String> none = Optional.empty();
    List<String> rs = List.of("RS256");

    assertThat(issuer("http://issuer.example", keys, none, rs)).isTrue();
    assertThat(issuer("https://login.localhost/x/v2.0", keys, none, rs)).isTrue();
    assertThat(issuer(world.realm.issuer(tenant), keys, none, rs)).isTrue();
    assertThat(issuer(url, none, none, rs)).isTrue();
    assertThat(issuer(url, keys, Optional.of("https://issuer.example/keys"), rs)).isTrue();
    assertThat(issuer(url, Optional.of("{}"), none, rs)).isTrue();
    assertThat(issuer(url, Optional.of("{\"keys\":[]}"), none, rs)).isTrue();
    assertThat(issuer(url, keys, none, List.of())).isTrue();
    assertThat(issuer(url, keys, none, List.of("HS256"))).isTrue();
    assertThat(issuer(url, keys, none, List.of("none"))).isTrue();
    assertThat(issuer(url, none, Optional.of("http://issuer.example/keys"), rs)).isTrue();
    assertThat(issuer(url, none, Optional.of("ftp://issuer.example/keys"), rs)).isTrue();
    assertThat(issuer(url, none, Optional.of("https://user@issuer.example/keys"), rs)).isTrue();
    assertThat(issuer(url, none, Optional.of("not a uri"), rs)).isTrue();
    assertThat(applications.issuers(tenant)).isEmpty();
  }

  @Test
  void addIssuer_keysWithPrivateParts_areStoredWithoutThem() {
    ECKey ec = Certificates.P256;
    String whole = new JWKSet(ec).toString(false);

    applications.addIssuer(
        tenant,
        "https://issuer.example",
        Optional.of(whole),
        Optional.empty(),
        List.of("ES256"),
        world.origin());

    assertThat(whole).contains(ec.getD().toString());
    assertThat(applications.issuers(tenant))
        .singleElement()
        .satisfies(
            issuer ->
                assertThat(issuer.jwks().orElseThrow())
                    .contains(ec.getX().toString())
                    .doesNotContain(ec.getD().toString()));
  }

  @Test
  void removeIssuer_unknown_isRefused() {
    assertThat(
            code(() -> applications.removeIssuer(tenant, "https://x.example", world.origin())))
        .isEqualTo(ErrorCode.ARM_BAD_REQUEST);
  }

  private boolean issuer(
      String url, Optional<String> jwks, Optional<String> address, List<String> algorithms) {
    return code(
            () ->
                applications.addIssuer(
                    tenant, url, jwks, address, algorithms, world.origin()))
        == ErrorCode.ARM_BAD_REQUEST;
  }

  private Application federate(String issuer, String subject, String audience) {
    return applications.federate(
        tenant, app, "f", issuer, subject, audience, world.origin());
  }

  private static ErrorCode code(ThrowingCallable call) {
    VaultException refused = catchThrowableOfType(VaultException.class, call);
    assertThat(refused).isNotNull();
    return refused.code();
  }
}
