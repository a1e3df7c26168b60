package dev.strongroom.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
  private static final String LOGIN = "https://login.example.test";

  @TempDir Path home;
  private final Map<String, String> environment = new HashMap<>();
  private Settings settings;

  @BeforeEach
  void haveAHome() {
    environment.put("STRONGROOM_HOME", home.toString());
    settings = new Settings(environment);
  }

  @Test
  void setting_namedEverywhere_isTheOptionsThenTheVariablesThenTheLogInsThenDevs()
      throws IOException {
    assertThatThrownBy(settings::tenant)
        .isInstanceOf(CliException.class)
        .hasMessageContainingAll(
            "You are not logged in", "--tenant [AZURE_TENANT_ID]", "strongroom login");
    dev(home.resolve("dev"), "dev");
    assertThat(fresh().tenant()).isEqualTo("tenant of dev");
    logIn("kept");
    assertThat(fresh().tenant()).isEqualTo("tenant of kept");
    environment.put("AZURE_TENANT_ID", "tenant of the variable");
    assertThat(fresh().tenant()).isEqualTo("tenant of the variable");
    Settings told = fresh();
    told.tenant = "tenant of the option";
    assertThat(told.tenant()).isEqualTo("tenant of the option");
    environment.put("AZURE_TENANT_ID", " ");
    assertThat(fresh().tenant()).as("a blank variable says nothing").isEqualTo("tenant of kept");
  }

  @Test
  void data_named_winsOverVariablesAndTheLogInButNotOverOptions() throws IOException {
    logIn("kept");
    environment.put("AZURE_TENANT_ID", "tenant of the variable");
    environment.put("STRONGROOM_CLIENT_VAULT", "vault of the variable");
    settings.data = home.resolve("other");
    assertThatThrownBy(settings::tenant)
        .isInstanceOf(CliException.class)
        .hasMessageContaining("No dev server has started in " + settings.data);
    dev(settings.data, "other");
    assertThat(settings.tenant()).isEqualTo("tenant of other");
    assertThat(settings.defaultVault()).isEmpty();
    settings.tenant = "tenant of the option";
    assertThat(settings.tenant()).isEqualTo("tenant of the option");
  }

  @Test
  void data_credentialsCutShort_saysWhichFile() throws IOException {
    settings.data = home.resolve("other");
    dev(settings.data, "other");
    Files.writeString(settings.data.resolve("credentials.json"), "{\"tenantId\":");
    assertThatThrownBy(settings::tenant)
        .isInstanceOf(CliException.class)
        .hasMessageContaining("Cannot read " + settings.data.resolve("credentials.json"));
  }

  @Test
  void credential_applicationOfTheEnvironment_isProvedByTheEnvironment() {
    logIn("kept");
    environment.put("AZURE_CLIENT_ID", "other");
    assertThat(fresh().findCredential()).as("nothing proves the other").isEmpty();
    assertThatThrownBy(() -> fresh().credential())
        .isInstanceOf(CliException.class)
        .hasMessageContainingAll("application other", "AZURE_CLIENT_SECRET");
    environment.put("AZURE_FEDERATED_TOKEN_FILE", "/token");
    assertThat(fresh().findCredential()).contains(new Credential.Federated(Path.of("/token")));
    environment.put("AZURE_CLIENT_CERTIFICATE_PATH", "/pem");
    assertThat(fresh().findCredential()).contains(new Credential.Certificate(Path.of("/pem")));
    environment.put("AZURE_CLIENT_SECRET", "secret of other");
    assertThat(fresh().findCredential()).contains(new Credential.Secret("secret of other"));
  }

  @Test
  void credential_applicationOfTheLogIn_isNotProvedByAnotherSecretOfTheEnvironment() {
    logIn("kept");
    environment.put("AZURE_CLIENT_SECRET", "secret of somebody");
    assertThat(fresh().clientId()).isEqualTo("kept");
    assertThat(fresh().findCredential()).contains(new Credential.Secret("secret of kept"));
    environment.put("AZURE_CLIENT_ID", "KEPT");
    assertThat(fresh().findCredential()).contains(new Credential.Secret("secret of somebody"));
    environment.remove("AZURE_CLIENT_SECRET");
    assertThat(fresh().findCredential())
        .as("the same application")
        .contains(new Credential.Secret("secret of kept"));
  }

  @Test
  void credential_applicationOfTheOption_isNotProvedByASecretOfAnother() throws IOException {
    logIn("kept");
    dev(home.resolve("dev"), "dev");
    environment.put("AZURE_CLIENT_ID", "variable");
    environment.put("AZURE_CLIENT_SECRET", "secret of variable");
    assertThat(named("told").findCredential()).isEmpty();
    assertThat(named("Variable").findCredential())
        .contains(new Credential.Secret("secret of variable"));
    assertThat(named("kept").findCredential()).contains(new Credential.Secret("secret of kept"));
    environment.remove("AZURE_CLIENT_ID");
    assertThat(named("told").findCredential())
        .as("the environment names nobody else")
        .contains(new Credential.Secret("secret of variable"));
  }

  @Test
  void credential_dataNamed_isTheFoldersWhateverTheEnvironmentHas() throws IOException {
    logIn("kept");
    environment.put("AZURE_CLIENT_ID", "variable");
    environment.put("AZURE_CLIENT_SECRET", "secret of variable");
    environment.put("AZURE_AUTHORITY_HOST", "https://login.elsewhere.test");
    dev(home.resolve("other"), "other");
    settings.data = home.resolve("other");
    assertThat(settings.clientId()).isEqualTo("other");
    assertThat(settings.findCredential()).contains(new Credential.Secret("secret of other"));
    settings.clientId = "variable";
    assertThat(settings.findCredential()).isEmpty();
  }

  @Test
  void credential_otherAuthorityThanThatOfTheLogIn_isNotSentThere() {
    logIn("kept");
    environment.put("AZURE_AUTHORITY_HOST", "https://login.elsewhere.test");
    assertThat(fresh().findCredential()).isEmpty();
    Settings told = fresh();
    told.authorityHost = "HTTPS://login.example.test/";
    assertThat(told.findCredential()).contains(new Credential.Secret("secret of kept"));
    told.authorityHost = "https://login.example.test.evil.test";
    assertThat(told.findCredential()).isEmpty();
  }

  @Test
  void credential_logInUnderWay_isWhatItWasGiven() {
    logIn("kept");
    settings.ignoreRemembered();
    assertThat(settings.findCredential()).isEmpty();
    settings.clientId = "new";
    Credential given = new Credential.Secret("given");
    settings.signInWith(given);
    assertThat(settings.findCredential()).containsSame(given);
    assertThat(settings.caFile()).as("nothing of the earlier log-in is mixed in").isEmpty();
  }

  @Test
  void credential_logInByFile_isReadBackAsThatFile() {
    for (Credential credential :
        new Credential[] {
          new Credential.Certificate(Path.of("/client.pem")),
          new Credential.Federated(Path.of("/token"))
        }) {
      var kept = Client.JSON.createObjectNode().put("clientId", "a").put("authorityHost", LOGIN);
      credential.keep(kept);
      Profile.of(environment).write(kept);
      assertThat(fresh().findCredential()).contains(credential);
    }
  }

  @Test
  void devFolder_isTheUsersAndNeverTheWorkingTree() {
    assertThat(Settings.defaultDevFolder(environment)).isEqualTo(home.resolve("dev"));
    assertThat(Settings.defaultDevFolder(Map.of("XDG_DATA_HOME", "/share")))
        .isEqualTo(Path.of("/share/strongroom/dev"));
    assertThat(Settings.defaultDevFolder(Map.of("STRONGROOM_HOME", " ")))
        .isEqualTo(Path.of(System.getProperty("user.home"), ".local/share/strongroom/dev"));
    assertThat(Settings.isFoundByItself(home.resolve("dev"), environment)).isTrue();
    assertThat(Settings.isFoundByItself(home.resolve("other"), environment)).isFalse();
    logIn("kept");
    assertThat(Settings.isFoundByItself(home.resolve("dev"), environment)).isFalse();
  }

  private Settings fresh() {
    return new Settings(environment);
  }

  private Settings named(String clientId) {
    Settings told = fresh();
    told.clientId = clientId;
    return told;
  }

  private void logIn(String who) {
    Profile.of(environment).write(Client.JSON.valueToTree(who(who)));
  }

  private static void dev(Path folder, String who) throws IOException {
    Files.createDirectories(folder);
    Files.write(folder.resolve("credentials.json"), Client.JSON.writeValueAsBytes(who(who)));
  }

  private static Map<String, String> who(String who) {
    return Map.of(
        "clientId", who,
        "clientSecret", "secret of " + who,
        "tenantId", "tenant of " + who,
        "authorityHost", LOGIN,
        "caFile", "/ca of " + who);
  }
}
