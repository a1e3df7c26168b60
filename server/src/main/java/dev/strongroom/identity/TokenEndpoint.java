package dev.strongroom.identity;

import dev.strongroom.crypto.Digests;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.identity.Granted.CredentialUsed;
import dev.strongroom.model.Application;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.Tenant;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.Barrier;
import dev.strongroom.seal.SystemUse;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Issues access tokens to applications (RFC 6749 section 4.4) that show a secret, an assertion
 * signed by a registered certificate, or one of a trusted issuer.
 */
public final class TokenEndpoint {
  public static final Duration DEFAULT_LIFE = Duration.ofHours(1);

  private static final String CLIENT_CREDENTIALS = "client_credentials";
  private static final String JWT_BEARER =
      "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  private static final String DEFAULT_SCOPE = "/.default";
  private static final Set<String> OIDC_SCOPES =
      Set.of("openid", "profile", "email", "offline_access");
  private static final int BUCKETS = 20_000;
  private static final JsonFactory JSON = new JsonFactory();

  /**
   * How many requests are taken. The limit of a client is well above that of an address, so that
   * one address cannot use up what a client has.
   */
  public record Limits(
      double addressPerSecond, int addressBurst, double clientPerSecond, int clientBurst) {
    public static final Limits DEFAULT = new Limits(50, 200, 200, 1000);
  }

  private final Realm realm;
  private final Directory directory;
  private final SigningKeys keys;
  private final ClientAssertions assertions;
  private final Barrier barrier;
  private final Duration life;
  private final Throttle addresses;
  private final Throttle clients;

  public TokenEndpoint(
      Realm realm,
      Directory directory,
      SigningKeys keys,
      ClientAssertions assertions,
      Barrier barrier,
      Duration life,
      Limits limits) {
    if (life.compareTo(Duration.ofMinutes(1)) < 0 || life.compareTo(Tokens.LONGEST_LIFE) > 0) {
      throw new IllegalArgumentException("tokens live from one minute to 24 hours");
    }
    this.realm = realm;
    this.directory = directory;
    this.keys = keys;
    this.assertions = assertions;
    this.barrier = barrier;
    this.life = life;
    this.addresses = new Throttle(limits.addressPerSecond(), limits.addressBurst(), BUCKETS);
    this.clients = new Throttle(limits.clientPerSecond(), limits.clientBurst(), BUCKETS);
  }

  /** What {@code note} is given goes into the audit record, on refusals too. */
  public Granted issue(TokenRequest request, BiConsumer<String, String> note) {
    Instant now = request.origin().time();
    throttle(addresses, network(request.address()), now);
    request.client().ifPresent(client -> note.accept("clientId", client.guid()));
    String grant = required(request.grantType(), "grant_type");
    if (!grant.equals(CLIENT_CREDENTIALS)) {
      throw VaultException.of(ErrorCode.OAUTH_GRANT_UNSUPPORTED, "grant", shortened(grant));
    }
    note.accept("grantType", grant);
    Tenant tenant =
        directory
            .spelled(request.tenant())
            .orElseThrow(
                () ->
                    VaultException.of(
                        ErrorCode.OAUTH_TENANT_UNKNOWN, "tenant", shortened(request.tenant())));
    note.accept("tenantId", tenant.id().guid());
    String clientId = required(request.clientId(), "client_id");
    Id client = request.client().orElseThrow(() -> unknown(clientId));
    throttle(clients, client.guid(), now);
    Realm.Target target = target(request);
    note.accept("audience", target.audience().hostLabel());

    Optional<Application> application =
        directory.applicationByAppId(client).filter(found -> found.tenant().equals(tenant.id()));
    CredentialUsed credential = authenticate(request, tenant, client, application);
    note.accept("credentialType", credential.kind().word());
    note.accept("credentialId", credential.id().guid());
    Application signedIn = application.orElseThrow(() -> unknown(client.guid()));
    if (!signedIn.enabled()) {
      throw VaultException.of(ErrorCode.OAUTH_CLIENT_DISABLED, "client", client.guid());
    }
    Granted granted = grant(signedIn, credential, target, now);
    note.accept("uti", granted.uti());
    return granted;
  }

  private CredentialUsed authenticate(
      TokenRequest request, Tenant tenant, Id client, Optional<Application> application) {
    if (request.clientSecret().isPresent() && request.assertion().isPresent()) {
      throw invalid("Only one of client_secret and client_assertion may be given");
    }
    if (request.assertion().isPresent()) {
      if (!request.assertionType().equals(Optional.of(JWT_BEARER))) {
        throw invalid("The request must have the client_assertion_type " + JWT_BEARER);
      }
      return assertions.check(
          request.assertion().get().strip(),
          tenant,
          client,
          application,
          request.host(),
          request.origin());
    }
    SecretBytes secret =
        request
            .clientSecret()
            .orElseThrow(
                () -> invalid("The request must have client_secret or client_assertion"));
    return bySecret(secret, client, application, request.origin().time());
  }

