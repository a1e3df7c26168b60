package dev.strongroom.crypto;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeyOperation;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.ToSign;
import dev.strongroom.model.VaultException;
import java.util.Optional;

/** The refusals that all open keys share. */
final class Refused {
  private Refused() {}

  /** Callers that know the key's identifier have asked before, and named it. */
  static void unlessFits(KeyAlgorithm algorithm, KeyOperation operation, PublicJwk key) {
    algorithm.require(operation, key, "of this request");
  }

  static void unlessLength(KeyAlgorithm algorithm, String property, byte[] bytes, int wanted) {
    if (bytes.length != wanted) {
      throw VaultException.of(
          ErrorCode.INPUT_LENGTH_EXACT,
          "property", property,
          "length", Integer.toString(bytes.length),
          "algorithm", algorithm.wire(),
          "wanted", Integer.toString(wanted));
    }
  }

  /** The digest; a context or a message representative is for ML-DSA alone. */
  static byte[] unlessDigest(ToSign what) {
    return switch (what) {
      case ToSign.Digest digest -> digest.bytes();
      case ToSign.Message _ -> throw property("context");
      case ToSign.ExternalMu _ -> throw property("external_mu");
    };
  }

  static VaultException length(KeyAlgorithm algorithm, int length, String wanted) {
    return VaultException.of(
        ErrorCode.INPUT_LENGTH,
        "property", "value",
        "length", Integer.toString(length),
        "algorithm", algorithm.wire(),
        "wanted", wanted);
  }

  /** For members of a request that the algorithm has no use for. */
  static void ifThere(String property, Optional<byte[]> bytes) {
    if (bytes.isPresent()) {
      throw property(property);
    }
  }

  static VaultException property(String property) {
    return VaultException.of(ErrorCode.PROPERTY_INVALID, "property", property);
  }

  /** For an operation that the algorithm's row does not list: {@link #unlessFits} came first. */
  static IllegalStateException unreachable(KeyAlgorithm algorithm) {
    return new IllegalStateException(algorithm + " passed a check that it cannot pass");
  }
}
