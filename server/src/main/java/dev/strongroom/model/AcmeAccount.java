package dev.strongroom.model;

import java.time.Instant;
import java.util.Optional;

/**
 * The server's account at an outside certificate authority (RFC 8555), its key sealed under the system
 * key.
 *
 * @param name of the configuration's entry
 * @param publicKey as DER
 * @param location the account's address there; empty until the authority has made it
 */
public record AcmeAccount(
    String name,
    String directory,
    Optional<String> location,
    byte[] publicKey,
    Sealed privateKey,
    Instant created)
    implements Rule {
  public static final String PARENT = "acme";

  /** The same at that address. */
  public AcmeAccount at(Optional<String> where) {
    return new AcmeAccount(name, directory, where, publicKey, privateKey, created);
  }

  @Override
  public String key() {
    return name;
  }

  @Override
  public String parent() {
    return PARENT;
  }

  @Override
  public String toString() {
    return "AcmeAccount[" + name + ", " + directory + ']';
  }
}
