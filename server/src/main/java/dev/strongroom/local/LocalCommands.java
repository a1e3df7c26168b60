package dev.strongroom.local;

import dev.strongroom.seal.FileSlot;
import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Commands on the machine: each asks the running server over its control socket and prints. */
public final class LocalCommands {
  private static final JsonMapper PRETTY =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private LocalCommands() {}

  /** Which server: the one that owns this folder. */
  public static final class Where {
    @Option(names = "--data", paramLabel = "DIR", description = "the server's data folder")
    Path data;

    private static volatile Path fallback = Path.of(".");

    /** The folder that a missing --data means: that of {@code dev}. */
    public static void fallback(Path folder) {
      fallback = folder;
    }

    ControlClient client() {
      return new ControlClient(data == null ? fallback : data);
    }
  }

  /** A key for a slot: a key file, or a passphrase from a file or the terminal. */
  static final class SlotKeyOptions {
    @Option(names = "--key-file", paramLabel = "FILE", description = "a slot's key file")
    Path keyFile;

    @Option(
        names = "--passphrase-file",
        paramLabel = "FILE",
        description = "a file whose first line is the passphrase")
    Path passphraseFile;

    void write(ObjectNode request, String question) {
      if (keyFile != null) {
        request.put("kind", "file").put("path", keyFile.toAbsolutePath().toString());
        return;
      }
      byte[] passphrase = passphraseFile == null ? ask(question) : firstLine(passphraseFile);
      request
          .put("kind", "passphrase")
          .put("passphrase", Base64.getEncoder().encodeToString(passphrase));
      Arrays.fill(passphrase, (byte) 0);
    }

    private static byte[] ask(String question) {
      Console console = System.console();
      if (console == null) {
        throw new LocalException(
            "there is no terminal to ask on; give --key-file or --passphrase-file");
      }
      char[] typed = console.readPassword("%s: ", question);
      if (typed == null || typed.length == 0) {
        throw new LocalException("no passphrase was given");
      }
      byte[] bytes = new String(typed).getBytes(StandardCharsets.UTF_8);
      Arrays.fill(typed, ' ');
      return bytes;
    }
  }

  static byte[] firstLine(Path file) {
    try {
      byte[] all = Files.readAllBytes(file);
      int end = 0;
      while (end < all.length && all[end] != '\n' && all[end] != '\r') {
        end++;
      }
      byte[] line = Arrays.copyOf(all, end);
      Arrays.fill(all, (byte) 0);
      if (line.length == 0) {
        throw new LocalException(file + " has no passphrase in its first line");
      }
      return line;
    } catch (IOException e) {
      throw new LocalException("cannot read " + file);
    }
  }

  @Command(name = "status", description = "Show whether the server is sealed, and what it is.")
  public static final class Status implements Runnable {
    @Mixin Where where;

    @Override
    public void run() {
      print(where.client().ask("status", in -> {}));
    }
  }

  @Command(
      name = "health",
      description = "Check the server; exits with 0 only when everything is well.")
  public static final class Health implements java.util.concurrent.Callable<Integer> {
    @Mixin Where where;

    @Override
    public Integer call() {
      ObjectNode answer = where.client().ask("health", in -> {});
      print(answer);
      return answer.path("healthy").asBoolean(false) ? 0 : 1;
    }
  }

  @Command(
      name = "clock",
      description = "Move the clock of a dev server ahead, so that what is due happens.")
  public static final class Clock implements Runnable {
    @Mixin Where where;

    @Option(
        names = "--advance",
        required = true,
        paramLabel = "TIME",
        description = "how far, such as P1Y, P30D or PT1H")
    String advance;

    @Override
    public void run() {
      print(where.client().ask("clock", in -> in.put("advance", advance)));
    }
  }

  @Command(name = "unseal", description = "Open the server with a slot's key.")
  public static final class Unseal implements Runnable {
    @Mixin Where where;
    @Mixin SlotKeyOptions key;

    @Override
    public void run() {
      print(where.client().ask("unseal", in -> key.write(in, "Passphrase")));
    }
  }

  @Command(name = "seal", description = "Close the server: its keys are wiped from memory.")
  public static final class SealCommand implements Runnable {
    @Mixin Where where;

    @Override
    public void run() {
      print(where.client().ask("seal", in -> {}));
    }
  }

  @Command(name = "slot", description = "Key slots: the ways to open the server.")
  public static final class Slot {
    @Command(name = "list", description = "List the slots.")
    int list(@Mixin Where where) {
      return print(where.client().ask("slot-list", in -> {}));
    }

    @Command(name = "add", description = "Add a slot; a key file is made when it does not exist.")
    int add(
        @Mixin Where where,
        @Mixin SlotKeyOptions key,
        @Option(names = "--label", defaultValue = "", description = "what it is for") String label) {
      return print(
          where
              .client()
              .ask(
                  "slot-add",
                  in -> {
                    in.put("label", label);
                    key.write(in, "New passphrase");
                  }));
    }

