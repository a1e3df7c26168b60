package dev.strongroom.cli;

import picocli.CommandLine.Command;

/** {@code strongroom logout}: forgets the log-in; its access tokens were never kept. */
@Command(name = "logout", description = "Forget the log-in that is kept.")
public final class LogoutCommand implements Runnable {
  @Override
  public void run() {
    if (!Profile.of(System.getenv()).remove()) {
      throw new CliException("Nobody is logged in.");
    }
  }
}
