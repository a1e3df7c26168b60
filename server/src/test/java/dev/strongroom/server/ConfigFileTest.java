package dev.strongroom.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.ChosenEngine;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {
  private static final String LEAST =
      """
      data = "data"
      domain = "example.test"
      [[listeners]]
      address = "127.0.0.1"
      certificate = "tls/server.pem"
      key = "tls/server.key"
      """;

  @TempDir Path folder;

  @Test
  void read_onlyWhatIsNeeded_hasExactlyTheseDefaults() throws IOException {
    assertThat(read(LEAST, Map.of()))
        .isEqualTo(
            new Config(
                folder.resolve("data"),
                "node-1",
                "example.test",
                "local",
                new Config.Store(
                    Config.StoreKind.SQLITE,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    8),
                new Config.Unseal(Optional.empty(), Optional.empty()),
                List.of(
                    new Config.Listener(
                        "127.0.0.1",
                        443,
                        Config.ListenerRole.API,
                        Optional.of(folder.resolve("tls/server.pem")),
                        Optional.of(folder.resolve("tls/server.key")),
                        List.of())),
                new Config.Admin("127.0.0.1", 8200),
                new Config.Log(Config.LogFormat.TEXT),
                Config.Otlp.NONE,
                new Config.Audit(Config.AuditSync.GROUP, 64),
                new Config.Cache(1_000),
                new Config.Nodes(5_000, 600),
                new Config.Tokens(3600, List.of()),
                new Config.Keys(false, ChosenEngine.Wanted.AUTO),
                Config.Mail.NONE,
                List.of(),
                Map.of()));
  }

  @Test
  void read_everyKeySet_isWhatTheFileSays() throws IOException {
    Config config =
        read(
            """
            data = "/var/lib/strongroom"
            node = "a"
            domain = "example.test"
            location = "basement"
            store = "postgres"
            [postgres]
            url = "jdbc:postgresql://127.0.0.1/strongroom"
            user = "strongroom"
            passwordFile = "/run/secrets/pg"
            poolSize = 16
            [unseal]
            keyFile = "/run/secrets/slot"
            passphraseFile = "/run/secrets/phrase"
            [[listeners]]
            address = "0.0.0.0"
            port = 8443
            certificate = "/tls/a.pem"
            key = "/tls/a.key"
            trustedProxies = ["10.0.0.1", "10.0.0.2"]
            [admin]
            address = "127.0.0.2"
            port = 9000
            [audit]
            sync = "each"
            reserveMebibytes = 8
            [cache]
            maxStalenessMillis = 500
            [nodes]
            maxClockDifferenceMillis = 250
            takeOverSeconds = 30
            [tokens]
            lifetimeSeconds = 600
            vaultAudiences = ["https://vault.azure.net"]
            [keys]
            symmetric = true
            engine = "jdk"
            [log]
            format = "json"
            [otlp]
            endpoint = "https://collector.example.test:4318"
            traces = false
            tracePercent = 5
            authorities = "collector-ca.pem"
            authorizationFile = "/run/secrets/collector"
            [aliases]
            "secrets.example.test:8443" = "kv1"
            """,
            Map.of());
    assertThat(config)
        .isEqualTo(
            new Config(
                Path.of("/var/lib/strongroom"),
                "a",
                "example.test",
                "basement",
                new Config.Store(
                    Config.StoreKind.POSTGRES,
                    Optional.of("jdbc:postgresql://127.0.0.1/strongroom"),
                    Optional.of("strongroom"),
                    Optional.of(Path.of("/run/secrets/pg")),
                    16),
                new Config.Unseal(
                    Optional.of(Path.of("/run/secrets/slot")),
                    Optional.of(Path.of("/run/secrets/phrase"))),
                List.of(
                    new Config.Listener(
                        "0.0.0.0",
                        8443,
                        Config.ListenerRole.API,
                        Optional.of(Path.of("/tls/a.pem")),
                        Optional.of(Path.of("/tls/a.key")),
                        List.of("10.0.0.1", "10.0.0.2"))),
                new Config.Admin("127.0.0.2", 9000),
                new Config.Log(Config.LogFormat.JSON),
                new Config.Otlp(
                    Optional.of(URI.create("https://collector.example.test:4318")),
                    false,
                    true,
                    5,
                    Optional.of(folder.resolve("collector-ca.pem")),
                    Optional.of(Path.of("/run/secrets/collector"))),
                new Config.Audit(Config.AuditSync.EACH, 8),
                new Config.Cache(500),
                new Config.Nodes(250, 30),
                new Config.Tokens(600, List.of("https://vault.azure.net")),
                new Config.Keys(true, ChosenEngine.Wanted.JDK),
                Config.Mail.NONE,
                List.of(),
                Map.of("secrets.example.test:8443", "kv1")));
  }

  @Test
  void read_authorizationOfACollectorInTheClear_isRefused() {
    String otlp =
        """
        [otlp]
        endpoint = "http://127.0.0.1:4318"
        authorizationFile = "secret"
        """;
    assertThatThrownBy(() -> read(LEAST + otlp, Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessage("otlp.authorizationFile: it is never sent in the clear");
    assertThatThrownBy(() -> read(LEAST, Map.of("STRONGROOM_OTLP_ENDPOINT", "grpc://a.test")))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("otlp.endpoint must begin with http");
  }

  @Test
  void read_listenerInTheClear_hasNoCertificateAndStandsBesideOneWithTls() throws IOException {
    String clear =
        """
        [[listeners]]
        address = "0.0.0.0"
        port = 80
        role = "pki-http"
        """;
    Config config = read(LEAST + clear, Map.of());
    assertThat(config.listeners(Config.ListenerRole.API)).hasSize(1);
    assertThat(config.listeners(Config.ListenerRole.PKI_HTTP))
        .containsExactly(
            new Config.Listener(
                "0.0.0.0",
                80,
                Config.ListenerRole.PKI_HTTP,
                Optional.empty(),
                Optional.empty(),
                List.of()));
    assertThatThrownBy(() -> read(LEAST + clear + "certificate = \"c\"\n", Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessage("listeners[1].certificate is not of a listener in the clear");
    assertThatThrownBy(
            () -> read("data = \"d\"\ndomain = \"example.test\"\n" + clear, Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("listeners: at least one");
  }

  @Test
  void read_unknownKey_isNamed() {
    assertThatThrownBy(() -> read("colour = \"red\"\n" + LEAST, Map.of()))
        .hasMessage("colour is not a setting");
    assertThatThrownBy(() -> read(LEAST + "clientCertificate = \"wanted\"\n", Map.of()))
        .hasMessage("listeners[0].clientCertificate is not a setting");
  }

  @Test
  void read_numberOutOfRange_isNamed() {
    assertThatThrownBy(() -> read(LEAST + "port = 70000\n", Map.of()))
        .hasMessage("listeners[0].port must be 0 to 65535, not 70000");
  }

  @Test
  void read_authorityInTheClearOrHalfOrTwice_isNamed() {
    String one = "[[acme]]\nname = \"a\"\ndirectory = \"https://a.test/dir\"\n";
    assertThatThrownBy(() -> read(LEAST + one.replace("https", "http"), Map.of()))
        .hasMessage("acme[0].directory must begin with https://, not http://a.test/dir");
    assertThatThrownBy(() -> read(LEAST + one + "accountId = \"k\"\n", Map.of()))
        .hasMessage("acme[0].accountKeyFile is missing");
    assertThatThrownBy(() -> read(LEAST + one + one.replace("\"a\"", "\"A\""), Map.of()))
        .hasMessage("acme: two have the same name");
  }

  @Test
  void read_placesOfAuditRecords_areOfTheirKind() throws IOException {
    String syslog = "[[audit.ship]]\nname = \"a\"\nto = \"syslog\"\nhost = \"h\"\n";
    String file = "[[audit.ship]]\nname = \"b\"\nto = \"file\"\npath = \"/p\"\n";
    assertThat(read(LEAST + syslog + file, Map.of()).audit().ship())
        .extracting(Config.Ship::to)
        .containsExactly(Config.ShipKind.SYSLOG, Config.ShipKind.FILE);
    assertThat(
            read(
                    LEAST + syslog,
                    Map.of(
                        "STRONGROOM_AUDIT_SHIP_1_NAME", "c",
                        "STRONGROOM_AUDIT_SHIP_1_TO", "file",
                        "STRONGROOM_AUDIT_SHIP_1_PATH", "/q"))
                .audit()
                .ship())
        .extracting(Config.Ship::name)
        .containsExactly("a", "c");
    assertThatThrownBy(() -> read(LEAST + syslog.replace("host = \"h\"\n", ""), Map.of()))
        .hasMessage("audit.ship[0].host is missing");
    assertThatThrownBy(() -> read(LEAST + file.replace("path = \"/p\"\n", ""), Map.of()))
        .hasMessage("audit.ship[0].path is missing");
    assertThatThrownBy(() -> read(LEAST + syslog + "keep = 3\n", Map.of()))
        .hasMessage("audit.ship[0].keep is not of a syslog receiver");
    assertThatThrownBy(() -> read(LEAST + file + "facility = 3\n", Map.of()))
        .hasMessage("audit.ship[0].facility is not of a file");
    assertThatThrownBy(() -> read(LEAST + syslog + "certificate = \"c\"\n", Map.of()))
        .hasMessage("audit.ship[0].key is missing");
    assertThatThrownBy(() -> read(LEAST + syslog + file.replace("\"b\"", "\"a\""), Map.of()))
        .hasMessage("audit.ship: two have the same name");
    assertThatThrownBy(() -> read(LEAST + syslog.replace("\"a\"", "\"../a\""), Map.of()))
        .hasMessage("audit.ship[0].name has the invalid value ../a");
  }

  @Test
  void read_flagThatIsNone_isNamed() {
    assertThatThrownBy(() -> read(LEAST + "[keys]\nsymmetric = \"yes\"\n", Map.of()))
        .hasMessage("keys.symmetric must be true or false");
  }

  @Test
  void read_listWhereOneValueBelongs_orTheOtherWayRound_isNamed() {
    assertThatThrownBy(() -> read("node = [\"a\"]\n" + LEAST, Map.of()))
        .hasMessage("node must not be a list");
    assertThatThrownBy(
            () -> read("tokens.vaultAudiences = \"https://vault.azure.net\"\n" + LEAST, Map.of()))
        .hasMessage("tokens.vaultAudiences must be a list");
    assertThatThrownBy(() -> read("tokens.vaultAudiences = [[\"a\"]]\n" + LEAST, Map.of()))
        .hasMessage("tokens.vaultAudiences must be a list of single values");
  }

  @Test
  void read_addressOrAliasThatIsNone_isNamed() {
    assertThatThrownBy(() -> read(LEAST + "trustedProxies = [\"proxy.example\"]\n", Map.of()))
        .hasMessage(
            "listeners[0].trustedProxies: not an IP address or network: proxy.example");
    assertThatThrownBy(() -> read(LEAST + "trustedProxies = [\"10.0.0.0/x\"]\n", Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("listeners[0].trustedProxies: ");
    assertThatThrownBy(() -> read(LEAST + "[aliases]\n\"a b\" = \"kv1\"\n", Map.of()))
        .hasMessage("aliases.a b is not a host or HOST:PORT");
    assertThatThrownBy(() -> read(LEAST + "[aliases]\n\"a.test\" = \"k_1\"\n", Map.of()))
        .hasMessage("aliases.a.test is not a vault name: k_1");
  }

  @Test
  void read_variableOverridesFile_andUnknownVariableIsNamed() throws IOException {
    Config config =
        read(
            LEAST,
            Map.of("STRONGROOM_NODE", "b", "STRONGROOM_LISTENERS_0_PORT", "9443", "PATH", "/bin"));
    assertThat(config.node()).isEqualTo("b");
    assertThat(config.listeners().getFirst().port()).isEqualTo(9443);
    assertThatThrownBy(() -> read(LEAST, Map.of("STRONGROOM_NODES", "b")))
        .hasMessage("STRONGROOM_NODES names no setting");
  }

  @Test
  void read_noListener_isRefused() {
    assertThatThrownBy(() -> read("data = \"d\"\ndomain = \"example.test\"\n", Map.of()))
        .hasMessageStartingWith("listeners:");
  }

  private Config read(String text, Map<String, String> environment) throws IOException {
    Path file = folder.resolve("strongroom.toml");
    Files.writeString(file, text);
    return ConfigFile.read(file, environment);
  }
}
