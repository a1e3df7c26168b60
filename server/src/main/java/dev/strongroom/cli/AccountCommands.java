package dev.strongroom.cli;

import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code strongroom account ...}: who is logged in, and with which subscription. */
@Command(name = "account", description = "The log-in and the subscriptions that it sees.")
public final class AccountCommands {
  private static final List<Output.Column> SHOWN =
      Output.columns(
          "Name", "name",
          "SubscriptionId", "id",
          "TenantId", "tenantId",
          "ClientId", "user.name",
          "Server", "armUrl");
  private static final List<Output.Column> LISTED =
      Output.columns(
          "Name", "displayName", "SubscriptionId", "subscriptionId", "State", "state");

  @Command(name = "show", description = "Show who is logged in, and where.")
  int show(@Mixin Settings settings) {
    ObjectNode known =
        Client.JSON
            .createObjectNode()
            .put("armUrl", settings.armUrl())
            .put("tenantId", settings.tenant())
            .put("clientId", settings.clientId());
    settings.findSubscription().ifPresent(id -> known.put("subscriptionId", id));
    settings.subscriptionName().ifPresent(name -> known.put("subscriptionName", name));
    return print(settings, known);
  }

  @Command(name = "list", description = "List the subscriptions that the log-in sees.")
  int list(@Mixin Settings settings) {
    new Output(settings.format, System.out)
        .many(subscriptions(new Client(settings)), LISTED);
    return 0;
  }

  @Command(name = "set", description = "Choose the subscription of later commands.")
  int set(
      @Mixin Settings settings,
      @Option(
              names = {"-s", "--name"},
              required = true,
              description = "the subscription's name or id")
          String wanted) {
    Profile profile = settings.profile();
    if (!(profile.read().orElse(null) instanceof ObjectNode kept)) {
      throw new CliException("Nobody is logged in.\nLog in first: strongroom login");
    }
    keep(kept, find(subscriptions(new Client(settings)), wanted));
    profile.write(kept);
    return print(settings, kept);
  }

  @Command(
      name = "get-access-token",
      description = "Print a token, for curl and other clients; keep it to yourself.")
  int token(
      @Mixin Settings settings,
      @Option(
              names = "--resource",
              description = "for whom, such as https://vault.DOMAIN (default: management)")
          Optional<String> resource) {
    Client client = new Client(settings);
    JsonNode answer = client.signIn(resource.orElseGet(client::managementAudience));
    ObjectNode shown =
        Client.JSON
            .createObjectNode()
            .put("accessToken", answer.path("access_token").asString(""))
            .put("expiresIn", answer.path("expires_in").asLong(0))
            .put("tenant", settings.tenant())
            .put("tokenType", answer.path("token_type").asString(""));
    new Output(settings.format, System.out)
        .one(shown, Output.columns("AccessToken", "accessToken"));
    return 0;
  }

  static List<JsonNode> subscriptions(Client client) {
    return client.list("/subscriptions", Client.GROUPS_VERSION);
  }

  static JsonNode find(List<JsonNode> subscriptions, String wanted) {
    return subscriptions.stream()
        .filter(
            one ->
                one.path("subscriptionId").asString("").equalsIgnoreCase(wanted)
                    || one.path("displayName").asString("").equalsIgnoreCase(wanted))
        .findFirst()
        .orElseThrow(
            () ->
                CliException.notFound(
                    "There is no subscription "
                        + wanted
                        + " that this log-in sees.\nSee what is there: strongroom account list"));
  }

  static void keep(ObjectNode kept, JsonNode subscription) {
    kept.put("subscriptionId", subscription.path("subscriptionId").asString(""))
        .put("subscriptionName", subscription.path("displayName").asString(""));
  }

  static int print(Settings settings, ObjectNode known) {
    ObjectNode shown = Client.JSON.createObjectNode();
    copy(known, "subscriptionId", shown, "id");
    copy(known, "subscriptionName", shown, "name");
    copy(known, "tenantId", shown, "tenantId");
    copy(known, "armUrl", shown, "armUrl");
    shown
        .putObject("user")
        .put("name", known.path("clientId").asString(""))
        .put("type", "servicePrincipal");
    new Output(settings.format, System.out).one(shown, SHOWN);
    return 0;
  }

  private static void copy(ObjectNode from, String member, ObjectNode to, String as) {
    if (from.has(member)) {
      to.set(as, from.get(member));
    }
  }
}
