package dev.strongroom.cli;

import dev.strongroom.crypto.KeyPem;
import dev.strongroom.model.Curve;
import dev.strongroom.model.PrivateJwk;
import dev.strongroom.model.PublicJwk;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code strongroom key ...}: the keys of a vault, with az's options. Binary values are base64url, as
 * on the wire.
 */
@Command(
    name = "key",
    description = "Create, use, rotate, delete and recover keys.",
    subcommands = KeyCommands.RotationPolicy.class)
public final class KeyCommands {
  private static final List<Output.Column> COLUMNS =
      Output.columns(
          "Kid", "key.kid",
          "Kty", "key.kty",
          "Enabled", "attributes.enabled",
          "Expires", "attributes.exp");
  private static final List<Output.Column> LISTED =
      Output.columns("Kid", "kid", "Enabled", "attributes.enabled", "Expires", "attributes.exp");
  private static final List<Output.Column> DELETED =
      Output.columns("RecoveryId", "recoveryId", "ScheduledPurge", "scheduledPurgeDate");
  private static final List<Output.Column> RESULT = Output.columns("Kid", "kid", "Result", "value");
  private static final List<Output.Column> POLICY =
      Output.columns("Id", "id", "ExpiryTime", "attributes.expiryTime");

  /** Which key. */
  static final class Named {
    @Option(names = "--vault-name", description = "the vault (dev: its default vault)")
    Optional<String> vault = Optional.empty();

    @Option(names = {"-n", "--name"}, required = true, description = "the key")
    String name;
  }

  /** Which version, the newest where none is named. */
  static final class Versioned {
    @Mixin Named named;

    @Option(names = {"-v", "--version"}, defaultValue = "")
    String version;
  }

  /** What create, import and set-attributes may carry. */
  static final class Changes {
    @Option(names = "--ops", arity = "1..*", description = "what the key may be used for")
    List<String> operations;

    @Option(
        names = "--enabled",
        arity = "0..1",
        fallbackValue = "true",
        description = "whether the version can be used")
    Boolean enabled;

    @Option(names = "--disabled", description = "make it disabled")
    boolean disabled;

    @Option(names = "--not-before", paramLabel = "TIME", description = "such as 2030-01-01T00:00:00Z")
    String notBefore;

    @Option(names = "--expires", paramLabel = "TIME", description = "such as 2030-01-01T00:00:00Z")
    String expires;

    @Option(names = "--tags", paramLabel = "NAME=VALUE", arity = "1..*", description = "all tags")
    Map<String, String> tags;

    /** Without the operations, which belong to the key in an import. */
    ObjectNode body() {
      ObjectNode body = Client.JSON.createObjectNode();
      ObjectNode attributes = Client.JSON.createObjectNode();
      if (enabled != null || disabled) {
        attributes.put("enabled", enabled != null && enabled && !disabled);
      }
      if (notBefore != null) {
        attributes.put("nbf", SecretCommands.Changes.seconds("--not-before", notBefore));
      }
      if (expires != null) {
        attributes.put("exp", SecretCommands.Changes.seconds("--expires", expires));
      }
      if (!attributes.isEmpty()) {
        body.set("attributes", attributes);
      }
      if (tags != null) {
        ObjectNode all = body.putObject("tags");
        tags.forEach(all::put);
      }
      return body;
    }

    void addOperations(ObjectNode key) {
      if (operations != null) {
        ArrayNode all = key.putArray("key_ops");
        operations.forEach(all::add);
      }
    }
  }

  @Command(name = "create", description = "Create a key, or a new version of it.")
  int create(
      @Mixin Settings settings,
      @Mixin Named key,
      @Option(
              names = "--kty",
              defaultValue = "RSA",
              description = "RSA, EC, AKP or oct (default: ${DEFAULT-VALUE})")
          String type,
      @Option(names = "--size", description = "bits of an RSA or oct key") Integer size,
      @Option(names = "--curve", description = "P-256, P-384, P-521 or P-256K") String curve,
      @Option(names = "--algorithm", description = "of an AKP key, such as ML-DSA-65")
          String algorithm,
      @Mixin Changes changes) {
    ObjectNode body = changes.body().put("kty", type);
    changes.addOperations(body);
    if (size != null) {
      body.put("key_size", size);
    }
    if (curve != null) {
      body.put("crv", curve);
    }
    if (algorithm != null) {
      body.put("alg", algorithm);
    }
    return print(settings, call(settings, key, "POST", "", "/create", body), COLUMNS);
  }

