package dev.strongroom.conformance;

import com.azure.core.credential.TokenCredential;
import com.azure.core.exception.HttpResponseException;
import com.azure.core.exception.ResourceNotFoundException;
import com.azure.core.http.policy.FixedDelayOptions;
import com.azure.core.http.policy.RetryOptions;
import com.azure.core.util.Context;
import com.azure.core.util.polling.SyncPoller;
import com.azure.identity.ClientSecretCredentialBuilder;
import com.azure.security.keyvault.certificates.CertificateClient;
import com.azure.security.keyvault.certificates.CertificateClientBuilder;
import com.azure.security.keyvault.certificates.models.AdministratorContact;
import com.azure.security.keyvault.certificates.models.CertificateContact;
import com.azure.security.keyvault.certificates.models.CertificateContentType;
import com.azure.security.keyvault.certificates.models.CertificateIssuer;
import com.azure.security.keyvault.certificates.models.CertificateKeyCurveName;
import com.azure.security.keyvault.certificates.models.CertificateKeyType;
import com.azure.security.keyvault.certificates.models.CertificateKeyUsage;
import com.azure.security.keyvault.certificates.models.CertificateOperation;
import com.azure.security.keyvault.certificates.models.CertificatePolicy;
import com.azure.security.keyvault.certificates.models.CertificatePolicyAction;
import com.azure.security.keyvault.certificates.models.CertificateProperties;
import com.azure.security.keyvault.certificates.models.DeletedCertificate;
import com.azure.security.keyvault.certificates.models.ImportCertificateOptions;
import com.azure.security.keyvault.certificates.models.KeyVaultCertificateWithPolicy;
import com.azure.security.keyvault.certificates.models.LifetimeAction;
import com.azure.security.keyvault.certificates.models.MergeCertificateOptions;
import com.azure.security.keyvault.certificates.models.SubjectAlternativeNames;
import com.azure.security.keyvault.keys.KeyClient;
import com.azure.security.keyvault.keys.KeyClientBuilder;
import com.azure.security.keyvault.keys.models.KeyVaultKey;
import com.azure.security.keyvault.secrets.SecretClient;
import com.azure.security.keyvault.secrets.SecretClientBuilder;
import com.azure.security.keyvault.secrets.models.KeyVaultSecret;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The program that runs the shared list of certificate cases with the Azure SDK for Java and reports
 * one line per case (TAP). What the server makes is opened with the JDK; openssl signs its requests
 * and makes what is imported.
 */
final class JavaCertificatesCases {
  private static final Duration SETTLES = Duration.ofMinutes(1);

  /** A case that may fail in any way. */
  private interface Case {
    void run() throws Exception;
  }

  private final JsonNode scene;
  private final CertificateClient admin;
  private final SecretClient secrets;
  private final KeyClient keys;
  private final Path work;
  private final Map<String, Case> cases = new LinkedHashMap<>();

  private JavaCertificatesCases(JsonNode scene) throws Exception {
    this.scene = scene;
    this.work = Files.createTempDirectory(Path.of(""), "files").toAbsolutePath();
    this.admin = client("admin");
    this.secrets =
        new SecretClientBuilder()
            .vaultUrl(text("vaultUrl"))
            .credential(bySecret("admin"))
            .retryOptions(noRetries())
            .buildClient();
    this.keys =
        new KeyClientBuilder()
            .vaultUrl(text("vaultUrl"))
            .credential(bySecret("admin"))
            .retryOptions(noRetries())
            .buildClient();
    creation();
    pending();
    imports();
    changes();
    vaultWide();
    life();
    refusals();
    months();
  }

  public static void main(String[] arguments) throws Exception {
    JsonNode scene = JsonMapper.shared().readTree(Path.of(System.getenv("STRONGROOM_SCENE")));
    System.exit(new JavaCertificatesCases(scene).run() ? 0 : 1);
  }

  private boolean run() {
    System.out.println("1.." + cases.size());
    boolean passed = true;
    for (Map.Entry<String, Case> each : cases.entrySet()) {
      try {
        each.getValue().run();
        System.out.println("ok " + each.getKey());
      } catch (Exception | AssertionError e) {
        passed = false;
        System.out.println(
            "not ok " + each.getKey() + " - " + e.toString().replaceAll("\\s+", " "));
      }
    }
    return passed;
  }

