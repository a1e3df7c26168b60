package dev.strongroom.seal;

/**
 * The given key opens no slot of its kind: a wrong passphrase or another installation's key file.
 * Nothing was changed; another key may be tried.
 */
public final class SlotMismatch extends RuntimeException {
  SlotMismatch(Slots.Kind kind) {
    super("this " + kind.title() + " opens none of the key slots", null, false, false);
  }
}
