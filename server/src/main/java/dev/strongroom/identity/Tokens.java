package dev.strongroom.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.JWSAlgorithm;
import dev.strongroom.crypto.Digests;
import dev.strongroom.model.Application;
import dev.strongroom.model.Id;
import dev.strongroom.model.NoWaiting;
import dev.strongroom.model.Principal;
import dev.strongroom.model.VaultException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Verifies access tokens of our own issuing. Its header must hold exactly alg, kid and typ; only
 * RS256 with a key of ours is looked at; everything that the token says of itself is checked by a
 * {@link Refusal} rule, and the first that fails refuses.
 *
 * <p>What is remembered, by the token's SHA-256, is that signature and unchanging rules hold. Times, audience, tenant, signing key, application and credential are looked at every time.
 */
public final class Tokens implements TokenVerifier {
  /** No token that lives longer is issued or accepted. */
  public static final Duration LONGEST_LIFE = Duration.ofHours(24);

  /** By how much clocks may differ. */
  public static final Duration LEEWAY = Duration.ofSeconds(60);

  /** The claim that names the credential by which the token was obtained. */
  static final String CREDENTIAL_CLAIM = "xms_sr_cred";

  private static final Duration REMEMBERED = Duration.ofHours(1);
  private static final Set<String> HEADER = Set.of("alg", "kid", "typ");
  private static final Set<String> ID_TOKEN_CLAIMS =
      Set.of("nonce", "at_hash", "c_hash", "jti", "sub_jwk", "events");
  private static final Set<String> KEPT_CLAIMS = Set.of("appid", "appidacr", "idtyp", "uti");

  private record Fingerprint(long a, long b, long c, long d) {
    static Fingerprint of(String token) {
      ByteBuffer digest =
          ByteBuffer.wrap(Digests.sha256(token.getBytes(StandardCharsets.UTF_8)));
      return new Fingerprint(
          digest.getLong(), digest.getLong(), digest.getLong(), digest.getLong());
    }
  }

  private record Verified(
      Principal principal,
      Id appId,
      Id credential,
      String kid,
      String aud,
      Optional<Audience> audience,
      Instant notBefore,
      Instant expires) {}

  private final Realm realm;
  private final SigningKeys keys;
  private final Directory directory;
  private final Cache<Fingerprint, Verified> verified;
  private final Map<Refusal, LongAdder> refusals = new EnumMap<>(Refusal.class);
  private final LongAdder accepted = new LongAdder();

  /** Remembers up to the given number of verified tokens. */
  public Tokens(Realm realm, SigningKeys keys, Directory directory, int remembered) {
    this.realm = realm;
    this.keys = keys;
    this.directory = directory;
    this.verified =
        Caffeine.newBuilder().maximumSize(remembered).expireAfterWrite(REMEMBERED).build();
    for (Refusal refusal : Refusal.values()) {
      refusals.put(refusal, new LongAdder());
    }
  }

  @Override
  public Principal verify(String token, Audience audience, Optional<Id> tenant, Instant now) {
    if (token.length() > Jws.LONGEST) {
      throw refuse(Refusal.TOO_LONG);
    }
    Fingerprint fingerprint = Fingerprint.of(token);
    Verified known = verified.getIfPresent(fingerprint);
    if (known == null) {
      NoWaiting.aboutToWait();
      known = check(token);
      verified.put(fingerprint, known);
    }
    admit(known, audience, tenant, now);
    accepted.increment();
    return known.principal();
  }

  /** How many tokens each rule has refused since the start. */
  public Map<Refusal, Long> refusals() {
    Map<Refusal, Long> counts = new EnumMap<>(Refusal.class);
    refusals.forEach((refusal, count) -> counts.put(refusal, count.sum()));
    return counts;
  }

  /** How many tokens were accepted since the start. */
  public long accepted() {
    return accepted.sum();
  }

  private Verified check(String token) {
    try {
      Jws jws = Jws.read(token);
      ObjectNode header = jws.header();
      for (String parameter : header.propertyNames()) {
        if (!HEADER.contains(parameter)) {
          throw refuse(Refusal.HEADER_PARAMETER);
        }
      }
      String type = Jws.text(header, "typ").orElse("");
      if (!type.equalsIgnoreCase("JWT") && !type.equalsIgnoreCase("at+jwt")) {
        throw refuse(Refusal.TYPE);
      }
      if (!Jws.text(header, "alg").equals(Optional.of(JWSAlgorithm.RS256.getName()))) {
        throw refuse(Refusal.ALGORITHM);
      }
      SigningKeys.Verifying key =
          Jws.text(header, "kid")
              .flatMap(keys::verifying)
              .orElseThrow(() -> refuse(Refusal.KEY_UNKNOWN));
      if (!jws.isSignedBy(key.publicKey(), JWSAlgorithm.RS256)) {
        throw refuse(Refusal.SIGNATURE);
      }
      return read(jws.claims(), key.kid());
    } catch (Jws.Malformed e) {
      throw refuse(
          switch (e.fault()) {
            case TOO_LONG -> Refusal.TOO_LONG;
            case SHAPE -> Refusal.NOT_A_JWS;
            case HEADER -> Refusal.HEADER_NOT_JSON;
            case CLAIMS -> Refusal.CLAIMS_NOT_JSON;
          });
    }
  }

