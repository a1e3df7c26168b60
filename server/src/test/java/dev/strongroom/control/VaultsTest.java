package dev.strongroom.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.access.Scopes;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.BuiltInRole;
import dev.strongroom.model.CertificateContacts;
import dev.strongroom.model.CertificateIssuer;
import dev.strongroom.model.Collection;
import dev.strongroom.model.Container.AccessPolicy;
import dev.strongroom.model.Container;
import dev.strongroom.model.ContainerKind;
import dev.strongroom.model.ContainerName;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Origin;
import dev.strongroom.model.RoleAssignment;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.SystemUse;
import dev.strongroom.store.DueRow;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.JournalRow;
import dev.strongroom.store.ObjectRow;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VaultsTest {
  private static final String NAME = "Vault-One";

  private final Estate estate = new Estate();
  private final Vaults vaults = estate.vaults;

  @Test
  void put_newName_makesAVaultWithAKeyInOneChange() {
    long before = estate.store.journalHead();

    Placed<Container> placed = put(Settings.of(estate));

    assertThat(placed.created()).isTrue();
    Container vault = placed.value();
    assertThat(vault.name()).isEqualTo(NAME);
    assertThat(vault.tenant()).isEqualTo(estate.tenant);
    assertThat(vault.rbac()).contains(true);
    assertThat(vault.retentionDays()).isEqualTo(90);
    assertThat(vault.purgeProtection()).isFalse();
    assertThat(vault.created()).isEqualTo(Instant.parse("2026-03-01T12:00:00Z"));
    assertThat(estate.store.newestKey(vault.id())).isPresent();
    assertThat(estate.store.journalHead()).isEqualTo(before + 1);
    assertThat(vaults.find(ContainerKind.VAULT, "vault-ONE")).contains(vault);
    assertThat(vaults.find(ContainerKind.MANAGED_HSM, NAME)).isEmpty();
    assertThat(vaults.get(estate.subscription, "GROUP1", "vault-one")).isEqualTo(vault);
  }

  @Test
  void put_any_notesInTheJournalWhatItWasAbout() {
    Container vault = put(Settings.of(estate)).value();

    JournalRow row = estate.store.journal(estate.store.journalHead() - 1, 1).getFirst();
    assertThat(row.note().container()).contains(vault.id());
    try (SecretBytes detail =
        estate.barrier.openSystem(
            SystemUse.JOURNAL_DETAIL, row.requestId().bytes(), row.note().detail().orElseThrow())) {
      assertThat(new String(detail.exposed(), StandardCharsets.UTF_8))
          .isEqualTo("vault=" + vault.resourceId() + "\n");
    }
  }

  @Test
  void put_nameMadeByAnotherMeanwhile_changesThatOneAndNamesItInTheJournal() {
    estate.barrier.beforeContainerKey = () -> put(Settings.of(estate));

    Placed<Container> placed = put(Settings.of(estate).tags(Map.of("a", "1")));

    assertThat(placed.created()).isFalse();
    assertThat(placed.value().tags()).isEqualTo(Map.of("a", "1"));
    assertThat(estate.store.rules(RuleKind.CONTAINER)).containsExactly(placed.value());
    assertThat(estate.store.keys())
        .extracting(key -> key.owner())
        .containsExactly(placed.value().id());
    assertThat(
            estate.store.journal(estate.store.journalHead() - 1, 1).getFirst().note().container())
        .contains(placed.value().id());
  }

  @Test
  void put_again_changesWhatIsSaidAndKeepsTheRest() {
    Container first = put(Settings.of(estate).retention(30).tags(Map.of("a", "1"))).value();
    estate.pass(Duration.ofHours(1));

    Placed<Container> second =
        put(Settings.of(estate).sku("premium").purgeProtection(true).rbac(Optional.empty()));

    assertThat(second.created()).isFalse();
    assertThat(second.value().id()).isEqualTo(first.id());
    assertThat(second.value().sku()).isEqualTo("premium");
    assertThat(second.value().purgeProtection()).isTrue();
    assertThat(second.value().retentionDays()).isEqualTo(30);
    assertThat(second.value().rbac()).contains(true);
    assertThat(second.value().tags()).isEqualTo(Map.of("a", "1"));
    assertThat(second.value().created()).isEqualTo(first.created());
    assertThat(second.value().updated()).isAfter(first.updated());
    assertThat(estate.store.keys()).hasSize(1);
  }

  @Test
  void put_rbacNotSaid_isByTheDefaultForNewVaultsOnly() {
    Settings silent = Settings.of(estate).rbac(Optional.empty()).policies(List.of());

    Container old =
        vaults
            .put(
                estate.origin("VaultPut"),
                estate.subscription,
                Estate.GROUP,
                new ContainerName(NAME),
                silent.build(),
                Optional.empty(),
                Optional.empty())
            .value();
    assertThat(old.rbac()).isEmpty();
    assertThat(old.usesRbac()).isFalse();

    Container updated =
        vaults
            .put(
                estate.origin("VaultPut"),
                estate.subscription,
                Estate.GROUP,
                new ContainerName(NAME),
                silent.build(),
                Optional.of(true),
                Optional.empty())
            .value();
    assertThat(updated.rbac()).isEmpty();

    Container other =
        vaults
            .put(
                estate.origin("VaultPut"),
                estate.subscription,
                Estate.GROUP,
                new ContainerName("other"),
                silent.build(),
                Optional.of(true),
                Optional.empty())
            .value();
    assertThat(other.rbac()).contains(true);
  }

  @Test
  void put_withoutRbacAndWithoutPolicies_isRefused() {
    Refused.with(
        ErrorCode.ARM_PROPERTY_INVALID, () -> put(Settings.of(estate).rbac(Optional.of(false))));
  }

  @Test
  void put_inAMissingPlace_saysWhichIsMissing() {
    Refused.with(
        ErrorCode.RESOURCE_GROUP_NOT_FOUND,
        () ->
            vaults.put(
                estate.origin("VaultPut"),
                estate.subscription,
                "nowhere",
                new ContainerName(NAME),
                Settings.of(estate).build(),
                Optional.empty(),
                Optional.empty()));
    Refused.with(
        ErrorCode.SUBSCRIPTION_NOT_FOUND,
        () ->
            vaults.put(
                estate.origin("VaultPut"),
                Randoms.guid(),
                Estate.GROUP,
                new ContainerName(NAME),
                Settings.of(estate).build(),
                Optional.empty(),
                Optional.empty()));
    assertThat(estate.store.keys()).isEmpty();
  }

  @Test
  void put_rootKeyRotatedWhileItsKeyWasWrapped_isRefusedAndStoresNothing() {
    long before = estate.store.journalHead();
    estate.barrier.beforeContainerKey = () -> estate.barrier.current = false;

    VaultException refusal = Refused.with(ErrorCode.BUSY, () -> put(Settings.of(estate)));
    assertThat(refusal).hasMessageEndingWith("Reason: the root key is being rotated");
    assertThat(refusal.headers()).containsEntry("Retry-After", "1");
    assertThat(estate.store.keys()).isEmpty();
    assertThat(estate.store.journalHead()).isEqualTo(before);

    estate.barrier.current = true;
    assertThat(put(Settings.of(estate)).created()).isTrue();
  }

  @Test
  void put_vaultThatExistsDuringRotation_isChangedAllTheSame() {
    put(Settings.of(estate));
    estate.barrier.current = false;

    assertThat(put(Settings.of(estate)).created()).isFalse();
  }

  @Test
  void put_tenantOfAnother_isRefused() {
    Refused.with(
        ErrorCode.ARM_PROPERTY_INVALID, () -> put(Settings.of(estate).tenant(estate.otherTenant)));
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 91, 0, -1})
  void put_retentionOutOfRange_isRefused(int days) {
    Refused.with(ErrorCode.ARM_PROPERTY_INVALID, () -> put(Settings.of(estate).retention(days)));
  }

  @Test
  void put_otherRetentionLater_isRefused() {
    put(Settings.of(estate).retention(7));

    assertThat(put(Settings.of(estate).retention(7)).created()).isFalse();
    Refused.with(ErrorCode.RETENTION_UNCHANGEABLE, () -> put(Settings.of(estate).retention(8)));
  }

  @Test
  void put_purgeProtectionFalse_isAlwaysRefused() {
    Refused.with(
        ErrorCode.PURGE_PROTECTION_IRREVERSIBLE,
        () -> put(Settings.of(estate).purgeProtection(false)));
    put(Settings.of(estate).purgeProtection(true));
    Refused.with(
        ErrorCode.PURGE_PROTECTION_IRREVERSIBLE,
        () -> put(Settings.of(estate).purgeProtection(false)));
    assertThat(put(Settings.of(estate)).value().purgeProtection()).isTrue();
  }

  @Test
  void put_otherLocation_isRefused() {
    put(Settings.of(estate));

    Refused.with(
        ErrorCode.LOCATION_UNCHANGEABLE, () -> put(Settings.of(estate).location("eastus")));
  }

  @Test
  void put_nameOfALiveVaultElsewhere_isTaken() {
    put(Settings.of(estate));

    VaultException refusal =
        Refused.with(
            ErrorCode.VAULT_ALREADY_EXISTS,
            () ->
                vaults.put(
                    estate.origin("VaultPut"),
                    estate.otherSubscription,
                    Estate.GROUP,
                    new ContainerName("VAULT-ONE"),
                    Settings.of(estate).tenant(estate.otherTenant).build(),
                    Optional.empty(),
                    Optional.empty()));
    assertThat(refusal).hasMessageStartingWith("The vault name 'VAULT-ONE' is already in use.");
  }

  @Test
  void put_nameOfADeletedVault_dependsOnWhose() {
    put(Settings.of(estate));
    delete();

    Refused.with(ErrorCode.VAULT_DELETED_CONFLICT, () -> put(Settings.of(estate)));
    Refused.with(
        ErrorCode.VAULT_ALREADY_EXISTS,
        () ->
            vaults.put(
                estate.origin("VaultPut"),
                estate.otherSubscription,
                Estate.GROUP,
                new ContainerName(NAME),
                Settings.of(estate).tenant(estate.otherTenant).build(),
                Optional.empty(),
                Optional.empty()));
  }

  @Test
  void put_otherPermissionModel_needsTheRightToAssignRoles() {
    put(Settings.of(estate));
    VaultException refusal = VaultException.of(ErrorCode.ARM_AUTHORIZATION_FAILED, "action", "x");
    VaultSettings policies =
        Settings.of(estate).rbac(Optional.of(false)).policies(List.of()).build();

    Refused.with(ErrorCode.ARM_AUTHORIZATION_FAILED, () -> put(policies, Optional.of(refusal)));
    assertThat(vaults.find(ContainerKind.VAULT, NAME).orElseThrow().usesRbac()).isTrue();
    assertThat(put(Settings.of(estate).build(), Optional.of(refusal)).value().usesRbac()).isTrue();
    assertThat(put(policies, Optional.empty()).value().usesRbac()).isFalse();
  }

  @Test
  void put_tooManyOrStrangeTags_isRefused() {
    Refused.with(
        ErrorCode.ARM_PROPERTY_INVALID, () -> put(Settings.of(estate).tags(Map.of("a/b", "1"))));
    Refused.with(
        ErrorCode.ARM_PROPERTY_INVALID,
        () -> put(Settings.of(estate).tags(Map.of("a", "x".repeat(257)))));
    Refused.with(
        ErrorCode.ARM_PROPERTY_INVALID, () -> put(Settings.of(estate).tags(Map.of("", "x"))));
  }

  @Test
  void patch_some_changesOnlyThose() {
    put(Settings.of(estate).tags(Map.of("a", "1")));

    Container vault =
        vaults.patch(
            estate.origin("VaultPatch"),
            estate.subscription,
            Estate.GROUP,
            NAME,
            Settings.none().purgeProtection(true).build(),
            Optional.empty());

    assertThat(vault.purgeProtection()).isTrue();
    assertThat(vault.tags()).isEqualTo(Map.of("a", "1"));
    Refused.with(
        ErrorCode.RESOURCE_NOT_FOUND,
        () ->
            vaults.patch(
                estate.origin("VaultPatch"),
                estate.subscription,
                Estate.GROUP,
                "none",
                Settings.none().build(),
                Optional.empty()));
  }

  @Test
  void delete_live_hidesItAndRemovesAssignmentsAtAndBelow() {
    Container vault = put(Settings.of(estate).retention(7)).value();
    RoleAssignment above =
        estate.assign(estate.alice, BuiltInRole.READER, Scopes.subscription(estate.subscription));
    estate.assign(estate.alice, BuiltInRole.KEY_VAULT_READER, vault.resourceId());
    estate.assign(
        estate.alice, BuiltInRole.KEY_VAULT_SECRETS_USER, vault.resourceId() + "/secrets/s");
    RoleAssignment neighbour =
        estate.assign(estate.alice, BuiltInRole.READER, vault.resourceId() + "-b");

    assertThat(delete()).isTrue();

    assertThat(vaults.find(ContainerKind.VAULT, NAME)).isEmpty();
    assertThat(vaults.list(estate.subscription)).isEmpty();
    assertThat(estate.store.rules(RuleKind.ROLE_ASSIGNMENT))
        .containsExactlyInAnyOrder(above, neighbour);
    Container deleted = vaults.deleted(estate.subscription, "West Europe", NAME, estate.now);
    assertThat(deleted.id()).isEqualTo(vault.id());
    assertThat(deleted.deleted()).contains(Instant.parse("2026-03-01T12:00:00Z"));
    assertThat(vaults.deleted(estate.subscription, estate.now)).containsExactly(deleted);
    DueRow due = estate.store.due(Instant.MAX, 10).getFirst();
    assertThat(due.kind()).isEqualTo("vault-purge");
    assertThat(due.subject()).isEqualTo(vault.id());
    assertThat(due.at()).isEqualTo(Instant.parse("2026-03-08T12:00:00Z"));
    assertThat(delete()).isFalse();
  }

  @Test
  void recover_deleted_bringsItBackWithObjectsAndWithoutAssignments() {
    Container vault = put(Settings.of(estate).retention(30)).value();
    object(vault);
    estate.assign(estate.alice, BuiltInRole.KEY_VAULT_READER, vault.resourceId());
    delete();

    Placed<Container> back = put(Settings.of(estate).recover());

    assertThat(back.created()).isFalse();
    assertThat(back.value().id()).isEqualTo(vault.id());
    assertThat(back.value().deleted()).isEmpty();
    assertThat(back.value().retentionDays()).isEqualTo(30);
    assertThat(estate.store.countObjects(vault.id())).isEqualTo(1);
    assertThat(estate.store.rules(RuleKind.ROLE_ASSIGNMENT)).isEmpty();
    assertThat(estate.store.due(Instant.MAX, 10)).isEmpty();
  }

  @Test
  void recover_whatCannotBe_isRefused() {
    Refused.with(ErrorCode.DELETED_VAULT_NOT_FOUND, () -> put(Settings.of(estate).recover()));
    put(Settings.of(estate).retention(7));
    delete();
    estate.groups.put(
        estate.origin("ResourceGroupPut"),
        estate.subscription,
        "Group2",
        Optional.of(Estate.LOCATION),
        Map.of());
    Refused.with(
        ErrorCode.DELETED_VAULT_NOT_FOUND,
        () ->
            vaults.put(
                estate.origin("VaultPut"),
                estate.subscription,
                "Group2",
                new ContainerName(NAME),
                Settings.of(estate).recover().build(),
                Optional.empty(),
                Optional.empty()));
    estate.pass(Duration.ofDays(7));
    Refused.with(ErrorCode.DELETED_VAULT_NOT_FOUND, () -> put(Settings.of(estate).recover()));
  }

  @Test
  void purge_deleted_leavesNothingOfIt() {
    Container vault = put(Settings.of(estate)).value();
    object(vault);
    issuerAndContacts(vault);
    delete();

    vaults.purge(estate.origin("VaultPurge"), estate.subscription, Estate.LOCATION, NAME);

    assertThat(estate.store.rules(RuleKind.CONTAINER)).isEmpty();
    assertThat(estate.store.keys()).isEmpty();
    assertThat(estate.store.countObjects(vault.id())).isZero();
    assertThat(estate.store.rules(RuleKind.CERTIFICATE_ISSUER)).isEmpty();
    assertThat(estate.store.rules(RuleKind.CERTIFICATE_CONTACTS)).isEmpty();
    assertThat(estate.store.due(Instant.MAX, 10)).isEmpty();
    Refused.with(
        ErrorCode.DELETED_VAULT_NOT_FOUND,
        () ->
            vaults.purge(estate.origin("VaultPurge"), estate.subscription, Estate.LOCATION, NAME));
    assertThat(put(Settings.of(estate)).value().id()).isNotEqualTo(vault.id());
  }

  private void issuerAndContacts(Container vault) {
    CertificateIssuer issuer =
        new CertificateIssuer(
            vault.id(),
            vault.id(),
            estate.barrier.newContainerKey(vault.id(), 1),
            "Ours",
            "DigiCert",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            true,
            estate.now,
            estate.now);
    estate.store.change(
        estate.origin("Setup"),
        JournalNote.none(),
        tx -> {
          tx.put(RuleKind.CERTIFICATE_ISSUER, issuer);
          tx.put(
              RuleKind.CERTIFICATE_CONTACTS, new CertificateContacts(vault.id(), List.of()));
          return null;
        });
  }

  @Test
  void purge_protectedOrLive_isRefused() {
    put(Settings.of(estate).purgeProtection(true));
    Refused.with(
        ErrorCode.DELETED_VAULT_NOT_FOUND,
        () ->
            vaults.purge(estate.origin("VaultPurge"), estate.subscription, Estate.LOCATION, NAME));
    delete();
    Refused.with(
        ErrorCode.VAULT_PURGE_PROTECTED,
        () ->
            vaults.purge(estate.origin("VaultPurge"), estate.subscription, Estate.LOCATION, NAME));
    Refused.with(
        ErrorCode.DELETED_VAULT_NOT_FOUND,
        () -> vaults.purge(estate.origin("VaultPurge"), estate.subscription, "eastus", NAME));
  }

  @Test
  void due_retentionPassed_purgesEvenAProtectedVaultOnce() {
    put(Settings.of(estate).purgeProtection(true).retention(7));
    delete();
    DueRow row = estate.store.due(Instant.MAX, 10).getFirst();
    VaultPurge work = new VaultPurge(estate.store, Randoms::id);
    estate.pass(Duration.ofDays(7));

    assertThat(work.run(row, estate.now).map(Origin::operation)).contains("VaultPurgeIfDue");

    assertThat(estate.store.rules(RuleKind.CONTAINER)).isEmpty();
    assertThat(estate.store.keys()).isEmpty();
    assertThat(work.run(row, estate.now)).isEmpty();
  }

  @Test
  void due_calledTooEarly_keepsTheVaultAndTheRow() {
    put(Settings.of(estate).retention(7));
    delete();
    DueRow row = estate.store.due(Instant.MAX, 10).getFirst();
    long before = estate.store.journalHead();
    VaultPurge work = new VaultPurge(estate.store, Randoms::id);

    assertThat(work.run(row, row.at().minusMillis(1))).isEmpty();

    assertThat(estate.store.due(Instant.MAX, 10)).containsExactly(row);
    assertThat(estate.store.journalHead()).isEqualTo(before);
    assertThat(vaults.deleted(estate.subscription, estate.now)).hasSize(1);
    assertThat(work.run(row, row.at())).isPresent();
  }

  @Test
  void due_recoveredAndDeletedAgain_leavesTheNewerWorkAlone() {
    put(Settings.of(estate).retention(7));
    delete();
    DueRow first = estate.store.due(Instant.MAX, 10).getFirst();
    put(Settings.of(estate).recover());
    estate.pass(Duration.ofDays(1));
    delete();
    estate.pass(Duration.ofDays(6));

    assertThat(new VaultPurge(estate.store, Randoms::id).run(first, estate.now)).isEmpty();
    assertThat(vaults.deleted(estate.subscription, estate.now)).hasSize(1);
  }

  @Test
  void deleted_retentionPassedButNotYetPurged_isGoneAndItsNameIsFree() {
    Container old = put(Settings.of(estate).retention(7)).value();
    object(old);
    delete();
    estate.pass(Duration.ofDays(7));

    assertThat(vaults.deleted(estate.subscription, estate.now)).isEmpty();
    assertThat(vaults.check(NAME, estate.now).refusal()).isEmpty();
    Placed<Container> fresh = put(Settings.of(estate));
    assertThat(fresh.created()).isTrue();
    assertThat(estate.store.rules(RuleKind.CONTAINER)).containsExactly(fresh.value());
    assertThat(estate.store.countObjects(old.id())).isZero();
    assertThat(estate.store.keys()).hasSize(1);
  }

  @Test
  void check_saysWhyANameCannotBeHad() {
    assertThat(vaults.check("1bad", estate.now).refusal()).contains(ErrorCode.VAULT_NAME_NOT_VALID);
    assertThat(vaults.check(NAME, estate.now).refusal()).isEmpty();
    put(Settings.of(estate));
    assertThat(vaults.check("VAULT-one", estate.now).refusal())
        .contains(ErrorCode.VAULT_ALREADY_EXISTS);
    delete();
    assertThat(vaults.check(NAME, estate.now).refusal()).contains(ErrorCode.VAULT_ALREADY_EXISTS);
  }

  @Test
  void changePolicies_mergesPerTenantObjectAndApplication() {
    put(Settings.of(estate).rbac(Optional.of(false)).policies(List.of()));
    Id alice = estate.alice.objectId();
    Id app = estate.bob.appId().orElseThrow();

    change(Vaults.PolicyChange.ADD, policy(alice, Optional.empty(), "get"));
    change(Vaults.PolicyChange.ADD, policy(alice, Optional.empty(), "list", "get"));
    assertThat(change(Vaults.PolicyChange.ADD, policy(alice, Optional.of(app), "set")))
        .containsExactly(
            policy(alice, Optional.empty(), "get", "list"), policy(alice, Optional.of(app), "set"));
    assertThat(change(Vaults.PolicyChange.REPLACE, policy(alice, Optional.empty(), "all")))
        .containsExactly(
            policy(alice, Optional.empty(), "all"), policy(alice, Optional.of(app), "set"));
    assertThat(change(Vaults.PolicyChange.REMOVE, policy(alice, Optional.of(app), "set")))
        .containsExactly(policy(alice, Optional.empty(), "all"));
    assertThat(change(Vaults.PolicyChange.REMOVE, policy(alice, Optional.empty(), "get", "set")))
        .containsExactly(
            policy(alice, Optional.empty(), "list", "delete", "backup", "restore", "recover"));
    assertThat(change(Vaults.PolicyChange.REMOVE, policy(alice, Optional.empty(), "all")))
        .isEmpty();
    assertThat(change(Vaults.PolicyChange.REMOVE, policy(alice, Optional.empty(), "all")))
        .isEmpty();
  }

  @Test
  void changePolicies_entryOfAnotherTenant_isRefused() {
    put(Settings.of(estate).rbac(Optional.of(false)).policies(List.of()));

    Refused.with(
        ErrorCode.ARM_PROPERTY_INVALID,
        () ->
            change(
                Vaults.PolicyChange.ADD,
                new AccessPolicy(
                    estate.otherTenant,
                    estate.alice.objectId(),
                    Optional.empty(),
                    List.of(),
                    List.of("get"),
                    List.of(),
                    List.of())));
  }

  @Test
  void list_byGroupAndSubscription_isInOrderOfNames() {
    estate.vault("bbb");
    estate.vault("aaa");

    assertThat(vaults.list(estate.subscription))
        .extracting(Container::name)
        .containsExactly("aaa", "bbb");
    assertThat(vaults.list(estate.subscription, "group1")).hasSize(2);
    assertThat(vaults.list(estate.otherSubscription)).isEmpty();
    Refused.with(
        ErrorCode.RESOURCE_GROUP_NOT_FOUND, () -> vaults.list(estate.subscription, "none"));
    Refused.with(ErrorCode.SUBSCRIPTION_NOT_FOUND, () -> vaults.list(Randoms.guid()));
  }

  @Test
  void groups_withVaults_areKeptUntilTheyAreEmpty() {
    put(Settings.of(estate));
    String scope = Scopes.resourceGroup(estate.subscription, Estate.GROUP);
    estate.assign(estate.alice, BuiltInRole.READER, scope);

    Refused.with(
        ErrorCode.RESOURCE_GROUP_NOT_EMPTY,
        () ->
            estate.groups.delete(
                estate.origin("ResourceGroupDelete"), estate.subscription, Estate.GROUP));
    delete();
    estate.groups.delete(estate.origin("ResourceGroupDelete"), estate.subscription, "GROUP1");
    assertThat(estate.groups.list(estate.subscription)).isEmpty();
    assertThat(estate.store.rules(RuleKind.ROLE_ASSIGNMENT)).isEmpty();
    Refused.with(ErrorCode.RESOURCE_GROUP_NOT_FOUND, () -> put(Settings.of(estate).recover()));
  }

  @Test
  void groups_put_isIdempotentAndKeepsItsLocation() {
    Placed<?> first =
        estate.groups.put(
            estate.origin("ResourceGroupPut"),
            estate.subscription,
            "New",
            Optional.of("eastus"),
            Map.of());
    Placed<?> second =
        estate.groups.put(
            estate.origin("ResourceGroupPut"),
            estate.subscription,
            "NEW",
            Optional.of("eastus"),
            Map.of("a", "b"));

    assertThat(first.created()).isTrue();
    assertThat(second.created()).isFalse();
    assertThat(estate.groups.get(estate.subscription, "new").name()).isEqualTo("New");
    assertThat(estate.groups.get(estate.subscription, "new").tags()).isEqualTo(Map.of("a", "b"));
    Refused.with(
        ErrorCode.RESOURCE_GROUP_LOCATION,
        () ->
            estate.groups.put(
                estate.origin("ResourceGroupPut"),
                estate.subscription,
                "new",
                Optional.of("westus"),
                Map.of()));
    Refused.with(
        ErrorCode.ARM_PROPERTY_INVALID,
        () ->
            estate.groups.put(
                estate.origin("ResourceGroupPut"),
                estate.subscription,
                "dot.",
                Optional.of("westus"),
                Map.of()));
  }

  private List<AccessPolicy> change(Vaults.PolicyChange change, AccessPolicy policy) {
    return vaults
        .changePolicies(
            estate.origin("VaultAccessPolicies"),
            estate.subscription,
            Estate.GROUP,
            NAME,
            change,
            List.of(policy))
        .accessPolicies();
  }

  private AccessPolicy policy(Id object, Optional<Id> application, String... secrets) {
    return new AccessPolicy(
        estate.tenant, object, application, List.of(), List.of(secrets), List.of(), List.of());
  }

  private void object(Container vault) {
    estate.store.change(
        estate.origin("SecretSet"),
        JournalNote.container(vault.id()),
        tx ->
            tx.insert(
                new ObjectRow(
                    Randoms.id(),
                    vault.id(),
                    Collection.SECRETS,
                    "s",
                    estate.barrier.newContainerKey(vault.id(), 1),
                    0,
                    false,
                    estate.now)));
  }

  private boolean delete() {
    return vaults.delete(estate.origin("VaultDelete"), estate.subscription, Estate.GROUP, NAME);
  }

  private Placed<Container> put(Settings settings) {
    return put(settings.build(), Optional.empty());
  }

  private Placed<Container> put(VaultSettings settings, Optional<VaultException> modelChange) {
    return vaults.put(
        estate.origin("VaultPut"),
        estate.subscription,
        Estate.GROUP,
        new ContainerName(NAME),
        settings,
        Optional.empty(),
        modelChange);
  }
}
