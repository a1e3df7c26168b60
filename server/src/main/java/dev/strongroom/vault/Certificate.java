package dev.strongroom.vault;

import dev.strongroom.crypto.CertificateFacts;
import java.time.Instant;
import java.util.Optional;

/**
 * A certificate in one version, as everybody who may read it may know it.
 *
 * @param der empty while the first version is still to come
 */
public record Certificate(
    VaultObject object,
    Optional<byte[]> der,
    boolean keepOrder,
    CertificatePolicy policy,
    Instant policyCreated,
    Instant policyUpdated,
    Optional<PendingCertificate> pending) {

  static Certificate of(Stored stored) {
    CertificateCodec.Version version = CertificateCodec.version(stored.version());
    CertificateCodec.Whole whole = CertificateCodec.whole(stored.object());
    return new Certificate(
        stored.shown(),
        version.certificate(),
        version.keepOrder(),
        whole.policy(),
        whole.policyCreated(),
        whole.policyUpdated(),
        whole.pending());
  }

  public boolean isIssued() {
    return der.isPresent();
  }

  /** SHA-1 of the certificate as base64url, by which many programs know it. */
  public String x5t() {
    return CertificateFacts.x5t(der.orElseThrow());
  }
}
