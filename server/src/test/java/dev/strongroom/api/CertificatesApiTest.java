package dev.strongroom.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.control.Refused;
import dev.strongroom.crypto.CertificateMaking;
import dev.strongroom.crypto.JdkEngine;
import dev.strongroom.crypto.Material;
import dev.strongroom.crypto.OpenKey;
import dev.strongroom.crypto.SoftwareKeys;
import dev.strongroom.model.ApiVersion;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.Operation;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.SubjectNames;
import dev.strongroom.model.VaultException;
import dev.strongroom.model.X509Properties;
import dev.strongroom.vault.OpenVault;
import dev.strongroom.vault.PageTokens;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CertificatesApiTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String BASE = "https://vault-1.vault.strongroom.test:8443";
  private static final Instant START = OpenVault.START;
  private static final String EC =
      "\"key_props\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"exportable\":true}";
  private static final String SELF =
      "{\"policy\":{"
          + EC
          + ",\"x509_props\":{\"subject\":\"CN=site.test\"},\"issuer\":{\"name\":\"Self\"}}}";
  private static final String UNKNOWN =
      "{\"policy\":{" + EC + ",\"x509_props\":{\"subject\":\"CN=site.test\"}}}";

  private final OpenVault vault = new OpenVault();
  private final Map<Operation, Handler> handlers = new EnumMap<>(Operation.class);

  CertificatesApiTest() {
    PageTokens tokens = new PageTokens(vault.seal);
    handlers.putAll(
        new CertificatesApi(vault.certificates, vault.issuers, tokens).handlers());
    handlers.putAll(new SecretsApi(vault.secrets, tokens).handlers());
    handlers.putAll(new KeysApi(vault.keys, tokens, false).handlers());
  }

  private FakeCall call(Operation operation) {
    return new FakeCall(operation, vault.container, vault.origin());
  }

  private FakeCall named(Operation operation, String name) {
    return call(operation).with("name", name);
  }

  private Answer send(FakeCall call) {
    return handlers.get(call.operation()).handle(call);
  }

  private JsonNode json(FakeCall call) {
    return JSON.readTree(send(call).body());
  }

  private JsonNode create(String name, String body) {
    Answer answer = send(named(Operation.CERTIFICATE_CREATE, name).body(body));
    assertThat(answer.status()).isEqualTo(202);
    return JSON.readTree(answer.body());
  }

  private JsonNode get(String name) {
    return json(named(Operation.CERTIFICATE_GET, name));
  }

  private JsonNode secret(String name) {
    return json(named(Operation.SECRET_GET, name));
  }

  private VaultException refused(ErrorCode code, FakeCall call) {
    return Refused.with(code, () -> send(call));
  }

  private static String versionOf(JsonNode bundle) {
    String id = bundle.get("id").asString();
    return id.substring(id.lastIndexOf('/') + 1);
  }

  private static X509Certificate x509(JsonNode bundle) throws Exception {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(
                new ByteArrayInputStream(
                    Base64.getDecoder().decode(bundle.get("cer").asString())));
  }

  private static KeyStore keyStore(String base64) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(new ByteArrayInputStream(Base64.getDecoder().decode(base64)), new char[0]);
    return store;
  }

  @Test
  void handlers_cover_everyOperationOnCertificates() {
    assertThat(
            new CertificatesApi(vault.certificates, vault.issuers, new PageTokens(vault.seal))
                .handlers()
                .keySet())
        .containsExactlyInAnyOrder(
            Arrays.stream(Operation.values())
                .filter(operation -> operation.name().startsWith("CERTIFICATE_"))
                .filter(operation -> operation.collection().isPresent())
                .toArray(Operation[]::new));
  }

  // create

  @Test
  void create_nearlyEmptyPolicyWithSelf_showsEveryDefaultAndIsAWorkingCertificate()
      throws Exception {
    JsonNode operation =
        create(
            "Site",
            "{\"policy\":{\"key_props\":{},\"secret_props\":{},\"attributes\":{},"
                + "\"x509_props\":{\"subject\":\"CN=site.test\",\"sans\":{}},"
                + "\"issuer\":{\"name\":\"Self\"}},\"attributes\":{},\"tags\":{\"a\":\"1\"}}");
    assertThat(operation.get("status").asString()).isEqualTo("inProgress");
    assertThat(operation.get("status_details").asString()).contains("is in progress");
    JsonNode completed = json(named(Operation.CERTIFICATE_PENDING_GET, "Site"));
    assertThat(completed.get("status").asString()).isEqualTo("completed");
    assertThat(completed.get("target").asString()).isEqualTo(BASE + "/certificates/Site");
    assertThat(completed.get("request_id")).isEqualTo(operation.get("request_id"));

    JsonNode bundle = get("Site");
    long now = START.getEpochSecond();
    assertThat(bundle.get("policy").toString())
        .isEqualTo(
            "{\"id\":\""
                + BASE
                + "/certificates/Site/policy\",\"key_props\":{\"exportable\":true,\"kty\":\"RSA\","
                + "\"key_size\":2048,\"reuse_key\":false},\"secret_props\":{\"contentType\":"
                + "\"application/x-pkcs12\"},\"x509_props\":{\"subject\":\"CN=site.test\","
                + "\"sans\":{},\"ekus\":[\"1.3.6.1.5.5.7.3.1\",\"1.3.6.1.5.5.7.3.2\"],"
                + "\"key_usage\":[\"digitalSignature\",\"keyEncipherment\"],"
                + "\"validity_months\":12,\"basic_constraints\":{\"ca\":false}},"
                + "\"lifetime_actions\":[{\"trigger\":{\"lifetime_percentage\":80},"
                + "\"action\":{\"action_type\":\"AutoRenew\"}}],\"issuer\":{\"name\":\"Self\"},"
                + "\"attributes\":{\"enabled\":true,\"created\":"
                + now
                + ",\"updated\":"
                + now
                + "}}");
    assertThat(bundle.get("pending").get("id").asString())
        .isEqualTo(BASE + "/certificates/Site/pending");
    assertThat(bundle.get("attributes").get("nbf").asLong()).isEqualTo(now - 600);
    assertThat(bundle.get("tags").get("a").asString()).isEqualTo("1");

    X509Certificate certificate = x509(bundle);
    certificate.verify(certificate.getPublicKey());
    assertThat(certificate.getVersion()).isEqualTo(3);
    assertThat(certificate.getSerialNumber().bitLength()).isEqualTo(128);
    assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=site.test");
    assertThat(certificate.getKeyUsage()).startsWith(true, false, true, false);
    assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
    assertThat(((RSAPublicKey) certificate.getPublicKey()).getModulus().bitLength())
        .isEqualTo(2048);
    assertThat(certificate.getNotAfter().toInstant())
        .isEqualTo(Instant.parse("2027-03-01T12:00:00Z"));
    PKCS10CertificationRequest csr =
        new PKCS10CertificationRequest(
            Base64.getDecoder().decode(operation.get("csr").asString()));
    assertThat(csr.getSubject().toString()).isEqualTo("CN=site.test");
    assertThat(csr.getRequestedExtensions().getExtensionOIDs()).hasSize(3);
  }

  @Test
  void create_self_hasAManagedKeyAndSecretOfTheSameVersion() throws Exception {
    create("Site", SELF);
    JsonNode bundle = get("Site");
    JsonNode secret = secret("site");
    JsonNode key = json(named(Operation.KEY_GET, "Site"));
    assertThat(bundle.get("sid").asString()).isEqualTo(secret.get("id").asString());
    assertThat(bundle.get("kid").asString())
        .isEqualTo(key.get("key").get("kid").asString())
        .isEqualTo(secret.get("kid").asString());
    assertThat(secret.get("managed").asBoolean()).isTrue();
    assertThat(key.get("managed").asBoolean()).isTrue();
    assertThat(key.get("key").get("key_ops").toString()).isEqualTo("[\"sign\",\"verify\"]");
    for (String time : List.of("nbf", "exp", "created", "updated")) {
      assertThat(key.get("attributes").get(time)).isEqualTo(bundle.get("attributes").get(time));
      assertThat(secret.get("attributes").get(time))
          .isEqualTo(bundle.get("attributes").get(time));
    }
    KeyStore store = keyStore(secret.get("value").asString());
    String alias = Collections.list(store.aliases()).getFirst();
    X509Certificate certificate = (X509Certificate) store.getCertificate(alias);
    assertThat(certificate).isEqualTo(x509(bundle));
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign((PrivateKey) store.getKey(alias, new char[0]));
    byte[] made = signature.sign();
    signature.initVerify(certificate.getPublicKey());
    assertThat(signature.verify(made)).isTrue();
  }

  @Test
  void create_pem_hasASecretOfKeyAndCertificate() {
    create(
        "Site",
        "{\"policy\":{"
            + EC
            + ",\"secret_props\":{\"contentType\":\"application/x-pem-file\"},"
            + "\"x509_props\":{\"subject\":\"CN=site.test\"},\"issuer\":{\"name\":\"Self\"}}}");
    JsonNode secret = secret("Site");
    assertThat(secret.get("contentType").asString()).isEqualTo("application/x-pem-file");
    assertThat(secret.get("value").asString())
        .startsWith("-----BEGIN PRIVATE KEY-----\n")
        .contains("-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\n")
        .contains(get("Site").get("cer").asString().substring(0, 64));
  }

  @Test
  void create_notExportable_hasASecretWithoutThePrivateKey() throws Exception {
    create("Site", SELF.replace("\"exportable\":true", "\"exportable\":false"));
    KeyStore store = keyStore(secret("Site").get("value").asString());
    assertThat(Collections.list(store.aliases()))
        .noneSatisfy(alias -> assertThat(store.isKeyEntry(alias)).isTrue());
    String pem =
        json(
                named(Operation.SECRET_GET, "Site")
                    .query("outContentType", "application/x-pem-file"))
            .get("value")
            .asString();
    assertThat(pem).startsWith("-----BEGIN CERTIFICATE-----\n").doesNotContain("PRIVATE KEY");
  }

  private void isExported(String name, boolean expected) throws Exception {
    KeyStore store = keyStore(secret(name).get("value").asString());
    boolean isThere = false;
    for (String alias : Collections.list(store.aliases())) {
      isThere |= store.isKeyEntry(alias);
    }
    assertThat(isThere).isEqualTo(expected);
  }

  private void makeExportable(String name) {
    json(
        named(Operation.CERTIFICATE_POLICY_UPDATE, name)
            .body("{\"key_props\":{\"exportable\":true,\"reuse_key\":true}}"));
  }

  @Test
  void create_reuseKeyThatWasNotExportable_makesAKeyThatIs() throws Exception {
    create("Site", SELF.replace("\"exportable\":true", "\"exportable\":false"));
    JsonNode first = get("Site");
    makeExportable("Site");
    create("Site", "{}");
    isExported("Site", true);
    assertThat(x509(get("Site")).getPublicKey()).isNotEqualTo(x509(first).getPublicKey());
    JsonNode second = get("Site");
    create("Site", "{}");
    isExported("Site", true);
    assertThat(x509(get("Site")).getPublicKey()).isEqualTo(x509(second).getPublicKey());
  }

  @Test
  void merge_exportableOnlySinceItBegan_keepsTheKeyInside() throws Exception {
    JsonNode operation =
        create("Site", UNKNOWN.replace("\"exportable\":true", "\"exportable\":false"));
    makeExportable("Site");
    send(
        named(Operation.CERTIFICATE_PENDING_MERGE, "Site")
            .body(
                x5c(
                    Issuing.chain(
                        Base64.getDecoder().decode(operation.get("csr").asString()), START))));
    isExported("Site", false);
    assertThat(get("Site").get("policy").get("key_props").get("exportable").asBoolean()).isTrue();
  }

  @Test
  void secretGet_pfxAskedForAsPem_isConverted() {
    create("Site", SELF);
    JsonNode secret =
        json(
            named(Operation.SECRET_GET, "Site")
                .query("outContentType", "application/x-pem-file"));
    assertThat(secret.get("contentType").asString()).isEqualTo("application/x-pem-file");
    assertThat(secret.get("value").asString())
        .startsWith("-----BEGIN PRIVATE KEY-----\n")
        .contains("-----BEGIN CERTIFICATE-----\n");
    create("Pem", SELF.replace("\"x509_props\"", "\"secret_props\":{\"contentType\":"
        + "\"application/x-pem-file\"},\"x509_props\""));
    refused(
        ErrorCode.QUERY_INVALID,
        named(Operation.SECRET_GET, "Pem").query("outContentType", "application/x-pkcs12"));
  }

  @Test
  void create_everyKindOfName_isInTheCertificateAndThePolicy() throws Exception {
    create(
        "Site",
        "{\"policy\":{"
            + EC
            + ",\"x509_props\":{\"subject\":\"CN=a, O=Some Company, C=US\",\"sans\":{\"emails\":[\"a@b.test\"],"
            + "\"dns_names\":[\"*.b.test\"],\"upns\":[\"me@b.test\"],"
            + "\"uris\":[\"spiffe://b.test/x\"],\"ipAddresses\":[\"192.0.2.1\",\"2001:db8::1\"]},"
            + "\"ekus\":[\"1.3.6.1.5.5.7.3.3\"],\"key_usage\":[\"digitalSignature\","
            + "\"decipherOnly\"],\"validity_months\":3},\"issuer\":{\"name\":\"Self\"}}}");
    X509Certificate certificate = x509(get("Site"));
    assertThat(certificate.getSubjectX500Principal().getName())
        .isEqualTo("CN=a,O=Some Company,C=US");
    assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.3");
    assertThat(certificate.getKeyUsage()).containsExactly(
        true, false, false, false, false, false, false, false, true);
    assertThat(certificate.getSubjectAlternativeNames())
        .extracting(name -> name.get(1).toString())
        .contains("a@b.test", "*.b.test", "spiffe://b.test/x", "192.0.2.1", "2001:db8:0:0:0:0:0:1");
    JsonNode sans = get("Site").get("policy").get("x509_props").get("sans");
    assertThat(sans.get("upns").get(0).asString()).isEqualTo("me@b.test");
    assertThat(sans.get("uris").get(0).asString()).isEqualTo("spiffe://b.test/x");
  }

  @Test
  void create_noSubjectButNames_asksForThemAsCritical() throws Exception {
    String policy = "{\"policy\":{" + EC + ",\"x509_props\":{\"sans\":{\"dns_names\":[\"b.test\"]}}";
    JsonNode operation = create("Site", policy + "}}");
    PKCS10CertificationRequest csr =
        new PKCS10CertificationRequest(
            Base64.getDecoder().decode(operation.get("csr").asString()));
    assertThat(csr.getRequestedExtensions().getCriticalExtensionOIDs())
        .contains(Extension.subjectAlternativeName);
    refused(
        ErrorCode.CERTIFICATE_POLICY_INVALID,
        named(Operation.CERTIFICATE_CREATE, "Other")
            .body(policy + ",\"issuer\":{\"name\":\"Self\"}}}"));
  }

  @Test
  void create_authority_mayIssueBelowItself() throws Exception {
    create(
        "Ca",
        "{\"policy\":{"
            + EC
            + ",\"x509_props\":{\"subject\":\"CN=ca\",\"key_usage\":[\"keyCertSign\",\"cRLSign\"],"
            + "\"basic_constraints\":{\"ca\":true,\"path_len_constraint\":1}},"
            + "\"issuer\":{\"name\":\"Self\"}}}");
    assertThat(x509(get("Ca")).getBasicConstraints()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"P-384,SHA384withECDSA", "P-521,SHA512withECDSA"})
  void create_otherCurves_signWithTheHashOfTheCurve(String curve, String algorithm)
      throws Exception {
    create("Site", SELF.replace("P-256", curve));
    X509Certificate certificate = x509(get("Site"));
    certificate.verify(certificate.getPublicKey());
    assertThat(certificate.getSigAlgName()).isEqualTo(algorithm);
  }

  @Test
  void create_akp_isACertificateOfMlDsa() throws Exception {
    Answer answer =
        send(
            named(Operation.CERTIFICATE_CREATE, "Site")
                .version(ApiVersion.V2026_05_01_PREVIEW)
                .body(
                    "{\"policy\":{\"key_props\":{\"kty\":\"AKP\",\"alg\":\"ML-DSA-65\"},"
                        + "\"x509_props\":{\"subject\":\"CN=site.test\"},"
                        + "\"issuer\":{\"name\":\"Self\"}}}"));
    assertThat(answer.status()).isEqualTo(202);
    X509Certificate certificate = x509(get("Site"));
    certificate.verify(certificate.getPublicKey());
    assertThat(certificate.getSigAlgName()).isEqualTo("ML-DSA-65");
    assertThat(get("Site").get("policy").get("key_props").get("exportable").asBoolean())
        .isFalse();
  }

  @Test
  void create_again_isTheNextVersionUnderTheStoredPolicy() throws Exception {
    create("Site", SELF);
    JsonNode first = get("Site");
    vault.pass(Duration.ofDays(1));
    create("Site", "{}");
    JsonNode second = get("Site");
    assertThat(versionOf(second)).isNotEqualTo(versionOf(first));
    assertThat(x509(second).getPublicKey()).isNotEqualTo(x509(first).getPublicKey());
    JsonNode old =
        json(named(Operation.CERTIFICATE_GET, "Site").with("version", versionOf(first)));
    assertThat(old.get("cer")).isEqualTo(first.get("cer"));
    assertThat(old.has("policy")).isFalse();
    assertThat(old.has("pending")).isFalse();
    assertThat(
            json(named(Operation.SECRET_GET, "Site").with("version", versionOf(first)))
                .get("managed")
                .asBoolean())
        .isTrue();
    assertThat(json(named(Operation.CERTIFICATE_LIST_VERSIONS, "Site")).get("value").size())
        .isEqualTo(2);
  }

  @Test
  void create_reuseKey_keepsTheKey() throws Exception {
    String reuse = SELF.replace("\"exportable\":true", "\"reuse_key\":true");
    create("Site", reuse);
    JsonNode first = get("Site");
    create("Site", reuse);
    assertThat(x509(get("Site")).getPublicKey()).isEqualTo(x509(first).getPublicKey());
    assertThat(get("Site").get("cer")).isNotEqualTo(first.get("cer"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"x509_props\":{\"subject\":\"not a name\"}}",
        "{\"x509_props\":{\"subject\":\"CN=\"}}",
        "{\"x509_props\":{\"subject\":\"C=USA\"}}",
        "{\"x509_props\":{\"subject\":\"CN=a\",\"sans\":{\"dns_names\":[\"a b\"]}}}",
        "{\"x509_props\":{\"subject\":\"CN=a\",\"sans\":{\"dns_names\":[\"a.*.test\"]}}}",
        "{\"x509_props\":{\"subject\":\"CN=a\",\"sans\":{\"emails\":[\"nobody\"]}}}",
        "{\"x509_props\":{\"subject\":\"CN=a\",\"sans\":{\"upns\":[\"\"]}}}",
        "{\"x509_props\":{\"subject\":\"CN=a\",\"sans\":{\"uris\":[\"no scheme\"]}}}",
        "{\"x509_props\":{\"subject\":\"CN=a\",\"sans\":{\"ipAddresses\":[\"1.2.3\"]}}}",
        "{\"x509_props\":{\"subject\":\"CN=a\",\"sans\":{\"ipAddresses\":[\"1:2\"]}}}",
        "{\"x509_props\":{\"subject\":\"CN=a\",\"sans\":{\"ipAddresses\":[\"01.2.3.4\"]}}}",
        "{\"x509_props\":{\"subject\":\"CN=a\",\"ekus\":[\"serverAuth\"]}}",
        "{\"x509_props\":{\"subject\":\"CN=a\",\"ekus\":[\"1.99.1\"]}}",
        "{\"x509_props\":{\"subject\":\"CN=a\",\"ekus\":[\"1.2.3\",\"1.2.3\"]}}",
        "{\"x509_props\":{\"subject\":\"CN=a\",\"key_usage\":[\"cRLSign\",\"cRLSign\"]}}",
        "{\"x509_props\":{\"subject\":\"CN=a\",\"validity_months\":0}}",
        "{\"x509_props\":{\"subject\":\"CN=a\",\"validity_months\":1201}}",
        "{\"x509_props\":{\"subject\":\"CN=a\",\"basic_constraints\":{\"path_len_constraint\":1}}}",
        "{\"x509_props\":{\"subject\":\"CN=a\"},\"key_props\":{\"kty\":\"RSA\",\"crv\":\"P-256\"}}",
        "{\"x509_props\":{\"subject\":\"CN=a\"},\"key_props\":{\"crv\":\"P-256\",\"key_size\":384}}",
        "{\"x509_props\":{\"subject\":\"CN=a\"},\"key_props\":{\"kty\":\"EC\",\"key_size\":300}}",
        "{\"x509_props\":{\"subject\":\"CN=a\"},\"lifetime_actions\":[{\"trigger\":{"
            + "\"lifetime_percentage\":0},\"action\":{\"action_type\":\"EmailContacts\"}}]}",
        "{\"x509_props\":{\"subject\":\"CN=a\"},\"lifetime_actions\":[{\"trigger\":{"
            + "\"lifetime_percentage\":100},\"action\":{\"action_type\":\"EmailContacts\"}}]}",
        "{\"x509_props\":{\"subject\":\"CN=a\"},\"lifetime_actions\":[{\"trigger\":{"
            + "\"days_before_expiry\":325},\"action\":{\"action_type\":\"EmailContacts\"}}]}",
        "{\"x509_props\":{\"subject\":\"CN=a\"},\"lifetime_actions\":[{\"trigger\":{},"
            + "\"action\":{\"action_type\":\"EmailContacts\"}}]}",
        "{\"x509_props\":{\"subject\":\"CN=a\"},\"lifetime_actions\":[{\"trigger\":{"
            + "\"days_before_expiry\":3,\"lifetime_percentage\":3},"
            + "\"action\":{\"action_type\":\"EmailContacts\"}}]}",
        "{\"x509_props\":{\"subject\":\"CN=a\"},\"lifetime_actions\":[{\"trigger\":{"
            + "\"days_before_expiry\":3},\"action\":{\"action_type\":\"AutoRenew\"}}]}"
      })
  void create_policyThatCannotBe_isRefusedAndMakesNothing(String policy) {
    refused(
        ErrorCode.CERTIFICATE_POLICY_INVALID,
        named(Operation.CERTIFICATE_CREATE, "Site").body("{\"policy\":" + policy + "}"));
    refused(ErrorCode.CERTIFICATE_NOT_FOUND, named(Operation.CERTIFICATE_GET, "Site"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "policy|{}",
        "policy.key_props.kty|{\"policy\":{\"key_props\":{\"kty\":\"oct\"}}}",
        "policy.key_props.kty|{\"policy\":{\"key_props\":{\"kty\":\"AKP\"}}}",
        "policy.key_props.crv|{\"policy\":{\"key_props\":{\"crv\":\"P-999\"}}}",
        "policy.secret_props.contentType|{\"policy\":{\"secret_props\":{\"contentType\":\"text\"}}}",
        "policy.x509_props.key_usage|{\"policy\":{\"x509_props\":{\"key_usage\":[\"all\"]}}}",
        "policy.lifetime_actions.action.action_type|{\"policy\":{\"lifetime_actions\":"
            + "[{\"trigger\":{},\"action\":{\"action_type\":\"Email\"}}]}}",
        "policy.lifetime_actions.trigger|{\"policy\":{\"lifetime_actions\":"
            + "[{\"action\":{\"action_type\":\"AutoRenew\"}}]}}",
      })
  void create_wordThatDoesNotExist_isRefusedByItsName(String property, String body) {
    assertThat(
            refused(
                    ErrorCode.PROPERTY_INVALID,
                    named(Operation.CERTIFICATE_CREATE, "Site").body(body))
                .getMessage())
        .isEqualTo("Property " + property + " has invalid value\r\n");
  }

  @Test
  void create_sizeThatRsaHasNot_isRefused() {
    refused(
        ErrorCode.KEY_SIZE_UNSUPPORTED,
        named(Operation.CERTIFICATE_CREATE, "Site")
            .body("{\"policy\":{\"key_props\":{\"kty\":\"RSA\",\"key_size\":1024}}}"));
  }

  @Test
  void create_hardwareKey_isRefused() {
    refused(
        ErrorCode.HARDWARE_NOT_STANDARD,
        named(Operation.CERTIFICATE_CREATE, "Site")
            .body("{\"policy\":{\"key_props\":{\"kty\":\"RSA-HSM\"}}}"));
  }

  @Test
  void create_nameOfASecretOrKey_isRefused() {
    vault.set("Taken", "value");
    refused(
        ErrorCode.OBJECT_EXISTS, named(Operation.CERTIFICATE_CREATE, "taken").body(SELF));
    vault.delete("Taken");
    refused(
        ErrorCode.OBJECT_DELETED_BUT_RECOVERABLE,
        named(Operation.CERTIFICATE_CREATE, "taken").body(SELF));
    refused(ErrorCode.CERTIFICATE_NOT_FOUND, named(Operation.CERTIFICATE_GET, "taken"));
  }

  // pending

  @Test
  void create_unknownIssuer_waitsForMergeWithoutKeyAndSecret() {
    Answer answer = send(named(Operation.CERTIFICATE_CREATE, "Site").body(UNKNOWN));
    JsonNode operation = JSON.readTree(answer.body());
    String request = operation.get("request_id").asString();
    assertThat(answer.headers())
        .containsEntry("Retry-After", "10")
        .containsEntry(
            "Location",
            BASE
                + "/certificates/Site/pending?api-version=2025-07-01&request_id="
                + request);
    assertThat(operation.get("status").asString()).isEqualTo("inProgress");
    assertThat(operation.get("status_details").asString())
        .isEqualTo(
            "Pending certificate created. Please Perform Merge to complete the request.");
    assertThat(operation.get("issuer").get("name").asString()).isEqualTo("Unknown");
    JsonNode bundle = get("Site");
    assertThat(bundle.has("cer")).isFalse();
    assertThat(bundle.has("kid")).isFalse();
    assertThat(bundle.get("attributes").get("enabled").asBoolean()).isFalse();
    assertThat(bundle.get("policy").get("lifetime_actions").toString())
        .contains("EmailContacts");
    refused(ErrorCode.SECRET_NOT_FOUND, named(Operation.SECRET_GET, "Site"));
    refused(ErrorCode.KEY_NOT_FOUND, named(Operation.KEY_GET, "Site"));
    refused(
        ErrorCode.OBJECT_EXISTS,
        named(Operation.SECRET_SET, "Site").body("{\"value\":\"x\"}"));
    refused(
        ErrorCode.OBJECT_EXISTS, named(Operation.KEY_CREATE, "Site").body("{\"kty\":\"EC\"}"));
    assertThat(json(call(Operation.CERTIFICATE_LIST)).get("value").isEmpty()).isTrue();
    assertThat(
            json(call(Operation.CERTIFICATE_LIST).query("includePending", "true"))
                .get("value")
                .size())
        .isEqualTo(1);
    refused(
        ErrorCode.QUERY_INVALID,
        call(Operation.CERTIFICATE_LIST).query("includePending", "maybe"));
    assertThat(
            json(named(Operation.CERTIFICATE_PENDING_GET, "Site").query("request_id", request))
                .get("csr"))
        .isEqualTo(operation.get("csr"));
    refused(
        ErrorCode.PENDING_CERTIFICATE_NOT_FOUND,
        named(Operation.CERTIFICATE_PENDING_GET, "Site").query("request_id", "other"));
    refused(
        ErrorCode.CERTIFICATE_PENDING,
        named(Operation.CERTIFICATE_CREATE, "Site").body(SELF));
    refused(
        ErrorCode.CERTIFICATE_NOT_FOUND, named(Operation.CERTIFICATE_BACKUP, "Site"));
  }

  @Test
  void listDeleted_neverIssued_isListedWhenAskedFor() {
    create("Waiting", UNKNOWN);
    create("Whole", SELF);
    for (String name : List.of("Waiting", "Whole")) {
      send(named(Operation.CERTIFICATE_DELETE, name));
    }
    JsonNode whole = json(call(Operation.CERTIFICATE_LIST_DELETED)).get("value");
    assertThat(whole).hasSize(1);
    assertThat(whole.get(0).get("id").asString()).endsWith("/certificates/Whole");
    assertThat(
            json(call(Operation.CERTIFICATE_LIST_DELETED).query("includePending", "true"))
                .get("value"))
        .hasSize(2);
    assertThat(
            json(
                    call(Operation.CERTIFICATE_LIST_DELETED)
                        .query("includePending", "true")
                        .query("maxresults", "1"))
                .get("nextLink")
                .asString())
        .endsWith("&maxresults=1&includePending=true");
    refused(
        ErrorCode.QUERY_INVALID,
        call(Operation.CERTIFICATE_LIST_DELETED).query("includePending", "maybe"));
  }

  @Test
  void merge_chainOfTheRequest_makesTheVersion() throws Exception {
    JsonNode operation =
        create(
            "Site",
            UNKNOWN.replace("{\"policy\"", "{\"tags\":{\"a\":\"1\"},\"policy\""));
    List<byte[]> chain =
        Issuing.chain(Base64.getDecoder().decode(operation.get("csr").asString()), START);
    String x5c =
        "{\"x5c\":[\""
            + Base64.getEncoder().encodeToString(chain.get(1))
            + "\",\""
            + Base64.getEncoder().encodeToString(chain.get(0))
            + "\"]}";
    Answer answer = send(named(Operation.CERTIFICATE_PENDING_MERGE, "Site").body(x5c));
    assertThat(answer.status()).isEqualTo(201);
    JsonNode bundle = JSON.readTree(answer.body());
    assertThat(Base64.getDecoder().decode(bundle.get("cer").asString()))
        .isEqualTo(chain.get(0));
    assertThat(bundle.get("attributes").get("enabled").asBoolean()).isTrue();
    assertThat(bundle.get("tags").get("a").asString()).isEqualTo("1");
    KeyStore store = keyStore(secret("Site").get("value").asString());
    String alias = Collections.list(store.aliases()).getFirst();
    assertThat(store.getCertificateChain(alias)).hasSize(2);
    assertThat(
            json(named(Operation.CERTIFICATE_PENDING_GET, "Site")).get("status").asString())
        .isEqualTo("completed");
    refused(
        ErrorCode.CERTIFICATE_NOT_IN_PROGRESS,
        named(Operation.CERTIFICATE_PENDING_MERGE, "Site").body(x5c));
  }

  @Test
  void merge_certificateOfAnotherKey_isRefused() throws Exception {
    create("Site", UNKNOWN);
    JsonNode other = create("Other", UNKNOWN);
    byte[] leaf =
        Issuing.chain(Base64.getDecoder().decode(other.get("csr").asString()), START).get(0);
    refused(
        ErrorCode.CERTIFICATE_KEY_MISMATCH,
        named(Operation.CERTIFICATE_PENDING_MERGE, "Site")
            .body("{\"x5c\":[\"" + Base64.getEncoder().encodeToString(leaf) + "\"]}"));
    for (String body : List.of("{}", "{\"x5c\":[]}", "{\"x5c\":[\"*\"]}", "{\"x5c\":1}")) {
      refused(
          ErrorCode.PROPERTY_INVALID,
          named(Operation.CERTIFICATE_PENDING_MERGE, "Site").body(body));
    }
    refused(
        ErrorCode.CERTIFICATE_CONTENT_INVALID,
        named(Operation.CERTIFICATE_PENDING_MERGE, "Site").body("{\"x5c\":[\"AAAA\"]}"));
  }

  @Test
  void merge_whatIsNoCertificate_isRefusedAndTheOperationStays() throws Exception {
    JsonNode operation = create("Site", UNKNOWN);
    List<byte[]> chain =
        Issuing.chain(Base64.getDecoder().decode(operation.get("csr").asString()), START);
    byte[] cut = Arrays.copyOf(chain.get(0), chain.get(0).length - 1);
    byte[] longer = Arrays.copyOf(chain.get(0), chain.get(0).length + 1);
    byte[] nested = new byte[32 << 10];
    for (int i = 0; i < nested.length; i += 2) {
      nested[i] = 0x30;
      nested[i + 1] = (byte) 0x80;
    }
    for (byte[] wrong :
        List.of(
            new byte[0],
            cut,
            longer,
            nested,
            new byte[(32 << 10) + 1],
            Base64.getDecoder().decode(operation.get("csr").asString()))) {
      refused(
          ErrorCode.CERTIFICATE_CONTENT_INVALID,
          named(Operation.CERTIFICATE_PENDING_MERGE, "Site").body(x5c(List.of(wrong))));
    }
    refused(
        ErrorCode.PROPERTY_INVALID,
        named(Operation.CERTIFICATE_PENDING_MERGE, "Site")
            .body(x5c(Collections.nCopies(33, chain.get(1)))));
    refused(
        ErrorCode.CERTIFICATE_KEY_MISMATCH,
        named(Operation.CERTIFICATE_PENDING_MERGE, "Site").body(x5c(List.of(chain.get(1)))));
    assertThat(
            send(named(Operation.CERTIFICATE_PENDING_MERGE, "Site").body(x5c(chain))).status())
        .isEqualTo(201);
  }

  private static String x5c(List<byte[]> certificates) {
    return certificates.stream()
        .map(one -> '"' + Base64.getEncoder().encodeToString(one) + '"')
        .collect(Collectors.joining(",", "{\"x5c\":[", "]}"));
  }

  @Test
  void create_moreNamesThanACertificateShouldHave_isRefused() {
    for (int names : List.of(101, 3_000)) {
      String list =
          IntStream.range(0, names)
              .mapToObj(i -> "\"host-" + i + ".example.test\"")
              .collect(Collectors.joining(",", "[", "]"));
      refused(
          ErrorCode.CERTIFICATE_POLICY_INVALID,
          named(Operation.CERTIFICATE_CREATE, "Site")
              .body(
                  "{\"policy\":{"
                      + EC
                      + ",\"x509_props\":{\"subject\":\"CN=a\",\"sans\":{\"dns_names\":"
                      + list
                      + "}},\"issuer\":{\"name\":\"Self\"}}}"));
    }
    refused(ErrorCode.CERTIFICATE_NOT_FOUND, named(Operation.CERTIFICATE_GET, "Site"));
  }

  @Test
  void merge_secondVersion_keepsTheFirstInPlaceUntilThen() throws Exception {
    create("Site", SELF);
    JsonNode first = get("Site");
    JsonNode operation = create("Site", UNKNOWN);
    assertThat(get("Site").get("cer")).isEqualTo(first.get("cer"));
    byte[] leaf =
        Issuing.chain(Base64.getDecoder().decode(operation.get("csr").asString()), START)
            .get(0);
    send(
        named(Operation.CERTIFICATE_PENDING_MERGE, "Site")
            .body("{\"x5c\":[\"" + Base64.getEncoder().encodeToString(leaf) + "\"]}"));
    assertThat(versionOf(get("Site"))).isNotEqualTo(versionOf(first));
    assertThat(json(named(Operation.CERTIFICATE_LIST_VERSIONS, "Site")).get("value").size())
        .isEqualTo(2);
    assertThat(secret("Site").get("previousVersion").asString()).isEqualTo(versionOf(first));
  }

  @Test
  void cancel_inProgress_endsItAndTheNextCreateOverwritesIt() {
    create("Site", UNKNOWN);
    JsonNode canceled =
        json(
            named(Operation.CERTIFICATE_PENDING_UPDATE, "Site")
                .body("{\"cancellation_requested\":true}"));
    assertThat(canceled.get("cancellation_requested").asBoolean()).isTrue();
    assertThat(canceled.get("status").asString()).isEqualTo("canceled");
    refused(
        ErrorCode.CERTIFICATE_NOT_IN_PROGRESS,
        named(Operation.CERTIFICATE_PENDING_UPDATE, "Site")
            .body("{\"cancellation_requested\":true}"));
    refused(
        ErrorCode.PROPERTY_INVALID,
        named(Operation.CERTIFICATE_PENDING_UPDATE, "Site")
            .body("{\"cancellation_requested\":false}"));
    String placeholder = versionOf(get("Site"));
    create("Site", SELF);
    assertThat(versionOf(get("Site"))).isEqualTo(placeholder);
    assertThat(get("Site").get("attributes").get("enabled").asBoolean()).isTrue();
    assertThat(secret("Site").get("managed").asBoolean()).isTrue();
  }

  @Test
  void deletePending_answersItAndThenThereIsNone() {
    JsonNode operation = create("Site", UNKNOWN);
    JsonNode deleted = json(named(Operation.CERTIFICATE_PENDING_DELETE, "Site"));
    assertThat(deleted.get("request_id")).isEqualTo(operation.get("request_id"));
    for (FakeCall call :
        List.of(
            named(Operation.CERTIFICATE_PENDING_GET, "Site"),
            named(Operation.CERTIFICATE_PENDING_DELETE, "Site"),
            named(Operation.CERTIFICATE_PENDING_UPDATE, "Site")
                .body("{\"cancellation_requested\":true}"),
            named(Operation.CERTIFICATE_PENDING_MERGE, "Site").body("{\"x5c\":[\"AAAA\"]}"))) {
      refused(ErrorCode.PENDING_CERTIFICATE_NOT_FOUND, call);
    }
  }

  // issuers and contacts

  @Test
  void create_issuerThatIsNotThere_isRefused() {
    refused(
        ErrorCode.CERTIFICATE_ISSUER_NOT_FOUND,
        named(Operation.CERTIFICATE_CREATE, "Site")
            .body(SELF.replace("\"Self\"", "\"Mine\"")));
  }

  @Test
  void create_issuerWithoutAnAdapter_isAFailedOperation() {
    send(
        call(Operation.CERTIFICATE_ISSUER_SET)
            .with("issuer", "Mine")
            .body("{\"provider\":\"DigiCert\"}"));
    JsonNode operation = create("Site", SELF.replace("\"Self\"", "\"Mine\""));
    assertThat(operation.get("status").asString()).isEqualTo("failed");
    assertThat(operation.get("error").toString())
        .isEqualTo(
            "{\"code\":\"Certificate issuer error\",\"message\":"
                + "\"This server cannot ask issuers of provider DigiCert yet.\"}");
    refused(
        ErrorCode.CERTIFICATE_NOT_IN_PROGRESS,
        named(Operation.CERTIFICATE_PENDING_MERGE, "Site").body("{\"x5c\":[\"AAAA\"]}"));
    create("Site", SELF);
    assertThat(get("Site").has("cer")).isTrue();
  }

  @Test
  void issuers_setUpdatedListedDeleted_neverShowThePassword() {
    FakeCall set =
        call(Operation.CERTIFICATE_ISSUER_SET)
            .with("issuer", "Mine")
            .body(
                "{\"provider\":\"digicert\",\"credentials\":{\"account_id\":\"me\","
                    + "\"pwd\":\"hidden-word\"},\"org_details\":{\"id\":\"7\",\"admin_details\":"
                    + "[{\"first_name\":\"A\",\"last_name\":\"B\",\"email\":\"a@b.test\","
                    + "\"phone\":\"1\"}]}}");
    long now = START.getEpochSecond();
    String expected =
        "{\"id\":\""
            + BASE
            + "/certificates/issuers/Mine\",\"provider\":\"DigiCert\",\"credentials\":"
            + "{\"account_id\":\"me\"},\"org_details\":{\"id\":\"7\",\"admin_details\":"
            + "[{\"first_name\":\"A\",\"last_name\":\"B\",\"email\":\"a@b.test\",\"phone\":\"1\"}]},"
            + "\"attributes\":{\"enabled\":true,\"created\":"
            + now
            + ",\"updated\":"
            + now
            + "}}";
    assertThat(json(set).toString()).isEqualTo(expected);
    FakeCall get = call(Operation.CERTIFICATE_ISSUER_GET).with("issuer", "mine");
    assertThat(json(get).toString()).isEqualTo(expected);
    assertThat(
            json(
                    call(Operation.CERTIFICATE_ISSUER_UPDATE)
                        .with("issuer", "mine")
                        .body("{\"provider\":\"GlobalSign\",\"attributes\":{\"enabled\":false}}"))
                .get("provider")
                .asString())
        .isEqualTo("GlobalSign");
    assertThat(json(get).get("credentials").get("account_id").asString()).isEqualTo("me");
    assertThat(json(get).get("org_details").get("admin_details")).hasSize(1);
    json(
        call(Operation.CERTIFICATE_ISSUER_UPDATE)
            .with("issuer", "mine")
            .body("{\"org_details\":{\"id\":\"8\"}}"));
    assertThat(json(get).get("org_details").toString())
        .isEqualTo("{\"id\":\"8\",\"admin_details\":[]}");
    send(
        call(Operation.CERTIFICATE_ISSUER_SET)
            .with("issuer", "Another")
            .body("{\"provider\":\"DigiCert\"}"));
    JsonNode page = json(call(Operation.CERTIFICATE_ISSUERS_LIST).query("maxresults", "1"));
    assertThat(page.get("value").get(0).get("id").asString())
        .isEqualTo(BASE + "/certificates/issuers/Another");
    assertThat(page.get("nextLink").isNull()).isFalse();
    json(call(Operation.CERTIFICATE_ISSUER_DELETE).with("issuer", "Mine"));
    refused(ErrorCode.CERTIFICATE_ISSUER_NOT_FOUND, get);
    assertThat(vault.store.toString()).doesNotContain("hidden-word");
  }

  @Test
  void issuers_reservedNameOrUnknownProvider_areRefused() {
    FakeCall self =
        call(Operation.CERTIFICATE_ISSUER_SET)
            .with("issuer", "self")
            .body("{\"provider\":\"DigiCert\"}");
    refused(ErrorCode.NAME_INVALID, self);
    refused(
        ErrorCode.PROPERTY_INVALID,
        call(Operation.CERTIFICATE_ISSUER_SET)
            .with("issuer", "Mine")
            .body("{\"provider\":\"Nobody\"}"));
    refused(
        ErrorCode.PROPERTY_INVALID,
        call(Operation.CERTIFICATE_ISSUER_SET).with("issuer", "Mine").body("{}"));
    refused(
        ErrorCode.CERTIFICATE_ISSUER_NOT_FOUND,
        call(Operation.CERTIFICATE_ISSUER_UPDATE).with("issuer", "Mine").body("{}"));
  }

  @Test
  void contacts_setAndDeleted_areAnsweredEachTime() {
    refused(
        ErrorCode.CERTIFICATE_CONTACTS_NOT_FOUND, call(Operation.CERTIFICATE_CONTACTS_GET));
    String expected =
        "{\"id\":\""
            + BASE
            + "/certificates/contacts\",\"contacts\":[{\"email\":\"a@b.test\",\"name\":\"A\"}]}";
    assertThat(
            json(
                    call(Operation.CERTIFICATE_CONTACTS_SET)
                        .body("{\"contacts\":[{\"email\":\"a@b.test\",\"name\":\"A\"}]}"))
                .toString())
        .isEqualTo(expected);
    assertThat(json(call(Operation.CERTIFICATE_CONTACTS_GET)).toString()).isEqualTo(expected);
    assertThat(json(call(Operation.CERTIFICATE_CONTACTS_DELETE)).toString())
        .isEqualTo(expected);
    refused(
        ErrorCode.CERTIFICATE_CONTACTS_NOT_FOUND, call(Operation.CERTIFICATE_CONTACTS_DELETE));
    for (String body : List.of("{}", "{\"contacts\":[{}]}", "{\"contacts\":{}}")) {
      refused(
          ErrorCode.PROPERTY_INVALID, call(Operation.CERTIFICATE_CONTACTS_SET).body(body));
    }
  }

  // import

  @Test
  void import_pfxOfAnotherCertificate_isTheSameCertificate() {
    create("Site", SELF);
    String pfx = secret("Site").get("value").asString();
    JsonNode made =
        json(
            named(Operation.CERTIFICATE_IMPORT, "Copy")
                .body("{\"value\":\"" + pfx + "\",\"tags\":{\"a\":\"1\"}}"));
    assertThat(made.get("cer")).isEqualTo(get("Site").get("cer"));
    assertThat(made.has("pending")).isFalse();
    assertThat(made.get("policy").get("issuer").get("name").asString()).isEqualTo("Unknown");
    assertThat(made.get("policy").get("x509_props").get("subject").asString())
        .isEqualTo("CN=site.test");
    assertThat(made.get("policy").get("x509_props").get("validity_months").asInt())
        .isEqualTo(12);
    assertThat(made.get("policy").get("key_props").get("crv").asString()).isEqualTo("P-256");
    refused(
        ErrorCode.PENDING_CERTIFICATE_NOT_FOUND,
        named(Operation.CERTIFICATE_PENDING_GET, "Copy"));
  }

  @Test
  void import_pemAsTextOrBase64_isTheSameCertificate() {
    create("Site", SELF);
    String pem =
        json(
                named(Operation.SECRET_GET, "Site")
                    .query("outContentType", "application/x-pem-file"))
            .get("value")
            .asString();
    String base64 =
        Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.UTF_8));
    for (String value : List.of(pem.replace("\n", "\\n"), base64)) {
      JsonNode made =
          json(
              named(Operation.CERTIFICATE_IMPORT, "Copy")
                  .body("{\"value\":\"" + value + "\"}"));
      assertThat(made.get("cer")).isEqualTo(get("Site").get("cer"));
      assertThat(made.get("policy").get("secret_props").get("contentType").asString())
          .isEqualTo("application/x-pem-file");
    }
    assertThat(json(named(Operation.CERTIFICATE_LIST_VERSIONS, "Copy")).get("value").size())
        .isEqualTo(2);
  }

  /** The secret of a certificate as PEM: its key, and its certificates as they stand there. */
  private List<String> blocks(String name) {
    String pem =
        json(
                named(Operation.SECRET_GET, name)
                    .query("outContentType", "application/x-pem-file"))
            .get("value")
            .asString();
    return Arrays.stream(pem.split("(?<=-----END [A-Z ]{5,20}-----\n)")).toList();
  }

  @Test
  void import_chainOutOfOrder_isPutInOrderUnlessItIsToBeKept() throws Exception {
    JsonNode operation = create("Site", UNKNOWN);
    List<byte[]> chain =
        Issuing.chain(Base64.getDecoder().decode(operation.get("csr").asString()), START);
    send(
        named(Operation.CERTIFICATE_PENDING_MERGE, "Site")
            .body(
                "{\"x5c\":[\""
                    + Base64.getEncoder().encodeToString(chain.get(0))
                    + "\",\""
                    + Base64.getEncoder().encodeToString(chain.get(1))
                    + "\"]}"));
    List<String> right = blocks("Site");
    assertThat(right).hasSize(3);
    String mixed = right.get(2) + right.get(0) + right.get(1);
    String body = "{\"value\":\"" + mixed.replace("\n", "\\n") + "\",\"preserveCertOrder\":%s}";

    FakeCall call = named(Operation.CERTIFICATE_IMPORT, "Ordered").version(ApiVersion.V7_6);
    JsonNode ordered = json(call.body(body.formatted("false")));
    assertThat(ordered.get("preserveCertOrder").asBoolean()).isFalse();
    assertThat(blocks("Ordered")).isEqualTo(right);
    call = named(Operation.CERTIFICATE_IMPORT, "Kept").version(ApiVersion.V7_6);
    JsonNode kept = json(call.body(body.formatted("true")));
    assertThat(kept.get("preserveCertOrder").asBoolean()).isTrue();
    assertThat(kept.get("cer")).isEqualTo(ordered.get("cer"));
    assertThat(blocks("Kept")).containsExactly(right.get(0), right.get(2), right.get(1));
    call = named(Operation.CERTIFICATE_IMPORT, "Older").version(ApiVersion.V7_5);
    JsonNode older = json(call.body(body.formatted("true")));
    assertThat(older.has("preserveCertOrder")).isFalse();
    assertThat(blocks("Older")).isEqualTo(right);
  }

  @Test
  void bundle_x5t_isTheThumbprintOfTheCertificate() throws Exception {
    create("Site", SELF);
    JsonNode bundle = get("Site");
    byte[] thumbprint =
        MessageDigest.getInstance("SHA-1")
            .digest(Base64.getDecoder().decode(bundle.get("cer").asString()));
    assertThat(bundle.get("x5t").asString())
        .isEqualTo(Base64.getUrlEncoder().withoutPadding().encodeToString(thumbprint));
    JsonNode listed = json(call(Operation.CERTIFICATE_LIST)).get("value").get(0);
    assertThat(listed.get("x5t")).isEqualTo(bundle.get("x5t"));
  }

  @Test
  void create_whatIsAskedOfAnIssuer_isShownAgain() {
    create(
        "Site",
        UNKNOWN.replace(
            "}}}",
            "},\"issuer\":{\"name\":\"Unknown\",\"cty\":\"OV-SSL\",\"cert_transparency\":false}}}"));
    assertThat(get("Site").get("policy").get("issuer").toString())
        .isEqualTo("{\"name\":\"Unknown\",\"cty\":\"OV-SSL\",\"cert_transparency\":false}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PROPERTY_INVALID|{}",
        "PROPERTY_INVALID|{\"value\":7}",
        "CERTIFICATE_CONTENT_INVALID|{\"value\":\"AAAA\"}",
        "CERTIFICATE_CONTENT_INVALID|{\"value\":\"\"}",
        "CERTIFICATE_CONTENT_INVALID|{\"value\":\"-----BEGIN CERTIFICATE-----\"}",
        "CERTIFICATE_CONTENT_INVALID|{\"value\":\"-----BEGIN NOTHING-----\\n-----END NOTHING-----\"}",
      })
  void import_noCertificate_isRefused(ErrorCode code, String body) {
    refused(code, named(Operation.CERTIFICATE_IMPORT, "Site").body(body));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"lifetime_actions\":[{\"trigger\":{},\"action\":{\"action_type\":\"EmailContacts\"}}]",
        "\"lifetime_actions\":[{\"trigger\":{\"lifetime_percentage\":100},\"action\":"
            + "{\"action_type\":\"EmailContacts\"}}]",
        "\"lifetime_actions\":[{\"trigger\":{\"lifetime_percentage\":50},\"action\":"
            + "{\"action_type\":\"AutoRenew\"}}]",
        "\"x509_props\":{\"validity_months\":0}",
        "\"x509_props\":{\"subject\":\"site\"}",
        "\"x509_props\":{\"sans\":{\"dns_names\":[\"a b\"]}}",
        "\"x509_props\":{\"ekus\":[\"1.2.x\"]}",
      })
  void import_policyThatCannotBe_isRefused(String policy) {
    create("Site", SELF);
    String pfx = secret("Site").get("value").asString();
    refused(
        ErrorCode.CERTIFICATE_POLICY_INVALID,
        named(Operation.CERTIFICATE_IMPORT, "Copy")
            .body("{\"value\":\"" + pfx + "\",\"policy\":{" + policy + "}}"));
    refused(ErrorCode.CERTIFICATE_NOT_FOUND, named(Operation.CERTIFICATE_GET, "Copy"));
  }

  @Test
  void import_keyPropertiesOfAnotherKey_areRefused() {
    create("Site", SELF);
    String pfx = secret("Site").get("value").asString();
    refused(
        ErrorCode.CERTIFICATE_POLICY_INVALID,
        named(Operation.CERTIFICATE_IMPORT, "Copy")
            .body(
                "{\"value\":\""
                    + pfx
                    + "\",\"policy\":{\"key_props\":{\"kty\":\"RSA\",\"key_size\":2048}}}"));
  }

  @Test
  void import_notExportable_hidesTheKeyFromNowOn() throws Exception {
    create("Site", SELF);
    String pfx = secret("Site").get("value").asString();
    json(
        named(Operation.CERTIFICATE_IMPORT, "Copy")
            .body(
                "{\"value\":\"" + pfx + "\",\"policy\":{\"key_props\":{\"exportable\":false}}}"));
    KeyStore store = keyStore(secret("Copy").get("value").asString());
    assertThat(Collections.list(store.aliases()))
        .noneSatisfy(alias -> assertThat(store.isKeyEntry(alias)).isTrue());
  }

  @Test
  void import_keyThatIsNeverExportable_isRefusedWhenItIsToBe() {
    SoftwareKeys backend = new SoftwareKeys(new JdkEngine());
    try (Material key = backend.generate(new KeySpec.Akp(KeyAlgorithm.ML_DSA_44));
        OpenKey open = backend.open(key);
        SecretBytes pkcs8 = CertificateMaking.exported(key, true)) {
      byte[] made =
          CertificateMaking.selfSigned(
              new X509Properties(
                  "CN=a", List.of(), SubjectNames.NONE, List.of(), 1, false, Optional.empty()),
              open,
              START,
              START.plus(Duration.ofDays(30)));
      String value;
      try (SecretBytes pem = CertificateMaking.pem(pkcs8, List.of(made))) {
        value = "\"value\":\"" + Base64.getEncoder().encodeToString(pem.exposed()) + '"';
      }
      refused(
          ErrorCode.CERTIFICATE_POLICY_INVALID,
          named(Operation.CERTIFICATE_IMPORT, "Copy")
              .body("{" + value + ",\"policy\":{\"key_props\":{\"exportable\":true}}}"));
      json(named(Operation.CERTIFICATE_IMPORT, "Copy").body("{" + value + "}"));
      assertThat(secret("Copy").get("contentType").asString())
          .isEqualTo("application/x-pem-file");
      assertThat(secret("Copy").get("value").asString()).doesNotContain("PRIVATE KEY");
    }
  }

  // update, policy

  @Test
  void update_disabled_disablesKeyAndSecretToo() {
    create("Site", SELF);
    JsonNode updated =
        json(
            named(Operation.CERTIFICATE_UPDATE, "Site")
                .with("version", versionOf(get("Site")))
                .body("{\"attributes\":{\"enabled\":false,\"exp\":1},\"tags\":{\"b\":\"2\"}}"));
    assertThat(updated.get("attributes").get("enabled").asBoolean()).isFalse();
    assertThat(updated.get("attributes").get("exp").asLong()).isGreaterThan(1);
    assertThat(updated.has("policy")).isFalse();
    assertThat(updated.has("pending")).isTrue();
    refused(ErrorCode.SECRET_DISABLED, named(Operation.SECRET_GET, "Site"));
    JsonNode key = json(named(Operation.KEY_GET, "Site"));
    assertThat(key.get("attributes").get("enabled").asBoolean()).isFalse();
    assertThat(key.get("tags").get("b").asString()).isEqualTo("2");
    json(
        named(Operation.CERTIFICATE_UPDATE, "Site")
            .body("{\"attributes\":{\"enabled\":true}}"));
    assertThat(secret("Site").get("tags").get("b").asString()).isEqualTo("2");
  }

  @Test
  void policy_changed_keepsTheMembersThatWereNotSent() {
    create("Site", SELF);
    vault.pass(Duration.ofHours(1));
    JsonNode policy =
        json(
            named(Operation.CERTIFICATE_POLICY_UPDATE, "Site")
                .body("{\"x509_props\":{\"validity_months\":24}}"));
    assertThat(policy.get("x509_props").get("validity_months").asInt()).isEqualTo(24);
    assertThat(policy.get("x509_props").get("subject").asString()).isEqualTo("CN=site.test");
    assertThat(policy.get("key_props").get("kty").asString()).isEqualTo("EC");
    assertThat(policy.get("attributes").get("updated").asLong())
        .isEqualTo(START.getEpochSecond() + 3600);
    assertThat(json(named(Operation.CERTIFICATE_POLICY_GET, "Site"))).isEqualTo(policy);
    refused(
        ErrorCode.CERTIFICATE_POLICY_INVALID,
        named(Operation.CERTIFICATE_POLICY_UPDATE, "Site")
            .body("{\"issuer\":{\"name\":\"Unknown\"}}"));
    refused(
        ErrorCode.CERTIFICATE_NOT_FOUND, named(Operation.CERTIFICATE_POLICY_GET, "Other"));
    for (String key : List.of("\"exportable\":false", "\"kty\":\"RSA\"")) {
      policy =
          json(
              named(Operation.CERTIFICATE_POLICY_UPDATE, "Site")
                  .body("{\"key_props\":{" + key + "}}"));
    }
    assertThat(policy.get("key_props").get("kty").asString()).isEqualTo("RSA");
    assertThat(policy.get("key_props").get("exportable").asBoolean()).isFalse();
  }

  // what belongs to a certificate

  @Test
  void managedKeyAndSecret_areChangedByTheCertificateOnly() {
    create("Site", SELF);
    for (FakeCall call :
        List.of(
            named(Operation.SECRET_SET, "Site").body("{\"value\":\"x\"}"),
            named(Operation.SECRET_UPDATE, "Site").body("{\"tags\":{}}"),
            named(Operation.SECRET_DELETE, "Site"),
            named(Operation.SECRET_BACKUP, "Site"),
            named(Operation.KEY_CREATE, "Site").body("{\"kty\":\"EC\"}"),
            named(Operation.KEY_UPDATE, "Site").body("{\"tags\":{}}"),
            named(Operation.KEY_DELETE, "Site"),
            named(Operation.KEY_BACKUP, "Site"),
            named(Operation.KEY_ROTATE, "Site"),
            named(Operation.KEY_ROTATION_POLICY_SET, "Site").body("{}"))) {
      refused(ErrorCode.OBJECT_MANAGED, call);
    }
    send(named(Operation.CERTIFICATE_DELETE, "Site"));
    for (Operation operation :
        List.of(
            Operation.SECRET_RECOVER,
            Operation.SECRET_PURGE,
            Operation.KEY_RECOVER,
            Operation.KEY_PURGE)) {
      refused(ErrorCode.OBJECT_MANAGED, named(operation, "Site"));
    }
  }

  @Test
  void delete_andRecover_takeKeyAndSecretAlong() {
    create("Site", SELF);
    JsonNode before = get("Site");
    JsonNode deleted = json(named(Operation.CERTIFICATE_DELETE, "Site"));
    assertThat(deleted.get("recoveryId").asString())
        .isEqualTo(BASE + "/deletedcertificates/Site");
    assertThat(deleted.get("cer")).isEqualTo(before.get("cer"));
    assertThat(deleted.has("policy")).isTrue();
    assertThat(deleted.has("pending")).isTrue();
    refused(ErrorCode.CERTIFICATE_NOT_FOUND, named(Operation.CERTIFICATE_GET, "Site"));
    refused(ErrorCode.SECRET_NOT_FOUND, named(Operation.SECRET_GET, "Site"));
    refused(ErrorCode.KEY_NOT_FOUND, named(Operation.KEY_GET, "Site"));
    assertThat(json(named(Operation.SECRET_GET_DELETED, "Site")).get("scheduledPurgeDate"))
        .isEqualTo(deleted.get("scheduledPurgeDate"));
    assertThat(json(call(Operation.CERTIFICATE_LIST_DELETED)).get("value").size())
        .isEqualTo(1);
    refused(
        ErrorCode.OBJECT_DELETED_BUT_RECOVERABLE,
        named(Operation.CERTIFICATE_CREATE, "Site").body(SELF));
    refused(
        ErrorCode.OBJECT_DELETED_BUT_RECOVERABLE,
        named(Operation.SECRET_SET, "Site").body("{\"value\":\"x\"}"));
    json(named(Operation.CERTIFICATE_RECOVER, "Site"));
    assertThat(get("Site").get("cer")).isEqualTo(before.get("cer"));
    assertThat(secret("Site").get("managed").asBoolean()).isTrue();
    assertThat(json(named(Operation.KEY_GET, "Site")).get("managed").asBoolean()).isTrue();
  }

  @Test
  void purge_removesKeyAndSecretAndFreesTheName() {
    create("Site", SELF);
    send(named(Operation.CERTIFICATE_DELETE, "Site"));
    assertThat(send(named(Operation.CERTIFICATE_PURGE, "Site")).status()).isEqualTo(204);
    for (FakeCall call :
        List.of(
            named(Operation.CERTIFICATE_GET_DELETED, "Site"),
            named(Operation.CERTIFICATE_RECOVER, "Site"),
            named(Operation.CERTIFICATE_PURGE, "Site"))) {
      refused(ErrorCode.DELETED_CERTIFICATE_NOT_FOUND, call);
    }
    refused(
        ErrorCode.DELETED_SECRET_NOT_FOUND, named(Operation.SECRET_GET_DELETED, "Site"));
    refused(ErrorCode.DELETED_KEY_NOT_FOUND, named(Operation.KEY_GET_DELETED, "Site"));
    vault.set("Site", "value");
  }

  @Test
  void backup_restoredElsewhere_hasAllVersionsOfAllThree() {
    create("Site", SELF);
    String first = versionOf(get("Site"));
    create("Site", "{}");
    String blob = json(named(Operation.CERTIFICATE_BACKUP, "Site")).get("value").asString();
    JsonNode before = get("Site");
    JsonNode secret = secret("Site");
    refused(
        ErrorCode.OBJECT_EXISTS,
        call(Operation.CERTIFICATE_RESTORE).body("{\"value\":\"" + blob + "\"}"));
    send(named(Operation.CERTIFICATE_DELETE, "Site"));
    send(named(Operation.CERTIFICATE_PURGE, "Site"));
    JsonNode restored =
        json(call(Operation.CERTIFICATE_RESTORE).body("{\"value\":\"" + blob + "\"}"));
    assertThat(restored.get("id")).isEqualTo(before.get("id"));
    assertThat(restored.get("cer")).isEqualTo(before.get("cer"));
    assertThat(restored.has("pending")).isFalse();
    assertThat(secret("Site")).isEqualTo(secret);
    assertThat(
            json(named(Operation.SECRET_GET, "Site").with("version", first))
                .get("managed")
                .asBoolean())
        .isTrue();
    assertThat(json(named(Operation.KEY_GET, "Site")).get("managed").asBoolean()).isTrue();
    for (String wrong : List.of("AAAA", blob.substring(0, 200), blob.substring(4))) {
      refused(
          ErrorCode.BACKUP_INVALID,
          call(Operation.CERTIFICATE_RESTORE).body("{\"value\":\"" + wrong + "\"}"));
    }
  }
}
