package dev.strongroom.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import dev.strongroom.model.Application;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class ClientAssertionsTest {
  private final World world = new World();

  @Nested
  class ByCertificate {
    private final Certificates.Client rsa = Certificates.rsaClient(world.now);
    private final Certificates.Client ec = Certificates.ecClient(world.now);

    ByCertificate() {
      register(rsa);
      register(ec);
    }

    @ParameterizedTest
    @CsvSource({
      "RS256, x5t, padded",
      "RS256, x5t, bare",
      "PS256, x5t#S256, padded",
      "PS256, x5t#S256, bare",
      "RS256, kid, padded",
      "RS256, kid, bare"
    })
    void issue_asEachClientNamesItsCertificate_isAToken(
        String algorithm, String member, String padding) {
      String thumbprint =
          member.equals("x5t#S256") ? rsa.certificate().sha256() : rsa.certificate().sha1();
      String shown = padding.equals("padded") ? padded(thumbprint) : thumbprint;
      ObjectNode header = header(algorithm).put(member, shown);

      Granted granted = sign(header, claims(), rsa.key());

      assertThat(granted.credential().kind()).isEqualTo(Granted.Kind.CERTIFICATE);
      assertThat(World.claims(granted.accessToken()).get("appidacr").stringValue())
          .isEqualTo("2");
      assertThat(world.notes).containsEntry("credentialType", "certificate");
      world.tokens.verify(
          granted.accessToken(), Audience.VAULT, Optional.of(world.tenant.id()), world.now);
    }

    @Test
    void issue_onP256_isAToken() {
      sign(header("ES256").put("x5t#S256", ec.certificate().sha256()), claims(), ec.key());
    }

    @Test
    void issue_floatingTimesWithoutNotBefore_isAToken() {
      ObjectNode claims = claims();
      claims.remove("nbf");
      double now = world.now.getEpochSecond() + 0.25;
      claims.put("iat", now).put("exp", now + 600);

      sign(claims);
    }

    @Test
    void issue_withoutIssueTime_isAToken() {
      ObjectNode claims = claims();
      claims.remove("iat");

      sign(claims);
    }

    @Test
    void issue_onlyAnEnd_isMeasuredFromNow() {
      ObjectNode claims = claims();
      claims.remove("iat");
      claims.remove("nbf");
      sign(claims);
      claims.put("exp", world.now.getEpochSecond() + 602).put("jti", "other");

      assertThat(refusal(claims)).hasMessageContaining("lives longer than 10 minutes");
    }

    @Test
    void issue_surroundedByWhiteSpace_isAToken() {
      String assertion = assertion(header(), claims(), rsa.key());

      world.request().assertion("\n" + assertion + "\r\n").issue();
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "https://login.localhost/{guid}/oauth2/v2.0/token",
          "https://login.localhost:8443/{guid}/oauth2/v2.0/token",
          "https://LOGIN.localhost:8443/{guid}/oauth2/v2.0/token/",
          "https://login.localhost/{guid}/oauth2/token",
          "https://login.localhost/adfs/oauth2/token/",
          "https://login.localhost/test.example/oauth2/v2.0/token",
          "https://login.localhost/common/oauth2/v2.0/token",
          "https://login.alias.test:1/{guid}/oauth2/token",
          "https://localhost:8443/{guid}/oauth2/v2.0/token"
        })
    void issue_audienceSpellings_areATokenEndpoint(String audience) {
      sign(claims().put("aud", audience.replace("{guid}", world.tenant.id().guid())));
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "https://vault.localhost",
          "https://login.localhost",
          "http://login.localhost/{guid}/oauth2/v2.0/token",
          "https://login.evil.test/{guid}/oauth2/v2.0/token",
          "https://login.localhost/{guid}/oauth2/v3.0/token",
          "https://login.localhost/{guid}/oauth2/v2.0/token?x=1",
          "https://login.localhost/x/{guid}/oauth2/v2.0/token",
          "https://login.localhost/{guid}/v2.0",
          "https://login.localhost/other.example/oauth2/v2.0/token",
          "https://user@login.localhost/{guid}/oauth2/v2.0/token"
        })
    void issue_otherAudience_isRefused(String audience) {
      world.otherTenant();

      assertThat(
              refusal(claims().put("aud", audience.replace("{guid}", world.tenant.id().guid()))))
          .hasMessageContaining("aud is not a token endpoint");
    }

    @Test
    void issue_sameAssertionTwice_isRefusedTheSecondTime() {
      String assertion = assertion(header(), claims(), rsa.key());
      world.request().assertion(assertion).issue();
      long head = world.store.journalHead();

      VaultException refused =
          catchThrowableOfType(
              VaultException.class, () -> world.request().assertion(assertion).issue());

      assertThat(refused.code()).isEqualTo(ErrorCode.OAUTH_ASSERTION_INVALID);
      assertThat(refused).hasMessageContaining("used before");
      assertThat(world.store.journalHead()).isEqualTo(head);
    }

    @Test
    void issue_wrongInAnyWay_isRefused_andUsesNothingUp() {
      long now = world.now.getEpochSecond();
      long head = world.store.journalHead();

      assertThat(refusal(claims().put("exp", now + 3600))).hasMessageContaining("lives longer");
      assertThat(refusal(claims().put("exp", now - 61))).hasMessageContaining("has expired");
      assertThat(refusal(claims().put("nbf", now + 61))).hasMessageContaining("not valid yet");
      assertThat(refusal(claims().put("iat", now + 61))).hasMessageContaining("not valid yet");
      assertThat(refusal(claims().put("iat", "today"))).hasMessageContaining("iat is not a time");
      assertThat(refusal(claims().put("exp", "never"))).hasMessageContaining("exp is missing");
      assertThat(refusal(claims().put("exp", 1e300))).hasMessageContaining("exp is missing");
      assertThat(refusal(claims().put("sub", UUID.randomUUID().toString())))
          .hasMessageContaining("sub is not");
      ObjectNode withoutId = claims();
      withoutId.remove("jti");
      assertThat(refusal(withoutId)).hasMessageContaining("jti is missing");
      ObjectNode twoAudiences = claims();
      twoAudiences.putArray("aud").add("https://login.localhost").add("https://x.test");
      assertThat(refusal(twoAudiences)).hasMessageContaining("aud must be exactly one");
      assertThat(world.store.journalHead()).isEqualTo(head);
    }

    @Test
    void issue_headerParameterThatPointsElsewhere_isRefused() {
      for (String parameter : List.of("jku", "x5u", "jwk", "crit", "b64", "zip", "cty")) {
        assertThat(refusal(header().put(parameter, "https://evil.test"), claims(), rsa.key()))
            .hasMessageContaining(parameter);
      }
    }

    @Test
    void issue_certificateChainInTheHeader_isPassedOver() {
      ObjectNode header = header();
      header.putArray("x5c").add("AAAA");

      sign(header, claims(), rsa.key());
    }

    @Test
    void issue_signedByAnotherKey_isRefused() throws JOSEException {
      assertThat(refusal(header(), claims(), Certificates.OTHER_RSA.toRSAPrivateKey()))
          .hasMessageContaining("signature does not match");
    }

    @Test
    void issue_unknownOrMissingThumbprint_isRefused() {
      assertThat(refusal(header("RS256").put("x5t", "AAAA"), claims(), rsa.key()))
          .hasMessageContaining("no certificate of the application");
      assertThat(refusal(header("RS256"), claims(), rsa.key()))
          .hasMessageContaining("names no certificate");
      ObjectNode both =
          header("RS256")
              .put("x5t", rsa.certificate().sha1())
              .put("x5t#S256", ec.certificate().sha256());
      assertThat(refusal(both, claims(), rsa.key()))
          .hasMessageContaining("no certificate of the application");
    }

    @Test
    void issue_algorithmOutsideTheList_isRefused() {
      for (String algorithm : List.of("none", "HS256", "RS512", "ES384", "")) {
        assertThat(
                refusal(
                    header(algorithm).put("x5t", rsa.certificate().sha1()),
                    claims(),
                    rsa.key()))
            .hasMessageContaining("algorithm is not");
      }
    }

    @Test
    void issue_algorithmOfAnotherKindOfKey_isRefused() {
      assertThat(
              refusal(
                  header("ES256").put("x5t", rsa.certificate().sha1()), claims(), ec.key()))
          .hasMessageContaining("signature does not match");
    }

    @Test
    void issue_certificateOutOfDate_isRefused() {
      world.now = world.now.plus(Duration.ofDays(30));

      assertThat(refusal(claims())).hasMessageContaining("not in date");
    }

    @Test
    void issue_certificateRemoved_isRefused() {
      Application app =
          world.applications.get(world.tenant.id(), world.application.objectId());
      for (Application.Certificate certificate : app.certificates()) {
        world.applications.removeCertificate(
            world.tenant.id(), app.objectId(), certificate.keyId(), world.origin());
      }

      assertThat(refusal(claims())).hasMessageContaining("no certificate of the application");
    }

    @Test
    void issue_byAnUnknownClient_isRefused() {
      String client = UUID.randomUUID().toString();
      String assertion =
          assertion(header(), claims().put("iss", client).put("sub", client), rsa.key());

      VaultException refused =
          catchThrowableOfType(
              VaultException.class,
              () -> world.request().client(client).assertion(assertion).issue());

      assertThat(refused.code()).isEqualTo(ErrorCode.OAUTH_CLIENT_UNKNOWN);
    }

    @Test
    void issue_accessTokenAsAssertion_isRefused() {
      String token = world.login().accessToken();

      VaultException refused =
          catchThrowableOfType(
              VaultException.class, () -> world.request().assertion(token).issue());

      assertThat(refused.code()).isEqualTo(ErrorCode.OAUTH_FEDERATION_NO_MATCH);
    }

    @Test
    void issue_otherAssertionType_isRefused() {
      VaultException refused =
          catchThrowableOfType(
              VaultException.class,
              () ->
                  world
                      .request()
                      .assertion(assertion(header(), claims(), rsa.key()))
                      .assertionType("urn:ietf:params:oauth:client-assertion-type:saml2-bearer")
                      .issue());

      assertThat(refused.code()).isEqualTo(ErrorCode.OAUTH_INVALID_REQUEST);
    }

    private void register(Certificates.Client client) {
      world.applications.addCertificate(
          world.tenant.id(),
          world.application.objectId(),
          "client",
          client.certificate().der(),
          world.origin());
    }

    private ObjectNode header() {
      return header("RS256").put("x5t", padded(rsa.certificate().sha1()));
    }

    private ObjectNode header(String algorithm) {
      return World.JSON.createObjectNode().put("alg", algorithm).put("typ", "JWT");
    }

    private ObjectNode claims() {
      long now = world.now.getEpochSecond();
      return World.JSON
          .createObjectNode()
          .put("aud", "https://login.localhost/" + world.tenant.id().guid() + "/oauth2/v2.0/token")
          .put("iss", world.application.appId().guid())
          .put("sub", world.application.appId().guid())
          .put("jti", UUID.randomUUID().toString())
          .put("iat", now)
          .put("nbf", now)
          .put("exp", now + 600);
    }

    private Granted sign(ObjectNode claims) {
      return sign(header(), claims, rsa.key());
    }

    private Granted sign(ObjectNode header, ObjectNode claims, PrivateKey key) {
      return world.request().assertion(assertion(header, claims, key)).issue();
    }

    private VaultException refusal(ObjectNode claims) {
      return refusal(header(), claims, rsa.key());
    }

    private VaultException refusal(ObjectNode header, ObjectNode claims, PrivateKey key) {
      VaultException refused =
          catchThrowableOfType(VaultException.class, () -> sign(header, claims, key));
      assertThat(refused).isNotNull();
      assertThat(refused.code()).isEqualTo(ErrorCode.OAUTH_ASSERTION_INVALID);
      return refused;
    }
  }

  @Nested
  class ByTrustedIssuer {
    private static final String ISSUER = "https://token.actions.githubusercontent.com";
    private static final String SUBJECT = "repo:octo/vault:ref:refs/heads/main";
    private static final String AUDIENCE = "api://AzureADTokenExchange";
    private static final URI KEYS = URI.create("https://keys.example/jwks");

    private final RSAKey key = Certificates.RSA;

    ByTrustedIssuer() {
      world.applications.federate(
          world.tenant.id(),
          world.application.objectId(),
          "github",
          ISSUER,
          SUBJECT,
          AUDIENCE,
          world.origin());
    }

    @Test
    void issue_exactMatch_isAToken_asOftenAsItIsShown() {
      trustFixed(List.of("RS256"), key);
      String assertion = assertion(header("RS256", key.getKeyID()), claims(), rsaKey(key));

      Granted granted = world.request().assertion(assertion + "\n").issue();
      world.request().assertion(assertion).issue();

      assertThat(granted.credential().kind()).isEqualTo(Granted.Kind.FEDERATION);
      assertThat(granted.objectId()).isEqualTo(world.application.objectId());
      ObjectNode claims = World.claims(granted.accessToken());
      assertThat(claims.get("sub").stringValue())
          .isEqualTo(world.application.objectId().guid());
      assertThat(claims.has("groups")).isFalse();
      assertThat(claims.has("roles")).isFalse();
    }

    @Test
    void issue_audienceInAListOfOne_isAToken() {
      trustFixed(List.of("RS256"), key);
      ObjectNode claims = claims();
      claims.putArray("aud").add(AUDIENCE);

      sign(claims);
    }

    @Test
    void issue_onP384_isAToken_whereItsAlgorithmIsListed() throws JOSEException {
      ECKey ec = Certificates.ec(Curve.P_384);
      trust(List.of("ES384"), Optional.of(new JWKSet(ec).toString()), Optional.empty());

      world
          .request()
          .assertion(assertion(header("ES384", ec.getKeyID()), claims(), ec.toECPrivateKey()))
          .issue();
    }

    @Test
    void issue_issuerNotTrusted_isRefused() {
      assertThat(refusal(claims()).code()).isEqualTo(ErrorCode.OAUTH_FEDERATION_NO_MATCH);
    }

    @Test
    void issue_issuerNoLongerTrusted_isRefused() {
      trustFixed(List.of("RS256"), key);
      sign(claims());

      world.applications.removeIssuer(world.tenant.id(), ISSUER, world.origin());

      assertThat(refusal(claims()).code()).isEqualTo(ErrorCode.OAUTH_FEDERATION_NO_MATCH);
    }

    @ParameterizedTest
    @CsvSource({
      "iss, https://token.actions.githubusercontent.com/",
      "iss, https://TOKEN.actions.githubusercontent.com",
      "sub, repo:octo/vault:ref:refs/heads/Main",
      "sub, repo:octo/vault:ref:refs/heads/main2",
      "aud, api://azureadtokenexchange"
    })
    void issue_almostTheSame_isRefused(String claim, String value) {
      trustFixed(List.of("RS256"), key);

      assertThat(refusal(claims().put(claim, value)).code())
          .isEqualTo(ErrorCode.OAUTH_FEDERATION_NO_MATCH);
    }

    @Test
    void issue_twoAudiences_isRefused() {
      trustFixed(List.of("RS256"), key);
      ObjectNode claims = claims();
      claims.putArray("aud").add(AUDIENCE).add("https://other.test");

      assertThat(refusal(claims)).hasMessageContaining("aud must be exactly one");
    }

    @Test
    void issue_algorithmNotListed_isRefused() {
      trustFixed(List.of("PS256"), key);

      assertThat(refusal(claims())).hasMessageContaining("algorithm");
    }

    @Test
    void issue_signedByAnotherKeyUnderItsKid_isRefused() {
      trustFixed(List.of("RS256"), key);
      String assertion =
          assertion(
              header("RS256", key.getKeyID()), claims(), rsaKey(Certificates.OTHER_RSA));

      assertThat(refusal(assertion)).hasMessageContaining("signature does not match");
    }

    @Test
    void issue_expiredOrLongLived_isRefused() {
      trustFixed(List.of("RS256"), key);
      long now = world.now.getEpochSecond();

      assertThat(refusal(claims().put("exp", now - 60))).hasMessageContaining("expired");
      assertThat(refusal(claims().put("exp", now + 86_401))).hasMessageContaining("longer");
      sign(claims().put("exp", now + 86_400));
    }

    @Test
    void issue_keysByAddress_areReadOnce_andAgainForANewKidAtMostOnceAMinute() {
      trust(List.of("RS256"), Optional.empty(), Optional.of(KEYS.toString()));
      publish(key);
      sign(claims());
      sign(claims());
      assertThat(world.fetched).hasSize(1);
      RSAKey next = renamed(Certificates.OTHER_RSA, "next");
      publish(next);
      String assertion = assertion(header("RS256", "next"), claims(), rsaKey(next));

      for (int i = 0; i < 20; i++) {
        assertThat(refusal(assertion)).hasMessageContaining("no key of its kid");
      }
      assertThat(world.fetched).hasSize(1);

      world.now = world.now.plusSeconds(60);
      world.request().assertion(assertion).issue();
      assertThat(world.fetched).hasSize(2);
      assertThat(refusal(claims())).hasMessageContaining("no key of its kid");
    }

    @Test
    void issue_keysNotReadable_areTriedOnceAMinute_andKeptForADay() {
      trust(List.of("RS256"), Optional.empty(), Optional.of(KEYS.toString()));
      assertThat(refusal(claims())).hasMessageContaining("no key of its kid");
      assertThat(refusal(claims())).hasMessageContaining("no key of its kid");
      assertThat(world.fetched).hasSize(1);
      publish(key);
      world.now = world.now.plusSeconds(60);
      sign(claims());
      world.web.clear();

      world.now = world.now.plus(Duration.ofHours(23));
      sign(claims());
      world.now = world.now.plus(Duration.ofHours(1));
      assertThat(refusal(claims())).hasMessageContaining("no key of its kid");
    }

    @Test
    void issue_keysThatAreNoKeys_areRefused() {
      trust(List.of("RS256"), Optional.empty(), Optional.of(KEYS.toString()));
      world.web.put(KEYS, "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"x\"}]}".getBytes(
          StandardCharsets.UTF_8));

      assertThat(refusal(claims())).hasMessageContaining("no key of its kid");
    }

    private void trustFixed(List<String> algorithms, RSAKey trusted) {
      trust(algorithms, Optional.of(new JWKSet(trusted).toString()), Optional.empty());
    }

    private void trust(
        List<String> algorithms, Optional<String> jwks, Optional<String> address) {
      world.applications.addIssuer(
          world.tenant.id(), ISSUER, jwks, address, algorithms, world.origin());
    }

    private void publish(RSAKey published) {
      world.web.put(KEYS, new JWKSet(published).toString().getBytes(StandardCharsets.UTF_8));
    }

    private RSAKey renamed(RSAKey of, String kid) {
      return new RSAKey.Builder(of).keyID(kid).build();
    }

    private ObjectNode header(String algorithm, String kid) {
      return World.JSON.createObjectNode().put("alg", algorithm).put("kid", kid);
    }

    private ObjectNode claims() {
      long now = world.now.getEpochSecond();
      return World.JSON
          .createObjectNode()
          .put("iss", ISSUER)
          .put("sub", SUBJECT)
          .put("aud", AUDIENCE)
          .put("oid", UUID.randomUUID().toString())
          .put("tid", UUID.randomUUID().toString())
          .put("iat", now)
          .put("exp", now + 300);
    }

    private void sign(ObjectNode claims) {
      world
          .request()
          .assertion(assertion(header("RS256", key.getKeyID()), claims, rsaKey(key)))
          .issue();
    }

    private VaultException refusal(ObjectNode claims) {
      return refusal(assertion(header("RS256", key.getKeyID()), claims, rsaKey(key)));
    }

    private VaultException refusal(String assertion) {
      VaultException refused =
          catchThrowableOfType(
              VaultException.class, () -> world.request().assertion(assertion).issue());
      assertThat(refused).isNotNull();
      assertThat(refused.code().status()).isEqualTo(401);
      return refused;
    }
  }

  /** The header may claim any algorithm; the signature is of the key's own kind. */
  private static String assertion(ObjectNode header, ObjectNode claims, PrivateKey key) {
    String claimed = header.get("alg").stringValue();
    JWSAlgorithm used =
        switch (key.getAlgorithm()) {
          case "RSA" -> claimed.equals("PS256") ? JWSAlgorithm.PS256 : JWSAlgorithm.RS256;
          default -> claimed.equals("ES384") ? JWSAlgorithm.ES384 : JWSAlgorithm.ES256;
        };
    return World.signed(header.toString(), claims.toString(), used, key);
  }

  private static PrivateKey rsaKey(RSAKey key) {
    try {
      return key.toRSAPrivateKey();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String padded(String thumbprint) {
    return thumbprint + "=".repeat((4 - thumbprint.length() % 4) % 4);
  }
}