  private void creation() {
    cases.put(
        "certificateCreate_self_completesWithKeyAndSecret",
        () -> {
          KeyVaultCertificateWithPolicy made =
              create("self", new CertificatePolicy("Self", "CN=site.test"));
          equal(made.getPolicy().getKeyType(), CertificateKeyType.RSA, "key type");
          equal(made.getPolicy().getKeySize(), 2048, "key size");
          equal(made.getPolicy().getContentType(), CertificateContentType.PKCS12, "content type");
          equal(made.getPolicy().getValidityInMonths(), 12, "validity");
          X509Certificate certificate = parsed(made.getCer());
          certificate.verify(certificate.getPublicKey());
          KeyVaultKey key = keys.getKey("self");
          equal(key.getId(), made.getKeyId(), "key id");
          equal(key.getProperties().isManaged(), true, "the key is managed");
          KeyVaultSecret secret = secrets.getSecret("self");
          equal(secret.getId(), made.getSecretId(), "secret id");
          equal(secret.getProperties().getKeyId(), made.getKeyId(), "key of the secret");
        });
    cases.put(
        "certificateCreate_everyProperty_isKept",
        () -> {
          KeyVaultCertificateWithPolicy made =
              create(
                  "every",
                  ec("every")
                      .setSubjectAlternativeNames(
                          new SubjectAlternativeNames()
                              .setDnsNames(List.of("every.test", "*.every.test"))
                              .setEmails(List.of("a@every.test"))
                              .setUserPrincipalNames(List.of("u@every.test")))
                      .setEnhancedKeyUsage(List.of("1.3.6.1.5.5.7.3.2"))
                      .setKeyUsage(CertificateKeyUsage.DIGITAL_SIGNATURE)
                      .setKeyCurveName(CertificateKeyCurveName.P_384)
                      .setKeyReusable(true)
                      .setValidityInMonths(3)
                      .setLifetimeActions(
                          new LifetimeAction(CertificatePolicyAction.AUTO_RENEW)
                              .setDaysBeforeExpiry(20)));
          CertificatePolicy kept = made.getPolicy();
          equal(
              kept.getSubjectAlternativeNames().getUserPrincipalNames(),
              List.of("u@every.test"),
              "principal names");
          equal(kept.getKeyCurveName(), CertificateKeyCurveName.P_384, "curve");
          equal(kept.isKeyReusable(), true, "reuse of the key");
          equal(kept.getLifetimeActions().getFirst().getDaysBeforeExpiry(), 20, "action");
          X509Certificate certificate = parsed(made.getCer());
          equal(
              certificate.getSubjectAlternativeNames().stream()
                  .filter(name -> name.get(0).equals(2))
                  .map(name -> name.get(1))
                  .toList(),
              List.of("every.test", "*.every.test"),
              "DNS names");
          equal(
              certificate.getExtendedKeyUsage(),
              List.of("1.3.6.1.5.5.7.3.2"),
              "extended key usage");
          check(
              certificate.getKeyUsage()[0] && !certificate.getKeyUsage()[2], "key usage");
        });
    cases.put(
        "certificateCreate_again_isANewVersion",
        () -> {
          CertificateProperties first = create("again", ec("again")).getProperties();
          CertificateProperties second = create("again", ec("again")).getProperties();
          TreeSet<String> listed = new TreeSet<>();
          admin
              .listPropertiesOfCertificateVersions("again")
              .forEach(item -> listed.add(item.getVersion()));
          equal(
              listed,
              new TreeSet<>(List.of(first.getVersion(), second.getVersion())),
              "versions");
          equal(
              admin
                  .getCertificateVersion("again", first.getVersion())
                  .getProperties()
                  .getX509ThumbprintAsString(),
              first.getX509ThumbprintAsString(),
              "thumbprint of the old version");
        });
    cases.put(
        "certificateCreate_builtInAuthority_isSignedByIt",
        () -> {
          KeyVaultCertificateWithPolicy made =
              create(
                  "issued",
                  new CertificatePolicy("Strongroom", "CN=issued.test")
                      .setKeyType(CertificateKeyType.EC));
          X509Certificate leaf =
              (X509Certificate)
                  CertificateFactory.getInstance("X.509")
                      .generateCertificate(new ByteArrayInputStream(made.getCer()));
          equal(
              leaf.getIssuerX500Principal().getName(),
              "CN=Conformance Issuing CA",
              "issuer");
          opens(secrets.getSecret("issued").getValue(), made.getCer(), 2);
        });
    cases.put(
        "certificateSecret_pfx_opensElsewhere",
        () -> {
          KeyVaultCertificateWithPolicy made = create("pfx", ec("pfx"));
          opens(secrets.getSecret("pfx").getValue(), made.getCer(), 1);
        });
    cases.put(
        "certificateSecret_pem_opensElsewhere",
        () -> {
          KeyVaultCertificateWithPolicy made =
              create("pem", ec("pem").setContentType(CertificateContentType.PEM));
          Path file = work.resolve("secret.pem");
          Files.writeString(file, secrets.getSecret("pem").getValue());
          openssl(
              "pkcs12", "-export", "-in", file.toString(), "-passout", "pass:", "-out",
              file + ".p12");
          byte[] pfx = Files.readAllBytes(Path.of(file + ".p12"));
          opens(Base64.getEncoder().encodeToString(pfx), made.getCer(), 1);
        });
  }

