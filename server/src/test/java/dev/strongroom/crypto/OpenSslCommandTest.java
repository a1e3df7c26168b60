package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.model.Curve;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.ToSign;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The openssl command, another implementation, understands what keys on the JDK make. */
class OpenSslCommandTest {
  private static final byte[] MESSAGE = {'s', 't', 'r', 'o', 'n', 'g'};

  @TempDir Path folder;

  private final SoftwareKeys keys = new SoftwareKeys(new JdkEngine());

  @BeforeEach
  void needsTheCommand() throws Exception {
    boolean there;
    try {
      there = openssl("version") == 0;
    } catch (IOException e) {
      there = false;
    }
    assumeTrue(there, "there is no openssl command here");
  }

  @Test
  void sign_rsa_isVerifiedByOpenssl() throws Exception {
    try (OpenKey key = keys.open(keys.generate(new KeySpec.Rsa(2048)))) {
      writePublic(key);
      Files.write(folder.resolve("message"), MESSAGE);
      for (KeyAlgorithm algorithm :
          new KeyAlgorithm[] {
            KeyAlgorithm.RS256, KeyAlgorithm.RS512, KeyAlgorithm.PS256, KeyAlgorithm.PS384
          }) {
        String hash = algorithm.hash().orElseThrow().standard();
        Files.write(
            folder.resolve("signature"),
            key.sign(
                algorithm,
                new ToSign.Digest(MessageDigest.getInstance(hash).digest(MESSAGE))));
        String padding =
            algorithm.family() == KeyAlgorithm.Family.RSA_PSS ? "pss" : "pkcs1";
        assertThat(
                openssl(
                    "dgst", "-" + hash.replace("-", "").toLowerCase(java.util.Locale.ROOT),
                    "-verify", "public", "-signature", "signature",
                    "-sigopt", "rsa_padding_mode:" + padding, "message"))
            .as(algorithm.wire())
            .isZero();
      }
    }
  }

  @Test
  void unwrap_whatOpensslEncrypted_opens() throws Exception {
    try (OpenKey key = keys.open(keys.generate(new KeySpec.Rsa(3072)))) {
      writePublic(key);
      Files.write(folder.resolve("message"), MESSAGE);
      assertThat(
              openssl(
                  "pkeyutl", "-encrypt", "-pubin", "-inkey", "public", "-in", "message",
                  "-out", "sealed", "-pkeyopt", "rsa_padding_mode:oaep",
                  "-pkeyopt", "rsa_oaep_md:sha256"))
          .isZero();
      assertThat(
              key.unwrap(KeyAlgorithm.RSA_OAEP_256, Files.readAllBytes(folder.resolve("sealed")))
                  .orElseThrow()
                  .exposed())
          .isEqualTo(MESSAGE);
    }
  }

  @Test
  void wrap_forAKeyOfOpenssl_isOpenedByIt() throws Exception {
    Material made = keys.generate(new KeySpec.Rsa(2048));
    try (RsaParts parts = ((SoftwareKey) made).rsaParts();
        OpenKey key = keys.open(made)) {
      Files.write(
          folder.resolve("private"),
          KeyFactory.getInstance("RSA")
              .generatePrivate(
                  new RSAPrivateCrtKeySpec(
                      RsaParts.number(parts.n()), RsaParts.number(parts.e()),
                      RsaParts.number(parts.d()), RsaParts.number(parts.p()),
                      RsaParts.number(parts.q()), RsaParts.number(parts.dp()),
                      RsaParts.number(parts.dq()), RsaParts.number(parts.qi())))
              .getEncoded());
      for (KeyAlgorithm algorithm :
          new KeyAlgorithm[] {KeyAlgorithm.RSA1_5, KeyAlgorithm.RSA_OAEP}) {
        Files.write(
            folder.resolve("sealed"),
            key.wrap(algorithm, SecretBytes.taking(MESSAGE.clone())));
        assertThat(
                openssl(
                    "pkeyutl", "-decrypt", "-keyform", "DER", "-inkey", "private",
                    "-in", "sealed", "-out", "opened", "-pkeyopt",
                    "rsa_padding_mode:"
                        + (algorithm == KeyAlgorithm.RSA1_5 ? "pkcs1" : "oaep")))
            .isZero();
        assertThat(folder.resolve("opened")).hasBinaryContent(MESSAGE);
      }
    }
  }

  @Test
  void sign_ecOnEveryCurve_isVerifiedByOpenssl() throws Exception {
    for (KeyAlgorithm algorithm :
        new KeyAlgorithm[] {
          KeyAlgorithm.ES256, KeyAlgorithm.ES384, KeyAlgorithm.ES512, KeyAlgorithm.ES256K
        }) {
      Curve curve = algorithm.curve().orElseThrow();
      byte[] digest =
          MessageDigest.getInstance(algorithm.hash().orElseThrow().standard()).digest(MESSAGE);
      try (OpenKey key = keys.open(keys.generate(new KeySpec.Ec(curve)))) {
        PublicJwk.Ec jwk = (PublicJwk.Ec) key.publicJwk();
        byte[] signature = key.sign(algorithm, new ToSign.Digest(digest));
        int half = curve.bytes();
        Files.write(
            folder.resolve("signature"),
            EcDer.of(
                new BigInteger(1, Arrays.copyOf(signature, half)),
                new BigInteger(1, Arrays.copyOfRange(signature, half, 2 * half))));
        Files.write(folder.resolve("digest"), digest);
        Files.write(
            folder.resolve("public"),
            new org.bouncycastle.asn1.x509.SubjectPublicKeyInfo(
                    new org.bouncycastle.asn1.x509.AlgorithmIdentifier(
                        org.bouncycastle.asn1.x9.X9ObjectIdentifiers.id_ecPublicKey,
                        org.bouncycastle.asn1.x9.ECNamedCurveTable.getOID(curve.standard())),
                    EcMath.parameters(jwk).getQ().getEncoded(false))
                .getEncoded());
        assertThat(
                openssl(
                    "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "public",
                    "-sigfile", "signature", "-in", "digest"))
            .as(algorithm.wire())
            .isZero();
      }
    }
  }

  private void writePublic(OpenKey key) throws Exception {
    PublicJwk.Rsa jwk = (PublicJwk.Rsa) key.publicJwk();
    Files.writeString(
        folder.resolve("public"),
        Pem.write(
            "PUBLIC KEY",
            KeyFactory.getInstance("RSA")
                .generatePublic(new RSAPublicKeySpec(jwk.n(), jwk.e()))
                .getEncoded()));
  }

  private int openssl(String... arguments) throws IOException, InterruptedException {
    String[] command = new String[arguments.length + 1];
    command[0] = "openssl";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output").toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }
}
