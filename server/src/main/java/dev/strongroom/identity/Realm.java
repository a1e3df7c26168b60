package dev.strongroom.identity;

import dev.strongroom.model.Id;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The names that tokens carry, all made from the server's domain: issuers, the login host, the
 * resource of each {@link Audience}. A resource is https with exactly that host; its port and one
 * closing slash do not matter, everything else does.
 *
 * @param loginAliases further hosts that token requests may be addressed to
 * @param localAliases hosts such as localhost under which the vault itself is reached; asked for as
 *     a resource they mean the vault audience
 * @param extraAudiences further resource strings, such as application ids, by exact text
 */
public record Realm(
    String domain,
    Set<String> loginAliases,
    Set<String> localAliases,
    Map<String, Audience> extraAudiences) {

  /** A resource that a token may be asked for, and how the token will name it. */
  record Target(Audience audience, String named) {}

  public Realm {
    domain = domain.toLowerCase(Locale.ROOT);
    loginAliases = Set.copyOf(loginAliases);
    localAliases = Set.copyOf(localAliases);
    extraAudiences = Map.copyOf(extraAudiences);
  }

  public static Realm of(String domain) {
    return new Realm(domain, Set.of(), Set.of(), Map.of());
  }

  public String loginHost() {
    return "login." + domain;
  }

  /** The issuer of access tokens: the same behind every port and alias. */
  public String issuer(Id tenant) {
    return "https://sts." + domain + '/' + tenant.guid() + '/';
  }

  /** The issuer of what is not an access token. */
  public String issuerV2(Id tenant) {
    return "https://" + loginHost() + '/' + tenant.guid() + "/v2.0";
  }

  public String resource(Audience audience) {
    return "https://" + audience.hostLabel() + '.' + domain;
  }

  /** Whom a token with this aud is for. Aliases are not looked at: no issued token names them. */
  Optional<Audience> audience(String aud) {
    return host(aud).flatMap(this::ofHost);
  }

  /** What a client asks for by this resource. */
  Optional<Target> target(String resource) {
    Optional<String> host = host(resource);
    Optional<Audience> direct = host.flatMap(this::ofHost);
    if (direct.isPresent()) {
      return Optional.of(new Target(direct.get(), resource));
    }
    Optional<Audience> extra = Optional.ofNullable(extraAudiences.get(resource));
    return extra
        .or(() -> host.filter(localAliases::contains).map(alias -> Audience.VAULT))
        .map(audience -> new Target(audience, resource(audience)));
  }

  /** Whether token requests may be addressed to this host (without a port). */
  boolean isLoginHost(String host) {
    String folded = host.toLowerCase(Locale.ROOT);
    return folded.equals(loginHost())
        || loginAliases.contains(folded)
        || localAliases.contains(folded);
  }

  private Optional<Audience> ofHost(String host) {
    for (Audience audience : Audience.values()) {
      if (host.equals(audience.hostLabel() + '.' + domain)) {
        return Optional.of(audience);
      }
    }
    return Optional.empty();
  }

  private static Optional<String> host(String resource) {
    return https(resource)
        .filter(uri -> uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"))
        .map(URI::getHost);
  }

  /** An https address of a host, a path, perhaps a port, and nothing else; host in lower case. */
  static Optional<URI> https(String text) {
    try {
      URI uri = new URI(text);
      if (!"https".equalsIgnoreCase(uri.getScheme())
          || uri.getHost() == null
          || uri.getRawUserInfo() != null
          || uri.getRawQuery() != null
          || uri.getRawFragment() != null
          || uri.getRawPath() == null) {
        return Optional.empty();
      }
      return Optional.of(
          new URI(
              "https",
              null,
              uri.getHost().toLowerCase(Locale.ROOT),
              uri.getPort(),
              uri.getPath(),
              null,
              null));
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }
}
