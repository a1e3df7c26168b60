package dev.strongroom.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSAEncrypter;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import dev.strongroom.model.Id;
import dev.strongroom.model.VaultException;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tens of thousands of tokens that are not access tokens of ours for the vault in this tenant: not
 * one may be accepted, and not one may be answered with anything but a 401.
 */
class ForgedTokensTest {
  private static final int AT_LEAST = 20_000;

  private final World world = new World();
  private final Random random = new Random(7516);
  private final String genuine = world.login().accessToken();
  private final ObjectNode header = World.header(genuine);
  private final ObjectNode claims = World.claims(genuine);
  private final PrivateKey ours = world.privateKey();
  private final Map<String, Integer> tried = new TreeMap<>();

  @Test
  void verify_forgedMutatedOrConfused_isNeverAccepted() throws JOSEException, ParseException {
    verify(genuine);

    flippedBits();
    mutations();
    otherSpellings();
    algorithms();
    otherKeys();
    kids();
    headerParameters();
    types();
    claimsMissingOrOfAnotherForm();
    times();
    otherTenantsAndAudiences();
    otherUses();
    duplicateMembers();
    encrypted();
    giants();
    garbage();
    revoked();

    int total = tried.values().stream().mapToInt(Integer::intValue).sum();
    Map<Refusal, Long> byRule = world.tokens.refusals();
    System.out.println("forged tokens refused: " + total + " by kind " + tried);
    System.out.println("forged tokens by rule: " + byRule);
    assertThat(total).isGreaterThanOrEqualTo(AT_LEAST);
    assertThat(byRule.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(total);
    assertThat(byRule).as("every rule has refused something").doesNotContainValue(0L);
    verify(world.login().accessToken());
  }

  /** Every bit of every character, one at a time. */
  private void flippedBits() {
    for (int at = 0; at < genuine.length(); at++) {
      for (int bit = 0; bit < 8; bit++) {
        char[] text = genuine.toCharArray();
        text[at] ^= (char) (1 << bit);
        refuse("bit flips", new String(text));
      }
    }
  }

  private void mutations() {
    String alphabet = "ABCxyz019-_.=+/ \n\u0000é";
    for (int i = 0; i < 8000; i++) {
      StringBuilder text = new StringBuilder(genuine);
      int steps = 1 + random.nextInt(3);
      for (int step = 0; step < steps; step++) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(5)) {
          case 0 -> text.deleteCharAt(at);
          case 1 -> text.insert(at, alphabet.charAt(random.nextInt(alphabet.length())));
          case 2 -> text.setCharAt(at, alphabet.charAt(random.nextInt(alphabet.length())));
          case 3 -> text.setLength(Math.max(1, at));
          default -> text.insert(at, text.substring(at, Math.min(text.length(), at + 20)));
        }
      }
      if (!text.toString().equals(genuine)) {
        refuse("mutations", text.toString());
      }
    }
    String[] parts = genuine.split("\\.");
    String other = world.login().accessToken();
    String[] others = other.split("\\.");
    refuse("mutations", parts[0] + "." + others[1] + "." + parts[2]);
    refuse("mutations", parts[1] + "." + parts[0] + "." + parts[2]);
    refuse("mutations", parts[0] + "." + parts[1] + "." + parts[1]);
  }

  /** The same bytes written in another way must not be a second token. */
  private void otherSpellings() {
    String[] parts = genuine.split("\\.");
    refuse("spellings", genuine + "=");
    refuse("spellings", genuine + "==");
    refuse("spellings", genuine + "\n");
    refuse("spellings", " " + genuine);
    refuse("spellings", genuine + ".");
    refuse("spellings", "." + genuine);
    refuse("spellings", genuine + "." + parts[2]);
    refuse("spellings", parts[0] + "." + parts[1]);
    refuse("spellings", parts[0] + "." + parts[1] + ".");
    refuse("spellings", parts[0] + ".." + parts[2]);
    for (String part : parts) {
      byte[] bytes = Base64.getUrlDecoder().decode(part);
      String plain = Base64.getEncoder().encodeToString(bytes);
      if (!plain.equals(part)) {
        refuse("spellings", genuine.replace(part, plain));
      }
    }
    // the last character of the signature carries two bits that are in no byte
    String last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (char c : last.toCharArray()) {
      String spelled = genuine.substring(0, genuine.length() - 1) + c;
      if (!spelled.equals(genuine)) {
        refuse("spellings", spelled);
      }
    }
  }

  private void algorithms() throws JOSEException, ParseException {
    RSAKey published = RSAKey.parse(world.signingKey().publicJwk());
    byte[] der = published.toRSAPublicKey().getEncoded();
    String pem =
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
            + "\n-----END PUBLIC KEY-----\n";
    List<byte[]> secrets =
        List.of(
            der,
            utf8(pem),
            utf8(pem.strip()),
            utf8(world.signingKey().publicJwk()),
            published.getModulus().decode(),
            new byte[32]);
    for (String algorithm : List.of("HS256", "HS384", "HS512")) {
      for (byte[] secret : secrets) {
        for (int i = 0; i < 20; i++) {
          String input = encoded(header.deepCopy().put("alg", algorithm), varied());
          refuse("alg HS", input + "." + mac(algorithm, secret, input));
          String asOurs = encoded(header, varied());
          refuse("alg HS", asOurs + "." + mac(algorithm, secret, asOurs));
        }
      }
    }
    for (String algorithm : List.of("none", "None", "NONE", "nOnE", "", "RS256 ", "rs256")) {
      ObjectNode changed = header.deepCopy().put("alg", algorithm);
      refuse("alg none", encoded(changed, claims) + ".");
      refuse("alg none", encoded(changed, claims) + "." + genuine.split("\\.")[2]);
      refuse("alg none", signed(changed, claims));
    }
    for (String algorithm :
        List.of("RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "EdDSA", "RSA1_5", "dir")) {
      ObjectNode changed = header.deepCopy().put("alg", algorithm);
      refuse("alg other", signed(changed, claims));
    }
    for (JWSAlgorithm algorithm :
        List.of(JWSAlgorithm.PS256, JWSAlgorithm.RS384, JWSAlgorithm.RS512)) {
      ObjectNode changed = header.deepCopy().put("alg", algorithm.getName());
      refuse(
          "alg other", World.signed(changed.toString(), claims.toString(), algorithm, ours));
      refuse("alg other", World.signed(header.toString(), claims.toString(), algorithm, ours));
    }
    ObjectNode without = header.deepCopy();
    without.remove("alg");
    refuse("alg other", signed(without, claims));
    for (JsonNode value : wrongForms()) {
      ObjectNode changed = header.deepCopy();
      changed.set("alg", value);
      refuse("alg other", signed(changed, claims));
    }
  }

  private void otherKeys() throws JOSEException {
    PrivateKey other = Certificates.RSA.toRSAPrivateKey();
    for (int i = 0; i < 500; i++) {
      refuse(
          "other key",
          World.signed(header.toString(), varied().toString(), JWSAlgorithm.RS256, other));
    }
    ObjectNode ecHeader = header.deepCopy().put("alg", "ES256");
    for (int i = 0; i < 200; i++) {
      refuse(
          "other key",
          World.signed(
              ecHeader.toString(),
              varied().toString(),
              JWSAlgorithm.ES256,
              Certificates.P256.toECPrivateKey()));
    }
  }

  private void kids() {
    List<String> names = new ArrayList<>();
    names.addAll(
        List.of(
            "",
            "../../etc/passwd",
            "/dev/null",
            "' or '1'='1",
            "https://evil.test/key",
            "signing",
            header.get("kid").stringValue() + " ",
            header.get("kid").stringValue().toLowerCase(Locale.ROOT),
            world.application.appId().guid()));
    for (int i = 0; i < 300; i++) {
      names.add(UUID.randomUUID().toString());
    }
    for (String name : names) {
      refuse("kid", signed(header.deepCopy().put("kid", name), claims));
    }
    ObjectNode without = header.deepCopy();
    without.remove("kid");
    refuse("kid", signed(without, claims));
    for (JsonNode value : wrongForms()) {
      ObjectNode changed = header.deepCopy();
      changed.set("kid", value);
      refuse("kid", signed(changed, claims));
    }
  }

  /** Truly signed by us, so that nothing but the parameter can be the reason. */
  private void headerParameters() throws ParseException {
    for (String name :
        List.of(
            "jku", "x5u", "jwk", "x5c", "x5t", "x5t#S256", "crit", "b64", "zip", "cty", "enc",
            "epk", "apu", "p2c", "nonce", "ALG", "Kid")) {
      List<JsonNode> values = new ArrayList<>(wrongForms());
      values.add(World.JSON.valueToTree("https://evil.test/keys"));
      values.add(World.JSON.valueToTree("JWT"));
      values.add(World.JSON.readTree(Certificates.RSA.toPublicJWK().toJSONString()));
      values.add(World.JSON.valueToTree(List.of("exp")));
      for (JsonNode value : values) {
        ObjectNode changed = header.deepCopy();
        changed.set(name, value);
        refuse("header parameter", signed(changed, claims));
      }
    }
  }

  private void types() {
    for (String type :
        List.of(
            "", "JOSE", "JWS", "id+jwt", "logout+jwt", "dpop+jwt", "secevent+jwt", "rt+jwt",
            "application/jwt", "at+jwt ", "JWT,at+jwt", "jwt\u0000")) {
      refuse("typ", signed(header.deepCopy().put("typ", type), claims));
    }
    ObjectNode without = header.deepCopy();
    without.remove("typ");
    refuse("typ", signed(without, claims));
    for (JsonNode value : wrongForms()) {
      ObjectNode changed = header.deepCopy();
      changed.set("typ", value);
      refuse("typ", signed(changed, claims));
    }
  }

  private void claimsMissingOrOfAnotherForm() {
    for (String name :
        List.of(
            "aud", "iss", "iat", "nbf", "exp", "appid", "idtyp", "oid", "sub", "tid", "ver",
            Tokens.CREDENTIAL_CLAIM)) {
      ObjectNode without = claims.deepCopy();
      without.remove(name);
      refuse("claim missing", signed(header, without));
      for (JsonNode value : wrongForms()) {
        ObjectNode changed = claims.deepCopy();
        changed.set(name, value);
        refuse("claim form", signed(header, changed));
      }
      ObjectNode renamed = claims.deepCopy();
      renamed.set(name.toUpperCase(Locale.ROOT), renamed.remove(name));
      refuse("claim missing", signed(header, renamed));
    }
    for (String guid : List.of("appid", "oid", "sub", "tid", Tokens.CREDENTIAL_CLAIM)) {
      for (int i = 0; i < 20; i++) {
        refuse(
            "claim of another",
            signed(header, claims.deepCopy().put(guid, UUID.randomUUID().toString())));
      }
    }
    ObjectNode list = claims.deepCopy();
    list.putArray("aud").add(World.VAULT);
    refuse("claim form", signed(header, list));
    list.putArray("aud").add(World.VAULT).add("https://management.localhost");
    refuse("claim form", signed(header, list));
    for (String json :
        List.of("[]", "null", "\"x\"", "1", "{", "", "{}", "{\"a\":}", "\uFEFF{}", "{}{}")) {
      refuse("not an object", World.signed(header.toString(), json, JWSAlgorithm.RS256, ours));
      refuse("not an object", World.signed(json, claims.toString(), JWSAlgorithm.RS256, ours));
    }
  }

  private void times() {
    long now = world.now.getEpochSecond();
    for (int i = 0; i < 150; i++) {
      long past = now - 60 - random.nextInt(1_000_000);
      refuse("expired", signed(header, timed(past - 3600, past - 3600, past)));
      long future = now + 61 + random.nextInt(1_000_000);
      refuse("not yet valid", signed(header, timed(future, future, future + 3600)));
      refuse("not yet valid", signed(header, timed(now, future, future + 3600)));
      long overlong = now + 86_401 + random.nextInt(1_000_000);
      refuse("overlong", signed(header, timed(now, now, overlong)));
      refuse("overlong", signed(header, timed(now - 86_000, now, now + 3600)));
    }
    refuse("expired", signed(header, timed(now, now, now)));
    refuse("expired", signed(header, timed(now, now, now - 1)));
    for (String number :
        List.of(
            "-1", "1e400", "1e99999", "-1e99999", "1e-99999", "253402300800", "NaN", "Infinity",
            "0x7fffffff", "9".repeat(39), "9".repeat(100), "00", "1.", "true", "\"" + now + "\"")) {
      for (String name : List.of("exp", "iat", "nbf")) {
        String json =
            claims.toString().replaceFirst("\"" + name + "\":\\d+", "\"" + name + "\":" + number);
        refuse("time form", World.signed(header.toString(), json, JWSAlgorithm.RS256, ours));
      }
    }
  }

  private void otherTenantsAndAudiences() {
    Id other = world.otherTenant();
    String otherIssuer = world.realm.issuer(other);
    refuse("other tenant", signed(header, claims.deepCopy().put("tid", other.guid())));
    refuse("other tenant", signed(header, claims.deepCopy().put("iss", otherIssuer)));
    refuse(
        "other tenant",
        signed(header, claims.deepCopy().put("tid", other.guid()).put("iss", otherIssuer)));
    String tid = world.tenant.id().guid();
    for (String issuer :
        List.of(
            "https://sts.localhost/" + tid,
            "https://sts.localhost/" + tid.toUpperCase(Locale.ROOT) + "/",
            "https://STS.localhost/" + tid + "/",
            "http://sts.localhost/" + tid + "/",
            "https://sts.localhost:443/" + tid + "/",
            "https://sts.evil.test/" + tid + "/",
            "https://sts.windows.net/" + tid + "/",
            world.realm.issuerV2(world.tenant.id()),
            "")) {
      refuse("issuer", signed(header, claims.deepCopy().put("iss", issuer)));
    }
    String unknown = UUID.randomUUID().toString();
    refuse(
        "issuer",
        signed(
            header,
            claims
                .deepCopy()
                .put("tid", unknown)
                .put("iss", "https://sts.localhost/" + unknown + "/")));
    for (String audience :
        List.of(
            "https://management.localhost",
            "https://managedhsm.localhost",
            "https://graph.localhost",
            "https://login.localhost",
            "https://kv1.vault.localhost",
            "https://vault.localhost.evil.test",
            "https://vault.localhost@evil.test",
            "https://evil.test/https://vault.localhost",
            "https://vault.localhost/x",
            "https://vault.localhost//",
            "https://vault.localhost?x",
            "https://vault.localhost#x",
            "http://vault.localhost",
            "vault.localhost",
            "https://vault.azure.net",
            "https://localhost:8443",
            "cfa8b339-82a2-471a-a3c9-0fc0be7a4093",
            world.application.appId().guid(),
            "*",
            "")) {
      refuse("audience", signed(header, claims.deepCopy().put("aud", audience)));
    }
    for (Audience audience : Audience.values()) {
      if (audience != Audience.VAULT) {
        refuse("audience", genuine, audience, world.tenant.id());
      }
    }
    refuse("other tenant", genuine, Audience.VAULT, other);
  }

  /** Things that we or clients of ours might sign, shown as what they are not. */
  private void otherUses() throws JOSEException {
    long now = world.now.getEpochSecond();
    ObjectNode idToken =
        claims
            .deepCopy()
            .put("iss", world.realm.issuerV2(world.tenant.id()))
            .put("aud", world.application.appId().guid())
            .put("ver", "2.0");
    idToken.remove("idtyp");
    refuse("id token", signed(header, idToken));
    refuse("id token", signed(header, idToken.put("aud", World.VAULT)));
    refuse("id token", signed(header, idToken.put("idtyp", "app")));
    for (String name : List.of("nonce", "at_hash", "c_hash", "events", "jti", "sub_jwk")) {
      refuse("id token", signed(header, claims.deepCopy().put(name, "x")));
    }
    for (String value : List.of("user", "device", "App", "app ", "")) {
      refuse("token use", signed(header, claims.deepCopy().put("idtyp", value)));
    }
    for (String value : List.of("2.0", "1", "1.00", "3.0", "")) {
      refuse("token use", signed(header, claims.deepCopy().put("ver", value)));
    }
    ObjectNode assertion =
        World.JSON
            .createObjectNode()
            .put("aud", "https://login.localhost/" + world.tenant.id() + "/oauth2/v2.0/token")
            .put("iss", world.application.appId().guid())
            .put("sub", world.application.appId().guid())
            .put("jti", "1")
            .put("nbf", now)
            .put("exp", now + 600);
    Certificates.Client client = Certificates.rsaClient(world.now);
    world.applications.addCertificate(
        world.tenant.id(),
        world.application.objectId(),
        "client",
        client.certificate().der(),
        world.origin());
    for (String name : List.of("x5t", "kid")) {
      ObjectNode own =
          World.JSON
              .createObjectNode()
              .put("alg", "RS256")
              .put("typ", "JWT")
              .put(name, client.certificate().sha1());
      refuse(
          "assertion",
          World.signed(own.toString(), assertion.toString(), JWSAlgorithm.RS256, client.key()));
      refuse(
          "assertion",
          World.signed(own.toString(), claims.toString(), JWSAlgorithm.RS256, client.key()));
    }
    refuse("assertion", signed(header, assertion));
    refuse("other use", genuine.split("\\.")[0]);
    refuse("other use", world.secretText);
  }

  private void duplicateMembers() {
    for (String name : List.of("aud", "iss", "exp", "appid", "oid", "sub", "tid", "ver", "idtyp")) {
      String member = "\"" + name + "\":" + claims.get(name);
      String twice = claims.toString().replace(member, member + "," + member);
      refuse("duplicate", World.signed(header.toString(), twice, JWSAlgorithm.RS256, ours));
      String escaped =
          claims.toString().replace(member, "\"\\u00" + hex(name.charAt(0)) + name.substring(1)
              + "\":\"evil\"," + member);
      refuse("duplicate", World.signed(header.toString(), escaped, JWSAlgorithm.RS256, ours));
    }
    for (String name : List.of("alg", "kid", "typ")) {
      String member = "\"" + name + "\":" + header.get(name);
      String twice = header.toString().replace(member, "\"" + name + "\":\"none\"," + member);
      refuse("duplicate", World.signed(twice, claims.toString(), JWSAlgorithm.RS256, ours));
    }
  }

  private void encrypted() throws JOSEException, ParseException {
    RSAKey published = RSAKey.parse(world.signingKey().publicJwk());
    for (JWEAlgorithm algorithm : List.of(JWEAlgorithm.RSA_OAEP_256, JWEAlgorithm.RSA_OAEP_512)) {
      for (String payload : List.of(genuine, claims.toString())) {
        JWEObject jwe =
            new JWEObject(
                new JWEHeader.Builder(algorithm, EncryptionMethod.A256GCM)
                    .keyID(published.getKeyID())
                    .contentType("JWT")
                    .build(),
                new Payload(payload));
        jwe.encrypt(new RSAEncrypter(published.toRSAPublicKey()));
        refuse("JWE", jwe.serialize());
      }
    }
    refuse("nested", World.signed(header.toString(), genuine, JWSAlgorithm.RS256, ours));
    refuse(
        "nested",
        World.signed(
            header.deepCopy().put("cty", "JWT").toString(), genuine, JWSAlgorithm.RS256, ours));
  }

  private void giants() {
    refuse("giant", genuine + "A".repeat(16 << 10));
    refuse("giant", "A".repeat(1 << 20));
    refuse("giant", ".".repeat(16 << 10));
    refuse("giant", "e30.e30." + "A".repeat(16 << 10));
    refuse(
        "giant",
        World.signed(
            header.deepCopy().put("kid", "k".repeat(10_000)).toString(),
            "{}",
            JWSAlgorithm.RS256,
            ours));
    refuse(
        "giant",
        World.signed(
            header.toString(),
            claims.deepCopy().put("x", "y".repeat(20_000)).toString(),
            JWSAlgorithm.RS256,
            ours));
    for (String open : List.of("[", "{\"a\":")) {
      String close = open.equals("[") ? "]" : "}";
      String deep = open.repeat(1500) + "1" + close.repeat(1500);
      String json = "{\"x\":" + deep + "," + claims.toString().substring(1);
      refuse("giant", World.signed(header.toString(), json, JWSAlgorithm.RS256, ours));
      refuse("giant", World.signed("{\"alg\":" + deep + "}", "{}", JWSAlgorithm.RS256, ours));
    }
  }

  private void garbage() {
    for (String text : List.of("", ".", "..", "...", "null", "Bearer", "e30.e30.e30")) {
      refuse("garbage", text);
    }
    for (int i = 0; i < 3000; i++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      refuse("garbage", new String(bytes, StandardCharsets.ISO_8859_1));
      String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
      refuse("garbage", encoded + "." + encoded + "." + encoded);
    }
    byte[] notUtf8 = {'{', '"', (byte) 0xff, '"', ':', '1', '}'};
    String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(notUtf8);
    refuse("garbage", encoded + ".e30.AAAA");
  }

  /** Genuine once; no more. */
  private void revoked() {
    Id app = world.application.objectId();
    world.applications.setEnabled(world.tenant.id(), app, false, world.origin());
    refuse("revoked", genuine);
    world.applications.setEnabled(world.tenant.id(), app, true, world.origin());
    verify(genuine);

    Applications.NewSecret second =
        world.applications.addSecret(
            world.tenant.id(), app, "second", Duration.ofDays(1), world.origin());
    String bySecond =
        world
            .request()
            .secret(new String(second.text().exposed(), StandardCharsets.US_ASCII))
            .issue()
            .accessToken();
    verify(bySecond);
    world.applications.removeSecret(
        world.tenant.id(), app, second.entry().keyId(), world.origin());
    refuse("revoked", bySecond);

    world.keys.replace(world.origin());
    refuse("revoked", genuine);
  }

  private ObjectNode varied() {
    return claims
        .deepCopy()
        .put("uti", UUID.randomUUID().toString())
        .put("exp", world.now.getEpochSecond() + random.nextInt(86_000));
  }

  private ObjectNode timed(long issued, long notBefore, long expires) {
    return claims.deepCopy().put("iat", issued).put("nbf", notBefore).put("exp", expires);
  }

  private static List<JsonNode> wrongForms() {
    return Arrays.asList(
        World.JSON.nullNode(),
        World.JSON.valueToTree(""),
        World.JSON.valueToTree("x"),
        World.JSON.valueToTree(true),
        World.JSON.valueToTree(-1),
        World.JSON.valueToTree(List.of()),
        World.JSON.valueToTree(List.of("x", 1)),
        World.JSON.valueToTree(Map.of()),
        World.JSON.valueToTree(Map.of("x", "y")));
  }

  private String signed(ObjectNode headerGiven, ObjectNode claimsGiven) {
    return World.signed(
        headerGiven.toString(), claimsGiven.toString(), JWSAlgorithm.RS256, ours);
  }

  private static String encoded(ObjectNode headerGiven, ObjectNode claimsGiven) {
    return Base64URL.encode(headerGiven.toString())
        + "."
        + Base64URL.encode(claimsGiven.toString());
  }

  private static String mac(String algorithm, byte[] secret, String input) throws JOSEException {
    byte[] key = secret.length >= 64 ? secret : Arrays.copyOf(secret, 64);
    return new MACSigner(key)
        .sign(new JWSHeader(JWSAlgorithm.parse(algorithm)), utf8(input))
        .toString();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String hex(char c) {
    return Integer.toHexString(c);
  }

  private void verify(String token) {
    world.tokens.verify(
        token, Audience.VAULT, Optional.of(world.tenant.id()), world.now);
  }

  private void refuse(String kind, String token) {
    refuse(kind, token, Audience.VAULT, world.tenant.id());
  }

  private void refuse(String kind, String token, Audience audience, Id tenant) {
    try {
      world.tokens.verify(token, audience, Optional.of(tenant), world.now);
    } catch (VaultException e) {
      assertThat(e.code().status()).as(kind).isEqualTo(401);
      tried.merge(kind, 1, Integer::sum);
      return;
    }
    fail("accepted as " + kind + ": " + token);
  }
}
