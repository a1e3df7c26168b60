package dev.strongroom.model;

import java.util.List;
import java.util.Optional;

/**
 * What a certificate says beside its key, as the policy member {@code x509_props} has it. The subject
 * is a distinguished name in the form of RFC 4514 and may be empty; a path length is only of an
 * authority.
 */
public record X509Properties(
    String subject,
    List<String> ekus,
    SubjectNames names,
    List<CertificateKeyUsage> keyUsage,
    int validityMonths,
    boolean authority,
    Optional<Integer> pathLength) {

  public X509Properties {
    ekus = List.copyOf(ekus);
    keyUsage = List.copyOf(keyUsage);
  }
}
