package dev.strongroom.cli;

import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code strongroom vault ...}: vaults as resources. */
@Command(name = "vault", description = "Make, show, change, delete, recover and purge vaults.")
public final class VaultCommands {
  private static final List<Output.Column> COLUMNS =
      Output.columns(
          "Name", "name",
          "Location", "location",
          "ResourceGroup", "resourceGroup",
          "VaultUri", "properties.vaultUri");
  private static final List<Output.Column> DELETED =
      Output.columns(
          "Name", "name",
          "Location", "properties.location",
          "DeletionDate", "properties.deletionDate",
          "ScheduledPurgeDate", "properties.scheduledPurgeDate");

  @Command(name = "create", description = "Make a vault; RBAC unless told otherwise.")
  int create(
      @Mixin Settings settings,
      @Option(names = {"-n", "--name"}, required = true) String name,
      @Option(names = {"-g", "--resource-group"}) Optional<String> group,
      @Option(names = {"-l", "--location"}) Optional<String> location,
      @Option(names = "--retention-days", defaultValue = "90") int retentionDays,
      @Option(names = "--enable-purge-protection", arity = "0..1", fallbackValue = "true")
          Optional<Boolean> purgeProtection,
      @Option(
              names = "--enable-rbac-authorization",
              arity = "0..1",
              defaultValue = "true",
              fallbackValue = "true")
          boolean rbac) {
    ObjectNode properties =
        Client.JSON
            .createObjectNode()
            .put("tenantId", settings.tenant())
            .put("softDeleteRetentionInDays", retentionDays)
            .put("enableRbacAuthorization", rbac);
    properties.putObject("sku").put("family", "A").put("name", "standard");
    properties.putArray("accessPolicies");
    purgeProtection.filter(on -> on).ifPresent(on -> properties.put("enablePurgeProtection", true));
    Client client = new Client(settings);
    return print(
        settings,
        client.manage(
            "PUT",
            inGroup(settings, group) + "/vaults/" + Client.encode(name),
            Client.VAULTS_VERSION,
            Optional.of(body(location(settings, location), properties))));
  }

  @Command(name = "show", description = "Show a vault.")
  int show(
      @Mixin Settings settings, @Option(names = {"-n", "--name"}, required = true) String name) {
    return print(settings, find(new Client(settings), name));
  }

  @Command(name = "list", description = "List the subscription's vaults.")
  int list(@Mixin Settings settings) {
    output(settings).many(all(new Client(settings)), COLUMNS);
    return 0;
  }

  @Command(name = "update", description = "Change a vault's settings.")
  int update(
      @Mixin Settings settings,
      @Option(names = {"-n", "--name"}, required = true) String name,
      @Option(names = "--enable-purge-protection", arity = "0..1", fallbackValue = "true")
          Optional<Boolean> purgeProtection,
      @Option(names = "--enable-rbac-authorization", arity = "0..1", fallbackValue = "true")
          Optional<Boolean> rbac) {
    ObjectNode body = Client.JSON.createObjectNode();
    ObjectNode properties = body.putObject("properties");
    purgeProtection.ifPresent(on -> properties.put("enablePurgeProtection", on));
    rbac.ifPresent(on -> properties.put("enableRbacAuthorization", on));
    if (properties.isEmpty()) {
      throw new CliException("There is nothing to change.\nSee: strongroom vault update --help");
    }
    Client client = new Client(settings);
    return print(
        settings,
        client.manage("PATCH", id(client, name), Client.VAULTS_VERSION, Optional.of(body)));
  }

  @Command(name = "delete", description = "Delete a vault; it can be recovered.")
  int delete(
      @Mixin Settings settings, @Option(names = {"-n", "--name"}, required = true) String name) {
    Client client = new Client(settings);
    client.manage("DELETE", id(client, name), Client.VAULTS_VERSION, Optional.empty());
    return 0;
  }

  @Command(name = "list-deleted", description = "List deleted vaults.")
  int listDeleted(@Mixin Settings settings) {
    output(settings).many(deleted(new Client(settings)), DELETED);
    return 0;
  }

