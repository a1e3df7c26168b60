package dev.strongroom.server;

import dev.strongroom.access.Access;
import dev.strongroom.access.Rules;
import dev.strongroom.acme.AcmeChallenges;
import dev.strongroom.acme.AcmeIssuer;
import dev.strongroom.acme.AcmeSettings;
import dev.strongroom.api.ApplicationsApi;
import dev.strongroom.api.CertificatesApi;
import dev.strongroom.api.ControlApi;
import dev.strongroom.api.ControlHosts;
import dev.strongroom.api.Handler;
import dev.strongroom.api.IdentityApi;
import dev.strongroom.api.KeysApi;
import dev.strongroom.api.SecretsApi;
import dev.strongroom.audit.Audit;
import dev.strongroom.audit.AuditAlarm;
import dev.strongroom.audit.AuditKey;
import dev.strongroom.audit.AuditLog;
import dev.strongroom.audit.AuditSettings;
import dev.strongroom.audit.AuditSync;
import dev.strongroom.audit.Burst;
import dev.strongroom.audit.Retention;
import dev.strongroom.audit.TakeOver;
import dev.strongroom.backup.ServerBackup;
import dev.strongroom.ca.Authorities;
import dev.strongroom.ca.OcspResponder;
import dev.strongroom.ca.Publications;
import dev.strongroom.ca.Revocation;
import dev.strongroom.ca.StrongroomIssuer;
import dev.strongroom.control.ResourceGroups;
import dev.strongroom.control.Roles;
import dev.strongroom.control.Subscriptions;
import dev.strongroom.control.VaultPurge;
import dev.strongroom.control.Vaults;
import dev.strongroom.crypto.ChosenEngine;
import dev.strongroom.crypto.KeyBackend;
import dev.strongroom.crypto.KeyCache;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.crypto.SoftwareKeys;
import dev.strongroom.crypto.TlsPair;
import dev.strongroom.http.AdminListener;
import dev.strongroom.http.Binding;
import dev.strongroom.http.ControlRoutes;
import dev.strongroom.http.DataRoutes;
import dev.strongroom.http.Gateway;
import dev.strongroom.http.Hosts;
import dev.strongroom.http.Limits;
import dev.strongroom.http.Listener;
import dev.strongroom.http.LoginRoutes;
import dev.strongroom.http.Proxies;
import dev.strongroom.http.PublicDocuments;
import dev.strongroom.http.Role;
import dev.strongroom.http.Route;
import dev.strongroom.http.Routes;
import dev.strongroom.http.Tracer;
import dev.strongroom.identity.Applications;
import dev.strongroom.identity.Audience;
import dev.strongroom.identity.ClientAssertions;
import dev.strongroom.identity.Directory;
import dev.strongroom.identity.IssuerKeys;
import dev.strongroom.identity.Realm;
import dev.strongroom.identity.SigningKeys;
import dev.strongroom.identity.TokenEndpoint;
import dev.strongroom.identity.Tokens;
import dev.strongroom.local.AuditPrune;
import dev.strongroom.local.AuthorityCommands;
import dev.strongroom.local.BackupStream;
import dev.strongroom.local.ControlSocket;
import dev.strongroom.local.Installation;
import dev.strongroom.local.LastBackup;
import dev.strongroom.local.LocalException;
import dev.strongroom.local.Operator;
import dev.strongroom.local.OperatorCommands;
import dev.strongroom.local.RestoredServer;
import dev.strongroom.local.StoredKeys;
import dev.strongroom.mail.SmtpRelay;
import dev.strongroom.model.Collection;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.VaultException;
import dev.strongroom.otlp.Collector;
import dev.strongroom.seal.Seal;
import dev.strongroom.seal.SlotKey;
import dev.strongroom.seal.SlotMismatch;
import dev.strongroom.ship.Destination;
import dev.strongroom.ship.FileDestination;
import dev.strongroom.ship.Shipper;
import dev.strongroom.ship.SyslogDestination;
import dev.strongroom.store.FolderLock;
import dev.strongroom.store.NodeSettings;
import dev.strongroom.store.OpenSql;
import dev.strongroom.store.PostgresSettings;
import dev.strongroom.store.SqlStore;
import dev.strongroom.store.Store;
import dev.strongroom.vault.CertificateIssuers;
import dev.strongroom.vault.CertificateNotices;
import dev.strongroom.vault.CertificateRenewal;
import dev.strongroom.vault.Certificates;
import dev.strongroom.vault.ContactMail;
import dev.strongroom.vault.IssuerAdapter;
import dev.strongroom.vault.KeyRotation;
import dev.strongroom.vault.Keys;
import dev.strongroom.vault.Lanes;
import dev.strongroom.vault.ObjectPurge;
import dev.strongroom.vault.PageTokens;
import dev.strongroom.vault.Secrets;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;

