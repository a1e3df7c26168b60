package dev.strongroom.mail;

import dev.strongroom.crypto.X509;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.subethamail.smtp.MessageContext;
import org.subethamail.smtp.MessageHandler;
import org.subethamail.smtp.RejectException;
import org.subethamail.smtp.auth.EasyAuthenticationHandlerFactory;
import org.subethamail.smtp.auth.LoginFailedException;
import org.subethamail.smtp.server.SMTPServer;

/** A real SMTP server on a free port of loopback, with TLS for the name localhost only. */
public final class TestRelay implements AutoCloseable {
  public static final String USER = "strongroom";
  public static final String PASSWORD = "relay-pass-4711";

  /** What it took. */
  public record Taken(String from, List<String> recipients, String data) {}

  private final X509.Issued authority;
  private final SMTPServer server;
  public final List<Taken> taken = new CopyOnWriteArrayList<>();
  public final Set<String> refused = ConcurrentHashMap.newKeySet();
  public volatile Optional<RejectException> refusal = Optional.empty();

  /** With or without STARTTLS; it wants the log-in in both cases where {@code logIn} says so. */
  public TestRelay(boolean startTls, boolean logIn) throws Exception {
    Instant now = Instant.now();
    authority =
        X509.newAuthority(
            "Test relay authority",
            List.of("localhost"),
            List.of("127.0.0.0/8"),
            now.minus(Duration.ofHours(1)),
            now.plus(Duration.ofHours(1)));
    X509.Issued own =
        X509.newServerCertificate(
            authority,
            "localhost",
            List.of("localhost"),
            List.of(),
            now.minus(Duration.ofHours(1)),
            now.plus(Duration.ofHours(1)));
    SMTPServer.Builder builder =
        SMTPServer.port(0)
            .bindAddress(InetAddress.getLoopbackAddress())
            .messageHandlerFactory(Handler::new);
    if (startTls) {
      builder.enableTLS().requireTLS().startTlsSocketFactory(context(own));
    }
    if (logIn) {
      builder
          .requireAuth()
          .showAuthCapabilitiesBeforeSTARTTLS(false)
          .authenticationHandlerFactory(
              new EasyAuthenticationHandlerFactory((user, password, _) -> logIn(user, password)));
    }
    server = builder.build();
    server.start();
  }

  private static void logIn(String user, String password) throws LoginFailedException {
    if (!user.equals(USER) || !password.equals(PASSWORD)) {
      throw new LoginFailedException();
    }
  }

  private static SSLContext context(X509.Issued own) throws Exception {
    Certificate certificate =
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(own.certificate().der()));
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "own",
        KeyFactory.getInstance("EC")
            .generatePrivate(new PKCS8EncodedKeySpec(own.privateKey().exposed())),
        new char[0],
        new Certificate[] {certificate});
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  public int port() {
    return server.getPortAllocated();
  }

  public byte[] authority() {
    return authority.certificate().pem().getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void close() {
    server.stop();
  }

  private final class Handler implements MessageHandler {
    private final List<String> recipients = new ArrayList<>();
    private String from;

    Handler(MessageContext context) {}

    @Override
    public void from(String sender) {
      from = sender;
    }

    @Override
    public void recipient(String recipient) throws RejectException {
      if (refused.contains(recipient)) {
        throw new RejectException(550, "no <" + recipient + "> here");
      }
      recipients.add(recipient);
    }

    @Override
    public String data(InputStream data) throws RejectException, IOException {
      String text = new String(data.readAllBytes(), StandardCharsets.UTF_8);
      if (refusal.isPresent()) {
        throw refusal.get();
      }
      taken.add(new Taken(from, List.copyOf(recipients), text));
      return null;
    }

    @Override
    public void done() {}
  }
}
