package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.model.SecretBytes;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.Security;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Test;

class X509Test {
  private static final Instant FROM = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant UNTIL = Instant.parse("2027-01-01T00:00:00Z");
  private static final List<InetAddress> LOOPBACK =
      List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1"));
  private static final X509.Issued AUTHORITY =
      X509.newAuthority(
          "Strongroom dev", List.of("localhost"), List.of("127.0.0.0/8", "::1/128"), FROM, UNTIL);

  @Test
  void newServerCertificate_namesWithinConstraints_validates() throws Exception {
    X509.Issued server =
        server(List.of("localhost", "*.vault.localhost", "login.localhost"), LOOPBACK);
    assertThatCode(() -> validate(server)).doesNotThrowAnyException();
    X509Certificate parsed = jdk(server.certificate());
    assertThat(parsed.getSubjectAlternativeNames())
        .extracting(name -> name.get(1).toString())
        .containsExactly(
            "localhost", "*.vault.localhost", "login.localhost", "127.0.0.1", "0:0:0:0:0:0:0:1");
    assertThat(parsed.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    assertThat(parsed.getKeyUsage()[0]).isTrue();
    assertThat(parsed.getBasicConstraints()).isEqualTo(-1);
    assertThat(server.certificate().notBefore()).isEqualTo(FROM);
    assertThat(server.certificate().notAfter()).isEqualTo(UNTIL);
  }

  @Test
  void newServerCertificate_namesOutsideConstraints_failsValidation() {
    assertThatThrownBy(() -> validate(server(List.of("vault.azure.net"), List.of())))
        .isInstanceOf(CertPathValidatorException.class);
    assertThatThrownBy(
            () ->
                validate(
                    server(List.of("localhost"), List.of(InetAddress.ofLiteral("10.0.0.1")))))
        .isInstanceOf(CertPathValidatorException.class);
  }

  @Test
  void newAuthority_constraint_isCritical() throws Exception {
    assertThat(jdk(AUTHORITY.certificate()).getCriticalExtensionOIDs())
        .containsExactlyInAnyOrder("2.5.29.15", "2.5.29.19", "2.5.29.30");
    assertThat(jdk(AUTHORITY.certificate()).getBasicConstraints()).isZero();
  }

  @Test
  void newAuthority_withoutNamesOrNetworks_isRefused() {
    assertThatThrownBy(
            () -> X509.newAuthority("x", List.of("localhost"), List.of(), FROM, UNTIL))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> X509.newAuthority("x", List.of(), List.of("127.0.0.0/8"), FROM, UNTIL))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void readAuthority_ofItsPem_signsAgain() throws Exception {
    X509.Issued again;
    try (SecretBytes pem = AUTHORITY.privateKeyPem()) {
      again = X509.readAuthority(ascii(AUTHORITY.certificate().pem()), pem);
    }
    X509.Issued server =
        X509.newServerCertificate(again, "x", List.of("a.localhost"), List.of(), FROM, UNTIL);
    assertThatCode(() -> validate(server)).doesNotThrowAnyException();
  }

  @Test
  void read_pemOrDer_isTheSameWithThumbprints() {
    X509.Certificate made = AUTHORITY.certificate();
    for (X509.Certificate read :
        List.of(X509.read(made.der()), X509.read(ascii("junk\n" + made.pem())))) {
      assertThat(read.der()).isEqualTo(made.der());
      assertThat(read.publicKey()).isEqualTo(made.publicKey());
      assertThat(Base64.getUrlDecoder().decode(read.sha1()))
          .isEqualTo(Digests.sha1Thumbprint(made.der()));
      assertThat(Base64.getUrlDecoder().decode(read.sha256()))
          .isEqualTo(Digests.sha256(made.der()));
    }
  }

  @Test
  void read_moreThanOneCertificate_isRefused() {
    X509.Certificate one = AUTHORITY.certificate();
    byte[] twice = Arrays.copyOf(one.der(), one.der().length * 2);
    System.arraycopy(one.der(), 0, twice, one.der().length, one.der().length);
    assertThatThrownBy(() -> X509.read(twice)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> X509.read(ascii(X509.pemChain(one, one))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 blocks");
  }

  @Test
  void read_withItsPrivateKey_isRefusedAndSaysWhy() {
    try (SecretBytes key = AUTHORITY.privateKeyPem()) {
      String both =
          new String(key.exposed(), StandardCharsets.US_ASCII) + AUTHORITY.certificate().pem();
      assertThatThrownBy(() -> X509.read(ascii(both)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("private key");
    }
  }

  @Test
  void read_notACertificate_isRefused() {
    assertThatThrownBy(() -> X509.read(new byte[0])).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> X509.read(new byte[] {0x30, 0x03, 1, 2, 3}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> X509.read(new byte[70_000]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void issuing_registersNoProvider() {
    assertThat(Security.getProvider("BC")).isNull();
  }

  @Test
  void toString_ofIssued_showsNoKey() {
    assertThat(AUTHORITY.toString()).contains("SecretBytes[redacted]");
  }

  private static X509.Issued server(List<String> names, List<InetAddress> addresses) {
    return X509.newServerCertificate(AUTHORITY, "server", names, addresses, FROM, UNTIL);
  }

  private static void validate(X509.Issued server) throws Exception {
    CertPath path =
        CertificateFactory.getInstance("X.509")
            .generateCertPath(List.of(jdk(server.certificate())));
    X509Certificate authority = jdk(AUTHORITY.certificate());
    // of the two, only Bouncy Castle applies the constraints of an anchor
    byte[] wrapped = authority.getExtensionValue("2.5.29.30");
    byte[] constraints = Arrays.copyOfRange(wrapped, 2, wrapped.length);
    PKIXParameters parameters =
        new PKIXParameters(
            Set.of(
                new TrustAnchor(
                    authority.getSubjectX500Principal(), authority.getPublicKey(), constraints)));
    parameters.setRevocationEnabled(false);
    parameters.setDate(Date.from(FROM.plusSeconds(1)));
    CertPathValidator.getInstance("PKIX", new BouncyCastleProvider()).validate(path, parameters);
  }

  private static X509Certificate jdk(X509.Certificate certificate) throws Exception {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(certificate.der()));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