/**
 * Everything that a server is made of, built here and nowhere else, in the order of start; stopping
 * runs the other way.
 *
 * <p>Start: folder lock, store, audit chain, control socket, services, listeners. The seal may open
 * before or after the listeners: until then every request is answered 503 and audited. Stop: no new
 * requests, those under way finish, due work ends, last checkpoint, store, keys wiped, lock.
 */
final class Wiring implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Wiring.class.getName());
  private static final Duration DRAIN = Duration.ofSeconds(20);
  private static final int REMEMBERED_TOKENS = 20_000;
  private static final int WAITING_KEY_OPERATIONS = 256;

  /** What differs between {@code dev} and {@code serve}. */
  record Mode(
      boolean keyFileMayBeInside, Optional<String> localVault, TokenEndpoint.Limits tokenLimits) {
    static final Mode SERVE = new Mode(false, Optional.empty(), TokenEndpoint.Limits.DEFAULT);

    /** Loose limits, since every client of a laptop comes from one address. */
    static Mode dev(String vault) {
      return new Mode(
          true, Optional.of(vault), new TokenEndpoint.Limits(10_000, 20_000, 10_000, 20_000));
    }
  }

  private final Config config;
  private final Mode mode;
  private final InstantSource clock;
  private final FolderLock lock;
  final ChosenEngine engine;
  final Seal seal;
  final SqlStore store;
  private final Integrity integrity;
  private final Status status = new Status(this);
  private volatile boolean isStopping;

  // From here on there is an installation.
  private AuditLog auditLog;
  private Audit audit;
  private Operator operator;
  private Applications applications;
  private Roles roles;
  private Vaults vaults;
  private ResourceGroups groups;
  private Secrets secrets;
  private KeyBackend keyBackend;
  private KeyCache openedKeys;
  private Lanes lanes;
  private SigningKeys signingKeys;
  private Tokens tokens;
  private Access access;
  private Subscriptions subscriptions;
  private Routes table;
  private ControlSocket socket;
  private Retention retention;
  private List<Shipper> shippers = List.of();
  private DueWork dueWork;
  private CertificateNotices notices;
  private Metrics metrics;
  private Optional<Collector> collector = Optional.empty();
  private AcmeChallenges acmeChallenges;
  private PublicDocuments publicDocuments;
  private Listener listener;
  private Listener publicListener;
  private AdminListener admin;
  private TlsReload tlsReload;
  private boolean isOpened;

  private Wiring(Config config, Mode mode, InstantSource clock) throws IOException {
    this.config = config;
    this.mode = mode;
    this.clock = clock;
    this.engine = new ChosenEngine(config.keys().engine());
    this.lock = FolderLock.take(config.data());
    this.integrity = new Integrity();
    Store[] opened = new Store[1];
    this.seal = new Seal(new StoredKeys(() -> opened[0]));
    try {
      this.store = openStore();
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
    opened[0] = store;
  }

  /** Opens the folder's store, sealed; nothing listens yet. */
  static Wiring open(Config config, Mode mode, InstantSource clock) throws IOException {
    return new Wiring(config, mode, clock);
  }

  private SqlStore openStore() throws IOException {
    Config.Store wanted = config.store();
    return switch (wanted.kind()) {
      case SQLITE -> OpenSql.sqlite(config.data(), config.node(), seal, integrity, clock);
      case POSTGRES ->
          OpenSql.postgres(
              postgres(wanted),
              new NodeSettings(
                  config.node(),
                  lock.folder(Randoms::id),
                  Randoms.id(),
                  Duration.ofMillis(config.cache().maxStalenessMillis()),
                  Duration.ofMillis(config.nodes().maxClockDifferenceMillis())),
              seal,
              integrity,
              clock);
    };
  }

  static PostgresSettings postgres(Config.Store wanted) {
    return new PostgresSettings(
        wanted.url().orElseThrow(),
        wanted.user().orElseThrow(),
        wanted
            .passwordFile()
            .map(file -> NamedFile.firstLine("postgres.passwordFile", file))
            .orElseGet(() -> SecretBytes.ofUtf8("")),
        wanted.poolSize());
  }

  /** Says what a restored server is; see {@link RestoredServer}. To be called before {@link #build}. */
  void settle(Optional<RestoredServer.Purpose> purpose) throws IOException {
    RestoredServer.settle(store, trail(), purpose, clock.instant());
  }

  private Path trail() {
    return config.data().resolve("audit");
  }

  private static Optional<ContactMail> relay(Config.Mail wanted, InstantSource clock) {
    return wanted
        .host()
        .map(
            host ->
                new SmtpRelay(
                    new SmtpRelay.Settings(
                        host,
                        wanted.port(),
                        wanted.protection(),
                        NamedFile.trust("mail.authorities", wanted.authorities()),
                        wanted
                            .user()
                            .map(
                                user ->
                                    new SmtpRelay.LogIn(
                                        user,
                                        NamedFile.firstLine(
                                            "mail.passwordFile",
                                            wanted.passwordFile().orElseThrow()))),
                        wanted.from().orElseThrow()),
                    clock));
  }

  private List<IssuerAdapter> adapters(IssuerAdapter builtIn) {
    List<AcmeSettings> outside =
        config.acme().stream()
            .map(
                one ->
                    new AcmeSettings(
                        one.name(),
                        one.directory(),
                        one.email(),
                        one.accountId().map(id -> bound(id, one.accountKeyFile().orElseThrow())),
                        NamedFile.trust("acme[].authorities", one.authorities()),
                        one.domains(),
                        one.hook(),
                        Duration.ofSeconds(one.hookSeconds()),
                        Duration.ofSeconds(one.propagationSeconds())))
            .toList();
    Consumer<Origin> audited = origin -> operator.record(origin, 200, Map.of());
    acmeChallenges = new AcmeChallenges(outside, store, clock, audited);
    return outside.isEmpty()
        ? List.of(builtIn)
        : List.of(builtIn, new AcmeIssuer(outside, store, seal, acmeChallenges, audited));
  }

  private static AcmeSettings.Bound bound(String id, Path keyFile) {
    SecretBytes key = NamedFile.firstLine("acme[].accountKeyFile", keyFile);
    try {
      SecretBytes.taking(Base64.getUrlDecoder().decode(key.exposed())).close();
    } catch (IllegalArgumentException e) {
      // without the cause, because it may quote what it could not decode
      throw new ConfigException("acme[].accountKeyFile: its first line is not base64url");
    }
    return new AcmeSettings.Bound(id, key);
  }

  /** Opens the audit chain and builds the services; needs an installation, sealed or not. */
  void build(int knownPort) throws IOException {
    Id installation =
        Installation.id(store)
            .orElseThrow(() -> new LocalException("there is no installation; run: init"));
    auditLog =
        AuditLog.open(
            AuditSettings.of(
                trail(),
                installation,
                config.node(),
                config.audit().sync() == Config.AuditSync.EACH ? AuditSync.EACH : AuditSync.GROUP,
                (long) config.audit().segmentMebibytes() << 20,
                (long) config.audit().reserveMebibytes() << 20),
            store,
            this::alarm,
            clock);
    collector = config.otlp().endpoint().map(this::collector);
    audit = new Burst(auditLog, clock);
    shippers =
        config.audit().ship().stream()
            .map(
                wanted ->
                    new Shipper(
                        wanted.name(),
                        destination(wanted, installation),
                        auditLog,
                        trail(),
                        config.node(),
                        clock))
            .toList();
    shippers.forEach(Shipper::start);
    integrity.report(audit, clock);
    store.onUnanswered(auditLog::owe);
    store.nodes().ifPresent(nodes -> nodes.auditedBy(auditLog::coverage));
    operator = new Operator(audit, clock);

    Realm realm = realm();
    Directory directory = new Directory(store);
    signingKeys = new SigningKeys(store, seal);
    tokens = new Tokens(realm, signingKeys, directory, REMEMBERED_TOKENS);
    applications = new Applications(store, seal, directory, realm);
    TokenEndpoint tokenEndpoint =
        new TokenEndpoint(
            realm,
            directory,
            signingKeys,
            new ClientAssertions(
                realm, directory, new IssuerKeys(LazyKeySource.overTheWeb()), store),
            seal,
            Duration.ofSeconds(config.tokens().lifetimeSeconds()),
            mode.tokenLimits());

    access = new Rules(store);
    vaults = new Vaults(store, seal, Randoms::id);
    roles = new Roles(store, seal);
    groups = new ResourceGroups(store, seal);
    subscriptions = new Subscriptions(store);
    secrets = new Secrets(store, seal);
    keyBackend = new SoftwareKeys(engine);
    openedKeys = new KeyCache(clock);
    seal.onSealed(
        () -> {
          openedKeys.forgetAll();
          keyBackend.forgetSpares();
        });
    lanes = new Lanes(Runtime.getRuntime().availableProcessors(), WAITING_KEY_OPERATIONS);
    Keys keys = new Keys(store, seal, keyBackend, openedKeys, lanes);
    Authorities authorities = new Authorities(store, seal, keyBackend);
    CertificateIssuers issuers =
        new CertificateIssuers(store, seal, adapters(new StrongroomIssuer(authorities)));
    Certificates certificates =
        new Certificates(store, seal, keyBackend, lanes, issuers);
    notices = new CertificateNotices(store, certificates.renewal(), relay(config.mail(), clock));
    metrics =
        new Metrics(
            tokens,
            notices,
            certificates.renewal(),
            store,
            auditLog,
            shippers,
            lanes,
            collector,
            clock);

    ControlHosts controlHosts =
        new ControlHosts(
            config.domain(), knownPort == 443 ? OptionalInt.empty() : OptionalInt.of(knownPort));
    Map<Operation, Handler> handlers = new EnumMap<>(Operation.class);
    PageTokens pageTokens = new PageTokens(seal);
    handlers.putAll(new SecretsApi(secrets, pageTokens).handlers());
    handlers.putAll(new KeysApi(keys, pageTokens, config.keys().symmetric()).handlers());
    handlers.putAll(new CertificatesApi(certificates, issuers, pageTokens).handlers());
    handlers.putAll(
        new ControlApi(
                vaults, roles, subscriptions, groups, access, controlHosts, config.location())
            .handlers());
    ApplicationsApi applicationsApi = new ApplicationsApi(applications);
    handlers.put(Operation.APPLICATION_CREATE, applicationsApi::create);
    handlers.put(Operation.APPLICATION_LIST, applicationsApi::list);
    handlers.put(Operation.APPLICATION_GET, applicationsApi::get);
    handlers.put(Operation.APPLICATION_UPDATE, applicationsApi::update);
    handlers.put(Operation.APPLICATION_SECRET_ADD, applicationsApi::addSecret);
    handlers.put(Operation.APPLICATION_SECRET_REMOVE, applicationsApi::removeSecret);
    handlers.put(Operation.APPLICATION_CERTIFICATE_ADD, applicationsApi::addCertificate);
    handlers.put(Operation.APPLICATION_CERTIFICATE_REMOVE, applicationsApi::removeCertificate);
    handlers.put(Operation.APPLICATION_FEDERATE, applicationsApi::federate);
    handlers.put(Operation.APPLICATION_FEDERATION_REMOVE, applicationsApi::removeFederation);
    IdentityApi identityApi = new IdentityApi(tokenEndpoint, signingKeys, directory, realm);
    handlers.put(Operation.SIGN_IN, identityApi::token);
    handlers.put(Operation.DISCOVERY, identityApi::document);
    requireAll(handlers);
    List<Route> routes = new ArrayList<>();
    routes.addAll(DataRoutes.of(handlers));
    routes.addAll(ControlRoutes.of(handlers));
    routes.addAll(LoginRoutes.of(handlers));
    table = Routes.of(routes);

    Publications publications = new Publications(store, authorities, clock);
    Revocation revocation = new Revocation(store, authorities);
    publicDocuments = documents(publications, new OcspResponder(store, authorities, clock));

    dueWork = new DueWork(store, seal, clock, operator);
    VaultPurge vaultPurge = new VaultPurge(store, Randoms::id);
    ObjectPurge secretPurge =
        new ObjectPurge(Collection.SECRETS, Operation.SECRET_PURGE_IF_DUE, store);
    dueWork.on(ObjectPurge.kind(Collection.SECRETS), secretPurge::run);
    ObjectPurge keyPurge = new ObjectPurge(Collection.KEYS, Operation.KEY_PURGE_IF_DUE, store);
    dueWork.on(ObjectPurge.kind(Collection.KEYS), keyPurge::run);
    ObjectPurge certificatePurge =
        new ObjectPurge(Collection.CERTIFICATES, Operation.CERTIFICATE_PURGE_IF_DUE, store);
    dueWork.on(ObjectPurge.kind(Collection.CERTIFICATES), certificatePurge::run);
    dueWork.on(CertificateRenewal.RENEW, certificates.renewal()::renew);
    dueWork.on(Revocation.PUBLISH, revocation::publish);
    dueWork.outside(CertificateRenewal.ISSUE, certificates.renewal()::issue);
    dueWork.outside(
        AcmeChallenges.TIDY,
        (row, now) ->
            acmeChallenges.tidy(
                row,
                now,
                one -> certificates.renewal().isUnderWay(one.certificate(), one.requestId())));
    dueWork.on(CertificateNotices.NOTICE, notices::notice);
    dueWork.outside(CertificateNotices.MAIL, notices::mail);
    dueWork.on(KeyRotation.ROTATE, keys.rotation()::rotate);
    dueWork.on(KeyRotation.NOTICE, keys.rotation()::notice);
    dueWork.on(VaultPurge.KIND, vaultPurge::run);
    dueWork.also(
        now -> {
          if (operator.mayChange() && signingKeys.isRotationDue(now)) {
            operator.audited(
                Operation.SIGNING_KEY_ROTATE, Map.of("due", "true"), signingKeys::rotateIfDue);
          }
        });

    if (store.nodes().isPresent()) {
      dueWork.also(now -> followRoot());
      TakeOver takeOver =
          new TakeOver(
              store, auditLog, Duration.ofSeconds(config.nodes().takeOverSeconds()));
      dueWork.also(takeOver::run);
    }

    socket = ControlSocket.open(config.data());
    socket.on("status", (in, out) -> status.write(out));
    socket.on("health", (in, out) -> status.writeHealth(out));
    new OperatorCommands(
            config.data(),
            mode.keyFileMayBeInside(),
            store,
            seal,
            operator,
            applications,
            roles,
            signingKeys)
        .register(socket, this::opened, this::closing);
    BackupStream backups = new BackupStream(this::backup, operator);
    socket.onStreaming(
        BackupStream.COMMAND,
        (in, stream, out) -> {
          backups.run(in, stream, out);
          keepTimeOfBackup(Instant.parse(out.path("created").asString()));
        });
    Retention.Limits limits =
        new Retention.Limits(
            limit(config.audit().retainDays()), limit(config.audit().retainMebibytes()));
    retention =
        new Retention(
            auditLog,
            limits,
            Duration.ofHours(config.audit().segmentHours()),
            () -> shippers.stream().mapToLong(Shipper::shipped).min().orElse(Long.MAX_VALUE));
    retention.start();
    AuditPrune.register(socket, seal, retention, limits, operator);
    new AuthorityCommands(store, operator, authorities, revocation, publications)
        .register(socket);
  }

  private Destination destination(Config.Ship wanted, Id installation) {
    return switch (wanted.to()) {
      case FILE ->
          new FileDestination(
              wanted.path().orElseThrow(), (long) wanted.rotateMebibytes() << 20, wanted.keep());
      case SYSLOG -> {
        String setting = "audit.ship[] " + wanted.name();
        SSLContext context =
            wanted.certificate().isPresent()
                ? NamedFile.trust(
                    setting,
                    wanted.authorities(),
                    wanted.certificate().get(),
                    wanted.key().orElseThrow())
                : NamedFile.trust(setting, wanted.authorities());
        yield new SyslogDestination(
            new SyslogDestination.Settings(
                wanted.host().orElseThrow(),
                wanted.port(),
                context,
                wanted.facility(),
                wanted.enterpriseNumber(),
                MachineNames.ours().orElse(config.node()),
                installation,
                config.node()));
      }
    };
  }

  private static OptionalInt limit(Optional<Integer> setting) {
    return setting.map(OptionalInt::of).orElseGet(OptionalInt::empty);
  }

  private ServerBackup backup() {
    if (seal.isSealed()) {
      throw VaultException.of(ErrorCode.SERVER_SEALED);
    }
    return new ServerBackup(
        store,
        seal,
        auditLog,
        trail(),
        config.data().resolve("backups"),
        AuditKey.open(store, seal, audit, clock),
        Installation.id(store).orElseThrow(),
        "Strongroom " + VersionCommand.version(),
        clock);
  }

  private void keepTimeOfBackup(Instant of) {
    try {
      LastBackup.made(store, of);
    } catch (VaultException e) {
      // because whoever asked for the backup has it
      LOG.log(Level.WARNING, "a backup was made, and metrics will not tell of it", e);
    }
  }

  private PublicDocuments documents(Publications publications, OcspResponder ocsp) {
    return new PublicDocuments(clock)
        .get(
            AcmeChallenges.PATH,
            asked ->
                acmeChallenges
                    .response(asked.name())
                    .map(
                        text ->
                            new PublicDocuments.Document(
                                "application/octet-stream",
                                Duration.ZERO,
                                text.getBytes(StandardCharsets.US_ASCII))))
        .get(
            Publications.CERTIFICATES,
            asked -> publications.certificate(asked.name()).map(Wiring::document))
        .get(
            Publications.LISTS,
            asked -> publications.list(asked.name()).map(Wiring::document))
        .getAndPost(
            Publications.OCSP,
            asked -> {
              OcspResponder.Answer answer =
                  asked.body().length > 0
                      ? ocsp.answer(asked.body())
                      : ocsp.get(asked.name());
              return Optional.of(
                  new PublicDocuments.Document(
                      "application/ocsp-response", answer.keep(), answer.body()));
            });
  }

  private static PublicDocuments.Document document(Publications.Publication one) {
    return new PublicDocuments.Document(one.type(), one.keep(), one.body());
  }

  // because a line of the route table whose operation has no handler would silently not be there
  private static void requireAll(Map<Operation, Handler> handlers) {
    for (Operation operation : Operation.values()) {
      if (operation.plane() != Operation.Plane.LOCAL && !handlers.containsKey(operation)) {
        throw new IllegalStateException(operation + " has no handler");
      }
    }
  }

  private Realm realm() {
    Map<String, Audience> extra = new HashMap<>();
    config.tokens().vaultAudiences().forEach(name -> extra.put(name, Audience.VAULT));
    Set<String> local =
        mode.localVault().isPresent() ? Set.of("localhost", "127.0.0.1", "[::1]") : Set.of();
    return new Realm(config.domain(), local, local, extra);
  }

  /** A further command on the machine. */
  void on(String name, ControlSocket.Command command) {
    socket.on(name, command);
  }

  /** Opens the seal with a slot's key. */
  void unseal(SlotKey key) {
    seal.unseal(Installation.slots(store), key);
    opened();
  }

  /** Goes along with what another node did to slots and root key. */
  private void followRoot() {
    try {
      seal.follow(Installation.slots(store));
    } catch (SlotMismatch e) {
      LOG.log(
          Level.ERROR,
          "the root key was rotated on another node, and no slot is left by which this one could"
              + " follow: it is sealed; unseal it");
      // not here, because closing waits for due work, which this is
      Thread.ofVirtual()
          .start(
              () -> {
                closing();
                seal.seal();
              });
    }
  }

  /** What waits for the keys: checkpoints, the token signing key, due work. */
  synchronized void opened() {
    if (isOpened) {
      return;
    }
    auditLog.startCheckpoints(AuditKey.open(store, seal, audit, clock));
    Origin origin = operator.origin(Operation.SIGNING_KEY_ROTATE);
    signingKeys.ensure(origin);
    if (origin.journal().isPresent()) {
      operator.record(origin, 200, Map.of("first", "true"));
    }
    dueWork.start();
    isOpened = true;
  }

  private synchronized void closing() {
    if (isOpened) {
      dueWork.stop();
      auditLog.stopCheckpoints();
      isOpened = false;
    }
  }

  private Gateway gateway() {
    return new Gateway(
        table,
        tokens,
        access,
        vaults,
        seal::isSealed,
        audit,
        clock,
        new Hosts(config.domain(), config.aliases(), mode.localVault()),
        Randoms::guid,
        config.location(),
        Installation.homeTenant(store),
        subscriptions::tenantOf,
        metrics,
        collector.<Tracer>map(one -> one).orElse(Tracer.NOBODY));
  }

  private Collector collector(URI endpoint) {
    Config.Otlp wanted = config.otlp();
    return Collector.start(
        new Collector.Settings(
            endpoint,
            wanted.traces(),
            wanted.logs(),
            wanted.tracePercent(),
            wanted.authorities().map(file -> NamedFile.authorities("otlp.authorities", file)),
            wanted
                .authorizationFile()
                .map(file -> NamedFile.firstLine("otlp.authorizationFile", file)),
            config.node(),
            VersionCommand.version()));
  }

  /** Listens; every port that turned out, in the order of the configuration. */
  List<Integer> listen() throws IOException {
    List<Config.Listener> ours = config.listeners(Config.ListenerRole.API);
    List<Config.Listener> open = config.listeners(Config.ListenerRole.PKI_HTTP);
    Gateway gateway = gateway();
    operator.record(operator.origin(Operation.SERVER_START), 200, Map.of());
    listener = Listener.start(bindings(ours), gateway, Limits.standard());
    if (!open.isEmpty()) {
      publicListener =
          Listener.start(bindings(open), publicDocuments, Limits.ofPublicDocuments());
    }
    tlsReload = TlsReload.start(ours, listener);
    return listener.ports();
  }

  private static List<Binding> bindings(List<Config.Listener> listeners) {
    return listeners.stream()
        .map(
            wanted ->
                new Binding(
                    wanted.address(),
                    wanted.port(),
                    wanted
                        .certificate()
                        .map(
                            file ->
                                new Binding.Tls(
                                    file, wanted.key().orElseThrow(), TlsPair::requireMatch)),
                    wanted.role() == Config.ListenerRole.API
                        ? Set.of(Role.values())
                        : Set.of(),
                    Proxies.of(wanted.trustedProxies())))
        .toList();
  }

  /** Where it listens, for the log: each address, and where health and metrics are. */
  String addresses() {
    StringBuilder text = new StringBuilder();
    addresses(text, config.listeners(Config.ListenerRole.API), listener);
    if (publicListener != null) {
      text.append("pki-http on ");
      addresses(text, config.listeners(Config.ListenerRole.PKI_HTTP), publicListener);
    }
    return text.append("health on ")
        .append(config.admin().address())
        .append(':')
        .append(admin.port())
        .toString();
  }

  private static void addresses(
      StringBuilder text, List<Config.Listener> listeners, Listener open) {
    for (int i = 0; i < listeners.size(); i++) {
      text.append(listeners.get(i).address())
          .append(':')
          .append(open.ports().get(i))
          .append(", ");
    }
  }

  /** What requests do not wait for is loaded behind the listeners. */
  void loadTheRest() {
    Thread.ofPlatform()
        .daemon()
        .name("load-the-rest")
        .start(
            () -> {
              engine.load();
              metrics.load(listener, status);
            });
  }

  /** Health and metrics; only {@code serve} has them, once it listens. */
  void listenAdmin() throws IOException {
    admin =
        AdminListener.start(
            config.admin().address(),
            config.admin().port(),
            () -> new AdminListener.Health(status.isHealthy(), status.healthJson()),
            metrics::scrape,
            status::unready,
            seal::isSealed);
  }

  private void alarm(AuditAlarm.Kind kind, String what) {
    LOG.log(
        kind.integrity() ? Level.ERROR : Level.WARNING, "audit trail: {0}: {1}", kind, what);
    if (kind.integrity()) {
      integrity.note("audit", kind + ": " + what);
    }
  }

  CertificateNotices notices() {
    return notices;
  }

  LocalDate today() {
    return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
  }

  Config config() {
    return config;
  }

  boolean isStopping() {
    return isStopping;
  }

  Integrity integrity() {
    return integrity;
  }

  List<Shipper> shippers() {
    return shippers;
  }

  AuditLog auditLog() {
    return auditLog;
  }

  Audit audit() {
    return audit;
  }

  Operator operator() {
    return operator;
  }

  Applications applications() {
    return applications;
  }

  Roles roles() {
    return roles;
  }

  Vaults vaults() {
    return vaults;
  }

  ResourceGroups groups() {
    return groups;
  }

  Secrets secrets() {
    return secrets;
  }

  Tokens tokens() {
    return tokens;
  }

  Path data() {
    return config.data();
  }

  @Override
  public void close() {
    isStopping = true;
    List<Step> steps = new ArrayList<>();
    steps.add(new Step("TLS reload", tlsReload));
    steps.add(new Step("listeners", listener == null ? null : () -> listener.close(DRAIN)));
    steps.add(
        new Step(
            "public listeners",
            publicListener == null ? null : () -> publicListener.close(DRAIN)));
    steps.add(new Step("admin listener", admin));
    steps.add(new Step("control socket", socket));
    steps.add(new Step("due work", dueWork == null ? null : dueWork::stop));
    steps.add(new Step("key operations", lanes));
    steps.add(new Step("opened keys", openedKeys));
    steps.add(new Step("key back end", keyBackend));
    steps.add(
        new Step(
            "stop record",
            listener == null
                ? null
                : () ->
                    operator.record(operator.origin(Operation.SERVER_STOP), 200, Map.of())));
    steps.add(new Step("audit retention", retention));
    shippers.forEach(each -> steps.add(new Step("audit shipping to " + each.name(), each)));
    steps.add(new Step("audit trail", audit));
    steps.add(new Step("store", store));
    steps.add(new Step("seal", seal::seal));
    steps.add(new Step("folder lock", lock));
    steps.add(new Step("collector", collector.orElse(null)));
    for (Step step : steps) {
      step.run();
    }
  }

  /** One thing to stop; a failure is logged and the rest still stops. */
  private record Step(String name, AutoCloseable what) {
    void run() {
      if (what == null) {
        return;
      }
      try {
        what.close();
      } catch (Exception e) {
        LOG.log(Level.ERROR, "stopping failed: " + name, e);
      }
    }
  }
}
