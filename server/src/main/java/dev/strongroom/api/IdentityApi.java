package dev.strongroom.api;

import dev.strongroom.identity.Directory;
import dev.strongroom.identity.Granted;
import dev.strongroom.identity.Realm;
import dev.strongroom.identity.SigningKeys;
import dev.strongroom.identity.TokenEndpoint;
import dev.strongroom.identity.TokenRequest;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.Tenant;
import dev.strongroom.model.VaultException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;

/**
 * The login host: token endpoints, OpenID discovery, key sets, instance discovery. Addresses in its
 * documents carry the authority that the request was sent to.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749">RFC 6749</a>
 * @see <a href="https://openid.net/specs/openid-connect-discovery-1_0.html">OpenID Connect
 *     Discovery 1.0</a>
 */
public final class IdentityApi {
  private static final int MOST_PARAMETERS = 64;
  private static final String FORM = "application/x-www-form-urlencoded";
  private static final String KEYS_CACHED =
      "public, max-age=" + SigningKeys.PUBLISHED_FOR.toSeconds();

  private final TokenEndpoint tokens;
  private final SigningKeys keys;
  private final Directory directory;
  private final Realm realm;

  public IdentityApi(
      TokenEndpoint tokens, SigningKeys keys, Directory directory, Realm realm) {
    this.tokens = tokens;
    this.keys = keys;
    this.directory = directory;
    this.realm = realm;
  }

  /**
   * {@code POST /{tenant}/oauth2/v2.0/token}, {@code POST /{tenant}/oauth2/token}, the latter
   * with a closing slash too. What was asked for by {@code resource} is answered in the older form.
   */
  public Answer token(Call call) {
    Map<String, String> form = form(call);
    Optional<Basic> basic = call.header("Authorization").flatMap(IdentityApi::basic);
    Optional<String> clientId = Optional.ofNullable(form.get("client_id"));
    Optional<String> secret = Optional.ofNullable(form.get("client_secret"));
    if (basic.isPresent()) {
      if (secret.isPresent() || form.containsKey("client_assertion")) {
        throw invalid("The client must authenticate in one way only");
      }
      if (clientId.isPresent() && !clientId.get().equals(basic.get().user())) {
        throw invalid("The client_id is not that of the Authorization header");
      }
      clientId = Optional.of(basic.get().user());
      secret = Optional.of(basic.get().password());
    }
    TokenRequest request =
        new TokenRequest(
            tenantText(call),
            host(call),
            call.clientAddress(),
            call.origin(),
            Optional.ofNullable(form.get("grant_type")),
            clientId,
            secret.map(SecretBytes::ofUtf8),
            Optional.ofNullable(form.get("client_assertion_type")),
            Optional.ofNullable(form.get("client_assertion")),
            Optional.ofNullable(form.get("scope")),
            Optional.ofNullable(form.get("resource")));
    Granted granted;
    try {
      granted = tokens.issue(request, call::note);
    } catch (VaultException e) {
      if (basic.isPresent() && e.code().status() == 401) {
        throw e.with("WWW-Authenticate", "Basic realm=\"" + realm.loginHost() + "\"");
      }
      throw e;
    } finally {
      request.clientSecret().ifPresent(SecretBytes::close);
    }
    boolean older = !form.containsKey("scope");
    return Answer.json(200, Json.write(json -> write(json, granted, older)))
        .with("Cache-Control", "no-store")
        .with("Pragma", "no-cache");
  }

  /** Every document of the login host, told apart by the end of the path. */
  public Answer document(Call call) {
    // as the routes see it: without empty segments, and without regard to case
    String path =
        call.path().toLowerCase(Locale.ROOT).replaceAll("/{2,}", "/").replaceAll("/$", "");
    if (path.endsWith("/v2.0/.well-known/openid-configuration")) {
      return openIdV2(call);
    }
    if (path.endsWith("/.well-known/openid-configuration")) {
      return openIdV1(call);
    }
    if (path.endsWith("/keys")) {
      return keys(call);
    }
    if (path.endsWith("/discovery/instance")) {
      return instance(call);
    }
    throw VaultException.of(ErrorCode.PATH_UNKNOWN);
  }

  /** {@code GET /{tenant}/v2.0/.well-known/openid-configuration}. */
  private Answer openIdV2(Call call) {
    Tenant tenant = tenant(call);
    String base = call.baseUrl() + '/' + segment(call, tenant);
    // with the request's authority, because MSAL refuses an issuer of another host or port
    return discovery(
        call.baseUrl() + '/' + tenant.id().guid() + "/v2.0",
        base + "/oauth2/v2.0",
        base + "/discovery/v2.0/keys");
  }

