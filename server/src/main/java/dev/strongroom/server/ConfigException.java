package dev.strongroom.server;

/** A setting that stops the start; the message names the key. */
final class ConfigException extends RuntimeException {
  ConfigException(String message) {
    super(message, null, false, false);
  }
}
