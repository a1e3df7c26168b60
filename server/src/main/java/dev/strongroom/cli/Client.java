package dev.strongroom.cli;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
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
  static final String SECRETS_VERSION = "2026-04-01";
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
    String base = stripSlash(settings.armUrl());
    String audience = cloud().path("authentication").path("audiences").path(0).asString(base);
    return send(method, withVersion(base + path, apiVersion), stripSlash(audience), body);
  }

  /** A request to a vault's own host. */
  JsonNode vault(String vault, String method, String path, Optional<ObjectNode> body) {
    String suffix = cloud().path("suffixes").path("keyVaultDns").asString("");
    if (suffix.isEmpty()) {
      throw new CliException("The server does not say where its vaults are.");
    }
    return send(
        method,
        withVersion("https://" + vault + '.' + suffix + path, SECRETS_VERSION),
        "https://" + suffix,
        body);
  }

  /** Every page of a list of a vault, from {@code value} and {@code nextLink}. */
  List<JsonNode> pages(String vault, String path) {
    List<JsonNode> items = new ArrayList<>();
    JsonNode page = vault(vault, "GET", path, Optional.empty());
    String suffix = cloud().path("suffixes").path("keyVaultDns").asString("");
    while (true) {
      page.path("value").forEach(items::add);
      String next = page.path("nextLink").asString("");
      if (next.isEmpty()) {
        return items;
      }
      page = send("GET", next, "https://" + suffix, Optional.empty());
    }
  }

  private JsonNode cloud() {
    if (cloud == null) {
      cloud =
          exchange(
              HttpRequest.newBuilder(
                      URI.create(
                          stripSlash(settings.armUrl())
                              + "/metadata/endpoints?api-version=2022-09-01"))
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
        audience,
        resource -> {
          String form =
              "grant_type=client_credentials&client_id="
                  + encode(settings.clientId())
                  + "&client_secret="
                  + encode(settings.clientSecret())
                  + "&scope="
                  + encode(resource + "/.default");
          JsonNode answer =
              exchange(
                  HttpRequest.newBuilder(
                          uri(
                              stripSlash(settings.authorityHost())
                                  + '/'
                                  + settings.tenant()
                                  + "/oauth2/v2.0/token"))
                      .header("Content-Type", "application/x-www-form-urlencoded")
                      .POST(HttpRequest.BodyPublishers.ofString(form)));
          return answer.path("access_token").asString("");
        });
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
      throw new CliException(
          "No answer from "
              + request.uri().getHost()
              + ": "
              + e.getMessage()
              + "\nIs the server running, and is --ca-file the authority that made its certificate?");
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

  private static CliException refusal(int status, JsonNode answer) {
    JsonNode error = answer.path("error");
    String code = error.isObject() ? error.path("code").asString("") : error.asString("");
    String message =
        error.isObject()
            ? error.path("message").asString("")
            : answer.path("error_description").asString("");
    String inner = error.isObject() ? error.path("innererror").path("code").asString("") : "";
    return new CliException(
        status
            + " "
            + code
            + (inner.isEmpty() ? "" : " (" + inner + ")")
            + ": "
            + message.strip()
            + Hint.of(inner.isEmpty() ? code : inner).map(hint -> "\n" + hint).orElse(""));
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

  private static String stripSlash(String url) {
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }
}