    @Command(
        name = "new-key",
        description = "Make a key file, for the slot of an init that is still to be run.")
    int newKey(@Parameters(paramLabel = "FILE") Path file) throws IOException {
      FileSlot.create(file).close();
      System.out.println("made " + file);
      return 0;
    }

    @Command(name = "remove", description = "Remove a slot; never the last one.")
    int remove(@Mixin Where where, @Parameters(paramLabel = "ID") String id) {
      return print(where.client().ask("slot-remove", in -> in.put("id", id)));
    }
  }

  @Command(name = "root", description = "The root key.")
  public static final class Root {
    @Command(
        name = "rotate",
        description = "Make a new root key and rewrap every slot, system and container key.")
    int rotate(@Mixin Where where) {
      return print(where.client().ask("root-rotate", in -> {}));
    }
  }

  @Command(name = "tenant", description = "Tenants, made on the machine only.")
  public static final class TenantCommand {
    @Command(
        name = "create",
        description = "Make a tenant with a subscription and an Owner application.")
    int create(
        @Mixin Where where,
        @Option(names = {"-n", "--name"}, required = true) String name,
        @Option(names = "--tenant-domain", required = true) String domain,
        @Option(
                names = "--admin-secret-out",
                paramLabel = "FILE",
                required = true,
                description = "where the new application's secret is written, mode 0600")
            Path secretOut) {
      return print(
          where
              .client()
              .ask(
                  "tenant-create",
                  in ->
                      in.put("name", name)
                          .put("domain", domain)
                          .put("secretOut", secretOut.toAbsolutePath().toString())));
    }

    @Command(name = "list", description = "List the tenants.")
    int list(@Mixin Where where) {
      return print(where.client().ask("tenant-list", in -> {}));
    }
  }

  @Command(name = "issuer", description = "Outside issuers whose tokens may be exchanged.")
  public static final class Issuer {
    @Command(name = "add", description = "Trust an issuer's keys, for federated credentials.")
    int add(
        @Mixin Where where,
        @Option(names = "--url", required = true, description = "the iss claim, exactly")
            String url,
        @Option(names = "--jwks-file", description = "its keys, fixed") Path jwksFile,
        @Option(names = "--jwks-uri", description = "the one https address of its keys")
            String jwksUri,
        @Option(names = "--algorithms", split = ",", defaultValue = "RS256")
            List<String> algorithms,
        @Option(names = "--tenant") Optional<String> tenant) {
      if ((jwksFile == null) == (jwksUri == null)) {
        throw new LocalException("give exactly one of --jwks-file and --jwks-uri");
      }
      return print(
          where
              .client()
              .ask(
                  "issuer-add",
                  in -> {
                    in.put("url", url);
                    tenant.ifPresent(id -> in.put("tenant", id));
                    if (jwksUri != null) {
                      in.put("jwksUri", jwksUri);
                    } else {
                      in.put("jwks", text(jwksFile));
                    }
                    algorithms.forEach(in.putArray("algorithms")::add);
                  }));
    }

    @Command(name = "list", description = "List the trusted issuers.")
    int list(@Mixin Where where) {
      return print(where.client().ask("issuer-list", in -> {}));
    }

    @Command(name = "remove", description = "Trust an issuer no longer.")
    int remove(
        @Mixin Where where,
        @Option(names = "--url", required = true) String url,
        @Option(names = "--tenant") Optional<String> tenant) {
      return print(
          where
              .client()
              .ask(
                  "issuer-remove",
                  in -> {
                    in.put("url", url);
                    tenant.ifPresent(id -> in.put("tenant", id));
                  }));
    }
  }

  @Command(name = "signing-key", description = "The keys that sign tokens.")
  public static final class SigningKeyCommand {
    @Command(
        name = "rotate",
        description = "Make a new key; the old one verifies until its tokens have ended.")
    int rotate(@Mixin Where where) {
      return print(where.client().ask("signing-key-rotate", in -> {}));
    }
  }

  @Command(
      name = "ca",
      description = "The built-in certificate authority.",
      subcommands = Ca.CaProfile.class)
  public static final class Ca {
    @Command(
        name = "init",
        description = "Make a root, an intermediate that issues, and a responder, once.")
    int init(
        @Mixin Where where,
        @Option(names = "--name", required = true, description = "whose authority it is")
            String name,
        @Option(
                names = "--url",
                description =
                    "where everybody reaches a listener of role pki-http; certificates point there")
            String url,
        @Option(
                names = "--key-type",
                defaultValue = "P-384",
                description =
                    "P-256, P-384 (default), P-521, RSA-3072, RSA-4096, ML-DSA-44, ML-DSA-65,"
                        + " ML-DSA-87")
            String keyType,
        @Option(
                names = "--permit-dns",
                split = ",",
                description = "DNS names below which it may issue, and no others")
            List<String> dns,
        @Option(
                names = "--permit-network",
                split = ",",
                description = "networks in which it may issue, such as 10.0.0.0/8")
            List<String> networks,
        @Option(names = "--root-years", defaultValue = "20") int rootYears,
        @Option(names = "--years", defaultValue = "10", description = "of the intermediate")
            int years) {
      return print(
          where
              .client()
              .ask(
                  "ca-init",
                  in -> {
                    in.put("name", name).put("keyType", keyType);
                    if (url != null) {
                      in.put("url", url);
                    }
                    array(in, "permitDns", dns);
                    array(in, "permitNetworks", networks);
                    in.put("rootYears", rootYears).put("years", years);
                  }));
    }

