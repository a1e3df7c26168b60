package dev.strongroom.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.VaultException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class TokenEndpointTest {
  private final World world = new World();

  @Test
  void issue_bySecret_isATokenOfTheV1Form() {
    Granted granted = world.login();

    assertThat(World.header(granted.accessToken()).toString())
        .contains("\"typ\":\"JWT\"", "\"alg\":\"RS256\"", "\"kid\":\"");
    ObjectNode claims = World.claims(granted.accessToken());
    long now = world.now.getEpochSecond();
    String issuer = "https://sts.localhost/" + world.tenant.id().guid() + "/";
    assertThat(claims.get("aud").stringValue()).isEqualTo(World.VAULT);
    assertThat(claims.get("iss").stringValue()).isEqualTo(issuer);
    assertThat(claims.get("idp").stringValue()).isEqualTo(issuer);
    assertThat(claims.get("iat").longValue()).isEqualTo(now);
    assertThat(claims.get("nbf").longValue()).isEqualTo(now);
    assertThat(claims.get("exp").longValue()).isEqualTo(now + 3600);
    assertThat(claims.get("appid").stringValue()).isEqualTo(world.application.appId().guid());
    assertThat(claims.get("appidacr").stringValue()).isEqualTo("1");
    assertThat(claims.get("idtyp").stringValue()).isEqualTo("app");
    assertThat(claims.get("oid").stringValue())
        .isEqualTo(world.application.objectId().guid());
    assertThat(claims.get("sub")).isEqualTo(claims.get("oid"));
    assertThat(claims.get("tid").stringValue()).isEqualTo(world.tenant.id().guid());
    assertThat(claims.get("ver").stringValue()).isEqualTo("1.0");
    assertThat(claims.get("uti").stringValue()).hasSize(22);
    assertThat(granted.lifetime()).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void issue_notesWhoAndHow_neverTheSecret() {
    world.login();

    assertThat(world.notes)
        .containsEntry("clientId", world.application.appId().guid())
        .containsEntry("grantType", "client_credentials")
        .containsEntry("tenantId", world.tenant.id().guid())
        .containsEntry("audience", "vault")
        .containsEntry("credentialType", "secret")
        .containsEntry("credentialId", world.secret.keyId().guid())
        .containsKey("uti");
    assertThat(world.notes.values()).noneMatch(value -> value.contains(world.secretText));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://vault.localhost/.default",
        "https://vault.localhost//.default",
        "https://vault.localhost:8443/.default",
        "https://vault.localhost:8443//.default",
        "HTTPS://VAULT.localhost/.default",
        "https://vault.localhost/.default openid profile offline_access",
        "openid https://vault.localhost/.default",
        " https://vault.localhost/.default  email ",
        "https://localhost:8443/.default",
        "cfa8b339-82a2-471a-a3c9-0fc0be7a4093/.default"
      })
  void issue_scopeSpellings_areTheVault(String scope) {
    Granted granted = world.request().scope(scope).issue();

    world.tokens.verify(
        granted.accessToken(),
        Audience.VAULT,
        Optional.of(world.tenant.id()),
        world.now);
  }

  @Test
  void issue_scopeWithTwoSlashes_keepsOneInTheAudience() {
    Granted granted = world.request().scope("https://management.localhost:8443//.default").issue();

    assertThat(granted.resource()).isEqualTo("https://management.localhost:8443/");
    assertThat(world.notes).containsEntry("audience", "management");
  }

  @Test
  void issue_aliasAsResource_namesTheVaultInTheToken() {
    Granted granted = world.request().resource("https://localhost:8443").issue();

    assertThat(granted.resource()).isEqualTo(World.VAULT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://vault.azure.net/.default",
        "http://vault.localhost/.default",
        "https://kv1.vault.localhost/.default",
        "https://vault.localhost.evil.test/.default",
        "https://vault.localhost/.default/.default",
        "https://user@vault.localhost/.default",
        "https://vault.localhost/path/.default",
        "https://vault.localhost?x/.default",
        "https://127.0.0.1/.default",
        "vault.localhost/.default",
        "/.default"
      })
  void issue_unknownResource_isRefused(String scope) {
    assertThat(refusal(world.request().scope(scope)).code())
        .isEqualTo(ErrorCode.OAUTH_RESOURCE_UNKNOWN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://vault.localhost/user_impersonation",
        "https://vault.localhost",
        "openid",
        "https://vault.localhost/.default https://management.localhost/.default"
      })
  void issue_scopeThatIsNotOneDefault_isRefused(String scope) {
    assertThat(refusal(world.request().scope(scope)).code())
        .isEqualTo(ErrorCode.OAUTH_SCOPE_INVALID);
  }

  @ParameterizedTest
  @ValueSource(strings = {"test.example", "TEST.example", "adfs", "organizations", "common"})
  void issue_tenantSpellings_areTheTenant(String spelled) {
    assertThat(world.request().tenant(spelled).issue().tenant()).isEqualTo(world.tenant.id());
  }

  @Test
  void issue_commonWithTwoTenants_isRefused_adfsIsTheOldest() {
    world.now = world.now.plusSeconds(1);
    world.otherTenant();

    assertThat(refusal(world.request().tenant("common")).code())
        .isEqualTo(ErrorCode.OAUTH_TENANT_UNKNOWN);
    assertThat(world.request().tenant("adfs").issue().tenant()).isEqualTo(world.tenant.id());
  }

  @Test
  void issue_inAnotherTenant_isAnUnknownClient() {
    String other = world.otherTenant().guid();

    assertThat(refusal(world.request().tenant(other)).code())
        .isEqualTo(ErrorCode.OAUTH_CLIENT_UNKNOWN);
  }

  @Test
  void issue_unknownTenant_isRefused() {
    assertThat(refusal(world.request().tenant("nobody.example")).code())
        .isEqualTo(ErrorCode.OAUTH_TENANT_UNKNOWN);
    assertThat(refusal(world.request().tenant("00000000-0000-0000-0000-000000000000")).code())
        .isEqualTo(ErrorCode.OAUTH_TENANT_UNKNOWN);
  }

  @Test
  void issue_wrongSecret_isRefusedWithoutSayingIt() {
    String wrong = world.secretText.substring(1) + "x";

    VaultException refused = refusal(world.request().secret(wrong));

    assertThat(refused.code()).isEqualTo(ErrorCode.OAUTH_SECRET_INVALID);
    assertThat(refused).hasMessageNotContaining(wrong);
    assertThat(world.notes).containsKey("clientId").doesNotContainKey("credentialId");
  }

  @Test
  void issue_secretOfAnotherApplication_isRefused() {
    Id other =
        world.applications.create(world.tenant.id(), "other", world.origin()).appId();

    assertThat(refusal(world.request().client(other.guid())).code())
        .isEqualTo(ErrorCode.OAUTH_SECRET_INVALID);
  }

  @Test
  void issue_unknownClient_isRefused() {
    assertThat(refusal(world.request().client(Id.of(new byte[16]).guid())).code())
        .isEqualTo(ErrorCode.OAUTH_CLIENT_UNKNOWN);
    assertThat(refusal(world.request().client("nonsense")).code())
        .isEqualTo(ErrorCode.OAUTH_CLIENT_UNKNOWN);
  }

  @Test
  void issue_secretPastItsEnd_isRefused() {
    world.now = world.now.plus(Duration.ofDays(30));

    assertThat(refusal(world.request()).code()).isEqualTo(ErrorCode.OAUTH_SECRET_EXPIRED);
  }

  @Test
  void issue_removedSecret_isRefused() {
    world.applications.removeSecret(
        world.tenant.id(),
        world.application.objectId(),
        world.secret.keyId(),
        world.origin());

    assertThat(refusal(world.request()).code()).isEqualTo(ErrorCode.OAUTH_SECRET_INVALID);
  }

  @Test
  void issue_disabledApplication_isRefused_onlyToWhoKnowsTheSecret() {
    world.applications.setEnabled(
        world.tenant.id(), world.application.objectId(), false, world.origin());

    assertThat(refusal(world.request()).code()).isEqualTo(ErrorCode.OAUTH_CLIENT_DISABLED);
    assertThat(refusal(world.request().secret("wrong")).code())
        .isEqualTo(ErrorCode.OAUTH_SECRET_INVALID);
  }

  @Test
  void issue_otherGrant_isRefused() {
    assertThat(refusal(world.request().grant("password")).code())
        .isEqualTo(ErrorCode.OAUTH_GRANT_UNSUPPORTED);
    VaultException missing = refusal(world.request().grant(null));
    assertThat(missing.code()).isEqualTo(ErrorCode.OAUTH_INVALID_REQUEST);
    assertThat(missing).hasMessageContaining("AADSTS900144").hasMessageContaining("grant_type");
  }

  @Test
  void issue_withoutCredential_isRefused() {
    assertThat(refusal(world.request().secret(null)).code())
        .isEqualTo(ErrorCode.OAUTH_INVALID_REQUEST);
  }

  @Test
  void issue_pastTheLimitOfAnAddress_isThrottled_othersAreNot_andItRecovers() {
    TokenEndpoint narrow =
        world.endpoint(TokenEndpoint.DEFAULT_LIFE, new TokenEndpoint.Limits(1, 3, 100, 100));
    for (int i = 0; i < 3; i++) {
      narrow.issue(world.request().build(), world.notes::put);
    }

    VaultException refused =
        catchThrowableOfType(
            VaultException.class,
            () -> narrow.issue(world.request().build(), world.notes::put));

    assertThat(refused.code()).isEqualTo(ErrorCode.OAUTH_THROTTLED);
    assertThat(refused.headers()).containsEntry("Retry-After", "2");
    narrow.issue(world.request().address("192.0.2.2").build(), world.notes::put);
    world.now = world.now.plusSeconds(1);
    narrow.issue(world.request().build(), world.notes::put);
  }

  @Test
  void issue_addressesOfOneIpv6Network_shareALimit() {
    TokenEndpoint narrow =
        world.endpoint(TokenEndpoint.DEFAULT_LIFE, new TokenEndpoint.Limits(1, 1, 100, 100));
    narrow.issue(world.request().address("2001:db8:1:2::1").build(), world.notes::put);

    VaultException refused =
        catchThrowableOfType(
            VaultException.class,
            () ->
                narrow.issue(
                    world.request().address("2001:db8:1:2:ffff::2").build(), world.notes::put));

    assertThat(refused.code()).isEqualTo(ErrorCode.OAUTH_THROTTLED);
    narrow.issue(world.request().address("2001:db8:1:3::1").build(), world.notes::put);
    narrow.issue(world.request().address("::ffff:192.0.2.1").build(), world.notes::put);
  }

  @Test
  void issue_pastTheLimitOfAClient_isThrottled() {
    TokenEndpoint narrow =
        world.endpoint(TokenEndpoint.DEFAULT_LIFE, new TokenEndpoint.Limits(100, 100, 1, 2));
    narrow.issue(world.request().address("192.0.2.2").build(), world.notes::put);
    narrow.issue(world.request().address("192.0.2.3").build(), world.notes::put);

    VaultException refused =
        catchThrowableOfType(
            VaultException.class,
            () ->
                narrow.issue(
                    world.request().address("192.0.2.4").build(), world.notes::put));

    assertThat(refused.code()).isEqualTo(ErrorCode.OAUTH_THROTTLED);
  }

  private VaultException refusal(World.Ask ask) {
    VaultException refused = catchThrowableOfType(VaultException.class, ask::issue);
    assertThat(refused).isNotNull();
    return refused;
  }
}
