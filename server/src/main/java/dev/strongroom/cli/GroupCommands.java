package dev.strongroom.cli;

import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code strongroom group ...}: resource groups, which vaults are made in. */
@Command(name = "group", description = "Make, list and delete resource groups.")
public final class GroupCommands {
  private static final List<Output.Column> COLUMNS =
      Output.columns("Name", "name", "Location", "location");

  @Command(name = "create", description = "Make a resource group.")
  int create(
      @Mixin Settings settings,
      @Option(names = {"-n", "--name"}, required = true) String name,
      @Option(names = {"-l", "--location"}) Optional<String> location) {
    String at =
        location
            .or(settings::defaultLocation)
            .orElseThrow(() -> new CliException(
                        "--location is missing.\nGive it, or set STRONGROOM_CLIENT_LOCATION."));
    new Output(settings.format, System.out)
        .one(
            new Client(settings)
                .manage(
                    "PUT",
                    groups(settings) + '/' + Client.encode(name),
                    Client.GROUPS_VERSION,
                    Optional.of(Client.JSON.createObjectNode().put("location", at))),
            COLUMNS);
    return 0;
  }

  @Command(name = "list", description = "List resource groups.")
  int list(@Mixin Settings settings) {
    new Output(settings.format, System.out)
        .many(new Client(settings).list(groups(settings), Client.GROUPS_VERSION), COLUMNS);
    return 0;
  }

  @Command(name = "delete", description = "Delete a resource group that holds no vault.")
  int delete(
      @Mixin Settings settings, @Option(names = {"-n", "--name"}, required = true) String name) {
    new Client(settings)
        .manage(
            "DELETE",
            groups(settings) + '/' + Client.encode(name),
            Client.GROUPS_VERSION,
            Optional.empty());
    return 0;
  }

  private static String groups(Settings settings) {
    return "/subscriptions/" + settings.subscription() + "/resourcegroups";
  }
}
