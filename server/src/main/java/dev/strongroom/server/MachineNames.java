package dev.strongroom.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What this machine is called, and whether other programs of this machine can resolve a name. This process resolves names below
 * localhost by itself, so it must ask as others do: by the C library, through getent.
 */
final class MachineNames {
  private MachineNames() {}

  /** The name of this machine, where it has one that it can resolve. */
  static Optional<String> ours() {
    try {
      return Optional.of(InetAddress.getLocalHost().getHostName());
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  /** Also false where there is no getent: then it cannot be promised. */
  static boolean resolves(String host) {
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
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
