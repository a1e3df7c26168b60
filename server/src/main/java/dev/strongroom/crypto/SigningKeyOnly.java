package dev.strongroom.crypto;

import dev.strongroom.model.Ciphertext;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeyOperation;
import dev.strongroom.model.SecretBytes;
import java.util.Optional;

/** What keys answer that can only sign: every algorithm that encrypts is for another type. */
interface SigningKeyOnly extends OpenKey {
  @Override
  default Ciphertext encrypt(
      KeyAlgorithm algorithm, SecretBytes plain, Optional<byte[]> iv, Optional<byte[]> aad) {
    throw refused(algorithm, KeyOperation.ENCRYPT);
  }

  @Override
  default Optional<SecretBytes> decrypt(KeyAlgorithm algorithm, Ciphertext ciphertext) {
    throw refused(algorithm, KeyOperation.DECRYPT);
  }

  @Override
  default byte[] wrap(KeyAlgorithm algorithm, SecretBytes key) {
    throw refused(algorithm, KeyOperation.WRAP_KEY);
  }

  @Override
  default Optional<SecretBytes> unwrap(KeyAlgorithm algorithm, byte[] wrapped) {
    throw refused(algorithm, KeyOperation.UNWRAP_KEY);
  }

  private RuntimeException refused(KeyAlgorithm algorithm, KeyOperation operation) {
    Refused.unlessFits(algorithm, operation, publicJwk());
    return Refused.unreachable(algorithm);
  }
}
