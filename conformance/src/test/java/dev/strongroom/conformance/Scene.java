package dev.strongroom.conformance;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.json.JsonMapper;

/**
 * A running server with all that the cases need: an application that owns everything, one that may use
 * keys, one without any role; and where logins are what is tested, an application for each, one that
 * may only read, a second vault without any role, and tokens that must be refused. The programs read
 * it from one JSON file.
 */
final class Scene implements AutoCloseable {
  static final String TRUST_STORE_PASSWORD = "unimportant";

  private static final String KEY_VAULT_ADMINISTRATOR = "00482a5a-887f-4fb3-b363-3b7fe8e74483";
  private static final String KEY_VAULT_SECRETS_OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7";
  private static final String KEY_VAULT_SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6";
  private static final String KEY_VAULT_CRYPTO_USER = "12338af0-0e69-4776-bea7-57ae8d297424";
  private static final String ISSUER = "https://issuer.test";
  private static final String SUBJECT = "system:serviceaccount:default:conformance";
  private static final String TOKEN_EXCHANGE = "api://AzureADTokenExchange";
  private static final String KEY_ID = "conformance";

  final Server server;
  final Path work;
  private final Map<String, Object> content = new LinkedHashMap<>();
  private final Cli cli;
  final ResourceManager arm;

  private Scene(Server server, Path work) throws Exception {
    this.server = server;
    this.work = work;
    this.cli = new Cli(server, work);
    this.arm =
        new ResourceManager(
            server,
            HttpClient.newBuilder()
                .sslContext(
                    Credentials.trusting(
                        Path.of(server.get("caFile")), trustStore(), TRUST_STORE_PASSWORD))
                .connectTimeout(Duration.ofSeconds(10))
                .build());
  }

  /** Starts a server for one test class; its files go to {@code target/conformance/NAME}. */
  static Scene start(String name) throws Exception {
    return start(name, false);
  }

  /** The same with everything about logins, which takes some ten seconds more. */
  static Scene startWithLogins(String name) throws Exception {
    return start(name, true);
  }

  private static Scene start(String name, boolean logins) throws Exception {
    Path work = work(name);
    return prepared(DevServer.start(work), work, logins);
  }

  /** The same on several nodes, which answer in turn; it has no clock that could be moved. */
  static Scene startOnNodes(String name) throws Exception {
    Path work = work(name);
    return prepared(NodesServer.start(work), work, true);
  }

  private static Path work(String name) throws IOException {
    return Files.createDirectories(Path.of("target", "conformance", name)).toRealPath();
  }

  private static Scene prepared(Server server, Path work, boolean logins) throws Exception {
    try {
      Scene scene = new Scene(server, work);
      if (server instanceof DevServer) {
        scene.content.put("elevenMonthsPass", scene.cli.command("clock", "--advance", "P340D"));
      } else {
        scene.makeVault();
      }
      scene.prepare();
      if (logins) {
        scene.prepareLogins();
      }
      Files.writeString(scene.file(), JsonMapper.shared().writeValueAsString(scene.content));
      return scene;
    } catch (Throwable e) {
      server.close();
      throw e;
    }
  }

  /** The vault that {@code dev} has by itself, with the first application as its administrator. */
  private void makeVault() throws Exception {
    String vault = server.get("vaultName");
    arm.createResourceGroup();
    arm.createVault(vault);
    arm.assignRole(server.vaultId(vault), KEY_VAULT_ADMINISTRATOR, server.get("objectId"));
  }

  private void prepare() throws Exception {
    for (String name : new String[] {"vaultUrl", "authorityHost", "tenantId", "caFile"}) {
      content.put(name, server.get(name));
    }
    content.put(
        "admin",
        Map.of("clientId", server.get("clientId"), "clientSecret", server.get("clientSecret")));
    content.put("cryptoUser", withSecret(application("cryptoUser", KEY_VAULT_CRYPTO_USER)));
    content.put("roleless", withSecret(cli.createApplication("roleless")));
  }

