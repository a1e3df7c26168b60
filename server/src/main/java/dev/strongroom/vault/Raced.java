package dev.strongroom.vault;

/** What was read before a change no longer holds inside it; thrown to undo the change. */
final class Raced extends RuntimeException {
  Raced() {
    super(null, null, false, false);
  }
}
