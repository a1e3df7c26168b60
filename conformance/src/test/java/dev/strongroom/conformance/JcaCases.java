package dev.strongroom.conformance;

import com.azure.core.util.polling.SyncPoller;
import com.azure.identity.ClientSecretCredentialBuilder;
import com.azure.security.keyvault.certificates.CertificateClient;
import com.azure.security.keyvault.certificates.CertificateClientBuilder;
import com.azure.security.keyvault.certificates.models.CertificateKeyCurveName;
import com.azure.security.keyvault.certificates.models.CertificateKeyType;
import com.azure.security.keyvault.certificates.models.CertificateOperation;
import com.azure.security.keyvault.certificates.models.CertificatePolicy;
import com.azure.security.keyvault.certificates.models.KeyVaultCertificateWithPolicy;
import com.azure.security.keyvault.certificates.models.SubjectAlternativeNames;
import com.azure.security.keyvault.jca.KeyVaultJcaProvider;
import com.azure.security.keyvault.jca.KeyVaultLoadStoreParameter;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The program that serves HTTPS with certificates and keys of the vault through the Key Vault JCA
 * provider, and reports one line per case (TAP). Clients verify chain and name as always.
 */
final class JcaCases {
  private static final int RENEWALS = 20;
  private static final int CLIENTS = 3;

  /** A case that may fail in any way. */
  private interface Case {
    void run() throws Exception;
  }

  private final JsonNode scene;
  private final CertificateClient admin;
  private final Map<String, Case> cases = new LinkedHashMap<>();

  private JcaCases(JsonNode scene) {
    this.scene = scene;
    this.admin =
        new CertificateClientBuilder()
            .vaultUrl(text("vaultUrl"))
            .credential(
                new ClientSecretCredentialBuilder()
                    .authorityHost(text("authorityHost"))
                    .tenantId(text("tenantId"))
                    .clientId(admin("clientId"))
                    .clientSecret(admin("clientSecret"))
                    .disableInstanceDiscovery()
                    .build())
            .disableChallengeResourceVerification()
            .buildClient();
    cases.put(
        "serves_rsaKeyThatMayLeave_clientTrustsTheCertificate",
        () -> serves("rsa-leaves", policy(true).setKeyType(CertificateKeyType.RSA)));
    cases.put(
        "serves_rsaKeyThatNeverLeaves_clientTrustsTheCertificate",
        () -> serves("rsa-stays", policy(false).setKeyType(CertificateKeyType.RSA)));
    cases.put(
        "serves_ecKeyThatNeverLeaves_clientTrustsTheCertificate", () -> serves("ec-stays", ec()));
    cases.put("renewed_twentyTimesUnderLoad_noRequestFails", this::renewed);
  }

  public static void main(String[] arguments) throws Exception {
    JsonNode scene = JsonMapper.shared().readTree(Path.of(System.getenv("STRONGROOM_SCENE")));
    Security.insertProviderAt(new KeyVaultJcaProvider(), 1);
    System.exit(new JcaCases(scene).run() ? 0 : 1);
  }

  private boolean run() {
    System.out.println("1.." + cases.size());
    boolean passed = true;
    for (Map.Entry<String, Case> each : cases.entrySet()) {
      try {
        each.getValue().run();
        System.out.println("ok " + each.getKey());
      } catch (Exception | AssertionError e) {
        passed = false;
        e.printStackTrace();
        System.out.println(
            "not ok " + each.getKey() + " - " + e.toString().replaceAll("\\s+", " "));
      }
    }
    return passed;
  }

  private static CertificatePolicy policy(boolean exportable) {
    return new CertificatePolicy(
            "Self", "CN=localhost", new SubjectAlternativeNames().setDnsNames(List.of("localhost")))
        .setExportable(exportable)
        .setValidityInMonths(1);
  }

  private static CertificatePolicy ec() {
    return policy(false)
        .setKeyType(CertificateKeyType.EC)
        .setKeyCurveName(CertificateKeyCurveName.P_256);
  }

  private X509Certificate create(String name, CertificatePolicy policy) throws Exception {
    SyncPoller<CertificateOperation, KeyVaultCertificateWithPolicy> poller =
        admin.beginCreateCertificate(name, policy).setPollInterval(Duration.ofMillis(20));
    poller.waitForCompletion(Duration.ofMinutes(1));
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(
                new ByteArrayInputStream(admin.getCertificate(name).getCer()));
  }

  /** What the vault has now, as the provider sees it. */
  private KeyStore fromVault() throws Exception {
    KeyVaultLoadStoreParameter where =
        new KeyVaultLoadStoreParameter(
            text("vaultUrl"), text("tenantId"), admin("clientId"), admin("clientSecret"));
    // because the token is for the vault's domain, which is not Azure's
    where.disableChallengeResourceVerification();
    KeyStore store = KeyStore.getInstance("AzureKeyVault");
    store.load(where);
    return store;
  }

  private void serves(String name, CertificatePolicy policy) throws Exception {
    X509Certificate made = create(name, policy);
    try (Server server = new Server(new Current(name, fromVault()))) {
      equal(server.get(trusting(Set.of(made))), made, "certificate of the server");
    }
  }

