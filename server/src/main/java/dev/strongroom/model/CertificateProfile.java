package dev.strongroom.model;

import java.util.List;

/**
 * What certificates of the built-in authority may be; a policy names one as its certificate type.
 *
 * @param ekus extended key usages that may be asked for
 * @param keyUsage key usages that may be asked for
 */
public record CertificateProfile(
    String name, int mostDays, List<String> ekus, List<CertificateKeyUsage> keyUsage)
    implements Rule {
  public static final String PARENT = "profile";

  public CertificateProfile {
    ekus = List.copyOf(ekus);
    keyUsage = List.copyOf(keyUsage);
  }

  @Override
  public String key() {
    return name;
  }

  @Override
  public String parent() {
    return PARENT;
  }
}
