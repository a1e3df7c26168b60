package dev.strongroom.conformance;

import static dev.strongroom.conformance.Az.names;
import static dev.strongroom.conformance.Az.text;
import static dev.strongroom.conformance.Az.texts;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.function.Executable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every command of {@code az keyvault key} and {@code az keyvault certificate} that a vault can
 * serve; what comes out is checked by openssl. Each step is a test and builds on the steps before it.
 */
@EnabledIfSystemProperty(
    named = "az",
    matches = ".*",
    disabledReason = "installing az takes 400 MB: run with -Daz")
class AzObjectsIT {
  private static Az az;
  private static Scene scene;

  private final List<DynamicTest> steps = new ArrayList<>();
  private final String digest = sha256("signed");
  private String first;
  private String kept;

  @BeforeAll
  static void start() throws Exception {
    scene = Scene.startWithAuthority("az-objects");
    az = Az.processes(scene).session(scene);
    az.run(
        "cloud register -n Strongroom --endpoint-resource-manager {}", scene.server.get("armUrl"));
    az.run("cloud set -n Strongroom");
    az.run("config set core.instance_discovery=false");
    az.run(
        "login --service-principal -u {} -p {} --tenant {}",
        scene.server.get("clientId"),
        scene.server.get("clientSecret"),
        scene.server.get("tenantId"));
  }

  @AfterAll
  static void stop() {
    if (az != null) {
      az.close();
    }
    if (scene != null) {
      scene.close();
    }
  }

  @TestFactory
  Stream<DynamicTest> az_everyKeyCommand_works() {
    keys();
    keyOperations();
    importedKeys();
    rotation();
    deletedKeys();
    return steps.stream();
  }

  @TestFactory
  Stream<DynamicTest> az_everyCertificateCommand_works() {
    certificates();
    pendingCertificates();
    importedCertificates();
    contacts();
    issuers();
    deletedCertificates();
    return steps.stream();
  }

  private void step(String name, Executable run) {
    steps.add(DynamicTest.dynamicTest(name, run));
  }

  private void keys() {
    step(
        "keyCreate_rsaWithOps_hasThem",
        () -> {
          JsonNode key =
              key(
                  "create -n rsa --kty RSA --size 2048 --ops encrypt decrypt sign verify wrapKey"
                      + " unwrapKey --tags a=b --expires 2037-01-01T00:00:00Z");
          assertThat(strings(key.path("key").path("keyOps")))
              .containsExactly("encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey");
          assertThat(text(key, "attributes", "expires")).startsWith("2037-01-01T00:00:00");
          assertThat(text(key, "tags", "a")).isEqualTo("b");
          first = text(key, "key", "kid").replaceFirst(".*/", "");
        });
    for (String curve : List.of("P-256", "P-384", "P-521", "P-256K")) {
      step(
          "keyCreate_ec" + curve + "_hasCurve",
          () ->
              assertThat(
                      text(
                          key("create -n ec-{} --kty EC --curve {}", curve, curve), "key", "crv"))
                  .isEqualTo(curve));
    }
    step(
        "keyCreate_oct_hasNoMaterial",
        () -> {
          JsonNode key = key("create -n oct --kty oct --size 256");
          assertThat(text(key, "key", "kty")).isEqualTo("oct");
          assertThat(key.path("key").path("k").isNull()).isTrue();
        });
    step(
        "keyCreate_hsm_isRefused",
        () -> keyRefused("Hardware key operation not allowed", "create -n hsm --kty RSA-HSM"));
    step(
        "keyCreate_releasePolicy_isRefused",
        () ->
            keyRefused(
                "BadParameter",
                "create -n released --kty RSA --exportable true --policy '{\"version\":\"1\"}'"));
    step(
        "keyCreate_again_makesNewVersion",
        () ->
            assertThat(text(key("create -n rsa --kty RSA --size 3072"), "key", "kid"))
                .doesNotEndWith(first));
    step(
        "keyShow_version_returnsThatOne",
        () ->
            assertThat(text(key("show -n rsa --version {}", first), "key", "kid"))
                .endsWith(first));
    step("keyShow_unknown_isKeyNotFound", () -> keyRefused("KeyNotFound", "show -n no-such-key"));
    step(
        "keyList_vault_showsEach",
        () -> assertThat(names(key("list"))).contains("rsa", "ec-P-256", "oct"));
    step(
        "keyListVersions_two_showsBoth",
        () ->
            assertThat(texts(key("list-versions -n rsa"), "kid"))
                .hasSize(2)
                .anyMatch(id -> id.endsWith(first)));
    step(
        "keySetAttributes_opsTagsAndDates_areKept",
        () -> {
          key(
              "set-attributes -n rsa --ops sign verify --tags c=d --not-before"
                  + " 2024-01-01T00:00:00Z");
          JsonNode key = key("show -n rsa");
          assertThat(strings(key.path("key").path("keyOps"))).containsExactly("sign", "verify");
          assertThat(text(key, "tags", "c")).isEqualTo("d");
          assertThat(text(key, "attributes", "notBefore")).startsWith("2024-01-01T00:00:00");
        });
    step(
        "keyGetPolicyTemplate_always_isShown",
        () -> assertThat(text(az.run("keyvault key get-policy-template"), "version")).isNotEmpty());
  }

