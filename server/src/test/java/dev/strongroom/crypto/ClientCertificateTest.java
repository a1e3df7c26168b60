package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.model.SecretBytes;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;

class ClientCertificateTest {
  private static final byte[] INPUT = "header.claims".getBytes(StandardCharsets.US_ASCII);

  private static KeyPair rsa() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return generator.generateKeyPair();
  }

  private static KeyPair ec(String curve) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(curve));
    return generator.generateKeyPair();
  }

  private static String certificate(KeyPair pair) throws Exception {
    X500Name name = new X500Name("CN=client");
    String algorithm =
        pair.getPublic().getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
    return Pem.write(
        Pem.CERTIFICATE,
        new JcaX509v3CertificateBuilder(
                name,
                BigInteger.TEN,
                Date.from(Instant.parse("2026-01-01T00:00:00Z")),
                Date.from(Instant.parse("2027-01-01T00:00:00Z")),
                name,
                pair.getPublic())
            .build(new JcaContentSignerBuilder(algorithm).build(pair.getPrivate()))
            .getEncoded());
  }

  private static String key(KeyPair pair) {
    return Pem.write(Pem.PRIVATE_KEY, pair.getPrivate().getEncoded());
  }

  private static ClientCertificate read(String... pem) {
    return ClientCertificate.readPem(SecretBytes.ofUtf8(String.join("", pem)));
  }

  @Test
  void sign_rsa_isRs256() throws Exception {
    KeyPair pair = rsa();
    ClientCertificate client = read(key(pair), certificate(pair));
    assertThat(client.algorithm()).isEqualTo("RS256");
    Signature check = Signature.getInstance("SHA256withRSA");
    check.initVerify(pair.getPublic());
    check.update(INPUT);
    assertThat(check.verify(client.sign(INPUT))).isTrue();
    assertThat(client.toString()).contains(client.certificate().sha256()).doesNotContain("modulus");
  }

  @Test
  void sign_p256_isEs256OfTwiceThirtyTwoBytes() throws Exception {
    KeyPair pair = ec("secp256r1");
    ClientCertificate client = read(certificate(pair), key(pair), certificate(rsa()));
    assertThat(client.algorithm()).isEqualTo("ES256");
    assertThat(client.sign(INPUT)).hasSize(64);
    Signature check = Signature.getInstance("SHA256withECDSAinP1363Format");
    check.initVerify(pair.getPublic());
    check.update(INPUT);
    assertThat(check.verify(client.sign(INPUT))).isTrue();
  }

  @Test
  void readPem_whatCannotSign_isRefusedWithTheReason() throws Exception {
    KeyPair pair = rsa();
    assertThatThrownBy(() -> read(certificate(pair))).hasMessageContaining("its one private key");
    assertThatThrownBy(() -> read(key(pair))).hasMessageContaining("a certificate");
    assertThatThrownBy(() -> read(certificate(pair), key(pair), key(pair)))
        .hasMessageContaining("its one private key");
    assertThatThrownBy(() -> read(certificate(pair), key(rsa())))
        .hasMessageContaining("not that of the first certificate");
    assertThatThrownBy(() -> read(certificate(pair), key(ec("secp256r1"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasNoCause();
    assertThatThrownBy(
            () -> read(certificate(pair), key(pair).replace("PRIVATE KEY", "RSA PRIVATE KEY")))
        .hasMessageContaining("PKCS#8")
        .hasMessageContaining("RSA PRIVATE KEY");
    KeyPair other = ec("secp384r1");
    assertThatThrownBy(() -> read(certificate(other), key(other)))
        .hasMessageContaining("neither RSA nor P-256");
  }
}
