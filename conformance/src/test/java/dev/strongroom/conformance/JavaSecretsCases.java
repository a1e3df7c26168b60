package dev.strongroom.conformance;

import com.azure.core.credential.AccessToken;
import com.azure.core.credential.TokenCredential;
import com.azure.core.exception.HttpResponseException;
import com.azure.core.exception.ResourceNotFoundException;
import com.azure.core.http.policy.FixedDelayOptions;
import com.azure.core.http.policy.RetryOptions;
import com.azure.core.http.rest.PagedResponse;
import com.azure.core.util.ConfigurationBuilder;
import com.azure.core.util.ConfigurationSource;
import com.azure.core.util.polling.LongRunningOperationStatus;
import com.azure.core.util.polling.SyncPoller;
import com.azure.identity.ClientCertificateCredentialBuilder;
import com.azure.identity.ClientSecretCredentialBuilder;
import com.azure.identity.DefaultAzureCredentialBuilder;
import com.azure.identity.WorkloadIdentityCredentialBuilder;
import com.azure.security.keyvault.secrets.SecretClient;
import com.azure.security.keyvault.secrets.SecretClientBuilder;
import com.azure.security.keyvault.secrets.models.DeletedSecret;
import com.azure.security.keyvault.secrets.models.KeyVaultSecret;
import com.azure.security.keyvault.secrets.models.SecretProperties;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The program that runs the shared case list with the Azure SDK for Java and reports one line per
 * case (TAP). Reads the scene, a JSON file named by STRONGROOM_SCENE.
 */
final class JavaSecretsCases {
  private static final Duration SETTLES = Duration.ofMinutes(1);

  private final JsonNode scene;
  private final String vaultUrl;
  private final SecretClient admin;
  private final SecretClient reader;
  private final SecretClient roleless;
  private final Map<String, Runnable> cases = new LinkedHashMap<>();

  private JavaSecretsCases(JsonNode scene) {
    this.scene = scene;
    this.vaultUrl = scene.path("vaultUrl").asString();
    this.admin = client(bySecret("admin"));
    this.reader = client(bySecret("reader"));
    this.roleless = client(bySecret("roleless"));
    logins();
    operations();
    deletions();
    permissions();
    tokens();
    states();
    badRequests();
  }

  public static void main(String[] arguments) {
    JsonNode scene = JsonMapper.shared().readTree(Path.of(System.getenv("STRONGROOM_SCENE")));
    System.exit(new JavaSecretsCases(scene).run() ? 0 : 1);
  }

  private boolean run() {
    System.out.println("1.." + cases.size());
    boolean passed = true;
    for (Map.Entry<String, Runnable> each : cases.entrySet()) {
      try {
        each.getValue().run();
        System.out.println("ok " + each.getKey());
      } catch (RuntimeException | AssertionError e) {
        passed = false;
        System.out.println(
            "not ok " + each.getKey() + " - " + e.toString().replaceAll("\\s+", " "));
      }
    }
    return passed;
  }

  private void logins() {
    cases.put("login_clientSecret_readsSecret", () -> readsWith(bySecret("admin")));
    cases.put(
        "login_certificate_readsSecret",
        () ->
            readsWith(
                new ClientCertificateCredentialBuilder()
                    .authorityHost(text("authorityHost"))
                    .disableInstanceDiscovery()
                    .tenantId(text("tenantId"))
                    .clientId(text("certificate", "clientId"))
                    .pemCertificate(text("certificate", "certificateFile"))
                    .build()));
    cases.put(
        "login_workloadIdentity_readsSecret",
        () ->
            readsWith(
                new WorkloadIdentityCredentialBuilder()
                    .authorityHost(text("authorityHost"))
                    .disableInstanceDiscovery()
                    .tenantId(text("tenantId"))
                    .clientId(text("federated", "clientId"))
                    .tokenFilePath(text("federated", "tokenFile"))
                    .build()));
    cases.put(
        "login_defaultCredentialBySecret_readsSecret",
        () ->
            readsWith(
                byDefault(
                    Map.of(
                        "AZURE_AUTHORITY_HOST", text("authorityHost"),
                        "AZURE_TENANT_ID", text("tenantId"),
                        "AZURE_CLIENT_ID", text("admin", "clientId"),
                        "AZURE_CLIENT_SECRET", text("admin", "clientSecret")))));
    cases.put(
        "login_defaultCredentialByWorkloadIdentity_readsSecret",
        () ->
            readsWith(
                byDefault(
                    Map.of(
                        "AZURE_AUTHORITY_HOST", text("authorityHost"),
                        "AZURE_TENANT_ID", text("tenantId"),
                        "AZURE_CLIENT_ID", text("federated", "clientId"),
                        "AZURE_FEDERATED_TOKEN_FILE", text("federated", "tokenFile")))));
    cases.put(
        "login_wrongClientSecret_isRefused",
        () -> {
          SecretClient wrong = client(bySecret(text("admin", "clientId"), "not-the-secret"));
          try {
            wrong.getSecret("login");
          } catch (RuntimeException e) {
            check(
                messages(e).contains("AADSTS7000215"), "expected AADSTS7000215 in " + messages(e));
            return;
          }
          throw new AssertionError("a wrong client secret was accepted");
        });
  }