  /** For certificates: with the server's own authority. */
  static Scene startWithAuthority(String name) throws Exception {
    Scene scene = start(name);
    try {
      scene.cli.initAuthority();
      return scene;
    } catch (Throwable e) {
      scene.close();
      throw e;
    }
  }

  private void prepareLogins() throws Exception {
    content.put("otherVaultUrl", arm.createVault("other"));
    content.put("reader", withSecret(application("reader", KEY_VAULT_SECRETS_USER)));
    content.put(
        "certificate", withCertificate(application("certificate", KEY_VAULT_SECRETS_OFFICER)));
    content.put("federated", federated(application("federated", KEY_VAULT_SECRETS_OFFICER)));
    content.put("tokens", refusedTokens());
  }

  private Cli.Application application(String name, String roleId) throws Exception {
    Cli.Application app = cli.createApplication(name);
    arm.assignRole(server.vaultId(server.get("vaultName")), roleId, app.objectId());
    return app;
  }

  private Map<String, String> withSecret(Cli.Application app) throws Exception {
    return Map.of("clientId", app.clientId(), "clientSecret", cli.addSecret(app.clientId()));
  }

  private Map<String, String> withCertificate(Cli.Application app) throws Exception {
    // Go writes the thumbprint in plain base64, so it must hold what base64url writes otherwise.
    do {
      Credentials.newCertificate(work, "client");
    } while (!Credentials.sha256(work.resolve("client.cer")).matches(".*[+/].*"));
    cli.addCertificate(app.clientId(), work.resolve("client.cer"));
    return Map.of(
        "clientId", app.clientId(), "certificateFile", work.resolve("client.pem").toString());
  }

  private Map<String, String> federated(Cli.Application app) throws Exception {
    KeyPair key = Credentials.newKey();
    Path jwks = work.resolve("issuer-jwks.json");
    Files.writeString(jwks, Credentials.jwks(key, KEY_ID));
    cli.addIssuer(ISSUER, jwks);
    cli.federate(app.clientId(), ISSUER, SUBJECT);
    long now = Instant.now().getEpochSecond();
    String token =
        Credentials.signedToken(
            Map.of("alg", "RS256", "typ", "JWT", "kid", KEY_ID),
            Map.of(
                "iss",
                ISSUER,
                "sub",
                SUBJECT,
                "aud",
                TOKEN_EXCHANGE,
                "iat",
                now,
                "nbf",
                now,
                "exp",
                now + 3600,
                "jti",
                UUID.randomUUID().toString()),
            key);
    Path file = work.resolve("federated-token");
    Files.writeString(file, token + "\n");
    return Map.of("clientId", app.clientId(), "tokenFile", file.toString());
  }

  /**
   * Tokens that are no good here: two with the server's own claims and key id but signed with
   * another key, a good one of another tenant, a good one for the management interface.
   */
  private Map<String, String> refusedTokens() throws Exception {
    String vaults = server.get("vaultUrl").replaceFirst("//[^.]+\\.", "//");
    String good = arm.token(vaults);
    Map<String, Object> header = Credentials.decoded(good, 0);
    Map<String, Object> claims = Credentials.decoded(good, 1);
    KeyPair otherKey = Credentials.newKey();
    long now = Instant.now().getEpochSecond();
    Map<String, Object> expired = new HashMap<>(claims);
    expired.putAll(Map.of("iat", now - 7200, "nbf", now - 7200, "exp", now - 3600));
    Cli.Tenant other = cli.createTenant("other");
    return Map.of(
        "expired",
        Credentials.signedToken(header, expired, otherKey),
        "forged",
        Credentials.signedToken(header, claims, otherKey),
        "otherTenant",
        arm.token(other.tenantId(), other.clientId(), other.clientSecret(), vaults),
        "otherAudience",
        arm.token(server.get("armUrl")));
  }

  Path file() {
    return work.resolve("scene.json");
  }

  Path trustStore() {
    return work.resolve("trust.p12");
  }

  /** A member of an application in the scene: {@code clientId}, {@code certificateFile}, ... */
  String credential(String application, String member) {
    return ((Map<?, ?>) content.get(application)).get(member).toString();
  }

  @Override
  public void close() {
    server.close();
  }
}