  /** {@code GET /{tenant}/.well-known/openid-configuration}, for tenant {@code adfs} as well. */
  private Answer openIdV1(Call call) {
    Tenant tenant = tenant(call);
    String segment = segment(call, tenant);
    String base = call.baseUrl() + '/' + segment;
    return discovery(
        segment.equals("adfs") ? base : realm.issuer(tenant.id()),
        base + "/oauth2",
        base + "/discovery/keys");
  }

  /** {@code GET /{tenant}/discovery/v2.0/keys} and {@code GET /{tenant}/discovery/keys}. */
  private Answer keys(Call call) {
    if (!tenantText(call).equalsIgnoreCase("common")) {
      tenant(call);
    }
    List<String> published = keys.published(call.now());
    byte[] body =
        Json.write(
            json -> {
              json.writeStartObject();
              json.writeArrayPropertyStart("keys");
              published.forEach(json::writeRawValue);
              json.writeEndArray();
              json.writeEndObject();
            });
    return Answer.json(200, body).with("Cache-Control", KEYS_CACHED);
  }

  /**
   * {@code GET /common/discovery/instance}: MSAL sends here whatever authority it does not know;
   * the answer names this server, so that no request of its goes elsewhere.
   */
  private Answer instance(Call call) {
    String asked =
        call.query("authorization_endpoint")
            .orElseThrow(() -> invalid("The query parameter authorization_endpoint is missing"));
    String[] path;
    try {
      path = Optional.ofNullable(URI.create(asked).getPath()).orElse("").split("/");
    } catch (IllegalArgumentException e) {
      throw invalid("The authorization_endpoint is not a URI");
    }
    if (path.length < 2) {
      throw invalid("The authorization_endpoint names no tenant");
    }
    String spelled = path[1];
    Tenant tenant = tenant(spelled);
    String document =
        call.baseUrl() + '/' + segment(spelled, tenant) + "/v2.0/.well-known/openid-configuration";
    String authority = call.baseUrl().substring(call.baseUrl().indexOf("//") + 2);
    byte[] body =
        Json.write(
            json -> {
              json.writeStartObject();
              json.writeStringProperty("tenant_discovery_endpoint", document);
              json.writeStringProperty("api-version", "1.1");
              json.writeArrayPropertyStart("metadata");
              json.writeStartObject();
              json.writeStringProperty("preferred_network", authority);
              json.writeStringProperty("preferred_cache", authority);
              json.writeArrayPropertyStart("aliases");
              json.writeString(authority);
              if (!authority.equals(host(call))) {
                json.writeString(host(call));
              }
              json.writeEndArray();
              json.writeEndObject();
              json.writeEndArray();
              json.writeEndObject();
            });
    return Answer.json(200, body);
  }

  private static Answer discovery(String issuer, String oauth, String jwksUri) {
    byte[] body =
        Json.write(
            json -> {
              json.writeStartObject();
              json.writeStringProperty("issuer", issuer);
              json.writeStringProperty("authorization_endpoint", oauth + "/authorize");
              json.writeStringProperty("token_endpoint", oauth + "/token");
              json.writeStringProperty("device_authorization_endpoint", oauth + "/devicecode");
              json.writeStringProperty("jwks_uri", jwksUri);
              strings(json, "grant_types_supported", "client_credentials");
              strings(json, "response_types_supported");
              strings(json, "subject_types_supported", "public");
              strings(json, "id_token_signing_alg_values_supported", "RS256");
              strings(
                  json,
                  "token_endpoint_auth_methods_supported",
                  "client_secret_post",
                  "client_secret_basic",
                  "private_key_jwt");
              strings(
                  json,
                  "token_endpoint_auth_signing_alg_values_supported",
                  "RS256",
                  "PS256",
                  "ES256");
              json.writeBooleanProperty("request_uri_parameter_supported", false);
              json.writeEndObject();
            });
    return Answer.json(200, body).with("Cache-Control", KEYS_CACHED);
  }

  private static void strings(JsonGenerator json, String name, String... values) {
    json.writeArrayPropertyStart(name);
    for (String value : values) {
      json.writeString(value);
    }
    json.writeEndArray();
  }

