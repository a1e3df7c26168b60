package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.model.Curve;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.KeyType;
import dev.strongroom.model.PrivateJwk;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.SecretBytes;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Optional;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyPemTest {
  private static KeyPair generate(String algorithm, Optional<String> curve) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    if (curve.isPresent()) {
      generator.initialize(new ECGenParameterSpec(curve.get()));
    } else {
      generator.initialize(2048);
    }
    return generator.generateKeyPair();
  }

  private static PrivateJwk read(String label, byte[] der) {
    return KeyPem.readPrivate(
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" + Pem.write(label, der))
            .getBytes(StandardCharsets.US_ASCII));
  }

  private static BigInteger number(PrivateJwk jwk, String member) {
    return new BigInteger(1, jwk.member(member).map(SecretBytes::exposed).orElseThrow());
  }

  @Test
  void readPrivate_rsaInBothForms_isTheKey() throws Exception {
    RSAPrivateCrtKey key = (RSAPrivateCrtKey) generate("RSA", Optional.empty()).getPrivate();
    byte[] inner =
        PrivateKeyInfo.getInstance(key.getEncoded()).parsePrivateKey().toASN1Primitive().getEncoded();
    for (PrivateJwk jwk :
        new PrivateJwk[] {
          read("PRIVATE KEY", key.getEncoded()), read("RSA PRIVATE KEY", inner)
        }) {
      assertThat(jwk.type()).isEqualTo(KeyType.RSA);
      assertThat(number(jwk, "n")).isEqualTo(key.getModulus());
      assertThat(number(jwk, "e")).isEqualTo(key.getPublicExponent());
      assertThat(number(jwk, "d")).isEqualTo(key.getPrivateExponent());
      assertThat(number(jwk, "p")).isEqualTo(key.getPrimeP());
      assertThat(number(jwk, "q")).isEqualTo(key.getPrimeQ());
      assertThat(number(jwk, "dp")).isEqualTo(key.getPrimeExponentP());
      assertThat(number(jwk, "dq")).isEqualTo(key.getPrimeExponentQ());
      assertThat(number(jwk, "qi")).isEqualTo(key.getCrtCoefficient());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Curve.class,
      names = {"P_256", "P_384", "P_521"})
  void readPrivate_curve_isTheKey(Curve curve) throws Exception {
    KeyPair pair = generate("EC", Optional.of(curve.standard()));
    PrivateJwk jwk = read("PRIVATE KEY", pair.getPrivate().getEncoded());
    assertThat(jwk.curve()).contains(curve);
    assertThat(number(jwk, "d")).isEqualTo(((ECPrivateKey) pair.getPrivate()).getS());
    assertThat(number(jwk, "x")).isEqualTo(((ECPublicKey) pair.getPublic()).getW().getAffineX());
    assertThat(number(jwk, "y")).isEqualTo(((ECPublicKey) pair.getPublic()).getW().getAffineY());
    assertThat(jwk.member("x").orElseThrow().length()).isEqualTo(curve.bytes());
  }

  @Test
  void readPrivate_sec1FileOfOpenSsl_isTheKey() {
    // openssl ecparam -name secp256k1 -genkey
    String file =
        """
        -----BEGIN EC PARAMETERS-----
        BgUrgQQACg==
        -----END EC PARAMETERS-----
        -----BEGIN EC PRIVATE KEY-----
        MHQCAQEEIEAcapHTtqRHVWfic7JMpYat1b85CjFU9MSplzmA4JRpoAcGBSuBBAAK
        oUQDQgAEmRCmGPvwUgGKU/HeRSsas2UDFZaqIdYe07dSfSOh7i24gXmH8QKZvYDv
        SXteEWuR3MZ0gGBdqfHFL5cvQBb9aw==
        -----END EC PRIVATE KEY-----
        """;
    PrivateJwk jwk = KeyPem.readPrivate(file.getBytes(StandardCharsets.US_ASCII));
    assertThat(jwk.curve()).contains(Curve.P_256K);
    assertThat(number(jwk, "x").toString(16)).isEqualTo("9910a618fbf052018a53f1de452b1ab365031596aa21d61ed3b7527d23a1ee2d");
    assertThat(number(jwk, "y").toString(16)).isEqualTo("b8817987f10299bd80ef497b5e116b91dcc67480605da9f1c52f972f4016fd6b");
  }

  @Test
  void readPrivate_otherKeys_sayWhy() throws Exception {
    byte[] edwards =
        KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate().getEncoded();
    assertThatThrownBy(() -> read("PRIVATE KEY", edwards))
        .hasMessage("the private key is neither RSA nor on a curve");
    assertThatThrownBy(() -> read("ENCRYPTED PRIVATE KEY", new byte[] {5, 0}))
        .hasMessage("the private key is encrypted");
    assertThatThrownBy(() -> read("PUBLIC KEY", new byte[] {5, 0}))
        .hasMessage("there is no private key");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"})
  void readPrivate_garbage_isRefused(String label) {
    assertThatThrownBy(() -> read(label, new byte[] {48, 3, 2, 1, 5}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> read(label, new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void writePublic_rsaAndCurve_areReadByTheJdk() throws Exception {
    try (SoftwareKeys keys = new SoftwareKeys(new JdkEngine())) {
      for (KeySpec spec :
          new KeySpec[] {new KeySpec.Rsa(2048), new KeySpec.Ec(Curve.P_384)}) {
        try (Material made = keys.generate(spec)) {
          String pem = KeyPem.writePublic(made.publicJwk()).orElseThrow();
          byte[] der = Pem.read(pem.getBytes(StandardCharsets.US_ASCII)).getFirst().der();
          var read =
              KeyFactory.getInstance(spec.type().wire())
                  .generatePublic(new X509EncodedKeySpec(der));
          assertThat(read.getEncoded()).isEqualTo(der);
          switch (made.publicJwk()) {
            case PublicJwk.Rsa rsa ->
                assertThat(((java.security.interfaces.RSAPublicKey) read).getModulus())
                    .isEqualTo(rsa.n());
            case PublicJwk.Ec ec ->
                assertThat(((ECPublicKey) read).getW().getAffineX()).isEqualTo(ec.x());
            default -> throw new AssertionError(spec);
          }
        }
      }
    }
    assertThat(KeyPem.writePublic(new PublicJwk.Oct(128))).isEmpty();
    assertThat(KeyPem.writePublic(new PublicJwk.Akp(KeyAlgorithm.ML_DSA_44, new byte[1])))
        .isEmpty();
  }
}