  private void pending() {
    cases.put(
        "certificateMerge_requestSignedElsewhere_isThatCertificate",
        () -> {
          CertificateOperation operation = wait("merge");
          equal(operation.getStatus(), "inProgress", "status");
          Path csr = work.resolve("merge.csr");
          Path leaf = work.resolve("merge.cer");
          Files.write(csr, operation.getCsr());
          newCertificate("issuer");
          openssl(
              "x509", "-req", "-inform", "DER", "-in", csr.toString(), "-days", "90", "-CA",
              work.resolve("issuer.pem").toString(), "-CAkey",
              work.resolve("issuer.key").toString(), "-outform", "DER", "-out",
              leaf.toString());
          byte[] issuer = der("issuer");
          KeyVaultCertificateWithPolicy merged =
              admin.mergeCertificate(
                  new MergeCertificateOptions(
                          "merge", List.of(Files.readAllBytes(leaf), issuer))
                      // because the client says false where nothing was said
                      .setEnabled(true));
          check(Arrays.equals(merged.getCer(), Files.readAllBytes(leaf)), "certificate");
          opens(secrets.getSecret("merge").getValue(), merged.getCer(), 2);
          equal(operation("merge").getStatus(), "completed", "status");
        });
    cases.put(
        "certificateCancel_pending_isCanceled",
        () -> {
          wait("cancel");
          check(
              admin.cancelCertificateOperation("cancel").getCancellationRequested(),
              "cancellation was not requested");
          equal(operation("cancel").getStatus(), "canceled", "status");
          refused(400, "BadRequest", () -> admin.cancelCertificateOperation("cancel"));
        });
    cases.put(
        "certificateDeletePending_pending_isGone",
        () -> {
          wait("forget");
          admin.deleteCertificateOperation("forget");
          refused(404, "PendingCertificateNotFound", () -> operation("forget"));
        });
  }

  private void imports() {
    cases.put(
        "certificateImport_pfx_isTheSameCertificate",
        () -> {
          KeyVaultCertificateWithPolicy made =
              admin.importCertificate(
                  new ImportCertificateOptions("import-pfx", pfx("imported"))
                      .setPassword("word"));
          check(Arrays.equals(made.getCer(), der("imported")), "certificate");
          equal(made.getPolicy().getIssuerName(), "Unknown", "issuer");
          equal(made.getPolicy().getSubject(), "CN=imported", "subject");
        });
    cases.put(
        "certificateImport_pem_isTheSameCertificate",
        () -> {
          newCertificate("imported");
          String pem =
              Files.readString(work.resolve("imported.key"))
                  + Files.readString(work.resolve("imported.pem"));
          KeyVaultCertificateWithPolicy made =
              admin.importCertificate(
                  new ImportCertificateOptions("import-pem", pem.getBytes())
                      .setPolicy(
                          new CertificatePolicy("Unknown", "CN=imported")
                              .setContentType(CertificateContentType.PEM)));
          check(Arrays.equals(made.getCer(), der("imported")), "certificate");
          equal(made.getPolicy().getContentType(), CertificateContentType.PEM, "content type");
        });
    cases.put(
        "certificateImport_wrongPassword_isBadParameter",
        () -> {
          byte[] locked = pfx("locked");
          refused(
              400,
              "BadParameter",
              () ->
                  admin.importCertificate(
                      new ImportCertificateOptions("locked", locked).setPassword("wrong")));
        });
  }

