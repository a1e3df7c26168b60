package dev.strongroom.cli;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code strongroom role ...}: who may do what. */
@Command(
    name = "role",
    description = "Role assignments and definitions.",
    subcommands = {RoleCommands.Assignment.class, RoleCommands.Definition.class})
public final class RoleCommands {
  private static final List<Output.Column> ASSIGNMENTS =
      Output.columns(
          "Name", "name",
          "Principal", "properties.principalId",
          "Role", "properties.roleDefinitionId",
          "Scope", "properties.scope");
  private static final List<Output.Column> DEFINITIONS =
      Output.columns(
          "Name", "name", "RoleName", "properties.roleName", "Type", "properties.type");

  /** Where: a path, or a vault by name; the subscription when neither is given. */
  static final class Scope {
    @Option(names = "--scope", description = "an ARM path, such as /subscriptions/...")
    String path;

    @Option(names = "--vault-name", description = "the scope of this vault")
    String vault;

    @Option(names = "--secret-name", description = "with --vault-name: one secret of it")
    String secret;

    String resolve(Client client) {
      if (path != null) {
        return path.equals("/") ? "" : path;
      }
      if (vault != null) {
        return VaultCommands.id(client, vault) + (secret == null ? "" : "/secrets/" + secret);
      }
      return "/subscriptions/" + client.settings().subscription();
    }
  }

  /** Who has the role. */
  static final class Assignee {
    @Option(names = "--assignee-object-id", description = "an object id")
    String objectId;

    @Option(names = "--assignee", description = "an application's client id or object id")
    String any;

    String resolve(Client client) {
      return objectId != null
          ? objectId
          : client
              .manage(
                  "GET", AppCommands.Which.path(any), AppCommands.VERSION, Optional.empty())
              .path("id")
              .asString("");
    }
  }

  /** {@code strongroom role assignment ...}. */
  @Command(name = "assignment", description = "Give, list and take roles.")
  static final class Assignment {
    @Command(name = "create", description = "Give a role.")
    int create(
        @Mixin Settings settings,
        @Mixin Scope scope,
        @ArgGroup(exclusive = true, multiplicity = "1") Assignee assignee,
        @Option(names = "--role", required = true, description = "name or GUID") String role) {
      Client client = new Client(settings);
      String at = scope.resolve(client);
      ObjectNode body = Client.JSON.createObjectNode();
      body.putObject("properties")
          .put("roleDefinitionId", definition(client, at, role).path("id").asString(""))
          .put("principalId", assignee.resolve(client))
          .put("principalType", "ServicePrincipal");
      JsonNode made =
          client.manage(
              "PUT",
              at + "/providers/Microsoft.Authorization/roleAssignments/" + UUID.randomUUID(),
              Client.ROLES_VERSION,
              Optional.of(body));
      new Output(settings.format, System.out).one(made, ASSIGNMENTS);
      return 0;
    }

    @Command(name = "list", description = "List assignments at a scope, above and below it.")
    int list(
        @Mixin Settings settings,
        @Mixin Scope scope,
        @ArgGroup(exclusive = true) Assignee assignee) {
      Client client = new Client(settings);
      String filter =
          assignee == null
              ? ""
              : "?$filter="
                  + Client.encode("principalId eq '" + assignee.resolve(client) + "'");
      new Output(settings.format, System.out)
          .many(
              client.list(
                  scope.resolve(client)
                      + "/providers/Microsoft.Authorization/roleAssignments"
                      + filter,
                  Client.ROLES_VERSION),
              ASSIGNMENTS);
      return 0;
    }

    @Command(name = "delete", description = "Take a role away.")
    int delete(
        @Mixin Settings settings,
        @Mixin Scope scope,
        @Option(names = "--name", required = true, description = "the assignment's GUID")
            String name) {
      Client client = new Client(settings);
      client.manage(
          "DELETE",
          scope.resolve(client) + "/providers/Microsoft.Authorization/roleAssignments/" + name,
          Client.ROLES_VERSION,
          Optional.empty());
      return 0;
    }
  }

  /** {@code strongroom role definition ...}. */
  @Command(name = "definition", description = "What roles there are.")
  static final class Definition {
    @Command(name = "list", description = "List role definitions.")
    int list(@Mixin Settings settings) {
      new Output(settings.format, System.out)
          .many(definitions(new Client(settings), ""), DEFINITIONS);
      return 0;
    }
  }

  private static JsonNode definition(Client client, String scope, String role) {
    return definitions(client, scope).stream()
        .filter(
            found ->
                found.path("name").asString("").equalsIgnoreCase(role)
                    || found.path("properties").path("roleName").asString("").equalsIgnoreCase(role))
        .findFirst()
        .orElseThrow(
            () ->
                CliException.notFound(
                    "There is no role "
                        + role
                        + ".\nSee what is there: strongroom role definition list -o table"));
  }

  private static List<JsonNode> definitions(Client client, String scope) {
    return client.list(
        scope + "/providers/Microsoft.Authorization/roleDefinitions", Client.ROLES_VERSION);
  }
}