  private CredentialUsed bySecret(
      SecretBytes given, Id client, Optional<Application> application, Instant now) {
    // an unknown client costs one MAC too, and every secret is compared, so time says little
    Id objectId = application.map(Application::objectId).orElse(client);
    List<Application.Secret> secrets =
        application.map(Application::secrets).filter(list -> !list.isEmpty()).orElse(List.of());
    Application.Secret matched = null;
    if (secrets.isEmpty()) {
      macOf(barrier, objectId, client, given);
    }
    for (Application.Secret secret : secrets) {
      byte[] mac = macOf(barrier, objectId, secret.keyId(), given);
      if (Digests.equal(mac, HexFormat.of().parseHex(secret.mac()))) {
        matched = secret;
      }
    }
    if (application.isEmpty()) {
      throw unknown(client.guid());
    }
    if (matched == null || now.isBefore(matched.start())) {
      throw VaultException.of(ErrorCode.OAUTH_SECRET_INVALID, "client", client.guid());
    }
    if (!now.isBefore(matched.end())) {
      throw VaultException.of(ErrorCode.OAUTH_SECRET_EXPIRED, "client", client.guid());
    }
    return new CredentialUsed(Granted.Kind.SECRET, matched.keyId());
  }

  static byte[] macOf(Barrier barrier, Id objectId, Id keyId, SecretBytes secret) {
    return barrier.mac(
        SystemUse.APPLICATION_SECRET, objectId.bytes(), keyId.bytes(), secret.exposed());
  }

  private Realm.Target target(TokenRequest request) {
    if (request.scope().isEmpty()) {
      String resource = required(request.resource(), "scope");
      return known(resource, resource);
    }
    List<String> scopes =
        Arrays.stream(request.scope().get().strip().split(" +"))
            .filter(scope -> !OIDC_SCOPES.contains(scope))
            .toList();
    if (scopes.size() != 1) {
      throw VaultException.of(
          ErrorCode.OAUTH_SCOPE_INVALID, "reason", "it must name exactly one resource");
    }
    String scope = scopes.getFirst();
    if (!scope.endsWith(DEFAULT_SCOPE)) {
      throw VaultException.of(
          ErrorCode.OAUTH_SCOPE_INVALID,
          "reason",
          "client credentials need a scope that ends in " + DEFAULT_SCOPE);
    }
    return known(scope.substring(0, scope.length() - DEFAULT_SCOPE.length()), scope);
  }

  private Realm.Target known(String resource, String shown) {
    return realm
        .target(resource)
        .orElseThrow(
            () ->
                VaultException.of(
                    ErrorCode.OAUTH_RESOURCE_UNKNOWN, "resource", shortened(shown)));
  }

  private Granted grant(
      Application application, CredentialUsed credential, Realm.Target target, Instant now) {
    Instant issued = now.truncatedTo(ChronoUnit.SECONDS);
    Instant expires = issued.plus(life);
    String issuer = realm.issuer(application.tenant());
    String uti = Base64.getUrlEncoder().withoutPadding().encodeToString(Randoms.bytes(16));
    ByteArrayOutputStream claims = new ByteArrayOutputStream(512);
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), claims)) {
      json.writeStartObject();
      json.writeStringProperty("aud", target.named());
      json.writeStringProperty("iss", issuer);
      json.writeNumberProperty("iat", issued.getEpochSecond());
      json.writeNumberProperty("nbf", issued.getEpochSecond());
      json.writeNumberProperty("exp", expires.getEpochSecond());
      json.writeStringProperty("appid", application.appId().guid());
      json.writeStringProperty("appidacr", credential.kind().appidacr());
      json.writeStringProperty("idp", issuer);
      json.writeStringProperty("idtyp", "app");
      json.writeStringProperty("oid", application.objectId().guid());
      json.writeStringProperty("sub", application.objectId().guid());
      json.writeStringProperty("tid", application.tenant().guid());
      json.writeStringProperty("uti", uti);
      json.writeStringProperty("ver", "1.0");
      json.writeStringProperty(Tokens.CREDENTIAL_CLAIM, credential.id().guid());
      json.writeEndObject();
    }
    return new Granted(
        keys.sign(claims.toByteArray(), now),
        issued,
        expires,
        target.named(),
        application.tenant(),
        application.appId(),
        application.objectId(),
        credential,
        uti);
  }

  /** Of an IPv6 address the /64, which is what one client commonly has. */
  private static String network(String address) {
    if (address.indexOf(':') < 0) {
      return address;
    }
    try {
      byte[] bytes = InetAddress.ofLiteral(address).getAddress();
      return bytes.length == 16 ? HexFormat.of().formatHex(bytes, 0, 8) : address;
    } catch (IllegalArgumentException e) {
      // because what is no address is a key of its own
      return address;
    }
  }

  private static void throttle(Throttle throttle, String key, Instant now) {
    Optional<Duration> wait = throttle.take(key, now);
    if (wait.isPresent()) {
      throw VaultException.of(ErrorCode.OAUTH_THROTTLED)
          .with("Retry-After", Long.toString(wait.get().toSeconds() + 1));
    }
  }

  private static String required(Optional<String> parameter, String name) {
    return parameter
        .filter(text -> !text.isBlank())
        .orElseThrow(
            () -> invalid("The request body must contain the following parameter: '" + name + "'"));
  }

  private static VaultException invalid(String reason) {
    return VaultException.of(ErrorCode.OAUTH_INVALID_REQUEST, "reason", reason);
  }

  private static VaultException unknown(String client) {
    return VaultException.of(ErrorCode.OAUTH_CLIENT_UNKNOWN, "client", shortened(client));
  }

  private static String shortened(String text) {
    return text.length() <= 256 ? text : text.substring(0, 256);
  }
}
