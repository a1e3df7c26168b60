package dev.strongroom.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.strongroom.api.Answer;
import dev.strongroom.api.Handler;
import dev.strongroom.audit.AuditRecord;
import dev.strongroom.model.ApiVersion;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.NoWaiting;
import dev.strongroom.model.Operation;
import dev.strongroom.model.VaultException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GatewayTest {
  private static final String VAULT_HOST = "kv1.vault.lab.test:8443";
  private static final String MANAGEMENT_HOST = "management.lab.test";
  private static final String LOGIN_HOST = "login.lab.test";
  private static final String CHALLENGE =
      "Bearer authorization=\"https://login.lab.test:8443/11111111-1111-1111-1111-111111111111\","
          + " resource=\"https://vault.lab.test:8443\"";
  private static final String RESOURCE =
      "/subscriptions/33333333-3333-3333-3333-333333333333/resourceGroups/Group/providers/"
          + "Microsoft.KeyVault/vaults/kv1";

  /** A request to each operation of the data plane. */
  private enum Sample {
    SECRET_SET("PUT", "/secrets/Aa"),
    SECRET_GET("GET", "/secrets/Aa/"),
    SECRET_UPDATE("PATCH", "/secrets/Aa/"),
    SECRET_DELETE("DELETE", "/secrets/Aa"),
    SECRET_LIST("GET", "/secrets"),
    SECRET_LIST_VERSIONS("GET", "/secrets/Aa/versions"),
    SECRET_LIST_DELETED("GET", "/deletedsecrets"),
    SECRET_GET_DELETED("GET", "/deletedsecrets/Aa"),
    SECRET_RECOVER("POST", "/deletedsecrets/Aa/recover"),
    SECRET_PURGE("DELETE", "/deletedsecrets/Aa"),
    SECRET_BACKUP("POST", "/secrets/Aa/backup"),
    SECRET_RESTORE("POST", "/secrets/restore"),
    KEY_CREATE("POST", "/keys/Aa/create"),
    KEY_IMPORT("PUT", "/keys/Aa"),
    KEY_GET("GET", "/keys/Aa/"),
    KEY_UPDATE("PATCH", "/keys/Aa/"),
    KEY_DELETE("DELETE", "/keys/Aa"),
    KEY_LIST("GET", "/keys"),
    KEY_LIST_VERSIONS("GET", "/keys/Aa/versions"),
    KEY_LIST_DELETED("GET", "/deletedkeys"),
    KEY_GET_DELETED("GET", "/deletedkeys/Aa"),
    KEY_RECOVER("POST", "/deletedkeys/Aa/recover"),
    KEY_PURGE("DELETE", "/deletedkeys/Aa"),
    KEY_BACKUP("POST", "/keys/Aa/backup"),
    KEY_RESTORE("POST", "/keys/restore"),
    KEY_ENCRYPT("POST", "/keys/Aa//encrypt"),
    KEY_DECRYPT("POST", "/keys/Aa//decrypt"),
    KEY_WRAP("POST", "/keys/Aa//wrapkey"),
    KEY_UNWRAP("POST", "/keys/Aa//unwrapkey"),
    KEY_SIGN("POST", "/keys/Aa//sign"),
    KEY_VERIFY("POST", "/keys/Aa//verify"),
    KEY_ROTATE("POST", "/keys/Aa/rotate"),
    KEY_ROTATION_POLICY_GET("GET", "/keys/Aa/rotationpolicy"),
    KEY_ROTATION_POLICY_SET("PUT", "/keys/Aa/rotationpolicy"),
    KEY_RELEASE("POST", "/keys/Aa//release"),
    KEY_GET_ATTESTATION("GET", "/keys/Aa//attestation"),
    KEY_SECURE_WRAP("POST", "/keys/Aa//securewrapkey"),
    KEY_SECURE_UNWRAP("POST", "/keys/Aa//secureunwrapkey"),
    CERTIFICATE_CREATE("POST", "/certificates/Aa/create"),
    CERTIFICATE_IMPORT("POST", "/certificates/Aa/import"),
    CERTIFICATE_GET("GET", "/certificates/Aa/"),
    CERTIFICATE_UPDATE("PATCH", "/certificates/Aa/"),
    CERTIFICATE_DELETE("DELETE", "/certificates/Aa"),
    CERTIFICATE_LIST("GET", "/certificates"),
    CERTIFICATE_LIST_VERSIONS("GET", "/certificates/Aa/versions"),
    CERTIFICATE_POLICY_GET("GET", "/certificates/Aa/policy"),
    CERTIFICATE_POLICY_UPDATE("PATCH", "/certificates/Aa/policy"),
    CERTIFICATE_PENDING_GET("GET", "/certificates/Aa/pending"),
    CERTIFICATE_PENDING_UPDATE("PATCH", "/certificates/Aa/pending"),
    CERTIFICATE_PENDING_DELETE("DELETE", "/certificates/Aa/pending"),
    CERTIFICATE_PENDING_MERGE("POST", "/certificates/Aa/pending/merge"),
    CERTIFICATE_LIST_DELETED("GET", "/deletedcertificates"),
    CERTIFICATE_GET_DELETED("GET", "/deletedcertificates/Aa"),
    CERTIFICATE_RECOVER("POST", "/deletedcertificates/Aa/recover"),
    CERTIFICATE_PURGE("DELETE", "/deletedcertificates/Aa"),
    CERTIFICATE_BACKUP("POST", "/certificates/Aa/backup"),
    CERTIFICATE_RESTORE("POST", "/certificates/restore"),
    CERTIFICATE_CONTACTS_SET("PUT", "/certificates/contacts"),
    CERTIFICATE_CONTACTS_GET("GET", "/certificates/contacts"),
    CERTIFICATE_CONTACTS_DELETE("DELETE", "/certificates/contacts"),
    CERTIFICATE_ISSUERS_LIST("GET", "/certificates/issuers"),
    CERTIFICATE_ISSUER_SET("PUT", "/certificates/issuers/One"),
    CERTIFICATE_ISSUER_UPDATE("PATCH", "/certificates/issuers/One"),
    CERTIFICATE_ISSUER_GET("GET", "/certificates/issuers/One"),
    CERTIFICATE_ISSUER_DELETE("DELETE", "/certificates/issuers/One");

    final String method;
    final String path;

    Sample(String method, String path) {
      this.method = method;
      this.path = path;
    }

    Operation operation() {
      return Operation.valueOf(name());
    }

    boolean isNamed() {
      return path.contains("Aa");
    }

    String apiVersion() {
      return operation().first().atLeast(ApiVersion.V7_4) ? operation().first().wire() : "7.4";
    }
  }

  private final Fixture fixture = new Fixture();

  private static final class Asked {
    final Map<String, List<String>> headers = new HashMap<>();
    String method = "GET";
    String target = "/";
    List<String> authorities = List.of(VAULT_HOST);
    byte[] body = new byte[0];
    boolean bodyRead;
    boolean bodyIsThere;
    Proxies proxies = Proxies.NONE;
    Set<Role> roles = EnumSet.allOf(Role.class);
    Optional<Request.Defect> defect = Optional.empty();

    Asked header(String name, String... values) {
      headers.put(name.toLowerCase(Locale.ROOT), List.of(values));
      return this;
    }

    Asked body(String type, String text) {
      body = text.getBytes(StandardCharsets.UTF_8);
      return header("content-type", type);
    }

    Request request() {
      return new Request(
          method,
          target,
          authorities,
          name -> headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of()),
          "192.0.2.7",
          roles,
          proxies,
          new Request.Body() {
            @Override
            public boolean isAnnounced() {
              return body.length > 0;
            }

            @Override
            public boolean isThere() {
              return bodyIsThere;
            }

            @Override
            public byte[] read(int limit) {
              bodyRead = true;
              if (body.length > limit) {
                throw VaultException.of(ErrorCode.BODY_TOO_LARGE, "limit", Integer.toString(limit));
              }
              return body;
            }
          },
          defect);
    }
  }

  private static Asked asked(String method, String target) {
    Asked asked = new Asked();
    asked.method = method;
    asked.target = target;
    return asked.header("Authorization", Fixture.GOOD).header("User-Agent", "test/1");
  }

  private static Asked asked(Sample sample) {
    return asked(sample.method, sample.path + "?api-version=" + sample.apiVersion());
  }

  private static Asked management(String method, String target) {
    Asked asked = asked(method, target);
    asked.authorities = List.of(MANAGEMENT_HOST);
    return asked;
  }

  private Reply answer(Asked asked) {
    return fixture.gateway.answer(asked.request());
  }

  private static String text(Reply reply) {
    return new String(reply.body(), StandardCharsets.UTF_8);
  }

  private AuditRecord record() {
    assertThat(fixture.records).hasSize(1);
    return fixture.records.getFirst();
  }

  private void refused(Asked asked, int status, String code, String operation) {
    Reply reply = answer(asked);
    assertThat(reply.status()).isEqualTo(status);
    assertThat(text(reply)).startsWith("{\"error\":{\"code\":\"" + code + "\",\"message\":\"");
    assertThat(reply.headers()).containsEntry("Content-Type", "application/json; charset=utf-8");
    assertThat(reply.headers()).containsKey("x-ms-request-id");
    AuditRecord record = record();
    assertThat(record.status()).isEqualTo(status);
    assertThat(record.errorCode()).contains(code);
    assertThat(record.operation()).isEqualTo(operation);
    assertThat(reply.headers().get("x-ms-request-id")).isEqualTo(record.requestId());
    assertThat(fixture.handled).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Sample.class)
  void data_allowed_areAnsweredAndAudited(Sample sample) {
    Asked asked = asked(sample);
    if (sample == Sample.SECRET_SET) {
      asked.body("application/json", "{\"value\":\"v\"}");
    }
    Reply reply = answer(asked);
    assertThat(reply.status()).isEqualTo(200);
    assertThat(text(reply)).contains("\"operation\":\"" + sample.name() + "\"");
    assertThat(fixture.decisions)
        .containsExactly(sample.name() + "@" + (sample.isNamed() ? "Aa" : "container"));
    AuditRecord record = record();
    assertThat(record.operation()).isEqualTo(sample.operation().auditName());
    assertThat(record.category()).isEqualTo(AuditRecord.AUDIT_EVENT);
    assertThat(record.resourceId()).contains(RESOURCE);
    assertThat(record.principal().orElseThrow().objectId()).isEqualTo(Fixture.CALLER);
    assertThat(record.method()).isEqualTo(sample.method);
    assertThat(record.requestPath()).isEqualTo(sample.path);
    assertThat(record.apiVersion()).contains(sample.apiVersion());
    assertThat(record.userAgent()).contains("test/1");
    assertThat(record.callerAddress()).isEqualTo("192.0.2.7");
    assertThat(record.details()).containsEntry("rule", Fixture.ASSIGNMENT.guid());
    assertThat(record.errorCode()).isEmpty();
    assertThat(record.time()).isEqualTo(Fixture.NOW);
  }

  @ParameterizedTest
  @EnumSource(Sample.class)
  void data_withoutToken_areChallenged(Sample sample) {
    Asked asked = asked(sample).header("Authorization");
    refused(asked, 401, "Unauthorized", "Authentication");
    assertThat(record().principal()).isEmpty();
    assertThat(fixture.decisions).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Sample.class)
  void data_withBadToken_areChallengedAgain(Sample sample) {
    Reply reply = answer(asked(sample).header("Authorization", "Bearer forged"));
    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.headers()).containsEntry("WWW-Authenticate", CHALLENGE);
    assertThat(record().operation()).isEqualTo("Authentication");
    assertThat(record().details().toString()).doesNotContain("forged");
  }

  @ParameterizedTest
  @EnumSource(Sample.class)
  void data_forbidden_areRefusedBeforeTheBody(Sample sample) {
    Asked asked = asked(sample).header("Authorization", Fixture.FORBIDDEN);
    asked.body("text/plain", "x".repeat(100_000));
    refused(asked, 403, "Forbidden", sample.operation().auditName());
    assertThat(asked.bodyRead).isFalse();
    assertThat(record().details()).containsEntry("reason", "DeniedWithNoValidRBAC");
    assertThat(record().principal()).isPresent();
  }

  @ParameterizedTest
  @EnumSource(Sample.class)
  void data_wrongMethod_is405WithAllow(Sample sample) {
    Asked asked = asked("TRACE", sample.path + "?api-version=7.4");
    Reply reply = answer(asked);
    assertThat(reply.status()).isEqualTo(405);
    assertThat(List.of(reply.headers().get("Allow").split(", "))).contains(sample.method);
    assertThat(text(reply)).contains("MethodNotAllowed");
    assertThat(record().operation()).isEqualTo("RequestRefused");
  }

  @ParameterizedTest
  @EnumSource(Sample.class)
  void data_unknownPath_is404AfterTheToken(Sample sample) {
    refused(
        asked(sample.method, sample.path + "/x/y/z?api-version=7.4"),
        404,
        "NotFound",
        "RequestRefused");
    fixture.records.clear();
    refused(
        asked(sample.method, sample.path + "/x/y/z?api-version=7.4").header("Authorization"),
        401,
        "Unauthorized",
        "Authentication");
  }

  @ParameterizedTest
  @EnumSource(Sample.class)
  void data_withoutVersion_are400(Sample sample) {
    refused(asked(sample.method, sample.path), 400, "BadParameter", sample.operation().auditName());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "api-version=",
        "api-version=7.9",
        "api-version=latest",
        "api-version=7.4&api-version=7.4",
        "api-version=7.4&API-Version=7.5",
      })
  void secrets_withUnknownVersion_are400(String query) {
    refused(asked("GET", "/secrets?" + query), 400, "BadParameter", "SecretList");
  }

  @Test
  void secrets_versionFromBeforeTheOperation_is400() {
    refused(
        asked("GET", "/deletedsecrets?api-version=2015-06-01"),
        400,
        "BadParameter",
        "SecretListDeleted");
  }

  @ParameterizedTest
  @ValueSource(strings = {"api%2Dversion=7.4", "API-VERSION=7.4", "&&x&api-version=7.4&client=1"})
  void secrets_versionSpelledAsClientsDo_isTaken(String query) {
    assertThat(answer(asked("GET", "/secrets?" + query)).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource(Sample.class)
  void data_badName_is400AndDecidedAtTheContainer(Sample sample) {
    if (!sample.isNamed()) {
      return;
    }
    Asked asked = asked(
            sample.method,
            sample.path.replace("Aa", "a_b") + "?api-version=" + sample.apiVersion());
    refused(asked, 400, "BadParameter", sample.operation().auditName());
    assertThat(fixture.decisions).containsExactly(sample.name() + "@container");
    assertThat(asked.bodyRead).isFalse();
  }

  @Test
  void secrets_forbiddenByRbac_readsAsAzures() {
    Reply reply = answer(asked(Sample.SECRET_GET).header("Authorization", Fixture.FORBIDDEN));
    assertThat(text(reply))
        .contains("\"innererror\":{\"code\":\"ForbiddenByRbac\"}")
        .contains("Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'")
        .contains("Resource: '" + RESOURCE.toLowerCase(Locale.ROOT) + "/secrets/aa'")
        .contains("Vault: kv1;location=lab");
  }

  @Test
  void keys_rotationPolicyForbidden_namesTheKey() {
    Reply reply =
        answer(asked(Sample.KEY_ROTATION_POLICY_SET).header("Authorization", Fixture.FORBIDDEN));
    assertThat(text(reply))
        .contains("Action: 'Microsoft.KeyVault/vaults/keyrotationpolicies/write'")
        .contains("Resource: '" + RESOURCE.toLowerCase(Locale.ROOT) + "/keys/aa'");
  }

  @Test
  void secrets_forbiddenByPolicy_readsAsAzures() {
    fixture.rbac = false;
    Reply reply = answer(asked(Sample.SECRET_LIST).header("Authorization", Fixture.FORBIDDEN));
    assertThat(text(reply))
        .contains("\"innererror\":{\"code\":\"AccessDenied\"}")
        .contains(";numgroups=0;iss=https://sts.lab.test/")
        .contains("does not have secrets list permission on key vault 'kv1;location=lab'");
    assertThat(reply.headers()).doesNotContainKey("x-ms-keyvault-rbac-assignment-id");
  }

  @Test
  void body_tooLarge_is413() {
    Asked asked = asked(Sample.SECRET_SET).body("application/json", "x".repeat(70_000));
    Reply reply = answer(asked);
    assertThat(reply.status()).isEqualTo(413);
    assertThat(text(reply)).contains("RequestEntityTooLarge", "65536 bytes");
    assertThat(record().operation()).isEqualTo("SecretSet");
  }

  @ParameterizedTest
  @EnumSource(Sample.class)
  void atOnce_isWhatReadsOrUsesAKey_andTheRestHasNoEffect(Sample sample) {
    Asked asked = asked(sample).header("Authorization", Fixture.GOOD);
    if (!sample.method.equals("GET")) {
      asked.body("application/json", "{}");
    }
    asked.bodyIsThere = true;
    Optional<Unaudited> served = fixture.gateway.serveAtOnce(asked.request());
    boolean mayBe =
        sample.method.equals("GET")
            || sample.method.equals("POST") && !sample.operation().changes();
    assertThat(served.isPresent()).isEqualTo(mayBe);
    assertThat(fixture.records).isEmpty();
    assertThat(fixture.decisions).hasSize(mayBe ? 1 : 0);
    served.ifPresent(
        unaudited -> assertThat(unaudited.reply().status()).isEqualTo(200));
  }

  @Test
  void atOnce_bodyStillOnItsWay_isNothing() {
    Asked asked =
        asked(Sample.KEY_SIGN)
            .header("Authorization", Fixture.GOOD)
            .body("application/json", "{}");
    assertThat(fixture.gateway.serveAtOnce(asked.request())).isEmpty();
    assertThat(asked.bodyRead).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "json", ""})
  void body_ofAnotherType_is415Unread(String type) {
    Asked asked = asked(Sample.SECRET_SET).body(type, "{}");
    refused(asked, 415, "UnsupportedMediaType", "SecretSet");
    assertThat(asked.bodyRead).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/json;odata=minimal",
        "application/merge-patch+json"
      })
  void body_ofJson_isTaken(String type) {
    assertThat(answer(asked(Sample.SECRET_SET).body(type, "{}")).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "{\"a\":1,\"a\":2}", "{} x", "\"text\""})
  void body_thatIsNoObject_is400(String json) {
    Reply reply = answer(asked(Sample.SECRET_SET).body("application/json", json));
    assertThat(reply.status()).isEqualTo(400);
    assertThat(text(reply)).contains("BadParameter");
    assertThat(record().status()).isEqualTo(400);
  }

  @Test
  void body_large_isLimitedToTwoAtOnce() {
    List<Integer> inner = new ArrayList<>();
    fixture.handlers.put(
        Operation.SECRET_RESTORE,
        call -> {
          call.body();
          int depth = Integer.parseInt(call.header("depth").orElseThrow());
          if (depth > 1) {
            inner.add(answer(restoring(depth - 1)).status());
          }
          return Answer.empty(200);
        });
    assertThat(answer(restoring(3)).status()).isEqualTo(200);
    assertThat(inner).containsExactly(429, 200);
    assertThat(answer(restoring(2)).status()).isEqualTo(200);
    assertThat(inner).containsExactly(429, 200, 200);
  }

  private static Asked restoring(int depth) {
    return asked(Sample.SECRET_RESTORE).header("depth", Integer.toString(depth));
  }

  @Test
  void answer_ofTheDataPlane_hasAzuresHeaders() {
    Reply reply = answer(asked(Sample.SECRET_GET).header("x-ms-client-request-id", "my-own-id"));
    assertThat(reply.headers())
        .containsEntry("Cache-Control", "no-cache")
        .containsEntry("Pragma", "no-cache")
        .containsEntry("Expires", "-1")
        .containsEntry("Content-Type", "application/json; charset=utf-8")
        .containsEntry("x-ms-keyvault-region", "lab")
        .containsEntry("x-ms-client-request-id", "my-own-id")
        .containsEntry(
            "x-ms-keyvault-network-info",
            "conn_type=Ipv4;addr=192.0.2.7;act_addr_fam=InterNetwork;")
        .containsEntry("X-Content-Type-Options", "nosniff")
        .containsEntry("Strict-Transport-Security", "max-age=31536000;includeSubDomains")
        .containsEntry("x-ms-keyvault-rbac-assignment-id", Fixture.ASSIGNMENT.guid())
        .containsEntry("Date", "Sun, 1 Mar 2026 10:00:00 GMT")
        .containsKeys("x-ms-request-id", "x-ms-keyvault-service-version")
        .doesNotContainKeys("Connection", "WWW-Authenticate");
    assertThat(record().clientRequestId()).contains("my-own-id");
    assertThat(record().objectId()).contains("https://" + VAULT_HOST + "/secrets/Aa/");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a\r\nSet-Cookie: x", "\u00e9", ""})
  void clientRequestId_thatCannotBeEchoed_isNot(String value) {
    for (String id : List.of(value, "x".repeat(129))) {
      Reply reply = answer(asked(Sample.SECRET_GET).header("x-ms-client-request-id", id));
      assertThat(reply.status()).isEqualTo(200);
      assertThat(reply.headers()).doesNotContainKey("x-ms-client-request-id");
    }
  }

  @Test
  void answer_of204_hasNoContentType() {
    fixture.handlers.put(Operation.SECRET_PURGE, call -> Answer.empty(204));
    assertThat(answer(asked(Sample.SECRET_PURGE)).headers()).doesNotContainKey("Content-Type");
  }

  @ParameterizedTest
  @CsvSource({
    "Basic Z29vZA==,AKV10000",
    "Bearer,AKV10000",
    "good,AKV10000",
    "Bearer forged,AKV10003",
  })
  void token_thatIsNone_isChallenged(String header, String code) {
    Reply reply = answer(asked(Sample.SECRET_GET).header("Authorization", header));
    assertThat(reply.status()).isEqualTo(401);
    assertThat(text(reply)).contains(code);
    assertThat(reply.headers()).containsEntry("WWW-Authenticate", CHALLENGE);
  }

  @Test
  void token_inLowerCaseScheme_isTaken() {
    assertThat(answer(asked(Sample.SECRET_GET).header("Authorization", "bearer  good ")).status())
        .isEqualTo(200);
  }

  @Test
  void root_ofAVaultHost_isChallenged() {
    Asked asked = asked("GET", "/").header("Authorization");
    Reply reply = answer(asked);
    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.headers()).containsEntry("WWW-Authenticate", CHALLENGE);
  }

  @Test
  void host_unknown_is404BeforeEverything() {
    fixture.sealed = true;
    Asked asked = asked(Sample.SECRET_GET).header("Authorization");
    asked.authorities = List.of("kv1.vault.other.test");
    refused(asked, 404, "NotFound", "RequestRefused");
  }

  @Test
  void host_ofNoVault_is404() {
    Asked asked = asked(Sample.SECRET_GET).header("Authorization");
    asked.authorities = List.of("kv2.vault.lab.test");
    refused(asked, 404, "NotFound", "RequestRefused");
  }

  @Test
  void host_ofARoleThatTheListenerHasNot_is404() {
    Asked asked = management("GET", "/subscriptions?api-version=2022-12-01");
    asked.roles = EnumSet.of(Role.VAULT);
    refused(asked, 404, "NotFound", "RequestRefused");
  }

  @Test
  void host_bySeveralPaths_isOfOneVaultOnLocalhost() {
    Asked asked = asked(Sample.SECRET_GET);
    asked.authorities = List.of("localhost:8443");
    assertThat(text(answer(asked))).contains("\"base\":\"https://localhost:8443\"");
  }

  @Test
  void host_forwarded_countsOnlyFromAProxy() {
    Asked asked = asked(Sample.SECRET_GET);
    asked.authorities = List.of("10.0.0.1");
    asked.header("x-forwarded-host", "kv1.vault.lab.test");
    asked.header("x-forwarded-for", "203.0.113.9");
    assertThat(answer(asked).status()).isEqualTo(404);
    asked.proxies = Proxies.of(List.of("192.0.2.0/24"));
    assertThat(answer(asked).status()).isEqualTo(200);
    assertThat(fixture.records.getLast().callerAddress()).isEqualTo("203.0.113.9");
    assertThat(fixture.records.getFirst().callerAddress()).isEqualTo("192.0.2.7");
  }

  @Test
  void sealed_server_is503BeforeTheToken() {
    fixture.sealed = true;
    refused(
        asked(Sample.SECRET_GET).header("Authorization"),
        503,
        "ServiceUnavailable",
        "RequestRefused");
    assertThat(answer(asked(Sample.SECRET_GET)).headers()).containsEntry("Retry-After", "1");
  }

  @ParameterizedTest
  @EnumSource(Sample.class)
  void storeFull_refusesChangesOnly(Sample sample) {
    fixture.reserve = true;
    Asked asked = asked(sample);
    if (sample.operation().changes()) {
      refused(asked, 503, "ServiceUnavailable", sample.operation().auditName());
      assertThat(answer(asked).headers()).containsEntry("Retry-After", "10");
      assertThat(asked.bodyRead).isFalse();
    } else {
      assertThat(answer(asked).status()).isEqualTo(200);
    }
  }

  @Test
  void audit_unavailable_refusesBeforeAnythingHappens() {
    fixture.auditAvailable = false;
    Reply reply = answer(asked(Sample.SECRET_SET).body("application/json", "{}"));
    assertThat(reply.status()).isEqualTo(503);
    assertThat(fixture.handled).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Sample.class)
  void audit_thatFails_withholdsTheAnswer(Sample sample) {
    fixture.auditBroken = true;
    Asked asked = asked(sample).body("application/json", "{}");
    Reply reply = answer(asked);
    assertThat(reply.status()).isEqualTo(503);
    assertThat(text(reply))
        .isEqualTo(
            "{\"error\":{\"code\":\"ServiceUnavailable\",\"message\":\"The server cannot write its"
                + " audit trail now.\"}}");
    assertThat(reply.headers()).doesNotContainKey("x-ms-keyvault-rbac-assignment-id");
  }

  @Test
  void handler_thatFails_is500WithoutDetail() {
    fixture.handlers.put(
        Operation.SECRET_GET,
        call -> {
          throw new IllegalStateException("a detail that stays here");
        });
    Reply reply = answer(asked(Sample.SECRET_GET));
    assertThat(reply.status()).isEqualTo(500);
    assertThat(text(reply)).contains("InternalServerError").doesNotContain("detail that stays");
    assertThat(record().status()).isEqualTo(500);
    assertThat(record().toString()).doesNotContain("detail that stays");
  }

  @Test
  void handler_whileItRuns_isOfTheRequestThatIsAnsweredAndAudited() {
    Handler echo = fixture.handlers.get(Operation.SECRET_GET);
    List<String> seen = new ArrayList<>();
    fixture.handlers.put(
        Operation.SECRET_GET,
        call -> {
          seen.add(CurrentRequest.find().orElseThrow().id().guid());
          return echo.handle(call);
        });
    Reply reply = answer(asked(Sample.SECRET_GET));
    assertThat(seen)
        .containsExactly(reply.headers().get("x-ms-request-id"))
        .containsExactly(record().requestId());
    assertThat(CurrentRequest.find()).isEmpty();
  }

  @Test
  void tracer_ofEachAnswer_hearsItsEnd() {
    List<Trace.Answered> ends = new ArrayList<>();
    fixture.tracer = request -> Optional.of(new Following(ends));
    Reply good = answer(asked(Sample.SECRET_GET));
    answer(asked(Sample.SECRET_GET).header("Authorization", "Bearer broken"));
    fixture.auditBroken = true;
    answer(asked(Sample.SECRET_GET));
    assertThat(ends)
        .extracting(Trace.Answered::operation, Trace.Answered::status)
        .containsExactly(
            tuple(Operation.SECRET_GET, 200),
            tuple(Operation.REQUEST_REFUSED, 500),
            tuple(Operation.SECRET_GET, 503));
    assertThat(ends.getFirst())
        .isEqualTo(
            new Trace.Answered(
                Operation.SECRET_GET,
                "GET",
                200,
                good.headers().get("x-ms-request-id"),
                Optional.of(Sample.SECRET_GET.apiVersion()),
                Optional.of("kv1")));
  }

  @Test
  void tracer_ofAnAttemptThatWouldWait_hearsNoEnd() {
    List<Trace.Answered> ends = new ArrayList<>();
    fixture.tracer = request -> Optional.of(new Following(ends));
    fixture.handlers.put(
        Operation.SECRET_GET,
        call -> {
          NoWaiting.aboutToWait();
          throw new AssertionError("it may not wait here");
        });
    assertThat(fixture.gateway.serveAtOnce(asked(Sample.SECRET_GET).request())).isEmpty();
    assertThat(ends).isEmpty();
  }

  private record Following(List<Trace.Answered> ends) implements Trace {
    @Override
    public String traceId() {
      return "4bf92f3577b34da6a3ce929d0e0e4736";
    }

    @Override
    public String spanId() {
      return "00f067aa0ba902b7";
    }

    @Override
    public void end(Answered answered) {
      ends.add(answered);
    }
  }

  @Test
  void handler_thatRunsOutOfStack_is500() {
    fixture.handlers.put(
        Operation.SECRET_GET,
        call -> {
          throw new StackOverflowError();
        });
    assertThat(answer(asked(Sample.SECRET_GET)).status()).isEqualTo(500);
    assertThat(record().status()).isEqualTo(500);
  }

  @Test
  void verifier_thatFails_is500AndAudited() {
    assertThat(answer(asked(Sample.SECRET_GET).header("Authorization", "Bearer broken")).status())
        .isEqualTo(500);
    assertThat(record().operation()).isEqualTo("RequestRefused");
  }

  @Test
  void handler_refusalWithHeaders_keepsThem() {
    fixture.handlers.put(
        Operation.SECRET_GET,
        call -> {
          throw VaultException.of(ErrorCode.BUSY, "reason", "x").with("Retry-After", "3");
        });
    Reply reply = answer(asked(Sample.SECRET_GET));
    assertThat(reply.status()).isEqualTo(429);
    assertThat(reply.headers()).containsEntry("Retry-After", "3");
  }

  @Test
  void handler_commit_isInTheRecord() {
    fixture.handlers.put(
        Operation.SECRET_DELETE,
        call -> {
          call.origin().committed(42);
          call.note("own", "detail");
          return Answer.empty(200);
        });
    answer(asked(Sample.SECRET_DELETE));
    assertThat(record().journal()).hasValue(42);
    assertThat(record().details()).containsEntry("own", "detail");
  }

  @Test
  void malformed_request_is400AndClosesAndIsAudited() {
    Asked asked = asked(Sample.SECRET_GET);
    asked.defect = Optional.of(Request.Defect.malformed("it is nonsense"));
    Reply reply = answer(asked);
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.closes()).isTrue();
    assertThat(text(reply)).contains("The request is malformed: it is nonsense.");
    assertThat(record().operation()).isEqualTo("RequestRefused");
    assertThat(record().requestPath()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/secrets/%",
        "/secrets/%4",
        "/secrets/%zz",
        "/secrets/%ff",
        "secrets",
        "*",
        "/a b",
        "/a#b",
        "/?x=%q"
      })
  void malformed_target_is400(String target) {
    refused(asked("GET", target).header("Authorization"), 400, "BadRequest", "RequestRefused");
  }

  @Test
  void malformed_authorities_are400() {
    for (List<String> authorities :
        List.of(List.<String>of(), List.of("a", "a"), List.of("a b"), List.of(""))) {
      Asked asked = asked(Sample.SECRET_GET);
      asked.authorities = authorities;
      assertThat(answer(asked).status()).isEqualTo(400);
    }
    assertThat(
            answer(asked(Sample.SECRET_GET).header("Authorization", "Bearer good", "Bearer good"))
                .status())
        .isEqualTo(400);
  }

  @Test
  void target_absolute_mustBeOfTheHost() {
    String path = "/secrets/Aa?api-version=7.4";
    assertThat(answer(asked("GET", "https://" + VAULT_HOST + path)).status()).isEqualTo(200);
    assertThat(answer(asked("GET", "https://kv2.vault.lab.test" + path)).status()).isEqualTo(400);
  }

  @Test
  void method_named_countsOnPostOnly() {
    Asked post = asked("POST", "/secrets/Aa?api-version=7.4").header("X-HTTP-METHOD", "get");
    assertThat(text(answer(post))).contains("SECRET_GET");
    assertThat(record().method()).isEqualTo("GET");
    Asked put = asked("PUT", "/secrets/Aa?api-version=7.4").header("X-HTTP-METHOD", "DELETE");
    assertThat(text(answer(put.body("application/json", "{}")))).contains("SECRET_SET");
    Asked odd = asked("POST", "/secrets/Aa?api-version=7.4").header("X-HTTP-METHOD", "TRACE");
    assertThat(answer(odd).status()).isEqualTo(400);
  }

  @Test
  void management_allowed_isAuditedAtItsScope() {
    Reply reply = answer(management("GET", RESOURCE + "?api-version=2023-07-01"));
    assertThat(reply.status()).isEqualTo(200);
    assertThat(fixture.decisions).containsExactly("Microsoft.KeyVault/vaults/read@" + RESOURCE);
    assertThat(record().category()).isEqualTo(AuditRecord.ADMINISTRATION);
    assertThat(record().resourceId()).contains(RESOURCE);
    assertThat(reply.headers())
        .containsKeys("x-ms-request-id", "x-ms-correlation-request-id")
        .doesNotContainKeys("x-ms-keyvault-region", "x-ms-keyvault-rbac-assignment-id");
  }

  @Test
  void management_withoutToken_isChallengedInItsOwnWords() {
    Reply reply =
        answer(management("GET", "/subscriptions?api-version=2022-12-01").header("Authorization"));
    assertThat(reply.status()).isEqualTo(401);
    assertThat(text(reply)).contains("\"code\":\"AuthenticationFailed\"");
    assertThat(reply.headers().get("WWW-Authenticate"))
        .startsWith(
            "Bearer authorization_uri=\"https://login.lab.test/11111111-1111-1111-1111-111111111111"
                + "\", error=\"invalid_token\", error_description=\"");
    assertThat(record().operation()).isEqualTo("Authentication");
  }

  @Test
  void management_withBadToken_keepsTheHeaderOneLine() {
    Reply reply = answer(management("GET", "/nothing").header("Authorization", "Bearer forged"));
    assertThat(reply.status()).isEqualTo(401);
    assertThat(text(reply)).contains("\"code\":\"InvalidAuthenticationToken\"");
    assertThat(reply.headers().get("WWW-Authenticate")).doesNotContain("\r", "\n", "\"wrong\"");
  }

  @Test
  void management_forbidden_namesActionAndScope() {
    Reply reply =
        answer(
            management("DELETE", RESOURCE + "?api-version=2023-07-01")
                .header("Authorization", Fixture.FORBIDDEN));
    assertThat(reply.status()).isEqualTo(403);
    assertThat(text(reply))
        .contains("\"code\":\"AuthorizationFailed\"")
        .contains("'Microsoft.KeyVault/vaults/delete' over scope '" + RESOURCE + "'")
        .doesNotContain("innererror");
  }

  @Test
  void management_listOfSubscriptions_needsNoPermission() {
    assertThat(
            answer(
                    management("GET", "/subscriptions?api-version=2022-12-01")
                        .header("Authorization", Fixture.FORBIDDEN))
                .status())
        .isEqualTo(200);
    assertThat(fixture.decisions).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'',MissingApiVersionParameter",
    "?api-version=7.4,InvalidApiVersionParameter",
    "?api-version=2023-07-01&api-version=2023-07-01,InvalidApiVersionParameter",
  })
  void management_badVersion_is400(String query, String code) {
    refused(management("GET", RESOURCE + query), 400, code, "VaultGet");
  }

  @Test
  void management_headOfAGroup_is204WithoutBody() {
    Reply reply =
        answer(
            management(
                "HEAD",
                "/subscriptions/33333333-3333-3333-3333-333333333333/resourcegroups/g"
                    + "?api-version=2024-11-01"));
    assertThat(reply.status()).isEqualTo(204);
    assertThat(reply.body()).isEmpty();
  }

  @Test
  void metadata_isOpenAndOnlyCounted() {
    Asked asked = management("GET", "/metadata/endpoints?api-version=2022-09-01");
    assertThat(answer(asked.header("Authorization")).status()).isEqualTo(200);
    assertThat(fixture.records).isEmpty();
    assertThat(answer(management("PUT", "/metadata/endpoints").header("Authorization")).status())
        .isEqualTo(405);
    assertThat(fixture.records).hasSize(1);
  }

  @Test
  void login_token_isASignInRecord() {
    Asked asked = asked("POST", "/common/oauth2/v2.0/token").header("Authorization");
    asked.authorities = List.of(LOGIN_HOST);
    asked.body("application/x-www-form-urlencoded", "grant_type=client_credentials");
    asked.header("client-request-id", "c-1");
    Reply reply = answer(asked);
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.headers())
        .containsEntry("client-request-id", "c-1")
        .containsEntry("Cache-Control", "no-store, no-cache");
    assertThat(record().category()).isEqualTo(AuditRecord.SIGN_IN);
    assertThat(record().operation()).isEqualTo("SignIn");
  }

  @Test
  void login_refusal_hasTheOauthShape() {
    fixture.handlers.put(
        Operation.SIGN_IN,
        call -> {
          throw VaultException.of(ErrorCode.OAUTH_SECRET_INVALID, "client", "c");
        });
    Asked asked = asked("POST", "/common/oauth2/token").header("Authorization");
    asked.authorities = List.of(LOGIN_HOST);
    Reply reply = answer(asked);
    assertThat(reply.status()).isEqualTo(401);
    assertThat(text(reply))
        .startsWith("{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: ")
        .contains("\"error_codes\":[7000215]");
    assertThat(reply.headers()).doesNotContainKey("WWW-Authenticate");
    assertThat(record().operation()).isEqualTo("SignIn");
  }

  @Test
  void login_discovery_isOnlyCountedButRefusalsAreRecorded() {
    Asked asked = asked("GET", "/common/discovery/keys").header("Authorization");
    asked.authorities = List.of(LOGIN_HOST);
    assertThat(answer(asked).status()).isEqualTo(200);
    assertThat(fixture.records).isEmpty();
    asked.target = "/nothing";
    assertThat(answer(asked).status()).isEqualTo(404);
    assertThat(fixture.records).hasSize(1);
  }
}
