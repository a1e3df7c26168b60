package dev.strongroom.crypto;

import dev.strongroom.model.Assurance;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.PrivateJwk;

/** A place where keys are made and used. */
public interface KeyBackend extends AutoCloseable {
  Assurance assurance();

  /** May take a second for a large RSA key; 429 when too many are being made. */
  Material generate(KeySpec spec);

  /** Takes a key whose members all belong together; refuses any other, naming the member. */
  Material importJwk(PrivateJwk jwk);

  /** The material stays the caller's, who may close it at once. */
  OpenKey open(Material material);

  /** Wipes keys that were made ahead and belong to nobody yet. */
  void forgetSpares();

  @Override
  void close();
}