  private void keyOperations() {
    for (String algorithm : List.of("RSA1_5", "RSA-OAEP", "RSA-OAEP-256")) {
      step(
          "keyEncrypt_" + algorithm + "_isDecrypted",
          () -> {
            JsonNode out =
                key(
                    "encrypt -n rsa --version {} -a {} --value {} --data-type plaintext",
                    first,
                    algorithm,
                    "a text");
            JsonNode back =
                key(
                    "decrypt -n rsa --version {} -a {} --value {} --data-type plaintext",
                    first,
                    algorithm,
                    text(out, "result"));
            assertThat(text(back, "result")).isEqualTo("a text");
          });
    }
    step(
        "keyEncrypt_aesGcm_isDecryptedWithItsTagAndAad",
        () -> {
          String aad = HexFormat.of().formatHex("about".getBytes());
          JsonNode out =
              key(
                  "encrypt -n oct -a A256GCM --value {} --data-type base64 --aad {}",
                  base64("a text"),
                  aad);
          JsonNode back =
              key(
                  "decrypt -n oct -a A256GCM --value {} --iv {} --tag {} --aad {} --data-type"
                      + " base64",
                  text(out, "result"),
                  text(out, "iv"),
                  text(out, "tag"),
                  aad);
          assertThat(text(back, "result")).isEqualTo(base64("a text"));
        });
    step(
        "keyEncrypt_notAmongItsOps_isRefused",
        () ->
            keyRefused(
                "not permitted on this key",
                "encrypt -n rsa -a RSA-OAEP --value eA== --data-type base64"));
    for (String algorithm : List.of("RS256", "PS256")) {
      step("keySign_" + algorithm + "_isVerified", () -> signed("rsa", algorithm, digest));
    }
    step("keySign_es256_isVerified", () -> signed("ec-P-256", "ES256", digest));
    step("keySign_es256k_isVerified", () -> signed("ec-P-256K", "ES256K", digest));
    step(
        "keyVerify_otherDigest_isFalse",
        () -> {
          String signature =
              text(key("sign -n rsa -a RS256 --digest {}", digest), "signature");
          assertThat(
                  key(
                          "verify -n rsa -a RS256 --digest {} --signature {}",
                          sha256("other"),
                          signature)
                      .path("isValid")
                      .asBoolean(true))
              .isFalse();
        });
    step(
        "keySign_rs256_isVerifiedByOpensslWithTheDownloadedKey",
        () -> {
          JsonNode out = key("sign -n rsa -a RS256 --digest {}", digest);
          Path signature = file("signature.bin");
          Files.write(signature, Base64.getDecoder().decode(text(out, "signature")));
          Files.writeString(file("message.txt"), "signed");
          Files.deleteIfExists(file("rsa.pem"));
          key("download -n rsa -f {}", file("rsa.pem"));
          openssl(
              "dgst",
              "-sha256",
              "-verify",
              file("rsa.pem").toString(),
              "-signature",
              signature.toString(),
              file("message.txt").toString());
        });
    step(
        "keyDownload_der_isTheSameKey",
        () -> {
          Files.deleteIfExists(file("rsa.der"));
          key("download -n rsa -f {} -e DER", file("rsa.der"));
          String pem = openssl("pkey", "-pubin", "-in", file("rsa.pem").toString());
          assertThat(
                  openssl("pkey", "-pubin", "-inform", "DER", "-in", file("rsa.der").toString()))
              .isEqualTo(pem);
        });
    step(
        "keySign_disabled_isRefused",
        () -> {
          key("set-attributes -n rsa --enabled false");
          keyRefused("KeyDisabled", "sign -n rsa -a RS256 --digest {}", digest);
          key("set-attributes -n rsa --enabled true");
        });
  }

