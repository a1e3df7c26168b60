package dev.strongroom.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The calls of the {@code strongroom} command that the tests need, all in this one place. */
record Cli(Server server, Path work) {
  private static final int SECONDS = 60;
  private static final Map<String, String> SHORT_LIVED =
      Map.of("STRONGROOM_JAVA_OPTS", "-XX:TieredStopAtLevel=1");

  /** An application of the development tenant. */
  record Application(String clientId, String objectId) {}

  /** A tenant with its first application. */
  record Tenant(String tenantId, String clientId, String clientSecret) {}

  Application createApplication(String name) throws IOException, InterruptedException {
    JsonNode app = run("app", "create", "--name", name);
    return new Application(app.path("appId").asString(), app.path("id").asString());
  }

  String addSecret(String clientId) throws IOException, InterruptedException {
    return run("app", "secret", "add", "--id", clientId).path("secretText").asString();
  }

  void addCertificate(String clientId, Path certificate) throws IOException, InterruptedException {
    run("app", "cert", "add", "--id", clientId, "--file", certificate.toString());
  }

  /** Sets up the certificate authority of the server. */
  void initAuthority() throws IOException, InterruptedException {
    run("ca", "init", "--name", "Conformance");
  }

  /** Trusts an issuer whose keys stand in a file. */
  void addIssuer(String url, Path jwks) throws IOException, InterruptedException {
    run("issuer", "add", "--url", url, "--jwks-file", jwks.toString());
  }

  /** Lets one subject of an issuer sign in as an application. */
  void federate(String clientId, String issuer, String subject)
      throws IOException, InterruptedException {
    run("app", "federate", "--id", clientId, "--issuer", issuer, "--subject", subject);
  }

  Tenant createTenant(String name) throws IOException, InterruptedException {
    Path secret = work.resolve("tenant-secret");
    Files.deleteIfExists(secret);
    JsonNode tenant =
        run(
            "tenant",
            "create",
            "--name",
            name,
            "--tenant-domain",
            name + ".test",
            "--admin-secret-out",
            secret.toString());
    return new Tenant(
        tenant.path("tenantId").asString(),
        tenant.path("clientId").asString(),
        Files.readString(secret).strip());
  }

  /** The command line of a call, for programs that make it themselves. */
  List<String> command(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(DevServer.launcher().toString()));
    command.addAll(List.of(arguments));
    command.addAll(server.options(arguments[0]));
    return command;
  }

  private JsonNode run(String... arguments) throws IOException, InterruptedException {
    Map<String, String> environment = new HashMap<>(SHORT_LIVED);
    environment.putAll(server.environment());
    Output output = Output.of(command(arguments), work, environment, SECONDS).mustSucceed();
    return JsonMapper.shared().readTree(output.stdout().isBlank() ? "null" : output.stdout());
  }
}
