package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsPairTest {
  private static final Map<String, String> SIGNATURES =
      Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA", "Ed25519", "Ed25519");

  private static byte[] certificate(KeyPair pair, String algorithm) throws Exception {
    X500Name name = new X500Name("CN=pair");
    Instant now = Instant.now();
    return pem(
        Pem.CERTIFICATE,
        new JcaX509v3CertificateBuilder(
                name,
                BigInteger.ONE,
                Date.from(now.minusSeconds(60)),
                Date.from(now.plusSeconds(3600)),
                name,
                pair.getPublic())
            .build(
                new JcaContentSignerBuilder(SIGNATURES.get(algorithm)).build(pair.getPrivate()))
            .getEncoded());
  }

  private static byte[] pem(String label, byte[] der) {
    return Pem.write(label, der).getBytes(StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed25519"})
  void requireMatch_keyOfAnother_isRefused(String algorithm) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    KeyPair pair = generator.generateKeyPair();
    byte[] certificate = certificate(pair, algorithm);
    byte[] ours = pem(Pem.PRIVATE_KEY, pair.getPrivate().getEncoded());
    assertThatCode(() -> TlsPair.requireMatch(certificate, ours)).doesNotThrowAnyException();
    byte[] another = pem(Pem.PRIVATE_KEY, generator.generateKeyPair().getPrivate().getEncoded());
    assertThatThrownBy(() -> TlsPair.requireMatch(certificate, another))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the key is not the certificate's");
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC"})
  void requireMatch_keyInItsOlderForm_isRead(String algorithm) throws Exception {
    KeyPair pair = KeyPairGenerator.getInstance(algorithm).generateKeyPair();
    byte[] certificate = certificate(pair, algorithm);
    byte[] older =
        PrivateKeyInfo.getInstance(pair.getPrivate().getEncoded())
            .parsePrivateKey()
            .toASN1Primitive()
            .getEncoded();
    assertThatCode(
            () -> TlsPair.requireMatch(certificate, pem(algorithm + " PRIVATE KEY", older)))
        .doesNotThrowAnyException();
  }
}
