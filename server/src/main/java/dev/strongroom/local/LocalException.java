package dev.strongroom.local;

/** A refusal on the machine itself; the message says what to do, and the command prints it. */
public final class LocalException extends RuntimeException {
  public LocalException(String message) {
    super(message, null, false, false);
  }
}
