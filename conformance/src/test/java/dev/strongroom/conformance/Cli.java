package dev.strongroom.conformance;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The calls of the {@code strongroom} command that the tests need, all in this one place. */
record Cli(DevServer server, Path work) {
  /** What {@code app create} and {@code app secret add} answered. */
  record NewApplication(String clientId, String objectId) {}

  NewApplication createApplication(String name) throws IOException, InterruptedException {
    JsonNode app = run("app", "create", "--name", name);
    return new NewApplication(
        app.path("clientId").asString(), app.path("objectId").asString());
  }

  String addSecret(String clientId) throws IOException, InterruptedException {
    return run("app", "secret", "add", "--client-id", clientId).path("clientSecret").asString();
  }

  void addCertificate(String clientId, Path certificate) throws IOException, InterruptedException {
    run("app", "cert", "add", "--client-id", clientId, "--file", certificate.toString());
  }

  /** Trusts tokens of an issuer whose keys stand in a file, for one subject. */
  void federate(String clientId, String issuer, Path jwks, String subject, String audience)
      throws IOException, InterruptedException {
    run("issuer", "add", "--url", issuer, "--jwks", jwks.toString());
    run(
        "app", "federate", "--client-id", clientId, "--issuer", issuer, "--subject", subject,
        "--audience", audience);
  }

  private JsonNode run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(DevServer.launcher().toString()));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--data", server.get("dataDir"), "--print", "json"));
    Output output = Output.of(command, work, Map.of(), 60);
    output.mustSucceed();
    return JsonMapper.shared().readTree(output.stdout().isBlank() ? "null" : output.stdout());
  }
}
