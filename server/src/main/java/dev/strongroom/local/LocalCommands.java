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

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new LocalException("cannot read " + file);
    }
  }

  private static int print(JsonNode answer) {
    if (answer instanceof ObjectNode object) {
      object.remove("ok");
    }
    System.out.println(PRETTY.writeValueAsString(answer));
    return 0;
  }
}
