package dev.strongroom.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Where the server is and who asks. An option wins over its variable, a variable over the log-in that
 * is kept, and that over the credentials that {@code dev} keeps in its folder; {@code --data} names
 * such a folder and wins over all but the other options.
 */
public final class Settings {
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
      description = "the application that signs in [AZURE_CLIENT_ID]")
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

  private final Map<String, String> environment;
  private Optional<JsonNode> remembered;
  private Optional<Credential> given = Optional.empty();

  public Settings() {
    this(System.getenv());
  }

  Settings(Map<String, String> environment) {
    this.environment = environment;
  }

  String armUrl() {
    return need(armUrl, "STRONGROOM_CLIENT_ARM_URL", "armUrl", "--arm-url");
  }

  /** Where to sign in; the server's own description says it when nobody else does. */
  Optional<String> authorityHost() {
    return find(authorityHost, "AZURE_AUTHORITY_HOST", "authorityHost");
  }

  String tenant() {
    return need(tenant, "AZURE_TENANT_ID", "tenantId", "--tenant");
  }

  String clientId() {
    return need(clientId, "AZURE_CLIENT_ID", "clientId", "--client-id");
  }

  Credential credential() {
    return findCredential()
        .orElseThrow(
            () ->
                new CliException(
                    "Nothing proves that this is application "
                        + clientId()
                        + ".\nSet AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH or"
                        + " AZURE_FEDERATED_TOKEN_FILE, or log in: strongroom login"));
  }

  /**
   * The proof that goes with the client id: from the environment when that or the command line names
   * the application, else from where the application was found, so that no secret is ever sent in
   * another application's name or to another authority than it was kept for.
   */
  Optional<Credential> findCredential() {
    if (given.isPresent()) {
      return given;
    }
    Optional<String> variable = data == null ? variable("AZURE_CLIENT_ID") : Optional.empty();
    Optional<String> named = Optional.ofNullable(clientId).or(() -> variable);
    boolean isOfTheEnvironment =
        data == null
            && named.isPresent()
            && variable.map(named.get()::equalsIgnoreCase).orElse(true);
    return (isOfTheEnvironment ? environmentCredential() : Optional.<Credential>empty())
        .or(
            () ->
                remembered()
                    .filter(node -> named.isEmpty() || isSame(named, node, "clientId"))
                    .filter(node -> isSame(authorityHost(), node, "authorityHost"))
                    .flatMap(Settings::kept));
  }

  private Optional<Credential> environmentCredential() {
    return variable("AZURE_CLIENT_SECRET")
        .<Credential>map(Credential.Secret::new)
        .or(
            () ->
                variable("AZURE_CLIENT_CERTIFICATE_PATH")
                    .map(file -> new Credential.Certificate(Path.of(file))))
        .or(
            () ->
                variable("AZURE_FEDERATED_TOKEN_FILE")
                    .map(file -> new Credential.Federated(Path.of(file))));
  }

  private static boolean isSame(Optional<String> given, JsonNode node, String member) {
    return Client.stripSlash(given.orElse(""))
        .equalsIgnoreCase(Client.stripSlash(node.path(member).asString("")));
  }

  private static Optional<Credential> kept(JsonNode node) {
    if (node.has("clientSecret")) {
      return Optional.of(new Credential.Secret(node.path("clientSecret").asString("")));
    }
    if (node.has("certificateFile")) {
      return Optional.of(
          new Credential.Certificate(Path.of(node.path("certificateFile").asString(""))));
    }
    return node.has("federatedTokenFile")
        ? Optional.of(
            new Credential.Federated(Path.of(node.path("federatedTokenFile").asString(""))))
        : Optional.empty();
  }

  /** Signs in with this and nothing else. */
  void signInWith(Credential credential) {
    given = Optional.of(credential);
  }

  String subscription() {
    return need(subscription, "STRONGROOM_CLIENT_SUBSCRIPTION", "subscriptionId", "--subscription");
  }

  Optional<String> findSubscription() {
    return find(subscription, "STRONGROOM_CLIENT_SUBSCRIPTION", "subscriptionId");
  }

  Optional<String> subscriptionName() {
    return remembered()
        .map(node -> node.path("subscriptionName").asString(""))
        .filter(name -> !name.isEmpty());
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

  Profile profile() {
    return Profile.of(environment);
  }

  /** For a log-in: what an earlier one left must not mix with what is given now. */
  void ignoreRemembered() {
    remembered = data == null ? Optional.empty() : dev(data);
  }

  private String need(String option, String variable, String member, String name) {
    return find(option, variable, member)
        .orElseThrow(
            () ->
                new CliException(
                    "You are not logged in: "
                        + name
                        + " ["
                        + variable
                        + "] is missing.\nLog in: strongroom login --arm-url URL --tenant GUID -u"
                        + " CLIENT_ID --secret-file FILE\nor start a local server: ./strongroom dev"));
  }

  private Optional<String> find(String option, String variable, String member) {
    return Optional.ofNullable(option)
        .or(() -> data == null ? variable(variable) : Optional.empty())
        .or(() -> remembered().map(node -> node.path(member).asString("")))
        .filter(text -> !text.isEmpty());
  }

  private Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(text -> !text.isBlank());
  }

  /** The dev server named by --data, else the log-in that is kept, else the user's dev server. */
  private Optional<JsonNode> remembered() {
    if (remembered == null) {
      if (data != null) {
        remembered =
            Optional.of(
                dev(data)
                    .orElseThrow(
                        () ->
                            new CliException(
                                "No dev server has started in "
                                    + data
                                    + ".\nStart one: ./strongroom dev --data "
                                    + data)));
      } else {
        remembered = profile().read().or(() -> dev(defaultDevFolder(environment)));
      }
    }
    return remembered;
  }

  private static Optional<JsonNode> dev(Path folder) {
    Path file = folder.resolve("credentials.json");
    try {
      return Files.exists(file)
          ? Optional.of(Client.JSON.readTree(Files.readString(file)))
          : Optional.empty();
    } catch (IOException | JacksonException e) {
      throw new CliException("Cannot read " + file + ".\nRun as the user that started the server.");
    }
  }

  /** Whether a command that is told nothing goes to the dev server in this folder. */
  public static boolean isFoundByItself(Path dev, Map<String, String> environment) {
    return dev.equals(defaultDevFolder(environment))
        && !Files.exists(Profile.of(environment).file());
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
