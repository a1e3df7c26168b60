package dev.strongroom.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EphemeralFolderTest {
  @TempDir Path temp;

  @Test
  void make_oneOfALivingProcess_staysAndIsOfItsOwnerOnly() throws IOException {
    Path parent = temp.resolve("strongroom-me");
    Path first = EphemeralFolder.make(parent);
    Files.createDirectories(first);
    Path second = EphemeralFolder.make(parent);
    assertThat(first).isDirectory();
    assertThat(second).isNotEqualTo(first);
    assertThat(Files.getPosixFilePermissions(parent))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    EphemeralFolder.remove(first);
    assertThat(first.getParent()).doesNotExist();
  }

  @Test
  void sweep_oneOfADeadProcess_isRemovedAndNothingElse() throws IOException {
    Path parent = temp.resolve("strongroom-me");
    EphemeralFolder.make(parent);
    Path dead = parent.resolve("dev-1");
    Files.createDirectories(dead.resolve("data"));
    Files.createFile(dead.resolve("ephemeral.lock"));
    Files.writeString(dead.resolve("data/strongroom.db"), "x");
    Path unlocked = Files.createDirectory(parent.resolve("dev-2"));
    Path other = Files.createDirectory(parent.resolve("mine"));
    Path outside = Files.writeString(temp.resolve("outside"), "x");
    Files.createSymbolicLink(dead.resolve("link"), outside);
    EphemeralFolder.sweep(parent);
    assertThat(dead).doesNotExist();
    assertThat(unlocked).doesNotExist();
    assertThat(other).isDirectory();
    assertThat(outside).exists();
  }
}
