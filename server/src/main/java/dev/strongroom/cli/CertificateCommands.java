package dev.strongroom.cli;

import dev.strongroom.crypto.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code strongroom certificate ...}: the certificates of a vault, with az's options. */
@Command(
    name = "certificate",
    description = "Create, import, renew, delete and recover certificates.",
    subcommands = {
      CertificateCommands.Pending.class,
      CertificateCommands.Issuers.class,
      CertificateCommands.Contacts.class
    })
public final class CertificateCommands {
  private static final List<Output.Column> COLUMNS =
      Output.columns(
          "Id", "id",
          "Enabled", "attributes.enabled",
          "Expires", "attributes.exp",
          "Thumbprint", "x5t");
  private static final List<Output.Column> DELETED =
      Output.columns("RecoveryId", "recoveryId", "ScheduledPurge", "scheduledPurgeDate");
  private static final List<Output.Column> OPERATION =
      Output.columns("Id", "id", "Status", "status", "Details", "status_details");
  private static final List<Output.Column> ISSUER = Output.columns("Id", "id", "Provider", "provider");
  private static final List<Output.Column> CONTACT =
      Output.columns("Email", "email", "Name", "name", "Phone", "phone");

  private static final long PAUSE_MILLIS = 1_000;

  /** How often is said that an operation is still in progress. */
  private static final int TOLD_SECONDS = 5;

  /** A policy to begin with, in az's member names. */
  private static final String DEFAULT_POLICY =
      """
      {
        "issuerParameters": {"name": "Self"},
        "keyProperties": {
          "exportable": true, "keySize": 2048, "keyType": "RSA", "reuseKey": false
        },
        "lifetimeActions": [
          {"action": {"actionType": "AutoRenew"}, "trigger": {"daysBeforeExpiry": 90}}
        ],
        "secretProperties": {"contentType": "application/x-pkcs12"},
        "x509CertificateProperties": {
          "keyUsage": ["digitalSignature", "keyEncipherment"],
          "subject": "CN=CLIGetDefaultPolicy",
          "validityInMonths": 12
        }
      }
      """;

  /** az's member names of a policy, and those of the wire. */
  private static final Map<String, String> WIRE_NAMES = new HashMap<>();

  static {
    WIRE_NAMES.put("issuerParameters", "issuer");
    WIRE_NAMES.put("certificateType", "cty");
    WIRE_NAMES.put("certificateTransparency", "cert_transparency");
    WIRE_NAMES.put("keyProperties", "key_props");
    WIRE_NAMES.put("keyType", "kty");
    WIRE_NAMES.put("keySize", "key_size");
    WIRE_NAMES.put("reuseKey", "reuse_key");
    WIRE_NAMES.put("curve", "crv");
    WIRE_NAMES.put("secretProperties", "secret_props");
    WIRE_NAMES.put("x509CertificateProperties", "x509_props");
    WIRE_NAMES.put("keyUsage", "key_usage");
    WIRE_NAMES.put("validityInMonths", "validity_months");
    WIRE_NAMES.put("subjectAlternativeNames", "sans");
    WIRE_NAMES.put("dnsNames", "dns_names");
    WIRE_NAMES.put("lifetimeActions", "lifetime_actions");
    WIRE_NAMES.put("actionType", "action_type");
    WIRE_NAMES.put("lifetimePercentage", "lifetime_percentage");
    WIRE_NAMES.put("daysBeforeExpiry", "days_before_expiry");
  }

  /** Which vault. */
  static final class InVault {
    @Option(names = "--vault-name", description = "the vault (dev: its default vault)")
    Optional<String> vault = Optional.empty();
  }

  /** Which certificate. */
  static final class Named {
    @Mixin InVault in;

    @Option(names = {"-n", "--name"}, required = true, description = "the certificate")
    String name;
  }

  /** Which version, the newest where none is named. */
  static final class Versioned {
    @Mixin Named named;

    @Option(names = {"-v", "--version"}, defaultValue = "")
    String version;
  }

  /** What a list shows. */
  static final class Listed {
    @Mixin InVault in;

    @Option(
        names = "--include-pending",
        arity = "0..1",
        fallbackValue = "true",
        description = "those too whose first version is still to come")
    boolean pending;

