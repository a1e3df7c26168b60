package dev.strongroom.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlSocketTest {
  @TempDir Path data;

  @Test
  void ask_knownCommand_isAnsweredOverASocketOfItsOwner() throws IOException {
    try (ControlSocket socket = ControlSocket.open(data)) {
      socket.on("echo", (in, out) -> out.put("text", in.path("text").asString("")));
      assertThat(Files.getPosixFilePermissions(data.resolve("control.sock")))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      assertThat(
              new ControlClient(data)
                  .ask("echo", in -> in.put("text", "a\nb"))
                  .path("text")
                  .asString())
          .isEqualTo("a\nb");
    }
  }

  @Test
  void ask_refusedOrUnknownCommand_saysWhy() throws IOException {
    try (ControlSocket socket = ControlSocket.open(data)) {
      socket.on(
          "no",
          (in, out) -> {
            throw new LocalException("not today");
          });
      ControlClient client = new ControlClient(data);
      assertThatThrownBy(() -> client.ask("no", in -> {})).hasMessage("not today");
      assertThatThrownBy(() -> client.ask("what", in -> {}))
          .hasMessageContaining("there is no command what");
    }
  }

  @Test
  void open_pathTooLongForASocket_isReachedThroughALinkThatIsRemoved() throws IOException {
    Path deep = Files.createDirectories(data.resolve("x".repeat(60)).resolve("y".repeat(60)));
    Path real;
    try (ControlSocket socket = ControlSocket.open(deep)) {
      socket.on("echo", (in, out) -> out.put("text", "here"));
      real = Files.readSymbolicLink(deep.resolve("control.sock"));
      assertThat(Files.getPosixFilePermissions(real.getParent()))
          .isEqualTo(PosixFilePermissions.fromString("rwx------"));
      assertThat(new ControlClient(deep).ask("echo", in -> {}).path("text").asString())
          .isEqualTo("here");
    }
    assertThat(deep).isEmptyDirectory();
    assertThat(real.getParent()).doesNotExist();
  }

  @Test
  void ask_noServer_namesTheSocket() {
    assertThatThrownBy(() -> new ControlClient(data).ask("status", in -> {}))
        .hasMessageContaining("control.sock");
  }
}
