package dev.strongroom.cli;

/** What a command prints before it exits with 1: what went wrong and, on the next line, what helps. */
public final class CliException extends RuntimeException {
  public CliException(String message) {
    super(message, null, false, false);
  }
}
