package dev.strongroom.local;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
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

  /**
   * The answer of a command that streams, which came behind all of its bytes.
   *
   * @param progress hears how far the server is
   */
  public ObjectNode stream(
      String command,
      Consumer<ObjectNode> arguments,
      OutputStream bytes,
      Consumer<ObjectNode> progress)
      throws IOException {
    try (SocketChannel channel = connect()) {
      send(channel, command, arguments);
      DataInputStream in =
          new DataInputStream(
              new BufferedInputStream(Channels.newInputStream(channel), 64 << 10));
      while (true) {
        char kind = (char) in.readUnsignedByte();
        byte[] content = new byte[in.readInt()];
        in.readFully(content);
        switch (kind) {
          case ControlSocket.Stream.DATA -> bytes.write(content);
          case ControlSocket.Stream.PROGRESS ->
              progress.accept((ObjectNode) ControlSocket.JSON.readTree(content));
          default -> {
            return accepted((ObjectNode) ControlSocket.JSON.readTree(content));
          }
        }
      }
    } catch (EOFException e) {
      throw new LocalException("the server ended before its answer did");
    }
  }

  private SocketChannel connect() {
    try {
      SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        channel.connect(
            UnixDomainSocketAddress.of(ControlSocket.address(data.resolve(ControlSocket.FILE))));
        return channel;
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw noServer();
    }
  }

  private static void send(
      SocketChannel channel, String command, Consumer<ObjectNode> arguments) throws IOException {
    ObjectNode request = ControlSocket.JSON.createObjectNode().put("command", command);
    arguments.accept(request);
    Channels.newOutputStream(channel)
        .write(
            (ControlSocket.JSON.writeValueAsString(request) + "\n")
                .getBytes(StandardCharsets.UTF_8));
  }

  private static ObjectNode accepted(ObjectNode answer) {
    if (!answer.path("ok").asBoolean(false)) {
      throw new LocalException(answer.path("error").asString("refused"));
    }
    return answer;
  }

  private LocalException noServer() {
    return new LocalException(
        "no server answers at "
            + data.resolve(ControlSocket.FILE)
            + "; is it running with this --data folder?");
  }

  /** The answer of the server; a refusal, or no server, is a {@link LocalException}. */
  public ObjectNode ask(String command, Consumer<ObjectNode> arguments) {
    try (SocketChannel channel = connect()) {
      send(channel, command, arguments);
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
      String line = in.readLine();
      if (line == null) {
        throw new LocalException("the server closed the control socket without an answer");
      }
      return accepted((ObjectNode) ControlSocket.JSON.readTree(line));
    } catch (IOException e) {
      throw noServer();
    }
  }
}
