package dev.strongroom.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code strongroom secret ...}: the secrets of a vault. */
@Command(name = "secret", description = "Set, show, list, change, delete and recover secrets.")
public final class SecretCommands {
  private static final List<Output.Column> COLUMNS =
      Output.columns(
          "Id", "id",
          "ContentType", "contentType",
          "Enabled", "attributes.enabled",
          "Expires", "attributes.exp");
  private static final List<Output.Column> WITH_VALUE =
      Output.columns("Id", "id", "Value", "value", "ContentType", "contentType");
  private static final List<Output.Column> DELETED =
      Output.columns("RecoveryId", "recoveryId", "ScheduledPurge", "scheduledPurgeDate");

  /** Which secret. */
  static final class Named {
    @Option(names = "--vault-name", description = "the vault (dev: its default vault)")
    Optional<String> vault = Optional.empty();

    @Option(names = {"-n", "--name"}, required = true, description = "the secret")
    String name;
  }

  /** Where the value comes from: given, or read from a file ("-" is standard input). */
  static final class Value {
    @Option(names = "--value", description = "the value; others may see it in the process list")
    String text;

    @Option(names = {"-f", "--file"}, description = "a file with the value, - for standard input")
    Path file;
  }

  @Command(name = "set", description = "Set a secret: a new version.")
  int set(
      @Mixin Settings settings,
      @Mixin Named secret,
      @ArgGroup(exclusive = true, multiplicity = "1") Value value,
      @Mixin Changes changes) {
    ObjectNode body = changes.body().put("value", read(value));
    JsonNode answer = call(settings, secret, "PUT", "/secrets/", "", Optional.of(body));
    // because a value that was just typed need not be shown again
    if (answer instanceof ObjectNode object) {
      object.remove("value");
    }
    return print(settings, answer, COLUMNS);
  }

  @Command(name = "show", description = "Show a secret with its value.")
  int show(
      @Mixin Settings settings,
      @Mixin Named secret,
      @Option(names = "--version", defaultValue = "") String version) {
    return print(
        settings,
        call(settings, secret, "GET", "/secrets/", "/" + version, Optional.empty()),
        WITH_VALUE);
  }

  @Command(name = "list", description = "List the secrets of a vault, without values.")
  int list(@Mixin Settings settings, @Option(names = "--vault-name") Optional<String> vault) {
    output(settings)
        .many(new Client(settings).pages(vault(settings, vault), "/secrets"), COLUMNS);
    return 0;
  }

  @Command(name = "list-versions", description = "List the versions of a secret.")
  int listVersions(@Mixin Settings settings, @Mixin Named secret) {
    output(settings)
        .many(
            new Client(settings)
                .pages(
                    vault(settings, secret.vault),
                    "/secrets/" + Client.encode(secret.name) + "/versions"),
            COLUMNS);
    return 0;
  }

  @Command(name = "set-attributes", description = "Change attributes, tags or content type.")
  int setAttributes(
      @Mixin Settings settings,
      @Mixin Named secret,
      @Option(names = "--version", defaultValue = "") String version,
      @Mixin Changes changes) {
    return print(
        settings,
        call(
            settings, secret, "PATCH", "/secrets/", "/" + version, Optional.of(changes.body())),
        COLUMNS);
  }

  @Command(name = "delete", description = "Delete a secret; it can be recovered.")
  int delete(@Mixin Settings settings, @Mixin Named secret) {
    return print(
        settings, call(settings, secret, "DELETE", "/secrets/", "", Optional.empty()), DELETED);
  }

  @Command(name = "list-deleted", description = "List deleted secrets.")
  int listDeleted(
      @Mixin Settings settings, @Option(names = "--vault-name") Optional<String> vault) {
    output(settings)
        .many(new Client(settings).pages(vault(settings, vault), "/deletedsecrets"), DELETED);
    return 0;
  }

  @Command(name = "show-deleted", description = "Show a deleted secret, without its value.")
  int showDeleted(@Mixin Settings settings, @Mixin Named secret) {
    return print(
        settings,
        call(settings, secret, "GET", "/deletedsecrets/", "", Optional.empty()),
        DELETED);
  }

  @Command(name = "recover", description = "Take a deleted secret back, with all versions.")
  int recover(@Mixin Settings settings, @Mixin Named secret) {
    return print(
        settings,
        call(settings, secret, "POST", "/deletedsecrets/", "/recover", Optional.empty()),
        COLUMNS);
  }

