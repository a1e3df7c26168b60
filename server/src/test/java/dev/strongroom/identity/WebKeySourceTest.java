package dev.strongroom.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.strongroom.crypto.X509;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebKeySourceTest {
  private static final byte[] KEYS = {'{', '}'};

  private final CountDownLatch end = new CountDownLatch(1);
  private final AtomicInteger elsewhere = new AtomicInteger();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpsServer server;
  private SSLContext trust;
  private WebKeySource source;

  @BeforeEach
  void start() throws IOException, GeneralSecurityException {
    Instant now = Instant.now();
    X509.Issued authority =
        X509.newAuthority(
            "test",
            List.of("localhost"),
            List.of("127.0.0.0/8"),
            now.minus(Duration.ofHours(1)),
            now.plus(Duration.ofDays(1)));
    X509.Issued leaf =
        X509.newServerCertificate(
            authority,
            "localhost",
            List.of("localhost"),
            List.of(InetAddress.getByName("127.0.0.1")),
            now.minus(Duration.ofHours(1)),
            now.plus(Duration.ofDays(1)));
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(serverContext(leaf, authority)));
    server.setExecutor(threads);
    answer("/keys", KEYS);
    answer("/most", new byte[64 << 10]);
    answer("/large", new byte[(64 << 10) + 1]);
    server.createContext(
        "/moved",
        exchange -> {
          exchange.getResponseHeaders().set("Location", "/elsewhere");
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
    server.createContext(
        "/elsewhere",
        exchange -> {
          elsewhere.incrementAndGet();
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.createContext(
        "/endless",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(KEYS);
            out.flush();
            end.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    server.start();
    trust = clientContext(authority);
    source = new WebKeySource(trust);
  }

  @AfterEach
  void stop() {
    end.countDown();
    server.stop(0);
    threads.close();
  }

  @Test
  void fetch_overHttps_isTheBody() throws IOException {
    assertThat(source.fetch(uri("/keys"))).isEqualTo(KEYS);
    assertThat(source.fetch(uri("/most"))).hasSize(64 << 10);
  }

  @Test
  void fetch_tooLarge_isRefused() {
    assertThatIOException().isThrownBy(() -> source.fetch(uri("/large")));
  }

  @Test
  void fetch_redirected_isRefused_andNotFollowed() {
    assertThatIOException()
        .isThrownBy(() -> source.fetch(uri("/moved")))
        .withMessageContaining("302");
    assertThat(elsewhere).hasValue(0);
  }

  @Test
  void fetch_bodyThatNeverEnds_isGivenUp() {
    WebKeySource hasty = new WebKeySource(trust, Duration.ofSeconds(1));

    // the server holds the answer back until the test ends: only giving up leads here
    assertThatIOException().isThrownBy(() -> hasty.fetch(uri("/endless")));
  }

  @Test
  void fetch_certificateNotTrusted_isRefused() throws GeneralSecurityException {
    WebKeySource stranger = new WebKeySource(SSLContext.getDefault());

    assertThatIOException().isThrownBy(() -> stranger.fetch(uri("/keys")));
  }

  @Test
  void fetch_plainHttp_isRefused() {
    URI plain = URI.create("http://localhost:" + server.getAddress().getPort() + "/keys");

    assertThatIOException()
        .isThrownBy(() -> source.fetch(plain))
        .withMessageContaining("over https");
  }

  @Test
  void fetch_file_isItsContent_withinTheLimit(@TempDir Path folder) throws IOException {
    Path small = Files.write(folder.resolve("small"), KEYS);
    Path large = Files.write(folder.resolve("large"), new byte[(64 << 10) + 1]);

    assertThat(source.fetch(small.toUri())).isEqualTo(KEYS);
    assertThatIOException().isThrownBy(() -> source.fetch(large.toUri()));
    assertThatIOException().isThrownBy(() -> source.fetch(folder.resolve("none").toUri()));
  }

  private URI uri(String path) {
    return URI.create("https://localhost:" + server.getAddress().getPort() + path);
  }

  private void answer(String path, byte[] body) {
    server.createContext(
        path,
        exchange -> {
          exchange.sendResponseHeaders(200, body.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
          }
        });
  }

  private static SSLContext serverContext(X509.Issued leaf, X509.Issued authority)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "server",
        KeyFactory.getInstance("EC")
            .generatePrivate(new PKCS8EncodedKeySpec(leaf.privateKey().exposed())),
        new char[0],
        new Certificate[] {jdk(leaf), jdk(authority)});
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  private static SSLContext clientContext(X509.Issued authority)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("ca", jdk(authority));
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private static Certificate jdk(X509.Issued issued) throws GeneralSecurityException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificate(new ByteArrayInputStream(issued.certificate().der()));
  }
}
