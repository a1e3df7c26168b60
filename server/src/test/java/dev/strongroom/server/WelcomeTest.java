package dev.strongroom.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class WelcomeTest {
  private static final DevSettings SETTINGS =
      new DevSettings(
          "https://kv1.vault.localhost:8443",
          "kv1",
          "https://localhost:8443",
          "https://login.localhost:8443",
          "tenant-guid",
          "client-guid",
          "the-secret",
          "object-guid",
          "/d/tls/ca.pem",
          "https://management.localhost:8443",
          "subscription-guid",
          "dev",
          "local",
          77,
          "/d");
  private static final List<String> HOSTS =
      List.of("kv1.vault.localhost", "kv2.vault.localhost", "login.localhost");

  @Test
  void text_anyMachine_hasSettingsForEveryClientAndNeverTurnsTlsChecksOff() {
    for (List<String> unknown : List.of(List.<String>of(), HOSTS)) {
      String text = Welcome.text(SETTINGS, HOSTS, unknown, "127.0.0.1", false);
      assertThat(text)
          .contains("Java ", "JS ", "Python ", "Go ", ".NET ", "az ")
          .contains("AZURE_CLIENT_SECRET=the-secret", "CLIENT_CA_FILE=/d/tls/ca.pem")
          .contains("./strongroom secret set -n hello");
      assertThat(text.toLowerCase(java.util.Locale.ROOT))
          .doesNotContain(
              "reject_unauthorized",
              "rejectunauthorized",
              "insecure",
              "verify=false",
              "connection_verify",
              "disable_connection_verification",
              "skipverify");
      assertThat(text.lines()).noneMatch(line -> line.startsWith("{"));
    }
  }

  @Test
  void text_namesDoNotResolve_hasOneHostsLineAndTheSwitches() {
    String text = Welcome.text(SETTINGS, HOSTS, HOSTS.subList(1, 3), "192.0.2.7", false);
    assertThat(text)
        .contains("kv2.vault.localhost does not resolve")
        .contains("192.0.2.7 kv1.vault.localhost kv2.vault.localhost login.localhost\n")
        .contains("disableChallengeResourceVerification", "verify_challenge_resource=False")
        .contains("use https://localhost:8443 as KEY_VAULT_URL and as AZURE_AUTHORITY_HOST");
    assertThat(Welcome.text(SETTINGS, HOSTS, HOSTS, "0.0.0.0", false))
        .contains("127.0.0.1 kv1.vault.localhost");
  }

  @Test
  void text_dataElsewhere_isNamedInTheCommands() {
    assertThat(Welcome.text(SETTINGS, HOSTS, List.of(), "127.0.0.1", true))
        .contains("./strongroom secret show --data /d -n hello")
        .contains("The names resolve");
  }
}
