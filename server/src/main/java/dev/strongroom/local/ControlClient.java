package dev.strongroom.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/** The command's end of the control socket: asks once and hands out the answer. */
public final class ControlClient {
  private final Path data;

  public ControlClient(Path data) {
    this.data = data;
  }

  /** The answer of the server; a refusal, or no server, is a {@link LocalException}. */
  public ObjectNode ask(String command, Consumer<ObjectNode> arguments) {
    ObjectNode request = ControlSocket.JSON.createObjectNode().put("command", command);
    arguments.accept(request);
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(ControlSocket.address(data.resolve(ControlSocket.FILE))));
      Channels.newOutputStream(channel)
          .write(
              (ControlSocket.JSON.writeValueAsString(request) + "\n")
                  .getBytes(StandardCharsets.UTF_8));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
      String line = in.readLine();
      if (line == null) {
        throw new LocalException("the server closed the control socket without an answer");
      }
      ObjectNode answer = (ObjectNode) ControlSocket.JSON.readTree(line);
      if (!answer.path("ok").asBoolean(false)) {
        throw new LocalException(answer.path("error").asString("refused"));
      }
      return answer;
    } catch (IOException e) {
      throw new LocalException(
          "no server answers at "
              + data.resolve(ControlSocket.FILE)
              + "; is it running with this --data folder?");
    }
  }
}
