package dev.strongroom.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * sops, which encrypts the values of a file under a key of the vault; only with {@code -Daz}, since it
 * takes minutes to build. It has no switch for private clouds other than managed identities.
 *
 * @see <a href="https://getsops.io/docs/#encrypting-using-azure-key-vault">sops with Azure Key
 *     Vault</a>
 */
@EnabledIfSystemProperty(named = "az", matches = ".*", disabledReason = "slow: pass -Daz")
class SopsIT {
  private static final String MODULE = "github.com/getsops/sops/v3/cmd/sops";
  private static final String VERSION = "v3.13.3";
  private static final int SECONDS = 120;
  private static final String PLAIN = "password: correct horse\nlist:\n    - one\n    - two\n";

  private static Path sops;
  private static Scene scene;
  private static ManagedIdentity identity;

  @BeforeAll
  static void start() throws Exception {
    GoSdkIT.requireGo();
    Tools.requirePrivateMounts();
    sops = Tools.goProgram(MODULE, VERSION);
    scene = Scene.start("sops");
    identity = new ManagedIdentity(scene.arm);
  }

  @AfterAll
  static void stop() {
    if (identity != null) {
      identity.close();
    }
    if (scene != null) {
      scene.close();
    }
  }

  @Test
  void encrypt_keyWithoutVersion_decryptsAfterItsRotation() throws Exception {
    scene.arm.vault("POST", "/keys/sops/create", Map.of("kty", "RSA"));
    Path encrypted = encrypted("sops");
    assertThat(encrypted).content().contains("password: ENC[").doesNotContain("correct horse");
    scene.arm.vault("POST", "/keys/sops/rotate", Map.of());
    assertThat(decrypted(encrypted).mustSucceed().stdout()).isEqualTo(PLAIN);
  }

  @Test
  void decrypt_disabledKey_fails() throws Exception {
    scene.arm.vault("POST", "/keys/off/create", Map.of("kty", "RSA", "key_size", 3072));
    Path encrypted = encrypted("off");
    scene.arm.vault("PATCH", "/keys/off", Map.of("attributes", Map.of("enabled", false)));
    Output output = decrypted(encrypted);
    assertThat(output.exitCode()).as("%s", output).isNotZero();
    assertThat(output.stdout()).doesNotContain("correct horse");
    assertThat(output.stderr()).contains("KeyDisabled");
  }

  private static Path encrypted(String key) throws Exception {
    Path plain = Files.writeString(scene.work.resolve(key + ".yaml"), PLAIN);
    Path encrypted = scene.work.resolve(key + ".enc.yaml");
    String url = scene.server.get("vaultUrl") + "/keys/" + key;
    run("--encrypt", "--azure-kv", url, "--output", encrypted.toString(), plain.toString())
        .mustSucceed();
    return encrypted;
  }

  private static Output decrypted(Path encrypted) throws Exception {
    return run("--decrypt", encrypted.toString());
  }

  private static Output run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(Tools.PRIVATE_MOUNTS);
    command.addAll(
        List.of(
            "sh",
            "-c",
            "mount --bind \"$0\" /etc/hosts && exec \"$@\"",
            Path.of("src/test/resources/hosts").toAbsolutePath().toString(),
            sops.toString()));
    Stream.of(arguments).forEach(command::add);
    Map<String, String> environment = new HashMap<>(identity.environment());
    environment.put("SSL_CERT_FILE", scene.server.get("caFile"));
    environment.put("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential");
    return Output.of(command, scene.work, environment, SECONDS);
  }
}