  private void signed(String name, String algorithm, String digest) throws Exception {
    String signature =
        text(key("sign -n {} -a {} --digest {}", name, algorithm, digest), "signature");
    JsonNode answer =
        key(
            "verify -n {} -a {} --digest {} --signature {}", name, algorithm, digest, signature);
    assertThat(answer.path("isValid").asBoolean()).isTrue();
  }

  private void importedKeys() {
    step(
        "keyImport_rsaPem_isThatKey",
        () -> {
          String pem = openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048");
          Files.writeString(file("import.pem"), pem);
          key("import -n imported --pem-file {}", file("import.pem"));
          Files.deleteIfExists(file("imported.pem"));
          key("download -n imported -f {}", file("imported.pem"));
          assertThat(openssl("pkey", "-pubin", "-in", file("imported.pem").toString()))
              .isEqualTo(openssl("pkey", "-pubout", "-in", file("import.pem").toString()));
        });
    step(
        "keyImport_pemString_signs",
        () -> {
          key("import -n imported-text --pem-string {}", Files.readString(file("import.pem")));
          signed("imported-text", "RS256", digest);
        });
    step(
        "keyImport_ecPem_signs",
        () -> {
          Files.writeString(
              file("ec.pem"),
              openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"));
          key("import -n imported-ec --pem-file {} --ops sign verify", file("ec.pem"));
          signed("imported-ec", "ES256", digest);
        });
    step(
        "keyImport_encryptedPem_needsItsPassword",
        () -> {
          Files.writeString(
              file("locked.pem"),
              openssl(
                  "pkey",
                  "-in",
                  file("import.pem").toString(),
                  "-aes256",
                  "-passout",
                  "pass:word"));
          keyRefused(
              "Password was not given", "import -n locked --pem-file {}", file("locked.pem"));
          key("import -n locked --pem-file {} --pem-password word", file("locked.pem"));
        });
  }

  private void rotation() {
    step(
        "keyRotationPolicyShow_neverSet_isTheDefaultNotice",
        () -> {
          JsonNode policy = key("rotation-policy show -n ec-P-256");
          assertThat(texts(policy.path("lifetimeActions"), "action")).containsExactly("Notify");
        });
    step(
        "keyRotationPolicyUpdate_rotateAndNotify_areShown",
        () -> {
          key(
              "rotation-policy update -n ec-P-256 --value {}",
              "{\"lifetimeActions\":[{\"trigger\":{\"timeAfterCreate\":\"P90D\"},\"action\":"
                  + "{\"type\":\"Rotate\"}},{\"trigger\":{\"timeBeforeExpiry\":\"P30D\"},\"action\":"
                  + "{\"type\":\"Notify\"}}],\"attributes\":{\"expiryTime\":\"P2Y\"}}");
          JsonNode policy = key("rotation-policy show -n ec-P-256");
          assertThat(text(policy, "expiresIn")).isEqualTo("P2Y");
          assertThat(texts(policy.path("lifetimeActions"), "action"))
              .containsExactlyInAnyOrder("Rotate", "Notify");
        });
    step(
        "keyRotate_policy_makesVersionThatExpires",
        () -> {
          String before = text(key("show -n ec-P-256"), "key", "kid");
          JsonNode rotated = key("rotate -n ec-P-256");
          assertThat(text(rotated, "key", "kid")).isNotEqualTo(before);
          assertThat(text(rotated, "attributes", "expires")).isNotEmpty();
          assertThat(key("list-versions -n ec-P-256")).hasSize(2);
        });
  }

  private void deletedKeys() {
    step(
        "keyBackup_live_writesFile",
        () -> {
          Files.deleteIfExists(file("key.backup"));
          key("backup -n rsa -f {}", file("key.backup"));
          assertThat(file("key.backup")).isNotEmptyFile();
        });
    step(
        "keyDelete_live_isGone",
        () -> {
          key("delete -n rsa");
          keyRefused("KeyNotFound", "show -n rsa");
        });
    step(
        "keyListDeleted_deleted_showsIt",
        () -> assertThat(names(key("list-deleted"))).contains("rsa"));
    step(
        "keyShowDeleted_deleted_returnsRecoveryId",
        () ->
            assertThat(text(key("show-deleted -n rsa"), "recoveryId"))
                .endsWith("/deletedkeys/rsa"));
    step(
        "keyRecover_deleted_bringsItBack",
        () -> {
          key("recover -n rsa");
          signed("rsa", "RS256", digest);
        });
    step(
        "keyPurge_deleted_leavesNothing",
        () -> {
          key("delete -n rsa");
          key("purge -n rsa");
          keyRefused("KeyNotFound", "show-deleted -n rsa");
        });
    step(
        "keyRestore_afterPurge_bringsBackSameVersions",
        () -> {
          key("restore --file {}", file("key.backup"));
          assertThat(text(key("show -n rsa --version {}", first), "key", "kid")).endsWith(first);
          signed("rsa", "RS256", digest);
        });
  }

  private void certificates() {
    step(
        "certificateGetDefaultPolicy_always_isSelfSigned",
        () -> {
          JsonNode policy = az.run("keyvault certificate get-default-policy");
          assertThat(text(policy, "issuerParameters", "name")).isEqualTo("Self");
          Files.writeString(file("policy.json"), policy.toString());
          ObjectNode unknown = policy.asObject().deepCopy();
          unknown.putObject("issuerParameters").put("name", "Unknown");
          unknown
              .withArray("lifetimeActions")
              .get(0)
              .asObject()
              .putObject("action")
              .put("actionType", "EmailContacts");
          Files.writeString(file("unknown.json"), unknown.toString());
        });
    step(
        "certificateCreate_defaultPolicy_completes",
        () -> {
          JsonNode operation = certificate("create -n site -p @{}", file("policy.json"));
          assertThat(text(operation, "status")).isEqualTo("completed");
        });
    step(
        "certificateCreate_validityTagsDisabled_areKept",
        () -> {
          certificate(
              "create -n site -p @{} --validity 24 --tags a=b --disabled true",
              file("policy.json"));
          JsonNode shown = certificate("show -n site");
          assertThat(shown.path("attributes").path("enabled").asBoolean(true)).isFalse();
          assertThat(text(shown, "tags", "a")).isEqualTo("b");
          assertThat(
                  shown
                      .path("policy")
                      .path("x509CertificateProperties")
                      .path("validityInMonths")
                      .asInt())
              .isEqualTo(24);
        });
    step(
        "certificateCreate_builtInAuthority_isOfItsChain",
        () -> {
          ObjectNode policy =
              JsonMapper.shared().readTree(Files.readString(file("policy.json"))).asObject();
          policy.putObject("issuerParameters").put("name", "Strongroom");
          policy
              .withObject("x509CertificateProperties")
              .put("subject", "CN=built-in.test")
              .putArray("keyUsage")
              .add("digitalSignature");
          Files.writeString(file("authority.json"), policy.toString());
          JsonNode operation = certificate("create -n built-in -p @{}", file("authority.json"));
          assertThat(text(operation, "status")).isEqualTo("completed");
          Files.deleteIfExists(file("built-in.pem"));
          certificate("download -n built-in -f {}", file("built-in.pem"));
          assertThat(openssl("x509", "-noout", "-issuer", "-in", file("built-in.pem").toString()))
              .contains("Issuing CA");
        });
    step(
        "certificateShow_unknown_isCertificateNotFound",
        () -> certificateRefused("CertificateNotFound", "show -n no-such-certificate"));
    step(
        "certificateList_vault_showsEach",
        () -> assertThat(names(certificate("list"))).contains("site", "built-in"));
    step(
        "certificateListVersions_two_showsBoth",
        () -> assertThat(certificate("list-versions -n site")).hasSize(2));
    step(
        "certificateSetAttributes_enabledAndTags_areKept",
        () -> {
          certificate("set-attributes -n site --enabled true --tags c=d");
          JsonNode shown = certificate("show -n site");
          assertThat(shown.path("attributes").path("enabled").asBoolean()).isTrue();
          assertThat(text(shown, "tags", "c")).isEqualTo("d");
          kept = text(shown, "id").replaceFirst(".*/", "");
        });
    step(
        "certificateSetAttributes_policy_isKept",
        () -> {
          certificate("set-attributes -n site -p @{}", file("policy.json"));
          assertThat(
                  certificate("show -n site")
                      .path("policy")
                      .path("x509CertificateProperties")
                      .path("validityInMonths")
                      .asInt())
              .isEqualTo(12);
        });
    step(
        "secretDownload_ofCertificate_opensInOpenssl",
        () -> {
          Files.deleteIfExists(file("site.pfx"));
          az.run(
              "keyvault secret download --vault-name {} -n site -f {} --encoding base64",
              vault(),
              file("site.pfx"));
          assertThat(
                  openssl(
                      "pkcs12",
                      "-in",
                      file("site.pfx").toString(),
                      "-passin",
                      "pass:",
                      "-nodes"))
              .contains("BEGIN PRIVATE KEY", "BEGIN CERTIFICATE");
        });
    step(
        "keyShow_ofCertificate_isListedAsManagedOnly",
        () -> {
          assertThat(names(key("list --include-managed true"))).contains("site");
          assertThat(names(key("list"))).doesNotContain("site");
          keyRefused("Forbidden", "delete -n site");
        });
  }

  private void pendingCertificates() {
    step(
        "certificateCreate_unknownIssuer_waits",
        () -> {
          JsonNode operation = certificate("create -n merged -p @{}", file("unknown.json"));
          assertThat(text(operation, "status")).isEqualTo("inProgress");
        });
    step(
        "certificateList_includePending_showsIt",
        () -> {
          assertThat(names(certificate("list"))).doesNotContain("merged");
          assertThat(names(certificate("list --include-pending true"))).contains("merged");
        });
    step(
        "certificateCreate_whileInProgress_isRefused",
        () ->
            certificateRefused(
                "pending key vault certificate", "create -n merged -p @{}", file("unknown.json")));
    step(
        "certificatePendingDelete_inProgress_endsIt",
        () -> {
          certificate("pending delete -n merged");
          certificateRefused("PendingCertificateNotFound", "pending show -n merged");
        });
    step(
        "certificatePendingMerge_signedElsewhere_isTheCertificate",
        () -> {
          certificate("create -n merged -p @{}", file("unknown.json"));
          String csr = text(certificate("pending show -n merged"), "csr");
          Files.writeString(
              file("merged.csr"),
              "-----BEGIN CERTIFICATE REQUEST-----\n"
                  + Base64.getMimeEncoder(64, "\n".getBytes())
                      .encodeToString(Base64.getDecoder().decode(csr))
                  + "\n-----END CERTIFICATE REQUEST-----\n");
          selfSigned("ca");
          Files.writeString(
              file("merged.pem"),
              openssl(
                  "x509",
                  "-req",
                  "-in",
                  file("merged.csr").toString(),
                  "-CA",
                  file("ca.pem").toString(),
                  "-CAkey",
                  file("ca.key").toString(),
                  "-set_serial",
                  "4711",
                  "-days",
                  "400"));
          certificate("pending merge -n merged -f {}", file("merged.pem"));
          JsonNode shown = certificate("show -n merged");
          assertThat(shown.path("attributes").path("enabled").asBoolean()).isTrue();
          assertThat(text(shown, "sid")).contains("/secrets/merged/");
        });
    step(
        "certificatePendingMerge_ofAnotherKey_isRefused",
        () -> {
          certificate("create -n not-merged -p @{}", file("unknown.json"));
          certificateRefused("BadParameter", "pending merge -n not-merged -f {}", file("ca.pem"));
          certificate("pending delete -n not-merged");
        });
  }

  private void importedCertificates() {
    step(
        "certificateImport_pem_isDownloadedAsPemAndDer",
        () -> {
          selfSigned("imported");
          Files.writeString(
              file("both.pem"),
              Files.readString(file("imported.key")) + Files.readString(file("imported.pem")));
          certificate("import -n brought -f {}", file("both.pem"));
          Files.deleteIfExists(file("out.pem"));
          certificate("download -n brought -f {}", file("out.pem"));
          Files.deleteIfExists(file("out.der"));
          certificate("download -n brought -f {} -e DER", file("out.der"));
          String expected =
              openssl("x509", "-noout", "-fingerprint", "-in", file("imported.pem").toString());
          assertThat(openssl("x509", "-noout", "-fingerprint", "-in", file("out.pem").toString()))
              .isEqualTo(expected);
          assertThat(
                  openssl(
                      "x509",
                      "-noout",
                      "-fingerprint",
                      "-inform",
                      "DER",
                      "-in",
                      file("out.der").toString()))
              .isEqualTo(expected);
        });
    step(
        "certificateImport_pfx_needsItsPassword",
        () -> {
          openssl(
              "pkcs12",
              "-export",
              "-inkey",
              file("imported.key").toString(),
              "-in",
              file("imported.pem").toString(),
              "-out",
              file("in.pfx").toString(),
              "-passout",
              "pass:word");
          certificateRefused(
              "password does not open", "import -n pfx -f {} --password wrong", file("in.pfx"));
          certificate("import -n pfx -f {} --password word", file("in.pfx"));
          assertThat(text(certificate("show -n pfx"), "policy", "secretProperties", "contentType"))
              .isEqualTo("application/x-pkcs12");
        });
    step(
        "certificateImport_policyTagsDisabled_areKept",
        () -> {
          JsonNode made =
              certificate(
                  "import -n with-policy -f {} -p @{} --tags a=b --disabled true",
                  file("both.pem"),
                  file("policy.json"));
          assertThat(made.path("attributes").path("enabled").asBoolean(true)).isFalse();
          assertThat(text(made, "tags", "a")).isEqualTo("b");
          assertThat(text(made, "policy", "issuerParameters", "name")).isEqualTo("Self");
        });
    step(
        "certificateImport_keyAlone_isRefused",
        () ->
            certificateRefused("BadParameter", "import -n nothing -f {}", file("imported.key")));
  }

  private void contacts() {
    step(
        "certificateContactAdd_two_areListed",
        () -> {
          certificate("contact add --email a@example.com --name A --phone 1");
          certificate("contact add --email b@example.com");
          assertThat(texts(certificate("contact list").path("contactList"), "emailAddress"))
              .containsExactly("a@example.com", "b@example.com");
        });
    step(
        "certificateContactDelete_one_leavesTheOther",
        () -> {
          certificate("contact delete --email a@example.com");
          assertThat(texts(certificate("contact list").path("contactList"), "emailAddress"))
              .containsExactly("b@example.com");
        });
    step(
        "certificateContactDelete_last_leavesNone",
        () -> {
          certificate("contact delete --email b@example.com");
          certificateRefused("ContactsNotFound", "contact list");
        });
  }

  private void issuers() {
    step(
        "certificateIssuerCreate_digiCert_isShownWithoutPassword",
        () -> {
          JsonNode made =
              certificate(
                  "issuer create --issuer-name partner --provider-name DigiCert --account-id me"
                      + " --password hidden --organization-id 7");
          assertThat(made.toString()).doesNotContain("hidden");
          assertThat(text(certificate("issuer show --issuer-name partner"), "provider"))
              .isEqualTo("DigiCert");
        });
    step(
        "certificateIssuerList_one_showsIt",
        () -> assertThat(texts(certificate("issuer list"), "provider")).contains("DigiCert"));
    step(
        "certificateIssuerUpdate_account_isKept",
        () -> {
          certificate("issuer update --issuer-name partner --account-id other");
          JsonNode shown = certificate("issuer show --issuer-name partner");
          assertThat(text(shown, "credentials", "accountId")).isEqualTo("other");
          assertThat(text(shown, "organizationDetails", "id")).isEqualTo("7");
        });
    step(
        "certificateIssuerAdminAdd_two_areListed",
        () -> {
          certificate(
              "issuer admin add --issuer-name partner --email a@example.com --first-name A"
                  + " --last-name B --phone 1");
          certificate("issuer admin add --issuer-name partner --email b@example.com");
          assertThat(
                  texts(certificate("issuer admin list --issuer-name partner"), "emailAddress"))
              .containsExactly("a@example.com", "b@example.com");
        });
    step(
        "certificateIssuerAdminDelete_each_leavesNoneAndTheOrganization",
        () -> {
          certificate("issuer admin delete --issuer-name partner --email a@example.com");
          certificate("issuer admin delete --issuer-name partner --email b@example.com");
          assertThat(certificate("issuer admin list --issuer-name partner")).isEmpty();
          assertThat(
                  text(
                      certificate("issuer show --issuer-name partner"),
                      "organizationDetails",
                      "id"))
              .isEqualTo("7");
        });
    step(
        "certificateIssuerDelete_one_isGone",
        () -> {
          certificate("issuer delete --issuer-name partner");
          certificateRefused(
              "CertificateIssuerNotFound", "issuer show --issuer-name partner");
        });
  }

  private void deletedCertificates() {
    step(
        "certificateBackup_live_writesFile",
        () -> {
          Files.deleteIfExists(file("certificate.backup"));
          certificate("backup -n site -f {}", file("certificate.backup"));
          assertThat(file("certificate.backup")).isNotEmptyFile();
        });
    step(
        "certificateDelete_live_takesKeyAndSecretAlong",
        () -> {
          certificate("delete -n site");
          certificateRefused("CertificateNotFound", "show -n site");
          keyRefused("KeyNotFound", "show -n site");
        });
    step(
        "certificateListDeleted_deleted_showsIt",
        () -> {
          assertThat(names(certificate("list-deleted"))).contains("site");
          assertThat(names(certificate("list-deleted --include-pending true"))).contains("site");
        });
    step(
        "certificateShowDeleted_deleted_returnsRecoveryId",
        () ->
            assertThat(text(certificate("show-deleted -n site"), "recoveryId"))
                .endsWith("/deletedcertificates/site"));
    step(
        "certificateRecover_deleted_bringsItBack",
        () -> {
          certificate("recover -n site");
          assertThat(text(certificate("show -n site"), "id")).endsWith(kept);
        });
    step(
        "certificatePurge_deleted_leavesNothing",
        () -> {
          certificate("delete -n site");
          certificate("purge -n site");
          certificateRefused("CertificateNotFound", "show-deleted -n site");
        });
    step(
        "certificateRestore_afterPurge_bringsBackSameVersions",
        () -> {
          certificate("restore --file {}", file("certificate.backup"));
          assertThat(text(certificate("show -n site --version {}", kept), "id")).endsWith(kept);
        });
  }

  private static String vault() {
    return scene.server.get("vaultName");
  }

  private static JsonNode key(String command, Object... values) throws Exception {
    return az.run("keyvault key " + inVault(command), values);
  }

  private static void keyRefused(String code, String command, Object... values) throws Exception {
    az.refused(code, "keyvault key " + inVault(command), values);
  }

  private static JsonNode certificate(String command, Object... values) throws Exception {
    return az.run("keyvault certificate " + inVault(command), values);
  }

  private static void certificateRefused(String code, String command, Object... values)
      throws Exception {
    az.refused(code, "keyvault certificate " + inVault(command), values);
  }

  private static String inVault(String command) {
    return command + " --vault-name " + vault();
  }

  private static Path file(String name) {
    return scene.work.resolve(name);
  }

  /** A certificate and its key, in files NAME.pem and NAME.key. */
  private static void selfSigned(String name) throws Exception {
    openssl(
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        file(name + ".key").toString(),
        "-out",
        file(name + ".pem").toString(),
        "-subj",
        "/CN=" + name,
        "-days",
        "400");
  }

  private static String openssl(String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(words));
    return Output.of(command, scene.work, Map.of(), 60).mustSucceed().stdout();
  }

  private static String sha256(String text) {
    try {
      return Base64.getEncoder()
          .encodeToString(MessageDigest.getInstance("SHA-256").digest(text.getBytes()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes());
  }

  private static List<String> strings(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asString).toList();
  }
}