    int print(Settings settings, String path, List<Output.Column> columns) {
      return many(settings, in, path + (pending ? "?includePending=true" : ""), columns);
    }
  }

  /** What create, import, merge and set-attributes may carry. */
  static final class Changes {
    @Option(
        names = "--enabled",
        arity = "0..1",
        fallbackValue = "true",
        description = "whether the version can be used")
    Boolean enabled;

    @Option(names = "--disabled", description = "make it disabled")
    boolean disabled;

    @Option(names = "--tags", paramLabel = "NAME=VALUE", arity = "1..*", description = "all tags")
    Map<String, String> tags;

    ObjectNode body() {
      ObjectNode body = Client.JSON.createObjectNode();
      if (enabled != null || disabled) {
        body.putObject("attributes").put("enabled", enabled != null && enabled && !disabled);
      }
      if (tags != null) {
        ObjectNode all = body.putObject("tags");
        tags.forEach(all::put);
      }
      return body;
    }
  }

  /** What create, import and set-attributes may carry too. */
  static final class Policy {
    @Option(
        names = {"-p", "--policy"},
        description = "the policy as JSON, as the wire or az has it, or @FILE")
    String text;

    ObjectNode addTo(ObjectNode body) {
      if (text != null) {
        body.set("policy", policy(text));
      }
      return body;
    }
  }

  @Command(
      name = "create",
      description = "Create a certificate, or its next version, and wait while it is in progress.")
  int create(
      @Mixin Settings settings,
      @Mixin Named certificate,
      @Mixin Policy policy,
      @Mixin Changes changes,
      @Option(names = "--validity", description = "months, in place of the policy's")
          Integer validity) {
    ObjectNode body = policy.addTo(changes.body());
    if (validity != null) {
      body.withObject("/policy/x509_props").put("validity_months", validity);
    }
    JsonNode operation = call(settings, certificate, "POST", "", "/create", body);
    if (!isIssuedHere(operation)) {
      // because nobody but the caller can end this
      System.err.println(operation.path("status_details").asString(""));
      return print(settings, operation, OPERATION);
    }
    operation = call(settings, certificate, "GET", "", "/pending");
    for (int seconds = 0; isInProgress(operation); seconds++) {
      if (seconds % TOLD_SECONDS == 0) {
        System.err.println(seconds + " s: " + operation.path("status_details").asString(""));
      }
      pause();
      operation = call(settings, certificate, "GET", "", "/pending");
    }
    if (!operation.path("status").asString("").equals("completed")) {
      JsonNode error = operation.path("error");
      throw new CliException(
          error.isObject()
              ? "%s: %s"
                  .formatted(
                      error.path("code").asString(""), error.path("message").asString(""))
              : "The operation is " + operation.path("status").asString("") + '.');
    }
    return print(settings, operation, OPERATION);
  }

  private static boolean isInProgress(JsonNode operation) {
    return operation.path("status").asString("").equals("inProgress");
  }