    @Command(
        name = "rotate",
        description =
            "Make a new intermediate below the same root; the one before issues no more, and its"
                + " lists and OCSP answers go on until it has ended.")
    int rotate(
        @Mixin Where where,
        @Option(names = "--key-type", description = "as of init; else that of the one before")
            String keyType,
        @Option(
                names = "--years",
                defaultValue = "10",
                description = "of the new one, at most to the end of the root")
            int years) {
      return print(
          where
              .client()
              .ask(
                  "ca-rotate",
                  in -> {
                    if (keyType != null) {
                      in.put("keyType", keyType);
                    }
                    in.put("years", years);
                  }));
    }

    @Command(name = "show", description = "Show root, intermediates and settings.")
    int show(@Mixin Where where) {
      return print(where.client().ask("ca-show", in -> {}));
    }

    @Command(name = "chain", description = "Print the intermediate and the root as PEM.")
    int chain(@Mixin Where where) {
      System.out.print(where.client().ask("ca-chain", in -> {}).path("pem").asString(""));
      return 0;
    }

    @Command(name = "set", description = "Change settings; what is issued stays as it is.")
    int set(
        @Mixin Where where,
        @Option(names = "--url") String url,
        @Option(
                names = "--list-hours",
                description = "how long a revocation list is valid; half-way the next is made")
            Integer listHours) {
      return print(
          where
              .client()
              .ask(
                  "ca-set",
                  in -> {
                    if (url != null) {
                      in.put("url", url);
                    }
                    if (listHours != null) {
                      in.put("listHours", listHours);
                    }
                  }));
    }

    @Command(name = "list", description = "List what was issued, up to 1,000 by serial number.")
    int list(
        @Mixin Where where,
        @Option(names = "--revoked", description = "only what is revoked") boolean revoked,
        @Option(names = "--after", defaultValue = "", description = "a serial number to go on from")
            String after) {
      return print(
          where
              .client()
              .ask("ca-list", in -> in.put("revoked", revoked).put("after", after)));
    }

    @Command(name = "revoke", description = "Revoke a certificate, or an intermediate, for good.")
    int revoke(
        @Mixin Where where,
        @Parameters(paramLabel = "SERIAL|URL", description = "or the URL of a certificate")
            String what,
        @Option(
                names = "--reason",
                defaultValue = "unspecified",
                description =
                    "unspecified (default), keyCompromise, affiliationChanged, superseded,"
                        + " cessationOfOperation, privilegeWithdrawn")
            String reason) {
      return print(
          where
              .client()
              .ask("ca-revoke", in -> in.put("what", what).put("reason", reason)));
    }

    @Command(name = "profile", description = "What certificates may be; policies name one as cty.")
    public static final class CaProfile {
      @Command(name = "list", description = "List the profiles.")
      int list(@Mixin Where where) {
        return print(where.client().ask("ca-profile-list", in -> {}));
      }

      @Command(name = "set", description = "Make a profile, or replace the one of that name.")
      int set(
          @Mixin Where where,
          @Option(names = {"-n", "--name"}, required = true) String name,
          @Option(names = "--max-days", required = true) int maxDays,
          @Option(names = "--eku", split = ",", required = true, description = "permitted OIDs")
              List<String> ekus,
          @Option(
                  names = "--key-usage",
                  split = ",",
                  defaultValue = "digitalSignature,keyEncipherment,keyAgreement",
                  description = "permitted usages")
              List<String> keyUsage) {
        return print(
            where
                .client()
                .ask(
                    "ca-profile-set",
                    in -> {
                      in.put("name", name).put("maxDays", maxDays);
                      array(in, "ekus", ekus);
                      array(in, "keyUsage", keyUsage);
                    }));
      }
    }

    private static void array(ObjectNode in, String member, List<String> values) {
      if (values != null) {
        values.forEach(in.putArray(member)::add);
      }
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new LocalException("cannot read " + file);
    }
  }

  static int print(JsonNode answer) {
    if (answer instanceof ObjectNode object) {
      object.remove("ok");
    }
    System.out.println(PRETTY.writeValueAsString(answer));
    return 0;
  }
}
