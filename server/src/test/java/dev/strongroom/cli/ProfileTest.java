package dev.strongroom.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

class ProfileTest {
  private static final ObjectNode KEPT = Client.JSON.createObjectNode().put("clientId", "a");

  @TempDir Path folder;

  @Test
  void of_environment_isAFileOfTheUsers() {
    assertThat(Profile.of(Map.of("STRONGROOM_HOME", "/home", "XDG_CONFIG_HOME", "/config")).file())
        .isEqualTo(Path.of("/home/profile.json"));
    assertThat(Profile.of(Map.of("STRONGROOM_HOME", "", "XDG_CONFIG_HOME", "/config")).file())
        .isEqualTo(Path.of("/config/strongroom/profile.json"));
    assertThat(Profile.of(Map.of()).file())
        .isEqualTo(Path.of(System.getProperty("user.home"), ".config/strongroom/profile.json"));
  }

  @Test
  void write_newOrOpenToOthersOrLeftHalf_isTheOwnersAlone() throws IOException {
    Profile profile = new Profile(folder.resolve("made").resolve("profile.json"));
    assertThat(profile.read()).isEmpty();
    profile.write(KEPT);
    assertThat(profile.read()).contains(KEPT);
    assertOwnersAlone(profile);
    Files.setPosixFilePermissions(profile.file(), PosixFilePermissions.fromString("rw-rw-rw-"));
    Path half = Files.writeString(profile.file().resolveSibling("profile.json.new"), "{");
    Files.setPosixFilePermissions(half, PosixFilePermissions.fromString("rw-rw-rw-"));
    ObjectNode other = Client.JSON.createObjectNode().put("clientId", "b");
    profile.write(other);
    assertThat(profile.read()).contains(other);
    assertOwnersAlone(profile);
    assertThat(half).doesNotExist();
  }

  @Test
  void read_notJson_saysToLogInAgain() throws IOException {
    Profile profile = new Profile(Files.writeString(folder.resolve("profile.json"), "{\"a\":"));
    assertThatThrownBy(profile::read)
        .isInstanceOf(CliException.class)
        .hasMessageContainingAll("Cannot read " + profile.file(), "strongroom login");
  }

  @Test
  void write_noPlace_saysWhich() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    Profile profile = new Profile(file.resolve("profile.json"));
    assertThatThrownBy(() -> profile.write(KEPT))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("Cannot write " + profile.file());
  }

  @Test
  void remove_saysWhetherThereWasOne() {
    Profile profile = new Profile(folder.resolve("profile.json"));
    assertThat(profile.remove()).isFalse();
    profile.write(KEPT);
    assertThat(profile.remove()).isTrue();
    assertThat(profile.file()).doesNotExist();
  }

  private static void assertOwnersAlone(Profile profile) throws IOException {
    assertThat(Files.getPosixFilePermissions(profile.file()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }
}
