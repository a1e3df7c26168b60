package dev.strongroom.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.control.Refused;
import dev.strongroom.model.ApiVersion;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Operation;
import dev.strongroom.model.VaultException;
import dev.strongroom.vault.OpenVault;
import dev.strongroom.vault.PageTokens;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SecretsApiTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String BASE = "https://vault-1.vault.strongroom.test:8443";
  private static final long START = OpenVault.START.getEpochSecond();
  private static final long DAYS_90 = Duration.ofDays(90).toSeconds();
  private static final String FULL =
      "{\"value\":\"s3cret\",\"contentType\":\"text/plain\",\"tags\":{\"b\":\"2\"},"
          + "\"attributes\":{\"enabled\":true,\"nbf\":1700000000,\"exp\":1800000000}}";

  private final OpenVault vault = new OpenVault();
  private final Map<Operation, Handler> handlers =
      new SecretsApi(vault.secrets, new PageTokens(vault.seal)).handlers();

  private FakeCall call(Operation operation) {
    return new FakeCall(operation, vault.container, vault.origin());
  }

  private FakeCall named(Operation operation, String name) {
    return call(operation).with("name", name);
  }

  private FakeCall put(String name, String body) {
    return named(Operation.SECRET_SET, name).body(body);
  }

  private Answer send(FakeCall call) {
    return handlers.get(call.operation()).handle(call);
  }

  private String text(FakeCall call) {
    Answer answer = send(call);
    assertThat(answer.status()).isEqualTo(200);
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  private JsonNode json(FakeCall call) {
    return JSON.readTree(text(call));
  }

  /** Sets and says the version that was made. */
  private String set(String name, String body) {
    String id = json(put(name, body)).get("id").asString();
    return id.substring(id.lastIndexOf('/') + 1);
  }

  private static String attributes(long updated) {
    return "\"attributes\":{\"enabled\":true,\"nbf\":1700000000,\"exp\":1800000000,\"created\":"
        + START
        + ",\"updated\":"
        + updated
        + ",\"recoveryLevel\":\"Recoverable+Purgeable\",\"recoverableDays\":90}";
  }

  private static final String PLAIN_ATTRIBUTES =
      "\"attributes\":{\"enabled\":true,\"created\":"
          + START
          + ",\"updated\":"
          + START
          + ",\"recoveryLevel\":\"Recoverable+Purgeable\",\"recoverableDays\":90}";

  @Test
  void handlers_cover_everyOperationOnSecrets() {
    assertThat(handlers.keySet())
        .containsExactly(
            Arrays.stream(Operation.values())
                .filter(operation -> operation.name().startsWith("SECRET_"))
                .filter(operation -> operation.collection().isPresent())
                .toArray(Operation[]::new));
  }

  // exact answers

  @Test
  void secretSet_fullBody_isAnsweredWhole() {
    Answer answer = send(put("Name", FULL));
    String text = new String(answer.body(), StandardCharsets.UTF_8);
    String id = JSON.readTree(text).get("id").asString();
    assertThat(id).matches(BASE + "/secrets/Name/[0-9a-f]{32}");
    assertThat(text)
        .isEqualTo(
            "{\"value\":\"s3cret\",\"contentType\":\"text/plain\",\"id\":\""
                + id
                + "\","
                + attributes(START)
                + ",\"tags\":{\"b\":\"2\"}}");
    assertThat(answer.objectId()).contains(id);
    assertThat(answer.status()).isEqualTo(200);
  }

  @Test
  void secretSet_valueOnly_hasDefaultsAndEmptyTags() {
    String version = set("Name", "{\"value\":\"x\"}");
    assertThat(text(named(Operation.SECRET_GET, "NAME")))
        .isEqualTo(
            "{\"value\":\"x\",\"id\":\""
                + BASE
                + "/secrets/Name/"
                + version
                + "\","
                + PLAIN_ATTRIBUTES
                + ",\"tags\":{}}");
  }

  @Test
  void secretGet_secondVersion_namesTheFirst() {
    String first = set("n", FULL);
    String second = set("n", "{\"value\":\"two\"}");
    assertThat(text(named(Operation.SECRET_GET, "n").with("version", second)))
        .isEqualTo(
            "{\"value\":\"two\",\"id\":\""
                + BASE
                + "/secrets/n/"
                + second
                + "\","
                + PLAIN_ATTRIBUTES
                + ",\"tags\":{},\"previousVersion\":\""
                + first
                + "\"}");
    assertThat(
            json(named(Operation.SECRET_GET, "n").with("version", first.toUpperCase()))
                .get("value")
                .asString())
        .isEqualTo("s3cret");
  }

  @Test
  void secretUpdate_answers_withoutValue() {
    String version = set("n", FULL);
    vault.pass(Duration.ofSeconds(4));
    assertThat(text(named(Operation.SECRET_UPDATE, "n").body("{\"tags\":{\"z\":\"\"}}")))
        .isEqualTo(
            "{\"contentType\":\"text/plain\",\"id\":\""
                + BASE
                + "/secrets/n/"
                + version
                + "\","
                + attributes(START + 4)
                + ",\"tags\":{\"z\":\"\"}}");
    assertThat(json(named(Operation.SECRET_UPDATE, "n").body("{}")).get("tags").get("z").asString())
        .as("an empty update changes nothing but the time")
        .isEmpty();
  }

  @Test
  void secretDeleteGetDeletedRecoverPurge_answer_exactly() {
    String version = set("N", FULL);
    String rest =
        "\"contentType\":\"text/plain\",\"id\":\""
            + BASE
            + "/secrets/N/"
            + version
            + "\","
            + attributes(START)
            + ",\"tags\":{\"b\":\"2\"}}";
    String deletion =
        "\"recoveryId\":\""
            + BASE
            + "/deletedsecrets/N\",\"deletedDate\":"
            + START
            + ",\"scheduledPurgeDate\":"
            + (START + DAYS_90)
            + ",";
    Answer deleted = send(named(Operation.SECRET_DELETE, "n"));
    assertThat(new String(deleted.body(), StandardCharsets.UTF_8)).isEqualTo("{" + deletion + rest);
    assertThat(deleted.objectId()).contains(BASE + "/deletedsecrets/N");
    assertThat(text(named(Operation.SECRET_GET_DELETED, "n"))).isEqualTo("{" + deletion + rest);
    assertThat(text(call(Operation.SECRET_LIST_DELETED).path("/deletedsecrets")))
        .isEqualTo(
            ("{\"value\":[{" + deletion + rest + "],\"nextLink\":null}")
                .replace("/" + version, ""));
    assertThat(text(named(Operation.SECRET_RECOVER, "n"))).isEqualTo("{" + rest);
    send(named(Operation.SECRET_DELETE, "n"));
    Answer purged = send(named(Operation.SECRET_PURGE, "n"));
    assertThat(purged.status()).isEqualTo(204);
    assertThat(purged.body()).isEmpty();
    Refused.with(
        ErrorCode.DELETED_SECRET_NOT_FOUND, () -> send(named(Operation.SECRET_GET_DELETED, "n")));
  }

  @Test
  void secretListAndListVersions_answer_exactly() {
    String first = set("n", FULL);
    String second = set("n", "{\"value\":\"two\"}");
    assertThat(text(call(Operation.SECRET_LIST).path("/secrets")))
        .isEqualTo(
            "{\"value\":[{\"id\":\""
                + BASE
                + "/secrets/n\","
                + PLAIN_ATTRIBUTES
                + ",\"tags\":{}}],\"nextLink\":null}");
    assertThat(text(named(Operation.SECRET_LIST_VERSIONS, "n").path("/secrets/n/versions")))
        .isEqualTo(
            "{\"value\":[{\"contentType\":\"text/plain\",\"id\":\""
                + BASE
                + "/secrets/n/"
                + first
                + "\","
                + attributes(START)
                + ",\"tags\":{\"b\":\"2\"}},{\"id\":\""
                + BASE
                + "/secrets/n/"
                + second
                + "\","
                + PLAIN_ATTRIBUTES
                + ",\"tags\":{}}],\"nextLink\":null}");
    assertThat(text(call(Operation.SECRET_LIST_DELETED)))
        .isEqualTo("{\"value\":[],\"nextLink\":null}");
  }

  @Test
  void secretBackup_thenRestore_bringsTheBundleBack() {
    String version = set("n", FULL);
    JsonNode backup = json(named(Operation.SECRET_BACKUP, "n"));
    assertThat(backup.propertyNames()).containsExactly("value");
    assertThat(backup.get("value").asString()).matches("[0-9A-Za-z_-]+");
    send(named(Operation.SECRET_DELETE, "n"));
    send(named(Operation.SECRET_PURGE, "n"));
    JsonNode restored = json(call(Operation.SECRET_RESTORE).body(backup.toString()));
    assertThat(restored.get("id").asString()).endsWith("/secrets/n/" + version);
    assertThat(restored.has("value")).isFalse();
    assertThat(json(named(Operation.SECRET_GET, "n")).get("value").asString()).isEqualTo("s3cret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "a b", "AAAA", "U1JC", ""})
  void secretRestore_noBackup_isInvalid(String value) {
    Refused.with(
        ErrorCode.BACKUP_INVALID,
        () -> send(call(Operation.SECRET_RESTORE).body("{\"value\":\"" + value + "\"}")));
  }

  @ParameterizedTest
  @EnumSource(ApiVersion.class)
  void secretGet_eachApiVersion_hasItsMembersOnly(ApiVersion version) {
    set("n", FULL);
    set("n", FULL);
    JsonNode bundle = json(named(Operation.SECRET_GET, "n").version(version));
    JsonNode attributes = bundle.get("attributes");
    List<String> expected = new ArrayList<>(List.of("enabled", "nbf", "exp", "created", "updated"));
    if (!version.wire().equals("2015-06-01")) {
      expected.add("recoveryLevel");
    }
    if (!List.of("2015-06-01", "2016-10-01", "7.0-preview", "7.0").contains(version.wire())) {
      expected.add("recoverableDays");
    }
    assertThat(attributes.propertyNames()).containsExactlyElementsOf(expected);
    assertThat(bundle.has("previousVersion"))
        .isEqualTo(version.wire().equals("7.6") || version.wire().startsWith("20") && !version.wire().startsWith("201"));
  }

  // bad input

  static List<Arguments> badBodies() {
    List<Arguments> rows = new ArrayList<>();
    rows.add(Arguments.of("", ErrorCode.BODY_MISSING));
    for (String broken :
        List.of(
            " ",
            "null",
            "[]",
            "\"x\"",
            "{",
            "{\"value\":\"x\"",
            "{\"value\":\"x\"}}",
            "{\"value\":\"x\"} x",
            "{\"value\":\"x\",}",
            "{'value':'x'}",
            "{\"value\":\"x\",\"value\":\"y\"}",
            "{\"value\":\"x\",\"tags\":{\"a\":\"1\",\"a\":\"2\"}}",
            "{\"value\":\"x\",\"deep\":" + "[".repeat(33) + "]".repeat(33) + "}",
            "{\"value\":\"\\ud800\"}",
            "{\"value\":\"x\",\"contentType\":\"\\udc00\\ud800\"}",
            "{\"value\":\"x\",\"tags\":{\"\\udfff\":\"\"}}",
            "{\"value\":\"x\",\"attributes\":{\"exp\":1" + "0".repeat(1500) + "}}",
            "\uFEFF{\"value\":\"x\"}",
            "{\"value\":NaN}")) {
      rows.add(Arguments.of(broken, ErrorCode.BODY_INVALID));
    }
    for (String property :
        List.of(
            "{}",
            "{\"value\":null}",
            "{\"value\":1}",
            "{\"value\":true}",
            "{\"value\":[]}",
            "{\"value\":{}}",
            "{\"value\":\"x\",\"contentType\":1}",
            "{\"value\":\"x\",\"contentType\":\"" + "c".repeat(256) + "\"}",
            "{\"value\":\"x\",\"tags\":[]}",
            "{\"value\":\"x\",\"tags\":\"a\"}",
            "{\"value\":\"x\",\"tags\":{\"a\":1}}",
            "{\"value\":\"x\",\"tags\":{\"a\":null}}",
            "{\"value\":\"x\",\"attributes\":1}",
            "{\"value\":\"x\",\"attributes\":[]}",
            "{\"value\":\"x\",\"attributes\":{\"enabled\":\"true\"}}",
            "{\"value\":\"x\",\"attributes\":{\"enabled\":1}}",
            "{\"value\":\"x\",\"attributes\":{\"nbf\":\"1\"}}",
            "{\"value\":\"x\",\"attributes\":{\"nbf\":-1}}",
            "{\"value\":\"x\",\"attributes\":{\"exp\":1.5}}",
            "{\"value\":\"x\",\"attributes\":{\"exp\":1e9}}",
            "{\"value\":\"x\",\"attributes\":{\"exp\":253402300800}}",
            "{\"value\":\"x\",\"attributes\":{\"exp\":99999999999999999999}}",
            "{\"value\":\"x\",\"attributes\":{\"exp\":true}}")) {
      rows.add(Arguments.of(property, ErrorCode.PROPERTY_INVALID));
    }
    StringBuilder tags = new StringBuilder("{\"value\":\"x\",\"tags\":{\"t\":\"\"");
    for (int i = 0; i < 15; i++) {
      tags.append(",\"t").append(i).append("\":\"\"");
    }
    rows.add(Arguments.of(tags + "}}", ErrorCode.TAGS_INVALID));
    rows.add(Arguments.of("{\"value\":\"x\",\"tags\":{\"\":\"\"}}", ErrorCode.TAGS_INVALID));
    rows.add(
        Arguments.of(
            "{\"value\":\"x\",\"tags\":{\"a\":\"" + "v".repeat(513) + "\"}}",
            ErrorCode.TAGS_INVALID));
    rows.add(
        Arguments.of(
            "{\"value\":\"x\",\"tags\":{\"" + "n".repeat(513) + "\":\"\"}}",
            ErrorCode.TAGS_INVALID));
    rows.add(
        Arguments.of("{\"value\":\"" + "x".repeat(25_601) + "\"}", ErrorCode.SECRET_TOO_LONG));
    rows.add(
        Arguments.of(
            "{\"value\":\"" + "\u00e9".repeat(12_801) + "\"}", ErrorCode.SECRET_TOO_LONG));
    return rows;
  }

  @ParameterizedTest
  @MethodSource("badBodies")
  void secretSet_badBody_isRefusedAndNothingIsWritten(String body, ErrorCode code) {
    long before = vault.store.journalHead();
    VaultException refusal = Refused.with(code, () -> send(put("n", body)));
    assertThat(refusal.code().status()).isEqualTo(400);
    assertThat(vault.store.journalHead()).isEqualTo(before);
  }

  @Test
  void secretSet_nestedMemberWrong_isNamedWithItsPath() {
    assertThat(
            Refused.with(
                ErrorCode.PROPERTY_INVALID,
                () -> send(put("n", "{\"value\":\"x\",\"attributes\":{\"nbf\":\"1\"}}"))))
        .hasMessage("Property attributes.nbf has invalid value\r\n");
  }

  @Test
  void secretSet_brokenBody_isNotQuotedInTheRefusal() {
    VaultException refusal =
        Refused.with(ErrorCode.BODY_INVALID, () -> send(put("n", "{\"value\":\"hunter2\" hunter2")));
    assertThat(refusal).hasMessageNotContaining("hunter2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ff", "c080", "eda080", "f4908080", "c3"})
  void secretSet_notUtf8_isRefused(String hex) {
    byte[] head = "{\"value\":\"".getBytes(StandardCharsets.UTF_8);
    byte[] bad = HexFormat.of().parseHex(hex);
    byte[] body = Arrays.copyOf(head, head.length + bad.length + 2);
    System.arraycopy(bad, 0, body, head.length, bad.length);
    body[body.length - 2] = '"';
    body[body.length - 1] = '}';
    Refused.with(
        ErrorCode.BODY_INVALID,
        () -> send(named(Operation.SECRET_SET, "n").body(body)));
  }

  @Test
  void secretSet_nullAndUnknownMembers_areAsAbsent() {
    set(
        "n",
        "{\"value\":\"x\",\"contentType\":null,\"tags\":null,\"attributes\":null,\"other\":[1]}");
    set(
        "n",
        "{\"value\":\"x\",\"attributes\":{\"enabled\":null,\"nbf\":null,\"exp\":null,\"more\":1},"
            + "\"id\":\"ignored\",\"managed\":true}");
    JsonNode bundle = json(named(Operation.SECRET_GET, "n"));
    assertThat(bundle.propertyNames())
        .containsExactly("value", "id", "attributes", "tags", "previousVersion");
    assertThat(bundle.get("attributes").get("enabled").asBoolean()).isTrue();
  }

  @Test
  void secretSet_longestOfEverything_isTaken() {
    StringBuilder tags = new StringBuilder();
    for (int i = 10; i < 25; i++) {
      tags.append(i > 10 ? "," : "").append('"').append("n".repeat(510)).append(i).append("\":\"");
      tags.append("v".repeat(512)).append('"');
    }
    String body =
        "{\"value\":\""
            + "\u00e9".repeat(12_800)
            + "\",\"contentType\":\""
            + "c".repeat(255)
            + "\",\"tags\":{"
            + tags
            + "},\"attributes\":{\"exp\":253402300799,\"nbf\":0},\"deep\":"
            + "[".repeat(31)
            + "]".repeat(31)
            + "}";
    set("n", body);
    JsonNode bundle = json(named(Operation.SECRET_GET, "n"));
    assertThat(bundle.get("value").asString()).isEqualTo("\u00e9".repeat(12_800));
    assertThat(bundle.get("tags").size()).isEqualTo(15);
    assertThat(bundle.get("attributes").get("exp").asLong()).isEqualTo(253_402_300_799L);
    assertThat(bundle.get("attributes").get("nbf").asLong()).isZero();
  }

  @Test
  void secretSet_escapedPair_isOneCharacter() {
    set("n", "{\"value\":\"\\ud83d\\udd11 \\u0000\"}");
    assertThat(json(named(Operation.SECRET_GET, "n")).get("value").asString())
        .isEqualTo("\uD83D\uDD11 \0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "123", "g0000000000000000000000000000000", "versions-of"})
  void secretGetAndUpdate_versionThatIsNone_isNotFound(String version) {
    set("n", FULL);
    assertThat(
            Refused.with(
                ErrorCode.SECRET_NOT_FOUND,
                () -> send(named(Operation.SECRET_GET, "n").with("version", version))))
        .hasMessageContaining("n/" + version);
    Refused.with(
        ErrorCode.SECRET_NOT_FOUND,
        () -> send(named(Operation.SECRET_UPDATE, "n").with("version", version).body("{}")));
  }

  @Test
  void everyNamedOperation_badName_isRefused() {
    for (String name : List.of("a_b", "", "a".repeat(128), "\u00e4", "a.b")) {
      for (Operation operation : handlers.keySet()) {
        if (List.of(Operation.SECRET_LIST, Operation.SECRET_LIST_DELETED, Operation.SECRET_RESTORE)
            .contains(operation)) {
          continue;
        }
        Refused.with(
            ErrorCode.NAME_INVALID, () -> send(named(operation, name).body("{\"value\":\"x\"}")));
      }
    }
  }

  @Test
  void secretGet_outContentType_isCheckedWhereItIsKnown() {
    set("n", FULL);
    for (String known : List.of("application/x-pem-file", "application/x-pkcs12")) {
      assertThat(text(named(Operation.SECRET_GET, "n").query("outContentType", known)))
          .contains("s3cret");
    }
    Refused.with(
        ErrorCode.QUERY_INVALID,
        () -> send(named(Operation.SECRET_GET, "n").query("outContentType", "text/plain")));
    assertThat(
            text(
                named(Operation.SECRET_GET, "n")
                    .version(ApiVersion.V7_5)
                    .query("outContentType", "text/plain")))
        .contains("s3cret");
  }

  @Test
  void secretGet_disabled_isRefused() {
    set("n", "{\"value\":\"x\",\"attributes\":{\"enabled\":false}}");
    VaultException refusal =
        Refused.with(ErrorCode.SECRET_DISABLED, () -> send(named(Operation.SECRET_GET, "n")));
    assertThat(refusal.code().inner()).contains("SecretDisabled");
  }

  // pages

  @ParameterizedTest
  @ValueSource(strings = {"0", "26", "x", "-1", "", "1.0", "99999999999", " 1"})
  void lists_badPageSize_areRefused(String size) {
    set("n", FULL);
    for (Operation list :
        List.of(
            Operation.SECRET_LIST,
            Operation.SECRET_LIST_DELETED,
            Operation.SECRET_LIST_VERSIONS)) {
      Refused.with(
          ErrorCode.QUERY_INVALID, () -> send(named(list, "n").query("maxresults", size)));
    }
  }

  private FakeCall follow(Operation list, String name, String link) {
    URI uri = URI.create(link);
    FakeCall next = named(list, name).path(uri.getPath());
    for (String parameter : uri.getRawQuery().split("&")) {
      String[] parts = parameter.split("=", 2);
      next.query(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    assertThat(parameterNames(uri)).containsExactly("api-version", "$skiptoken", "maxresults");
    return next;
  }

  private static List<String> parameterNames(URI uri) {
    return Arrays.stream(uri.getRawQuery().split("&")).map(p -> p.split("=", 2)[0]).toList();
  }

  @Test
  void secretList_sixtySecrets_goThroughAbsoluteLinksToANullOne() {
    List<String> names = new ArrayList<>();
    for (int i = 100; i < 160; i++) {
      names.add(BASE + "/secrets/s" + i);
      set("s" + i, "{\"value\":\"x\"}");
    }
    for (String size : List.of("", "25", "7", "1", "20")) {
      List<String> seen = new ArrayList<>();
      FakeCall call = call(Operation.SECRET_LIST).path("/secrets");
      if (!size.isEmpty()) {
        call.query("maxresults", size);
      }
      while (true) {
        JsonNode page = json(call);
        page.get("value").forEach(item -> seen.add(item.get("id").asString()));
        assertThat(page.has("nextLink")).isTrue();
        if (page.get("nextLink").isNull()) {
          break;
        }
        String link = page.get("nextLink").asString();
        assertThat(link)
            .startsWith(BASE + "/secrets?api-version=2025-07-01&$skiptoken=")
            .endsWith("&maxresults=" + (size.isEmpty() ? "25" : size));
        assertThat(page.get("value").size()).isEqualTo(size.isEmpty() ? 25 : Integer.parseInt(size));
        call = follow(Operation.SECRET_LIST, "unused", link);
      }
      assertThat(seen).as("maxresults " + size).isEqualTo(names);
    }
  }

  @Test
  void secretList_exactlyOnePage_hasNoLink() {
    set("a", FULL);
    set("b", FULL);
    assertThat(json(call(Operation.SECRET_LIST).query("maxresults", "2")).get("nextLink").isNull())
        .isTrue();
  }

  @Test
  void secretListVersionsAndListDeleted_page_byTheirOwnTokens() {
    for (String name : List.of("a", "b", "c")) {
      set(name, FULL);
      set(name, FULL);
      set(name, FULL);
    }
    JsonNode versions =
        json(
            named(Operation.SECRET_LIST_VERSIONS, "a")
                .path("/secrets/a/versions")
                .query("maxresults", "2"));
    String link = versions.get("nextLink").asString();
    assertThat(link).startsWith(BASE + "/secrets/a/versions?api-version=");
    assertThat(json(follow(Operation.SECRET_LIST_VERSIONS, "A", link)).get("value").size())
        .isEqualTo(1);
    Refused.with(
        ErrorCode.SKIPTOKEN_INVALID,
        () -> send(follow(Operation.SECRET_LIST_VERSIONS, "b", link)));
    Refused.with(
        ErrorCode.SKIPTOKEN_INVALID, () -> send(follow(Operation.SECRET_LIST, "a", link)));
    for (String name : List.of("a", "b", "c")) {
      send(named(Operation.SECRET_DELETE, name));
    }
    JsonNode deleted =
        json(call(Operation.SECRET_LIST_DELETED).path("/deletedsecrets").query("maxresults", "1"));
    JsonNode second =
        json(
            follow(
                Operation.SECRET_LIST_DELETED, "", deleted.get("nextLink").asString()));
    assertThat(second.get("value").get(0).get("recoveryId").asString())
        .isEqualTo(BASE + "/deletedsecrets/b");
  }

  @Test
  void secretList_tokenWithoutPageSize_keepsTheSizeOfTheFirstPage() {
    for (String name : List.of("a", "b", "c", "d", "e")) {
      set(name, FULL);
    }
    String link =
        json(call(Operation.SECRET_LIST).path("/secrets").query("maxresults", "2"))
            .get("nextLink")
            .asString();
    String token = link.substring(link.indexOf("$skiptoken=") + 11, link.indexOf("&maxresults"));
    assertThat(json(call(Operation.SECRET_LIST).query("$skiptoken", token)).get("value").size())
        .isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "AAAA", "%", "null"})
  void lists_badToken_areRefused(String token) {
    Refused.with(
        ErrorCode.SKIPTOKEN_INVALID,
        () -> send(call(Operation.SECRET_LIST).query("$skiptoken", token)));
  }
}
