package dev.strongroom.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where the server is and who asks. An option wins over its variable, a variable over the
 * credentials that {@code dev} keeps in its folder.
 */
public final class Settings {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Option(
      names = "--arm-url",
      paramLabel = "URL",
      description = "the server's management address [STRONGROOM_CLIENT_ARM_URL]")
  String armUrl;

  @Option(
      names = "--authority-host",
      paramLabel = "URL",
      description = "the server's login address [AZURE_AUTHORITY_HOST]")
  String authorityHost;

  @Option(
      names = "--tenant",
      paramLabel = "GUID",
      description = "the tenant [AZURE_TENANT_ID]")
  String tenant;

  @Option(
      names = "--client-id",
      paramLabel = "GUID",
      description = "the application that signs in [AZURE_CLIENT_ID, secret in AZURE_CLIENT_SECRET]")
  String clientId;

  @Option(
      names = "--ca-file",
      paramLabel = "FILE",
      description = "PEM file of the authority to trust [STRONGROOM_CLIENT_CA_FILE]")
  String caFile;

  @Option(
      names = "--subscription",
      paramLabel = "GUID",
      description = "the subscription [STRONGROOM_CLIENT_SUBSCRIPTION]")
  String subscription;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "folder of a dev server whose credentials to use")
  Path data;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "json, table or tsv (default: ${DEFAULT-VALUE})",
      defaultValue = "json")
  Output.Format format;

  private Optional<JsonNode> devCredentials;

  String armUrl() {
    return need(armUrl, "STRONGROOM_CLIENT_ARM_URL", "armUrl", "--arm-url");
  }

  String authorityHost() {
    return need(authorityHost, "AZURE_AUTHORITY_HOST", "authorityHost", "--authority-host");
  }

  String tenant() {
    return need(tenant, "AZURE_TENANT_ID", "tenantId", "--tenant");
  }

  String clientId() {
    return need(clientId, "AZURE_CLIENT_ID", "clientId", "--client-id");
  }

  String clientSecret() {
    return need(null, "AZURE_CLIENT_SECRET", "clientSecret", "the variable AZURE_CLIENT_SECRET");
  }

  String subscription() {
    return need(subscription, "STRONGROOM_CLIENT_SUBSCRIPTION", "subscriptionId", "--subscription");
  }

  Optional<String> caFile() {
    return find(caFile, "STRONGROOM_CLIENT_CA_FILE", "caFile");
  }

  Optional<String> defaultResourceGroup() {
    return find(null, "STRONGROOM_CLIENT_RESOURCE_GROUP", "resourceGroup");
  }

  Optional<String> defaultLocation() {
    return find(null, "STRONGROOM_CLIENT_LOCATION", "location");
  }

  Optional<String> defaultVault() {
    return find(null, "STRONGROOM_CLIENT_VAULT", "vaultName");
  }

  private String need(String option, String variable, String member, String name) {
    return find(option, variable, member)
        .orElseThrow(
            () ->
                new CliException(
                    "It is not known where the server is or who asks: "
                        + name
                        + " is missing.\nStart a local server with: ./strongroom dev\nor set "
                        + variable
                        + "."));
  }

  private Optional<String> find(String option, String variable, String member) {
    if (option != null) {
      return Optional.of(option);
    }
    String value = System.getenv(variable);
    if (value != null && !value.isBlank()) {
      return Optional.of(value);
    }
    return dev().map(node -> node.path(member).asString("")).filter(text -> !text.isEmpty());
  }

  private Optional<JsonNode> dev() {
    if (devCredentials == null) {
      Path file =
          Optional.ofNullable(data)
              .orElseGet(() -> defaultDevFolder(System.getenv()))
              .resolve("credentials.json");
      try {
        devCredentials =
            Files.exists(file)
                ? Optional.of(JSON.readTree(Files.readString(file)))
                : Optional.empty();
      } catch (IOException e) {
        throw new CliException("Cannot read " + file + ".\nRun as the user that started the server.");
      }
    }
    return devCredentials;
  }

  /** Where {@code dev} keeps its data unless told otherwise: never in the working tree. */
  public static Path defaultDevFolder(Map<String, String> environment) {
    String home = environment.get("STRONGROOM_HOME");
    if (home != null && !home.isBlank()) {
      return Path.of(home, "dev");
    }
    String xdg = environment.get("XDG_DATA_HOME");
    Path shared =
        xdg != null && !xdg.isBlank()
            ? Path.of(xdg)
            : Path.of(System.getProperty("user.home"), ".local", "share");
    return shared.resolve("strongroom").resolve("dev");
  }
}
