package dev.strongroom.local;

import dev.strongroom.model.VaultException;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The server's end of {@code DATA/control.sock}: one JSON object per line asks, one answers. Whoever
 * can open the socket is the operator; the folder's mode (0700) and the socket's (0600) decide that.
 *
 * <p>A request is {@code {"command": "status", ...}}; an answer has {@code "ok"}, and {@code
 * "error"} when it is false. A command that streams answers with frames of {@link Stream} instead, the
 * last of which is such an answer.
 */
public final class ControlSocket implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ControlSocket.class.getName());
  private static final int LONGEST_REQUEST = 1 << 20;
  private static final String ELSEWHERE = "strongroom-socket-";
  static final String FILE = "control.sock";
  // no buffer is used twice, because it may have held a passphrase
  static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder().recyclerPool(JsonRecyclerPools.nonRecyclingPool()).build())
          .build();

  /** Reads arguments from the first object and writes results into the second. */
  @FunctionalInterface
  public interface Command {
    void run(ObjectNode arguments, ObjectNode answer);
  }

  /** A command whose answer is long: it writes bytes, and says now and then how far it is. */
  @FunctionalInterface
  public interface Streaming {
    void run(ObjectNode arguments, Stream stream, ObjectNode answer) throws IOException;
  }

  private final Map<String, Streaming> streaming = new ConcurrentHashMap<>();
  private final Map<String, Command> commands = new ConcurrentHashMap<>();
  // sun_path of unix(7) less its closing zero
  private static final int LONGEST_PATH = 107;

  private final ServerSocketChannel channel;
  private final Path file;
  private final Path bound;

  private ControlSocket(ServerSocketChannel channel, Path file, Path bound) {
    this.channel = channel;
    this.file = file;
    this.bound = bound;
  }

  /** Binds in the data folder, whose lock the caller holds: a left-over socket is nobody's. */
  public static ControlSocket open(Path data) throws IOException {
    Path file = data.resolve(FILE).toAbsolutePath();
    remove(file, address(file));
    // the system takes no longer path for a socket: then a link in the folder leads to it
    boolean fits = file.toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST_PATH;
    Path bound = fits ? file : Files.createTempDirectory(ELSEWHERE).resolve(FILE);
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    channel.bind(UnixDomainSocketAddress.of(bound));
    Files.setPosixFilePermissions(bound, PosixFilePermissions.fromString("rw-------"));
    if (!fits) {
      Files.createSymbolicLink(file, bound);
    }
    ControlSocket socket = new ControlSocket(channel, file, bound);
    Thread.ofPlatform().daemon().name("control-socket").start(socket::accept);
    return socket;
  }

  public ControlSocket on(String name, Command command) {
    commands.put(name, command);
    return this;
  }

  public ControlSocket onStreaming(String name, Streaming command) {
    streaming.put(name, command);
    return this;
  }

  /** The frames of a long answer: a letter, a length in 4 bytes, and that many bytes. */
  public static final class Stream extends OutputStream {
    static final char DATA = 'D';
    static final char PROGRESS = 'P';
    static final char END = 'E';

    private final DataOutputStream out;

    private Stream(OutputStream out) {
      this.out = new DataOutputStream(out);
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int start, int length) throws IOException {
      frame(DATA, bytes, start, length);
    }

    public void progress(ObjectNode where) throws IOException {
      json(PROGRESS, where);
    }

    private void json(char kind, ObjectNode value) throws IOException {
      byte[] bytes = JSON.writeValueAsBytes(value);
      frame(kind, bytes, 0, bytes.length);
    }

    private synchronized void frame(char kind, byte[] bytes, int start, int length)
        throws IOException {
      out.writeByte(kind);
      out.writeInt(length);
      out.write(bytes, start, length);
    }
  }

  private void accept() {
    while (channel.isOpen()) {
      try {
        SocketChannel connection = channel.accept();
        Thread.ofVirtual().name("control").start(() -> serve(connection));
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        LOG.log(Level.WARNING, "the control socket does not accept", e);
        return;
      }
    }
  }

  private void serve(SocketChannel connection) {
    try (connection;
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(
                    Channels.newInputStream(connection), StandardCharsets.UTF_8));
        OutputStream out = Channels.newOutputStream(connection)) {
      String line = readLine(in);
      if (line == null) {
        return;
      }
      if (streams(line)) {
        Stream stream = new Stream(new BufferedOutputStream(out, 64 << 10));
        stream.json(Stream.END, answer(line, stream));
        stream.out.flush();
        return;
      }
      out.write(
          (JSON.writeValueAsString(answer(line, null)) + "\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "a control connection broke", e);
    }
  }

  private static String readLine(BufferedReader in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      if (line.length() >= LONGEST_REQUEST) {
        throw new IOException("a control request is longer than " + LONGEST_REQUEST);
      }
      line.append((char) c);
    }
    return line.isEmpty() ? null : line.toString();
  }

  private boolean streams(String line) {
    try {
      return streaming.containsKey(JSON.readTree(line).path("command").asString(""));
    } catch (JacksonException e) {
      return false;
    }
  }

  private ObjectNode answer(String line, Stream stream) {
    ObjectNode answer = JSON.createObjectNode();
    try {
      if (!(JSON.readTree(line) instanceof ObjectNode request)) {
        return refuse(answer, "a request is a JSON object");
      }
      String name = request.path("command").asString("");
      if (stream != null) {
        answer.put("ok", true);
        streaming.get(name).run(request, stream, answer);
        return answer;
      }
      Command command = commands.get(name);
      if (command == null) {
        return refuse(
            answer,
            "there is no command " + name + " now; there are " + new TreeMap<>(commands).keySet());
      }
      answer.put("ok", true);
      command.run(request, answer);
      return answer;
    } catch (JacksonException e) {
      return refuse(answer, "the request is not JSON");
    } catch (VaultException | LocalException e) {
      return refuse(answer, e.getMessage());
    } catch (IOException e) {
      LOG.log(Level.WARNING, "a control command failed", e);
      return refuse(answer, e.getMessage());
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "a control command failed", e);
      return refuse(answer, "the command failed; the server's log says why");
    }
  }

  private static ObjectNode refuse(ObjectNode answer, String why) {
    answer.removeAll();
    return answer.put("ok", false).put("error", why);
  }

  @Override
  public void close() throws IOException {
    channel.close();
    remove(file, bound);
  }

  /** Where the socket of this name really is. */
  static Path address(Path file) throws IOException {
    return Files.isSymbolicLink(file) ? Files.readSymbolicLink(file) : file;
  }

  private static void remove(Path file, Path bound) throws IOException {
    Files.deleteIfExists(file);
    Path folder = bound.getParent();
    if (!bound.equals(file) && folder.getFileName().toString().startsWith(ELSEWHERE)) {
      Files.deleteIfExists(bound);
      Files.deleteIfExists(folder);
    }
  }
}
