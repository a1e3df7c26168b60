package dev.strongroom.ship;

import dev.strongroom.audit.TrailReader;
import dev.strongroom.model.Id;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * A syslog receiver over TLS (RFC 5425). The protocol has no acknowledgement, so a batch is confirmed
 * by ending the connection in order: we say close_notify, the receiver reads everything before that and
 * closes (section 4.4). A receiver that closed earlier, or without having read all, resets the
 * connection, which shows when one more byte is written below TLS; one that was killed closes in the same
 * way as one in order, but with it a second connection, opened before the end. Then the batch is sent
 * again. What a receiver that lives has read and then lost cannot be known here.
 */
public final class SyslogDestination implements Destination {
  /**
   * Where the receiver is and what messages say of us.
   *
   * @param context by which the receiver's certificate is judged, and ours if it asks
   * @param host what messages name as the machine that they are of
   */
  public record Settings(
      String receiver,
      int port,
      SSLContext context,
      int facility,
      int enterprise,
      String host,
      Id installation,
      String node) {}

  /** How long each part may take. */
  record Waits(Duration step, Duration confirm, Duration reset, Duration all) {
    static final Waits STANDARD =
        new Waits(
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            // longer than it takes a reset to come back
            Duration.ofMillis(500),
            Duration.ofSeconds(90));
  }

  private static final String ENDED =
      "the receiver ended as it closed, so it is not known what it has kept";

  private final Settings settings;
  private final Waits waits;
  private final SyslogMessage message;
  private volatile Socket socket;
  private SSLSocket tls;
  private OutputStream out;
  private CountDownLatch ended;

  public SyslogDestination(Settings settings) {
    this(settings, Waits.STANDARD);
  }

  SyslogDestination(Settings settings, Waits waits) {
    this.settings = settings;
    this.waits = waits;
    this.message =
        new SyslogMessage(
            settings.facility(),
            settings.enterprise(),
            settings.host(),
            settings.installation(),
            settings.node());
  }

  @Override
  public void send(TrailReader.Line line) throws IOException {
    if (tls == null) {
      connect();
    }
    out.write(message.frame(line));
  }

  private void connect() throws IOException {
    // the socket below stays ours, since what happens there tells whether all was read
    Socket raw = new Socket();
    socket = raw;
    CountDownLatch done = new CountDownLatch(1);
    ended = done;
    // because nothing else ends a write to a receiver that does not read
    Thread.ofVirtual().name("audit-ship-end").start(() -> end(raw, done));
    tls = secured(raw);
    out = new BufferedOutputStream(tls.getOutputStream(), 16 << 10);
  }

  private SSLSocket secured(Socket raw) throws IOException {
    raw.setTcpNoDelay(true);
    raw.setSoTimeout((int) waits.step().toMillis());
    raw.connect(
        new InetSocketAddress(settings.receiver(), settings.port()),
        (int) waits.step().toMillis());
    SSLSocket made =
        (SSLSocket)
            settings
                .context()
                .getSocketFactory()
                .createSocket(raw, settings.receiver(), settings.port(), false);
    SSLParameters parameters = made.getSSLParameters();
    parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    made.setSSLParameters(parameters);
    made.startHandshake();
    return made;
  }

  private void end(Socket raw, CountDownLatch done) {
    try {
      if (!done.await(waits.all().toMillis(), TimeUnit.MILLISECONDS)) {
        raw.close();
      }
    } catch (IOException | InterruptedException e) {
      // then it has ended already, or the JVM does
      return;
    }
  }

  @Override
  public void flush() throws IOException {
    if (tls != null) {
      out.flush();
    }
  }

  @Override
  public void confirm() throws IOException {
    if (tls == null) {
      return;
    }
    out.flush();
    try (Socket raw = new Socket();
        SSLSocket witness = secured(raw)) {
      end();
      requireOpen(witness);
    }
    abandon();
  }

  private void end() throws IOException {
    tls.shutdownOutput();
    socket.setSoTimeout((int) waits.confirm().toMillis());
    byte[] ignored = new byte[1024];
    try {
      while (tls.getInputStream().read(ignored) >= 0) {
        // a receiver has nothing to say, but may
      }
    } catch (SocketTimeoutException e) {
      throw new IOException(
          "the receiver does not close, so it is not known what it has (RFC 5425 section 4.4)", e);
    }
    try {
      Thread.sleep(waits.reset());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    try {
      socket.getOutputStream().write(0);
    } catch (IOException e) {
      throw new IOException("the receiver closed before it had read everything", e);
    }
  }

  private static void requireOpen(SSLSocket witness) throws IOException {
    witness.setSoTimeout(1);
    try {
      if (witness.getInputStream().read() >= 0) {
        return;
      }
    } catch (SocketTimeoutException e) {
      return;
    } catch (IOException e) {
      throw new IOException(ENDED, e);
    }
    throw new IOException(ENDED);
  }

  @Override
  public void abandon() {
    tls = null;
    out = null;
    if (ended != null) {
      ended.countDown();
      ended = null;
    }
    close();
  }

  @Override
  public void close() {
    Socket open = socket;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        // what was not confirmed is sent again in any case
        return;
      }
    }
  }

  @Override
  public String toString() {
    return "syslog " + settings.receiver() + ':' + settings.port();
  }
}
