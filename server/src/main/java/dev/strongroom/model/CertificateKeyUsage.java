package dev.strongroom.model;

import java.util.List;
import java.util.Optional;

/**
 * The bits of a certificate's key usage (RFC 5280 section 4.2.1.3) in their order, with what the
 * addressable key of the certificate may then be used for.
 *
 * @see <a href="https://learn.microsoft.com/azure/key-vault/certificates/about-certificates">About
 *     Azure Key Vault certificates</a>
 */
public enum CertificateKeyUsage {
  DIGITAL_SIGNATURE("digitalSignature", KeyOperation.SIGN, KeyOperation.VERIFY),
  NON_REPUDIATION("nonRepudiation", KeyOperation.SIGN, KeyOperation.VERIFY),
  KEY_ENCIPHERMENT("keyEncipherment", KeyOperation.WRAP_KEY, KeyOperation.UNWRAP_KEY),
  DATA_ENCIPHERMENT("dataEncipherment", KeyOperation.ENCRYPT, KeyOperation.DECRYPT),
  KEY_AGREEMENT("keyAgreement"),
  KEY_CERT_SIGN("keyCertSign", KeyOperation.SIGN, KeyOperation.VERIFY),
  CRL_SIGN("cRLSign", KeyOperation.SIGN, KeyOperation.VERIFY),
  ENCIPHER_ONLY("encipherOnly", KeyOperation.ENCRYPT),
  DECIPHER_ONLY("decipherOnly", KeyOperation.DECRYPT);

  private final String wire;
  private final List<KeyOperation> operations;

  CertificateKeyUsage(String wire, KeyOperation... operations) {
    this.wire = wire;
    this.operations = List.of(operations);
  }

  public String wire() {
    return wire;
  }

  public List<KeyOperation> operations() {
    return operations;
  }

  public static Optional<CertificateKeyUsage> find(String wire) {
    for (CertificateKeyUsage usage : values()) {
      if (usage.wire.equals(wire)) {
        return Optional.of(usage);
      }
    }
    return Optional.empty();
  }
}