  private void changes() {
    cases.put(
        "certificateUpdate_disabledAndTags_areKept",
        () -> {
          CertificateProperties properties = create("update", ec("update")).getProperties();
          admin.updateCertificateProperties(
              properties.setEnabled(false).setTags(Map.of("a", "1")));
          CertificateProperties kept = admin.getCertificate("update").getProperties();
          equal(kept.isEnabled(), false, "enabled");
          equal(kept.getTags(), Map.of("a", "1"), "tags");
          refused(403, "SecretDisabled", () -> secrets.getSecret("update"));
        });
    cases.put(
        "certificatePolicy_changed_isKept",
        () -> {
          create("policy", ec("policy"));
          CertificatePolicy policy = admin.getCertificatePolicy("policy");
          equal(
              admin
                  .updateCertificatePolicy("policy", policy.setValidityInMonths(24))
                  .getValidityInMonths(),
              24,
              "validity");
          equal(admin.getCertificatePolicy("policy").getSubject(), "CN=policy", "subject");
        });
  }

  private void vaultWide() {
    cases.put(
        "certificateIssuers_setListedDeleted_comeBack",
        () -> {
          admin.createIssuer(
              new CertificateIssuer("ours", "DigiCert")
                  .setAccountId("account")
                  .setPassword("hidden")
                  .setOrganizationId("7")
                  .setAdministratorContacts(
                      List.of(
                          new AdministratorContact().setFirstName("A").setEmail("a@b.test"))));
          CertificateIssuer issuer = admin.getIssuer("ours");
          equal(issuer.getProvider(), "DigiCert", "provider");
          equal(issuer.getAccountId(), "account", "account");
          equal(issuer.getPassword(), null, "password");
          equal(
              issuer.getAdministratorContacts().getFirst().getEmail(), "a@b.test", "contact");
          admin.updateIssuer(issuer.setEnabled(false));
          equal(admin.getIssuer("ours").isEnabled(), false, "enabled");
          equal(
              StreamSupport.stream(admin.listPropertiesOfIssuers().spliterator(), false)
                  .map(each -> each.getName())
                  .toList(),
              List.of("ours"),
              "issuers");
          admin.deleteIssuer("ours");
          refused(404, "CertificateIssuerNotFound", () -> admin.getIssuer("ours"));
        });
    cases.put(
        "certificateContacts_setAndDeleted_comeBack",
        () -> {
          admin
              .setContacts(List.of(new CertificateContact().setEmail("a@b.test").setName("A")))
              .stream()
              .count();
          equal(
              admin.listContacts().stream().map(CertificateContact::getEmail).toList(),
              List.of("a@b.test"),
              "contacts");
          admin.deleteContacts().stream().count();
          refused(404, "ContactsNotFound", () -> admin.listContacts().stream().count());
        });
    cases.put(
        "certificateList_pending_isListedWhenAskedFor",
        () -> {
          wait("waiting");
          List<String> listed = listed(false);
          check(!listed.contains("waiting"), "it is listed");
          equal(new TreeSet<>(listed).size(), listed.size(), "distinct names");
          check(listed(true).contains("waiting"), "it is not listed");
        });
  }

