package dev.strongroom.server;

import java.util.Optional;
import picocli.CommandLine.Command;

@Command(name = "version", description = "Print the version.")
final class VersionCommand implements Runnable {
  static String version() {
    return Optional.ofNullable(VersionCommand.class.getPackage().getImplementationVersion())
        .orElse("unpackaged");
  }

  @Override
  public void run() {
    System.out.println("strongroom " + version() + " (Java " + Runtime.version() + ")");
  }
}
