package dev.strongroom.model;

/**
 * Makes and checks the MACs of stored rows, under a system subkey. The store calls it on every write
 * and every load of a row that decides; the seal supplies it.
 */
public interface RowAuthenticator {
  /** A 32-byte MAC over the parts, each with its length, so that parts cannot run together. */
  byte[] mac(byte[]... parts);

  boolean matches(byte[] mac, byte[]... parts);
}