  private void life() {
    cases.put(
        "certificateDelete_live_endsInDeletedStateAndRecovers",
        () -> {
          KeyVaultCertificateWithPolicy made = create("deleted", ec("deleted"));
          DeletedCertificate deleted = delete("deleted");
          check(
              deleted.getRecoveryId().endsWith("/deletedcertificates/deleted"), "recovery id");
          refused(404, "SecretNotFound", () -> secrets.getSecret("deleted"));
          admin
              .beginRecoverDeletedCertificate("deleted")
              .setPollInterval(Duration.ofMillis(200))
              .waitForCompletion(SETTLES);
          equal(admin.getCertificate("deleted").getId(), made.getId(), "certificate");
          equal(secrets.getSecret("deleted").getId(), made.getSecretId(), "secret");
        });
    cases.put(
        "certificatePurge_deleted_leavesNothing",
        () -> {
          create("purged", ec("purged"));
          delete("purged");
          admin.purgeDeletedCertificate("purged");
          refused(404, "CertificateNotFound", () -> admin.getDeletedCertificate("purged"));
          refused(404, "SecretNotFound", () -> secrets.getDeletedSecret("purged"));
        });
    cases.put(
        "certificateRestore_afterPurge_isTheSameCertificate",
        () -> {
          KeyVaultCertificateWithPolicy made = create("backup", ec("backup"));
          byte[] blob = admin.backupCertificate("backup");
          delete("backup");
          admin.purgeDeletedCertificate("backup");
          equal(admin.restoreCertificateBackup(blob).getId(), made.getId(), "id");
          equal(secrets.getSecret("backup").getId(), made.getSecretId(), "secret");
        });
  }

  private void refusals() {
    cases.put(
        "certificateGet_unknown_isCertificateNotFound",
        () ->
            check(
                refused(
                        404,
                        "CertificateNotFound",
                        () -> admin.getCertificate("does-not-exist"))
                    instanceof ResourceNotFoundException,
                "is a ResourceNotFoundException"));
    cases.put(
        "certificateCreate_withoutRole_isForbiddenByRbac",
        () ->
            refused(
                403,
                "ForbiddenByRbac",
                () -> client("roleless").beginCreateCertificate("forbidden", ec("a")).poll()));
    cases.put(
        "certificateSecret_setByHand_isForbidden",
        () -> {
          create("managed", ec("managed"));
          refused(403, "Forbidden", () -> secrets.setSecret("managed", "value"));
          refused(403, "Forbidden", () -> secrets.beginDeleteSecret("managed").poll());
        });
  }

  /** The last one, since tokens from before are months old after it. */
  private void months() {
    cases.put(
        "certificateRenewal_elevenMonthsPass_isRenewedOnceByItsPolicy",
        () -> {
          KeyVaultCertificateWithPolicy first =
              create(
                  "renewed",
                  ec("renewed")
                      .setLifetimeActions(
                          new LifetimeAction(CertificatePolicyAction.AUTO_RENEW)
                              .setLifetimePercentage(80)));
          List<String> command =
              scene.path("elevenMonthsPass").valueStream().map(JsonNode::asString).toList();
          new ProcessBuilder(command).start().waitFor();
          CertificateClient fresh = client("admin");
          for (int i = 0; i < 200; i++) {
            if (!fresh.getCertificate("renewed").getId().equals(first.getId())) {
              break;
            }
            Thread.sleep(200);
          }
          equal(
              fresh.listPropertiesOfCertificateVersions("renewed").stream().count(),
              2L,
              "versions");
          check(
              fresh
                  .getCertificate("renewed")
                  .getProperties()
                  .getExpiresOn()
                  .isAfter(first.getProperties().getExpiresOn()),
              "a later end");
          check(
              Arrays.equals(
                  fresh
                      .getCertificateVersion("renewed", first.getProperties().getVersion())
                      .getCer(),
                  first.getCer()),
              "the old version");
        });
  }

  private CertificateClient client(String application) {
    return new CertificateClientBuilder()
        .vaultUrl(text("vaultUrl"))
        .credential(bySecret(application))
        .retryOptions(noRetries())
        .buildClient();
  }

  private static RetryOptions noRetries() {
    return new RetryOptions(new FixedDelayOptions(0, Duration.ofMillis(1)));
  }

