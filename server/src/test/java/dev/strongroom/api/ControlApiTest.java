package dev.strongroom.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.access.Scopes;
import dev.strongroom.control.Estate;
import dev.strongroom.control.Refused;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.BuiltInRole;
import dev.strongroom.model.Container;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Principal;
import dev.strongroom.model.RoleAssignment;
import dev.strongroom.model.RuleKind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ControlApiTest {
  private static final String VAULTS = "2023-07-01";
  private static final String MODERN = "2026-02-01";
  private static final String RESOURCES = "2022-12-01";
  private static final String AUTHORIZATION = "2022-04-01";
  private static final JsonMapper JSON = new JsonMapper();

  private final Estate estate = new Estate();
  private final ControlApi api = api(OptionalInt.empty());
  private final RoleAssignment owner =
      estate.assign(estate.alice, BuiltInRole.OWNER, Scopes.subscription(estate.subscription));

  @Test
  void handlers_areThereForEveryResourceOperation() {
    assertThat(Arrays.stream(Operation.values()))
        .filteredOn(operation -> operation.plane() == Operation.Plane.CONTROL)
        .filteredOn(operation -> !operation.name().startsWith("APPLICATION_"))
        .allSatisfy(operation -> assertThat(api.handlers()).containsKey(operation));
    assertThat(api.handlers()).containsKey(Operation.CLOUD_METADATA);
  }

  @Test
  void vaultPut_new_is201AndTheWholeVault() {
    Answer answer =
        handle(
            vault(Operation.VAULT_PUT, MODERN)
                .body(
                    """
                    {'location':'West Europe','tags':{'b':'2','a':'1'},'properties':{'tenantId':'T',
                     'sku':{'family':'A','name':'Standard'},'softDeleteRetentionInDays':'7',
                     'enabledForDeployment':'true','createMode':'default','vaultUri':'x',
                     'networkAcls':{'bypass':'AzureServices','defaultAction':'Allow','ipRules':[],
                     'virtualNetworkRules':[]},'publicNetworkAccess':'enabled'}}
                    """
                        .replace("'T'", "'" + estate.tenant.guid() + "'")));

    assertThat(answer.status()).isEqualTo(201);
    assertThat(text(answer))
        .isEqualTo(
            """
            {'id':'VID','name':'Vault-One','type':'Microsoft.KeyVault/vaults',\
            'location':'westeurope','tags':{'a':'1','b':'2'},\
            'systemData':{'createdAt':'2026-03-01T12:00:00Z',\
            'lastModifiedAt':'2026-03-01T12:00:00Z'},\
            'properties':{'sku':{'family':'A','name':'standard'},'tenantId':'TENANT',\
            'accessPolicies':[],'enabledForDeployment':true,'enabledForDiskEncryption':false,\
            'enabledForTemplateDeployment':false,'enableSoftDelete':true,\
            'softDeleteRetentionInDays':7,'enableRbacAuthorization':true,\
            'vaultUri':'https://vault-one.vault.strongroom.test:8443/',\
            'provisioningState':'Succeeded','publicNetworkAccess':'Enabled'}}\
            """
                .replace('\'', '"')
                .replace("VID", vaultId())
                .replace("TENANT", estate.tenant.guid()));
    assertThat(answer.objectId()).contains(vaultId());
  }

  @Test
  void vaultPut_withThePoliciesOfAnOlderVersion_rendersThemInPublishedSpelling() {
    Answer answer =
        handle(
            vault(Operation.VAULT_PUT, VAULTS)
                .body(
                    minimal(
                        "'accessPolicies':[{'tenantId':'"
                            + estate.tenant.guid()
                            + "','objectId':'"
                            + estate.alice.objectId().guid()
                            + "','permissions':{'keys':['WrapKey','get','Get'],'secrets':['All']}}]"
                            + ",'enablePurgeProtection':true")));

    JsonNode properties = json(answer).get("properties");
    assertThat(properties.get("accessPolicies").toString())
        .isEqualTo(
            ("[{'tenantId':'"
                    + estate.tenant.guid()
                    + "','objectId':'"
                    + estate.alice.objectId().guid()
                    + "','permissions':{'keys':['wrapKey','get'],'secrets':['all'],"
                    + "'certificates':[],'storage':[]}}]")
                .replace('\'', '"'));
    assertThat(properties.has("enableRbacAuthorization")).isFalse();
    assertThat(properties.get("enablePurgeProtection").booleanValue()).isTrue();
  }

  @Test
  void vaultPut_whatGetAnswered_isTakenBack() {
    create();
    Answer got = handle(vault(Operation.VAULT_GET, MODERN));

    Answer put = handle(vault(Operation.VAULT_PUT, MODERN).body(text(got)));

    assertThat(put.status()).isEqualTo(200);
    assertThat(text(put)).isEqualTo(text(got));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'networkAcls':{'defaultAction':'Deny'}",
        "'networkAcls':{'bypass':'None'}",
        "'networkAcls':{'defaultAction':'Allow','ipRules':[{'value':'1.2.3.4'}]}",
        "'networkAcls':{'virtualNetworkRules':[{'id':'/x'}]}",
        "'publicNetworkAccess':'Disabled'",
        "'publicNetworkAccess':'SecuredByPerimeter'",
        "'privateEndpointConnections':[{'id':'x'}]",
      })
  void vaultPut_whatIsNotEnforced_isRefused(String property) {
    Refused.with(
        ErrorCode.ARM_NOT_ENFORCED,
        () -> handle(vault(Operation.VAULT_PUT, MODERN).body(minimal(property))));
    assertThat(estate.vaults.list(estate.subscription)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "'sku':{'family':'B','name':'standard'}          | properties.sku.family",
        "'sku':{'family':'A','name':'gold'}              | properties.sku.name",
        "'tenantId':'x'                                  | properties.tenantId",
        "'softDeleteRetentionInDays':'x'                 | properties.softDeleteRetentionInDays",
        "'softDeleteRetentionInDays':7.5                 | properties.softDeleteRetentionInDays",
        "'softDeleteRetentionInDays':6                   | properties.softDeleteRetentionInDays",
        "'enablePurgeProtection':'maybe'                 | properties.enablePurgeProtection",
        "'createMode':'fly'                              | properties.createMode",
        "'enableQuantumShield':true                      | properties.enableQuantumShield",
        "'accessPolicies':{}                             | properties.accessPolicies",
        "'accessPolicies':[1]                            | properties.accessPolicies",
        "'accessPolicies':[{}]                           |"
            + " properties.accessPolicies[0].permissions",
        "'networkAcls':'open'                            | properties.networkAcls",
      })
  void vaultPut_badProperty_isNamed(String property, String named) {
    assertThat(
            Refused.with(
                ErrorCode.ARM_PROPERTY_INVALID,
                () ->
                    handle(
                        vault(Operation.VAULT_PUT, MODERN)
                            .body(
                                "{'location':'w','properties':{"
                                    + defaults(property)
                                    + property
                                    + "}}"))))
        .hasMessageContaining("'" + named + "'");
  }

  @Test
  void vaultPut_missingParts_areNamed() {
    for (String[] row :
        new String[][] {
          {"{}", "properties"},
          {"{'location':'w','properties':{}}", "properties.tenantId"},
          {"{'properties':{'tenantId':'" + estate.tenant.guid() + "'}}", "location"},
          {
            "{'location':'w','properties':{'tenantId':'" + estate.tenant.guid() + "'}}",
            "properties.sku"
          }
        }) {
      assertThat(
              Refused.with(
                  ErrorCode.ARM_PROPERTY_INVALID,
                  () -> handle(vault(Operation.VAULT_PUT, MODERN).body(row[0]))))
          .hasMessageContaining("'" + row[1] + "'");
    }
    Refused.with(
        ErrorCode.ARM_BODY_INVALID, () -> handle(vault(Operation.VAULT_PUT, MODERN).body("[")));
    Refused.with(ErrorCode.ARM_BODY_INVALID, () -> handle(vault(Operation.VAULT_PUT, MODERN)));
  }

  @Test
  void vaultPut_badWordsOfWideReach_areRefused() {
    Refused.with(
        ErrorCode.SOFT_DELETE_REQUIRED,
        () -> handle(vault(Operation.VAULT_PUT, MODERN).body(minimal("'enableSoftDelete':false"))));
    Refused.with(
        ErrorCode.PURGE_PROTECTION_IRREVERSIBLE,
        () ->
            handle(
                vault(Operation.VAULT_PUT, MODERN).body(minimal("'enablePurgeProtection':false"))));
    Refused.with(
        ErrorCode.VAULT_NAME_NOT_VALID,
        () -> handle(vault(Operation.VAULT_PUT, MODERN).with("vault", "a--b").body(minimal(""))));
  }

  @Test
  void apiVersion_missingOrUnknown_isRefused() {
    Refused.with(
        ErrorCode.ARM_API_VERSION_UNKNOWN, () -> handle(vault(Operation.VAULT_GET, "2031-01-01")));
    Refused.with(
        ErrorCode.ARM_API_VERSION_UNKNOWN, () -> handle(vault(Operation.VAULT_GET, AUTHORIZATION)));
    Refused.with(
        ErrorCode.ARM_API_VERSION_MISSING, () -> handle(call(Operation.SUBSCRIPTION_LIST)));
  }

  @Test
  void vaultPatch_permissionModel_needsTheRightToAssign() {
    create();
    estate.assign(
        estate.bob, BuiltInRole.KEY_VAULT_CONTRIBUTOR, Scopes.subscription(estate.subscription));
    String body = "{'properties':{'enableRbacAuthorization':false}}";

    assertThat(
            Refused.with(
                ErrorCode.ARM_AUTHORIZATION_FAILED,
                () -> handle(as(estate.bob, vault(Operation.VAULT_PATCH, MODERN)).body(body))))
        .hasMessageContaining("Microsoft.Authorization/roleAssignments/write")
        .hasMessageContaining("/vaults/Vault-One'");
    Answer answer = handle(vault(Operation.VAULT_PATCH, MODERN).body(body));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(json(answer).get("properties").get("enableRbacAuthorization").booleanValue())
        .isFalse();
  }

  @Test
  void vaultDelete_thenDeletedThenPurge_isTheWholeWay() {
    create();
    assertThat(handle(vault(Operation.VAULT_DELETE, MODERN)).status()).isEqualTo(200);
    assertThat(handle(vault(Operation.VAULT_DELETE, MODERN)).status()).isEqualTo(204);
    Refused.with(ErrorCode.RESOURCE_NOT_FOUND, () -> handle(vault(Operation.VAULT_GET, MODERN)));

    String deleted =
        """
        {'id':'/subscriptions/SUB/providers/Microsoft.KeyVault/locations/westeurope/\
        deletedVaults/Vault-One','name':'Vault-One','type':'Microsoft.KeyVault/deletedVaults',\
        'properties':{'vaultId':'VID','location':'westeurope','tags':{},\
        'deletionDate':'2026-03-01T12:00:00Z','scheduledPurgeDate':'2026-05-30T12:00:00Z',\
        'purgeProtectionEnabled':false}}\
        """
            .replace('\'', '"')
            .replace("VID", vaultId())
            .replace("SUB", estate.subscription.guid());
    ControlCall one =
        subscription(Operation.VAULT_GET_DELETED, MODERN)
            .with("location", "westeurope")
            .with("vault", "vault-one");
    assertThat(text(handle(one))).isEqualTo(deleted);
    assertThat(text(handle(subscription(Operation.VAULT_LIST_DELETED, MODERN))))
        .isEqualTo("{\"value\":[" + deleted + "]}");

    Answer purge =
        handle(
            subscription(Operation.VAULT_PURGE, MODERN)
                .with("location", "West Europe")
                .with("vault", "vault-one"));
    assertThat(purge.status()).isEqualTo(202);
    String poll = purge.headers().get("Location");
    assertThat(poll)
        .startsWith(
            "https://management.strongroom.test:8443/subscriptions/"
                + estate.subscription.guid()
                + "/providers/Microsoft.KeyVault/locations/westeurope/operationResults/")
        .endsWith("?api-version=" + MODERN);
    String operation = poll.substring(poll.lastIndexOf('/') + 1, poll.indexOf('?'));
    Answer result = handle(operation(operation));
    assertThat(result.status()).isEqualTo(200);
    assertThat(text(result)).isEqualTo("{\"status\":\"Succeeded\"}");
    Refused.with(ErrorCode.OPERATION_NOT_FOUND, () -> handle(operation("1" + operation)));
    Refused.with(ErrorCode.OPERATION_NOT_FOUND, () -> handle(operation("x")));
    Refused.with(ErrorCode.DELETED_VAULT_NOT_FOUND, () -> handle(one));
    assertThat(text(handle(subscription(Operation.VAULT_LIST_DELETED, MODERN))))
        .isEqualTo("{\"value\":[]}");
  }

  @Test
  void vaultPut_recover_needsTenantSkuAndLocationOnly() {
    create();
    handle(vault(Operation.VAULT_DELETE, MODERN));

    Answer answer =
        handle(vault(Operation.VAULT_PUT, MODERN).body(minimal("'createMode':'recover'")));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(handle(vault(Operation.VAULT_GET, MODERN)).status()).isEqualTo(200);
  }

  @Test
  void vaultAccessPolicies_addAndRemove_answerWhatIsLeft() {
    handle(vault(Operation.VAULT_PUT, VAULTS).body(minimal("'accessPolicies':[]")));
    String entry =
        "{'properties':{'accessPolicies':[{'tenantId':'"
            + estate.tenant.guid()
            + "','objectId':'"
            + estate.bob.objectId().guid()
            + "','permissions':{'secrets':['Get','List']}}]}}";

    Answer added =
        handle(
            vault(Operation.VAULT_ACCESS_POLICIES, VAULTS)
                .with("operationKind", "add")
                .body(entry));
    assertThat(added.status()).isEqualTo(200);
    assertThat(text(added))
        .isEqualTo(
            ("{'id':'"
                    + vaultId()
                    + "/accessPolicies/','type':'Microsoft.KeyVault/vaults/accessPolicies',"
                    + "'properties':{'accessPolicies':[{'tenantId':'"
                    + estate.tenant.guid()
                    + "','objectId':'"
                    + estate.bob.objectId().guid()
                    + "','permissions':{'keys':[],'secrets':['get','list'],'certificates':[],"
                    + "'storage':[]}}]}}")
                .replace('\'', '"'));
    assertThat(
            json(handle(
                    vault(Operation.VAULT_ACCESS_POLICIES, VAULTS)
                        .with("operationKind", "Remove")
                        .body(entry)))
                .get("properties")
                .get("accessPolicies"))
        .isEmpty();
    Refused.with(
        ErrorCode.ARM_PROPERTY_INVALID,
        () ->
            handle(
                vault(Operation.VAULT_ACCESS_POLICIES, VAULTS)
                    .with("operationKind", "drop")
                    .body(entry)));
    assertThat(
            Refused.with(
                ErrorCode.ARM_PROPERTY_INVALID,
                () ->
                    handle(
                        vault(Operation.VAULT_ACCESS_POLICIES, VAULTS)
                            .with("operationKind", "add")
                            .body(entry.replace("Get", "Fly")))))
        .hasMessageContaining("Fly");
  }

  @Test
  void vaultCheckName_saysWhy() {
    assertThat(text(handle(checkName("free-name")))).isEqualTo("{\"nameAvailable\":true}");
    create();
    JsonNode taken = json(handle(checkName("vault-one")));
    assertThat(taken.get("nameAvailable").booleanValue()).isFalse();
    assertThat(taken.get("reason").stringValue()).isEqualTo("AlreadyExists");
    assertThat(taken.get("message").stringValue()).startsWith("The vault name 'vault-one' is");
    assertThat(json(handle(checkName("9x"))).get("reason").stringValue())
        .isEqualTo("AccountNameInvalid");
  }

  @Test
  void lists_showWhatTheCallerMayReadAndRefuseWhoeverMayReadNothing() {
    create();
    Container other = estate.vault("vault-two");
    for (Operation list : List.of(Operation.VAULT_LIST, Operation.RESOURCE_LIST)) {
      String version = list == Operation.VAULT_LIST ? MODERN : "2015-11-01";
      assertThat(names(handle(subscription(list, version))))
          .containsExactly("Vault-One", "vault-two");
      Refused.with(
          ErrorCode.ARM_AUTHORIZATION_FAILED,
          () -> handle(as(estate.bob, subscription(list, version))));
      RoleAssignment one =
          estate.assign(estate.bob, BuiltInRole.KEY_VAULT_READER, other.resourceId());
      assertThat(names(handle(as(estate.bob, subscription(list, version)))))
          .containsExactly("vault-two");
      assertThat(
              names(
                  handle(
                      as(estate.bob, subscription(list, version).with("resourceGroup", "GROUP1")))))
          .containsExactly("vault-two");
      estate.remove(one);
    }
  }

  @Test
  void resourceList_filters_areByTypeNameAndGroup() {
    create();
    estate.vault("vault-two");

    assertThat(found("resourceType eq 'Microsoft.KeyVault/vaults'")).hasSize(2);
    assertThat(found("resourceType eq 'microsoft.keyvault/vaults' and name eq 'VAULT-one'"))
        .containsExactly("Vault-One");
    assertThat(found("resourceType eq 'Microsoft.Storage/storageAccounts'")).isEmpty();
    assertThat(found("resourceGroup eq 'group1'")).hasSize(2);
    for (String bad :
        List.of(
            "name ne 'x'",
            "tagName eq 'a'",
            "name eq 'a' or name eq 'b'",
            "name eq 'a' and",
            "name eq 'a' and name eq 'b'",
            "name eq a")) {
      Refused.with(ErrorCode.ARM_FILTER_INVALID, () -> found(bad));
    }
    JsonNode entry =
        json(handle(subscription(Operation.RESOURCE_LIST, "2015-11-01"))).get("value").get(0);
    assertThat(entry.toString())
        .isEqualTo(
            ("{'id':'"
                    + vaultId()
                    + "','name':'Vault-One','type':'Microsoft.KeyVault/vaults',"
                    + "'location':'westeurope','tags':{}}")
                .replace('\'', '"'));
  }

  @Test
  void pages_byTop_areLinkedAndComplete() {
    List<String> expected = List.of("va1", "va2", "va3", "va4", "va5");
    expected.forEach(estate::vault);
    List<String> seen = new ArrayList<>();
    String token = "";
    for (int page = 0; page < 3; page++) {
      ControlCall call =
          subscription(Operation.VAULT_LIST, MODERN).query("$top", "2").path("/some path");
      JsonNode answer = json(handle(token.isEmpty() ? call : call.query("$skiptoken", token)));
      answer.get("value").forEach(item -> seen.add(item.get("name").stringValue()));
      if (page < 2) {
        String link = answer.get("nextLink").stringValue();
        assertThat(link)
            .startsWith(
                "https://management.strongroom.test:8443/some%20path?api-version="
                    + MODERN
                    + "&%24top=2&%24skiptoken=");
        token = link.substring(link.lastIndexOf('=') + 1);
      } else {
        assertThat(answer.has("nextLink")).isFalse();
      }
    }
    assertThat(seen).isEqualTo(expected);
    Refused.with(
        ErrorCode.ARM_PROPERTY_INVALID,
        () -> handle(subscription(Operation.VAULT_LIST, MODERN).query("$top", "0")));
  }

  @Test
  void pools_areNone() {
    assertThat(text(handle(subscription(Operation.POOL_LIST, MODERN)))).isEqualTo("{\"value\":[]}");
    assertThat(text(handle(subscription(Operation.POOL_LIST_DELETED, MODERN))))
        .isEqualTo("{\"value\":[]}");
  }

  @Test
  void roleAssignment_putGetListDelete_areAsAzureAnswers() {
    create();
    Id name = Randoms.guid();
    String body =
        "{'properties':{'roleDefinitionId':'"
            + vaultId()
            + "/providers/Microsoft.Authorization/roleDefinitions/"
            + BuiltInRole.KEY_VAULT_SECRETS_USER.id().guid()
            + "','principalId':'"
            + estate.bob.objectId().guid()
            + "','principalType':'ServicePrincipal','condition':null}}";

    Answer put = handle(assignment(Operation.ROLE_ASSIGNMENT_PUT, name).body(body));

    assertThat(put.status()).isEqualTo(201);
    assertThat(text(put))
        .isEqualTo(
            ("{'properties':{'roleDefinitionId':'/subscriptions/"
                    + estate.subscription.guid()
                    + "/providers/Microsoft.Authorization/roleDefinitions/"
                    + BuiltInRole.KEY_VAULT_SECRETS_USER.id().guid()
                    + "','principalId':'"
                    + estate.bob.objectId().guid()
                    + "','principalType':'ServicePrincipal','scope':'"
                    + vaultId()
                    + "','condition':null,'conditionVersion':null,"
                    + "'createdOn':'2026-03-01T12:00:00Z','updatedOn':'2026-03-01T12:00:00Z',"
                    + "'createdBy':'"
                    + estate.alice.objectId().guid()
                    + "','delegatedManagedIdentityResourceId':null,'description':null},'id':'"
                    + vaultId()
                    + "/providers/Microsoft.Authorization/roleAssignments/"
                    + name.guid()
                    + "','type':'Microsoft.Authorization/roleAssignments','name':'"
                    + name.guid()
                    + "'}")
                .replace('\'', '"'));
    assertThat(handle(assignment(Operation.ROLE_ASSIGNMENT_PUT, name).body(body)).status())
        .isEqualTo(200);
    assertThat(text(handle(assignment(Operation.ROLE_ASSIGNMENT_GET, name)))).isEqualTo(text(put));
    assertThat(assignments("")).containsExactlyInAnyOrder(owner.id().guid(), name.guid());
    assertThat(assignments("atScope()")).hasSize(2);
    assertThat(assignments("principalId eq '" + estate.bob.objectId().guid() + "'"))
        .containsExactly(name.guid());
    assertThat(assignments("atScope() and assignedTo('" + estate.alice.objectId().guid() + "')"))
        .containsExactly(owner.id().guid());
    Refused.with(ErrorCode.ARM_FILTER_INVALID, () -> assignments("principalId eq 'me'"));
    Answer delete = handle(assignment(Operation.ROLE_ASSIGNMENT_DELETE, name));
    assertThat(delete.status()).isEqualTo(200);
    assertThat(text(delete)).isEqualTo(text(put));
    assertThat(handle(assignment(Operation.ROLE_ASSIGNMENT_DELETE, name)).status()).isEqualTo(204);
    Refused.with(
        ErrorCode.ROLE_ASSIGNMENT_NOT_FOUND,
        () -> handle(assignment(Operation.ROLE_ASSIGNMENT_GET, name)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'condition':'x'",
        "'conditionVersion':'2.0'",
        "'delegatedManagedIdentityResourceId':'/x'",
        "'canDelegate':true",
      })
  void roleAssignmentPut_whatIsNotEnforced_isRefused(String property) {
    create();

    Refused.with(
        ErrorCode.ARM_NOT_ENFORCED,
        () ->
            handle(
                assignment(Operation.ROLE_ASSIGNMENT_PUT, Randoms.guid())
                    .body(
                        "{'properties':{'roleDefinitionId':'"
                            + BuiltInRole.READER.id().guid()
                            + "','principalId':'"
                            + estate.bob.objectId().guid()
                            + "',"
                            + property
                            + "}}")));
    assertThat(estate.store.rules(RuleKind.ROLE_ASSIGNMENT)).containsExactly(owner);
  }

  @Test
  void roleDefinitions_areTheBuiltInOnes() {
    JsonNode all = json(handle(definitions(""))).get("value");
    assertThat(all).hasSize(BuiltInRole.values().length);

    JsonNode one = json(handle(definitions("roleName eq 'Key Vault Reader'"))).get("value").get(0);
    assertThat(one.toString())
        .isEqualTo(
            ("{'properties':{'roleName':'Key Vault Reader','type':'BuiltInRole','description':'"
                    + BuiltInRole.KEY_VAULT_READER.description().replace("'", "QUOTE")
                    + "','assignableScopes':['/'],'permissions':[{'actions':["
                    + "'Microsoft.Authorization/*/read','Microsoft.Insights/alertRules/*',"
                    + "'Microsoft.Resources/deployments/*',"
                    + "'Microsoft.Resources/subscriptions/resourceGroups/read',"
                    + "'Microsoft.Support/*','Microsoft.KeyVault/checkNameAvailability/read',"
                    + "'Microsoft.KeyVault/deletedVaults/read',"
                    + "'Microsoft.KeyVault/locations/*/read','Microsoft.KeyVault/vaults/*/read',"
                    + "'Microsoft.KeyVault/operations/read'],'notActions':[],'dataActions':["
                    + "'Microsoft.KeyVault/vaults/*/read',"
                    + "'Microsoft.KeyVault/vaults/secrets/readMetadata/action'],"
                    + "'notDataActions':[]}]},'id':'/subscriptions/"
                    + estate.subscription.guid()
                    + "/providers/Microsoft.Authorization/roleDefinitions/"
                    + "21090545-7ca7-4776-b22c-e363652d74d2',"
                    + "'type':'Microsoft.Authorization/roleDefinitions',"
                    + "'name':'21090545-7ca7-4776-b22c-e363652d74d2'}")
                .replace('\'', '"')
                .replace("QUOTE", "'"));
    assertThat(json(handle(definitions("type eq 'CustomRole'"))).get("value")).isEmpty();
    assertThat(
            json(handle(
                    scoped(Operation.ROLE_DEFINITION_GET)
                        .with("name", BuiltInRole.OWNER.id().guid())))
                .get("properties")
                .get("roleName")
                .stringValue())
        .isEqualTo("Owner");
    Refused.with(
        ErrorCode.ROLE_DEFINITION_NOT_FOUND,
        () -> handle(scoped(Operation.ROLE_DEFINITION_GET).with("name", Randoms.guid().guid())));
  }

  @Test
  void locks_areRefusedAndThereAreNone() {
    Refused.with(ErrorCode.ARM_NOT_ENFORCED, () -> handle(lock(Operation.LOCK_PUT).body("{}")));
    Refused.with(ErrorCode.LOCK_NOT_FOUND, () -> handle(lock(Operation.LOCK_GET)));
    assertThat(text(handle(lock(Operation.LOCK_LIST)))).isEqualTo("{\"value\":[]}");
    assertThat(handle(lock(Operation.LOCK_DELETE)).status()).isEqualTo(204);
  }

  @Test
  void subscriptions_areThoseOfTheCaller() {
    String one =
        ("{'id':'/subscriptions/"
                + estate.subscription.guid()
                + "','authorizationSource':'RoleBased','subscriptionId':'"
                + estate.subscription.guid()
                + "','tenantId':'"
                + estate.tenant.guid()
                + "','displayName':'One','state':'Enabled'}")
            .replace('\'', '"');
    assertThat(text(handle(versioned(Operation.SUBSCRIPTION_LIST, RESOURCES))))
        .isEqualTo("{\"value\":[" + one + "]}");
    assertThat(text(handle(subscription(Operation.SUBSCRIPTION_GET, RESOURCES)))).isEqualTo(one);
    assertThat(text(handle(as(estate.bob, versioned(Operation.SUBSCRIPTION_LIST, RESOURCES)))))
        .isEqualTo("{\"value\":[]}");
    Refused.with(
        ErrorCode.ARM_AUTHORIZATION_FAILED,
        () -> handle(as(estate.bob, subscription(Operation.SUBSCRIPTION_GET, RESOURCES))));
    assertThat(text(handle(versioned(Operation.TENANT_LIST, RESOURCES))))
        .isEqualTo(
            ("{'value':[{'id':'/tenants/"
                    + estate.tenant.guid()
                    + "','tenantId':'"
                    + estate.tenant.guid()
                    + "','displayName':'Home','defaultDomain':'home.test',"
                    + "'domains':['home.test'],'tenantCategory':'Home'}]}")
                .replace('\'', '"'));
  }

  @Test
  void resourceGroups_putGetListDelete_areAsAzureAnswers() {
    ControlCall put =
        subscription(Operation.RESOURCE_GROUP_PUT, RESOURCES)
            .with("resourceGroup", "New-One")
            .body("{'location':'East US','tags':{'k':'v'}}");
    Answer made = handle(put);
    assertThat(made.status()).isEqualTo(201);
    assertThat(text(made))
        .isEqualTo(
            ("{'id':'/subscriptions/"
                    + estate.subscription.guid()
                    + "/resourceGroups/New-One','name':'New-One',"
                    + "'type':'Microsoft.Resources/resourceGroups','location':'eastus',"
                    + "'tags':{'k':'v'},'properties':{'provisioningState':'Succeeded'}}")
                .replace('\'', '"'));
    assertThat(handle(put).status()).isEqualTo(200);
    assertThat(names(handle(subscription(Operation.RESOURCE_GROUP_LIST, RESOURCES))))
        .containsExactly("Group1", "New-One");
    estate.assign(
        estate.bob, BuiltInRole.READER, Scopes.resourceGroup(estate.subscription, "new-one"));
    assertThat(
            names(handle(as(estate.bob, subscription(Operation.RESOURCE_GROUP_LIST, RESOURCES)))))
        .containsExactly("New-One");
    assertThat(json(handle(locations())).get("value"))
        .extracting(location -> location.get("name").stringValue())
        .containsExactly("eastus", "lab", "westeurope");
    ControlCall delete =
        subscription(Operation.RESOURCE_GROUP_DELETE, RESOURCES).with("resourceGroup", "new-one");
    assertThat(handle(delete).status()).isEqualTo(200);
    Refused.with(ErrorCode.RESOURCE_GROUP_NOT_FOUND, () -> handle(delete));
  }

  @Test
  void providers_areRegisteredFromTheStart() {
    JsonNode all = json(handle(subscription(Operation.PROVIDER_LIST, RESOURCES))).get("value");
    assertThat(all)
        .extracting(provider -> provider.get("namespace").stringValue())
        .containsExactly("Microsoft.Authorization", "Microsoft.KeyVault", "Microsoft.Resources");
    JsonNode one =
        json(
            handle(
                subscription(Operation.PROVIDER_LIST, RESOURCES)
                    .with("namespace", "microsoft.keyvault")));
    assertThat(one.get("registrationState").stringValue()).isEqualTo("Registered");
    assertThat(one.get("resourceTypes").get(0).get("resourceType").stringValue())
        .isEqualTo("vaults");
    assertThat(one.get("resourceTypes").get(0).get("apiVersions").toString())
        .contains(MODERN, VAULTS);
    Refused.with(
        ErrorCode.PROVIDER_NOT_FOUND,
        () ->
            handle(
                subscription(Operation.PROVIDER_LIST, RESOURCES)
                    .with("namespace", "Microsoft.Compute")));
  }

  @Test
  void metadata_newest_isOneObject() {
    assertThat(text(handle(metadata("2022-09-01"))))
        .isEqualTo(
            """
            {'name':'Strongroom','resourceManager':'https://management.strongroom.test:8443/',\
            'portal':'https://management.strongroom.test:8443/',\
            'gallery':'https://management.strongroom.test:8443/',\
            'authentication':{'loginEndpoint':'https://login.strongroom.test:8443',\
            'audiences':['https://management.strongroom.test:8443'],'tenant':'common',\
            'identityProvider':'AAD'},\
            'graph':'https://graph.strongroom.test:8443/',\
            'graphAudience':'https://graph.strongroom.test:8443/',\
            'microsoftGraphResourceId':'https://graph.strongroom.test:8443/',\
            'suffixes':{'keyVaultDns':'vault.strongroom.test:8443',\
            'mhsmDns':'managedhsm.strongroom.test:8443'}}\
            """
                .replace('\'', '"'));
  }

  @Test
  void metadata_olderVersions_areAnArrayAndAFlatObject() {
    assertThat(text(handle(metadata("2019-05-01"))))
        .isEqualTo("[" + text(handle(metadata("2022-09-01"))) + "]");
    assertThat(text(handle(metadata("2015-01-01"))))
        .isEqualTo(
            """
            {'galleryEndpoint':'https://management.strongroom.test:8443/',\
            'graphEndpoint':'https://graph.strongroom.test:8443/',\
            'portalEndpoint':'https://management.strongroom.test:8443/',\
            'authentication':{'loginEndpoint':'https://login.strongroom.test:8443',\
            'audiences':['https://management.strongroom.test:8443']}}\
            """
                .replace('\'', '"'));
    Refused.with(ErrorCode.ARM_API_VERSION_UNKNOWN, () -> handle(metadata("2000-01-01")));
    Refused.with(ErrorCode.ARM_API_VERSION_MISSING, () -> handle(call(Operation.CLOUD_METADATA)));
  }

  @Test
  void metadata_byAnAlias_answersForAllRolesThereButKeepsResources() {
    JsonNode cloud = json(handle(metadata("2022-09-01").baseUrl("https://localhost:8443")));

    assertThat(cloud.get("resourceManager").stringValue()).isEqualTo("https://localhost:8443/");
    assertThat(cloud.get("authentication").get("loginEndpoint").stringValue())
        .isEqualTo("https://localhost:8443");
    assertThat(cloud.get("authentication").get("audiences").get(0).stringValue())
        .isEqualTo("https://management.strongroom.test:8443");
    assertThat(cloud.get("suffixes").get("keyVaultDns").stringValue())
        .isEqualTo("vault.strongroom.test:8443");
  }

  @Test
  void hosts_canonicalPort_winsOverTheRequests() {
    create();
    ControlApi canonical = api(OptionalInt.of(443));

    Answer answer =
        canonical.handlers().get(Operation.VAULT_GET).handle(vault(Operation.VAULT_GET, MODERN));

    assertThat(json(answer).get("properties").get("vaultUri").stringValue())
        .isEqualTo("https://vault-one.vault.strongroom.test/");
  }

  private ControlApi api(OptionalInt port) {
    return new ControlApi(
        estate.vaults,
        estate.roles,
        estate.subscriptions,
        estate.groups,
        estate.rules,
        new ControlHosts("strongroom.test", port),
        "lab");
  }

  private void create() {
    assertThat(handle(vault(Operation.VAULT_PUT, MODERN).body(minimal(""))).status())
        .isEqualTo(201);
  }

  private String minimal(String more) {
    return "{'location':'westeurope','properties':{'tenantId':'"
        + estate.tenant.guid()
        + "','sku':{'family':'A','name':'standard'}"
        + (more.isEmpty() ? "" : "," + more)
        + "}}";
  }

  private String defaults(String property) {
    return (property.startsWith("'tenantId'") ? "" : "'tenantId':'" + estate.tenant.guid() + "',")
        + (property.startsWith("'sku'") ? "" : "'sku':{'family':'A','name':'standard'},");
  }

  private String vaultId() {
    return "/subscriptions/"
        + estate.subscription.guid()
        + "/resourceGroups/Group1/providers/Microsoft.KeyVault/vaults/Vault-One";
  }

  private List<String> found(String filter) {
    return names(
        handle(subscription(Operation.RESOURCE_LIST, "2015-11-01").query("$filter", filter)));
  }

  private List<String> assignments(String filter) {
    return names(handle(scoped(Operation.ROLE_ASSIGNMENT_LIST).query("$filter", filter)));
  }

  private static List<String> names(Answer answer) {
    return StreamSupport.stream(json(answer).get("value").spliterator(), false)
        .map(item -> item.get("name").stringValue())
        .toList();
  }

  private ControlCall definitions(String filter) {
    return scoped(Operation.ROLE_DEFINITION_LIST).query("$filter", filter);
  }

  private ControlCall assignment(Operation operation, Id name) {
    return scoped(operation).with("name", name.guid());
  }

  private ControlCall scoped(Operation operation) {
    return versioned(operation, AUTHORIZATION).with("scope", vaultId());
  }

  private ControlCall lock(Operation operation) {
    return versioned(operation, "2020-05-01").with("scope", vaultId()).with("name", "l");
  }

  private ControlCall locations() {
    return subscription(Operation.LOCATION_LIST, RESOURCES);
  }

  private ControlCall checkName(String name) {
    return subscription(Operation.VAULT_CHECK_NAME, MODERN)
        .body("{'name':'" + name + "','type':'Microsoft.KeyVault/vaults'}");
  }

  private ControlCall operation(String id) {
    return subscription(Operation.VAULT_OPERATION_RESULT, MODERN)
        .with("location", "westeurope")
        .with("operation", id);
  }

  private ControlCall metadata(String version) {
    return versioned(Operation.CLOUD_METADATA, version);
  }

  private ControlCall vault(Operation operation, String version) {
    return subscription(operation, version)
        .with("resourceGroup", "group1")
        .with("vault", "Vault-One");
  }

  private ControlCall subscription(Operation operation, String version) {
    return versioned(operation, version).with("subscription", estate.subscription.guid());
  }

  private ControlCall versioned(Operation operation, String version) {
    return call(operation).query("api-version", version);
  }

  private ControlCall call(Operation operation) {
    return new ControlCall(operation, estate.origin(operation.auditName()), estate.alice);
  }

  private static ControlCall as(Principal principal, ControlCall call) {
    return call.as(principal);
  }

  private Answer handle(ControlCall call) {
    return api.handlers().get(call.operation()).handle(call);
  }

  private static String text(Answer answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  private static JsonNode json(Answer answer) {
    return JSON.readTree(answer.body());
  }
}
