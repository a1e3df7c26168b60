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

  /** Host, in lower case, and port, 443 where none is written. */
  private record Authority(String host, int port) {
    static Optional<Authority> parse(String text) {
      String folded = text.toLowerCase(Locale.ROOT);
      boolean literal = folded.startsWith("[");
      int colon = folded.indexOf(':', literal ? folded.indexOf(']') + 1 : 0);
      String host = colon < 0 ? folded : folded.substring(0, colon);
      int port = colon < 0 ? HTTPS : port(folded.substring(colon + 1));
      return port >= 0 && (literal ? isLiteral(host) : isName(host))
          ? Optional.of(new Authority(host, port))
          : Optional.empty();
    }

    private static int port(String digits) {
      int port = digits.isEmpty() || digits.length() > 5 ? -1 : 0;
      for (int i = 0; port >= 0 && i < digits.length(); i++) {
        int digit = digits.charAt(i) - '0';
        port = digit < 0 || digit > 9 ? -1 : port * 10 + digit;
      }
      return port <= 0xffff ? port : -1;
    }

    private static boolean isName(String host) {
      for (int i = 0; i < host.length(); i++) {
        char c = host.charAt(i);
        boolean inner = c == '.' || c == '-';
        if (!isAlphanumeric(c) && c != '_' && !(inner && i > 0 && i < host.length() - 1)) {
          return false;
        }
      }
      return !host.isEmpty();
    }

    private static boolean isLiteral(String host) {
      for (int i = 1; i < host.length() - 1; i++) {
        char c = host.charAt(i);
        if (c != ':' && c != '.' && (!isAlphanumeric(c) || c > 'f')) {
          return false;
        }
      }
      return host.length() > 2 && host.endsWith("]");
    }

    private static boolean isAlphanumeric(char c) {
      return c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
    }
  }

  /** Whether the text has the form of an authority: host and port, nothing else. */
  public static boolean isAuthority(String text) {
    return Authority.parse(text).isPresent();
  }

  Optional<Place> find(String authority, List<String> segments) {
    Optional<Authority> parsed = Authority.parse(authority);
    if (parsed.isEmpty()) {
      return Optional.empty();
    }
    String host = parsed.get().host();
    int number = parsed.get().port();
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
