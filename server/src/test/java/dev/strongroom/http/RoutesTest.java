package dev.strongroom.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.api.Answer;
import dev.strongroom.api.Handler;
import dev.strongroom.model.Operation;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoutesTest {
  private static final String S = "/subscriptions/33333333-3333-3333-3333-333333333333";
  private final Routes routes = all();

  private static Routes all() {
    Map<Operation, Handler> handlers = new EnumMap<>(Operation.class);
    for (Operation operation : Operation.values()) {
      handlers.put(operation, call -> Answer.empty(200));
    }
    List<Route> routes = new ArrayList<>(DataRoutes.of(handlers));
    routes.addAll(ControlRoutes.of(handlers));
    routes.addAll(LoginRoutes.of(handlers));
    return Routes.of(routes);
  }

  private Routes.Match find(Role role, String method, String path) {
    return routes.find(role, method, Target.parse(path).segments());
  }

  private Routes.Found found(Role role, String method, String path) {
    Routes.Match match = find(role, method, path);
    assertThat(match).isInstanceOf(Routes.Found.class);
    return (Routes.Found) match;
  }

  @Test
  void table_controlRoutes_haveAScopeOfTheirOwnVariables() {
    for (Route route : routes.all()) {
      boolean scoped = route.operation().plane() == Operation.Plane.CONTROL;
      assertThat(!route.scope().isEmpty()).as(route.toString()).isEqualTo(scoped);
      Pattern.compile("\\{(\\w+)}")
          .matcher(route.scope())
          .results()
          .forEach(
              variable ->
                  assertThat(route.path().toString())
                      .containsAnyOf(
                          "{" + variable.group(1) + "}", "{" + variable.group(1) + "*}"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/secrets/a", "/secrets/a/", "/secrets/a//"})
  void secret_versionEmptyOrLeftOut_meansLatest(String path) {
    Routes.Found found = found(Role.VAULT, "GET", path);
    assertThat(found.route().operation()).isEqualTo(Operation.SECRET_GET);
    assertThat(found.variables()).isEqualTo(Map.of("name", "a"));
    assertThat(found(Role.VAULT, "PATCH", path).route().operation())
        .isEqualTo(Operation.SECRET_UPDATE);
  }

  @ParameterizedTest
  @CsvSource({
    "GET,/secrets,SECRET_LIST",
    "GET,/secrets/,SECRET_LIST",
    "GET,/secrets/a/versions,SECRET_LIST_VERSIONS",
    "GET,/secrets/a/versions/,SECRET_LIST_VERSIONS",
    "GET,/secrets/restore,SECRET_GET",
    "POST,/secrets/restore,SECRET_RESTORE",
    "PUT,/secrets/restore,SECRET_SET",
    "PUT,/secrets/a/,SECRET_SET",
    "DELETE,/secrets/a,SECRET_DELETE",
    "PATCH,/secrets/a/versions,SECRET_UPDATE",
    "POST,/secrets/a/backup,SECRET_BACKUP",
    "GET,/secrets/a/0123,SECRET_GET",
    "GET,/deletedsecrets,SECRET_LIST_DELETED",
    "GET,/deletedsecrets/a,SECRET_GET_DELETED",
    "DELETE,/deletedsecrets/a,SECRET_PURGE",
    "POST,/deletedsecrets/a/recover,SECRET_RECOVER",
    "GET,/keys/a/,KEY_GET",
    "GET,/keys/restore,KEY_GET",
    "PUT,/keys/a,KEY_IMPORT",
    "POST,/keys/a/create,KEY_CREATE",
    "POST,/keys/restore,KEY_RESTORE",
    "POST,/keys/restore/create,KEY_CREATE",
    "POST,/keys/a/sign,KEY_SIGN",
    "POST,/keys/a//sign,KEY_SIGN",
    "POST,/keys/a/0123/sign,KEY_SIGN",
    "POST,/keys/a/0123/sign/,KEY_SIGN",
    "POST,/keys/a/unwrapkey,KEY_UNWRAP",
    "GET,/keys/a/rotationpolicy,KEY_ROTATION_POLICY_GET",
    "GET,/keys/a/attestation,KEY_GET_ATTESTATION",
    "GET,/keys/a//attestation,KEY_GET_ATTESTATION",
    "PATCH,/keys/a/rotate,KEY_UPDATE",
    "GET,/keys/a/versions,KEY_LIST_VERSIONS",
    "DELETE,/deletedkeys/a,KEY_PURGE",
    "GET,/certificates/a/,CERTIFICATE_GET",
    "GET,/certificates/contacts,CERTIFICATE_CONTACTS_GET",
    "DELETE,/certificates/contacts,CERTIFICATE_CONTACTS_DELETE",
    "GET,/certificates/issuers/,CERTIFICATE_ISSUERS_LIST",
    "GET,/certificates/issuers/a,CERTIFICATE_ISSUER_GET",
    "PATCH,/certificates/issuers/a,CERTIFICATE_ISSUER_UPDATE",
    "GET,/certificates/a/pending,CERTIFICATE_PENDING_GET",
    "PATCH,/certificates/a/pending,CERTIFICATE_PENDING_UPDATE",
    "GET,/certificates/a/policy,CERTIFICATE_POLICY_GET",
    "PATCH,/certificates/a/policy,CERTIFICATE_POLICY_UPDATE",
    "PATCH,/certificates/a/0123,CERTIFICATE_UPDATE",
    "POST,/certificates/restore,CERTIFICATE_RESTORE",
    "POST,/certificates/a/pending/merge,CERTIFICATE_PENDING_MERGE",
  })
  void object_paths_findTheirOperation(String method, String path, Operation operation) {
    assertThat(found(Role.VAULT, method, path).route().operation()).isEqualTo(operation);
  }

  @ParameterizedTest
  @CsvSource({
    "PUT,/secrets/,GET",
    "PUT,/secrets,GET",
    "PUT,/secrets/a/b,'GET, PATCH'",
    "POST,/secrets/a,'DELETE, GET, PATCH, PUT'",
    "get,/secrets,GET",
    "HEAD,/secrets/a,'DELETE, GET, PATCH, PUT'",
  })
  void secret_wrongMethod_namesTheRightOnes(String method, String path, String allow) {
    assertThat(find(Role.VAULT, method, path)).isEqualTo(new Routes.WrongMethod(allow, false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/", "/Secrets", "/secrets//a", "/secrets/a/b/c", "/nothing", "//secrets"})
  void secret_otherPaths_areUnknown(String path) {
    assertThat(find(Role.VAULT, "GET", path)).isEqualTo(new Routes.Unknown());
  }

  @Test
  void secret_escapes_areDecodedPerSegment() {
    assertThat(found(Role.VAULT, "GET", "/secrets/a%2Fb").variables())
        .isEqualTo(Map.of("name", "a/b"));
    assertThat(found(Role.VAULT, "GET", "/secrets/%61").variables()).isEqualTo(Map.of("name", "a"));
  }

  @ParameterizedTest
  @CsvSource({
    "GET,/subscriptions,SUBSCRIPTION_LIST,/",
    "GET,/SUBSCRIPTIONS/s1,SUBSCRIPTION_GET,/subscriptions/s1",
    "GET,/subscriptions/s1/resourcegroups/g,RESOURCE_GROUP_GET,/subscriptions/s1/resourceGroups/g",
    "HEAD,/subscriptions/s1/resourceGroups/g,RESOURCE_GROUP_GET,"
        + "/subscriptions/s1/resourceGroups/g",
    "PUT,/subscriptions/s1/resourceGroups/g/providers/microsoft.keyvault//vaults/v/,VAULT_PUT,"
        + "/subscriptions/s1/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v",
    "POST,/subscriptions/s1/providers/Microsoft.KeyVault/locations/l/deletedVaults/v/purge,"
        + "VAULT_PURGE,/subscriptions/s1",
    "GET,/subscriptions/s1/providers/Microsoft.KeyVault/vaults,VAULT_LIST,/subscriptions/s1",
    "GET,/subscriptions/s1/providers/Microsoft.KeyVault,PROVIDER_LIST,/subscriptions/s1",
    "GET,/providers/Microsoft.Authorization/roleDefinitions,ROLE_DEFINITION_LIST,/",
    "PUT,/providers/Microsoft.Authorization/roleAssignments/n,ROLE_ASSIGNMENT_PUT,/",
    "DELETE,/subscriptions/s1/providers/Microsoft.Authorization/roleAssignments/n,"
        + "ROLE_ASSIGNMENT_DELETE,/subscriptions/s1",
    "GET,/subscriptions/s1/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/secrets/x"
        + "/providers/Microsoft.Authorization/roleAssignments,ROLE_ASSIGNMENT_LIST,"
        + "/subscriptions/s1/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/secrets/x",
    "PUT,/subscriptions/s1/resourcegroups/g/providers/Microsoft.KeyVault//vaults/v/providers/"
        + "Microsoft.Authorization/locks/l,LOCK_PUT,"
        + "/subscriptions/s1/resourcegroups/g/providers/Microsoft.KeyVault/vaults/v",
    "GET,/strongroom/applications/a,APPLICATION_GET,/",
  })
  void management_paths_findTheirOperationAndScope(
      String method, String path, Operation operation, String scope) {
    Routes.Found found = found(Role.MANAGEMENT, method, path);
    assertThat(found.route().operation()).isEqualTo(operation);
    assertThat(found.route().scope(found.variables())).isEqualTo(scope);
  }

  @Test
  void management_escapedSlash_isNoSeparator() {
    String path = S + "%2FresourceGroups%2Fg/providers/Microsoft.Authorization/roleAssignments";
    assertThat(find(Role.MANAGEMENT, "GET", path)).isEqualTo(new Routes.Unknown());
  }

  @Test
  void management_metadata_isOpen() {
    assertThat(find(Role.MANAGEMENT, "GET", "/metadata/endpoints").isOpen()).isTrue();
    assertThat(find(Role.MANAGEMENT, "PUT", "/metadata/endpoints").isOpen()).isTrue();
    assertThat(find(Role.MANAGEMENT, "GET", "/subscriptions").isOpen()).isFalse();
    assertThat(find(Role.MANAGEMENT, "GET", "/nothing").isOpen()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "POST,/t/oauth2/v2.0/token,SIGN_IN",
    "POST,/adfs/oauth2/token/,SIGN_IN",
    "GET,/t/v2.0/.well-known/openid-configuration,DISCOVERY",
    "GET,/adfs/.well-known/openid-configuration,DISCOVERY",
    "GET,/common/discovery/instance,DISCOVERY",
    "GET,/t/discovery/v2.0/keys,DISCOVERY",
  })
  void login_paths_findTheirOperation(String method, String path, Operation operation) {
    assertThat(found(Role.LOGIN, method, path).route().operation()).isEqualTo(operation);
  }
}