  @Command(name = "recover", description = "Take a deleted vault back.")
  int recover(
      @Mixin Settings settings, @Option(names = {"-n", "--name"}, required = true) String name) {
    Client client = new Client(settings);
    JsonNode gone = findDeleted(client, name);
    ObjectNode properties =
        Client.JSON
            .createObjectNode()
            .put("createMode", "recover")
            .put("tenantId", settings.tenant());
    properties.putObject("sku").put("family", "A").put("name", "standard");
    return print(
        settings,
        client.manage(
            "PUT",
            gone.path("properties").path("vaultId").asString(""),
            Client.VAULTS_VERSION,
            Optional.of(body(gone.path("properties").path("location").asString(""), properties))));
  }

  @Command(name = "purge", description = "Remove a deleted vault for good.")
  int purge(
      @Mixin Settings settings, @Option(names = {"-n", "--name"}, required = true) String name) {
    Client client = new Client(settings);
    JsonNode gone = findDeleted(client, name);
    client.manage(
        "POST",
        "/subscriptions/"
            + settings.subscription()
            + "/providers/Microsoft.KeyVault/locations/"
            + gone.path("properties").path("location").asString("")
            + "/deletedVaults/"
            + gone.path("name").asString("")
            + "/purge",
        Client.VAULTS_VERSION,
        Optional.empty());
    return 0;
  }

  static String id(Client client, String name) {
    return find(client, name).path("id").asString("");
  }

  private static JsonNode find(Client client, String name) {
    return all(client).stream()
        .filter(vault -> vault.path("name").asString("").equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                CliException.notFound(
                    "There is no vault " + name + ".\nSee what is there: strongroom vault list"));
  }

  private static JsonNode findDeleted(Client client, String name) {
    return deleted(client).stream()
        .filter(vault -> vault.path("name").asString("").equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                CliException.notFound(
                    "There is no deleted vault "
                        + name
                        + ".\nSee what is there: strongroom vault list-deleted"));
  }

  private static List<JsonNode> all(Client client) {
    List<JsonNode> vaults =
        client.list(
            "/subscriptions/"
                + client.settings().subscription()
                + "/providers/Microsoft.KeyVault/vaults",
            Client.VAULTS_VERSION);
    vaults.forEach(VaultCommands::withGroup);
    return vaults;
  }

  /** As az shows resources: with the group, which an answer has in its id only. */
  static JsonNode withGroup(JsonNode vault) {
    String[] segments = vault.path("id").asString("").split("/");
    if (vault instanceof ObjectNode object && segments.length > 4) {
      object.put("resourceGroup", segments[4]);
    }
    return vault;
  }

  private static List<JsonNode> deleted(Client client) {
    return client.list(
        "/subscriptions/"
            + client.settings().subscription()
            + "/providers/Microsoft.KeyVault/deletedVaults",
        Client.VAULTS_VERSION);
  }

  private static String inGroup(Settings settings, Optional<String> group) {
    return "/subscriptions/"
        + settings.subscription()
        + "/resourceGroups/"
        + Client.encode(
            group
                .or(settings::defaultResourceGroup)
                .orElseThrow(() -> new CliException(
                        "--resource-group is missing.\nGive it, or set STRONGROOM_CLIENT_RESOURCE_GROUP.")))
        + "/providers/Microsoft.KeyVault";
  }

  private static String location(Settings settings, Optional<String> location) {
    return location
        .or(settings::defaultLocation)
        .orElseThrow(() -> new CliException(
                        "--location is missing.\nGive it, or set STRONGROOM_CLIENT_LOCATION."));
  }

  private static ObjectNode body(String location, ObjectNode properties) {
    ObjectNode body = Client.JSON.createObjectNode().put("location", location);
    body.set("properties", properties);
    return body;
  }

  private static Output output(Settings settings) {
    return new Output(settings.format, System.out);
  }

  private static int print(Settings settings, JsonNode vault) {
    output(settings).one(withGroup(vault), COLUMNS);
    return 0;
  }
}
