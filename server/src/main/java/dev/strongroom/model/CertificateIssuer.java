package dev.strongroom.model;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * An issuer of certificates that a vault knows by name: whose it is and how to sign in there. The
 * password is sealed under the issuer's own object key.
 */
public record CertificateIssuer(
    Id container,
    Id id,
    Sealed objectKey,
    String name,
    String provider,
    Optional<String> accountId,
    Optional<Sealed> password,
    Optional<String> organizationId,
    List<Administrator> administrators,
    boolean enabled,
    Instant created,
    Instant updated)
    implements Rule {

  /** Whom the issuer may ask about an organization. */
  public record Administrator(
      Optional<String> firstName,
      Optional<String> lastName,
      Optional<String> email,
      Optional<String> phone) {}

  public CertificateIssuer {
    administrators = List.copyOf(administrators);
  }

  @Override
  public String key() {
    return key(container, name);
  }

  public static String key(Id container, String name) {
    return container.hex() + '/' + name.toLowerCase(Locale.ROOT);
  }

  @Override
  public String parent() {
    return container.hex();
  }
}
