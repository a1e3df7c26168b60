package dev.strongroom.ship;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.TrustedAuthorities;
import dev.strongroom.crypto.X509;
import dev.strongroom.model.Id;
import dev.strongroom.model.SecretBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SyslogDestinationTest {
  private static final Instant NOW = Instant.now();
  private static final X509.Issued AUTHORITY = authority("Syslog");
  private static final SyslogDestination.Waits SHORT =
      new SyslogDestination.Waits(
          Duration.ofSeconds(5),
          Duration.ofSeconds(1),
          Duration.ofMillis(200),
          Duration.ofSeconds(3));

  private static X509.Issued authority(String name) {
    return X509.newAuthority(
        name,
        List.of("localhost"),
        List.of("127.0.0.0/8"),
        NOW.minus(Duration.ofHours(1)),
        NOW.plus(Duration.ofDays(1)));
  }

  private static byte[] pem(X509.Issued issued) {
    return issued.certificate().pem().getBytes(StandardCharsets.US_ASCII);
  }

  private static SSLContext own(X509.Issued by, String name) throws IOException {
    X509.Issued leaf =
        X509.newServerCertificate(
            by,
            name,
            List.of(name),
            List.<InetAddress>of(),
            NOW.minus(Duration.ofHours(1)),
            NOW.plus(Duration.ofDays(1)));
    return showing(leaf, AUTHORITY);
  }

  private static SSLContext showing(X509.Issued ours, X509.Issued trusted) {
    try (SecretBytes key = ours.privateKeyPem()) {
      return TrustedAuthorities.with(Optional.of(pem(trusted)), pem(ours), key);
    }
  }

  /** What a receiver does with its first connection. */
  private interface Conversation {
    void run(SSLSocket connection) throws Exception;
  }

  /** One that closes as many in C do: without a word, and with whatever is unread. */
  private static final class Receiver implements AutoCloseable {
    private final ServerSocket server;
    private final List<Socket> others = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private Receiver(SSLContext context, String protocol, Conversation conversation)
        throws IOException {
      server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  serve(context, protocol, conversation);
                  ended.complete(null);
                } catch (Exception e) {
                  ended.completeExceptionally(e);
                }
              });
    }

    private void serve(SSLContext context, String protocol, Conversation conversation)
        throws Exception {
      try (Socket raw = server.accept()) {
        Thread.ofVirtual().start(() -> serveOthers(context, protocol));
        conversation.run(secured(context, protocol, raw));
      }
    }

    private static SSLSocket secured(SSLContext context, String protocol, Socket raw)
        throws IOException {
      SSLSocket connection =
          (SSLSocket) context.getSocketFactory().createSocket(raw, (InputStream) null, false);
      connection.setEnabledProtocols(new String[] {protocol});
      return connection;
    }

    /** Keeps further connections until their other end closes. */
    private void serveOthers(SSLContext context, String protocol) {
      while (true) {
        try (Socket raw = server.accept()) {
          others.add(raw);
          secured(context, protocol, raw)
              .getInputStream()
              .transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
          if (server.isClosed()) {
            return;
          }
        }
      }
    }

    /** As the end of a process closes them. */
    private void closeOthers() throws IOException {
      for (Socket other : others) {
        other.close();
      }
    }

    private SyslogDestination.Settings settings(SSLContext context) {
      return new SyslogDestination.Settings(
          "localhost",
          server.getLocalPort(),
          context,
          13,
          32473,
          "h",
          Id.guid("0f2c8a51-7d3e-4b1c-9a60-5e1b8c0d7f11"),
          "node-1");
    }

    private SyslogDestination destination() {
      return new SyslogDestination(settings(TrustedAuthorities.only(pem(AUTHORITY))), SHORT);
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }

  private static void send(SyslogDestination to, int count) throws IOException {
    for (int i = 1; i <= count; i++) {
      to.send(Chain.read(i));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void confirm_receiverThatReadsAllAndCloses_hasEveryFrame(String protocol) throws Exception {
    ByteArrayOutputStream got = new ByteArrayOutputStream();
    try (Receiver receiver =
        new Receiver(
            own(AUTHORITY, "localhost"), protocol, c -> c.getInputStream().transferTo(got))) {
      SyslogDestination to = receiver.destination();
      send(to, 500);
      to.confirm();
      receiver.ended.get(10, TimeUnit.SECONDS);
    }
    String all = got.toString(StandardCharsets.US_ASCII);
    for (int i = 1; i <= 500; i++) {
      int space = all.indexOf(' ');
      int length = Integer.parseInt(all.substring(0, space));
      String message = all.substring(space + 1, space + 1 + length);
      assertThat(message).startsWith("<110>1 ").contains(" seq=\"" + i + "\" ").endsWith("}");
      all = all.substring(space + 1 + length);
    }
    assertThat(all).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void confirm_receiverThatLeavesSomethingUnread_isNotBelieved(String protocol) throws Exception {
    try (Receiver receiver =
        new Receiver(
            own(AUTHORITY, "localhost"),
            protocol,
            connection -> {
              readSome(connection);
              // until more has come than was read
              TimeUnit.MILLISECONDS.sleep(300);
            })) {
      SyslogDestination to = receiver.destination();
      assertThatThrownBy(
              () -> {
                send(to, 2_000);
                to.confirm();
              })
          .isInstanceOf(IOException.class);
      to.abandon();
    }
  }

  @Test
  void confirm_receiverThatHadClosedBefore_isNotBelieved() throws Exception {
    try (Receiver receiver =
        new Receiver(
            own(AUTHORITY, "localhost"), "TLSv1.3", SyslogDestinationTest::readSome)) {
      SyslogDestination to = receiver.destination();
      send(to, 1);
      to.flush();
      receiver.ended.get(10, TimeUnit.SECONDS);
      assertThatThrownBy(
              () -> {
                to.send(Chain.read(2));
                to.confirm();
              })
          .isInstanceOf(IOException.class);
      to.abandon();
    }
  }

  @Test
  void confirm_receiverThatDiesOnceItHasReadAll_isNotBelieved() throws Exception {
    CompletableFuture<Receiver> dying = new CompletableFuture<>();
    try (Receiver receiver =
        new Receiver(
            own(AUTHORITY, "localhost"),
            "TLSv1.3",
            connection -> {
              connection.getInputStream().transferTo(OutputStream.nullOutputStream());
              dying.get(10, TimeUnit.SECONDS).closeOthers();
            })) {
      dying.complete(receiver);
      SyslogDestination to = receiver.destination();
      send(to, 10);
      assertThatThrownBy(to::confirm).hasMessageContaining("ended as it closed");
      to.abandon();
    }
  }

  @Test
  void confirm_receiverThatDoesNotClose_isNotBelieved() throws Exception {
    CompletableFuture<Void> over = new CompletableFuture<>();
    try (Receiver receiver =
        new Receiver(
            own(AUTHORITY, "localhost"),
            "TLSv1.3",
            connection -> {
              connection.startHandshake();
              over.get(30, TimeUnit.SECONDS);
            })) {
      SyslogDestination to = receiver.destination();
      send(to, 1);
      assertThatThrownBy(to::confirm).hasMessageContaining("does not close");
      to.abandon();
      over.complete(null);
    }
  }

  @Test
  void send_receiverThatDoesNotRead_endsInBoundedTime() throws Exception {
    CompletableFuture<Void> over = new CompletableFuture<>();
    try (Receiver receiver =
        new Receiver(
            own(AUTHORITY, "localhost"),
            "TLSv1.3",
            connection -> {
              connection.startHandshake();
              over.get(30, TimeUnit.SECONDS);
            })) {
      SyslogDestination to = receiver.destination();
      assertThatThrownBy(() -> send(to, 1_000_000)).isInstanceOf(IOException.class);
      to.abandon();
      over.complete(null);
    }
  }

  @Test
  void send_receiverOfAnotherAuthorityOrName_getsNothing() throws Exception {
    for (SSLContext wrong :
        List.of(own(authority("Other"), "localhost"), own(AUTHORITY, "other.localhost"))) {
      ByteArrayOutputStream got = new ByteArrayOutputStream();
      try (Receiver receiver =
          new Receiver(wrong, "TLSv1.3", c -> c.getInputStream().transferTo(got))) {
        SyslogDestination to = receiver.destination();
        assertThatThrownBy(() -> send(to, 1)).isInstanceOf(IOException.class);
        to.abandon();
        assertThat(got.size()).isZero();
      }
    }
  }

  @Test
  void send_receiverThatAsksForOurCertificate_getsItWhereThereIsOne() throws Exception {
    CompletableFuture<String> name = new CompletableFuture<>();
    Conversation asking =
        connection -> {
          connection.setNeedClientAuth(true);
          connection.startHandshake();
          X509Certificate theirs =
              (X509Certificate) connection.getSession().getPeerCertificates()[0];
          name.complete(theirs.getSubjectX500Principal().getName());
          connection.getInputStream().transferTo(new ByteArrayOutputStream());
        };
    X509.Issued node = authority("node");
    X509.Issued leaf =
        X509.newServerCertificate(
            AUTHORITY,
            "localhost",
            List.of("localhost"),
            List.<InetAddress>of(),
            NOW.minus(Duration.ofHours(1)),
            NOW.plus(Duration.ofDays(1)));
    SSLContext trusting = showing(leaf, node);
    try (Receiver receiver = new Receiver(trusting, "TLSv1.3", asking)) {
      SyslogDestination to =
          new SyslogDestination(receiver.settings(showing(node, AUTHORITY)), SHORT);
      send(to, 1);
      to.confirm();
      assertThat(name.get(10, TimeUnit.SECONDS)).isEqualTo("CN=node");
    }
    try (Receiver receiver = new Receiver(trusting, "TLSv1.3", asking)) {
      SyslogDestination to = receiver.destination();
      assertThatThrownBy(
              () -> {
                send(to, 1);
                to.confirm();
              })
          .isInstanceOf(IOException.class);
      to.abandon();
    }
  }

  @Test
  void send_nobodyListens_fails() throws Exception {
    Receiver receiver = new Receiver(own(AUTHORITY, "localhost"), "TLSv1.3", c -> {});
    receiver.close();
    SyslogDestination to = receiver.destination();
    assertThatThrownBy(() -> send(to, 1)).isInstanceOf(IOException.class);
    to.abandon();
  }

  private static void readSome(SSLSocket connection) throws IOException {
    InputStream in = connection.getInputStream();
    assertThat(in.read(new byte[10])).isPositive();
  }
}
