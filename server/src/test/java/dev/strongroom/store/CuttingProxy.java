package dev.strongroom.store;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Phaser;

/**
 * What lies between a node and its database, on loopback: it passes everything on until it is told to
 * hold it back (as a network that was cut does), to close, or to lose a commit's answer.
 */
public final class CuttingProxy implements AutoCloseable {
  /** What becomes of the next commit that a client sends. */
  public enum NextCommit {
    PASSES,
    ARRIVES_UNANSWERED,
    /** And from then on every connection is refused. */
    ARRIVES_LAST,
    IS_LOST
  }

  /** As PostgreSQL's protocol has the text of a statement, with its end. */
  private static final byte[] COMMIT = "commit\0".getBytes(StandardCharsets.US_ASCII);

  private final ServerSocket listening;
  private final int target;
  private final Set<Closeable> open = ConcurrentHashMap.newKeySet();
  private final Phaser held = new Phaser(1);
  private volatile boolean isHolding;
  private volatile boolean isRefusing;
  private volatile NextCommit next = NextCommit.PASSES;
  private volatile boolean isClosed;

  public CuttingProxy(int target) throws IOException {
    this.target = target;
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  public int port() {
    return listening.getLocalPort();
  }

  /** Nothing arrives any more, and nobody is told. */
  public void hold() {
    isHolding = true;
  }

  /** Every connection ends, and new ones are not taken. */
  public void refuse() throws IOException {
    isRefusing = true;
    closeAll();
  }

  public void pass() throws IOException {
    if (isHolding) {
      // what was held would arrive in the middle of something else
      closeAll();
    }
    isHolding = false;
    isRefusing = false;
    held.arrive();
  }

  public void nextCommit(NextCommit what) {
    next = what;
  }

  private void accept() {
    while (!isClosed) {
      try {
        Socket client = listening.accept();
        if (isRefusing) {
          client.close();
          continue;
        }
        Thread.ofVirtual().start(() -> connect(client));
      } catch (IOException e) {
        if (!isClosed) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void connect(Socket client) {
    awaitPassing();
    try (client;
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
      open.add(client);
      open.add(server);
      Thread back = Thread.ofVirtual().start(() -> copy(server, client, false));
      copy(client, server, true);
      back.join();
    } catch (IOException | InterruptedException e) {
      // the one end is gone, and with it the other
    } finally {
      open.remove(client);
    }
  }

  private void copy(Socket from, Socket to, boolean isFromClient) {
    byte[] buffer = new byte[16 << 10];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        awaitPassing();
        if (isFromClient && next != NextCommit.PASSES && isCommit(buffer, read)) {
          NextCommit what = next;
          next = NextCommit.PASSES;
          isRefusing = what == NextCommit.ARRIVES_LAST;
          if (what != NextCommit.IS_LOST) {
            out.write(buffer, 0, read);
            out.flush();
          }
          from.close();
          for (Closeable each : open) {
            if (isRefusing && each != to) {
              each.close();
            }
          }
          // until the database has done it: it closes when it finds nobody to answer
          to.shutdownOutput();
          while (to.getInputStream().read(buffer) >= 0) {
            continue;
          }
          return;
        }
        out.write(buffer, 0, read);
        out.flush();
      }
    } catch (IOException e) {
      // the one end is gone, and with it the other
    } finally {
      open.remove(from);
      open.remove(to);
    }
  }

  private void awaitPassing() {
    int phase = held.getPhase();
    while (isHolding && !isClosed) {
      held.awaitAdvance(phase);
      phase = held.getPhase();
    }
  }

  private static boolean isCommit(byte[] buffer, int length) {
    for (int i = 0; i + COMMIT.length <= length; i++) {
      if (Arrays.equals(buffer, i, i + COMMIT.length, COMMIT, 0, COMMIT.length)) {
        return true;
      }
    }
    return false;
  }

  private void closeAll() throws IOException {
    for (Closeable each : open) {
      each.close();
    }
  }

  @Override
  public void close() throws IOException {
    isClosed = true;
    listening.close();
    held.forceTermination();
    closeAll();
  }
}
