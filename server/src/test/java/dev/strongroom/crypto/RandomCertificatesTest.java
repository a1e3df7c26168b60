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
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RandomCertificatesTest {
  private static final int POLICIES = Integer.getInteger("certificates.policies", 300);
  private static final long SEED = 20_260_301;
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Instant END = Instant.parse("2046-03-01T12:00:00Z");
  private static final List<String> EKUS =
      List.of(
          "1.3.6.1.5.5.7.3.1",
          "1.3.6.1.5.5.7.3.2",
          "1.3.6.1.5.5.7.3.3",
          "1.3.6.1.5.5.7.3.4",
          "1.3.6.1.5.5.7.3.8",
          "1.3.6.1.4.1.311.20.2.2");
  private static final List<CertificateKeyUsage> ALL =
      List.of(
          CertificateKeyUsage.DIGITAL_SIGNATURE,
          CertificateKeyUsage.NON_REPUDIATION,
          CertificateKeyUsage.KEY_ENCIPHERMENT,
          CertificateKeyUsage.DATA_ENCIPHERMENT);

  /** The key usages that RFC 5280 section 4.2.1.12 finds consistent with an extended one. */
  private static final Map<String, List<CertificateKeyUsage>> CONSISTENT =
      Map.of(
          "1.3.6.1.5.5.7.3.1",
          List.of(
              CertificateKeyUsage.DIGITAL_SIGNATURE, CertificateKeyUsage.KEY_ENCIPHERMENT),
          "1.3.6.1.5.5.7.3.2",
          List.of(CertificateKeyUsage.DIGITAL_SIGNATURE),
          "1.3.6.1.5.5.7.3.3",
          List.of(CertificateKeyUsage.DIGITAL_SIGNATURE),
          "1.3.6.1.5.5.7.3.4",
          List.of(
              CertificateKeyUsage.DIGITAL_SIGNATURE,
              CertificateKeyUsage.NON_REPUDIATION,
              CertificateKeyUsage.KEY_ENCIPHERMENT),
          "1.3.6.1.5.5.7.3.8",
          List.of(
              CertificateKeyUsage.DIGITAL_SIGNATURE, CertificateKeyUsage.NON_REPUDIATION));

  private final SoftwareKeys keys = new SoftwareKeys(new JdkEngine());
  private final Random random = new Random(SEED);

  /**
   * Each is made by its own key and, where it is not of an authority, by one of ours. With {@code
   * -Dcertificates.folder=FOLDER} they are also written there, in DER: see {@code bench/zlint}.
   */
  @Test
  void certificates_ofRandomPolicies_sayWhatWasAskedForAndVerify() throws Exception {
    Material rsa = keys.generate(new KeySpec.Rsa(2048));
    List<Material> curves =
        List.of(
            keys.generate(new KeySpec.Ec(Curve.P_256)),
            keys.generate(new KeySpec.Ec(Curve.P_384)),
            keys.generate(new KeySpec.Ec(Curve.P_521)));
    OpenKey authorityKey = keys.open(keys.generate(new KeySpec.Ec(Curve.P_384)));
    AuthorityMaking.Signing authority =
        new AuthorityMaking.Signing(
            AuthorityMaking.root(
                "CN=Example Root CA", authorityKey, new AuthorityMaking.Validity(NOW, END)),
            authorityKey);
    AuthorityMaking.Published published =
        new AuthorityMaking.Published(
            Optional.of("http://pki.example.test/ca/1.crt"),
            Optional.of("http://pki.example.test/crl/1.crl"),
            Optional.of("http://pki.example.test/ocsp"));
    write("root", authority.certificate());
    for (int i = 0; i < POLICIES; i++) {
      boolean onCurve = random.nextBoolean();
      Material key = onCurve ? pick(curves) : rsa;
      X509Properties wanted = properties(onCurve);
      Instant until =
          NOW.atOffset(ZoneOffset.UTC).plusMonths(wanted.validityMonths()).toInstant();
      byte[] der;
      try (OpenKey open = keys.open(key)) {
        der = CertificateMaking.selfSigned(wanted, open, NOW, until);
      }
      X509Certificate self = read(der, wanted);
      self.verify(self.getPublicKey());
      write("self-" + i, der);
      if (!wanted.authority()) {
        byte[] issued =
            AuthorityMaking.certificate(
                wanted,
                AuthorityMaking.newSerial(),
                key.publicJwk(),
                authority,
                new AuthorityMaking.Validity(NOW, until),
                published);
        read(issued, wanted).verify(read(authority.certificate()).getPublicKey());
        write("issued-" + i, issued);
      }
    }
  }

  private static X509Certificate read(byte[] der, X509Properties wanted) throws Exception {
    assertThat(CertificateFacts.read(der).properties()).isEqualTo(wanted);
    return read(der);
  }

  private static X509Certificate read(byte[] der) throws Exception {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(der));
  }

  private static void write(String name, byte[] der) throws IOException {
    String folder = System.getProperty("certificates.folder");
    if (folder != null) {
      Files.write(Path.of(folder, name + ".der"), der);
    }
  }

  private X509Properties properties(boolean onCurve) {
    boolean authority = random.nextInt(5) == 0;
    List<String> ekus = EKUS.stream().filter(_ -> random.nextBoolean()).toList();
    List<CertificateKeyUsage> usages =
        (ekus.isEmpty() ? ALL : CONSISTENT.getOrDefault(pick(ekus), ALL))
            .stream()
                // because a key on a curve enciphers nothing (RFC 5480 section 3)
                .filter(
                    usage ->
                        !onCurve
                            || usage == CertificateKeyUsage.DIGITAL_SIGNATURE
                            || usage == CertificateKeyUsage.NON_REPUDIATION)
                .toList();
    EnumSet<CertificateKeyUsage> chosen = EnumSet.of(pick(usages));
    usages.stream().filter(_ -> random.nextBoolean()).forEach(chosen::add);
    if (authority) {
      chosen = EnumSet.of(CertificateKeyUsage.KEY_CERT_SIGN, CertificateKeyUsage.CRL_SIGN);
    }
    SubjectNames names = authority ? SubjectNames.NONE : names();
    return new X509Properties(
        subject(names),
        authority ? List.of() : ekus,
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