  /** Where a key to import comes from. */
  static final class Source {
    @Option(
        names = "--pem-file",
        description = "a file with an RSA or EC private key, not encrypted")
    Path pem;

    @Option(names = "--jwk-file", description = "a file with a private JSON Web Key")
    Path jwk;
  }

  @Command(name = "import", description = "Import a private key, as a new version.")
  int importKey(
      @Mixin Settings settings,
      @Mixin Named key,
      @ArgGroup(exclusive = true, multiplicity = "1") Source source,
      @Mixin Changes changes) {
    ObjectNode jwk = source.pem != null ? pemAsJwk(source.pem) : jwk(source.jwk);
    changes.addOperations(jwk);
    ObjectNode body = changes.body();
    body.set("key", jwk);
    return print(settings, call(settings, key, "PUT", "", "", body), COLUMNS);
  }

  private static ObjectNode pemAsJwk(Path file) {
    try (PrivateJwk key = KeyPem.readPrivate(Files.readAllBytes(file))) {
      ObjectNode jwk = Client.JSON.createObjectNode().put("kty", key.type().wire());
      key.curve().ifPresent(curve -> jwk.put("crv", curve.wire()));
      key.members().forEach((name, bytes) -> jwk.put(name, base64(bytes.exposed())));
      return jwk;
    } catch (IOException e) {
      throw new CliException("Cannot read " + file + ".");
    } catch (IllegalArgumentException e) {
      throw new CliException(
          file
              + " cannot be imported: "
              + e.getMessage()
              + ".\nWrite it as plain PKCS#8 first, with: openssl pkcs8 -topk8 -nocrypt");
    }
  }

  private static ObjectNode jwk(Path file) {
    try {
      if (Client.JSON.readTree(Files.readString(file)) instanceof ObjectNode jwk) {
        return jwk;
      }
    } catch (IOException e) {
      throw new CliException("Cannot read " + file + ".");
    } catch (JacksonException e) {
      throw new CliException(file + " is not JSON.");
    }
    throw new CliException(file + " is not a JSON Web Key.");
  }

  @Command(name = "show", description = "Show the public part of a key.")
  int show(@Mixin Settings settings, @Mixin Versioned key) {
    return print(settings, get(settings, key), COLUMNS);
  }

  @Command(name = "list", description = "List the keys of a vault.")
  int list(@Mixin Settings settings, @Option(names = "--vault-name") Optional<String> vault) {
    output(settings)
        .many(new Client(settings).pages(vault(settings, vault), "/keys"), LISTED);
    return 0;
  }

  @Command(name = "list-versions", description = "List the versions of a key.")
  int listVersions(@Mixin Settings settings, @Mixin Named key) {
    output(settings)
        .many(
            new Client(settings)
                .pages(
                    vault(settings, key.vault),
                    "/keys/" + Client.encode(key.name) + "/versions"),
            LISTED);
    return 0;
  }

  @Command(name = "set-attributes", description = "Change attributes, tags or permitted uses.")
  int setAttributes(
      @Mixin Settings settings, @Mixin Versioned key, @Mixin Changes changes) {
    ObjectNode body = changes.body();
    changes.addOperations(body);
    return print(settings, call(settings, key, "PATCH", "", body), COLUMNS);
  }

  @Command(name = "rotate", description = "Make the next version of a key now.")
  int rotate(@Mixin Settings settings, @Mixin Named key) {
    return print(settings, call(settings, key, "POST", "", "/rotate"), COLUMNS);
  }

  @Command(name = "delete", description = "Delete a key; it can be recovered.")
  int delete(@Mixin Settings settings, @Mixin Named key) {
    return print(settings, call(settings, key, "DELETE", "", ""), DELETED);
  }

  @Command(name = "list-deleted", description = "List deleted keys.")
  int listDeleted(
      @Mixin Settings settings, @Option(names = "--vault-name") Optional<String> vault) {
    output(settings)
        .many(new Client(settings).pages(vault(settings, vault), "/deletedkeys"), DELETED);
    return 0;
  }

  @Command(name = "show-deleted", description = "Show a deleted key.")
  int showDeleted(@Mixin Settings settings, @Mixin Named key) {
    return print(settings, call(settings, key, "GET", "deleted", ""), DELETED);
  }

  @Command(name = "recover", description = "Take a deleted key back, with all versions.")
  int recover(@Mixin Settings settings, @Mixin Named key) {
    return print(settings, call(settings, key, "POST", "deleted", "/recover"), COLUMNS);
  }

  @Command(name = "purge", description = "Remove a deleted key for good.")
  int purge(@Mixin Settings settings, @Mixin Named key) {
    call(settings, key, "DELETE", "deleted", "");
    return 0;
  }

