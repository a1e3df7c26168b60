package dev.strongroom.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.strongroom.crypto.X509;
import dev.strongroom.identity.Audience;
import dev.strongroom.identity.World;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import java.util.Optional;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class ApplicationsApiTest {
  private static final String CERTIFICATE =
      """
      -----BEGIN CERTIFICATE-----
      MIIBgTCCASegAwIBAgIUVUwP
      -----END CERTIFICATE-----
      """;

  private final World world = new World();
  private final ApplicationsApi api = new ApplicationsApi(world.applications);
  private final String app = world.application.objectId().guid();

  @Test
  void create_thenList_showsBoth() {
    Answer created = api.create(call().body("{\"displayName\":\"second\"}"));

    assertThat(created.status()).isEqualTo(201);
    ObjectNode body = json(created);
    assertThat(body.get("displayName").stringValue()).isEqualTo("second");
    assertThat(body.get("accountEnabled").booleanValue()).isTrue();
    assertThat(body.get("tenantId").stringValue()).isEqualTo(world.tenant.id().guid());
    assertThat(body.get("passwordCredentials").isEmpty()).isTrue();
    ObjectNode list = json(api.list(call()));
    assertThat(list.get("value")).hasSize(2);
    assertThat(list.get("value").get(1)).isEqualTo(body);
  }

  @Test
  void get_showsCredentialsWithoutTheirSecrets() {
    ObjectNode body = json(api.get(call().variable("application", app)));

    ObjectNode secret = (ObjectNode) body.get("passwordCredentials").get(0);
    assertThat(secret.propertyNames())
        .containsExactlyInAnyOrder(
            "keyId", "displayName", "hint", "startDateTime", "endDateTime");
    assertThat(body.toString()).doesNotContain(world.secretText);
    assertThat(json(api.get(call().variable("application", world.application.appId().guid()))))
        .isEqualTo(body);
  }

  @Test
  void get_unknown_isNotFound_andNoGuid_isBad() {
    assertThat(code(() -> api.get(call().variable("application", world.tenant.id().guid()))))
        .isEqualTo(ErrorCode.APPLICATION_NOT_FOUND);
    assertThat(code(() -> api.get(call().variable("application", "app"))))
        .isEqualTo(ErrorCode.ARM_BAD_REQUEST);
  }

  @Test
  void addSecret_showsItOnce_andItSignsIn() {
    IdentityCall call = call().variable("application", app).body("{\"lifetimeDays\":1}");

    Answer answer = api.addSecret(call);

    ObjectNode body = json(answer);
    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer.headers()).containsEntry("Cache-Control", "no-store");
    assertThat(call.notes)
        .containsEntry("credentialId", body.get("keyId").stringValue());
    IdentityApi login =
        new IdentityApi(world.endpoint, world.keys, world.directory, world.realm);
    Answer token =
        login.token(
            call()
                .variable("tenant", "adfs")
                .form(
                    "grant_type=client_credentials&client_id="
                        + world.application.appId().guid()
                        + "&client_secret="
                        + body.get("secretText").stringValue()
                        + "&scope=https://vault.localhost/.default"));
    String text = json(token).get("access_token").stringValue();
    assertThat(
            world
                .tokens
                .verify(
                    text,
                    Audience.VAULT,
                    Optional.of(world.tenant.id()),
                    world.now)
                .objectId())
        .isEqualTo(world.application.objectId());
    assertThat(json(api.get(call().variable("application", app))).toString())
        .doesNotContain(body.get("secretText").stringValue());
  }

  @Test
  void removeSecret_takesItAway() {
    String keyId =
        json(api.addSecret(call().variable("application", app).body("{}")))
            .get("keyId")
            .stringValue();

    Answer answer =
        api.removeSecret(call().variable("application", app).variable("credential", keyId));

    assertThat(answer.status()).isEqualTo(204);
    assertThat(shown().get("passwordCredentials")).hasSize(1);
  }

  @Test
  void update_disablesAndEnables() {
    assertThat(update("{\"accountEnabled\":false}").get("accountEnabled").booleanValue())
        .isFalse();
    assertThat(update("{\"accountEnabled\":true}").get("accountEnabled").booleanValue()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"accountEnabled\":\"no\"}", "{\"accountEnabled\":null}"})
  void update_withoutABoolean_isRefused(String body) {
    assertThat(code(() -> update(body))).isEqualTo(ErrorCode.ARM_BAD_REQUEST);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{\"displayName\":\"x\",\"displayName\":\"y\"}",
        "{\"displayName\":\"x\",\"owner\":\"y\"}"
      })
  void create_bodyThatIsNotUnderstood_isRefused(String body) {
    assertThat(code(() -> api.create(call().body(body))))
        .isEqualTo(ErrorCode.ARM_BODY_INVALID);
  }

  @Test
  void create_nameOfAnotherType_isRefused() {
    assertThat(code(() -> api.create(call().body("{\"displayName\":1}"))))
        .isEqualTo(ErrorCode.ARM_BAD_REQUEST);
    assertThat(code(() -> api.create(call().body("{}")))).isEqualTo(ErrorCode.ARM_BAD_REQUEST);
  }

  @Test
  void addCertificate_thatDoesNotParse_isRefused() {
    for (String text : new String[] {CERTIFICATE, "MIIB", "%%%"}) {
      String body = World.JSON.createObjectNode().put("certificate", text).toString();
      assertThat(code(() -> api.addCertificate(call().variable("application", app).body(body))))
          .isEqualTo(ErrorCode.ARM_BAD_REQUEST);
    }
  }

  @Test
  void addCertificate_answersTheNewOneAlone() {
    Instant now = Instant.now();
    X509.Issued issued =
        X509.newAuthority(
            "client",
            List.of("localhost"),
            List.of("127.0.0.0/8"),
            now.minus(Duration.ofDays(1)),
            now.plus(Duration.ofDays(3650)));
    String body =
        World.JSON.createObjectNode().put("certificate", issued.certificate().pem()).toString();

    ObjectNode entry =
        json(api.addCertificate(call().variable("application", app).body(body)));

    assertThat(entry.get("sha256").stringValue()).isEqualTo(issued.certificate().sha256());
    assertThat(shown().get("keyCredentials")).containsExactly(entry);
  }

  @Test
  void federate_thenRemove() {
    ObjectNode entry =
        json(
            api.federate(
                call()
                    .variable("application", app)
                    .body("{\"issuer\":\"https://issuer.example\",\"subject\":\"s\"}")));

    assertThat(shown().get("federatedIdentityCredentials")).containsExactly(entry);
    assertThat(entry.get("audiences").get(0).stringValue())
        .isEqualTo("api://AzureADTokenExchange");
    Answer removed =
        api.removeFederation(
            call()
                .variable("application", app)
                .variable("credential", entry.get("id").stringValue()));
    assertThat(removed.status()).isEqualTo(204);
    assertThat(shown().get("federatedIdentityCredentials")).isEmpty();
  }

  private ObjectNode shown() {
    return json(api.get(call().variable("application", app)));
  }

  private ObjectNode update(String body) {
    return json(api.update(call().variable("application", app).body(body)));
  }

  private IdentityCall call() {
    return new IdentityCall(world).base("https://management.localhost:8443");
  }

  private static ErrorCode code(ThrowingCallable call) {
    VaultException refused = catchThrowableOfType(VaultException.class, call);
    assertThat(refused).isNotNull();
    return refused.code();
  }

  private static ObjectNode json(Answer answer) {
    return (ObjectNode) World.JSON.readTree(answer.body());
  }
}