  private void operations() {
    cases.put(
        "secretSet_newName_returnsWhatWasSet",
        () -> {
          KeyVaultSecret wanted = new KeyVaultSecret("Set-New", "v1");
          wanted.setProperties(
              new SecretProperties().setContentType("text/plain").setTags(Map.of("a", "b")));
          KeyVaultSecret secret = admin.setSecret(wanted);
          SecretProperties properties = secret.getProperties();
          equal(secret.getName(), "Set-New", "name");
          equal(secret.getValue(), "v1", "value");
          equal(properties.getContentType(), "text/plain", "content type");
          equal(properties.getTags(), Map.of("a", "b"), "tags");
          equal(properties.getVersion().length(), 32, "length of the version");
          equal(secret.getId(), vaultUrl + "/secrets/Set-New/" + properties.getVersion(), "id");
          check(properties.isEnabled(), "a new secret is enabled");
          check(properties.getCreatedOn() != null, "created is set");
          check(properties.getRecoveryLevel() != null, "recovery level is set");
        });
    cases.put(
        "secretGet_latest_returnsNewestVersion",
        () -> {
          admin.setSecret("get-latest", "old");
          KeyVaultSecret newest = admin.setSecret("get-latest", "new");
          KeyVaultSecret secret = admin.getSecret("get-latest");
          equal(secret.getValue(), "new", "value");
          equal(secret.getId(), newest.getId(), "id");
        });
    cases.put(
        "secretGet_olderVersion_returnsItsValue",
        () -> {
          KeyVaultSecret older = admin.setSecret("get-older", "old");
          admin.setSecret("get-older", "new");
          KeyVaultSecret secret = admin.getSecret("get-older", version(older));
          equal(secret.getValue(), "old", "value");
          equal(secret.getId(), older.getId(), "id");
        });
    cases.put(
        "secretGet_unusualValue_returnsItUnchanged",
        () -> {
          String value = "line\nquote \" backslash \\ tab \t umlaut ü kanji 鍵 emoji 🔑 ";
          admin.setSecret("unusual", value);
          equal(admin.getSecret("unusual").getValue(), value, "value");
          admin.setSecret("unusual", "x".repeat(25_000));
          equal(admin.getSecret("unusual").getValue(), "x".repeat(25_000), "long value");
        });
    cases.put(
        "secretGet_outsideNotBeforeAndExpiry_returnsValueAndTimes",
        () -> {
          OffsetDateTime past = OffsetDateTime.of(2020, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
          OffsetDateTime future = OffsetDateTime.of(2035, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
          setWith("expired", new SecretProperties().setExpiresOn(past));
          setWith("not-yet", new SecretProperties().setNotBefore(future));
          KeyVaultSecret expired = admin.getSecret("expired");
          equal(expired.getValue(), "v", "value of the expired secret");
          equal(expired.getProperties().getExpiresOn(), past, "expiry");
          KeyVaultSecret notYet = admin.getSecret("not-yet");
          equal(notYet.getValue(), "v", "value of the secret that is not valid yet");
          equal(notYet.getProperties().getNotBefore(), future, "not before");
        });
    cases.put(
        "secretListVersions_severalVersions_listsEachOnce",
        () -> {
          Set<String> made =
              IntStream.range(0, 4)
                  .mapToObj(n -> version(admin.setSecret("versions", "v" + n)))
                  .collect(Collectors.toSet());
          List<String> listed = versions("versions");
          equal(listed.size(), 4, "number of versions");
          equal(Set.copyOf(listed), made, "versions");
        });
    cases.put(
        "secretList_overSixtySecrets_listsEachOnceInPages",
        () -> {
          List<String> made =
              IntStream.range(0, 62).mapToObj(n -> "many-%02d".formatted(n)).toList();
          made.forEach(name -> admin.setSecret(name, "v"));
          List<String> listed = new ArrayList<>();
          int pages = 0;
          for (PagedResponse<SecretProperties> page :
              admin.listPropertiesOfSecrets().iterableByPage()) {
            pages++;
            check(page.getValue().size() <= 25, "a page holds at most 25 secrets");
            page.getValue().forEach(secret -> listed.add(secret.getName()));
          }
          check(pages >= 3, "expected three pages or more, got " + pages);
          equal(new HashSet<>(listed).size(), listed.size(), "number of different names");
          check(listed.containsAll(made), "not all are listed: " + listed);
        });
    cases.put(
        "secretUpdate_attributesTagsAndContentType_areKept",
        () -> {
          OffsetDateTime start = OffsetDateTime.of(2024, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
          OffsetDateTime end = OffsetDateTime.of(2034, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
          KeyVaultSecret secret =
              setWith(
                  "update", new SecretProperties().setContentType("a").setTags(Map.of("old", "1")));
          admin.updateSecretProperties(
              secret
                  .getProperties()
                  .setContentType("b")
                  .setTags(Map.of("new", "2"))
                  .setNotBefore(start)
                  .setExpiresOn(end));
          KeyVaultSecret updated = admin.getSecret("update");
          equal(updated.getValue(), "v", "value");
          equal(updated.getId(), secret.getId(), "id");
          equal(updated.getProperties().getContentType(), "b", "content type");
          equal(updated.getProperties().getTags(), Map.of("new", "2"), "tags");
          equal(updated.getProperties().getNotBefore(), start, "not before");
          equal(updated.getProperties().getExpiresOn(), end, "expiry");
        });
  }

  private void deletions() {
    cases.put(
        "secretDelete_live_endsInDeletedState",
        () -> {
          admin.setSecret("delete", "v");
          delete("delete");
          refused(404, "SecretNotFound", () -> admin.getSecret("delete"));
        });
    cases.put(
        "secretGetDeleted_deleted_returnsRecoveryAndTimes",
        () -> {
          admin.setSecret("get-deleted", "v");
          delete("get-deleted");
          DeletedSecret deleted = admin.getDeletedSecret("get-deleted");
          equal(deleted.getName(), "get-deleted", "name");
          equal(deleted.getRecoveryId(), vaultUrl + "/deletedsecrets/get-deleted", "recovery id");
          check(
              deleted.getScheduledPurgeDate().isAfter(deleted.getDeletedOn()),
              "is purged after it was deleted");
        });
    cases.put(
        "secretListDeleted_severalDeleted_listsEach",
        () -> {
          List<String> names = List.of("list-deleted-1", "list-deleted-2", "list-deleted-3");
          for (String name : names) {
            admin.setSecret(name, "v");
            delete(name);
          }
          List<String> listed =
              admin.listDeletedSecrets().stream().map(DeletedSecret::getName).toList();
          check(listed.containsAll(names), "not all are listed: " + listed);
        });
    cases.put(
        "secretRecover_deleted_bringsBackEveryVersion",
        () -> {
          KeyVaultSecret first = admin.setSecret("recover", "one");
          KeyVaultSecret second = admin.setSecret("recover", "two");
          delete("recover");
          settle(admin.beginRecoverDeletedSecret("recover"));
          equal(admin.getSecret("recover").getId(), second.getId(), "id of the newest version");
          equal(admin.getSecret("recover", version(first)).getValue(), "one", "older value");
          refused(404, "SecretNotFound", () -> admin.getDeletedSecret("recover"));
        });
    cases.put(
        "secretPurge_deleted_leavesNothing",
        () -> {
          admin.setSecret("purge", "v");
          delete("purge");
          admin.purgeDeletedSecret("purge");
          refused(404, "SecretNotFound", () -> admin.getDeletedSecret("purge"));
          refused(404, "SecretNotFound", () -> admin.getSecret("purge"));
        });
    cases.put(
        "secretRestore_afterPurge_bringsBackSameVersions",
        () -> {
          KeyVaultSecret first = admin.setSecret("restored", "one");
          KeyVaultSecret second = admin.setSecret("restored", "two");
          byte[] backup = admin.backupSecret("restored");
          delete("restored");
          admin.purgeDeletedSecret("restored");
          equal(admin.restoreSecretBackup(backup).getName(), "restored", "restored name");
          equal(
              Set.copyOf(versions("restored")),
              Set.of(version(first), version(second)),
              "versions");
          equal(admin.getSecret("restored").getValue(), "two", "newest value");
          KeyVaultSecret older = admin.getSecret("restored", version(first));
          equal(older.getValue(), "one", "older value");
          equal(
              older.getProperties().getCreatedOn(),
              first.getProperties().getCreatedOn(),
              "creation time");
        });
  }

  private void permissions() {
    cases.put(
        "secretGet_withReadingRole_returnsValue",
        () -> {
          admin.setSecret("for-reader", "v");
          equal(reader.getSecret("for-reader").getValue(), "v", "value");
        });
    cases.put(
        "secretSet_withReadingRole_isForbiddenByRbac",
        () -> {
          refused(403, "ForbiddenByRbac", () -> reader.setSecret("by-reader", "v"));
          refused(404, "SecretNotFound", () -> admin.getSecret("by-reader"));
        });
    cases.put(
        "secretGet_withoutRole_isForbiddenByRbac",
        () -> {
          admin.setSecret("for-nobody", "v");
          refused(403, "ForbiddenByRbac", () -> roleless.getSecret("for-nobody"));
        });
    cases.put(
        "secretList_withoutRole_isForbiddenByRbac",
        () ->
            refused(
                403,
                "ForbiddenByRbac",
                () -> roleless.listPropertiesOfSecrets().stream().toList()));
    cases.put(
        "secretGet_unknownWithoutRole_isForbiddenByRbac",
        () -> refused(403, "ForbiddenByRbac", () -> roleless.getSecret("does-not-exist")));
    cases.put(
        "secretGet_inOtherVault_isForbiddenByRbac",
        () -> {
          SecretClient other = client(bySecret("admin"), text("otherVaultUrl"));
          refused(403, "ForbiddenByRbac", () -> other.getSecret("login"));
        });
  }

  private void tokens() {
    cases.put("secretGet_expiredToken_isUnauthorized", () -> unauthorizedWith("expired"));
    cases.put("secretGet_forgedToken_isUnauthorized", () -> unauthorizedWith("forged"));
    cases.put("secretGet_tokenOfOtherTenant_isUnauthorized", () -> unauthorizedWith("otherTenant"));
    cases.put(
        "secretGet_tokenForOtherAudience_isUnauthorized", () -> unauthorizedWith("otherAudience"));
  }

  private void states() {
    cases.put(
        "secretGet_disabled_isSecretDisabled",
        () -> {
          KeyVaultSecret secret = setWith("disabled", new SecretProperties().setEnabled(false));
          refused(403, "SecretDisabled", () -> admin.getSecret("disabled"));
          admin.updateSecretProperties(secret.getProperties().setEnabled(true));
          equal(admin.getSecret("disabled").getValue(), "v", "value once enabled again");
        });
    cases.put(
        "secretSet_nameInDeletedState_isObjectIsDeletedButRecoverable",
        () -> {
          admin.setSecret("taken", "v");
          delete("taken");
          refused(409, "ObjectIsDeletedButRecoverable", () -> admin.setSecret("taken", "w"));
        });
    cases.put(
        "secretGet_unknown_isSecretNotFound",
        () -> {
          HttpResponseException e =
              refused(404, "SecretNotFound", () -> admin.getSecret("does-not-exist"));
          check(e instanceof ResourceNotFoundException, "is a ResourceNotFoundException");
        });
    cases.put(
        "secretGet_unknownVersion_isSecretNotFound",
        () -> {
          admin.setSecret("one-version", "v");
          refused(404, "SecretNotFound", () -> admin.getSecret("one-version", "0".repeat(32)));
        });
    cases.put(
        "secretGetDeleted_live_isSecretNotFound",
        () -> {
          admin.setSecret("alive", "v");
          refused(404, "SecretNotFound", () -> admin.getDeletedSecret("alive"));
        });
  }

  private void badRequests() {
    cases.put(
        "secretSet_badName_isBadParameter",
        () -> refused(400, "BadParameter", () -> admin.setSecret("bad_name", "v")));
    cases.put(
        "secretSet_valueTooLong_isBadParameter",
        () -> refused(400, "BadParameter", () -> admin.setSecret("too-long", "x".repeat(25_601))));
    cases.put(
        "secretRestore_malformedBackup_isBadParameter",
        () -> {
          byte[] noBackup = "not a backup".getBytes(StandardCharsets.UTF_8);
          refused(400, "BadParameter", () -> admin.restoreSecretBackup(noBackup));
        });
    cases.put(
        "secretRestore_nameInUse_isConflict",
        () -> {
          admin.setSecret("in-use", "v");
          byte[] backup = admin.backupSecret("in-use");
          refused(409, "Conflict", () -> admin.restoreSecretBackup(backup));
        });
  }

  private SecretClient client(TokenCredential credential) {
    return client(credential, vaultUrl);
  }

  private static SecretClient client(TokenCredential credential, String vaultUrl) {
    return new SecretClientBuilder()
        .vaultUrl(vaultUrl)
        .credential(credential)
        .retryOptions(new RetryOptions(new FixedDelayOptions(0, Duration.ofMillis(1))))
        .buildClient();
  }

  private TokenCredential bySecret(String application) {
    return bySecret(text(application, "clientId"), text(application, "clientSecret"));
  }

  private TokenCredential bySecret(String clientId, String clientSecret) {
    return new ClientSecretCredentialBuilder()
        .authorityHost(text("authorityHost"))
        .disableInstanceDiscovery()
        .tenantId(text("tenantId"))
        .clientId(clientId)
        .clientSecret(clientSecret)
        .build();
  }

  /** The credential that reads environment variables, here from variables of its own. */
  private static TokenCredential byDefault(Map<String, String> environment) {
    ConfigurationSource none = source -> Map.of();
    return new DefaultAzureCredentialBuilder()
        .configuration(new ConfigurationBuilder(none, none, source -> environment).build())
        .disableInstanceDiscovery()
        .build();
  }

  private void readsWith(TokenCredential credential) {
    admin.setSecret("login", "reached");
    equal(client(credential).getSecret("login").getValue(), "reached", "value");
  }

  /** A credential that always answers the same token, whatever it is worth, is refused. */
  private void unauthorizedWith(String token) {
    admin.setSecret("for-tokens", "v");
    AccessToken fixed =
        new AccessToken(text("tokens", token), OffsetDateTime.now(ZoneOffset.UTC).plusHours(1));
    refused(401, "Unauthorized", () -> client(request -> Mono.just(fixed)).getSecret("for-tokens"));
  }

  private KeyVaultSecret setWith(String name, SecretProperties properties) {
    KeyVaultSecret secret = new KeyVaultSecret(name, "v");
    return admin.setSecret(secret.setProperties(properties));
  }

  private List<String> versions(String name) {
    return admin.listPropertiesOfSecretVersions(name).stream()
        .map(SecretProperties::getVersion)
        .toList();
  }

  private static String version(KeyVaultSecret secret) {
    return secret.getProperties().getVersion();
  }

  private void delete(String name) {
    settle(admin.beginDeleteSecret(name));
  }

  private static void settle(SyncPoller<?, ?> poller) {
    LongRunningOperationStatus status =
        poller.setPollInterval(Duration.ofMillis(200)).waitForCompletion(SETTLES).getStatus();
    equal(status, LongRunningOperationStatus.SUCCESSFULLY_COMPLETED, "end of the operation");
  }

  private static HttpResponseException refused(int status, String code, Supplier<?> action) {
    try {
      action.get();
    } catch (HttpResponseException e) {
      equal(e.getResponse().getStatusCode(), status, "status of " + e.getMessage());
      JsonNode error = JsonMapper.shared().valueToTree(e.getValue()).path("error");
      JsonNode inner = error.path("innererror").path("code");
      equal((inner.isString() ? inner : error.path("code")).asString(), code, "error code");
      return e;
    }
    throw new AssertionError("was not refused with " + status + " " + code);
  }

  private String text(String... path) {
    JsonNode node = scene;
    for (String name : path) {
      node = node.path(name);
    }
    check(node.isString(), "the scene lacks " + String.join(".", path));
    return node.asString();
  }

  private static String messages(Throwable problem) {
    StringBuilder all = new StringBuilder();
    for (Throwable each = problem; each != null; each = each.getCause()) {
      all.append(each).append('\n');
    }
    return all.toString();
  }

  private static void check(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }

  private static void equal(Object actual, Object expected, String what) {
    check(Objects.equals(actual, expected), what + ": expected " + expected + ", got " + actual);
  }
}
