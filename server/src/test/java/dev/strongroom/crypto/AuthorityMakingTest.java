package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.model.Curve;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.SubjectNames;
import dev.strongroom.model.X509Properties;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an authority that keeps to names permits. */
class AuthorityMakingTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final byte[] ISSUER = issuer();

  private static byte[] issuer() {
    SoftwareKeys backend = new SoftwareKeys(new JdkEngine());
    AuthorityMaking.Validity validity =
        new AuthorityMaking.Validity(NOW, NOW.plusSeconds(3_600));
    try (Material key = backend.generate(new KeySpec.Ec(Curve.P_256));
        OpenKey open = backend.open(key)) {
      byte[] root = AuthorityMaking.root("CN=Root", open, validity);
      return AuthorityMaking.intermediate(
          "CN=Issuing",
          key.publicJwk(),
          new AuthorityMaking.Signing(root, open),
          validity,
          Optional.of(
              new AuthorityMaking.Permitted(List.of("example.test"), List.of("10.0.0.0/8"))),
          AuthorityMaking.Published.NOWHERE);
    }
  }

  private static X509Properties properties(String kind, String name) {
    List<String> none = List.of();
    List<String> one = List.of(name);
    return new X509Properties(
        kind.equals("subject") ? name : "CN=Some Service",
        none,
        new SubjectNames(
            kind.equals("email") ? one : none,
            kind.equals("dns") ? one : none,
            kind.equals("upn") ? one : none,
            kind.equals("uri") ? one : none,
            kind.equals("address") ? one : none),
        List.of(),
        12,
        false,
        Optional.empty());
  }

  @ParameterizedTest
  @CsvSource({
    "dns, a.example.test",
    "dns, *.example.test",
    "dns, EXAMPLE.test",
    "address, 10.1.2.3",
    "email, a@example.test",
    "upn, a@b.example.test",
    "uri, spiffe://example.test/a",
    "uri, https://10.0.0.1:8443/a",
    "subject, CN=a.example.test",
    "subject, CN=10.0.0.1",
    "subject, CN=Example Service 1.2",
    "subject, CN=service",
    "subject, O=evil.test"
  })
  void forbidden_withinTheConstraints_isNothing(String kind, String name) {
    assertThat(AuthorityMaking.forbidden(ISSUER, properties(kind, name))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "dns, evil.test",
    "dns, evilexample.test",
    "address, 192.0.2.1",
    "address, 2001:db8::1",
    "email, a@evil.test",
    "email, example.test@evil.test",
    "upn, a@evil.test",
    "upn, nobody",
    "uri, spiffe://evil.test/example.test",
    "uri, https://192.0.2.1/",
    "uri, https://[2001:db8::1]/",
    "uri, https://example.test@evil.test/",
    "uri, urn:example.test",
    "uri, https://a|b",
    "subject, CN=evil.test",
    "subject, CN=*.evil.test",
    "subject, CN=192.0.2.1",
    "subject, CN=2001:db8::1",
    "subject, 'CN=a.example.test,CN=evil.test'",
    "subject, O=a+CN=evil.test"
  })
  void forbidden_outsideOfTheConstraints_isThatName(String kind, String name) {
    assertThat(AuthorityMaking.forbidden(ISSUER, properties(kind, name))).isPresent();
  }

  @Test
  void forbidden_authorityWithoutConstraints_isNothing() {
    SoftwareKeys backend = new SoftwareKeys(new JdkEngine());
    try (Material key = backend.generate(new KeySpec.Ec(Curve.P_256));
        OpenKey open = backend.open(key)) {
      byte[] root =
          AuthorityMaking.root(
              "CN=Root", open, new AuthorityMaking.Validity(NOW, NOW.plusSeconds(3_600)));
      assertThat(AuthorityMaking.forbidden(root, properties("dns", "evil.test"))).isEmpty();
    }
  }
}
