package dev.strongroom.server;

import dev.strongroom.http.Hosts;
import dev.strongroom.http.Proxies;
import dev.strongroom.mail.SmtpRelay;
import dev.strongroom.model.ContainerName;
import dev.strongroom.crypto.ChosenEngine;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.toml.TomlMapper;

/**
 * Reads a TOML file into a {@link Config}. Every scalar can be overridden by a variable: {@code
 * postgres.poolSize} by STRONGROOM_POSTGRES_POOL_SIZE, {@code listeners[0].port} by
 * STRONGROOM_LISTENERS_0_PORT.
 */
final class ConfigFile {
  private static final String PREFIX = "STRONGROOM_";

  /** Variables of the launcher and the client that are not settings. */
  private static final Set<String> NOT_SETTINGS =
      Set.of("STRONGROOM_JAVA_HOME", "STRONGROOM_JAVA_OPTS", "STRONGROOM_HOME");

  private static final Pattern CLIENT = Pattern.compile("STRONGROOM_CLIENT_.*");
  private static final Pattern NODE = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final Pattern SHIP = Pattern.compile("[a-z0-9][a-z0-9-]{0,30}");
  private static final Pattern DOMAIN =
      Pattern.compile("(?=.{1,200}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");

  private final Map<String, String> scalars = new LinkedHashMap<>();
  private final Map<String, List<String>> lists = new LinkedHashMap<>();
  private final Set<String> scalarKeys = new HashSet<>();
  private final Set<String> listKeys = new HashSet<>();
  private final Map<String, String> environment;
  private final Path base;
  private int listenerCount;
  private int acmeCount;
  private int shipCount;

  private ConfigFile(Path base, Map<String, String> environment) {
    this.base = base;
    this.environment = environment;
  }

