package dev.strongroom.cli;

/**
 * What a command prints before it ends: what went wrong and, on the next line, what helps. The exit
 * code is az's: 3 for what is not there, 1 for everything else (2 is a wrong command line).
 */
public final class CliException extends RuntimeException {
  private static final int FAILED = 1;
  static final int NOT_FOUND = 3;

  private final int exitCode;

  private CliException(String message, int exitCode) {
    super(message, null, false, false);
    this.exitCode = exitCode;
  }

  public CliException(String message) {
    this(message, FAILED);
  }

  static CliException notFound(String message) {
    return new CliException(message, NOT_FOUND);
  }

  public int exitCode() {
    return exitCode;
  }
}
