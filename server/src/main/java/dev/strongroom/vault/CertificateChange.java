package dev.strongroom.vault;

import java.util.Map;
import java.util.Optional;

/**
 * The members of a create, import, merge or update beside the certificate itself; what is absent
 * keeps its value or default. The times of a certificate are its own and never changed.
 */
public record CertificateChange(
    Optional<Boolean> enabled, Optional<Map<String, String>> tags, Optional<Boolean> keepOrder) {

  public static CertificateChange none() {
    return new CertificateChange(Optional.empty(), Optional.empty(), Optional.empty());
  }
}
