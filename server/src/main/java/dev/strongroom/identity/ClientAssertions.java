package dev.strongroom.identity;

import com.nimbusds.jose.JWSAlgorithm;
import dev.strongroom.crypto.Digests;
import dev.strongroom.crypto.X509;
import dev.strongroom.identity.Granted.CredentialUsed;
import dev.strongroom.model.Application;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Origin;
import dev.strongroom.model.Tenant;
import dev.strongroom.model.TrustedIssuer;
import dev.strongroom.model.VaultException;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.Store;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Checks what a client shows instead of a secret (RFC 7523): its own assertion, signed by a
 * certificate that is registered for it and used once; or a token of a trusted issuer whose issuer,
 * subject and audience are exactly those of one of its federations.
 */
public final class ClientAssertions {
  private static final Duration OWN_LIFE = Duration.ofMinutes(10);
  // MSAL for Node rounds the time of exp up and that of iat down
  private static final Duration ROUNDING = Duration.ofSeconds(1);
  private static final Set<String> OWN_ALGORITHMS = Set.of("RS256", "PS256", "ES256");
  private static final Set<String> REFUSED_PARAMETERS =
      Set.of("jku", "x5u", "jwk", "crit", "b64", "zip", "cty", "enc");
  private static final int LONGEST_JTI = 512;
  private static final Pattern TOKEN_PATH =
      Pattern.compile("/([^/]+)/oauth2/(?:v2\\.0/)?token/?");
  private static final String USED = "assertion";

  private final Realm realm;
  private final Directory directory;
  private final IssuerKeys issuerKeys;
  private final Store store;

  public ClientAssertions(
      Realm realm, Directory directory, IssuerKeys issuerKeys, Store store) {
    this.realm = realm;
    this.directory = directory;
    this.issuerKeys = issuerKeys;
    this.store = store;
  }

  CredentialUsed check(
      String assertion,
      Tenant tenant,
      Id client,
      Optional<Application> application,
      String host,
      Origin origin) {
    try {
      Jws jws = Jws.read(assertion);
      for (String parameter : jws.header().propertyNames()) {
        if (REFUSED_PARAMETERS.contains(parameter)) {
          throw invalid("its header has the parameter " + parameter);
        }
      }
      ObjectNode claims = jws.claims();
      String issuer = Jws.text(claims, "iss").orElseThrow(() -> invalid("iss is missing"));
      Application known =
          application.orElseThrow(
              () -> VaultException.of(ErrorCode.OAUTH_CLIENT_UNKNOWN, "client", client.guid()));
      return Id.findGuid(issuer).equals(Optional.of(client))
          ? own(jws, claims, tenant, known, host, origin)
          : federated(jws, claims, issuer, tenant, known, origin.time());
    } catch (Jws.Malformed e) {
      throw invalid("it is not a well-formed JWT");
    }
  }

  private CredentialUsed own(
      Jws jws,
      ObjectNode claims,
      Tenant tenant,
      Application application,
      String host,
      Origin origin) {
    Instant now = origin.time();
    requireType(jws.header());
    String algorithm = Jws.text(jws.header(), "alg").orElse("");
    if (!OWN_ALGORITHMS.contains(algorithm)) {
      throw invalid("its algorithm is not RS256, PS256 or ES256");
    }
    Application.Certificate certificate = certificate(jws.header(), application);
    if (now.isBefore(certificate.notBefore()) || !now.isBefore(certificate.notAfter())) {
      throw invalid("the certificate is not in date");
    }
    PublicKey key = X509.read(Base64.getDecoder().decode(certificate.der())).publicKey();
    if (!jws.isSignedBy(key, JWSAlgorithm.parse(algorithm))) {
      throw invalid("its signature does not match the certificate");
    }
    if (!Jws.text(claims, "sub")
        .flatMap(Id::findGuid)
        .equals(Optional.of(application.appId()))) {
      throw invalid("sub is not the client id");
    }
    String audience = audience(claims);
    if (!isTokenEndpoint(audience, tenant, host)) {
      throw invalid("aud is not a token endpoint of this server for this tenant");
    }
    Instant expires = requireTimes(claims, now, OWN_LIFE.plus(ROUNDING));
    String jti =
        Jws.text(claims, "jti")
            .filter(text -> !text.isEmpty() && text.length() <= LONGEST_JTI)
            .orElseThrow(() -> invalid("jti is missing"));
    useOnce(application, jti, expires.plus(Tokens.LEEWAY), origin);
    return new CredentialUsed(Granted.Kind.CERTIFICATE, certificate.keyId());
  }

  private CredentialUsed federated(
      Jws jws,
      ObjectNode claims,
      String issuer,
      Tenant tenant,
      Application application,
      Instant now) {
    TrustedIssuer trusted =
        directory.issuers(tenant.id()).stream()
            .filter(candidate -> candidate.url().equals(issuer))
            .findFirst()
            .orElseThrow(() -> noMatch("its issuer is not trusted in this tenant"));
    String subject = Jws.text(claims, "sub").orElseThrow(() -> noMatch("sub is missing"));
    String audience = audience(claims);
    Application.Federation federation =
        application.federations().stream()
            .filter(
                candidate ->
                    candidate.issuer().equals(issuer)
                        && candidate.subject().equals(subject)
                        && candidate.audience().equals(audience))
            .findFirst()
            .orElseThrow(
                () -> noMatch("no federation has its issuer, subject and audience"));
    String algorithm = Jws.text(jws.header(), "alg").orElse("");
    if (!trusted.algorithms().contains(algorithm)) {
      throw invalid("its algorithm is not one that its issuer may use");
    }
    JWSAlgorithm parsed = JWSAlgorithm.parse(algorithm);
    PublicKey key =
        Jws.text(jws.header(), "kid")
            .flatMap(kid -> issuerKeys.find(trusted, kid, parsed, now))
            .orElseThrow(() -> invalid("its issuer has no key of its kid"));
    if (!jws.isSignedBy(key, parsed)) {
      throw invalid("its signature does not match its issuer's key");
    }
    requireTimes(claims, now, Tokens.LONGEST_LIFE);
    return new CredentialUsed(Granted.Kind.FEDERATION, federation.id());
  }

