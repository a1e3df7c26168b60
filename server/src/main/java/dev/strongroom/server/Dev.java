package dev.strongroom.server;

import dev.strongroom.cli.Settings;
import dev.strongroom.control.VaultSettings;
import dev.strongroom.crypto.ChosenEngine;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.crypto.X509;
import dev.strongroom.local.DataFolder;
import dev.strongroom.local.Installation;
import dev.strongroom.local.LocalException;
import dev.strongroom.model.Application;
import dev.strongroom.model.BuiltInRole;
import dev.strongroom.model.Container;
import dev.strongroom.model.ContainerKind;
import dev.strongroom.model.ContainerName;
import dev.strongroom.model.Id;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.Tenant;
import dev.strongroom.seal.FileSlot;
import dev.strongroom.store.FolderLock;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A server for one developer: the real one, on a folder that it prepares by itself. What is made only
 * here: its own certificate authority, a key file inside the folder, an application with every right,
 * answers on localhost, and loose limits.
 */
final class Dev implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String GROUP = "dev";
  private static final String LOCATION = "local";
  private static final Duration TLS_LIFE = Duration.ofDays(825);
  private static final Duration TLS_RENEWAL = Duration.ofDays(30);

  /** What the command line asked for. */
  record Options(
      Path data,
      boolean ephemeral,
      int port,
      String listen,
      List<String> vaults,
      String domain,
      boolean symmetricKeys,
      Optional<Path> seed) {}

  private final Options options;
  private final Wiring server;
  private final DevSettings settings;

  private Dev(Options options, Wiring server, DevSettings settings) {
    this.options = options;
    this.server = server;
    this.settings = settings;
  }

  static Dev start(Options options) throws IOException {
    try {
      DataFolder.prepare(options.data(), DataFolder.Kind.DEV);
      return startIn(options);
    } catch (IOException | RuntimeException e) {
      if (options.ephemeral()) {
        EphemeralFolder.remove(options.data());
      }
      throw e;
    }
  }

  private static Dev startIn(Options options) throws IOException {
    MovableClock clock = MovableClock.in(options.data());
    // first, because of two things that are wrong a folder in use is the one to name
    FolderLock.take(options.data()).close();
    int port = usablePort(options);
    Optional<Seed> seed = options.seed().map(Seed::read);
    Tls tls = Tls.in(options.data());
    Wiring server =
        Wiring.open(config(options, tls, port), Wiring.Mode.dev(options.vaults().getFirst()), clock);
    try {
      // not before the folder is known to be ours alone: a running server reads these files again
      tls.prepare(options.domain(), clock.instant());
      Known known = install(server, options, port, clock);
      server.on("clock", (in, out) -> move(server, clock, in.path("advance").asString(""), out));
      if (seed.isPresent()) {
        seed.get().apply(server, vault(server, options.vaults().getFirst()));
        seed.get().close();
      }
      server.listen();
      server.loadTheRest();
      return new Dev(options, server, settings(options, known, tls, port));
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private static void move(
      Wiring server, MovableClock clock, String by, ObjectNode answer) {
    server
        .operator()
        .audited(
            Operation.CLOCK_MOVE,
            Map.of("advance", by),
            origin -> {
              clock.advance(by);
              return null;
            });
    answer.put("now", clock.instant().toString());
  }

  DevSettings settings() {
    return settings;
  }

  /** What people read: settings to paste, and whether the names resolve on this machine. */
  String welcome() {
    List<String> hosts = new ArrayList<>();
    options.vaults().forEach(vault -> hosts.add(vault + ".vault." + options.domain()));
    hosts.add("login." + options.domain());
    hosts.add("management." + options.domain());
    List<String> unknown = hosts.stream().filter(host -> !MachineNames.resolves(host)).toList();
    boolean isFound = Settings.isFoundByItself(options.data(), System.getenv());
    return Welcome.text(settings, hosts, unknown, options.listen(), !isFound);
  }

  @Override
  public void close() {
    server.close();
    if (options.ephemeral()) {
      EphemeralFolder.remove(options.data());
    }
  }

  private static Config config(Options options, Tls tls, int port) {
    return new Config(
        options.data(),
        "node-1",
        options.domain(),
        LOCATION,
        new Config.Store(
            Config.StoreKind.SQLITE, Optional.empty(), Optional.empty(), Optional.empty(), 0),
        new Config.Unseal(Optional.empty(), Optional.empty()),
        List.of(
            new Config.Listener(
                options.listen(),
                port,
                Config.ListenerRole.API,
                Optional.of(tls.certificate()),
                Optional.of(tls.key()),
                List.of())),
        new Config.Admin("127.0.0.1", 0),
        new Config.Log(Config.LogFormat.TEXT),
        Config.Otlp.NONE,
        new Config.Audit(Config.AuditSync.GROUP, 16),
        Config.Cache.DEFAULT,
        Config.Nodes.DEFAULT,
        new Config.Tokens(3600, List.of()),
        new Config.Keys(options.symmetricKeys(), ChosenEngine.Wanted.AUTO),
        Config.Mail.NONE,
        List.of(),
        Map.of());
  }

  /**
   * Where clients of the same port are sent must be known before the listener is; and a port that is
   * taken is better found before anything is made.
   */
  private static int usablePort(Options options) throws IOException {
    InetAddress address;
    try {
      address = InetAddress.getByName(options.listen());
    } catch (UnknownHostException e) {
      throw new LocalException("--listen is not an address of this machine: " + options.listen());
    }
    try (ServerSocket free = new ServerSocket(options.port(), 1, address)) {
      return free.getLocalPort();
    } catch (BindException e) {
      throw new LocalException(
          "cannot listen on "
              + options.listen()
              + ":"
              + options.port()
              + " ("
              + e.getMessage()
              + "); choose another port with --port, or --port 0 for any free one");
    }
  }

  /** Who owns the folder: kept in credentials.json, since the secret is nowhere else in the clear. */
  private record Known(
      Id tenant, Id subscription, Id application, Id object, SecretBytes secret) {}

  private static Known install(Wiring server, Options options, int port, InstantSource clock)
      throws IOException {
    Path slotFile = options.data().resolve("slot.key");
    Path credentials = options.data().resolve("credentials.json");
    boolean fresh = Installation.id(server.store).isEmpty();
    if (!fresh && !Installation.isComplete(server.store)) {
      throw new LocalException(
          "the first start in "
              + options.data()
              + " did not finish; remove that folder and start again");
    }
    Known known;
    if (fresh) {
      try (FileSlot slot = FileSlot.create(slotFile)) {
        Installation.begin(
            server.store,
            server.seal,
            slot,
            "dev",
            new Origin(
                Randoms.id(),
                Operation.SERVER_INIT.auditName(),
                Optional.empty(),
                clock.instant()));
      }
      server.build(port);
      server.opened();
      Installation.Made made =
          Installation.tenant(
              server.store,
              server.applications(),
              server.roles(),
              server.operator(),
              "Development",
              "dev." + (options.domain().contains(".") ? options.domain() : "example"),
              new Installation.Credential.Secret());
      known =
          new Known(
              made.tenant().id(),
              made.subscription().id(),
              made.application().appId(),
              made.application().objectId(),
              made.secret().orElseThrow());
      Installation.assign(
          server.roles(),
          server.operator(),
          known.tenant(),
          "/subscriptions/" + known.subscription().guid(),
          BuiltInRole.OWNER,
          known.object());
      server
          .operator()
          .audited(
              Operation.RESOURCE_GROUP_PUT,
              Map.of("name", GROUP),
              origin ->
                  server
                      .groups()
                      .put(origin, known.subscription(), GROUP, Optional.of(LOCATION), Map.of()));
      write(credentials, known);
      Installation.complete(server.store, made.tenant());
    } else {
      server.build(port);
      try (FileSlot slot = FileSlot.load(slotFile)) {
        server.unseal(slot);
      }
      known = read(credentials);
      requireOurs(server, known);
    }
    for (String name : options.vaults()) {
      ensureVault(server, known, name);
    }
    return known;
  }

  private static void requireOurs(Wiring server, Known known) {
    Tenant tenant =
        server
            .store
            .findRule(RuleKind.TENANT, known.tenant().guid())
            .orElseThrow(() -> new LocalException("the folder's tenant is gone"));
    Application application =
        server
            .store
            .findRule(RuleKind.APPLICATION, known.object().guid())
            .orElseThrow(
                () -> new LocalException("the folder's application is gone from " + tenant.id()));
    if (!application.appId().equals(known.application())) {
      throw new LocalException("credentials.json is of another folder");
    }
  }

  private static void ensureVault(Wiring server, Known known, String name) {
    if (server.vaults().find(ContainerKind.VAULT, name).isPresent()) {
      return;
    }
    Container made =
        server
            .operator()
            .audited(
                Operation.VAULT_PUT,
                Map.of("name", name),
                origin ->
                    server
                        .vaults()
                        .put(
                            origin,
                            known.subscription(),
                            GROUP,
                            new ContainerName(name),
                            VaultSettings.rbacVault(known.tenant(), LOCATION),
                            Optional.of(true),
                            Optional.empty())
                        .value());
    Installation.assign(
        server.roles(),
        server.operator(),
        known.tenant(),
        made.resourceId(),
        BuiltInRole.KEY_VAULT_ADMINISTRATOR,
        known.object());
  }

  private static Container vault(Wiring server, String name) {
    return server.vaults().find(ContainerKind.VAULT, name).orElseThrow();
  }

  private static void write(Path file, Known known) throws IOException {
    DataFolder.writePrivate(
        file,
        JSON.writeValueAsBytes(
            JSON.createObjectNode()
                .put("tenantId", known.tenant().guid())
                .put("subscriptionId", known.subscription().guid())
                .put("clientId", known.application().guid())
                .put("objectId", known.object().guid())
                .put(
                    "clientSecret",
                    new String(known.secret().exposed(), StandardCharsets.UTF_8))));
  }

  private static Known read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new LocalException(
          file + " is gone, and with it the only copy of the secret; start with another folder");
    }
    JsonNode node = JSON.readTree(Files.readAllBytes(file));
    return new Known(
        Id.guid(node.path("tenantId").asString("")),
        Id.guid(node.path("subscriptionId").asString("")),
        Id.guid(node.path("clientId").asString("")),
        Id.guid(node.path("objectId").asString("")),
        SecretBytes.ofUtf8(node.path("clientSecret").asString("")));
  }

  private static DevSettings settings(Options options, Known known, Tls tls, int port)
      throws IOException {
    String suffix = options.domain() + (port == 443 ? "" : ":" + port);
    String vault = options.vaults().getFirst();
    DevSettings settings =
        new DevSettings(
            "https://" + vault + ".vault." + suffix,
            vault,
            "https://localhost" + (port == 443 ? "" : ":" + port),
            "https://login." + suffix,
            known.tenant().guid(),
            known.application().guid(),
            new String(known.secret().exposed(), StandardCharsets.UTF_8),
            known.object().guid(),
            tls.authority().toAbsolutePath().toString(),
            "https://management." + suffix,
            known.subscription().guid(),
            GROUP,
            LOCATION,
            ProcessHandle.current().pid(),
            options.data().toAbsolutePath().toString());
    DataFolder.writePrivate(
        options.data().resolve("credentials.json"),
        (settings.json() + "\n").getBytes(StandardCharsets.UTF_8));
    return settings;
  }

  /** The folder's own authority and the certificate that it signed. */
  private record Tls(Path authority, Path certificate, Path key, Path mark) {
    static Tls in(Path data) {
      Path folder = data.resolve("tls");
      return new Tls(
          folder.resolve("ca.pem"),
          folder.resolve("server.pem"),
          folder.resolve("server.key"),
          folder.resolve("domain"));
    }

    /** Makes both anew when the domain is another one or they will end soon. */
    void prepare(String domain, Instant now) throws IOException {
      if (isFor(domain, now)) {
        return;
      }
      Files.createDirectories(mark.getParent());
      Files.deleteIfExists(mark);
      Instant from = now.minus(Duration.ofHours(1));
      Instant until = now.plus(TLS_LIFE);
      // because the authority may be put into a browser's or a system's trust: it can vouch for
      // nothing but this domain and this machine, and its own key is not kept
      List<String> subtrees =
          domain.equals("localhost") ? List.of("localhost") : List.of(domain, "localhost");
      X509.Issued authority =
          X509.newAuthority(
              "Strongroom dev authority " + now.getEpochSecond(),
              subtrees,
              List.of("127.0.0.0/8", "::1/128"),
              from,
              until);
      X509.Issued leaf =
          X509.newServerCertificate(
              authority,
              "Strongroom dev",
              List.of(
                  "*.vault." + domain,
                  "vault." + domain,
                  "login." + domain,
                  "management." + domain,
                  "graph." + domain,
                  "localhost"),
              List.of(
                  InetAddress.getByAddress(new byte[] {127, 0, 0, 1}),
                  InetAddress.getByName("::1")),
              from,
              until);
      try (SecretBytes pem = leaf.privateKeyPem()) {
        Files.writeString(this.authority, authority.certificate().pem());
        Files.writeString(
            certificate, X509.pemChain(leaf.certificate(), authority.certificate()));
        DataFolder.writePrivate(key, pem.exposed());
      }
      authority.privateKey().close();
      leaf.privateKey().close();
      Files.writeString(mark, domain + "\n" + until.getEpochSecond() + "\n");
    }

    private boolean isFor(String domain, Instant now) throws IOException {
      if (!Files.exists(mark)) {
        return false;
      }
      List<String> lines = Files.readAllLines(mark);
      return lines.size() == 2
          && lines.getFirst().equals(domain)
          && now.plus(TLS_RENEWAL).getEpochSecond() < Long.parseLong(lines.getLast());
    }
  }
}
