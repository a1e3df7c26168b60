package dev.strongroom.server;

import java.io.PrintStream;
import java.lang.System.Logger.Level;
import java.util.concurrent.CountDownLatch;

/**
 * Keeps a command running until the process is asked to end (SIGTERM, SIGINT, SIGHUP), and then stops
 * the server in order. An orderly end is a success: the exit code is 0, not the signal's.
 */
final class OrderlyEnd {
  private static final System.Logger LOG = System.getLogger(OrderlyEnd.class.getName());

  private OrderlyEnd() {}

  /** From here on a signal closes the server. Called once, when it has started whole. */
  static void closes(AutoCloseable server) {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server), "stop"));
  }

  /** Never returns: the process ends in the hook. */
  static void await() throws InterruptedException {
    new CountDownLatch(1).await();
  }

  private static void end(AutoCloseable server) {
    int code = 0;
    try {
      server.close();
    } catch (Exception e) {
      LOG.log(Level.ERROR, "the server did not stop in order", e);
      code = 1;
    }
    for (PrintStream stream : new PrintStream[] {System.out, System.err}) {
      stream.flush();
    }
    // because the code of a process that a signal ends can be set in no other way
    Runtime.getRuntime().halt(code);
  }
}
