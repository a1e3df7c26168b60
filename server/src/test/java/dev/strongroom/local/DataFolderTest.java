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
  void prepare_folderOfTheOtherKind_isRefused() throws IOException {
    Path path = temp.resolve("d");
    DataFolder.prepare(path, DataFolder.Kind.DEV);
    assertThatThrownBy(() -> DataFolder.prepare(path, DataFolder.Kind.SERVE))
        .isInstanceOf(LocalException.class)
        .hasMessageContaining("another kind");
  }

  @Test
  void prepare_openOrForeignFolder_isRefused() throws IOException {
    Path open = Files.createDirectory(temp.resolve("open"));
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
