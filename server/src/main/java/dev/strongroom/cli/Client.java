package dev.strongroom.cli;

import dev.strongroom.model.ContainerName;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Requests with a token, over HTTPS. A refusal of the server becomes a {@link CliException} with the
 * server's code and message and a hint.
 */
final class Client {
  static final JsonMapper JSON = JsonMapper.builder().build();
  /** One that knows all key types as well; secrets are the same in every version since 2026-04-01. */
  static final String DATA_VERSION = "2026-05-01-preview";

  static final String VAULTS_VERSION = "2026-02-01";
  static final String ROLES_VERSION = "2022-04-01";
  static final String GROUPS_VERSION = "2022-12-01";

  private final Settings settings;
  private final HttpClient http;
  private final Map<String, String> tokens = new HashMap<>();
  private JsonNode cloud;

  Client(Settings settings) {
    this.settings = settings;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(10))
            .followRedirects(HttpClient.Redirect.NEVER);
    settings.caFile().ifPresent(file -> builder.sslContext(trusting(Path.of(file))));
    http = builder.build();
  }

  Settings settings() {
    return settings;
  }

  /** A management request; the path begins with a slash and has no api-version. */
  JsonNode manage(String method, String path, String apiVersion, Optional<ObjectNode> body) {
    return send(
        method, withVersion(armUrl() + path, apiVersion), managementAudience(), body);
  }

  /** Every page of a management list. */
  List<JsonNode> list(String path, String apiVersion) {
    return follow(withVersion(armUrl() + path, apiVersion), managementAudience());
  }

  String managementAudience() {
    return stripSlash(
        cloud().path("authentication").path("audiences").path(0).asString(armUrl()));
  }

  String authorityHost() {
    return stripSlash(
        settings
            .authorityHost()
            .orElseGet(
                () -> cloud().path("authentication").path("loginEndpoint").asString("")));
  }

  private String armUrl() {
    return stripSlash(settings.armUrl());
  }

  /** A request to a vault's own host. */
  JsonNode vault(String vault, String method, String path, Optional<ObjectNode> body) {
    return send(method, vaultUrl(vault, path), vaultAudience(), body);
  }

  /** Every page of a list of a vault. */
  List<JsonNode> pages(String vault, String path) {
    return follow(vaultUrl(vault, path), vaultAudience());
  }

  private List<JsonNode> follow(String first, String audience) {
    List<JsonNode> items = new ArrayList<>();
    String next = first;
    while (!next.isEmpty()) {
      JsonNode page = send("GET", next, audience, Optional.empty());
      page.path("value").forEach(items::add);
      next = page.path("nextLink").asString("");
    }
    return items;
  }

  private String vaultUrl(String vault, String path) {
    if (!ContainerName.isValid(vault)) {
      throw new CliException("This is not a vault's name: " + vault);
    }
    return withVersion("https://" + vault + '.' + vaultSuffix() + path, DATA_VERSION);
  }

  private String vaultAudience() {
    return "https://" + vaultSuffix();
  }

  private String vaultSuffix() {
    String suffix = cloud().path("suffixes").path("keyVaultDns").asString("");
    if (suffix.isEmpty()) {
      throw new CliException("The server does not say where its vaults are.");
    }
    return suffix;
  }

  private JsonNode cloud() {
    if (cloud == null) {
      cloud =
          exchange(
              HttpRequest.newBuilder(
                      uri(armUrl() + "/metadata/endpoints?api-version=2022-09-01"))
                  .GET());
    }
    return cloud;
  }

  private JsonNode send(String method, String url, String audience, Optional<ObjectNode> body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(url))
            .header("Authorization", "Bearer " + token(audience))
            .method(
                method,
                body.isPresent()
                    ? HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body.get()))
                    : HttpRequest.BodyPublishers.noBody());
    if (body.isPresent()) {
      request.header("Content-Type", "application/json");
    }
    return exchange(request);
  }

  private String token(String audience) {
    return tokens.computeIfAbsent(
        audience, resource -> signIn(resource).path("access_token").asString(""));
  }

  /** The token endpoint's answer for an audience. */
  JsonNode signIn(String audience) {
    String endpoint = authorityHost() + '/' + settings.tenant() + "/oauth2/v2.0/token";
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("grant_type", "client_credentials");
    fields.put("client_id", settings.clientId());
    fields.put("scope", audience + "/.default");
    fields.putAll(
        settings
            .credential()
            .fields(endpoint, settings.clientId(), InstantSource.system().instant()));
    String form =
        fields.entrySet().stream()
            .map(field -> field.getKey() + '=' + encode(field.getValue()))
            .collect(Collectors.joining("&"));
    return exchange(
        HttpRequest.newBuilder(uri(endpoint))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form)));
  }

  private JsonNode exchange(HttpRequest.Builder builder) {
    HttpRequest request =
        builder
            .timeout(Duration.ofSeconds(60))
            .header("User-Agent", "strongroom-cli")
            .build();
    HttpResponse<String> response;
    try {
      response = http.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw noAnswer(request.uri(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException("Interrupted.");
    }
    JsonNode answer;
    try {
      answer =
          response.body().isBlank() ? JSON.createObjectNode() : JSON.readTree(response.body());
    } catch (JacksonException e) {
      throw new CliException(
          request.uri().getHost() + " answered " + response.statusCode() + " without JSON.");
    }
    if (response.statusCode() >= 400) {
      throw refusal(response.statusCode(), answer);
    }
    return answer;
  }

  private CliException noAnswer(URI uri, IOException e) {
    String where = uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
    if (isCausedBy(e, SSLException.class)) {
      return new CliException(
          "The certificate of "
              + where
              + " is not to be trusted: "
              + e.getMessage()
              + "\nName the authority that signed it with --ca-file FILE; this command trusts "
              + settings.caFile().orElse("those of the Java runtime"));
    }
    if (isCausedBy(e, UnresolvedAddressException.class)) {
      return new CliException(
          "The name "
              + uri.getHost()
              + " does not resolve on this machine.\nAdd it with the server's address to"
              + " /etc/hosts or to the DNS.");
    }
    if (isCausedBy(e, HttpConnectTimeoutException.class) || isCausedBy(e, ConnectException.class)) {
      return new CliException(
          "Nothing answers at "
              + where
              + ".\nIs the server running? On its machine: strongroom status");
    }
    return new CliException("No answer from " + where + ": " + e.getMessage());
  }

  private static boolean isCausedBy(Throwable thrown, Class<? extends Throwable> kind) {
    return thrown != null && (kind.isInstance(thrown) || isCausedBy(thrown.getCause(), kind));
  }

  private static CliException refusal(int status, JsonNode answer) {
    JsonNode error = answer.path("error");
    String code = error.isObject() ? error.path("code").asString("") : error.asString("");
    String message =
        error.isObject()
            ? error.path("message").asString("")
            : answer.path("error_description").asString("");
    String inner = error.isObject() ? error.path("innererror").path("code").asString("") : "";
    String text =
        status
            + " "
            + code
            + (inner.isEmpty() ? "" : " (" + inner + ")")
            + ": "
            + message.strip()
            + Hint.of(inner.isEmpty() ? code : inner).map(hint -> "\n" + hint).orElse("");
    return status == 404 ? CliException.notFound(text) : new CliException(text);
  }

  private static SSLContext trusting(Path file) {
    try (var in = Files.newInputStream(file)) {
      return Trust.only(in);
    } catch (IOException | GeneralSecurityException e) {
      throw new CliException("Cannot read the authority in " + file + ": " + e.getMessage());
    }
  }

  private static URI uri(String url) {
    try {
      return URI.create(url);
    } catch (IllegalArgumentException e) {
      throw new CliException("This is not an address: " + url);
    }
  }

  private static String withVersion(String url, String apiVersion) {
    return url + (url.indexOf('?') < 0 ? '?' : '&') + "api-version=" + apiVersion;
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  static String stripSlash(String url) {
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }
}