  /** By either thumbprint, or by a kid that is the SHA-1 one, as some clients name it. */
  private static Application.Certificate certificate(ObjectNode header, Application application) {
    Optional<String> sha256 = Jws.text(header, "x5t#S256").map(ClientAssertions::base64Url);
    Optional<String> sha1 = Jws.text(header, "x5t").map(ClientAssertions::base64Url);
    Optional<String> kid =
        sha256.isEmpty() && sha1.isEmpty()
            ? Jws.text(header, "kid").map(ClientAssertions::base64Url)
            : Optional.empty();
    if (sha256.isEmpty() && sha1.isEmpty() && kid.isEmpty()) {
      throw invalid("its header names no certificate");
    }
    return application.certificates().stream()
        .filter(certificate -> sha256.map(certificate.sha256()::equals).orElse(true))
        .filter(certificate -> sha1.or(() -> kid).map(certificate.sha1()::equals).orElse(true))
        .findFirst()
        .orElseThrow(() -> invalid("no certificate of the application has its thumbprint"));
  }

  private boolean isTokenEndpoint(String audience, Tenant tenant, String host) {
    Optional<URI> uri = Realm.https(audience);
    if (uri.isEmpty()
        || !realm.isLoginHost(uri.get().getHost()) && !uri.get().getHost().equals(host)) {
      return false;
    }
    Matcher path = TOKEN_PATH.matcher(uri.get().getPath());
    return path.matches()
        && directory.spelled(path.group(1)).map(Tenant::id).equals(Optional.of(tenant.id()));
  }

  private static Instant requireTimes(ObjectNode claims, Instant now, Duration longest) {
    Instant expires = Jws.time(claims, "exp").orElseThrow(() -> invalid("exp is missing"));
    Optional<Instant> issued = optionalTime(claims, "iat");
    Optional<Instant> notBefore = optionalTime(claims, "nbf");
    if (!now.isBefore(expires.plus(Tokens.LEEWAY))) {
      throw VaultException.of(
          ErrorCode.OAUTH_ASSERTION_INVALID, "reason", "it has expired");
    }
    if (issued.or(() -> notBefore).filter(at -> now.isBefore(at.minus(Tokens.LEEWAY))).isPresent()
        || notBefore.filter(at -> now.isBefore(at.minus(Tokens.LEEWAY))).isPresent()) {
      throw invalid("it is not valid yet");
    }
    Instant first = issued.or(() -> notBefore).orElse(now);
    if (Duration.between(first, expires).compareTo(longest) > 0
        || Duration.between(now, expires).compareTo(longest.plus(Tokens.LEEWAY)) > 0) {
      throw invalid("it lives longer than " + longest.toMinutes() + " minutes");
    }
    return expires;
  }

  private static Optional<Instant> optionalTime(ObjectNode claims, String name) {
    if (!claims.has(name)) {
      return Optional.empty();
    }
    return Optional.of(
        Jws.time(claims, name).orElseThrow(() -> invalid(name + " is not a time")));
  }

  private void useOnce(Application application, String jti, Instant until, Origin origin) {
    String id =
        HexFormat.of()
            .formatHex(
                Digests.sha256(
                    application.appId().bytes(), jti.getBytes(StandardCharsets.UTF_8)));
    store.change(
        origin,
        JournalNote.none(),
        tx -> {
          if (!tx.firstUse(USED, id, until)) {
            throw invalid("it was used before");
          }
          return null;
        });
  }

  private static String audience(ObjectNode claims) {
    JsonNode aud = claims.get("aud");
    if (aud != null && aud.isArray() && aud.size() == 1) {
      aud = aud.get(0);
    }
    if (aud == null || !aud.isString()) {
      throw invalid("aud must be exactly one");
    }
    return aud.stringValue();
  }

  private static void requireType(ObjectNode header) {
    if (header.has("typ")
        && !Jws.text(header, "typ").filter(typ -> typ.equalsIgnoreCase("JWT")).isPresent()) {
      throw invalid("its typ is not JWT");
    }
  }

  // some clients write thumbprints with padding, and some in the alphabet of plain base64
  private static String base64Url(String thumbprint) {
    int end = thumbprint.length();
    while (end > 0 && thumbprint.charAt(end - 1) == '=') {
      end--;
    }
    return thumbprint.substring(0, end).replace('+', '-').replace('/', '_');
  }

  private static VaultException invalid(String reason) {
    return VaultException.of(ErrorCode.OAUTH_ASSERTION_INVALID, "reason", reason);
  }

  private static VaultException noMatch(String reason) {
    return VaultException.of(ErrorCode.OAUTH_FEDERATION_NO_MATCH, "reason", reason);
  }
}
