package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.model.CertificateKeyUsage;
import dev.strongroom.model.Curve;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.SubjectNames;
import dev.strongroom.model.X509Properties;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RandomCertificatesTest {
  private static final int CERTIFICATES = 300;
  private static final long SEED = 20_260_301;
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final List<String> EKUS =
      List.of(
          "1.3.6.1.5.5.7.3.1",
          "1.3.6.1.5.5.7.3.2",
          "1.3.6.1.5.5.7.3.3",
          "1.3.6.1.5.5.7.3.4",
          "1.3.6.1.5.5.7.3.8",
          "1.3.6.1.4.1.311.20.2.2");
  private static final List<CertificateKeyUsage> FOR_CURVES =
      List.of(CertificateKeyUsage.DIGITAL_SIGNATURE, CertificateKeyUsage.NON_REPUDIATION);
  private static final List<CertificateKeyUsage> FOR_RSA =
      List.of(
          CertificateKeyUsage.DIGITAL_SIGNATURE,
          CertificateKeyUsage.NON_REPUDIATION,
          CertificateKeyUsage.KEY_ENCIPHERMENT,
          CertificateKeyUsage.DATA_ENCIPHERMENT);

  private final SoftwareKeys keys = new SoftwareKeys(new JdkEngine());
  private final Random random = new Random(SEED);

  /**
   * With {@code -Dcertificates.folder=FOLDER} they are also written there, in DER, for linters such
   * as zlint.
   */
  @Test
  void certificates_ofRandomPolicies_sayWhatWasAskedForAndVerify() throws Exception {
    Material rsa = keys.generate(new KeySpec.Rsa(2048));
    List<Material> curves =
        List.of(
            keys.generate(new KeySpec.Ec(Curve.P_256)),
            keys.generate(new KeySpec.Ec(Curve.P_384)),
            keys.generate(new KeySpec.Ec(Curve.P_521)));
    for (int i = 0; i < CERTIFICATES; i++) {
      boolean onCurve = random.nextBoolean();
      Material key = onCurve ? pick(curves) : rsa;
      X509Properties wanted = properties(onCurve ? FOR_CURVES : FOR_RSA);
      byte[] der;
      try (OpenKey open = keys.open(key)) {
        der =
            CertificateMaking.selfSigned(
                wanted,
                open,
                NOW,
                NOW.atOffset(ZoneOffset.UTC).plusMonths(wanted.validityMonths()).toInstant());
      }
      assertThat(CertificateFacts.read(der).properties()).isEqualTo(wanted);
      X509Certificate jdk =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(der));
      jdk.verify(jdk.getPublicKey());
      write(i, der);
    }
  }

  private static void write(int number, byte[] der) throws IOException {
    String folder = System.getProperty("certificates.folder");
    if (folder != null) {
      Files.write(Path.of(folder, number + ".der"), der);
    }
  }

  private X509Properties properties(List<CertificateKeyUsage> usages) {
    boolean authority = random.nextInt(5) == 0;
    EnumSet<CertificateKeyUsage> chosen = EnumSet.of(pick(usages));
    usages.stream().filter(_ -> random.nextBoolean()).forEach(chosen::add);
    if (authority) {
      chosen = EnumSet.of(CertificateKeyUsage.KEY_CERT_SIGN, CertificateKeyUsage.CRL_SIGN);
    }
    SubjectNames names = authority ? SubjectNames.NONE : names();
    return new X509Properties(
        subject(names),
        authority ? List.of() : EKUS.stream().filter(_ -> random.nextBoolean()).toList(),
        names,
        List.copyOf(chosen),
        1 + random.nextInt(36),
        authority,
        authority && random.nextBoolean() ? Optional.of(random.nextInt(4)) : Optional.empty());
  }

  private String subject(SubjectNames names) {
    StringBuilder text =
        new StringBuilder("CN=")
            .append(names.dnsNames().isEmpty() ? word() : names.dnsNames().getFirst());
    if (random.nextBoolean()) {
      text.append(",OU=").append(word()).append(' ').append(word());
    }
    if (random.nextBoolean()) {
      text.append(",O=").append(word()).append("\\, Inc.");
    }
    if (random.nextBoolean()) {
      text.append(",L=").append(word()).append(",ST=").append(word());
    }
    return text.append(random.nextBoolean() ? ",C=DE" : ",C=US").toString();
  }

  private SubjectNames names() {
    List<String> dns = new ArrayList<>(List.of(host()));
    for (int more = random.nextInt(20); more > 0; more--) {
      dns.add(random.nextInt(4) == 0 ? "*." + host() : host());
    }
    return new SubjectNames(
        some(word() + "@" + host()),
        dns,
        some(word() + "@" + host()),
        some("spiffe://" + host() + "/" + word()),
        some("192.0.2." + random.nextInt(256)));
  }

  private List<String> some(String name) {
    return random.nextInt(3) == 0 ? List.of(name) : List.of();
  }

  private String host() {
    return word() + random.nextInt(1_000) + "." + word() + ".example.com";
  }

  private String word() {
    StringBuilder text = new StringBuilder();
    for (int length = 1 + random.nextInt(12); length > 0; length--) {
      text.append((char) ('a' + random.nextInt(26)));
    }
    return text.toString();
  }

  private <T> T pick(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }
}
