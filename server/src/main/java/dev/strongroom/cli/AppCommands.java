package dev.strongroom.cli;

import dev.strongroom.crypto.X509;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code strongroom app ...}: applications and their credentials. */
@Command(
    name = "app",
    description = "Applications that sign in, and their credentials.",
    subcommands = {AppCommands.Secret.class, AppCommands.Cert.class})
public final class AppCommands {
  private static final String BASE = "/strongroom/applications";
  static final String VERSION = "2026-11-01";
  private static final List<Output.Column> COLUMNS =
      Output.columns(
          "DisplayName", "displayName",
          "AppId", "appId",
          "ObjectId", "id",
          "Enabled", "accountEnabled");

  /** Which application. */
  static final class Which {
    @Option(names = "--id", required = true, description = "application id or object id")
    String id;

    String path() {
      return path(id);
    }

    static String path(String id) {
      return BASE + '/' + Client.encode(id);
    }
  }

  @Command(name = "create", description = "Make an application; it has no credential and no role.")
  int create(
      @Mixin Settings settings,
      @Option(names = {"-n", "--name", "--display-name"}, required = true) String name) {
    return print(
        settings,
        call(settings, "POST", BASE, Client.JSON.createObjectNode().put("displayName", name)),
        COLUMNS);
  }

  @Command(name = "list", description = "List the tenant's applications.")
  int list(@Mixin Settings settings) {
    new Output(settings.format, System.out)
        .many(new Client(settings).list(BASE, VERSION), COLUMNS);
    return 0;
  }

  @Command(name = "show", description = "Show an application and its credentials.")
  int show(@Mixin Settings settings, @Mixin Which app) {
    return print(settings, call(settings, "GET", app.path(), null), COLUMNS);
  }

  @Command(name = "disable", description = "Refuse its log-ins and its tokens from now on.")
  int disable(@Mixin Settings settings, @Mixin Which app) {
    return enabled(settings, app, false);
  }

  @Command(name = "enable", description = "Let it sign in again.")
  int enable(@Mixin Settings settings, @Mixin Which app) {
    return enabled(settings, app, true);
  }

  @Command(name = "federate", description = "Let tokens of a trusted issuer sign in as it.")
  int federate(
      @Mixin Settings settings,
      @Mixin Which app,
      @Option(names = "--issuer", required = true, description = "the iss claim, exactly")
          String issuer,
      @Option(names = "--subject", required = true, description = "the sub claim, exactly")
          String subject,
      @Option(names = "--audience", defaultValue = "api://AzureADTokenExchange") String audience,
      @Option(names = "--name", defaultValue = "federated") String name) {
    return print(
        settings,
        call(
            settings,
            "POST",
            app.path() + "/federatedCredentials",
            Client.JSON
                .createObjectNode()
                .put("name", name)
                .put("issuer", issuer)
                .put("subject", subject)
                .put("audience", audience)),
        Output.columns("Id", "id", "Issuer", "issuer", "Subject", "subject"));
  }

  @Command(name = "unfederate", description = "Trust those tokens no longer.")
  int unfederate(
      @Mixin Settings settings,
      @Mixin Which app,
      @Option(names = "--federation-id", required = true, description = "its id, from show")
          String id) {
    call(settings, "DELETE", app.path() + "/federatedCredentials/" + Client.encode(id), null);
    return 0;
  }

  /** {@code strongroom app secret ...}. */
  @Command(name = "secret", description = "Client secrets.")
  static final class Secret {
    @Command(name = "add", description = "Make a secret; it is shown this once.")
    int add(
        @Mixin Settings settings,
        @Mixin Which app,
        @Option(names = "--name", defaultValue = "secret") String name,
        @Option(names = "--days", defaultValue = "365", description = "how long it lives")
            int days) {
      return print(
          settings,
          call(
              settings,
              "POST",
              app.path() + "/secrets",
              Client.JSON.createObjectNode().put("displayName", name).put("lifetimeDays", days)),
          Output.columns("KeyId", "keyId", "SecretText", "secretText", "End", "endDateTime"));
    }

    @Command(name = "remove", description = "Remove a secret; its tokens end with it.")
    int remove(
        @Mixin Settings settings,
        @Mixin Which app,
        @Option(names = "--key-id", required = true) String keyId) {
      call(settings, "DELETE", app.path() + "/secrets/" + Client.encode(keyId), null);
      return 0;
    }
  }

  /** {@code strongroom app cert ...}. */
  @Command(name = "cert", description = "Certificates that sign log-ins.")
  static final class Cert {
    @Command(name = "add", description = "Register a certificate (PEM, without its key).")
    int add(
        @Mixin Settings settings,
        @Mixin Which app,
        @Option(names = {"-f", "--file"}, required = true) Path file,
        @Option(names = "--name", defaultValue = "certificate") String name) {
      String pem;
      try {
        // read before it is sent, because it may hold the private key as well
        pem = X509.read(Files.readAllBytes(file)).pem();
      } catch (IOException e) {
        throw new CliException("Cannot read " + file + ".");
      } catch (IllegalArgumentException e) {
        throw new CliException(
            file
                + " was not sent: "
                + e.getMessage()
                + ".\nTake the certificate out of it with: openssl x509 -in "
                + file);
      }
      return print(
          settings,
          call(
              settings,
              "POST",
              app.path() + "/certificates",
              Client.JSON.createObjectNode().put("displayName", name).put("certificate", pem)),
          Output.columns("KeyId", "keyId", "Thumbprint", "customKeyIdentifier", "End", "endDateTime"));
    }

    @Command(name = "remove", description = "Remove a certificate.")
    int remove(
        @Mixin Settings settings,
        @Mixin Which app,
        @Option(names = "--key-id", required = true) String keyId) {
      call(settings, "DELETE", app.path() + "/certificates/" + Client.encode(keyId), null);
      return 0;
    }
  }

  private static int enabled(Settings settings, Which app, boolean enabled) {
    return print(
        settings,
        call(
            settings,
            "PATCH",
            app.path(),
            Client.JSON.createObjectNode().put("accountEnabled", enabled)),
        COLUMNS);
  }

  private static JsonNode call(Settings settings, String method, String path, ObjectNode body) {
    return new Client(settings).manage(method, path, VERSION, Optional.ofNullable(body));
  }

  private static int print(Settings settings, JsonNode item, List<Output.Column> columns) {
    new Output(settings.format, System.out).one(item, columns);
    return 0;
  }
}
