package dev.strongroom.model;

/** What a signature is made over. */
public sealed interface ToSign {
  /** A digest that the caller made; for RSNULL and HMAC the bytes as they are. */
  record Digest(byte[] bytes) implements ToSign {}

  /** A whole message with its context (FIPS 204 section 5.2), for ML-DSA. */
  record Message(byte[] bytes, byte[] context) implements ToSign {
    public Message {
      if (context.length > KeyAlgorithm.ML_DSA_CONTEXT) {
        throw VaultException.of(ErrorCode.PROPERTY_INVALID, "property", "context");
      }
    }
  }

  /** The message representative of ML-DSA, made by the caller (FIPS 204 section 6.2). */
  record ExternalMu(byte[] bytes) implements ToSign {
    public ExternalMu {
      if (bytes.length != KeyAlgorithm.ML_DSA_MU) {
        throw VaultException.of(ErrorCode.PROPERTY_INVALID, "property", "external_mu");
      }
    }
  }
}