  @Command(name = "purge", description = "Remove a deleted secret for good.")
  int purge(@Mixin Settings settings, @Mixin Named secret) {
    call(settings, secret, "DELETE", "/deletedsecrets/", "", Optional.empty());
    return 0;
  }

  @Command(name = "backup", description = "Write a sealed backup of all versions to a file.")
  int backup(
      @Mixin Settings settings,
      @Mixin Named secret,
      @Option(names = {"-f", "--file"}, required = true) Path file)
      throws IOException {
    NewFile.refuseExisting(file);
    JsonNode answer = call(settings, secret, "POST", "/secrets/", "/backup", Optional.empty());
    NewFile.write(file, answer.path("value").asString(""));
    return 0;
  }

  @Command(name = "restore", description = "Restore a secret from a backup file.")
  int restore(
      @Mixin Settings settings,
      @Option(names = "--vault-name") Optional<String> vault,
      @Option(names = {"-f", "--file"}, required = true) Path file)
      throws IOException {
    ObjectNode body =
        Client.JSON.createObjectNode().put("value", Files.readString(file).strip());
    return print(
        settings,
        new Client(settings)
            .vault(vault(settings, vault), "POST", "/secrets/restore", Optional.of(body)),
        COLUMNS);
  }

  /** What set and set-attributes may carry beside the value. */
  static final class Changes {
    @Option(names = {"--description", "--content-type"}, description = "the content type")
    String contentType;

    @Option(
        names = "--enabled",
        arity = "0..1",
        fallbackValue = "true",
        description = "whether the version can be read")
    Boolean enabled;

    @Option(names = "--not-before", paramLabel = "TIME", description = "such as 2030-01-01T00:00:00Z")
    String notBefore;

    @Option(names = "--expires", paramLabel = "TIME", description = "such as 2030-01-01T00:00:00Z")
    String expires;

    @Option(names = "--tags", paramLabel = "NAME=VALUE", arity = "1..*", description = "all tags")
    Map<String, String> tags;

    ObjectNode body() {
      ObjectNode body = Client.JSON.createObjectNode();
      ObjectNode attributes = Client.JSON.createObjectNode();
      if (enabled != null) {
        attributes.put("enabled", enabled);
      }
      if (notBefore != null) {
        attributes.put("nbf", seconds("--not-before", notBefore));
      }
      if (expires != null) {
        attributes.put("exp", seconds("--expires", expires));
      }
      if (!attributes.isEmpty()) {
        body.set("attributes", attributes);
      }
      if (contentType != null) {
        body.put("contentType", contentType);
      }
      if (tags != null) {
        ObjectNode all = body.putObject("tags");
        tags.forEach(all::put);
      }
      return body;
    }

    static long seconds(String option, String text) {
      try {
        return Instant.parse(text).getEpochSecond();
      } catch (DateTimeParseException e) {
        throw new CliException(option + " is not a time such as 2030-01-01T00:00:00Z: " + text);
      }
    }
  }

  private static String read(Value value) {
    if (value.text != null) {
      return value.text;
    }
    try {
      return value.file.equals(Path.of("-"))
          ? new String(System.in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
          : Files.readString(value.file);
    } catch (CharacterCodingException e) {
      throw new CliException(value.file + " is not UTF-8 text.\nEncode it first, with base64.");
    } catch (IOException e) {
      throw new CliException("Cannot read " + value.file + ".");
    }
  }

  private static JsonNode call(
      Settings settings,
      Named secret,
      String method,
      String before,
      String after,
      Optional<ObjectNode> body) {
    return new Client(settings)
        .vault(
            vault(settings, secret.vault),
            method,
            before + Client.encode(secret.name) + after,
            body);
  }

  private static String vault(Settings settings, Optional<String> vault) {
    return vault
        .or(settings::defaultVault)
        .orElseThrow(() -> new CliException(
                        "--vault-name is missing.\nGive it, or set STRONGROOM_CLIENT_VAULT."));
  }

  private static Output output(Settings settings) {
    return new Output(settings.format, System.out);
  }

  private static int print(Settings settings, JsonNode item, List<Output.Column> columns) {
    output(settings).one(item, columns);
    return 0;
  }
}
