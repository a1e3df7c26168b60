package dev.strongroom.it;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** A TLS connection on which anything can be sent: bytes of HTTP/1, or single frames of HTTP/2. */
final class Wire implements AutoCloseable {
  // RFC 9113 section 6
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int CONTINUATION = 9;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;

  /** A frame as it came; the error code of RST_STREAM and GOAWAY, else 0. */
  record Frame(int type, int flags, int stream, byte[] payload) {
    int error() {
      return switch (type) {
        case RST_STREAM -> ByteBuffer.wrap(payload).getInt();
        case GOAWAY -> ByteBuffer.wrap(payload).getInt(4);
        default -> 0;
      };
    }
  }

  private final SSLSocket socket;
  private final OutputStream out;
  private final DataInputStream in;

  private Wire(SSLSocket socket) throws IOException {
    this.socket = socket;
    this.out = socket.getOutputStream();
    this.in = new DataInputStream(socket.getInputStream());
  }

  static Wire http1(RunningServer server) throws IOException {
    return connect(server, "http/1.1");
  }

  /** After the preface and empty settings of our own. */
  static Wire http2(RunningServer server) throws IOException {
    Wire wire = connect(server, "h2");
    wire.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    wire.frame(SETTINGS, 0, 0, new byte[0]);
    return wire;
  }

  private static Wire connect(RunningServer server, String protocol) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            RunningServer.trusting(Path.of(server.setting("caFile")))
                .getSocketFactory()
                .createSocket();
    socket.connect(new InetSocketAddress("127.0.0.1", server.port()), 20_000);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {protocol});
    socket.setSSLParameters(parameters);
    socket.setSoTimeout(60_000);
    socket.startHandshake();
    return new Wire(socket);
  }

  void patience(Duration most) throws IOException {
    socket.setSoTimeout(Math.toIntExact(most.toMillis()));
  }

  void write(String text) throws IOException {
    write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  void write(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  /** Everything until the other side closes or resets the connection. */
  String readAll() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] some = new byte[8192];
    try {
      for (int read = in.read(some); read >= 0; read = in.read(some)) {
        all.write(some, 0, read);
      }
    } catch (SocketException | SSLException e) {
      // a reset, or an end without TLS's own
      return all.toString(StandardCharsets.ISO_8859_1);
    }
    return all.toString(StandardCharsets.ISO_8859_1);
  }

  void frame(int type, int flags, int stream, byte[] payload) throws IOException {
    write(bytes(type, flags, stream, payload));
  }

  static byte[] bytes(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) (payload.length >> 16))
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  /** The next frame; throws EOFException at the end. */
  Frame read() throws IOException {
    int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    int stream = in.readInt();
    byte[] payload = new byte[length];
    in.readFully(payload);
    return new Frame(type, flags, stream, payload);
  }

  /** Reads frames until one of the type comes; EOFException when none does. */
  Frame await(int type) throws IOException {
    while (true) {
      Frame frame = read();
      if (frame.type() == type) {
        return frame;
      }
    }
  }

  /** The code of the GOAWAY with which the other side ends the connection; -1 when it just ends. */
  int awaitEnd() throws IOException {
    int code = -1;
    try {
      while (true) {
        Frame frame = read();
        if (frame.type() == GOAWAY && code <= 0) {
          code = frame.error();
        }
      }
    } catch (EOFException | SocketException | SSLException e) {
      return code;
    }
  }

  /** The fields of a request in HPACK, all as literals (RFC 7541 section 6.2.2). */
  static byte[] request(String method, String authority, String path, String... fields) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    literal(block, ":method", method);
    literal(block, ":scheme", "https");
    literal(block, ":authority", authority);
    literal(block, ":path", path);
    for (int i = 0; i < fields.length; i += 2) {
      literal(block, fields[i], fields[i + 1]);
    }
    return block.toByteArray();
  }

  private static void literal(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    text(block, name);
    text(block, value);
  }

  /** A string without Huffman coding, its length an integer with a prefix of 7 bits. */
  static void text(ByteArrayOutputStream block, String text) {
    int length = text.length();
    if (length < 127) {
      block.write(length);
    } else {
      block.write(127);
      for (length -= 127; length >= 128; length >>= 7) {
        block.write(length & 127 | 128);
      }
      block.write(length);
    }
    block.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
