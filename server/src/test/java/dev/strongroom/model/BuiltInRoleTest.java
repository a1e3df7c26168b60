package dev.strongroom.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class BuiltInRoleTest {
  @ParameterizedTest
  @EnumSource
  void find_byItsId_isTheRole(BuiltInRole role) {
    assertThat(BuiltInRole.find(role.id())).contains(role);
  }

  @Test
  void rows_haveIdsAndTitlesOfTheirOwn() {
    Set<Id> ids = new HashSet<>();
    Set<String> titles = new HashSet<>();
    for (BuiltInRole role : BuiltInRole.values()) {
      assertThat(ids.add(role.id())).as(role.name()).isTrue();
      assertThat(titles.add(role.title())).as(role.name()).isTrue();
      assertThat(role.description()).as(role.name()).endsWith(".");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "*, Microsoft.KeyVault/vaults/write, true",
    "*, Strongroom.Directory/applications/write, true",
    "*/read, Microsoft.KeyVault/vaults/read, true",
    "*/read, Microsoft.KeyVault/vaults/write, false",
    "*/read, Microsoft.KeyVault/vaults/readMore, false",
    "Microsoft.KeyVault/*, microsoft.keyvault/vaults/write, true",
    "Microsoft.KeyVault/*, Microsoft.KeyVaultX/vaults/write, false",
    "Microsoft.Authorization/*/read, Microsoft.Authorization/locks/read, true",
    "Microsoft.Authorization/*/read, Microsoft.Authorization/a/b/read, true",
    "Microsoft.Authorization/*/Write, Microsoft.Authorization/roleAssignments/write, true",
    "Microsoft.KeyVault/vaults/*/read, Microsoft.KeyVault/vaults/read, true",
    "Microsoft.KeyVault/vaults/*/read, Microsoft.KeyVault/vaultsX/read, false",
    "Microsoft.KeyVault/vaults/secrets/*, Microsoft.KeyVault/vaults/secrets, false",
    "Microsoft.KeyVault/vaults/secrets/delete, Microsoft.KeyVault/vaults/secrets/delete, true",
    "Microsoft.KeyVault/vaults/secrets/delete, Microsoft.KeyVault/vaults/secrets/deleted, false",
    "a*b*c, aXbYbZc, true",
    "a*b*c, aXbYbZ, false",
    "a.c, abc, false",
  })
  void matches_treatsStarAsAnyTextAndNothingElse(String pattern, String action, boolean expected) {
    assertThat(BuiltInRole.matches(pattern, action)).isEqualTo(expected);
  }

  @Test
  void allows_owner_isEveryControlActionAndNoData() {
    assertThat(controlActions()).allMatch(BuiltInRole.OWNER::allows);
    assertThat(dataOperations()).noneMatch(op -> BuiltInRole.OWNER.allows(op, ContainerKind.VAULT));
  }

  @Test
  void allows_contributor_neverReachesAccessOrCredentials() {
    assertThat(BuiltInRole.CONTRIBUTOR.allows("Microsoft.KeyVault/vaults/write")).isTrue();
    assertThat(BuiltInRole.CONTRIBUTOR.allows("Microsoft.Authorization/roleAssignments/read"))
        .isTrue();
    assertThat(
            Stream.of(
                Operation.ROLE_ASSIGNMENT_PUT,
                Operation.ROLE_ASSIGNMENT_DELETE,
                Operation.LOCK_PUT,
                Operation.LOCK_DELETE,
                Operation.APPLICATION_CREATE,
                Operation.APPLICATION_SECRET_ADD,
                Operation.APPLICATION_FEDERATE))
        .noneMatch(op -> BuiltInRole.CONTRIBUTOR.allows(op.action(ContainerKind.VAULT)));
  }

  @Test
  void allows_reader_isExactlyWhatEndsInRead() {
    assertThat(controlActions())
        .allSatisfy(
            action ->
                assertThat(BuiltInRole.READER.allows(action))
                    .as(action)
                    .isEqualTo(action.endsWith("/read")));
  }

  @Test
  void allows_userAccessAdministrator_changesAccessAndNothingElse() {
    assertThat(BuiltInRole.USER_ACCESS_ADMINISTRATOR.allows("Microsoft.KeyVault/vaults/read"))
        .isTrue();
    assertThat(
            BuiltInRole.USER_ACCESS_ADMINISTRATOR.allows(
                "Microsoft.Authorization/roleAssignments/write"))
        .isTrue();
    assertThat(BuiltInRole.USER_ACCESS_ADMINISTRATOR.allows("Microsoft.KeyVault/vaults/write"))
        .isFalse();
  }

  @Test
  void allows_vaultContributor_managesButDoesNotPurge() {
    assertThat(BuiltInRole.KEY_VAULT_CONTRIBUTOR.allows("Microsoft.KeyVault/vaults/write"))
        .isTrue();
    assertThat(
            BuiltInRole.KEY_VAULT_CONTRIBUTOR.allows(
                "Microsoft.KeyVault/locations/deletedVaults/purge/action"))
        .isFalse();
    assertThat(
            BuiltInRole.KEY_VAULT_PURGE_OPERATOR.allows(
                "Microsoft.KeyVault/locations/deletedVaults/purge/action"))
        .isTrue();
  }

  @Test
  void allows_administratorAndSecretsOfficer_areEverySecretOperation() {
    for (Operation operation : dataOperations().toList()) {
      assertThat(BuiltInRole.KEY_VAULT_ADMINISTRATOR.allows(operation, ContainerKind.VAULT))
          .as(operation.name())
          .isTrue();
      assertThat(BuiltInRole.KEY_VAULT_SECRETS_OFFICER.allows(operation, ContainerKind.VAULT))
          .as(operation.name())
          .isEqualTo(operation.collection().orElseThrow() == Collection.SECRETS);
      assertThat(BuiltInRole.KEY_VAULT_ADMINISTRATOR.allows(operation, ContainerKind.MANAGED_HSM))
          .as(operation.name())
          .isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "SECRET_GET, true, false, true",
    "SECRET_LIST, true, true, true",
    "SECRET_LIST_VERSIONS, true, true, true",
    "SECRET_LIST_DELETED, true, true, true",
    "SECRET_GET_DELETED, true, true, true",
    "SECRET_SET, false, false, false",
    "SECRET_UPDATE, false, false, false",
    "SECRET_DELETE, false, false, false",
    "SECRET_RECOVER, false, false, false",
    "SECRET_PURGE, false, false, false",
    "SECRET_BACKUP, false, false, false",
    "SECRET_RESTORE, false, false, false",
  })
  void allows_readingRoles_areAsDocumented(
      Operation operation, boolean user, boolean reader, boolean certificateUser) {
    assertThat(BuiltInRole.KEY_VAULT_SECRETS_USER.allows(operation, ContainerKind.VAULT))
        .isEqualTo(user);
    assertThat(BuiltInRole.KEY_VAULT_READER.allows(operation, ContainerKind.VAULT))
        .isEqualTo(reader);
    assertThat(BuiltInRole.KEY_VAULT_CERTIFICATE_USER.allows(operation, ContainerKind.VAULT))
        .isEqualTo(certificateUser);
    assertThat(BuiltInRole.KEY_VAULT_CRYPTO_OFFICER.allows(operation, ContainerKind.VAULT))
        .isFalse();
  }

  @Test
  void allows_cryptoOfficer_isEveryKeyOperationAndNoOther() {
    for (Operation operation : dataOperations().toList()) {
      assertThat(BuiltInRole.KEY_VAULT_CRYPTO_OFFICER.allows(operation, ContainerKind.VAULT))
          .as(operation.name())
          .isEqualTo(operation.collection().orElseThrow() == Collection.KEYS);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "KEY_GET, true, true, false, true",
    "KEY_LIST, true, true, false, true",
    "KEY_LIST_VERSIONS, true, true, false, true",
    "KEY_LIST_DELETED, true, true, false, true",
    "KEY_GET_DELETED, true, true, false, true",
    "KEY_UPDATE, true, false, false, false",
    "KEY_BACKUP, true, false, false, false",
    "KEY_ENCRYPT, true, false, false, false",
    "KEY_DECRYPT, true, false, false, false",
    "KEY_SIGN, true, false, false, false",
    "KEY_VERIFY, true, false, false, false",
    "KEY_WRAP, true, true, false, false",
    "KEY_UNWRAP, true, true, false, false",
    "KEY_RELEASE, false, false, true, false",
    "KEY_CREATE, false, false, false, false",
    "KEY_IMPORT, false, false, false, false",
    "KEY_DELETE, false, false, false, false",
    "KEY_RECOVER, false, false, false, false",
    "KEY_PURGE, false, false, false, false",
    "KEY_RESTORE, false, false, false, false",
    "KEY_ROTATE, false, false, false, false",
    "KEY_ROTATION_POLICY_GET, false, false, false, true",
    "KEY_ROTATION_POLICY_SET, false, false, false, false",
  })
  void allows_rolesThatUseKeys_areAsDocumented(
      Operation operation, boolean user, boolean encryption, boolean release, boolean reader) {
    assertThat(BuiltInRole.KEY_VAULT_CRYPTO_USER.allows(operation, ContainerKind.VAULT))
        .isEqualTo(user);
    assertThat(
            BuiltInRole.KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER.allows(
                operation, ContainerKind.VAULT))
        .isEqualTo(encryption);
    assertThat(
            BuiltInRole.KEY_VAULT_CRYPTO_SERVICE_RELEASE_USER.allows(
                operation, ContainerKind.VAULT))
        .isEqualTo(release);
    assertThat(BuiltInRole.KEY_VAULT_READER.allows(operation, ContainerKind.VAULT))
        .isEqualTo(reader);
  }

  @Test
  void condition_isOnTheDataAccessAdministratorAlone() {
    assertThat(BuiltInRole.values())
        .filteredOn(role -> role.condition().isPresent())
        .containsExactly(BuiltInRole.KEY_VAULT_DATA_ACCESS_ADMINISTRATOR);
  }

  private static Stream<String> controlActions() {
    return Arrays.stream(Operation.values())
        .filter(op -> op.plane() == Operation.Plane.CONTROL)
        .map(op -> op.action(ContainerKind.VAULT))
        .filter(action -> !action.isEmpty());
  }

  private static Stream<Operation> dataOperations() {
    return Arrays.stream(Operation.values()).filter(op -> op.plane() == Operation.Plane.DATA);
  }
}