  private TokenCredential bySecret(String application) {
    return new ClientSecretCredentialBuilder()
        .authorityHost(text("authorityHost"))
        .disableInstanceDiscovery()
        .tenantId(text("tenantId"))
        .clientId(scene.path(application).path("clientId").asString())
        .clientSecret(scene.path(application).path("clientSecret").asString())
        .build();
  }

  private String text(String member) {
    return scene.path(member).asString();
  }

  private static CertificatePolicy ec(String name) {
    return new CertificatePolicy("Self", "CN=" + name).setKeyType(CertificateKeyType.EC);
  }

  private KeyVaultCertificateWithPolicy create(String name, CertificatePolicy policy) {
    SyncPoller<CertificateOperation, KeyVaultCertificateWithPolicy> poller =
        admin.beginCreateCertificate(name, policy).setPollInterval(Duration.ofMillis(200));
    poller.waitForCompletion(SETTLES);
    return poller.getFinalResult();
  }

  private CertificateOperation wait(String name) {
    admin
        .beginCreateCertificate(
            name,
            new CertificatePolicy("Unknown", "CN=" + name).setKeyType(CertificateKeyType.EC))
        .poll();
    return operation(name);
  }

  private CertificateOperation operation(String name) {
    return admin.getCertificateOperation(name).poll().getValue();
  }

  private DeletedCertificate delete(String name) {
    SyncPoller<DeletedCertificate, Void> poller =
        admin.beginDeleteCertificate(name).setPollInterval(Duration.ofMillis(200));
    return poller.waitForCompletion(SETTLES).getValue();
  }

  private List<String> listed(boolean pending) {
    return admin.listPropertiesOfCertificates(pending, Context.NONE).stream()
        .map(CertificateProperties::getName)
        .toList();
  }

  private static X509Certificate parsed(byte[] der) throws Exception {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(der));
  }

  /** A PFX as Java programs, and the Key Vault JCA provider, open it. */
  private static void opens(String base64, byte[] leaf, int chain) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(
        new ByteArrayInputStream(Base64.getDecoder().decode(base64)), "".toCharArray());
    String alias = Collections.list(store.aliases()).getFirst();
    X509Certificate certificate = (X509Certificate) store.getCertificate(alias);
    check(Arrays.equals(certificate.getEncoded(), leaf), "certificate");
    equal(store.getCertificateChain(alias).length, chain, "certificates in the chain");
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign((PrivateKey) store.getKey(alias, "".toCharArray()));
    byte[] made = signature.sign();
    signature.initVerify(certificate.getPublicKey());
    check(signature.verify(made), "the key is another");
  }

  private void newCertificate(String name) throws Exception {
    openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
        "-subj", "/CN=" + name, "-days", "90", "-keyout", work.resolve(name + ".key").toString(),
        "-out", work.resolve(name + ".pem").toString());
  }

  private byte[] der(String name) throws Exception {
    try (var in = Files.newInputStream(work.resolve(name + ".pem"))) {
      return CertificateFactory.getInstance("X.509").generateCertificate(in).getEncoded();
    }
  }

  private byte[] pfx(String name) throws Exception {
    newCertificate(name);
    Path out = work.resolve(name + ".p12");
    openssl(
        "pkcs12", "-export", "-inkey", work.resolve(name + ".key").toString(), "-in",
        work.resolve(name + ".pem").toString(), "-passout", "pass:word", "-out",
        out.toString());
    return Files.readAllBytes(out);
  }

  private static void openssl(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    equal(process.waitFor(), 0, "openssl " + String.join(" ", arguments));
  }

  private static HttpResponseException refused(int status, String code, Runnable action) {
    HttpResponseException error;
    try {
      action.run();
    } catch (HttpResponseException e) {
      error = e;
      equal(e.getResponse().getStatusCode(), status, "status of " + e.getMessage());
      check(e.getMessage().contains("\"" + code + "\""), "code of " + e.getMessage());
      return error;
    }
    throw new AssertionError("was not refused with " + status + " " + code);
  }

  private static void check(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }

  private static void equal(Object actual, Object expected, String what) {
    check(
        Objects.equals(actual, expected),
        what + ": expected " + expected + ", got " + actual);
  }
}