  private static void write(JsonGenerator json, Granted granted, boolean older) {
    long seconds = granted.lifetime().toSeconds();
    json.writeStartObject();
    json.writeStringProperty("token_type", "Bearer");
    if (older) {
      json.writeStringProperty("expires_in", Long.toString(seconds));
      json.writeStringProperty("ext_expires_in", Long.toString(seconds));
      json.writeStringProperty(
          "expires_on", Long.toString(granted.expires().getEpochSecond()));
      json.writeStringProperty("not_before", Long.toString(granted.issued().getEpochSecond()));
      json.writeStringProperty("resource", granted.resource());
    } else {
      json.writeNumberProperty("expires_in", seconds);
      json.writeNumberProperty("ext_expires_in", seconds);
    }
    json.writeStringProperty("access_token", granted.accessToken());
    json.writeEndObject();
  }

  private Tenant tenant(Call call) {
    return tenant(tenantText(call));
  }

  private Tenant tenant(String spelled) {
    return directory
        .described(spelled)
        .orElseThrow(() -> VaultException.of(ErrorCode.OAUTH_TENANT_UNKNOWN, "tenant", spelled));
  }

  /** A route that stands for one tenant only, such as adfs or common, has no variable for it. */
  private static String tenantText(Call call) {
    return call.variable("tenant")
        .orElseGet(
            () -> {
              String path = call.path();
              int end = path.indexOf('/', 1);
              return end < 0 ? path.substring(1) : path.substring(1, end);
            });
  }

  private static String segment(Call call, Tenant tenant) {
    return segment(tenantText(call), tenant);
  }

  /** An alias stays what it is; every other spelling becomes the GUID. */
  private static String segment(String spelled, Tenant tenant) {
    String folded = spelled.toLowerCase(Locale.ROOT);
    return switch (folded) {
      case "adfs", "common", "organizations" -> folded;
      default -> tenant.id().guid();
    };
  }

  private static String host(Call call) {
    return URI.create(call.baseUrl()).getHost().toLowerCase(Locale.ROOT);
  }

  private static Map<String, String> form(Call call) {
    String type = call.header("Content-Type").orElse("");
    int parameters = type.indexOf(';');
    String media = (parameters < 0 ? type : type.substring(0, parameters)).strip();
    if (!media.equalsIgnoreCase(FORM)) {
      throw invalid("The content type must be " + FORM);
    }
    String body = utf8(call.body());
    Map<String, String> form = new HashMap<>();
    if (body.isEmpty()) {
      return form;
    }
    for (String pair : body.split("&", MOST_PARAMETERS + 1)) {
      int equals = pair.indexOf('=');
      String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
      String value = equals < 0 ? "" : decoded(pair.substring(equals + 1));
      if (form.size() == MOST_PARAMETERS) {
        throw invalid("The request body has too many parameters");
      }
      // RFC 6749 section 3.2: a parameter must not be there twice, an empty one counts as absent
      if (form.put(name, value) != null) {
        throw invalid("The request body has a parameter twice");
      }
    }
    form.values().removeIf(String::isEmpty);
    return form;
  }

  private record Basic(String user, String password) {
    @Override
    public String toString() {
      return "Basic[redacted]";
    }
  }

  /** RFC 6749 section 2.3.1: both halves are form-encoded before they are joined. */
  private static Optional<Basic> basic(String header) {
    if (!header.regionMatches(true, 0, "Basic ", 0, 6)) {
      return Optional.empty();
    }
    String text;
    try {
      text = utf8(Base64.getDecoder().decode(header.substring(6).strip()));
    } catch (IllegalArgumentException e) {
      throw invalid("The Authorization header is not valid");
    }
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw invalid("The Authorization header is not valid");
    }
    return Optional.of(
        new Basic(decoded(text.substring(0, colon)), decoded(text.substring(colon + 1))));
  }

  private static String decoded(String text) {
    try {
      String decoded = URLDecoder.decode(text, StandardCharsets.UTF_8);
      // because the decoder puts U+FFFD where the bytes are not UTF-8
      if (decoded.indexOf('\uFFFD') < 0) {
        return decoded;
      }
    } catch (IllegalArgumentException e) {
      throw invalid("The request body is not form-encoded");
    }
    throw invalid("The request body is not UTF-8");
  }

  private static String utf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw invalid("The request body is not UTF-8");
    }
  }

  private static VaultException invalid(String reason) {
    return VaultException.of(ErrorCode.OAUTH_INVALID_REQUEST, "reason", reason);
  }
}
