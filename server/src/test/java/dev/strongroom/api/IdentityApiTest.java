package dev.strongroom.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.strongroom.identity.World;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class IdentityApiTest {
  private final World world = new World();
  private final IdentityApi api =
      new IdentityApi(world.endpoint, world.keys, world.directory, world.realm);
  private final String tenant = world.tenant.id().guid();
  private final String client = world.application.appId().guid();

  @Test
  void token_v2_answersNumbers() {
    IdentityCall call = v2(form("https://vault.localhost:8443/.default") + "&claims=%7B%7D");

    Answer answer = api.token(call);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers())
        .containsEntry("Cache-Control", "no-store")
        .containsEntry("Pragma", "no-cache");
    ObjectNode body = json(answer);
    assertThat(body.get("token_type").stringValue()).isEqualTo("Bearer");
    assertThat(body.get("expires_in").intValue()).isEqualTo(3600);
    assertThat(body.get("ext_expires_in").intValue()).isEqualTo(3600);
    assertThat(World.claims(body.get("access_token").stringValue()).get("aud").stringValue())
        .isEqualTo("https://vault.localhost:8443");
    assertThat(call.notes)
        .containsEntry("clientId", client)
        .containsEntry("credentialType", "secret");
    assertThat(call.notes.values()).doesNotContain(world.secretText);
  }

  @Test
  void token_v1_answersStringsWithResource() {
    Answer answer =
        api.token(
            call("/" + tenant + "/oauth2/token")
                .variable("tenant", tenant)
                .form(
                    "grant_type=client_credentials&client_id="
                        + client
                        + "&client_secret="
                        + world.secretText
                        + "&resource=https%3A%2F%2Fvault.localhost"));

    ObjectNode body = json(answer);
    assertThat(body.get("expires_in").stringValue()).isEqualTo("3600");
    assertThat(body.get("expires_on").stringValue())
        .isEqualTo(Long.toString(world.now.getEpochSecond() + 3600));
    assertThat(body.get("resource").stringValue()).isEqualTo("https://vault.localhost");
    assertThat(body.get("access_token").isString()).isTrue();
  }

  @Test
  void token_adfsRouteWithoutAVariable_isTheDefaultTenant() {
    Answer answer =
        api.token(
            call("/adfs/oauth2/token/")
                .form(form("https://management.localhost:8443//.default openid")));

    String token = json(answer).get("access_token").stringValue();
    assertThat(World.claims(token).get("tid").stringValue()).isEqualTo(tenant);
  }

  @Test
  void token_byBasicAuthorization_isAToken() {
    IdentityCall call =
        v2("grant_type=client_credentials&scope=https://vault.localhost/.default")
            .header("Authorization", basic(client, world.secretText));

    assertThat(json(api.token(call)).get("access_token").isString()).isTrue();
  }

  @Test
  void token_byBasicWithAWrongSecret_isRefusedWithAChallenge() {
    VaultException refused =
        refusal(
            v2("grant_type=client_credentials&scope=https://vault.localhost/.default")
                .header("Authorization", basic(client, "wrong")));

    assertThat(refused.code()).isEqualTo(ErrorCode.OAUTH_SECRET_INVALID);
    assertThat(refused.headers())
        .containsEntry("WWW-Authenticate", "Basic realm=\"login.localhost\"");
  }

  @Test
  void token_wrongSecretInTheBody_isRefusedWithoutAChallenge() {
    VaultException refused =
        refusal(v2(form("https://vault.localhost/.default").replace(world.secretText, "wrong")));

    assertThat(refused.code()).isEqualTo(ErrorCode.OAUTH_SECRET_INVALID);
    assertThat(refused.headers()).isEmpty();
  }

  @Test
  void token_twoWaysAtOnce_isRefused() {
    String form = form("https://vault.localhost/.default");

    assertThat(refusal(v2(form).header("Authorization", basic(client, "x"))).code())
        .isEqualTo(ErrorCode.OAUTH_INVALID_REQUEST);
    assertThat(
            refusal(
                    v2("grant_type=client_credentials&client_id=" + tenant)
                        .header("Authorization", basic(client, "x")))
                .code())
        .isEqualTo(ErrorCode.OAUTH_INVALID_REQUEST);
    assertThat(refusal(v2(form + "&client_assertion=x")).code())
        .isEqualTo(ErrorCode.OAUTH_INVALID_REQUEST);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "grant_type=client_credentials&grant_type=client_credentials",
        "scope=&scope=x",
        "%67rant_type=x&grant_type=client_credentials",
        "grant_type=%zz",
        "grant_type=%ff",
        "grant_type=client_credentials"
      })
  void token_formThatIsNone_isRefused(String form) {
    assertThat(refusal(v2(form)).code()).isEqualTo(ErrorCode.OAUTH_INVALID_REQUEST);
  }

  @Test
  void token_bodyThatIsNoFormOrTooMany_isRefused() {
    String good = form("https://vault.localhost/.default");

    assertThat(refusal(v2(good).header("Content-Type", "application/json")).code())
        .isEqualTo(ErrorCode.OAUTH_INVALID_REQUEST);
    assertThat(refusal(v2("").bytes(new byte[] {(byte) 0xc3, 0x28})).code())
        .isEqualTo(ErrorCode.OAUTH_INVALID_REQUEST);
    StringBuilder many = new StringBuilder(good);
    for (int i = 0; i < 100; i++) {
      many.append("&p").append(i).append("=1");
    }
    assertThat(refusal(v2(many.toString())).code()).isEqualTo(ErrorCode.OAUTH_INVALID_REQUEST);
  }

  @Test
  void openIdV2_carriesTheRequestsAuthority() {
    ObjectNode body =
        json(
            api.document(
                call("/test.example/v2.0/.well-known/openid-configuration")
                    .variable("tenant", "test.example")));

    String base = "https://login.localhost:8443/" + tenant;
    assertThat(body.get("issuer").stringValue()).isEqualTo(base + "/v2.0");
    assertThat(body.get("token_endpoint").stringValue()).isEqualTo(base + "/oauth2/v2.0/token");
    assertThat(body.get("authorization_endpoint").stringValue())
        .isEqualTo(base + "/oauth2/v2.0/authorize");
    assertThat(body.get("device_authorization_endpoint").stringValue())
        .isEqualTo(base + "/oauth2/v2.0/devicecode");
    assertThat(body.get("jwks_uri").stringValue()).isEqualTo(base + "/discovery/v2.0/keys");
  }

  @Test
  void openIdV2_spelledAsTheRoutesAllow_isTheSame() {
    Answer plain =
        api.document(
            call("/" + tenant + "/v2.0/.well-known/openid-configuration")
                .variable("tenant", tenant));

    Answer odd =
        api.document(
            call("/" + tenant + "//V2.0/.well-known/OpenId-Configuration//")
                .variable("tenant", tenant));

    assertThat(odd.body()).isEqualTo(plain.body());
  }

  @Test
  void openIdV1_namesTheIssuerOfAccessTokens() {
    ObjectNode body =
        json(
            api.document(
                call("/" + tenant + "/.well-known/openid-configuration")
                    .variable("tenant", tenant)));

    assertThat(body.get("issuer").stringValue())
        .isEqualTo("https://sts.localhost/" + tenant + "/");
    assertThat(body.get("token_endpoint").stringValue())
        .isEqualTo("https://login.localhost:8443/" + tenant + "/oauth2/token");
  }

  @Test
  void openIdV1_ofAdfs_staysAdfs() {
    ObjectNode body = json(api.document(call("/adfs/.well-known/openid-configuration")));

    assertThat(body.get("issuer").stringValue()).isEqualTo("https://login.localhost:8443/adfs");
    assertThat(body.get("token_endpoint").stringValue())
        .isEqualTo("https://login.localhost:8443/adfs/oauth2/token");
  }

  @Test
  void openId_unknownTenant_isRefused() {
    VaultException refused =
        catchThrowableOfType(
            VaultException.class,
            () ->
                api.document(
                    call("/nobody.example/v2.0/.well-known/openid-configuration")
                        .variable("tenant", "nobody.example")));

    assertThat(refused.code()).isEqualTo(ErrorCode.OAUTH_TENANT_UNKNOWN);
  }

  @Test
  void keys_areThePublicOnes() {
    Answer answer =
        api.document(call("/" + tenant + "/discovery/v2.0/keys").variable("tenant", tenant));

    ObjectNode key = (ObjectNode) json(answer).get("keys").get(0);
    assertThat(key.propertyNames())
        .containsExactlyInAnyOrder("kty", "use", "kid", "alg", "n", "e");
    assertThat(answer.headers()).containsEntry("Cache-Control", "public, max-age=900");
    assertThat(json(api.document(call("/common/discovery/keys")))).isEqualTo(json(answer));
  }

  @Test
  void instance_namesThisServerOnly() {
    ObjectNode body =
        json(
            api.document(
                call("/common/discovery/instance")
                    .base("https://login.microsoftonline.com")
                    .query(
                        "authorization_endpoint",
                        "https://login.localhost/" + tenant + "/oauth2/v2.0/authorize")));

    assertThat(body.get("tenant_discovery_endpoint").stringValue())
        .isEqualTo(
            "https://login.microsoftonline.com/"
                + tenant
                + "/v2.0/.well-known/openid-configuration");
    assertThat(body.get("metadata").get(0).get("aliases").get(0).stringValue())
        .isEqualTo("login.microsoftonline.com");
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://login.localhost", "not a uri", "https://login.localhost/%zz"})
  void instance_withoutATenant_isRefused(String endpoint) {
    VaultException refused =
        catchThrowableOfType(
            VaultException.class,
            () ->
                api.document(
                    call("/common/discovery/instance").query("authorization_endpoint", endpoint)));

    assertThat(refused.code()).isEqualTo(ErrorCode.OAUTH_INVALID_REQUEST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/common/userrealm/x", "/common/discovery/other", "/"})
  void document_thatIsNone_isNotFound(String path) {
    VaultException refused =
        catchThrowableOfType(VaultException.class, () -> api.document(call(path)));

    assertThat(refused.code().status()).isEqualTo(404);
  }

  private IdentityCall call(String path) {
    return new IdentityCall(world).path(path);
  }

  private IdentityCall v2(String form) {
    return call("/" + tenant + "/oauth2/v2.0/token").variable("tenant", tenant).form(form);
  }

  private String form(String scope) {
    return "grant_type=client_credentials&client_info=1&client_id="
        + client
        + "&client_secret="
        + world.secretText
        + "&scope="
        + URLEncoder.encode(scope, StandardCharsets.UTF_8);
  }

  private static String basic(String user, String password) {
    return "Basic "
        + Base64.getEncoder()
            .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
  }

  private VaultException refusal(IdentityCall call) {
    VaultException refused =
        catchThrowableOfType(VaultException.class, () -> api.token(call));
    assertThat(refused).isNotNull();
    return refused;
  }

  private static ObjectNode json(Answer answer) {
    return (ObjectNode) World.JSON.readTree(answer.body());
  }
}