  private Verified read(ObjectNode claims, String kid) {
    // first, so that a token of another kind is called that and not a token with something missing
    if (!Jws.text(claims, "ver").equals(Optional.of("1.0"))
        || !Jws.text(claims, "idtyp").equals(Optional.of("app"))
        || ID_TOKEN_CLAIMS.stream().anyMatch(claims::has)) {
      throw refuse(Refusal.TOKEN_USE);
    }
    Instant expires = time(claims, "exp");
    Instant notBefore = time(claims, "nbf");
    Instant issued = time(claims, "iat");
    Instant first = notBefore.isBefore(issued) ? notBefore : issued;
    Instant last = notBefore.isAfter(issued) ? notBefore : issued;
    if (!first.isBefore(expires)) {
      throw refuse(Refusal.CLAIM);
    }
    if (Duration.between(first, expires).compareTo(LONGEST_LIFE) > 0) {
      throw refuse(Refusal.LIFETIME);
    }
    Id tenant = guid(claims, "tid");
    String issuer = text(claims, "iss");
    if (!issuer.equals(realm.issuer(tenant))) {
      throw refuse(
          Refusal.ISSUER, "expected", realm.issuer(tenant), "found", shortened(issuer));
    }
    Id objectId = guid(claims, "oid");
    Id appId = guid(claims, "appid");
    if (!text(claims, "sub").equals(objectId.guid())) {
      throw refuse(Refusal.CLAIM);
    }
    String aud = text(claims, "aud");
    Principal principal =
        new Principal(
            tenant,
            objectId,
            Principal.Kind.APPLICATION,
            Optional.of(appId),
            issuer,
            Set.of(),
            kept(claims));
    return new Verified(
        principal,
        appId,
        guid(claims, CREDENTIAL_CLAIM),
        kid,
        aud,
        realm.audience(aud),
        last,
        expires);
  }

  private void admit(Verified token, Audience audience, Optional<Id> tenant, Instant now) {
    boolean signed =
        keys.verifying(token.kid()).map(key -> now.isBefore(key.verifiesUntil())).orElse(false);
    if (!signed) {
      throw refuse(Refusal.KEY_RETIRED);
    }
    if (!now.isBefore(token.expires().plus(LEEWAY))) {
      throw refuse(Refusal.EXPIRED);
    }
    if (now.isBefore(token.notBefore().minus(LEEWAY))) {
      throw refuse(Refusal.NOT_YET_VALID);
    }
    Principal principal = token.principal();
    if (directory.tenant(principal.tenant()).isEmpty()) {
      throw refuse(Refusal.ISSUER, "expected", "", "found", principal.issuer());
    }
    if (tenant.isPresent() && !tenant.get().equals(principal.tenant())) {
      throw refuse(
          Refusal.OTHER_TENANT,
          "expected",
          realm.issuer(tenant.get()),
          "found",
          principal.issuer());
    }
    if (!token.audience().equals(Optional.of(audience))) {
      throw refuse(
          Refusal.AUDIENCE, "expected", realm.resource(audience), "found", shortened(token.aud()));
    }
    Application application =
        directory
            .application(principal.objectId())
            .filter(
                found ->
                    found.tenant().equals(principal.tenant())
                        && found.appId().equals(token.appId()))
            .orElseThrow(() -> refuse(Refusal.APPLICATION_UNKNOWN));
    if (!application.enabled()) {
      throw refuse(Refusal.APPLICATION_DISABLED);
    }
    if (!holds(application, token.credential())) {
      throw refuse(Refusal.CREDENTIAL_REMOVED);
    }
  }

  private static boolean holds(Application application, Id credential) {
    for (Application.Secret secret : application.secrets()) {
      if (secret.keyId().equals(credential)) {
        return true;
      }
    }
    for (Application.Certificate certificate : application.certificates()) {
      if (certificate.keyId().equals(credential)) {
        return true;
      }
    }
    for (Application.Federation federation : application.federations()) {
      if (federation.id().equals(credential)) {
        return true;
      }
    }
    return false;
  }

  private static Map<String, String> kept(ObjectNode claims) {
    Map<String, String> kept = new HashMap<>();
    for (Map.Entry<String, JsonNode> claim : claims.properties()) {
      String name = claim.getKey();
      if (claim.getValue().isString()
          && (KEPT_CLAIMS.contains(name) || name.startsWith("xms_"))) {
        kept.put(name, claim.getValue().stringValue());
      }
    }
    kept.put("iat", claims.get("iat").asString());
    return kept;
  }

  private Instant time(ObjectNode claims, String name) {
    return Jws.time(claims, name).orElseThrow(() -> refuse(Refusal.CLAIM));
  }

  private String text(ObjectNode claims, String name) {
    return Jws.text(claims, name).orElseThrow(() -> refuse(Refusal.CLAIM));
  }

  private Id guid(ObjectNode claims, String name) {
    return Id.findGuid(text(claims, name)).orElseThrow(() -> refuse(Refusal.CLAIM));
  }

  private static String shortened(String text) {
    return text.length() <= 256 ? text : text.substring(0, 256);
  }

  private VaultException refuse(Refusal refusal, String... slots) {
    refusals.get(refusal).increment();
    return slots.length == 0
        ? VaultException.of(refusal.code(), "reason", refusal.reason())
        : VaultException.of(refusal.code(), slots);
  }
}