  private static boolean isIssuedHere(JsonNode operation) {
    return !operation.path("issuer").path("name").asString("").equalsIgnoreCase("Unknown");
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException("Interrupted while the certificate is in progress.");
    }
  }

  @Command(name = "import", description = "Import a certificate with its key, from PFX or PEM.")
  int importFile(
      @Mixin Settings settings,
      @Mixin Named certificate,
      @Option(names = {"-f", "--file"}, required = true) Path file,
      @Option(names = "--password", defaultValue = "", description = "of the file's key")
          String password,
      @Mixin Policy policy,
      @Mixin Changes changes)
      throws IOException {
    ObjectNode body =
        policy
            .addTo(changes.body())
            .put("value", Base64.getEncoder().encodeToString(Files.readAllBytes(file)))
            .put("pwd", password);
    return print(settings, call(settings, certificate, "POST", "", "/import", body), COLUMNS);
  }

  enum Encoding {
    PEM,
    DER
  }

  @Command(name = "download", description = "Write a certificate, without its key, to a file.")
  int download(
      @Mixin Settings settings,
      @Mixin Versioned certificate,
      @Option(names = {"-f", "--file"}, required = true) Path file,
      @Option(
              names = {"-e", "--encoding"},
              defaultValue = "PEM",
              description = "PEM or DER (default: ${DEFAULT-VALUE})")
          Encoding encoding)
      throws IOException {
    NewFile.refuseExisting(file);
    String cer = get(settings, certificate).path("cer").asString("");
    if (cer.isEmpty()) {
      throw new CliException(certificate.named.name + " has no certificate yet.");
    }
    byte[] der = Base64.getDecoder().decode(cer);
    NewFile.write(
        file,
        encoding == Encoding.DER
            ? der
            : Pem.write(Pem.CERTIFICATE, der).getBytes(StandardCharsets.US_ASCII));
    return 0;
  }

  @Command(name = "show", description = "Show a certificate with its policy.")
  int show(@Mixin Settings settings, @Mixin Versioned certificate) {
    return print(settings, get(settings, certificate), COLUMNS);
  }

  @Command(name = "list", description = "List the certificates of a vault.")
  int list(@Mixin Settings settings, @Mixin Listed listed) {
    return listed.print(settings, "/certificates", COLUMNS);
  }

  @Command(name = "list-versions", description = "List the versions of a certificate.")
  int listVersions(@Mixin Settings settings, @Mixin Named certificate) {
    return many(
        settings, certificate.in, path("", certificate.name, "/versions"), COLUMNS);
  }

  @Command(name = "set-attributes", description = "Change attributes, tags or the policy.")
  int setAttributes(
      @Mixin Settings settings,
      @Mixin Versioned certificate,
      @Mixin Policy policy,
      @Mixin Changes changes) {
    return print(
        settings,
        call(
            settings,
            certificate.named,
            "PATCH",
            "",
            "/" + certificate.version,
            policy.addTo(changes.body())),
        COLUMNS);
  }

  @Command(name = "delete", description = "Delete a certificate; it can be recovered.")
  int delete(@Mixin Settings settings, @Mixin Named certificate) {
    return print(settings, call(settings, certificate, "DELETE", "", ""), DELETED);
  }

  @Command(name = "list-deleted", description = "List deleted certificates.")
  int listDeleted(@Mixin Settings settings, @Mixin Listed listed) {
    return listed.print(settings, "/deletedcertificates", DELETED);
  }

  @Command(name = "show-deleted", description = "Show a deleted certificate.")
  int showDeleted(@Mixin Settings settings, @Mixin Named certificate) {
    return print(settings, call(settings, certificate, "GET", "deleted", ""), DELETED);
  }

  @Command(
      name = "recover",
      description = "Take a deleted certificate back, with all versions, its key and secret.")
  int recover(@Mixin Settings settings, @Mixin Named certificate) {
    return print(settings, call(settings, certificate, "POST", "deleted", "/recover"), COLUMNS);
  }

  @Command(name = "purge", description = "Remove a deleted certificate for good.")
  int purge(@Mixin Settings settings, @Mixin Named certificate) {
    call(settings, certificate, "DELETE", "deleted", "");
    return 0;
  }

  @Command(name = "backup", description = "Write a sealed backup of all versions to a file.")
  int backup(
      @Mixin Settings settings,
      @Mixin Named certificate,
      @Option(names = {"-f", "--file"}, required = true) Path file)
      throws IOException {
    NewFile.refuseExisting(file);
    JsonNode answer = call(settings, certificate, "POST", "", "/backup");
    NewFile.write(file, answer.path("value").asString(""));
    return 0;
  }

  @Command(name = "restore", description = "Restore a certificate from a backup file.")
  int restore(
      @Mixin Settings settings,
      @Mixin InVault in,
      @Option(names = {"-f", "--file"}, required = true) Path file)
      throws IOException {
    ObjectNode body = Client.JSON.createObjectNode().put("value", Files.readString(file).strip());
    return print(settings, send(settings, in, "POST", "/certificates/restore", body), COLUMNS);
  }

  @Command(name = "get-default-policy", description = "Print a policy to begin with, as JSON.")
  int defaultPolicy(@Mixin Settings settings) {
    System.out.print(DEFAULT_POLICY);
    return 0;
  }

  /** {@code strongroom certificate pending ...}. */
  @Command(name = "pending", description = "The operation that makes a certificate's next version.")
  public static final class Pending {
    @Command(name = "show", description = "Show how far it is.")
    int show(@Mixin Settings settings, @Mixin Named certificate) {
      return print(settings, call(settings, certificate, "GET", "", "/pending"), OPERATION);
    }

    @Command(name = "cancel", description = "End it without a certificate.")
    int cancel(@Mixin Settings settings, @Mixin Named certificate) {
      ObjectNode body = Client.JSON.createObjectNode().put("cancellation_requested", true);
      return print(
          settings, call(settings, certificate, "PATCH", "", "/pending", body), OPERATION);
    }

    @Command(name = "delete", description = "Forget it.")
    int delete(@Mixin Settings settings, @Mixin Named certificate) {
      return print(settings, call(settings, certificate, "DELETE", "", "/pending"), OPERATION);
    }

    @Command(name = "merge", description = "Give it the certificate that its issuer has signed.")
    int merge(
        @Mixin Settings settings,
        @Mixin Named certificate,
        @Option(
                names = {"-f", "--file"},
                required = true,
                description = "the certificates, as PEM or DER")
            Path file,
        @Mixin Changes changes)
        throws IOException {
      ObjectNode body = changes.body();
      ArrayNode chain = body.putArray("x5c");
      for (byte[] der : certificates(file)) {
        chain.add(Base64.getEncoder().encodeToString(der));
      }
      return print(
          settings, call(settings, certificate, "POST", "", "/pending/merge", body), COLUMNS);
    }

    private static List<byte[]> certificates(Path file) throws IOException {
      byte[] content = Files.readAllBytes(file);
      if (!new String(content, StandardCharsets.US_ASCII).contains("-----BEGIN ")) {
        return List.of(content);
      }
      try {
        return Pem.read(content).stream()
            .filter(block -> block.label().equals(Pem.CERTIFICATE))
            .map(Pem.Block::der)
            .toList();
      } catch (IllegalArgumentException e) {
        throw new CliException(file + " is not PEM.");
      }
    }
  }

  /** {@code strongroom certificate issuer ...}. */
  @Command(
      name = "issuer",
      description = "The issuers that a vault knows.",
      subcommands = Issuers.Administrators.class)
  public static final class Issuers {
    private static final String PROVIDERS = "DigiCert, GlobalSign, Strongroom or ACME";

    /** Which issuer. */
    static final class Issuer {
      @Mixin InVault in;

      @Option(names = "--issuer-name", required = true)
      String name;

      String path() {
        return "/certificates/issuers/" + Client.encode(name);
      }
    }

    /** What create and update may carry. */
    static final class Details {
      @Option(names = "--account-id")
      String account;

      @Option(names = "--password", description = "others may see it in the process list")
      String password;

      @Option(names = "--organization-id")
      String organization;

      ObjectNode body(String provider) {
        ObjectNode body = Client.JSON.createObjectNode();
        put(body, "provider", provider);
        if (account != null || password != null) {
          ObjectNode credentials = body.putObject("credentials");
          put(credentials, "account_id", account);
          put(credentials, "pwd", password);
        }
        if (organization != null) {
          body.putObject("org_details").put("id", organization);
        }
        return body;
      }

      private static void put(ObjectNode body, String member, String text) {
        if (text != null) {
          body.put(member, text);
        }
      }
    }

    @Command(name = "create", description = "Make an issuer, or replace it.")
    int create(
        @Mixin Settings settings,
        @Mixin Issuer issuer,
        @Option(names = "--provider-name", required = true, description = PROVIDERS)
            String provider,
        @Mixin Details details) {
      return print(
          settings,
          send(settings, issuer.in, "PUT", issuer.path(), details.body(provider)),
          ISSUER);
    }

    @Command(name = "update", description = "Change an issuer.")
    int update(
        @Mixin Settings settings,
        @Mixin Issuer issuer,
        @Option(names = "--provider-name", description = PROVIDERS)
            String provider,
        @Mixin Details details) {
      return print(
          settings,
          send(settings, issuer.in, "PATCH", issuer.path(), details.body(provider)),
          ISSUER);
    }

    @Command(name = "list", description = "List the issuers of a vault.")
    int list(@Mixin Settings settings, @Mixin InVault in) {
      return many(settings, in, "/certificates/issuers", ISSUER);
    }

    @Command(name = "show", description = "Show an issuer, without its password.")
    int show(@Mixin Settings settings, @Mixin Issuer issuer) {
      return print(settings, send(settings, issuer.in, "GET", issuer.path()), ISSUER);
    }

    @Command(name = "delete", description = "Remove an issuer for good.")
    int delete(@Mixin Settings settings, @Mixin Issuer issuer) {
      return print(settings, send(settings, issuer.in, "DELETE", issuer.path()), ISSUER);
    }

    /** {@code strongroom certificate issuer admin ...}. */
    @Command(name = "admin", description = "The administrators of an issuer's account.")
    public static final class Administrators {
      private static final List<Output.Column> ADMINISTRATOR =
          Output.columns(
              "Email", "email", "First name", "first_name", "Last name", "last_name", "Phone",
              "phone");

      @Command(name = "list", description = "List an issuer's administrators.")
      int list(@Mixin Settings settings, @Mixin Issuer issuer) {
        return print(settings, send(settings, issuer.in, "GET", issuer.path()));
      }

      @Command(name = "add", description = "Add an administrator.")
      int add(
          @Mixin Settings settings,
          @Mixin Issuer issuer,
          @Option(names = "--email", required = true) String email,
          @Option(names = "--first-name") String first,
          @Option(names = "--last-name") String last,
          @Option(names = "--phone") String phone) {
        ObjectNode organization = without(settings, issuer, email);
        ObjectNode added = organization.withArray("admin_details").addObject();
        Details.put(added, "email", email);
        Details.put(added, "first_name", first);
        Details.put(added, "last_name", last);
        Details.put(added, "phone", phone);
        return set(settings, issuer, organization);
      }

      @Command(name = "delete", description = "Remove an administrator.")
      int delete(
          @Mixin Settings settings,
          @Mixin Issuer issuer,
          @Option(names = "--email", required = true) String email) {
        return set(settings, issuer, without(settings, issuer, email));
      }

      /** The organization of an issuer without one of its administrators. */
      private static ObjectNode without(Settings settings, Issuer issuer, String email) {
        JsonNode before =
            send(settings, issuer.in, "GET", issuer.path()).path("org_details");
        ObjectNode organization = Client.JSON.createObjectNode();
        before.path("id").stringValueOpt().ifPresent(id -> organization.put("id", id));
        ArrayNode others = organization.putArray("admin_details");
        for (JsonNode one : before.path("admin_details")) {
          if (!one.path("email").asString("").equalsIgnoreCase(email)) {
            others.add(one);
          }
        }
        return organization;
      }

      private static int set(Settings settings, Issuer issuer, ObjectNode organization) {
        ObjectNode body = Client.JSON.createObjectNode();
        body.set("org_details", organization);
        return print(settings, send(settings, issuer.in, "PATCH", issuer.path(), body));
      }

      private static int print(Settings settings, JsonNode issuer) {
        output(settings)
            .many(
                issuer.path("org_details").path("admin_details").valueStream().toList(),
                ADMINISTRATOR);
        return 0;
      }
    }
  }

  /** {@code strongroom certificate contact ...}. */
  @Command(name = "contact", description = "Who is to hear of a vault's certificates.")
  public static final class Contacts {
    private static final String PATH = "/certificates/contacts";

    @Command(name = "list", description = "List the contacts of a vault.")
    int list(@Mixin Settings settings, @Mixin InVault in) {
      return contacts(settings, send(settings, in, "GET", PATH));
    }

    @Command(name = "add", description = "Add a contact.")
    int add(
        @Mixin Settings settings,
        @Mixin InVault in,
        @Option(names = "--email", required = true) String email,
        @Option(names = "--name") String name,
        @Option(names = "--phone") String phone) {
      ArrayNode all = others(settings, in, email);
      ObjectNode contact = all.addObject().put("email", email);
      if (name != null) {
        contact.put("name", name);
      }
      if (phone != null) {
        contact.put("phone", phone);
      }
      return set(settings, in, all);
    }

    @Command(name = "delete", description = "Remove a contact.")
    int delete(
        @Mixin Settings settings,
        @Mixin InVault in,
        @Option(names = "--email", required = true) String email) {
      ArrayNode all = others(settings, in, email);
      return all.isEmpty()
          ? contacts(settings, send(settings, in, "DELETE", PATH))
          : set(settings, in, all);
    }

    /** Those of a vault without one. */
    private static ArrayNode others(Settings settings, InVault in, String email) {
      ArrayNode others = Client.JSON.createArrayNode();
      JsonNode all;
      try {
        all = send(settings, in, "GET", PATH);
      } catch (CliException e) {
        if (e.exitCode() != CliException.NOT_FOUND) {
          throw e;
        }
        return others;
      }
      for (JsonNode contact : all.path("contacts")) {
        if (!contact.path("email").asString("").equalsIgnoreCase(email)) {
          others.add(contact);
        }
      }
      return others;
    }

    private static int set(Settings settings, InVault in, ArrayNode all) {
      ObjectNode body = Client.JSON.createObjectNode();
      body.set("contacts", all);
      return contacts(settings, send(settings, in, "PUT", PATH, body));
    }

    private static int contacts(Settings settings, JsonNode answer) {
      output(settings).many(answer.path("contacts").valueStream().toList(), CONTACT);
      return 0;
    }
  }

  private static ObjectNode policy(String given) {
    try {
      String text = given.startsWith("@") ? Files.readString(Path.of(given.substring(1))) : given;
      if (Client.JSON.readTree(text) instanceof ObjectNode policy) {
        return asOnTheWire(policy);
      }
    } catch (IOException e) {
      throw new CliException("Cannot read " + given.substring(1) + ".");
    } catch (JacksonException e) {
      throw new CliException("--policy is not JSON.");
    }
    throw new CliException("--policy is not a JSON object.");
  }

  private static ObjectNode asOnTheWire(ObjectNode policy) {
    ObjectNode out = Client.JSON.createObjectNode();
    policy
        .properties()
        .forEach(
            member -> {
              if (!member.getValue().isNull()) {
                out.set(
                    WIRE_NAMES.getOrDefault(member.getKey(), member.getKey()),
                    asOnTheWire(member.getValue()));
              }
            });
    return out;
  }

  private static JsonNode asOnTheWire(JsonNode value) {
    return switch (value) {
      case ObjectNode object -> asOnTheWire(object);
      case ArrayNode array -> {
        ArrayNode out = Client.JSON.createArrayNode();
        array.forEach(one -> out.add(asOnTheWire(one)));
        yield out;
      }
      default -> value;
    };
  }

  private static JsonNode get(Settings settings, Versioned certificate) {
    return call(settings, certificate.named, "GET", "", "/" + certificate.version);
  }

  private static JsonNode call(
      Settings settings, Named certificate, String method, String state, String after) {
    return send(settings, certificate.in, method, path(state, certificate.name, after));
  }

  private static JsonNode call(
      Settings settings,
      Named certificate,
      String method,
      String state,
      String after,
      ObjectNode body) {
    return send(settings, certificate.in, method, path(state, certificate.name, after), body);
  }

  private static String path(String state, String name, String after) {
    return "/" + state + "certificates/" + Client.encode(name) + after;
  }

  private static JsonNode send(Settings settings, InVault in, String method, String path) {
    return new Client(settings).vault(vault(settings, in), method, path, Optional.empty());
  }

  private static JsonNode send(
      Settings settings, InVault in, String method, String path, ObjectNode body) {
    return new Client(settings).vault(vault(settings, in), method, path, Optional.of(body));
  }

  private static int many(
      Settings settings, InVault in, String path, List<Output.Column> columns) {
    output(settings).many(new Client(settings).pages(vault(settings, in), path), columns);
    return 0;
  }

  private static String vault(Settings settings, InVault in) {
    return in.vault
        .or(settings::defaultVault)
        .orElseThrow(
            () ->
                new CliException(
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
