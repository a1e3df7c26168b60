package dev.strongroom.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.control.Refused;
import dev.strongroom.model.ApiVersion;
import dev.strongroom.model.Container;
import dev.strongroom.model.Curve;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.Operation;
import dev.strongroom.model.VaultException;
import dev.strongroom.vault.OpenVault;
import dev.strongroom.vault.PageTokens;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class KeysApiTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String BASE = "https://vault-1.vault.strongroom.test:8443";
  private static final long START = OpenVault.START.getEpochSecond();
  private static final long DAYS_90 = Duration.ofDays(90).toSeconds();
  private static final ApiVersion PREVIEW = ApiVersion.V2026_05_01_PREVIEW;
  private static final String DIGEST = "A".repeat(43);
  private static final String ATTRIBUTES =
      "\"attributes\":{\"enabled\":true,\"created\":"
          + START
          + ",\"updated\":"
          + START
          + ",\"recoveryLevel\":\"Recoverable+Purgeable\",\"recoverableDays\":90,"
          + "\"exportable\":false,\"hsmPlatform\":\"0\"}";

  /** RFC 7515 appendix A.3. */
  private static final String JWK =
      "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
          + "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\","
          + "\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"";

  private final OpenVault vault = new OpenVault();
  private final Map<Operation, Handler> handlers =
      new KeysApi(vault.keys, new PageTokens(vault.seal), true).handlers();

  private FakeCall call(Operation operation) {
    return new FakeCall(operation, vault.container, vault.origin());
  }

  private FakeCall named(Operation operation, String name) {
    return call(operation).with("name", name);
  }

  private Answer send(FakeCall call) {
    return handlers.get(call.operation()).handle(call);
  }

  private static String text(Answer answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  private JsonNode json(FakeCall call) {
    Answer answer = send(call);
    assertThat(answer.status()).isEqualTo(200);
    return JSON.readTree(text(answer));
  }

  private JsonNode create(String name, String body) {
    return json(named(Operation.KEY_CREATE, name).body(body));
  }

  private static String versionOf(JsonNode bundle) {
    String kid = bundle.get("key").get("kid").asString();
    return kid.substring(kid.lastIndexOf('/') + 1);
  }

  private VaultException refused(ErrorCode code, FakeCall call) {
    return Refused.with(code, () -> send(call));
  }

  private void invalid(String property, FakeCall call) {
    assertThat(refused(ErrorCode.PROPERTY_INVALID, call).getMessage())
        .isEqualTo("Property " + property + " has invalid value\r\n");
  }

  @Test
  void handlers_cover_everyOperationOnKeys() {
    assertThat(handlers.keySet())
        .containsExactly(
            Arrays.stream(Operation.values())
                .filter(operation -> operation.name().startsWith("KEY_"))
                .filter(operation -> operation.collection().isPresent())
                .toArray(Operation[]::new));
  }

  // exact answers

  @Test
  void keyCreate_ec_isAnsweredWhole() {
    Answer answer =
        send(named(Operation.KEY_CREATE, "Name").body("{\"kty\":\"EC\",\"tags\":{\"a\":\"1\"}}"));
    JsonNode key = JSON.readTree(text(answer)).get("key");
    String kid = key.get("kid").asString();
    assertThat(kid).matches(BASE + "/keys/Name/[0-9a-f]{32}");
    assertThat(text(answer))
        .isEqualTo(
            "{\"key\":{\"kid\":\""
                + kid
                + "\",\"kty\":\"EC\",\"key_ops\":[\"sign\",\"verify\"],\"crv\":\"P-256\",\"x\":\""
                + key.get("x").asString()
                + "\",\"y\":\""
                + key.get("y").asString()
                + "\"},"
                + ATTRIBUTES
                + ",\"tags\":{\"a\":\"1\"}}");
    assertThat(answer.objectId()).contains(kid);
    assertThat(text(send(named(Operation.KEY_GET, "NAME")))).isEqualTo(text(answer));
  }

  @Test
  void keyCreate_eachType_hasItsPublicMembersOnly() {
    assertThat(create("r", "{\"kty\":\"RSA\"}").get("key").propertyNames())
        .containsExactly("kid", "kty", "key_ops", "n", "e");
    JsonNode oct = create("o", "{\"kty\":\"oct\",\"key_size\":192}");
    assertThat(oct.get("key").propertyNames()).containsExactly("kid", "kty", "key_ops");
    assertThat(oct.get("attributes").has("key_size")).isFalse();
    assertThat(
            json(named(Operation.KEY_GET, "o").version(ApiVersion.V2026_01_01_PREVIEW))
                .get("attributes")
                .get("key_size")
                .asInt())
        .isEqualTo(192);
    JsonNode akp =
        json(
                named(Operation.KEY_CREATE, "a")
                    .version(PREVIEW)
                    .body("{\"kty\":\"AKP\",\"alg\":\"ML-DSA-44\"}"))
            .get("key");
    assertThat(akp.propertyNames()).containsExactly("kid", "kty", "key_ops", "alg", "pub");
    assertThat(Base64.getUrlDecoder().decode(akp.get("pub").asString())).hasSize(1312);
  }

  @Test
  void keyCreate_everyMember_isTaken() {
    JsonNode made =
        create(
            "k",
            "{\"kty\":\"EC\",\"crv\":\"P-384\",\"key_size\":384,\"key_ops\":[\"verify\"],"
                + "\"attributes\":{\"enabled\":false,\"nbf\":1700000000,\"exp\":1800000000,"
                + "\"exportable\":false},\"tags\":{},\"release_policy\":null,\"x\":1}");
    assertThat(made.get("key").get("crv").asString()).isEqualTo("P-384");
    assertThat(made.get("key").get("key_ops").toString()).isEqualTo("[\"verify\"]");
    assertThat(made.get("attributes").get("enabled").asBoolean()).isFalse();
    assertThat(made.get("attributes").get("nbf").asLong()).isEqualTo(1700000000);
    assertThat(made.get("attributes").get("exp").asLong()).isEqualTo(1800000000);
  }

  @Test
  void keyDeleteGetDeletedListRecoverPurge_answerExactly() {
    String bundle = text(send(named(Operation.KEY_CREATE, "N").body("{\"kty\":\"EC\"}")));
    String version = versionOf(JSON.readTree(bundle));
    String deletion =
        "{\"recoveryId\":\""
            + BASE
            + "/deletedkeys/N\",\"deletedDate\":"
            + START
            + ",\"scheduledPurgeDate\":"
            + (START + DAYS_90)
            + ",";
    Answer deleted = send(named(Operation.KEY_DELETE, "n"));
    assertThat(text(deleted)).isEqualTo(deletion + bundle.substring(1));
    assertThat(deleted.objectId()).contains(BASE + "/deletedkeys/N");
    assertThat(text(send(named(Operation.KEY_GET_DELETED, "n")))).isEqualTo(text(deleted));
    String item = "\"kid\":\"" + BASE + "/keys/N\"," + ATTRIBUTES + ",\"tags\":{}}";
    assertThat(text(send(call(Operation.KEY_LIST_DELETED).path("/deletedkeys"))))
        .isEqualTo("{\"value\":[" + deletion + item + "],\"nextLink\":null}");
    assertThat(text(send(named(Operation.KEY_RECOVER, "n")))).isEqualTo(bundle);
    assertThat(text(send(call(Operation.KEY_LIST).path("/keys"))))
        .isEqualTo("{\"value\":[{" + item + "],\"nextLink\":null}");
    assertThat(text(send(named(Operation.KEY_LIST_VERSIONS, "n").path("/keys/n/versions"))))
        .isEqualTo(
            ("{\"value\":[{" + item + "],\"nextLink\":null}")
                .replace("/keys/N\"", "/keys/N/" + version + "\""));
    send(named(Operation.KEY_DELETE, "n"));
    Answer purged = send(named(Operation.KEY_PURGE, "n"));
    assertThat(purged.status()).isEqualTo(204);
    assertThat(purged.body()).isEmpty();
    refused(ErrorCode.DELETED_KEY_NOT_FOUND, named(Operation.KEY_GET_DELETED, "n"));
  }

  @Test
  void keyList_moreThanAPage_isContinuedByItsLink() {
    for (int i = 10; i < 40; i++) {
      vault.create("k" + i, new KeySpec.Ec(Curve.P_256));
    }
    JsonNode first = json(call(Operation.KEY_LIST).path("/keys"));
    assertThat(first.get("value").size()).isEqualTo(25);
    String next = first.get("nextLink").asString();
    assertThat(next).startsWith(BASE + "/keys?api-version=2025-07-01&$skiptoken=");
    String token = next.replaceAll(".*skiptoken=([^&]*)&.*", "$1");
    JsonNode second = json(call(Operation.KEY_LIST).path("/keys").query("$skiptoken", token));
    assertThat(second.get("value").size()).isEqualTo(5);
    assertThat(second.get("nextLink").isNull()).isTrue();
  }

  @Test
  void keyBackup_thenRestore_bringsTheBundleBack() {
    String bundle = text(send(named(Operation.KEY_CREATE, "n").body("{\"kty\":\"EC\"}")));
    JsonNode backup = json(named(Operation.KEY_BACKUP, "n"));
    assertThat(backup.propertyNames()).containsExactly("value");
    send(named(Operation.KEY_DELETE, "n"));
    send(named(Operation.KEY_PURGE, "n"));
    assertThat(text(send(call(Operation.KEY_RESTORE).body(backup.toString()))))
        .isEqualTo(bundle);
    refused(
        ErrorCode.BACKUP_INVALID, call(Operation.KEY_RESTORE).body("{\"value\":\"AAAA\"}"));
  }

  @Test
  void keyUpdate_members_areChangedAlone() {
    create("k", "{\"kty\":\"EC\",\"tags\":{\"a\":\"1\"}}");
    JsonNode changed =
        json(
            named(Operation.KEY_UPDATE, "k")
                .body("{\"key_ops\":[\"verify\"],\"attributes\":{\"enabled\":false}}"));
    assertThat(changed.get("key").get("key_ops").toString()).isEqualTo("[\"verify\"]");
    assertThat(changed.get("attributes").get("enabled").asBoolean()).isFalse();
    assertThat(changed.get("tags").toString()).isEqualTo("{\"a\":\"1\"}");
    assertThat(json(named(Operation.KEY_UPDATE, "k").body("{\"tags\":{}}")).get("tags").isEmpty())
        .isTrue();
  }

  @ParameterizedTest
  @EnumSource(ApiVersion.class)
  void keyGet_eachApiVersion_hasItsMembersOnly(ApiVersion version) {
    create("k", "{\"kty\":\"EC\"}");
    List<String> expected = new ArrayList<>(List.of("enabled", "created", "updated"));
    if (version.atLeast(ApiVersion.V2016_10_01)) {
      expected.add("recoveryLevel");
    }
    if (version.atLeast(ApiVersion.V7_1_PREVIEW)) {
      expected.add("recoverableDays");
    }
    if (version.atLeast(ApiVersion.V7_3_PREVIEW)) {
      expected.add("exportable");
    }
    if (version.atLeast(ApiVersion.V7_5_PREVIEW_1)) {
      expected.add("hsmPlatform");
    }
    JsonNode bundle = json(named(Operation.KEY_GET, "k").version(version));
    assertThat(bundle.get("attributes").propertyNames()).containsExactlyElementsOf(expected);
  }

  @Test
  void keyCreate_whatClientsSendForNothing_meansTheDefault() {
    JsonNode made =
        create("k", "{\"kty\":\"RSA\",\"public_exponent\":0,\"key_ops\":[],\"crv\":null}");
    assertThat(made.get("key").get("e").asString()).isEqualTo("AQAB");
    assertThat(made.get("key").get("key_ops").size()).isEqualTo(6);
    assertThat(
            json(named(Operation.KEY_UPDATE, "k").body("{\"key_ops\":[]}"))
                .get("key")
                .get("key_ops")
                .size())
        .isEqualTo(6);
    assertThat(
            json(importing("{\"key\":{" + JWK + ",\"key_ops\":[]}}"))
                .get("key")
                .get("key_ops")
                .toString())
        .isEqualTo("[\"sign\",\"verify\"]");
  }

  @Test
  void keyCreate_externalKey_isRefusedWhereTheVersionKnowsIt() {
    String body = "{\"kty\":\"EC\",\"attributes\":{\"external_key\":{\"id\":\"a\"}}}";
    for (ApiVersion version : List.of(ApiVersion.V2026_01_01_PREVIEW, ApiVersion.V2026_04_01)) {
      invalid(
          "attributes.external_key",
          named(Operation.KEY_CREATE, "k").version(version).body(body));
    }
    create("k", body);
  }

  // creating: bad input

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kty | {}",
        "kty | {\"kty\":\"RSB\"}",
        "kty | {\"kty\":\"rsa\"}",
        "kty | {\"kty\":1}",
        "kty | {\"kty\":\"AKP\"}",
        "key_size | {\"kty\":\"RSA\",\"key_size\":\"2048\"}",
        "key_size | {\"kty\":\"RSA\",\"key_size\":2048.5}",
        "key_size | {\"kty\":\"RSA\",\"key_size\":4294969344}",
        "key_size | {\"kty\":\"EC\",\"crv\":\"P-256\",\"key_size\":384}",
        "crv | {\"kty\":\"EC\",\"crv\":\"P-255\"}",
        "crv | {\"kty\":\"EC\",\"crv\":5}",
        "crv | {\"kty\":\"RSA\",\"crv\":\"P-256\"}",
        "public_exponent | {\"kty\":\"RSA\",\"public_exponent\":4}",
        "public_exponent | {\"kty\":\"EC\",\"public_exponent\":65537}",
        "key_ops | {\"kty\":\"EC\",\"key_ops\":\"sign\"}",
        "key_ops | {\"kty\":\"EC\",\"key_ops\":[1]}",
        "key_ops | {\"kty\":\"EC\",\"key_ops\":[\"Sign\"]}",
        "key_ops | {\"kty\":\"EC\",\"key_ops\":[\"encrypt\"]}",
        "key_ops | {\"kty\":\"EC\",\"key_ops\":[\"sign\",\"sign\"]}",
        "key_ops | {\"kty\":\"RSA\",\"key_ops\":[\"import\"]}",
        "key_ops | {\"kty\":\"RSA\",\"key_ops\":[\"export\"]}",
        "attributes.exportable | {\"kty\":\"EC\",\"attributes\":{\"exportable\":true}}",
        "attributes.exp | {\"kty\":\"EC\",\"attributes\":{\"exp\":-1}}",
        "release_policy | {\"kty\":\"EC\",\"release_policy\":{}}",
        "tags | {\"kty\":\"EC\",\"tags\":[]}",
      })
  void keyCreate_badMember_isNamed(String property, String body) {
    invalid(property, named(Operation.KEY_CREATE, "k").body(body));
    refused(ErrorCode.KEY_NOT_FOUND, named(Operation.KEY_GET, "k"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"kty\":\"RSA\",\"key_size\":1024}",
        "{\"kty\":\"RSA\",\"key_size\":2047}",
        "{\"kty\":\"RSA\",\"key_size\":8192}",
        "{\"kty\":\"oct\",\"key_size\":512}",
      })
  void keyCreate_sizeThatDoesNotExist_isRefusedWithThoseThatDo(String body) {
    assertThat(
            refused(ErrorCode.KEY_SIZE_UNSUPPORTED, named(Operation.KEY_CREATE, "k").body(body)))
        .hasMessageContaining("Supported sizes are [");
  }

  @Test
  void keyCreate_tagsOf257Characters_areRefused() {
    String longest = "t".repeat(256);
    create("k", "{\"kty\":\"EC\",\"tags\":{\"" + longest + "\":\"" + longest + "\"}}");
    refused(
        ErrorCode.TAGS_INVALID,
        named(Operation.KEY_CREATE, "k")
            .body("{\"kty\":\"EC\",\"tags\":{\"a\":\"" + longest + "t\"}}"));
  }

  @Test
  void keyCreate_hardwareType_isRefusedByEditionOfTheVault() {
    for (String type : List.of("RSA-HSM", "EC-HSM", "oct-HSM")) {
      assertThat(
              refused(
                  ErrorCode.HARDWARE_NOT_STANDARD,
                  named(Operation.KEY_CREATE, "k").body("{\"kty\":\"" + type + "\"}")))
          .hasMessage("Hardware key operation not allowed on standard vault");
      refused(
          ErrorCode.HARDWARE_NOT_THERE,
          new FakeCall(Operation.KEY_CREATE, premium(), vault.origin())
              .with("name", "k")
              .body("{\"kty\":\"" + type + "\"}"));
    }
    refused(
        ErrorCode.HARDWARE_NOT_STANDARD,
        named(Operation.KEY_CREATE, "k")
            .version(PREVIEW)
            .body("{\"kty\":\"AKP-HSM\",\"alg\":\"ML-DSA-44\"}"));
  }

  private Container premium() {
    Container c = vault.container;
    return new Container(
        c.id(), c.kind(), c.name(), c.tenant(), c.subscription(), c.resourceGroup(), c.location(),
        "premium", c.rbac(), c.accessPolicies(), c.retentionDays(), false, false, false, false,
        Map.of(), c.created(), c.updated(), Optional.empty());
  }

  @Test
  void keyCreate_symmetricWhereItIsOff_isAnUnknownType() {
    Map<Operation, Handler> asAzure =
        new KeysApi(vault.keys, new PageTokens(vault.seal), false).handlers();
    FakeCall call = named(Operation.KEY_CREATE, "k").body("{\"kty\":\"oct\"}");
    assertThat(
            Refused.with(
                ErrorCode.PROPERTY_INVALID,
                () -> asAzure.get(Operation.KEY_CREATE).handle(call)))
        .hasMessageContaining("kty");
  }

  @ParameterizedTest
  @EnumSource(ApiVersion.class)
  void keyCreate_whatCameLater_isRefusedBefore(ApiVersion version) {
    FakeCall akp =
        named(Operation.KEY_CREATE, "a")
            .version(version)
            .body("{\"kty\":\"AKP\",\"alg\":\"ML-DSA-44\"}");
    if (version.atLeast(PREVIEW)) {
      assertThat(json(akp).get("key").get("alg").asString()).isEqualTo("ML-DSA-44");
    } else {
      invalid("kty", akp);
    }
    FakeCall curve =
        named(Operation.KEY_CREATE, "c")
            .version(version)
            .body("{\"kty\":\"EC\",\"crv\":\"P-256K\"}");
    if (version.atLeast(ApiVersion.V7_0_PREVIEW)) {
      assertThat(json(curve).get("key").get("crv").asString()).isEqualTo("P-256K");
    } else {
      invalid("crv", curve);
    }
  }

  @Test
  void keyCreate_akpWithoutOrWithAForeignAlgorithm_isRefused() {
    for (String body :
        List.of(
            "{\"kty\":\"AKP\"}",
            "{\"kty\":\"AKP\",\"alg\":\"RS256\"}",
            "{\"kty\":\"AKP\",\"alg\":\"ML-DSA-45\"}",
            "{\"kty\":\"EC\",\"alg\":\"ES256\"}")) {
      invalid("alg", named(Operation.KEY_CREATE, "k").version(PREVIEW).body(body));
    }
    invalid(
        "key_size",
        named(Operation.KEY_CREATE, "k")
            .version(PREVIEW)
            .body("{\"kty\":\"AKP\",\"alg\":\"ML-DSA-44\",\"key_size\":44}"));
  }

  // import

  private FakeCall importing(String body) {
    return named(Operation.KEY_IMPORT, "k").body(body);
  }

  @Test
  void keyImport_jwk_isTheKeyWithItsOperations() {
    JsonNode made =
        json(
            importing(
                "{\"key\":{"
                    + JWK
                    + ",\"kid\":\"mine\",\"key_ops\":[\"sign\"]},\"Hsm\":false,"
                    + "\"attributes\":{\"exp\":1800000000},\"tags\":{\"a\":\"1\"}}"));
    assertThat(made.get("key").propertyNames())
        .containsExactly("kid", "kty", "key_ops", "crv", "x", "y");
    assertThat(made.get("key").get("x").asString())
        .isEqualTo("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
    assertThat(made.get("key").get("key_ops").toString()).isEqualTo("[\"sign\"]");
    assertThat(made.get("attributes").get("exp").asLong()).isEqualTo(1800000000);
    assertThat(made.get("tags").toString()).isEqualTo("{\"a\":\"1\"}");
  }

  @Test
  void keyImport_akpSeed_hasThePublicKeyOfTheSeed() {
    JsonNode made =
        json(
            importing(
                    "{\"key\":{\"kty\":\"AKP\",\"alg\":\"ML-DSA-44\",\"priv\":\""
                        + DIGEST
                        + "\"}}")
                .version(PREVIEW));
    assertThat(made.get("key").has("priv")).isFalse();
    JsonNode again =
        json(
            importing(
                    "{\"key\":{\"kty\":\"AKP\",\"alg\":\"ML-DSA-44\",\"priv\":\""
                        + DIGEST
                        + "\",\"pub\":\""
                        + made.get("key").get("pub").asString()
                        + "\"}}")
                .version(PREVIEW));
    assertThat(again.get("key").get("pub")).isEqualTo(made.get("key").get("pub"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "key | {}",
        "key | {\"key\":null}",
        "key | {\"key\":\"x\"}",
        "key.kty | {\"key\":{}}",
        "key.kty | {\"key\":{\"kty\":\"OKP\"}}",
        "key.crv | {\"key\":{\"kty\":\"EC\",\"crv\":\"Ed25519\"}}",
        "key.x | {\"key\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"?\"}}",
        "key.x | {\"key\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":7}}",
        "d | {\"key\":{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}}",
        "k | {\"key\":{\"kty\":\"oct\"}}",
      })
  void keyImport_badMember_isNamed(String property, String body) {
    invalid(property, importing(body));
  }

  @Test
  void keyImport_forHardware_isRefused() {
    refused(
        ErrorCode.HARDWARE_NOT_STANDARD, importing("{\"key\":{" + JWK + "},\"Hsm\":true}"));
    refused(
        ErrorCode.HARDWARE_NOT_STANDARD, importing("{\"key\":{" + JWK + "},\"hsm\":true}"));
    refused(
        ErrorCode.HARDWARE_NOT_STANDARD,
        importing("{\"key\":{\"kty\":\"RSA-HSM\",\"key_hsm\":\"AAAA\"}}"));
    refused(
        ErrorCode.HARDWARE_NOT_STANDARD,
        importing("{\"key\":{\"kty\":\"RSA\",\"key_hsm\":\"AAAA\"}}"));
  }

  // use

  private FakeCall using(Operation operation, String body) {
    return named(operation, "k").body(body);
  }

  @Test
  void keySignAndVerify_ec_answerWithTheVersionsUrl() {
    String version = versionOf(create("k", "{\"kty\":\"EC\"}"));
    Answer signed =
        send(
            using(Operation.KEY_SIGN, "{\"alg\":\"ES256\",\"value\":\"" + DIGEST + "\"}")
                .with("version", version));
    JsonNode signature = JSON.readTree(text(signed));
    String kid = BASE + "/keys/k/" + version;
    assertThat(signature.propertyNames()).containsExactly("kid", "value");
    assertThat(signature.get("kid").asString()).isEqualTo(kid);
    assertThat(signed.objectId()).contains(kid);
    assertThat(signature.get("value").asString()).matches("[0-9A-Za-z_-]{86}");
    String body =
        "{\"alg\":\"ES256\",\"digest\":\""
            + DIGEST
            + "\",\"value\":\""
            + signature.get("value").asString()
            + "\"}";
    Answer verified = send(using(Operation.KEY_VERIFY, body));
    assertThat(text(verified)).isEqualTo("{\"value\":true}");
    assertThat(verified.objectId()).contains(kid);
    assertThat(text(send(using(Operation.KEY_VERIFY, body.replace(DIGEST, "B" + "A".repeat(42))))))
        .isEqualTo("{\"value\":false}");
  }

  @Test
  void keySign_digestInPlainBase64_isTheSameDigest() {
    create("k", "{\"kty\":\"EC\"}");
    String plain = "+/".repeat(21) + "8=";
    JsonNode signature =
        json(using(Operation.KEY_SIGN, "{\"alg\":\"ES256\",\"value\":\"" + plain + "\"}"));
    String body =
        "{\"alg\":\"ES256\",\"digest\":\""
            + "-_".repeat(21)
            + "8\",\"value\":\""
            + signature.get("value").asString()
            + "\"}";
    assertThat(text(send(using(Operation.KEY_VERIFY, body)))).isEqualTo("{\"value\":true}");
  }

  @Test
  void keyEncryptAndDecrypt_gcm_carryWhatTheServerMade() {
    create("k", "{\"kty\":\"oct\"}");
    JsonNode made =
        json(
            using(
                Operation.KEY_ENCRYPT,
                "{\"alg\":\"A256GCM\",\"value\":\"aGk\",\"aad\":\"YWFk\"}"));
    assertThat(made.propertyNames()).containsExactly("kid", "value", "iv", "tag", "aad");
    assertThat(made.get("iv").asString()).matches("[0-9A-Za-z_-]{16}");
    String body =
        "{\"alg\":\"A256GCM\",\"value\":\""
            + made.get("value").asString()
            + "\",\"iv\":\""
            + made.get("iv").asString()
            + "\",\"tag\":\""
            + made.get("tag").asString()
            + "\",\"aad\":\"YWFk\"}";
    JsonNode plain = json(using(Operation.KEY_DECRYPT, body));
    assertThat(plain.propertyNames()).containsExactly("kid", "value");
    assertThat(plain.get("value").asString()).isEqualTo("aGk");
    refused(
        ErrorCode.DECRYPTION_FAILED,
        using(Operation.KEY_DECRYPT, body.replace("YWFk", "YWFl")));
  }

  @Test
  void keyWrapAndUnwrap_rsa_bringTheKeyBack() {
    create("k", "{\"kty\":\"RSA\"}");
    JsonNode wrapped =
        json(
            using(Operation.KEY_WRAP, "{\"alg\":\"RSA-OAEP-256\",\"value\":\"" + DIGEST + "\"}"));
    assertThat(wrapped.propertyNames()).containsExactly("kid", "value");
    String body =
        "{\"alg\":\"RSA-OAEP-256\",\"value\":\"" + wrapped.get("value").asString() + "\"}";
    assertThat(json(using(Operation.KEY_UNWRAP, body)).get("value").asString()).isEqualTo(DIGEST);
  }

  @Test
  void keySign_akp_takesMessageContextAndMu() {
    json(
        named(Operation.KEY_CREATE, "k")
            .version(PREVIEW)
            .body("{\"kty\":\"AKP\",\"alg\":\"ML-DSA-44\"}"));
    String plain = signature("{\"value\":\"aGk\"}");
    assertThat(isValid("{\"digest\":\"aGk\",\"value\":\"" + plain + "\"}")).isTrue();
    assertThat(
            isValid("{\"alg\":\"ML-DSA-44\",\"digest\":\"aGk\",\"value\":\"" + plain + "\"}"))
        .isTrue();
    String inContext = signature("{\"alg\":\"ML-DSA-44\",\"value\":\"aGk\",\"context\":\"YQ\"}");
    assertThat(
            isValid(
                "{\"digest\":\"aGk\",\"context\":\"YQ\",\"value\":\"" + inContext + "\"}"))
        .isTrue();
    assertThat(isValid("{\"digest\":\"aGk\",\"value\":\"" + inContext + "\"}")).isFalse();
    String mu = "A".repeat(86);
    String ofMu = signature("{\"external_mu\":\"" + mu + "\"}");
    assertThat(isValid("{\"external_mu\":\"" + mu + "\",\"value\":\"" + ofMu + "\"}")).isTrue();
    for (String body :
        List.of(
            "{\"external_mu\":\"" + mu + "\",\"value\":\"aGk\"}",
            "{\"external_mu\":\"" + mu + "\",\"alg\":\"ML-DSA-44\"}",
            "{\"external_mu\":\"" + mu + "\",\"context\":\"YQ\"}",
            "{\"external_mu\":\"AAAA\"}")) {
      invalid("external_mu", using(Operation.KEY_SIGN, body).version(PREVIEW));
    }
    invalid(
        "context",
        using(
                Operation.KEY_SIGN,
                "{\"value\":\"aGk\",\"context\":\"" + "A".repeat(342) + "\"}")
            .version(PREVIEW));
    invalid("value", using(Operation.KEY_SIGN, "{}").version(PREVIEW));
    invalid("alg", using(Operation.KEY_SIGN, "{\"value\":\"aGk\"}"));
    invalid("alg", using(Operation.KEY_SIGN, "{\"alg\":\"ML-DSA-44\",\"value\":\"aGk\"}"));
  }

  private String signature(String body) {
    return json(using(Operation.KEY_SIGN, body).version(PREVIEW)).get("value").asString();
  }

  private boolean isValid(String body) {
    return json(using(Operation.KEY_VERIFY, body).version(PREVIEW)).get("value").asBoolean();
  }

  @Test
  void keySign_ecWithContext_isRefused() throws Exception {
    create("k", "{\"kty\":\"EC\"}");
    String digest =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(MessageDigest.getInstance("SHA-256").digest(new byte[1]));
    invalid(
        "context",
        using(
                Operation.KEY_SIGN,
                "{\"alg\":\"ES256\",\"context\":\"YQ\",\"value\":\"" + digest + "\"}")
            .version(PREVIEW));
    assertThat(
            refused(
                ErrorCode.INPUT_LENGTH_EXACT,
                using(Operation.KEY_SIGN, "{\"alg\":\"ES256\",\"value\":\"aGk\"}")))
        .hasMessage(
            "Invalid length of 'value': 2 bytes. ES256 requires 32 bytes, encoded with base64url.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "KEY_SIGN | alg | {\"value\":\"AA\"}",
        "KEY_SIGN | alg | {\"alg\":\"RS257\",\"value\":\"AA\"}",
        "KEY_SIGN | alg | {\"alg\":\"RSA-OAEP\",\"value\":\"AA\"}",
        "KEY_SIGN | value | {\"alg\":\"RS256\"}",
        "KEY_SIGN | value | {\"alg\":\"RS256\",\"value\":\"&/\"}",
        "KEY_SIGN | value | {\"alg\":\"RS256\",\"value\":1}",
        "KEY_VERIFY | digest | {\"alg\":\"RS256\",\"value\":\"AA\"}",
        "KEY_VERIFY | value | {\"alg\":\"RS256\",\"digest\":\"AA\"}",
        "KEY_ENCRYPT | alg | {\"alg\":\"RS256\",\"value\":\"AA\"}",
        "KEY_ENCRYPT | iv | {\"alg\":\"RSA-OAEP\",\"value\":\"AA\",\"iv\":\"*\"}",
        "KEY_DECRYPT | tag | {\"alg\":\"RSA-OAEP\",\"value\":\"AA\",\"tag\":\"*\"}",
        "KEY_DECRYPT | value | {\"alg\":\"RSA-OAEP\"}",
        "KEY_WRAP | alg | {\"alg\":\"A256GCM\",\"value\":\"AA\"}",
        "KEY_WRAP | value | {\"alg\":\"RSA-OAEP\",\"value\":null}",
        "KEY_UNWRAP | value | {\"alg\":\"RSA-OAEP\",\"value\":[]}",
        "KEY_ENCRYPT | aad | {\"alg\":\"RSA-OAEP\",\"value\":\"AA\",\"aad\":\"AA\"}",
        "KEY_DECRYPT | tag | {\"alg\":\"RSA-OAEP\",\"value\":\"AA\",\"tag\":\"AA\"}",
        "KEY_WRAP | aad | {\"alg\":\"RSA-OAEP\",\"value\":\"AA\",\"aad\":\"AA\"}",
        "KEY_WRAP | iv | {\"alg\":\"RSA-OAEP\",\"value\":\"AA\",\"iv\":\"AA\"}",
        "KEY_UNWRAP | tag | {\"alg\":\"RSA-OAEP\",\"value\":\"AA\",\"tag\":\"AA\"}",
      })
  void keyUse_badMember_isNamed(Operation operation, String property, String body) {
    create("k", "{\"kty\":\"RSA\"}");
    invalid(property, using(operation, body));
  }

  @ParameterizedTest
  @EnumSource(KeyAlgorithm.class)
  void keySign_algorithmBeforeItsTime_isUnknown(KeyAlgorithm algorithm) {
    if (algorithm.first() != ApiVersion.V2015_06_01) {
      ApiVersion before = ApiVersion.values()[algorithm.first().ordinal() - 1];
      invalid(
          "alg",
          using(
                  Operation.KEY_SIGN,
                  "{\"alg\":\"" + algorithm.wire() + "\",\"value\":\"" + DIGEST + "\"}")
              .version(before));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Operation.class,
      names = {"KEY_RELEASE", "KEY_SECURE_WRAP", "KEY_SECURE_UNWRAP", "KEY_GET_ATTESTATION"})
  void keyHardwareOnly_isRefusedOnceTheKeyIsFound(Operation operation) {
    refused(ErrorCode.KEY_NOT_FOUND, named(operation, "k"));
    create("k", "{\"kty\":\"EC\"}");
    refused(
        operation == Operation.KEY_GET_ATTESTATION
            ? ErrorCode.OPERATION_NOT_ENABLED
            : ErrorCode.KEY_OPERATION_FORBIDDEN,
        named(operation, "k"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "0123456789abcdef", "z1234567890123456789012345678901"})
  void keyGet_versionThatIsNone_isNotFound(String version) {
    create("k", "{\"kty\":\"EC\"}");
    assertThat(
            refused(
                ErrorCode.KEY_NOT_FOUND,
                named(Operation.KEY_GET, "k").with("version", version)))
        .hasMessageStartingWith("A key with (name/id) k/" + version + " was not found");
  }

  // rotation

  @Test
  void keyRotate_live_isTheNewBundle() {
    JsonNode first = create("k", "{\"kty\":\"EC\"}");
    JsonNode second = json(named(Operation.KEY_ROTATE, "k"));
    assertThat(versionOf(second)).isNotEqualTo(versionOf(first));
    assertThat(second.get("key").get("x")).isNotEqualTo(first.get("key").get("x"));
  }

  private String policy(String body) {
    return text(send(named(Operation.KEY_ROTATION_POLICY_SET, "k").body(body)));
  }

  @Test
  void keyRotationPolicy_beforeOneIsSet_isTheNoticeAlone() {
    create("K", "{\"kty\":\"EC\"}");
    assertThat(text(send(named(Operation.KEY_ROTATION_POLICY_GET, "k"))))
        .isEqualTo(
            "{\"id\":\""
                + BASE
                + "/keys/K/rotationpolicy\",\"lifetimeActions\":[{\"trigger\":"
                + "{\"timeBeforeExpiry\":\"P30D\"},\"action\":{\"type\":\"Notify\"}}],"
                + "\"attributes\":{}}");
  }

  @Test
  void keyRotationPolicySet_rotateOnly_comesBackWithTheDefaultNotice() {
    create("k", "{\"kty\":\"EC\"}");
    String answer =
        "{\"id\":\""
            + BASE
            + "/keys/k/rotationpolicy\",\"lifetimeActions\":["
            + "{\"trigger\":{\"timeAfterCreate\":\"P18M\"},\"action\":{\"type\":\"Rotate\"}},"
            + "{\"trigger\":{\"timeBeforeExpiry\":\"P30D\"},\"action\":{\"type\":\"Notify\"}}],"
            + "\"attributes\":{\"expiryTime\":\"P2Y\",\"created\":"
            + START
            + ",\"updated\":"
            + START
            + "}}";
    assertThat(
            policy(
                "{\"lifetimeActions\":[{\"trigger\":{\"timeAfterCreate\":\"P18M\","
                    + "\"timeBeforeExpiry\":null},\"action\":{\"type\":\"rotate\"}}],"
                    + "\"attributes\":{\"expiryTime\":\"P2Y\"}}"))
        .isEqualTo(answer);
    assertThat(text(send(named(Operation.KEY_ROTATION_POLICY_GET, "k")))).isEqualTo(answer);
    assertThat(policy("{\"lifetimeActions\":[],\"attributes\":{}}"))
        .contains("\"lifetimeActions\":[{\"trigger\":{\"timeBeforeExpiry\":\"P30D\"}")
        .doesNotContain("Rotate", "expiryTime");
  }

  private static String action(String type, String trigger) {
    return "{\"trigger\":{" + trigger + "},\"action\":{\"type\":\"" + type + "\"}}";
  }

  private void badPolicy(ErrorCode code, String expiry, String... actions) {
    String body =
        "{\"lifetimeActions\":["
            + String.join(",", actions)
            + "],\"attributes\":{"
            + (expiry.isEmpty() ? "" : "\"expiryTime\":\"" + expiry + "\"")
            + "}}";
    refused(code, named(Operation.KEY_ROTATION_POLICY_SET, "k").body(body));
  }

  @Test
  void keyRotationPolicySet_badPolicy_isRefused() {
    create("k", "{\"kty\":\"EC\"}");
    String rotate = action("Rotate", "\"timeAfterCreate\":\"P30D\"");
    String notify = action("Notify", "\"timeBeforeExpiry\":\"P9D\"");
    badPolicy(ErrorCode.ROTATION_POLICY_INVALID, "", rotate, rotate);
    badPolicy(ErrorCode.ROTATION_POLICY_INVALID, "", notify, notify);
    badPolicy(ErrorCode.ROTATION_POLICY_INVALID, "", action("Rotate", ""));
    badPolicy(
        ErrorCode.ROTATION_POLICY_INVALID,
        "P1Y",
        action("Rotate", "\"timeAfterCreate\":\"P30D\",\"timeBeforeExpiry\":\"P30D\""));
    badPolicy(
        ErrorCode.ROTATION_POLICY_INVALID, "", action("Notify", "\"timeAfterCreate\":\"P9D\""));
    badPolicy(
        ErrorCode.ROTATION_POLICY_INVALID, "", action("Rotate", "\"timeAfterCreate\":\"P6D\""));
    badPolicy(ErrorCode.ROTATION_POLICY_INVALID, "P27D");
    badPolicy(ErrorCode.PROPERTY_INVALID, "P1W");
    badPolicy(ErrorCode.PROPERTY_INVALID, "", action("Destroy", "\"timeAfterCreate\":\"P9D\""));
    badPolicy(
        ErrorCode.PROPERTY_INVALID, "", action("Rotate", "\"timeAfterCreate\":\"30 days\""));
    badPolicy(ErrorCode.PROPERTY_INVALID, "", "{\"trigger\":{\"timeAfterCreate\":\"P9D\"}}");
    badPolicy(ErrorCode.PROPERTY_INVALID, "", "{\"action\":{\"type\":\"Rotate\"}}");
    badPolicy(ErrorCode.PROPERTY_INVALID, "", "1");
  }
}