  @Command(name = "backup", description = "Write a sealed backup of all versions to a file.")
  int backup(
      @Mixin Settings settings,
      @Mixin Named key,
      @Option(names = {"-f", "--file"}, required = true) Path file)
      throws IOException {
    NewFile.refuseExisting(file);
    JsonNode answer = call(settings, key, "POST", "", "/backup");
    NewFile.write(file, answer.path("value").asString(""));
    return 0;
  }

  @Command(name = "restore", description = "Restore a key from a backup file.")
  int restore(
      @Mixin Settings settings,
      @Option(names = "--vault-name") Optional<String> vault,
      @Option(names = {"-f", "--file"}, required = true) Path file)
      throws IOException {
    ObjectNode body = Client.JSON.createObjectNode().put("value", Files.readString(file).strip());
    return print(
        settings,
        new Client(settings)
            .vault(vault(settings, vault), "POST", "/keys/restore", Optional.of(body)),
        COLUMNS);
  }

  enum Encoding {
    PEM,
    JWK
  }

  @Command(name = "download", description = "Write the public part of a key to a file.")
  int download(
      @Mixin Settings settings,
      @Mixin Versioned key,
      @Option(names = {"-f", "--file"}, required = true) Path file,
      @Option(
              names = {"-e", "--encoding"},
              defaultValue = "PEM",
              description = "PEM or JWK (default: ${DEFAULT-VALUE})")
          Encoding encoding)
      throws IOException {
    JsonNode jwk = get(settings, key).path("key");
    String text =
        encoding == Encoding.JWK
            ? Client.JSON.writeValueAsString(jwk)
            : publicKey(jwk)
                .flatMap(KeyPem::writePublic)
                .orElseThrow(
                    () ->
                        new CliException(
                            "A key of type "
                                + jwk.path("kty").asString("")
                                + " has no PEM form; take -e JWK."));
    NewFile.refuseExisting(file);
    NewFile.write(file, text);
    return 0;
  }

  private static Optional<PublicJwk> publicKey(JsonNode jwk) {
    return switch (jwk.path("kty").asString("")) {
      case "RSA" -> Optional.of(new PublicJwk.Rsa(number(jwk, "n"), number(jwk, "e")));
      case "EC" ->
          Curve.find(jwk.path("crv").asString(""))
              .map(curve -> new PublicJwk.Ec(curve, number(jwk, "x"), number(jwk, "y")));
      default -> Optional.empty();
    };
  }

  private static BigInteger number(JsonNode jwk, String member) {
    return new BigInteger(1, Base64.getUrlDecoder().decode(jwk.path(member).asString("")));
  }

  enum DataType {
    base64,
    plaintext
  }

  @Command(name = "encrypt", description = "Encrypt with a key.")
  int encrypt(
      @Mixin Settings settings,
      @Mixin Versioned key,
      @Option(names = {"-a", "--algorithm"}, required = true) String algorithm,
      @Option(names = "--value", required = true) String value,
      @Option(
              names = "--data-type",
              defaultValue = "base64",
              description = "base64 or plaintext (default: ${DEFAULT-VALUE})")
          DataType type,
      @Option(names = "--iv", description = "of AES-CBC, base64url") String iv,
      @Option(names = "--aad", description = "of AES-GCM, base64url") String aad) {
    ObjectNode body = algorithm(algorithm).put("value", encoded(value, type));
    putIfThere(body, "iv", iv);
    putIfThere(body, "aad", aad);
    return print(settings, call(settings, key, "POST", "/encrypt", body), RESULT);
  }

  @Command(name = "decrypt", description = "Decrypt with a key.")
  int decrypt(
      @Mixin Settings settings,
      @Mixin Versioned key,
      @Option(names = {"-a", "--algorithm"}, required = true) String algorithm,
      @Option(names = "--value", required = true) String value,
      @Option(
              names = "--data-type",
              defaultValue = "base64",
              description = "base64 or plaintext (default: ${DEFAULT-VALUE})")
          DataType type,
      @Option(names = "--iv", description = "of AES, base64url") String iv,
      @Option(names = "--tag", description = "of AES-GCM, base64url") String tag,
      @Option(names = "--aad", description = "of AES-GCM, base64url") String aad) {
    ObjectNode body = algorithm(algorithm).put("value", value);
    putIfThere(body, "iv", iv);
    putIfThere(body, "tag", tag);
    putIfThere(body, "aad", aad);
    JsonNode answer = call(settings, key, "POST", "/decrypt", body);
    if (type == DataType.plaintext && answer instanceof ObjectNode object) {
      object.put("value", text(object.path("value").asString("")));
    }
    return print(settings, answer, RESULT);
  }