  private void renewed() throws Exception {
    Set<X509Certificate> trusted = ConcurrentHashMap.newKeySet();
    trusted.add(create("renewed", ec()));
    Current current = new Current("renewed", fromVault());
    AtomicBoolean goesOn = new AtomicBoolean(true);
    AtomicInteger answered = new AtomicInteger();
    Set<X509Certificate> seen = ConcurrentHashMap.newKeySet();
    try (Server server = new Server(current);
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      List<Future<?>> running =
          IntStream.range(0, CLIENTS)
              .<Future<?>>mapToObj(
                  _ ->
                      clients.submit(
                          () -> {
                            while (goesOn.get()) {
                              seen.add(server.get(trusting(trusted)));
                              answered.incrementAndGet();
                            }
                            return null;
                          }))
              .toList();
      try {
        for (int i = 0; i < RENEWALS; i++) {
          X509Certificate next = create("renewed", ec());
          trusted.add(next);
          current.reload(fromVault());
          int before = answered.get();
          waitUntil(
              () ->
                  seen.contains(next) && answered.get() > before
                      || running.stream().anyMatch(Future::isDone));
        }
      } finally {
        goesOn.set(false);
      }
      for (Future<?> client : running) {
        client.get(1, TimeUnit.MINUTES);
      }
    }
    equal(seen.size(), RENEWALS + 1, "certificates that clients saw");
    System.err.println(answered.get() + " requests during " + RENEWALS + " renewals, 0 failed");
  }

  private static void waitUntil(BooleanSupplier reached) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!reached.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("no client saw the new certificate in 30 s");
      }
      Thread.sleep(5);
    }
  }

  private static SSLContext trusting(Set<X509Certificate> certificates) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    int count = 0;
    for (X509Certificate certificate : certificates) {
      store.setCertificateEntry("trusted" + count++, certificate);
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private String text(String name) {
    return scene.get(name).asString();
  }

  private String admin(String name) {
    return scene.get("admin").get(name).asString();
  }

  private static void equal(Object actual, Object expected, String what) {
    if (!actual.equals(expected)) {
      throw new AssertionError(what + ": expected " + expected + ", got " + actual);
    }
  }

  /** The JDK's HTTPS server on a free port of loopback. */
  private static final class Server implements AutoCloseable {
    private final HttpsServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    Server(Current current) throws Exception {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {current}, null, null);
      server =
          HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setHttpsConfigurator(new HttpsConfigurator(context));
      server.setExecutor(threads);
      server.createContext(
          "/",
          exchange -> {
            byte[] body = "OK".getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
          });
      server.start();
    }

    /** One request over a new connection, as any client makes it; answers the certificate. */
    X509Certificate get(SSLContext trust) throws Exception {
      try (SSLSocket socket =
          (SSLSocket)
              trust
                  .getSocketFactory()
                  .createSocket("localhost", server.getAddress().getPort())) {
        socket.setSoTimeout(30_000);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        socket
            .getOutputStream()
            .write(
                "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
        String answer = answer(socket.getInputStream());
        if (!answer.startsWith("HTTP/1.1 200 ") || !answer.endsWith("OK")) {
          throw new AssertionError("answer: " + answer);
        }
        return (X509Certificate) socket.getSession().getPeerCertificates()[0];
      }
    }

    private static String answer(InputStream in) throws IOException {
      StringBuilder answer = new StringBuilder();
      while (answer.indexOf("\r\n\r\nOK") < 0) {
        int next = in.read();
        if (next < 0) {
          break;
        }
        answer.append((char) next);
      }
      return answer.toString();
    }

    @Override
    public void close() {
      server.stop(0);
      threads.shutdownNow();
    }
  }

  /** The key manager of a server that changes its certificate without a stop. */
  private static final class Current extends X509ExtendedKeyManager {
    /** A certificate and its key belong together, whatever has been loaded in between. */
    private record Loaded(X509Certificate[] chain, PrivateKey key) {}

    private final String name;
    private final Map<String, Loaded> versions = new ConcurrentHashMap<>();
    private final AtomicInteger count = new AtomicInteger();
    private volatile String newest;

    Current(String name, KeyStore store) throws Exception {
      this.name = name;
      reload(store);
    }

    void reload(KeyStore store) throws Exception {
      Certificate[] chain = store.getCertificateChain(name);
      String alias = name + '-' + count.incrementAndGet();
      versions.put(
          alias,
          new Loaded(
              List.of(chain).toArray(X509Certificate[]::new),
              (PrivateKey) store.getKey(name, new char[0])));
      newest = alias;
    }

    @Override
    public String chooseEngineServerAlias(String type, Principal[] issuers, SSLEngine engine) {
      return type.startsWith(kind()) ? newest : null;
    }

    private String kind() {
      return versions.get(newest).chain()[0].getPublicKey().getAlgorithm();
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return versions.get(alias).chain();
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return versions.get(alias).key();
    }

    @Override
    public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
      return chooseEngineServerAlias(type, issuers, null);
    }

    @Override
    public String[] getServerAliases(String type, Principal[] issuers) {
      return new String[] {newest};
    }

    @Override
    public String[] getClientAliases(String type, Principal[] issuers) {
      return null;
    }

    @Override
    public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
      return null;
    }
  }
}
