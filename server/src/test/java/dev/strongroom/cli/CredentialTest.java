package dev.strongroom.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.strongroom.crypto.X509;
import dev.strongroom.model.SecretBytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

class CredentialTest {
  private static final String ENDPOINT = "https://login.example.test/tenant/oauth2/v2.0/token";
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final String ASSERTION_TYPE =
      "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

  @TempDir Path folder;

  @Test
  void secret_fields_areTheSecretWhichIsNotInItsText() {
    Credential credential = new Credential.Secret("hunter2");
    assertThat(credential.fields(ENDPOINT, "app", NOW)).isEqualTo(Map.of("client_secret", "hunter2"));
    assertThat(kept(credential).toString()).isEqualTo("{\"clientSecret\":\"hunter2\"}");
    assertThat(credential).asString().doesNotContain("hunter2");
  }

  @Test
  void certificate_fields_areAnAssertionForThisEndpointAndThisMoment() throws Exception {
    X509.Issued issued = issued();
    Credential credential = new Credential.Certificate(pem("client.pem", issued, true));
    SignedJWT first = assertion(credential);
    var certificate =
        CertificateFactory.getInstance("X.509")
            .generateCertificate(
                new ByteArrayInputStream(
                    issued.certificate().pem().getBytes(StandardCharsets.US_ASCII)));
    assertThat(
            first.verify(
                new DefaultJWSVerifierFactory()
                    .createJWSVerifier(first.getHeader(), certificate.getPublicKey())))
        .isTrue();
    assertThat(first.getHeader().toJSONObject())
        .containsOnlyKeys("alg", "typ", "x5t#S256")
        .containsEntry("x5t#S256", issued.certificate().sha256());
    JWTClaimsSet claims = first.getJWTClaimsSet();
    assertThat(claims.getIssuer()).isEqualTo("app");
    assertThat(claims.getSubject()).isEqualTo("app");
    assertThat(claims.getAudience()).containsExactly(ENDPOINT);
    Instant begin = Instant.parse("2026-01-02T03:04:05Z");
    assertThat(claims.getIssueTime().toInstant()).isEqualTo(begin);
    assertThat(claims.getNotBeforeTime().toInstant()).isEqualTo(begin);
    assertThat(claims.getExpirationTime().toInstant()).isEqualTo(begin.plusSeconds(300));
    assertThat(assertion(credential).getJWTClaimsSet().getJWTID())
        .as("each is used once")
        .isNotEqualTo(claims.getJWTID());
  }

  @Test
  void certificate_withoutKeyOrFile_saysWhatIsWrongAndNothingOfTheKey() throws IOException {
    Path keyless = pem("cert.pem", issued(), false);
    assertThatThrownBy(() -> new Credential.Certificate(keyless).fields(ENDPOINT, "app", NOW))
        .isInstanceOf(CliException.class)
        .hasMessageContainingAll(keyless + " cannot sign", "openssl pkcs8");
    Path missing = folder.resolve("missing.pem");
    assertThatThrownBy(() -> new Credential.Certificate(missing).fields(ENDPOINT, "app", NOW))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("Cannot read the certificate " + missing);
  }

  @Test
  void certificate_keptOfALogIn_isTheFilesPlaceAndNotItsKey() throws IOException {
    Path pem = pem("client.pem", issued(), true);
    Path relative = Path.of("").toAbsolutePath().relativize(pem);
    assertThat(kept(new Credential.Certificate(relative)).toString())
        .isEqualTo(
            Client.JSON
                .createObjectNode()
                .put("certificateFile", relative.toAbsolutePath().toString())
                .toString());
  }

  @Test
  void federated_fields_areWhatTheFileHoldsNow() throws IOException {
    Path file = Files.writeString(folder.resolve("token"), "first\n");
    Credential credential = new Credential.Federated(file);
    assertThat(credential.fields(ENDPOINT, "app", NOW))
        .isEqualTo(Map.of("client_assertion_type", ASSERTION_TYPE, "client_assertion", "first"));
    Files.writeString(file, "second");
    assertThat(credential.fields(ENDPOINT, "app", NOW)).containsEntry("client_assertion", "second");
    assertThat(kept(credential).toString()).contains("federatedTokenFile").doesNotContain("second");
    Files.delete(file);
    assertThatThrownBy(() -> credential.fields(ENDPOINT, "app", NOW))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("Cannot read the federated token " + file);
  }

  private static ObjectNode kept(Credential credential) {
    ObjectNode kept = Client.JSON.createObjectNode();
    credential.keep(kept);
    return kept;
  }

  private static SignedJWT assertion(Credential credential) throws Exception {
    Map<String, String> fields = credential.fields(ENDPOINT, "app", NOW);
    assertThat(fields).hasSize(2).containsEntry("client_assertion_type", ASSERTION_TYPE);
    return SignedJWT.parse(fields.get("client_assertion"));
  }

  private static X509.Issued issued() {
    return X509.newAuthority(
        "client",
        List.of("localhost"),
        List.of("127.0.0.0/8"),
        NOW.minus(Duration.ofDays(1)),
        NOW.plus(Duration.ofDays(1)));
  }

  private Path pem(String name, X509.Issued issued, boolean withKey) throws IOException {
    Path file = Files.writeString(folder.resolve(name), issued.certificate().pem());
    if (withKey) {
      try (SecretBytes key = issued.privateKeyPem()) {
        Files.writeString(
            file,
            issued.certificate().pem() + new String(key.exposed(), StandardCharsets.US_ASCII));
      }
    }
    return file;
  }
}
