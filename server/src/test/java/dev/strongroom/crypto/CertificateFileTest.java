package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.control.Refused;
import dev.strongroom.model.CertificateKeyUsage;
import dev.strongroom.model.Curve;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.SubjectNames;
import dev.strongroom.model.VaultException;
import dev.strongroom.model.X509Properties;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CertificateFileTest {
  private static final SoftwareKeys KEYS = new SoftwareKeys(new JdkEngine());
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static Material key;
  private static byte[] leaf;
  private static byte[] pkcs8;

  @TempDir Path folder;

  @BeforeAll
  static void make() {
    key = KEYS.generate(new KeySpec.Ec(Curve.P_256));
    leaf = selfSigned(key, "CN=leaf");
    pkcs8 = Pkcs8.write(key).exposed();
  }

  private static byte[] selfSigned(Material by, String subject) {
    try (OpenKey open = KEYS.open(by)) {
      return CertificateMaking.selfSigned(
          new X509Properties(
              subject,
              List.of(),
              SubjectNames.NONE,
              List.of(CertificateKeyUsage.DIGITAL_SIGNATURE),
              12,
              false,
              Optional.empty()),
          open,
          NOW,
          NOW.plusSeconds(86_400));
    }
  }

  private String openssl(String... arguments) throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/openssl")), "this system has no openssl");
    List<String> command = new ArrayList<>(List.of("/usr/bin/openssl"));
    command.addAll(List.of(arguments));
    Path out = folder.resolve("out");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String said = Files.readString(out, StandardCharsets.ISO_8859_1);
    assertThat(process.exitValue()).as(said).isZero();
    return said;
  }

  private byte[] exported(String... options) throws IOException, InterruptedException {
    Files.writeString(folder.resolve("key.pem"), Pem.write(Pem.PRIVATE_KEY, pkcs8));
    Files.writeString(folder.resolve("leaf.pem"), Pem.write(Pem.CERTIFICATE, leaf));
    List<String> all =
        new ArrayList<>(
            List.of(
                "pkcs12", "-export", "-inkey", "key.pem", "-in", "leaf.pem", "-out", "file.p12"));
    all.addAll(List.of(options));
    openssl(all.toArray(String[]::new));
    return Files.readAllBytes(folder.resolve("file.p12"));
  }

  private static void isOurs(byte[] content, String password) {
    try (CertificateFile file = CertificateFile.read(content, password);
        Material read = KEYS.importJwk(file.key())) {
      assertThat(read.publicJwk()).isEqualTo(key.publicJwk());
      assertThat(file.certificates()).hasSize(1);
      assertThat(file.certificates().getFirst()).isEqualTo(leaf);
    }
  }

  private static VaultException invalid(byte[] content) {
    return Refused.with(
        ErrorCode.CERTIFICATE_CONTENT_INVALID, () -> CertificateFile.read(content, ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-passout pass:word",
        "-passout pass:",
        "-passout pass:word -descert -macalg sha1",
        "-passout pass:word -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha512",
        "-passout pass: -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1",
        "-passout pass:word -keypbe AES-128-CBC -certpbe AES-192-CBC -macalg sha384",
        "-passout pass:word -keypbe NONE -certpbe NONE",
        "-passout pass:word -nomac",
        "-passout pass:word -iter 100000",
      })
  void read_pfxOfOpenssl_isTheKeyAndTheCertificate(String options) throws Exception {
    isOurs(exported(options.split(" ")), options.contains("word") ? "word" : "");
  }

  @Test
  void read_pfxOfOpensslLegacy_isTheKeyAndTheCertificate() throws Exception {
    isOurs(exported("-passout", "pass:word", "-legacy"), "word");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "word"})
  void read_pfxOfTheJdk_isTheKeyAndTheCertificate(String password) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    PrivateKey jdk =
        KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    Certificate certificate =
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(leaf));
    store.setKeyEntry("a", jdk, password.toCharArray(), new Certificate[] {certificate});
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    store.store(out, password.toCharArray());
    isOurs(out.toByteArray(), password);
  }

  @Test
  void read_wrongPassword_isRefusedWithoutTheWord() throws Exception {
    for (String options :
        List.of("-passout pass:right", "-passout pass:right -keypbe PBE-SHA1-3DES")) {
      byte[] pfx = exported(options.split(" "));
      for (String wrong : List.of("", "wrong-word")) {
        assertThat(
                Refused.with(
                        ErrorCode.CERTIFICATE_PASSWORD, () -> CertificateFile.read(pfx, wrong))
                    .getMessage())
            .doesNotContain("wrong-word");
      }
    }
  }

  @Test
  void read_iterationsWithoutEnd_areRefusedAtOnce() throws Exception {
    byte[] pfx = exported("-passout", "pass:word", "-iter", "100000");
    byte[] count = {2, 3, 0x01, (byte) 0x86, (byte) 0xa0};
    int patched = 0;
    for (int at = 0; at + count.length <= pfx.length; at++) {
      if (Arrays.equals(pfx, at, at + count.length, count, 0, count.length)) {
        pfx[at + 2] = 0x7f;
        patched++;
      }
    }
    assertThat(patched).isPositive();
    assertThat(
            Refused.with(
                    ErrorCode.CERTIFICATE_CONTENT_INVALID,
                    () -> CertificateFile.read(pfx, "word"))
                .getMessage())
        .contains("2000000");
  }

  @Test
  void read_iterationsOfAllParts_areBoundedTogether() throws Exception {
    byte[] pfx = exported("-passout", "pass:word", "-iter", "700000");
    assertThat(
            Refused.with(
                    ErrorCode.CERTIFICATE_CONTENT_INVALID,
                    () -> CertificateFile.read(pfx, "word"))
                .getMessage())
        .contains("2000000");
  }

  @Test
  void read_pfxOfMoreCertificatesThanAFileShouldHave_isRefused() throws Exception {
    Files.writeString(
        folder.resolve("many.pem"), Pem.write(Pem.CERTIFICATE, leaf).repeat(40));
    assertThat(
            invalid(exported("-passout", "pass:", "-certfile", "many.pem")).getMessage())
        .contains("more than 32");
  }

  @Test
  void read_pemOfEveryForm_isTheKeyAndTheCertificate() throws Exception {
    Files.writeString(folder.resolve("key.pem"), Pem.write(Pem.PRIVATE_KEY, pkcs8));
    String certificate = Pem.write(Pem.CERTIFICATE, leaf);
    openssl("ec", "-in", "key.pem", "-out", "sec1.pem");
    openssl(
        "pkcs8", "-topk8", "-in", "key.pem", "-out", "locked.pem", "-passout", "pass:word");
    for (String name : List.of("key.pem", "sec1.pem", "locked.pem")) {
      String pem = certificate + "some text\n" + Files.readString(folder.resolve(name));
      isOurs(pem.getBytes(StandardCharsets.US_ASCII), "word");
    }
    byte[] locked =
        (certificate + Files.readString(folder.resolve("locked.pem")))
            .getBytes(StandardCharsets.US_ASCII);
    Refused.with(
        ErrorCode.CERTIFICATE_PASSWORD, () -> CertificateFile.read(locked, "wrong"));
  }

  @Test
  void read_rsaInPkcs1_isTheKey() throws Exception {
    try (Material rsa = KEYS.generate(new KeySpec.Rsa(2048))) {
      Files.writeString(
          folder.resolve("key.pem"),
          Pem.write(Pem.PRIVATE_KEY, Pkcs8.write(rsa).exposed()));
      openssl("rsa", "-traditional", "-in", "key.pem", "-out", "pkcs1.pem");
      String pem =
          Files.readString(folder.resolve("pkcs1.pem"))
              + Pem.write(Pem.CERTIFICATE, selfSigned(rsa, "CN=rsa"));
      assertThat(pem).contains("RSA PRIVATE KEY");
      try (CertificateFile file =
              CertificateFile.read(pem.getBytes(StandardCharsets.US_ASCII), "");
          Material read = KEYS.importJwk(file.key())) {
        assertThat(read.publicJwk()).isEqualTo(rsa.publicJwk());
      }
    }
  }

  @Test
  void read_notOneKeyAndCertificates_isRefused() {
    String key = Pem.write(Pem.PRIVATE_KEY, pkcs8);
    String certificate = Pem.write(Pem.CERTIFICATE, leaf);
    for (String pem :
        List.of(
            key,
            certificate,
            key + key + certificate,
            key + certificate.repeat(33),
            key + certificate + "-----BEGIN X-----\n-----END X-----\n",
            key.replace("PRIVATE KEY", "RSA PRIVATE KEY") + certificate,
            key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY") + certificate,
            key + certificate.replace("END", "FIN"))) {
      invalid(pem.getBytes(StandardCharsets.US_ASCII));
    }
  }

  @Test
  void read_nestedWithoutEnd_isRefused() {
    for (byte second : new byte[] {(byte) 0x80, 0x02}) {
      byte[] deep = new byte[200_000];
      for (int at = 0; at < deep.length; at += 2) {
        deep[at] = 0x30;
        deep[at + 1] = second;
      }
      invalid(deep);
      Refused.with(
          ErrorCode.CERTIFICATE_CONTENT_INVALID,
          () -> CertificateFacts.chain(List.of(deep), key.publicJwk(), false));
    }
  }

  /** Every single byte of a file changed, cut off and repeated: refused, or still the same. */
  @Test
  void read_anyByteChanged_isRefusedOrTheSame() throws Exception {
    byte[] pfx;
    try (SecretBytes exported = CertificateMaking.exported(key, true);
        SecretBytes written = Pkcs12.write(exported, leaf, List.of(leaf))) {
      pfx = written.exposed().clone();
    }
    isOurs(pfx, "");
    for (int at = 0; at < pfx.length; at += 3) {
      byte[] changed = pfx.clone();
      changed[at] ^= 0x11;
      byte[] cut = Arrays.copyOf(pfx, at);
      for (byte[] content : List.of(changed, cut)) {
        try {
          isOurs(content, "");
        } catch (VaultException e) {
          assertThat(e.code())
              .isIn(ErrorCode.CERTIFICATE_CONTENT_INVALID, ErrorCode.CERTIFICATE_PASSWORD);
        }
      }
    }
  }

  // what is written

  @Test
  void pfx_ofOurs_isOpenedByOpensslAndTheJdkWithItsChain() throws Exception {
    Material other = KEYS.generate(new KeySpec.Ec(Curve.P_384));
    byte[] pfx;
    try (SecretBytes exported = CertificateMaking.exported(key, true);
        SecretBytes made =
            CertificateMaking.pfx(
                exported, leaf, List.of(leaf, selfSigned(other, "CN=other")))) {
      pfx = Base64.getDecoder().decode(made.exposed());
    }
    Files.write(folder.resolve("file.p12"), pfx);
    assertThat(openssl("pkcs12", "-in", "file.p12", "-passin", "pass:", "-noenc"))
        .contains("-----BEGIN PRIVATE KEY-----")
        .contains("subject=CN = leaf")
        .contains("subject=CN = other");
    for (char[] password : new char[][] {{}, {0}}) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(new ByteArrayInputStream(pfx), password);
      String alias =
          Collections.list(store.aliases()).stream()
              .filter(
                  name -> {
                    try {
                      return store.isKeyEntry(name);
                    } catch (KeyStoreException e) {
                      throw new IllegalStateException(e);
                    }
                  })
              .findFirst()
              .orElseThrow();
      assertThat(store.getKey(alias, password).getEncoded()).isEqualTo(pkcs8);
      assertThat(store.getCertificate(alias).getEncoded()).isEqualTo(leaf);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "P-256", "P-384", "P-521", "P-256K", "ML-DSA-44", "ML-DSA-87"})
  void certificate_ofEveryKind_saysWhatWasAskedForAndVerifies(String kind) throws Exception {
    KeySpec spec =
        kind.equals("RSA")
            ? new KeySpec.Rsa(2048)
            : Curve.find(kind)
                .<KeySpec>map(KeySpec.Ec::new)
                .orElseGet(
                    () ->
                        new KeySpec.Akp(
                            KeyAlgorithm.find(kind).orElseThrow()));
    X509Properties wanted =
        new X509Properties(
            "CN=a\\, b,OU=Some+L=Where,O=x,C=US",
            List.of("1.3.6.1.5.5.7.3.1"),
            new SubjectNames(
                List.of("a@b.test"),
                List.of("*.b.test", "b.test"),
                List.of("me@b.test"),
                List.of("spiffe://b.test/x"),
                List.of("192.0.2.1", "2001:db8:0:0:0:0:0:1")),
            List.of(CertificateKeyUsage.values()),
            13,
            true,
            Optional.of(2));
    try (Material made = KEYS.generate(spec);
        OpenKey open = KEYS.open(made)) {
      byte[] der =
          CertificateMaking.selfSigned(
              wanted, open, NOW, Instant.parse("2027-04-01T12:00:00Z"));
      CertificateFacts facts = CertificateFacts.read(der);
      assertThat(facts.key()).isEqualTo(made.publicJwk());
      assertThat(facts.properties()).isEqualTo(wanted);
      assertThat(facts.notBefore()).isEqualTo(NOW);
      if (!(made.publicJwk() instanceof PublicJwk.Akp) && !kind.equals("P-256K")) {
        Certificate jdk =
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(der));
        jdk.verify(jdk.getPublicKey());
      }
      assertThat(Pkcs8.read(Pkcs8.write(made).exposed()))
          .hasValueSatisfying(
              jwk -> {
                try (Material again = KEYS.importJwk(jwk)) {
                  assertThat(again.publicJwk()).isEqualTo(made.publicJwk());
                }
              });
    }
  }

  @Test
  void chain_outOfOrder_isPutInOrderUnlessItIsToBeKept() throws Exception {
    Material other = KEYS.generate(new KeySpec.Ec(Curve.P_256));
    byte[] first = selfSigned(other, "CN=first");
    List<byte[]> given = List.of(first, leaf);
    assertThat(CertificateFacts.chain(given, key.publicJwk(), false).certificates())
        .containsExactly(leaf, first);
    assertThat(CertificateFacts.chain(given, key.publicJwk(), true).certificates())
        .containsExactly(first, leaf);
    Refused.with(
        ErrorCode.CERTIFICATE_KEY_MISMATCH,
        () -> CertificateFacts.chain(List.of(first), key.publicJwk(), false));
  }
}
