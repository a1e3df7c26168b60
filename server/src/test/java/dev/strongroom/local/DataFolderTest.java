package dev.strongroom.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
  @TempDir Path temp;

  @Test
  void prepare_newFolder_isMarkedAndOfItsOwnerOnly() throws IOException {
    Path path = temp.resolve("a/b");
    DataFolder.prepare(path, DataFolder.Kind.DEV);
    assertThat(Files.getPosixFilePermissions(path))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    assertThat(DataFolder.prepare(path, DataFolder.Kind.DEV).path()).isEqualTo(path);
  }

  @Test
  void prepare_emptyFolderThatOthersMayEnter_isClosedToThem() throws IOException {
    Path path = Files.createDirectory(temp.resolve("empty"));
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    DataFolder.prepare(path, DataFolder.Kind.SERVE);
    assertThat(Files.getPosixFilePermissions(path))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void prepare_folderOfTheOtherKind_isRefused() throws IOException {
    Path path = temp.resolve("d");
    DataFolder.prepare(path, DataFolder.Kind.DEV);
    assertThatThrownBy(() -> DataFolder.prepare(path, DataFolder.Kind.SERVE))
        .isInstanceOf(LocalException.class)
        .hasMessageContaining("belongs to strongroom dev and not to strongroom serve");
  }

  @Test
  void prepare_openOrForeignFolder_isRefused() throws IOException {
    Path open = temp.resolve("open");
    DataFolder.prepare(open, DataFolder.Kind.DEV);
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThatThrownBy(() -> DataFolder.prepare(open, DataFolder.Kind.DEV))
        .hasMessageContaining("chmod 700");
    Path foreign = temp.resolve("foreign");
    Files.createDirectory(
        foreign, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.writeString(foreign.resolve("letter"), "x");
    assertThatThrownBy(() -> DataFolder.prepare(foreign, DataFolder.Kind.DEV))
        .hasMessageContaining("not empty");
  }
}
