package dev.strongroom.vault;

import dev.strongroom.model.Id;
import java.util.Map;
import java.util.Optional;

/**
 * The one operation of a certificate that makes, or has made, its next version.
 *
 * @param version hexadecimal id of the version that it makes
 * @param csr the signing request, in DER
 * @param key the private key that waits for its certificate, sealed, as base64
 * @param publicKey the same key's public part, as it is stored
 * @param state what an issuer's last step left for the next
 * @param policy under which it began: it ends under no other, whatever becomes of the certificate's;
 *     empty once it has ended
 */
public record PendingCertificate(
    String requestId,
    String version,
    String issuer,
    byte[] csr,
    Status status,
    boolean cancellationRequested,
    Optional<Failure> failure,
    Optional<String> key,
    Optional<String> publicKey,
    boolean keepOrder,
    boolean enabled,
    Map<String, String> tags,
    Optional<String> state,
    Optional<CertificatePolicy> policy) {

  /** How far it is. */
  public enum Status {
    IN_PROGRESS("inProgress"),
    COMPLETED("completed"),
    CANCELED("canceled"),
    FAILED("failed");

    private final String wire;

    Status(String wire) {
      this.wire = wire;
    }

    public String wire() {
      return wire;
    }
  }

  /** Why it failed. */
  public record Failure(String code, String message) {}

  public PendingCertificate {
    tags = Map.copyOf(tags);
  }

  /** A renewal that came to nothing before there was a signing request. */
  static PendingCertificate failed(
      String requestId, String version, String issuer, Failure failure) {
    return new PendingCertificate(
        requestId,
        version,
        issuer,
        new byte[0],
        Status.FAILED,
        false,
        Optional.of(failure),
        Optional.empty(),
        Optional.empty(),
        false,
        true,
        Map.of(),
        Optional.empty(),
        Optional.empty());
  }

  /** The same at its end: a key that has waited is not kept. */
  PendingCertificate ended(Status end) {
    return ended(end, failure);
  }

  /** The same, failed for this reason. */
  PendingCertificate failed(Failure reason) {
    return ended(Status.FAILED, Optional.of(reason));
  }

  private PendingCertificate ended(Status end, Optional<Failure> reason) {
    return new PendingCertificate(
        requestId,
        version,
        issuer,
        csr,
        end,
        end == Status.CANCELED,
        reason,
        Optional.empty(),
        Optional.empty(),
        keepOrder,
        enabled,
        tags,
        Optional.empty(),
        Optional.empty());
  }

  /** The same a step further. */
  PendingCertificate at(Optional<String> next) {
    return new PendingCertificate(
        requestId,
        version,
        issuer,
        csr,
        status,
        cancellationRequested,
        failure,
        key,
        publicKey,
        keepOrder,
        enabled,
        tags,
        next,
        policy);
  }

  /** The same as it was before it completed, if it has. */
  public PendingCertificate begun() {
    return status == Status.COMPLETED ? ended(Status.IN_PROGRESS) : this;
  }

  /** What it ends under, given the certificate's policy of now. */
  CertificatePolicy under(CertificatePolicy now) {
    return policy.orElse(now);
  }

  Id versionId() {
    return Id.findHex(version).orElseThrow();
  }

  public boolean isInProgress() {
    return status == Status.IN_PROGRESS;
  }

  @Override
  public String toString() {
    return "PendingCertificate[" + requestId + ", " + status.wire() + ']';
  }
}
