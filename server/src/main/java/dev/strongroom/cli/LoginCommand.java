package dev.strongroom.cli;

import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code strongroom login}: signs in once and keeps how, so that later commands need no settings. */
@Command(
    name = "login",
    description =
        "Sign in as an application, and keep how in a file that only you may read. The secret never"
            + " stands on the command line: it comes from a file, standard input, the terminal or"
            + " AZURE_CLIENT_SECRET.")
public final class LoginCommand implements Callable<Integer> {
  /** What proves who signs in; the environment's when none is given. */
  static final class Proof {
    @Option(
        names = "--secret-file",
        paramLabel = "FILE",
        description = "a file whose first line is the client secret, - for standard input")
    Path secretFile;

    @Option(
        names = "--certificate",
        paramLabel = "FILE",
        description = "PEM file with the certificate and its private key (PKCS#8)")
    Path certificate;

    @Option(
        names = "--federated-token-file",
        paramLabel = "FILE",
        description = "file with a token of a trusted issuer; read again by every command")
    Path federatedTokenFile;
  }

  @Mixin Settings settings;

  @Option(
      names = {"-u", "--username"},
      paramLabel = "GUID",
      description = "the application's client id [AZURE_CLIENT_ID]")
  String username;

  @Option(
      names = "--service-principal",
      description = "sign in as an application; there is no other kind of log-in yet")
  boolean servicePrincipal;

  @ArgGroup(exclusive = true)
  Proof proof;

  @Override
  public Integer call() {
    settings.ignoreRemembered();
    if (username != null) {
      settings.clientId = username;
    }
    Credential credential = credential();
    settings.signInWith(credential);
    Client client = new Client(settings);
    List<JsonNode> subscriptions = AccountCommands.subscriptions(client);
    ObjectNode kept = Client.JSON.createObjectNode();
    kept.put("armUrl", settings.armUrl())
        .put("authorityHost", client.authorityHost())
        .put("tenantId", settings.tenant())
        .put("clientId", settings.clientId());
    settings
        .caFile()
        .ifPresent(file -> kept.put("caFile", Path.of(file).toAbsolutePath().toString()));
    credential.keep(kept);
    Optional<String> wanted = settings.findSubscription();
    Optional<JsonNode> chosen =
        wanted
            .map(text -> AccountCommands.find(subscriptions, text))
            .or(() -> subscriptions.stream().findFirst());
    chosen.ifPresent(subscription -> AccountCommands.keep(kept, subscription));
    settings.profile().write(kept);
    return AccountCommands.print(settings, kept);
  }

  private Credential credential() {
    if (proof == null) {
      return settings
          .findCredential()
          .or(LoginCommand::ask)
          .orElseThrow(
              () ->
                  new CliException(
                      "Nothing proves who signs in.\nGive --secret-file, --certificate or"
                          + " --federated-token-file."));
    }
    if (proof.certificate != null) {
      return new Credential.Certificate(proof.certificate);
    }
    if (proof.federatedTokenFile != null) {
      return new Credential.Federated(proof.federatedTokenFile);
    }
    return new Credential.Secret(firstLine(proof.secretFile));
  }

  private static Optional<Credential> ask() {
    Console console = System.console();
    if (console == null) {
      return Optional.empty();
    }
    char[] typed = console.readPassword("Client secret: ");
    return typed == null || typed.length == 0
        ? Optional.empty()
        : Optional.of(new Credential.Secret(new String(typed)));
  }

  private static String firstLine(Path file) {
    String text;
    try {
      text =
          file.equals(Path.of("-"))
              ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
              : Files.readString(file);
    } catch (IOException e) {
      throw new CliException("Cannot read the secret in " + file + ".");
    }
    return text.lines()
        .findFirst()
        .filter(line -> !line.isBlank())
        .orElseThrow(() -> new CliException(file + " has no secret in its first line."));
  }
}
