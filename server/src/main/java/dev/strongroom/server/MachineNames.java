package dev.strongroom.server;

import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import java.io.IOException;

/**
 * Whether other programs of this machine can resolve a name. This process resolves names below
 * localhost by itself, so it must ask as others do: by the C library, through getent.
 */
final class MachineNames {
  private MachineNames() {}

  static boolean resolves(String host) throws UnknownHostException {
    try {
      Process process =
          new ProcessBuilder("getent", "hosts", host)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(2, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return false;
      }
      return process.exitValue() == 0;
    } catch (IOException e) {
      // because a machine without getent has no names of its own to ask for
      throw new UnknownHostException(host);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnknownHostException(host);
    }
  }
}
