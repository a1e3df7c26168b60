package dev.strongroom.http;

import dev.strongroom.model.ContainerKind;
import dev.strongroom.model.ContainerName;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which hosts are this server's: {@code NAME.vault.DOMAIN}, {@code login.DOMAIN}, {@code
 * management.DOMAIN}, aliases of vaults, and, where a local vault is named, localhost and the
 * loopback addresses, where the path decides.
 *
 * @param aliases authority (host, with the port where it is not 443) to vault name
 * @param localVault the vault that localhost answers for; only {@code dev} names one
 */
public record Hosts(String domain, Map<String, String> aliases, Optional<String> localVault) {
  private static final Pattern AUTHORITY =
      Pattern.compile("([a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?|\\[[0-9a-f:.]+])(?::([0-9]{1,5}))?");
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}|\\[(?:0*:)*:?0*1]");
  private static final Set<String> COLLECTIONS =
      Set.of(
          "",
          "secrets",
          "deletedsecrets",
          "keys",
          "deletedkeys",
          "certificates",
          "deletedcertificates");
  private static final Set<String> MANAGEMENT =
      Set.of("subscriptions", "providers", "metadata", "tenants", "strongroom");
  private static final Set<String> LOGIN =
      Set.of("oauth2", ".well-known", "discovery", "v2.0", "userrealm");
  private static final int HTTPS = 443;

  public Hosts {
    domain = domain.toLowerCase(Locale.ROOT);
    Map<String, String> folded = new HashMap<>();
    aliases.forEach((host, vault) -> folded.put(host.toLowerCase(Locale.ROOT), vault));
    aliases = Map.copyOf(folded);
  }

  /** Whether the text has the form of an authority: host and port, nothing else. */
  public static boolean isAuthority(String text) {
    var matcher = AUTHORITY.matcher(text.toLowerCase(Locale.ROOT));
    return matcher.matches()
        && (matcher.group(2) == null || Integer.parseInt(matcher.group(2)) <= 0xffff);
  }

  Optional<Place> find(String authority, List<String> segments) {
    var matcher = AUTHORITY.matcher(authority.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String host = matcher.group(1);
    int number = matcher.group(2) == null ? HTTPS : Integer.parseInt(matcher.group(2));
    String port = number == HTTPS ? "" : ":" + number;
    String written = host + port;
    String login = "login." + domain + port;
    if (host.equals("login." + domain)) {
      return place(Role.LOGIN, written, login, port, Optional.empty(), Optional.empty());
    }
    if (host.equals("management." + domain)) {
      return place(Role.MANAGEMENT, written, login, port, Optional.empty(), Optional.empty());
    }
    for (ContainerKind kind : ContainerKind.values()) {
      String suffix = '.' + kind.hostLabel() + '.' + domain;
      if (host.endsWith(suffix)) {
        String name = host.substring(0, host.length() - suffix.length());
        return ContainerName.isValid(name)
            ? place(Role.VAULT, written, login, port, Optional.of(kind), Optional.of(name))
            : Optional.empty();
      }
    }
    Optional<String> alias =
        Optional.ofNullable(aliases.get(written)).or(() -> Optional.ofNullable(aliases.get(host)));
    boolean local = localVault.isPresent() && LOOPBACK.matcher(host).matches();
    if (alias.isEmpty() && !local) {
      return Optional.empty();
    }
    Role role = byPath(segments);
    if (role == Role.MANAGEMENT && !local) {
      role = Role.VAULT;
    }
    return role == Role.VAULT
        ? place(
            role,
            written,
            written,
            port,
            Optional.of(ContainerKind.VAULT),
            alias.or(() -> localVault))
        : place(role, written, written, port, Optional.empty(), Optional.empty());
  }

  private static Role byPath(List<String> segments) {
    String first = segments.getFirst().toLowerCase(Locale.ROOT);
    if (COLLECTIONS.contains(first)) {
      return Role.VAULT;
    }
    if (MANAGEMENT.contains(first)) {
      return Role.MANAGEMENT;
    }
    boolean login =
        segments.stream().skip(1).anyMatch(s -> LOGIN.contains(s.toLowerCase(Locale.ROOT)));
    return login ? Role.LOGIN : Role.VAULT;
  }

  private Optional<Place> place(
      Role role,
      String authority,
      String login,
      String port,
      Optional<ContainerKind> kind,
      Optional<String> container) {
    return Optional.of(new Place(role, authority, login, domain, port, kind, container));
  }
}
