package dev.strongroom.conformance;

import static dev.strongroom.conformance.Az.names;
import static dev.strongroom.conformance.Az.text;
import static dev.strongroom.conformance.Az.texts;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.function.Executable;
import tools.jackson.databind.JsonNode;

/**
 * One session of the Azure CLI from an empty configuration to a purged vault: each step is a test
 * and builds on the steps before it. The vault {@code az-vault} is made by az itself, where its
 * login is Owner by the subscription and so has no data role until it assigns one to itself. Clouds
 * and logins are tried as in a terminal, the commands between them in one process.
 */
@EnabledIfSystemProperty(
    named = "az",
    matches = ".*",
    disabledReason = "installing az takes 400 MB: run with -Daz")
class AzIT {
  private static final String VAULT = "az-vault";
  private static final String SECRETS_OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7";

  private static Az terminal;
  private static Az az;
  private static Scene scene;

  private final List<DynamicTest> steps = new ArrayList<>();
  private String firstVersion;

  @BeforeAll
  static void start() throws Exception {
    scene = Scene.startWithLogins("az");
    terminal = Az.processes(scene);
    az = terminal.session(scene);
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
  Stream<DynamicTest> az_everyCommand_works() {
    cloudAndLogin();
    vault();
    roles();
    secrets();
    deletedSecrets();
    deletedVault();
    certificateLogin();
    step(
        "session_wholeRun_usesFortyCommandsOrMore",
        () ->
            assertThat(terminal.commands().size() + az.commands().size())
                .isGreaterThanOrEqualTo(40));
    return steps.stream();
  }

  private void step(String name, Executable run) {
    steps.add(
        DynamicTest.dynamicTest(
            name,
            () -> {
              try {
                run.execute();
              } catch (AssertionError e) {
                throw new AssertionError(name + ": " + e.getMessage(), e);
              }
            }));
  }

  private void cloudAndLogin() {
    String arm = scene.server.get("armUrl");
    step(
        "cloudRegister_managementEndpointAlone_fillsEveryEndpoint",
        () -> {
          terminal.run("cloud register -n Strongroom --endpoint-resource-manager {}", arm);
          JsonNode cloud = terminal.run("cloud show -n Strongroom");
          assertThat(text(cloud, "endpoints", "resourceManager")).startsWith(arm);
          assertThat(text(cloud, "endpoints", "activeDirectory"))
              .startsWith(scene.server.get("authorityHost"));
          assertThat(scene.server.get("vaultUrl")).endsWith(text(cloud, "suffixes", "keyvaultDns"));
        });
    step("cloudSet_registered_isActive", () -> terminal.run("cloud set -n Strongroom"));
    step(
        "cloudList_registered_showsIt",
        () -> assertThat(names(terminal.run("cloud list"))).contains("Strongroom"));
    step(
        "configSet_instanceDiscoveryOff_isKept",
        () -> {
          terminal.run("config set core.instance_discovery=false");
          JsonNode setting = terminal.run("config get core.instance_discovery");
          assertThat(text(setting, "value")).isEqualTo("false");
        });
    step(
        "login_wrongSecret_isRefused",
        () ->
            terminal.refused(
                "AADSTS7000215",
                "login --service-principal -u {} -p not-the-secret --tenant {}",
                scene.server.get("clientId"),
                scene.server.get("tenantId")));
    step(
        "login_clientSecret_listsSubscription",
        () -> {
          JsonNode accounts =
              terminal.run(
                  "login --service-principal -u {} -p {} --tenant {}",
                  scene.server.get("clientId"),
                  scene.server.get("clientSecret"),
                  scene.server.get("tenantId"));
          assertThat(ids(accounts)).contains(scene.server.get("subscriptionId"));
        });
    step(
        "accountShow_loggedIn_isTheApplication",
        () -> {
          JsonNode account = terminal.run("account show");
          assertThat(text(account, "user", "name")).isEqualTo(scene.server.get("clientId"));
          assertThat(text(account, "tenantId")).isEqualTo(scene.server.get("tenantId"));
        });
    step(
        "accountList_loggedIn_showsSubscription",
        () -> assertThat(ids(terminal.run("account list"))).contains(scene.server.get("subscriptionId")));
    step(
        "accountSet_subscription_isKept",
        () -> terminal.run("account set --subscription {}", scene.server.get("subscriptionId")));
    step(
        "accountGetAccessToken_vaultResource_returnsToken",
        () -> {
          String resource = scene.server.get("vaultUrl").replaceFirst("//[^.]+\\.", "//");
          JsonNode token = terminal.run("account get-access-token --resource {}", resource);
          assertThat(text(token, "accessToken")).contains(".");
        });
    step(
        "configUnset_aDefault_isGone",
        () -> {
          terminal.run("config set defaults.location={}", scene.server.get("location"));
          terminal.run("config unset defaults.location");
        });
  }

  private void vault() {
    String group = scene.server.get("resourceGroup");
    step(
        "vaultCheckName_free_isAvailable",
        () ->
            assertThat(
                    az.run("keyvault check-name --name {}", VAULT)
                        .path("nameAvailable")
                        .asBoolean())
                .isTrue());
    step(
        "vaultCreate_newName_succeeds",
        () -> {
          JsonNode vault =
              az.run(
                  "keyvault create -n {} -g {} -l {} --retention-days 7",
                  VAULT,
                  group,
                  scene.server.get("location"));
          assertThat(text(vault, "properties", "provisioningState")).isEqualTo("Succeeded");
          assertThat(vault.path("properties").path("enableRbacAuthorization").asBoolean()).isTrue();
          assertThat(text(vault, "properties", "vaultUri"))
              .startsWith("https://" + VAULT + ".vault.");
        });
    step(
        "vaultWait_existing_ends",
        () -> az.run("keyvault wait -n {} --created --timeout 30", VAULT));
    step(
        "vaultCheckName_taken_isNotAvailable",
        () ->
            assertThat(
                    az.run("keyvault check-name --name {}", VAULT)
                        .path("nameAvailable")
                        .asBoolean(true))
                .isFalse());
    step(
        "vaultShow_existing_returnsIt",
        () -> {
          JsonNode vault = az.run("keyvault show -n {}", VAULT);
          assertThat(text(vault, "id")).isEqualToIgnoringCase(scene.server.vaultId(VAULT));
          assertThat(vault.path("properties").path("softDeleteRetentionInDays").asInt())
              .isEqualTo(7);
        });
    step(
        "vaultShow_unknown_isNotFound",
        () -> az.refused("not found", "keyvault show -n no-such-vault"));
    step(
        "vaultList_subscription_showsBoth",
        () ->
            assertThat(names(az.run("keyvault list")))
                .contains(VAULT, scene.server.get("vaultName")));
    step(
        "vaultList_resourceGroup_showsBoth",
        () ->
            assertThat(names(az.run("keyvault list -g {}", group)))
                .contains(VAULT, scene.server.get("vaultName")));
    step(
        "vaultUpdate_templateDeployment_isKept",
        () -> {
          az.run("keyvault update -n {} --enabled-for-template-deployment true", VAULT);
          JsonNode vault = az.run("keyvault show -n {}", VAULT);
          assertThat(vault.path("properties").path("enabledForTemplateDeployment").asBoolean())
              .isTrue();
        });
    step(
        "rest_vault_answersItsJson",
        () -> {
          String url = scene.server.vaultId(VAULT) + "?api-version=2023-07-01";
          assertThat(text(az.run("rest --method get --url {}", url), "name")).isEqualTo(VAULT);
        });
  }

  private void roles() {
    String scope = scene.server.vaultId(VAULT);
    String objectId = scene.server.get("objectId");
    step(
        "secretSet_ownerWithoutDataRole_isForbiddenByRbac",
        () ->
            az.refused(
                "ForbiddenByRbac",
                "keyvault secret set --vault-name {} -n early --value v",
                VAULT));
    step(
        "roleDefinitionList_byName_showsIt",
        () -> {
          JsonNode roles = az.run("role definition list -n 'Key Vault Secrets Officer'");
          assertThat(names(roles)).containsExactly(SECRETS_OFFICER);
        });
    step(
        "roleDefinitionList_all_showsBuiltInRoles",
        () ->
            assertThat(texts(az.run("role definition list"), "roleName"))
                .contains("Key Vault Administrator", "Key Vault Reader", "Owner"));
    step(
        "roleAssignmentCreate_byRoleName_givesSecrets",
        () -> {
          JsonNode assignment =
              az.run(
                  "role assignment create --role 'Key Vault Secrets User' --assignee-object-id {}"
                      + " --assignee-principal-type ServicePrincipal --scope {}",
                  objectId,
                  scope);
          assertThat(text(assignment, "principalId")).isEqualTo(objectId);
          assertThat(az.run("keyvault secret list --vault-name {}", VAULT)).isEmpty();
        });
    step(
        "roleAssignmentCreate_byRoleId_givesSecrets",
        () -> {
          az.run(
              "role assignment create --role {} --assignee-object-id {} --assignee-principal-type"
                  + " ServicePrincipal --scope {}",
              SECRETS_OFFICER,
              objectId,
              scope);
          az.run("keyvault secret set --vault-name {} -n now --value v", VAULT);
        });
    step(
        "roleAssignmentList_scope_showsBoth",
        () -> {
          JsonNode assignments = az.run("role assignment list --scope {}", scope);
          assertThat(texts(assignments, "roleDefinitionName"))
              .contains("Key Vault Secrets User", "Key Vault Secrets Officer");
          assertThat(texts(assignments, "principalId")).containsOnly(objectId);
        });
    step(
        "roleAssignmentList_assignee_showsInherited",
        () -> {
          JsonNode assignments =
              az.run(
                  "role assignment list --assignee-object-id {} --scope {} --include-inherited",
                  objectId,
                  scope);
          assertThat(texts(assignments, "roleDefinitionName"))
              .contains("Key Vault Secrets Officer", "Owner");
        });
    step(
        "roleAssignmentDelete_byRoleName_takesItAway",
        () -> {
          az.run(
              "role assignment delete --role 'Key Vault Secrets User' --assignee-object-id {}"
                  + " --scope {}",
              objectId,
              scope);
          JsonNode left = az.run("role assignment list --scope {}", scope);
          assertThat(texts(left, "roleDefinitionName"))
              .containsExactly("Key Vault Secrets Officer");
        });
  }

  private void secrets() {
    Path file = scene.work.resolve("az-value.txt");
    Path download = scene.work.resolve("az-download.txt");
    step(
        "secretSet_value_returnsIt",
        () -> {
          JsonNode secret = secret("set -n s1 --value one --tags a=b --content-type text/plain");
          assertThat(text(secret, "value")).isEqualTo("one");
          assertThat(text(secret, "contentType")).isEqualTo("text/plain");
          assertThat(text(secret, "tags", "a")).isEqualTo("b");
          firstVersion = text(secret, "id").replaceFirst(".*/", "");
          assertThat(firstVersion).matches("[0-9a-f]{32}");
        });
    step(
        "secretSet_again_makesNewVersion",
        () -> {
          JsonNode secret = secret("set -n s1 --value two --expires 2090-01-01T00:00:00Z");
          assertThat(text(secret, "id")).doesNotEndWith(firstVersion);
          assertThat(text(secret, "attributes", "expires")).startsWith("2090-01-01T00:00:00");
        });
    step(
        "secretShow_latest_returnsNewest",
        () -> assertThat(text(secret("show -n s1"), "value")).isEqualTo("two"));
    step(
        "secretShow_version_returnsThatOne",
        () ->
            assertThat(text(secret("show -n s1 --version {}", firstVersion), "value"))
                .isEqualTo("one"));
    step(
        "secretShow_id_returnsThatOne",
        () -> {
          String id = text(secret("show -n s1 --version {}", firstVersion), "id");
          assertThat(text(az.run("keyvault secret show --id {}", id), "value")).isEqualTo("one");
        });
    step(
        "secretShow_unknown_isSecretNotFound",
        () -> secretRefused("SecretNotFound", "show -n no-such-secret"));
    step(
        "secretSet_badName_isBadParameter",
        () -> secretRefused("BadParameter", "set -n bad_name --value v"));
    step(
        "secretList_vault_showsEach",
        () -> assertThat(names(secret("list"))).contains("s1", "now"));
    step(
        "secretList_smallPages_showsEach",
        () -> assertThat(names(secret("list --maxresults 1"))).isNotEmpty());
    step(
        "secretListVersions_two_showsBoth",
        () -> {
          JsonNode versions = secret("list-versions -n s1");
          assertThat(ids(versions)).hasSize(2).anyMatch(id -> id.endsWith(firstVersion));
        });
    step(
        "secretSetAttributes_disabled_refusesShow",
        () -> {
          secret("set-attributes -n s1 --enabled false");
          secretRefused("SecretDisabled", "show -n s1");
        });
    step(
        "secretSetAttributes_enabledWithTags_areKept",
        () -> {
          secret(
              "set-attributes -n s1 --enabled true --tags c=d --content-type application/json"
                  + " --not-before 2024-01-01T00:00:00Z");
          JsonNode secret = secret("show -n s1");
          assertThat(text(secret, "tags", "c")).isEqualTo("d");
          assertThat(text(secret, "contentType")).isEqualTo("application/json");
          assertThat(text(secret, "attributes", "notBefore")).startsWith("2024-01-01T00:00:00");
        });
    step(
        "secretSet_file_isDownloadedUnchanged",
        () -> {
          Files.writeString(file, "from a file\nwith two lines\n");
          secret("set -n from-file --file {}", file.toString());
          secret("download -n from-file --file {} --overwrite", download.toString());
          assertThat(download).hasSameBinaryContentAs(file);
        });
    step(
        "secretSet_base64File_isDownloadedUnchanged",
        () -> {
          Files.write(file, new byte[] {0, 1, 2, (byte) 0xff, (byte) 0xfe});
          secret("set -n binary --file {} --encoding base64", file.toString());
          secret("download -n binary --file {} --overwrite", download.toString());
          assertThat(download).hasSameBinaryContentAs(file);
        });
  }

  private void deletedSecrets() {
    Path backup = scene.work.resolve("az-backup.bin");
    step(
        "secretBackup_live_writesFile",
        () -> {
          Files.deleteIfExists(backup);
          secret("backup -n s1 --file {}", backup.toString());
          assertThat(backup).isNotEmptyFile();
        });
    step(
        "secretDelete_live_isGone",
        () -> {
          secret("delete -n s1");
          secretRefused("SecretNotFound", "show -n s1");
        });
    step(
        "secretShowDeleted_deleted_returnsRecoveryId",
        () ->
            assertThat(text(secret("show-deleted -n s1"), "recoveryId"))
                .endsWith("/deletedsecrets/s1"));
    step(
        "secretListDeleted_deleted_showsIt",
        () -> assertThat(names(secret("list-deleted"))).contains("s1"));
    step(
        "secretSet_nameInDeletedState_isObjectIsDeletedButRecoverable",
        () -> secretRefused("ObjectIsDeletedButRecoverable", "set -n s1 --value x"));
    step(
        "secretRecover_deleted_bringsItBack",
        () -> {
          secret("recover -n s1");
          assertThat(text(secret("show -n s1"), "value")).isEqualTo("two");
        });
    step(
        "secretPurge_deleted_leavesNothing",
        () -> {
          secret("delete -n s1");
          secret("purge -n s1");
          secretRefused("SecretNotFound", "show-deleted -n s1");
        });
    step(
        "secretRestore_afterPurge_bringsBackSameVersions",
        () -> {
          secret("restore --file {}", backup.toString());
          assertThat(text(secret("show -n s1 --version {}", firstVersion), "value"))
              .isEqualTo("one");
          assertThat(text(secret("show -n s1"), "value")).isEqualTo("two");
        });
  }

  private void deletedVault() {
    String location = scene.server.get("location");
    step(
        "vaultDelete_live_isGone",
        () -> {
          az.run("keyvault delete -n {}", VAULT);
          assertThat(names(az.run("keyvault list"))).doesNotContain(VAULT);
        });
    step(
        "vaultListDeleted_deleted_showsIt",
        () -> assertThat(names(az.run("keyvault list-deleted"))).contains(VAULT));
    step(
        "vaultShowDeleted_deleted_returnsIt",
        () -> {
          JsonNode vault = az.run("keyvault show-deleted -n {} -l {}", VAULT, location);
          assertThat(text(vault, "properties", "vaultId"))
              .isEqualToIgnoringCase(scene.server.vaultId(VAULT));
        });
    step(
        "vaultCreate_nameInDeletedState_isRefused",
        () ->
            az.refused(
                "deleted state",
                "keyvault create -n {} -g {} -l {}",
                VAULT,
                scene.server.get("resourceGroup"),
                location));
    step(
        "vaultRecover_deleted_bringsItBack",
        () -> {
          az.run("keyvault recover -n {} -l {}", VAULT, location);
          assertThat(names(az.run("keyvault list"))).contains(VAULT);
        });
    step(
        "secretShow_afterVaultRecovery_needsRoleAgain",
        () -> secretRefused("ForbiddenByRbac", "show -n s1"));
    step(
        "vaultPurge_deleted_leavesNothing",
        () -> {
          az.run("keyvault delete -n {}", VAULT);
          az.run("keyvault purge -n {} -l {}", VAULT, location);
          assertThat(names(az.run("keyvault list-deleted"))).doesNotContain(VAULT);
        });
    step(
        "vaultCheckName_purged_isAvailable",
        () ->
            assertThat(
                    az.run("keyvault check-name --name {}", VAULT)
                        .path("nameAvailable")
                        .asBoolean())
                .isTrue());
  }

  private void certificateLogin() {
    String vault = scene.server.get("vaultName");
    step("logout_loggedIn_endsSession", () -> terminal.run("logout"));
    step(
        "login_certificate_readsSecrets",
        () -> {
          terminal.run(
              "login --service-principal -u {} --certificate {} --tenant {}"
                  + " --allow-no-subscriptions",
              scene.credential("certificate", "clientId"),
              scene.credential("certificate", "certificateFile"),
              scene.server.get("tenantId"));
          terminal.run("keyvault secret set --vault-name {} -n by-cert --value v", vault);
          JsonNode secret = terminal.run("keyvault secret show --vault-name {} -n by-cert", vault);
          assertThat(text(secret, "value")).isEqualTo("v");
        });
    step(
        "accountClear_loggedIn_refusesNextCommand",
        () -> {
          terminal.run("account clear");
          terminal.refused("az login", "keyvault secret list --vault-name {}", vault);
        });
    step(
        "cloudUnregister_notActive_isGone",
        () -> {
          terminal.run("cloud set -n AzureCloud");
          terminal.run("cloud unregister -n Strongroom");
          assertThat(names(terminal.run("cloud list"))).doesNotContain("Strongroom");
        });
  }

  /** A {@code keyvault secret} command on the vault that az made. */
  private static JsonNode secret(String command, Object... values) throws Exception {
    return az.run("keyvault secret " + command + " --vault-name " + VAULT, values);
  }

  private static void secretRefused(String code, String command, Object... values)
      throws Exception {
    az.refused(code, "keyvault secret " + command + " --vault-name " + VAULT, values);
  }

  private static List<String> ids(JsonNode list) {
    return texts(list, "id");
  }
}
