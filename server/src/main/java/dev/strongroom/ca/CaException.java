package dev.strongroom.ca;

/** What an operator asked of the authority and does not get; the message says why. */
public final class CaException extends RuntimeException {
  CaException(String message) {
    super(message, null, false, false);
  }
}
