package dev.strongroom.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.control.Estate;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.BuiltInRole;
import dev.strongroom.model.Container;
import dev.strongroom.model.Container.AccessPolicy;
import dev.strongroom.model.ContainerKind;
import dev.strongroom.model.Id;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Principal;
import dev.strongroom.model.RoleAssignment;
import dev.strongroom.model.RuleKind;
import dev.strongroom.store.JournalNote;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RulesTest {
  private final Estate estate = new Estate();
  private final Container vault = estate.vault("vault-one");
  private final Container neighbour = estate.vault("vault-one-b");
  private final ObjectName name = new ObjectName("Pass-Word");

  /** Every role at every kind of scope, for every data operation, against the tables. */
  @ParameterizedTest
  @EnumSource
  void decide_dataOperation_isWhatRoleAndScopeSay(BuiltInRole role) {
    Map<String, Boolean> scopes = new LinkedHashMap<>();
    scopes.put("/", true);
    scopes.put(Scopes.rootManagementGroup(estate.tenant), true);
    scopes.put(Scopes.subscription(estate.subscription), true);
    scopes.put(
        Scopes.resourceGroup(estate.subscription, Estate.GROUP).toUpperCase(Locale.ROOT), true);
    scopes.put(vault.resourceId(), true);
    scopes.put(vault.resourceId() + "/secrets/pass-word", null);
    scopes.put(vault.resourceId() + "/secrets/pass", false);
    scopes.put(vault.resourceId() + "/keys/Pass-Word", false);
    scopes.put(neighbour.resourceId(), false);
    scopes.put(Scopes.subscription(estate.otherSubscription), false);
    scopes.put(Scopes.rootManagementGroup(estate.otherTenant), false);

    scopes.forEach(
        (scope, covers) -> {
          RoleAssignment assignment = estate.assign(estate.alice, role, scope);
          for (Operation operation : dataOperations()) {
            boolean onObject = operation.checked() == Operation.Checked.OBJECT;
            boolean expected =
                (covers == null ? onObject : covers)
                    && role.condition().isEmpty()
                    && role.allows(operation, ContainerKind.VAULT);
            Decision decision =
                estate.rules.decide(
                    estate.alice,
                    operation,
                    vault,
                    onObject ? Optional.of(name) : Optional.empty(),
                    estate.now);
            assertThat(decision.allowed())
                .as("%s at %s: %s", role, scope, operation)
                .isEqualTo(expected);
            assertThat(decision.rule())
                .isEqualTo(expected ? Optional.of(assignment.id().guid()) : Optional.empty());
            if (!expected) {
              assertThat(decision.reason()).isEqualTo("DeniedWithNoValidRBAC");
            }
          }
          estate.remove(assignment);
        });
  }

  @ParameterizedTest
  @EnumSource
  void decide_controlAction_isWhatRoleAndScopeSay(BuiltInRole role) {
    String subscription = Scopes.subscription(estate.subscription);
    RoleAssignment assignment = estate.assign(estate.alice, role, subscription);
    for (Operation operation : controlOperations()) {
      String action = operation.action(ContainerKind.VAULT);
      boolean expected = role.condition().isEmpty() && role.allows(action);
      assertThat(allowed(estate.alice, action, vault.resourceId()))
          .as("%s: %s", role, operation)
          .isEqualTo(expected);
      assertThat(allowed(estate.alice, action, "/")).as("%s: %s", role, operation).isFalse();
      assertThat(allowed(estate.bob, action, subscription)).isFalse();
    }
    estate.remove(assignment);
    assertThat(allowed(estate.alice, "Microsoft.KeyVault/vaults/read", subscription)).isFalse();
  }

  @Test
  void decide_noAction_isAllowedToAnybodyKnown() {
    assertThat(estate.rules.decide(estate.bob, "", "/", estate.now).allowed()).isTrue();
  }

  @Test
  void decide_assignmentsOfSeveral_areAdded() {
    estate.assign(estate.alice, BuiltInRole.KEY_VAULT_READER, vault.resourceId());
    estate.assign(
        estate.alice,
        BuiltInRole.KEY_VAULT_SECRETS_USER,
        vault.resourceId() + "/secrets/pass-word");

    assertThat(allowed(estate.alice, Operation.SECRET_LIST, Optional.empty())).isTrue();
    assertThat(allowed(estate.alice, Operation.SECRET_GET, Optional.of(name))).isTrue();
    assertThat(allowed(estate.alice, Operation.SECRET_GET, Optional.of(new ObjectName("another"))))
        .isFalse();
  }

  @Test
  void decide_assignmentOfAGroup_countsForItsMembers() {
    Principal group = estate.application(estate.tenant, "group");
    estate.assign(group, BuiltInRole.KEY_VAULT_SECRETS_USER, vault.resourceId());
    Principal member = withGroups(estate.alice, Set.of(group.objectId()));

    assertThat(allowed(member, Operation.SECRET_GET, Optional.of(name))).isTrue();
    assertThat(allowed(estate.alice, Operation.SECRET_GET, Optional.of(name))).isFalse();
  }

  @Test
  void decide_ownerOfAnotherTenant_isNeverAllowed() {
    estate.assign(estate.stranger, BuiltInRole.OWNER, "/");
    estate.assign(estate.stranger, BuiltInRole.KEY_VAULT_ADMINISTRATOR, "/");
    estate.assign(estate.stranger, BuiltInRole.OWNER, vault.resourceId());

    assertThat(
            estate.rules.decide(
                estate.stranger, Operation.SECRET_GET, vault, Optional.of(name), estate.now))
        .isEqualTo(new Decision(false, Optional.empty(), Rules.OTHER_TENANT));
    assertThat(allowed(estate.stranger, "Microsoft.KeyVault/vaults/read", vault.resourceId()))
        .isFalse();
    assertThat(
            allowed(
                estate.stranger,
                "Microsoft.KeyVault/vaults/read",
                Scopes.subscription(estate.otherSubscription)))
        .isTrue();
  }

  @Test
  void decide_assignmentMadeForTheSameObjectIdInAnotherTenant_doesNotCount() {
    Principal twin =
        new Principal(
            estate.otherTenant,
            estate.alice.objectId(),
            Principal.Kind.APPLICATION,
            Optional.empty(),
            "iss",
            Set.of(),
            Map.of());
    estate.assign(twin, BuiltInRole.KEY_VAULT_ADMINISTRATOR, "/");

    assertThat(allowed(estate.alice, Operation.SECRET_GET, Optional.of(name))).isFalse();
  }

  @Test
  void decide_roleThatIsNotKnown_allowsNothing() {
    RoleAssignment real = estate.assign(estate.alice, BuiltInRole.OWNER, "/");
    estate.remove(real);
    RoleAssignment unknown =
        new RoleAssignment(
            real.id(),
            real.tenant(),
            "/",
            Randoms.guid(),
            real.principal(),
            "ServicePrincipal",
            Optional.empty(),
            estate.now,
            estate.now,
            Optional.empty());
    estate.store.change(
        estate.origin("Setup"),
        JournalNote.none(),
        tx -> {
          tx.put(RuleKind.ROLE_ASSIGNMENT, unknown);
          return null;
        });

    assertThat(allowed(estate.alice, "Microsoft.KeyVault/vaults/read", "/")).isFalse();
  }

  @Test
  void decide_accessPolicyVault_isWhatEachPermissionSays() {
    for (Operation operation : dataOperations()) {
      String permission = operation.permission().orElseThrow();
      for (String word :
          Stream.concat(Stream.of("all"), PolicyCategory.SECRETS.words().stream()).toList()) {
        Container container =
            withPolicies(policy(estate.alice.objectId(), Optional.empty(), List.of(word)));
        boolean expected =
            word.equals("all") ? !permission.equals("purge") : word.equals(permission);
        Decision decision =
            estate.rules.decide(estate.alice, operation, container, Optional.of(name), estate.now);
        assertThat(decision.allowed()).as("%s by %s", operation, word).isEqualTo(expected);
        assertThat(decision.rule())
            .isEqualTo(expected ? Optional.of("accessPolicy") : Optional.empty());
      }
    }
  }

  @Test
  void decide_accessPolicyVault_takesNoRoleAndOnlyTheNamedPrincipal() {
    estate.assign(estate.bob, BuiltInRole.KEY_VAULT_ADMINISTRATOR, "/");
    Container container =
        withPolicies(policy(estate.alice.objectId(), Optional.empty(), List.of("get")));

    assertThat(decide(estate.alice, container)).isTrue();
    assertThat(decide(estate.bob, container)).isFalse();
    assertThat(decide(withGroups(estate.bob, Set.of(estate.alice.objectId())), container)).isTrue();
  }

  @Test
  void decide_rbacVault_takesNoAccessPolicy() {
    Container container =
        copy(
            vault,
            Optional.of(true),
            List.of(policy(estate.alice.objectId(), Optional.empty(), List.of("get"))));

    assertThat(decide(estate.alice, container)).isFalse();
  }

  @Test
  void decide_policyWithApplication_isForThatPairOnly() {
    Id app = estate.bob.appId().orElseThrow();
    Container container =
        withPolicies(policy(estate.alice.objectId(), Optional.of(app), List.of("get")));
    Principal through =
        new Principal(
            estate.tenant,
            estate.alice.objectId(),
            Principal.Kind.USER,
            Optional.of(app),
            "iss",
            Set.of(),
            Map.of());

    assertThat(decide(through, container)).isTrue();
    assertThat(decide(estate.alice, container)).isFalse();
    assertThat(decide(estate.bob, container)).isFalse();
  }

  private boolean decide(Principal principal, Container container) {
    return estate
        .rules
        .decide(principal, Operation.SECRET_GET, container, Optional.of(name), estate.now)
        .allowed();
  }

  private boolean allowed(Principal principal, String action, String scope) {
    return estate.rules.decide(principal, action, scope, estate.now).allowed();
  }

  private boolean allowed(Principal principal, Operation operation, Optional<ObjectName> object) {
    return estate.rules.decide(principal, operation, vault, object, estate.now).allowed();
  }

  private AccessPolicy policy(Id object, Optional<Id> application, List<String> secrets) {
    return new AccessPolicy(
        estate.tenant, object, application, List.of(), secrets, List.of(), List.of());
  }

  private Container withPolicies(AccessPolicy... policies) {
    return copy(vault, Optional.empty(), List.of(policies));
  }

  private static Container copy(
      Container from, Optional<Boolean> rbac, List<AccessPolicy> policies) {
    return new Container(
        from.id(),
        from.kind(),
        from.name(),
        from.tenant(),
        from.subscription(),
        from.resourceGroup(),
        from.location(),
        from.sku(),
        rbac,
        policies,
        from.retentionDays(),
        from.purgeProtection(),
        from.enabledForDeployment(),
        from.enabledForDiskEncryption(),
        from.enabledForTemplateDeployment(),
        from.tags(),
        from.created(),
        from.updated(),
        from.deleted());
  }

  private static Principal withGroups(Principal principal, Set<Id> groups) {
    return new Principal(
        principal.tenant(),
        principal.objectId(),
        principal.kind(),
        principal.appId(),
        principal.issuer(),
        new HashSet<>(groups),
        principal.claims());
  }

  private static List<Operation> dataOperations() {
    return Arrays.stream(Operation.values())
        .filter(operation -> operation.plane() == Operation.Plane.DATA)
        .filter(operation -> operation.collection().isPresent())
        .filter(operation -> operation.action(ContainerKind.VAULT).contains("/secrets/"))
        .toList();
  }

  private static List<Operation> controlOperations() {
    return Arrays.stream(Operation.values())
        .filter(operation -> operation.plane() == Operation.Plane.CONTROL)
        .filter(operation -> !operation.action(ContainerKind.VAULT).isEmpty())
        .toList();
  }
}
