package dev.strongroom.conformance;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Vaults and role assignments through Azure Resource Manager's REST interface. */
final class ResourceManager {
  private final Server server;
  private final HttpClient http;

  ResourceManager(Server server, HttpClient http) {
    this.server = server;
    this.http = http;
  }

  /** An access token of the development application for a resource such as the vault's. */
  String token(String resource) throws IOException, InterruptedException {
    return token(
        server.get("tenantId"), server.get("clientId"), server.get("clientSecret"), resource);
  }

  String token(String tenantId, String clientId, String clientSecret, String resource)
      throws IOException, InterruptedException {
    String form =
        Map.of(
                "grant_type",
                "client_credentials",
                "client_id",
                clientId,
                "client_secret",
                clientSecret,
                "scope",
                resource + "/.default")
            .entrySet()
            .stream()
            .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    URI uri = URI.create(server.get("authorityHost") + "/" + tenantId + "/oauth2/v2.0/token");
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form))
            .build();
    return send(request).path("access_token").asString();
  }

  void createResourceGroup() throws IOException, InterruptedException {
    put(
        server.resourceGroupId() + "?api-version=2023-07-01",
        Map.of("location", server.get("location")));
  }

  /** Creates a vault where nobody has a role, and answers its URL without a trailing slash. */
  String createVault(String name) throws IOException, InterruptedException {
    Map<String, Object> vault =
        Map.of(
            "location", server.get("location"),
            "properties",
                Map.of(
                    "tenantId", server.get("tenantId"),
                    "sku", Map.of("family", "A", "name", "standard"),
                    "enableRbacAuthorization", true));
    JsonNode created = put(server.vaultId(name) + "?api-version=2026-02-01", vault);
    return created.path("properties").path("vaultUri").asString().replaceFirst("/$", "");
  }

  void assignRole(String scope, String roleId, String principalId)
      throws IOException, InterruptedException {
    String definition =
        "/subscriptions/"
            + server.get("subscriptionId")
            + "/providers/Microsoft.Authorization/roleDefinitions/"
            + roleId;
    put(
        scope
            + "/providers/Microsoft.Authorization/roleAssignments/"
            + UUID.randomUUID()
            + "?api-version=2022-04-01",
        Map.of(
            "properties",
            Map.of(
                "roleDefinitionId", definition,
                "principalId", principalId,
                "principalType", "ServicePrincipal")));
  }

  /** A call of the default vault as the development application. */
  JsonNode vault(String method, String path, Object body) throws IOException, InterruptedException {
    String vaults = server.get("vaultUrl").replaceFirst("//[^.]+\\.", "//");
    return send(
        HttpRequest.newBuilder(
                URI.create(server.get("vaultUrl") + path + "?api-version=2026-04-01"))
            .header("Authorization", "Bearer " + token(vaults))
            .header("Content-Type", "application/json")
            .method(
                method, BodyPublishers.ofString(JsonMapper.shared().writeValueAsString(body)))
            .build());
  }

  private JsonNode put(String path, Object body) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.get("armUrl") + path))
            .header("Authorization", "Bearer " + token(server.get("armUrl")))
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString(JsonMapper.shared().writeValueAsString(body)))
            .build();
    return send(request);
  }

  private JsonNode send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
    if (answer.statusCode() / 100 != 2) {
      throw new AssertionError(
          request.method()
              + " "
              + request.uri()
              + " answered "
              + answer.statusCode()
              + ": "
              + answer.body());
    }
    return JsonMapper.shared().readTree(answer.body());
  }
}
