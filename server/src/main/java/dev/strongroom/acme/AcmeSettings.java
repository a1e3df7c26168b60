package dev.strongroom.acme;

import dev.strongroom.model.SecretBytes;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * An outside authority and how it is asked.
 *
 * @param name by which issuer objects name it, as their account id
 * @param bound the account there that this one is to belong to
 * @param domains for which it is asked, each with what is below it; empty: for every one
 * @param hook makes and removes TXT records; without it challenges are answered over HTTP
 * @param propagation how long a TXT record takes until everybody sees it
 */
public record AcmeSettings(
    String name,
    URI directory,
    Optional<String> email,
    Optional<Bound> bound,
    SSLContext trust,
    List<String> domains,
    Optional<Path> hook,
    Duration hookLongest,
    Duration propagation) {

  /** An external account (RFC 8555 section 7.3.4); the key in base64url. */
  public record Bound(String id, SecretBytes key) {}

  public AcmeSettings {
    domains = domains.stream().map(domain -> domain.toLowerCase(Locale.ROOT)).toList();
  }

  /** Whether it may be asked for this name. */
  boolean permits(String dnsName) {
    String bare = dnsName.startsWith("*.") ? dnsName.substring(2) : dnsName;
    return domains.isEmpty()
        || domains.stream().anyMatch(domain -> bare.equals(domain) || bare.endsWith('.' + domain));
  }
}
