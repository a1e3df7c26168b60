package dev.strongroom.crypto;

import dev.strongroom.model.Assurance;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.SecretBytes;

/**
 * The key of one version as it is kept: what is to be sealed, and what everybody may know. Who keeps
 * it never asks of which kind it is.
 *
 * <p>The first byte of what is sealed is the kind and its format: 1 is a software key.
 */
public sealed interface Material extends AutoCloseable permits SoftwareKey {
  PublicJwk publicJwk();

  /** To be sealed; still owned by this, which wipes it when closed. */
  SecretBytes stored();

  Assurance assurance();

  @Override
  void close();

  /** Takes over what {@link #stored} was; refuses what does not belong to the public key. */
  static Material read(SecretBytes stored, PublicJwk publicJwk) {
    if (stored.length() > 1 && stored.exposed()[0] == SoftwareKey.FORMAT) {
      return new SoftwareKey(publicJwk, stored);
    }
    throw new IllegalArgumentException("key material of an unknown format");
  }
}
