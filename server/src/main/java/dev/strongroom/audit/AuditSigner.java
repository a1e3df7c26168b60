package dev.strongroom.audit;

/** Signs checkpoints with the installation's audit key. */
interface AuditSigner {
  byte[] sign(byte[] text);

  boolean verify(byte[] signature, byte[] text);

  /** Which key this is: the start of the SHA-256 of its SubjectPublicKeyInfo. */
  String keyId();
}
