package dev.strongroom.crypto;

import dev.strongroom.model.Ciphertext;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.ToSign;
import java.util.Optional;

/**
 * A key ready for use, by any number of threads. It takes exactly what the algorithm's row allows
 * and refuses the rest with Key Vault's error; whether the key may be used (key_ops, enabled, time)
 * is not its business.
 *
 * <p>What does not decrypt or unwrap is nothing, whatever was wrong with it.
 */
public interface OpenKey extends AutoCloseable {
  PublicJwk publicJwk();

  byte[] sign(KeyAlgorithm algorithm, ToSign what);

  boolean verify(KeyAlgorithm algorithm, ToSign what, byte[] signature);

  /** With the iv and the associated data that the caller gave, if any. */
  Ciphertext encrypt(
      KeyAlgorithm algorithm, SecretBytes plain, Optional<byte[]> iv, Optional<byte[]> aad);

  Optional<SecretBytes> decrypt(KeyAlgorithm algorithm, Ciphertext ciphertext);

  byte[] wrap(KeyAlgorithm algorithm, SecretBytes key);

  Optional<SecretBytes> unwrap(KeyAlgorithm algorithm, byte[] wrapped);

  /** Wipes what can be wiped; later use of the private part is refused. */
  @Override
  void close();
}
