package dev.strongroom.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.strongroom.access.Scopes;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.BuiltInRole;
import dev.strongroom.model.Container;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Principal;
import dev.strongroom.model.RoleAssignment;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.VaultException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RolesTest {
  private final Estate estate = new Estate();
  private final Container vault = estate.vault("vault-one");
  private final Id id = Randoms.guid();

  @Test
  void put_newId_assignsAtTheCanonicalScope() {
    Placed<RoleAssignment> placed =
        put(id, vault.resourceId().toLowerCase(Locale.ROOT), BuiltInRole.KEY_VAULT_READER);

    assertThat(placed.created()).isTrue();
    RoleAssignment assignment = placed.value();
    assertThat(assignment.scope()).isEqualTo(vault.resourceId());
    assertThat(assignment.principalType()).isEqualTo("ServicePrincipal");
    assertThat(assignment.createdBy()).contains(estate.alice.objectId());
    assertThat(estate.roles.get(estate.tenant, vault.resourceId(), id)).isEqualTo(assignment);
    assertThat(estate.store.rulesByParent(RuleKind.ROLE_ASSIGNMENT, bob().guid()))
        .containsExactly(assignment);
  }

  @Test
  void put_theSameAgain_isNoOtherAssignment() {
    RoleAssignment first = put(id, vault.resourceId(), BuiltInRole.KEY_VAULT_READER).value();

    Placed<RoleAssignment> again =
        put(id, vault.resourceId().toUpperCase(Locale.ROOT), BuiltInRole.KEY_VAULT_READER);

    assertThat(again.created()).isFalse();
    assertThat(again.value()).isEqualTo(first);
  }

  @Test
  void put_theSameWithAnotherDescription_changesOnlyThat() {
    put(id, vault.resourceId(), BuiltInRole.KEY_VAULT_READER);

    Placed<RoleAssignment> again =
        estate.roles.put(
            estate.origin("RoleAssignmentPut"),
            estate.tenant,
            vault.resourceId(),
            id,
            new Roles.Wanted(
                BuiltInRole.KEY_VAULT_READER.id(),
                bob(),
                Optional.of("ServicePrincipal"),
                Optional.of("why")));

    assertThat(again.created()).isFalse();
    assertThat(again.value().description()).contains("why");
  }

  @Test
  void put_sameIdForSomethingElse_isRefused() {
    put(id, vault.resourceId(), BuiltInRole.KEY_VAULT_READER);

    Refused.with(
        ErrorCode.ROLE_ASSIGNMENT_UPDATE,
        () -> put(id, vault.resourceId(), BuiltInRole.KEY_VAULT_ADMINISTRATOR));
    Refused.with(
        ErrorCode.ROLE_ASSIGNMENT_UPDATE,
        () -> put(id, Scopes.subscription(estate.subscription), BuiltInRole.KEY_VAULT_READER));
    Refused.with(
        ErrorCode.ROLE_ASSIGNMENT_UPDATE,
        () ->
            estate.roles.put(
                estate.origin("RoleAssignmentPut"),
                estate.tenant,
                vault.resourceId(),
                id,
                new Roles.Wanted(
                    BuiltInRole.KEY_VAULT_READER.id(),
                    estate.alice.objectId(),
                    Optional.empty(),
                    Optional.empty())));
  }

  @Test
  void put_sameThingUnderAnotherId_isRefusedWithTheFirst() {
    put(id, vault.resourceId(), BuiltInRole.KEY_VAULT_READER);

    assertThat(
            Refused.with(
                ErrorCode.ROLE_ASSIGNMENT_EXISTS,
                () -> put(Randoms.guid(), vault.resourceId(), BuiltInRole.KEY_VAULT_READER)))
        .hasMessageContaining(id.hex());
  }

  @Test
  void put_roleThatLivesByACondition_isRefused() {
    Refused.with(
        ErrorCode.ARM_NOT_ENFORCED,
        () -> put(id, vault.resourceId(), BuiltInRole.KEY_VAULT_DATA_ACCESS_ADMINISTRATOR));
  }

  @Test
  void put_roleOrPrincipalThatIsNotThere_isRefused() {
    Refused.with(
        ErrorCode.ROLE_DEFINITION_NOT_FOUND,
        () -> putFor(estate.bob, Randoms.guid(), Optional.empty()));
    Refused.with(
        ErrorCode.PRINCIPAL_NOT_FOUND,
        () -> putFor(estate.stranger, BuiltInRole.READER.id(), Optional.empty()));
    Refused.with(
        ErrorCode.PRINCIPAL_TYPE_UNMATCHED,
        () -> putFor(estate.bob, BuiltInRole.READER.id(), Optional.of("User")));
    assertThat(putFor(estate.bob, BuiltInRole.READER.id(), Optional.of("servicePrincipal")))
        .isNotNull();
  }

  @Test
  void put_scopesOfEveryLevel_areTaken() {
    String subscription = Scopes.subscription(estate.subscription);
    List<String> scopes =
        List.of(
            "/",
            Scopes.rootManagementGroup(estate.tenant),
            subscription,
            subscription + "/resourceGroups/" + Estate.GROUP,
            vault.resourceId(),
            vault.resourceId() + "/secrets/not-there-yet");

    for (String scope : scopes) {
      assertThat(put(Randoms.guid(), scope, BuiltInRole.READER).value().scope()).isEqualTo(scope);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/subscriptions/S/resourceGroups/none",
        "/subscriptions/S/resourceGroups/Group1/providers/Microsoft.KeyVault/vaults/none",
        "/subscriptions/S/resourceGroups/Group1/providers/Microsoft.Storage/accounts/a",
        "/subscriptions/S/resourceGroups/Group1/providers/Microsoft.KeyVault/vaults/vault-one/x/y",
        "/subscriptions/S/resourceGroups/Group1/providers/Microsoft.KeyVault/vaults/vault-one/"
            + "secrets/bad_name",
        "/subscriptions/S/other/x",
        "/subscriptions/00000000-0000-0000-0000-000000000001",
        "/subscriptions/none",
        "/providers/Microsoft.Management/managementGroups/none",
        "/somewhere",
      })
  void put_scopeThatIsNotThere_isRefused(String scope) {
    String path = scope.replace("/S/", "/" + estate.subscription.guid() + "/");
    assertThat(catchThrowableOfType(VaultException.class, () -> put(id, path, BuiltInRole.READER)))
        .isNotNull()
        .extracting(refusal -> refusal.code().status())
        .isIn(400, 404);
    assertThat(estate.store.rules(RuleKind.ROLE_ASSIGNMENT)).isEmpty();
  }

  @Test
  void put_scopeOfAnotherTenant_isRefused() {
    Refused.with(
        ErrorCode.SUBSCRIPTION_NOT_FOUND,
        () -> put(id, Scopes.subscription(estate.otherSubscription), BuiltInRole.READER));
    Refused.with(
        ErrorCode.MANAGEMENT_GROUP_NOT_FOUND,
        () -> put(id, Scopes.rootManagementGroup(estate.otherTenant), BuiltInRole.READER));
  }

  @Test
  void list_filters_areByPlaceAndPrincipal() {
    String subscription = Scopes.subscription(estate.subscription);
    String group = Scopes.resourceGroup(estate.subscription, Estate.GROUP);
    RoleAssignment root = estate.assign(estate.alice, BuiltInRole.OWNER, "/");
    RoleAssignment management =
        estate.assign(estate.bob, BuiltInRole.READER, Scopes.rootManagementGroup(estate.tenant));
    RoleAssignment atGroup = estate.assign(estate.bob, BuiltInRole.READER, group);
    RoleAssignment below =
        estate.assign(estate.alice, BuiltInRole.KEY_VAULT_READER, vault.resourceId());
    estate.assign(estate.stranger, BuiltInRole.OWNER, "/");

    assertThat(list(group, new Roles.Filter.None()))
        .containsExactlyInAnyOrder(root, management, atGroup, below);
    assertThat(list(group, new Roles.Filter.AtScope()))
        .containsExactlyInAnyOrder(root, management, atGroup);
    assertThat(list(subscription, new Roles.Filter.AtScope()))
        .containsExactlyInAnyOrder(root, management);
    assertThat(list("/", new Roles.Filter.None())).hasSize(4);
    assertThat(list("/", new Roles.Filter.AtScope())).containsExactly(root);
    assertThat(list(Scopes.rootManagementGroup(estate.tenant), new Roles.Filter.None()))
        .containsExactlyInAnyOrder(root, management, atGroup, below);
    assertThat(list(group, new Roles.Filter.Of(bob(), false)))
        .containsExactlyInAnyOrder(management, atGroup);
    assertThat(list(vault.resourceId(), new Roles.Filter.Of(estate.alice.objectId(), true)))
        .containsExactlyInAnyOrder(root, below);
    assertThat(
            list(group, new Roles.Filter.AssignedTo(estate.alice.objectId(), Set.of(bob()), false)))
        .hasSize(4);
  }

  @Test
  void delete_once_takesItAway() {
    put(id, vault.resourceId(), BuiltInRole.KEY_VAULT_READER);

    assertThat(delete(Scopes.subscription(estate.subscription))).isEmpty();
    assertThat(delete(vault.resourceId()).map(RoleAssignment::id)).contains(id);
    assertThat(delete(vault.resourceId())).isEmpty();
    Refused.with(
        ErrorCode.ROLE_ASSIGNMENT_NOT_FOUND,
        () -> estate.roles.get(estate.tenant, vault.resourceId(), id));
  }

  @Test
  void subscriptions_seenBy_areThoseWithAnyAssignmentAround() {
    assertThat(estate.subscriptions.seenBy(estate.bob)).isEmpty();
    RoleAssignment object =
        estate.assign(
            estate.bob, BuiltInRole.KEY_VAULT_SECRETS_USER, vault.resourceId() + "/secrets/s");
    assertThat(estate.subscriptions.seenBy(estate.bob)).hasSize(1);
    estate.remove(object);
    estate.assign(estate.bob, BuiltInRole.READER, "/");
    assertThat(estate.subscriptions.seenBy(estate.bob)).hasSize(1);
    estate.assign(estate.stranger, BuiltInRole.OWNER, "/");
    assertThat(estate.subscriptions.seenBy(estate.stranger))
        .extracting(subscription -> subscription.id())
        .containsExactly(estate.otherSubscription);
    assertThat(estate.subscriptions.tenantOf(estate.subscription)).contains(estate.tenant);
    assertThat(estate.subscriptions.tenant(estate.bob).orElseThrow().displayName())
        .isEqualTo("Home");
  }

  private Optional<RoleAssignment> delete(String scope) {
    return estate.roles.delete(estate.origin("RoleAssignmentDelete"), estate.tenant, scope, id);
  }

  private List<RoleAssignment> list(String scope, Roles.Filter filter) {
    return estate.roles.list(estate.tenant, scope, filter);
  }

  private Id bob() {
    return estate.bob.objectId();
  }

  private Placed<RoleAssignment> put(Id name, String scope, BuiltInRole role) {
    return estate.roles.put(
        estate.origin("RoleAssignmentPut"),
        estate.tenant,
        scope,
        name,
        new Roles.Wanted(role.id(), bob(), Optional.empty(), Optional.empty()));
  }

  private Placed<RoleAssignment> putFor(Principal principal, Id role, Optional<String> type) {
    return estate.roles.put(
        estate.origin("RoleAssignmentPut"),
        estate.tenant,
        vault.resourceId(),
        Randoms.guid(),
        new Roles.Wanted(role, principal.objectId(), type, Optional.empty()));
  }
}