  @Command(name = "sign", description = "Sign a digest, or with ML-DSA a message.")
  int sign(
      @Mixin Settings settings,
      @Mixin Versioned key,
      @Option(names = {"-a", "--algorithm"}, required = true) String algorithm,
      @Option(names = "--digest", required = true, description = "base64url") String digest) {
    ObjectNode body = algorithm(algorithm).put("value", digest);
    return print(settings, call(settings, key, "POST", "/sign", body), RESULT);
  }

  @Command(name = "verify", description = "Verify a signature; exits with 1 when it is not valid.")
  int verify(
      @Mixin Settings settings,
      @Mixin Versioned key,
      @Option(names = {"-a", "--algorithm"}, required = true) String algorithm,
      @Option(names = "--digest", required = true, description = "base64url") String digest,
      @Option(names = "--signature", required = true, description = "base64url")
          String signature) {
    ObjectNode body = algorithm(algorithm).put("digest", digest).put("value", signature);
    JsonNode answer = call(settings, key, "POST", "/verify", body);
    print(settings, answer, RESULT);
    return answer.path("value").asBoolean(false) ? 0 : 1;
  }

  /** {@code strongroom key rotation-policy ...}. */
  @Command(name = "rotation-policy", description = "Show or set when a key is rotated.")
  public static final class RotationPolicy {
    @Command(name = "show", description = "Show a key's rotation policy.")
    int show(@Mixin Settings settings, @Mixin Named key) {
      return print(settings, call(settings, key, "GET", "", "/rotationpolicy"), POLICY);
    }

    @Command(name = "update", description = "Set a key's rotation policy.")
    int update(
        @Mixin Settings settings,
        @Mixin Named key,
        @Option(
                names = "--value",
                required = true,
                description = "the policy as JSON, or a file with it")
            String value) {
      return print(
          settings,
          call(settings, key, "PUT", "", "/rotationpolicy", policy(value)),
          POLICY);
    }

    private static ObjectNode policy(String value) {
      try {
        String text = value.strip().startsWith("{") ? value : Files.readString(Path.of(value));
        if (Client.JSON.readTree(text) instanceof ObjectNode policy) {
          return policy;
        }
      } catch (IOException e) {
        throw new CliException("Cannot read " + value + ".");
      } catch (JacksonException e) {
        throw new CliException("--value is not JSON.");
      }
      throw new CliException("--value is not a rotation policy.");
    }
  }

  private static ObjectNode algorithm(String name) {
    return Client.JSON.createObjectNode().put("alg", name);
  }

  private static void putIfThere(ObjectNode body, String name, String value) {
    if (value != null) {
      body.put(name, value);
    }
  }

  private static String encoded(String value, DataType type) {
    return type == DataType.base64 ? value : base64(value.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(String base64) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(Base64.getUrlDecoder().decode(base64)))
          .toString();
    } catch (CharacterCodingException e) {
      throw new CliException("The plaintext is not text.\nTake --data-type base64.");
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static JsonNode get(Settings settings, Versioned key) {
    return new Client(settings)
        .vault(
            vault(settings, key.named.vault),
            "GET",
            path("", key.named.name, "/" + key.version),
            Optional.empty());
  }

  private static JsonNode call(
      Settings settings, Versioned key, String method, String after, ObjectNode body) {
    return call(settings, key.named, method, "", "/" + key.version + after, body);
  }

  private static JsonNode call(
      Settings settings, Named key, String method, String state, String after) {
    return new Client(settings)
        .vault(vault(settings, key.vault), method, path(state, key.name, after), Optional.empty());
  }

  private static JsonNode call(
      Settings settings,
      Named key,
      String method,
      String state,
      String after,
      ObjectNode body) {
    return new Client(settings)
        .vault(
            vault(settings, key.vault), method, path(state, key.name, after), Optional.of(body));
  }

  private static String path(String state, String name, String after) {
    return "/" + state + "keys/" + Client.encode(name) + after;
  }

  private static String vault(Settings settings, Optional<String> vault) {
    return vault
        .or(settings::defaultVault)
        .orElseThrow(() -> new CliException("--vault-name is missing."));
  }

  private static Output output(Settings settings) {
    return new Output(settings.format, System.out);
  }

  private static int print(Settings settings, JsonNode item, List<Output.Column> columns) {
    output(settings).one(item, columns);
    return 0;
  }
}