  static Config read(Path file, Map<String, String> environment) {
    JsonNode tree;
    try {
      tree = TomlMapper.builder().build().readTree(Files.readString(file));
    } catch (IOException e) {
      throw new ConfigException("cannot read " + file + ": " + e.getMessage());
    } catch (JacksonException e) {
      throw new ConfigException(file + " is not TOML: " + e.getOriginalMessage());
    }
    Path base = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("/"));
    ConfigFile reader = new ConfigFile(base, environment);
    reader.flatten("", tree);
    Config config = reader.config();
    reader.refuseUnused();
    return config;
  }

  private void flatten(String path, JsonNode node) {
    if (node.isObject()) {
      node.properties()
          .forEach(
              member ->
                  flatten(
                      path.isEmpty() ? member.getKey() : path + '.' + member.getKey(),
                      member.getValue()));
    } else if (node.isArray() && node.size() > 0 && node.get(0).isObject()) {
      for (int i = 0; i < node.size(); i++) {
        flatten(path + '[' + i + ']', node.get(i));
      }
      if (path.equals("listeners")) {
        listenerCount = node.size();
      } else if (path.equals("acme")) {
        acmeCount = node.size();
      } else if (path.equals("audit.ship")) {
        shipCount = node.size();
      }
    } else if (node.isArray()) {
      List<String> items = new ArrayList<>();
      for (JsonNode item : node) {
        if (item.isContainer()) {
          throw new ConfigException(path + " must be a list of single values");
        }
        items.add(item.asString());
      }
      lists.put(path, items);
    } else {
      scalars.put(path, node.asString());
    }
  }

  private Config config() {
    Config.StoreKind kind = choice("store", Config.StoreKind.class, Config.StoreKind.SQLITE);
    Config.Store store =
        new Config.Store(
            kind,
            text("postgres.url"),
            text("postgres.user"),
            path("postgres.passwordFile"),
            number("postgres.poolSize", 8, 2, 200));
    if (kind == Config.StoreKind.POSTGRES) {
      required("postgres.url");
      required("postgres.user");
    }
    List<Config.Listener> listeners = new ArrayList<>();
    while (environment.containsKey(PREFIX + "LISTENERS_" + listenerCount + "_PORT")) {
      listenerCount++;
    }
    for (int i = 0; i < listenerCount; i++) {
      String at = "listeners[" + i + "].";
      listeners.add(
          new Config.Listener(
              required(at + "address"),
              number(at + "port", 443, 0, 65535),
              choice(at + "role", Config.ListenerRole.class, Config.ListenerRole.API),
              path(at + "certificate"),
              path(at + "key"),
              proxies(at + "trustedProxies")));
      if (listeners.getLast().role() == Config.ListenerRole.API) {
        required(at + "certificate");
        required(at + "key");
      } else {
        refuse(at + "certificate", "is not of a listener in the clear");
        refuse(at + "key", "is not of a listener in the clear");
      }
    }
    if (listeners.stream().noneMatch(one -> one.role() == Config.ListenerRole.API)) {
      throw new ConfigException(
          "listeners: at least one [[listeners]] with address, certificate and key is needed");
    }
    Map<String, String> aliases = new LinkedHashMap<>();
    for (String key : List.copyOf(scalars.keySet())) {
      if (key.startsWith("aliases.")) {
        aliases.put(alias(key), vault(key));
      }
    }
    return new Config(
        base.resolve(required("data")),
        matching("node", NODE, text("node").orElse("node-1")),
        matching("domain", DOMAIN, required("domain")),
        text("location").orElse("local"),
        store,
        new Config.Unseal(path("unseal.keyFile"), path("unseal.passphraseFile")),
        listeners,
        new Config.Admin(text("admin.address").orElse("127.0.0.1"), number("admin.port", 8200, 0, 65535)),
        new Config.Log(choice("log.format", Config.LogFormat.class, Config.LogFormat.TEXT)),
        otlp(),
        new Config.Audit(
            choice("audit.sync", Config.AuditSync.class, Config.AuditSync.GROUP),
            number("audit.reserveMebibytes", 64, 1, 65536),
            number("audit.segmentMebibytes", 64, 1, 1024),
            number("audit.segmentHours", 24, 1, 8760),
            number("audit.retainDays", 1, 36500),
            number("audit.retainMebibytes", 16, 16_777_216),
            ships()),
        new Config.Cache(number("cache.maxStalenessMillis", 1_000, 300, 10_000)),
        new Config.Nodes(
            number("nodes.maxClockDifferenceMillis", 5_000, 100, 60_000),
            number("nodes.takeOverSeconds", 600, 1, 86_400)),
        new Config.Tokens(
            number("tokens.lifetimeSeconds", 3600, 300, 86400), list("tokens.vaultAudiences")),
        new Config.Keys(
            flag("keys.symmetric", false),
            choice("keys.engine", ChosenEngine.Wanted.class, ChosenEngine.Wanted.AUTO)),
        mail(),
        acme(),
        aliases);
  }

  private List<Config.Acme> acme() {
    List<Config.Acme> all = new ArrayList<>();
    while (environment.containsKey(PREFIX + "ACME_" + acmeCount + "_DIRECTORY")) {
      acmeCount++;
    }
    for (int i = 0; i < acmeCount; i++) {
      String at = "acme[" + i + "].";
      all.add(
          new Config.Acme(
              required(at + "name"),
              address(at + "directory", required(at + "directory"), Set.of("https")),
              text(at + "email"),
              text(at + "accountId"),
              path(at + "accountKeyFile"),
              path(at + "authorities"),
              list(at + "domains"),
              path(at + "hook"),
              number(at + "hookSeconds", 60, 1, 200),
              number(at + "propagationSeconds", 30, 0, 3600)));
      if (all.getLast().accountId().isPresent()) {
        required(at + "accountKeyFile");
      }
    }
    if (all.stream().map(one -> one.name().toLowerCase(Locale.ROOT)).distinct().count() < all.size()) {
      throw new ConfigException("acme: two have the same name");
    }
    return all;
  }

  private List<Config.Ship> ships() {
    List<Config.Ship> all = new ArrayList<>();
    while (environment.containsKey(PREFIX + "AUDIT_SHIP_" + shipCount + "_TO")) {
      shipCount++;
    }
    for (int i = 0; i < shipCount; i++) {
      String at = "audit.ship[" + i + "].";
      required(at + "to");
      all.add(
          new Config.Ship(
              matching(at + "name", SHIP, required(at + "name")),
              choice(at + "to", Config.ShipKind.class, Config.ShipKind.SYSLOG),
              text(at + "host"),
              number(at + "port", 6514, 1, 65535),
              path(at + "authorities"),
              path(at + "certificate"),
              path(at + "key"),
              number(at + "facility", 13, 0, 23),
              number(at + "enterpriseNumber", 32_473, 1, Integer.MAX_VALUE),
              path(at + "path"),
              number(at + "rotateMebibytes", 100, 1, 65_536),
              number(at + "keep", 10, 1, 1_000)));
      switch (all.getLast().to()) {
        case SYSLOG -> {
          required(at + "host");
          List.of("path", "rotateMebibytes", "keep")
              .forEach(key -> refuse(at + key, "is not of a syslog receiver"));
          if (all.getLast().certificate().isPresent() || all.getLast().key().isPresent()) {
            required(at + "certificate");
            required(at + "key");
          }
        }
        case FILE -> {
          required(at + "path");
          List.of(
                  "host", "port", "authorities", "certificate", "key", "facility",
                  "enterpriseNumber")
              .forEach(key -> refuse(at + key, "is not of a file"));
        }
      }
    }
    if (all.stream().map(Config.Ship::name).distinct().count() < all.size()) {
      throw new ConfigException("audit.ship: two have the same name");
    }
    return all;
  }

  private static URI address(String key, String text, Set<String> schemes) {
    try {
      URI uri = new URI(text);
      if (uri.getScheme() != null && schemes.contains(uri.getScheme()) && uri.getHost() != null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      throw new ConfigException(key + " is not an address: " + text);
    }
    throw new ConfigException(
        key + " must begin with " + String.join(":// or ", schemes) + "://, not " + text);
  }

  private Config.Otlp otlp() {
    Config.Otlp otlp =
        new Config.Otlp(
            text("otlp.endpoint")
                .map(text -> address("otlp.endpoint", text, Set.of("https", "http"))),
            flag("otlp.traces", true),
            flag("otlp.logs", true),
            number("otlp.tracePercent", Config.Otlp.NONE.tracePercent(), 0, 100),
            path("otlp.authorities"),
            path("otlp.authorizationFile"));
    if (otlp.authorizationFile().isPresent()
        && otlp.endpoint().filter(uri -> uri.getScheme().equals("http")).isPresent()) {
      throw new ConfigException("otlp.authorizationFile: it is never sent in the clear");
    }
    return otlp;
  }

  private Config.Mail mail() {
    Config.Mail mail =
        new Config.Mail(
            text("mail.host"),
            number("mail.port", Config.Mail.NONE.port(), 1, 65535),
            choice(
                "mail.protection", SmtpRelay.Protection.class, Config.Mail.NONE.protection()),
            text("mail.user"),
            path("mail.passwordFile"),
            text("mail.from"),
            path("mail.authorities"));
    if (mail.host().isPresent()) {
      required("mail.from");
    }
    if (mail.user().isPresent()) {
      required("mail.passwordFile");
      if (mail.protection() == SmtpRelay.Protection.PLAIN) {
        throw new ConfigException("mail.user: a password is never sent in the clear");
      }
    }
    return mail;
  }

  private void refuseUnused() {
    for (String key : scalars.keySet()) {
      if (!scalarKeys.contains(key)) {
        throw new ConfigException(
            key + (listKeys.contains(key) ? " must be a list" : " is not a setting"));
      }
    }
    for (String key : lists.keySet()) {
      if (!listKeys.contains(key)) {
        throw new ConfigException(
            key + (scalarKeys.contains(key) ? " must not be a list" : " is not a setting"));
      }
    }
    Set<String> variables = new HashSet<>();
    scalarKeys.forEach(key -> variables.add(variable(key)));
    listKeys.forEach(key -> variables.add(variable(key)));
    for (String name : environment.keySet()) {
      if (name.startsWith(PREFIX)
          && !variables.contains(name)
          && !NOT_SETTINGS.contains(name)
          && !CLIENT.matcher(name).matches()) {
        throw new ConfigException(name + " names no setting");
      }
    }
  }

  /** postgres.poolSize -> STRONGROOM_POSTGRES_POOL_SIZE. */
  static String variable(String key) {
    StringBuilder name = new StringBuilder(PREFIX);
    for (char c : key.toCharArray()) {
      if (c == ']') {
        continue;
      }
      if (Character.isUpperCase(c)) {
        name.append('_');
      }
      name.append(c == '.' || c == '[' ? '_' : Character.toUpperCase(c));
    }
    return name.toString();
  }

  private Optional<String> text(String key) {
    scalarKeys.add(key);
    return Optional.ofNullable(environment.getOrDefault(variable(key), scalars.get(key)))
        .filter(value -> !value.isBlank());
  }

  private String required(String key) {
    return text(key).orElseThrow(() -> new ConfigException(key + " is missing"));
  }

  private void refuse(String key, String why) {
    if (text(key).isPresent()) {
      throw new ConfigException(key + ' ' + why);
    }
  }

  private Optional<Path> path(String key) {
    return text(key).map(base::resolve);
  }

  private List<String> list(String key) {
    listKeys.add(key);
    String override = environment.get(variable(key));
    if (override != null) {
      return override.isBlank() ? List.of() : List.of(override.split("\\s*,\\s*"));
    }
    return lists.getOrDefault(key, List.of());
  }

  private List<String> proxies(String key) {
    List<String> addresses = list(key);
    try {
      Proxies.of(addresses);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(key + ": " + e.getMessage());
    }
    return addresses;
  }

  private static String alias(String key) {
    String host = key.substring("aliases.".length()).toLowerCase(Locale.ROOT);
    if (!Hosts.isAuthority(host)) {
      throw new ConfigException(key + " is not a host or HOST:PORT");
    }
    return host;
  }

  private String vault(String key) {
    String name = required(key);
    if (!ContainerName.isValid(name)) {
      throw new ConfigException(key + " is not a vault name: " + name);
    }
    return name;
  }

  private int number(String key, int missing, int least, int most) {
    return number(key, least, most).orElse(missing);
  }

  private Optional<Integer> number(String key, int least, int most) {
    Optional<String> value = text(key);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    int number;
    try {
      number = Integer.parseInt(value.get());
    } catch (NumberFormatException e) {
      throw new ConfigException(key + " is not a number: " + value.get());
    }
    if (number < least || number > most) {
      throw new ConfigException(key + " must be " + least + " to " + most + ", not " + number);
    }
    return Optional.of(number);
  }

  private boolean flag(String key, boolean missing) {
    return switch (text(key).orElse(Boolean.toString(missing)).toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new ConfigException(key + " must be true or false");
    };
  }

  private <E extends Enum<E>> E choice(String key, Class<E> type, E missing) {
    Optional<String> value = text(key);
    if (value.isEmpty()) {
      return missing;
    }
    for (E constant : type.getEnumConstants()) {
      if (word(constant).equalsIgnoreCase(value.get())) {
        return constant;
      }
    }
    throw new ConfigException(
        key
            + " must be one of "
            + Stream.of(type.getEnumConstants()).map(ConfigFile::word).toList());
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String matching(String key, Pattern allowed, String value) {
    if (!allowed.matcher(value).matches()) {
      throw new ConfigException(key + " has the invalid value " + value);
    }
    return value;
  }
}
