package dev.strongroom.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.model.Id;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostsTest {
  private static final Id TENANT = Id.guid("11111111-1111-1111-1111-111111111111");
  private static final String LOCAL = "https://localhost:8443/" + TENANT.guid();

  private final Hosts dev =
      new Hosts("Lab.Test", Map.of("Keys.Example:9443", "kv2"), Optional.of("kv1"));
  private final Hosts serve =
      new Hosts("lab.test", Map.of("keys.example", "kv2"), Optional.empty());

  private static List<String> path(String text) {
    return Target.parse(text).segments();
  }

  @ParameterizedTest
  @CsvSource({
    "kv9.vault.lab.test,VAULT,kv9,https://kv9.vault.lab.test",
    "KV9.Vault.LAB.test:443,VAULT,kv9,https://kv9.vault.lab.test",
    "kv9.vault.lab.test:8443,VAULT,kv9,https://kv9.vault.lab.test:8443",
    "login.lab.test:8443,LOGIN,,https://login.lab.test:8443",
    "management.lab.test,MANAGEMENT,,https://management.lab.test",
    "keys.example:9443,VAULT,kv2,https://keys.example:9443",
  })
  void find_ownHosts_haveTheirRole(String authority, Role role, String container, String base) {
    Place place = dev.find(authority, path("/secrets/a")).orElseThrow();
    assertThat(place.role()).isEqualTo(role);
    assertThat(place.container()).isEqualTo(Optional.ofNullable(container));
    assertThat(place.baseUrl()).isEqualTo(base);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vault.lab.test",
        "lab.test",
        "a.b.vault.lab.test",
        "x.vault.lab.test",
        "kv-.vault.lab.test",
        "kv9.vault.lab.test.evil.example",
        "evil-lab.test",
        "login.lab.test.",
        "graph.lab.test",
        "192.0.2.1",
        "keys.example",
        "keys.example:1",
      })
  void find_foreignHosts_areNone(String authority) {
    assertThat(dev.find(authority, path("/secrets/a"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/secrets/a,VAULT",
    "/deletedsecrets/a,VAULT",
    "/keys/oauth2/x,VAULT",
    "/,VAULT",
    "/nothing,VAULT",
    "/subscriptions,MANAGEMENT",
    "/Subscriptions/a,MANAGEMENT",
    "/providers/Microsoft.Authorization/roleDefinitions,MANAGEMENT",
    "/metadata/endpoints,MANAGEMENT",
    "/tenants,MANAGEMENT",
    "/strongroom/applications,MANAGEMENT",
    "/11111111-1111-1111-1111-111111111111/oauth2/v2.0/token,LOGIN",
    "/adfs/.well-known/openid-configuration,LOGIN",
    "/common/discovery/instance,LOGIN",
  })
  void find_onLocalhost_goesByThePath(String path, Role role) {
    for (String host : List.of("localhost:8443", "127.0.0.1:8443", "[::1]:8443")) {
      assertThat(dev.find(host, path(path)).orElseThrow().role()).isEqualTo(role);
      assertThat(serve.find(host, path(path))).isEmpty();
    }
  }

  @Test
  void find_onAnAlias_signsInButDoesNotManage() {
    assertThat(serve.find("keys.example", path("/t/oauth2/v2.0/token")).orElseThrow().role())
        .isEqualTo(Role.LOGIN);
    assertThat(serve.find("keys.example", path("/subscriptions")).orElseThrow().role())
        .isEqualTo(Role.VAULT);
  }

  @ParameterizedTest
  @CsvSource({
    "kv9.vault.lab.test,https://login.lab.test/,https://vault.lab.test",
    "kv9.vault.lab.test:8443,https://login.lab.test:8443/,https://vault.lab.test:8443",
    "localhost:8443,https://localhost:8443/,https://vault.lab.test:8443",
    "keys.example:9443,https://keys.example:9443/,https://vault.lab.test:9443",
  })
  void challenge_hasThePortOfTheRequest(String authority, String login, String resource) {
    assertThat(dev.find(authority, path("/secrets/a")).orElseThrow().challenge(TENANT))
        .isEqualTo(
            "Bearer authorization=\""
                + login
                + TENANT.guid()
                + "\", resource=\""
                + resource
                + "\"");
  }

  @Test
  void managementChallenge_withHostileText_staysOneHeader() {
    Place place = dev.find("localhost:8443", path("/subscriptions")).orElseThrow();
    assertThat(place.managementChallenge(TENANT, "a \"b\"\r\nSet-Cookie: c"))
        .isEqualTo(
            "Bearer authorization_uri=\""
                + LOCAL
                + "\", error=\"invalid_token\", error_description=\"a 'b'??Set-Cookie: c\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "a b", "u@h", "h:", "h:70000", "h:x", "[::1", "::1", "h/", "h?x", "-h", "h:1:2"
      })
  void authority_thatIsNoHostAndPort_isRefused(String text) {
    assertThat(Hosts.isAuthority(text)).isFalse();
    assertThat(dev.find(text, path("/"))).isEmpty();
  }

  @Test
  void proxies_client_isTheLastAddressThatIsNotTrusted() {
    Proxies proxies = Proxies.of(List.of("10.0.0.0/8", "fd00::/8"));
    assertThat(proxies.client("10.1.1.1", List.of("198.51.100.7, 203.0.113.9", "10.2.2.2")))
        .isEqualTo("203.0.113.9");
    assertThat(proxies.client("192.0.2.1", List.of("203.0.113.9"))).isEqualTo("192.0.2.1");
    assertThat(proxies.client("10.1.1.1", List.of("not an address"))).isEqualTo("10.1.1.1");
    assertThat(proxies.client("fd00::5", List.of("2001:db8::1"))).isEqualTo("2001:db8::1");
    assertThat(Proxies.NONE.client("10.1.1.1", List.of("203.0.113.9"))).isEqualTo("10.1.1.1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"example.org", "10.0.0.0/33", "10.0.0.0/x", "", "300.1.1.1"})
  void proxies_thatAreNoNetworks_areRefused(String text) {
    assertThatThrownBy(() -> Proxies.of(List.of(text)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
