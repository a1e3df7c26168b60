package dev.strongroom.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.impl.http1.VertxHttpRequestDecoder;
import java.util.List;
import java.util.OptionalInt;

/**
 * The HTTP/1 decoder without the leniency that two parsers in a row can disagree on: a length
 * beside a transfer coding, header lines folded over several lines or without a name, and more than
 * one space in the request line make a request malformed; after a malformed one, or one whose chunks
 * are, nothing of the connection is read any more. It also knows since when a request has been
 * arriving.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9112#section-11.2">RFC 9112, request
 *     smuggling</a>
 */
final class StrictRequestDecoder extends VertxHttpRequestDecoder {
  private boolean head;
  private boolean folded;
  private boolean nameless;
  private boolean loose;
  private int wordEnd;
  private boolean atLineStart;
  private boolean broken;
  private int requests;
  private OptionalInt brokenBody = OptionalInt.empty();
  private long since;
  private final Runnable onBrokenBody;

  /**
   * @param onBrokenBody run on the connection's event loop, after everything that came before the bad
   *     chunk was passed on
   */
  StrictRequestDecoder(Http1ServerConfig config, Runnable onBrokenBody) {
    super(config);
    this.onBrokenBody = onBrokenBody;
  }

  /** Which request of the connection, counted from 1, has a body that cannot be read to its end. */
  OptionalInt brokenBody() {
    return brokenBody;
  }

  /** Passes on nothing more; for a request that is refused for what the decoder does not see. */
  void stop() {
    broken = true;
  }

  /** When the first bytes of a request came whose headers are not complete yet; else 0. */
  long arrivingSince() {
    return since;
  }

  @Override
  protected HttpMessage createMessage(String[] initialLine) {
    head = true;
    folded = false;
    nameless = false;
    atLineStart = false;
    return super.createMessage(initialLine);
  }

  @Override
  protected String splitFirstWordInitialLine(byte[] line, int start, int length) {
    loose = false;
    wordEnd = start + length;
    return super.splitFirstWordInitialLine(line, start, length);
  }

  @Override
  protected String splitSecondWordInitialLine(byte[] line, int start, int length) {
    afterOneSpace(line, start, length);
    return super.splitSecondWordInitialLine(line, start, length);
  }

  @Override
  protected String splitThirdWordInitialLine(byte[] line, int start, int length) {
    afterOneSpace(line, start, length);
    return super.splitThirdWordInitialLine(line, start, length);
  }

  private void afterOneSpace(byte[] line, int start, int length) {
    loose |= start != wordEnd + 1 || line[wordEnd] != ' ';
    wordEnd = start + length;
  }

  @Override
  protected AsciiString splitHeaderName(byte[] line, int start, int length) {
    nameless |= length == 0;
    return super.splitHeaderName(line, start, length);
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    if (broken) {
      in.skipBytes(in.readableBytes());
      return;
    }
    if (since == 0 && in.isReadable()) {
      since = System.nanoTime() | 1;
    }
    int from = in.readerIndex();
    int before = out.size();
    super.decode(context, in, out);
    if (head) {
      scan(in, from);
    }
    for (int i = before; i < out.size(); i++) {
      if (out.get(i) instanceof HttpRequest request) {
        head = false;
        requests++;
        check(request);
      } else if (out.get(i) instanceof HttpContent content
          && content.decoderResult().isFailure()
          && !broken) {
        // not passed on, because the library would close the connection without an answer
        broken = true;
        brokenBody = OptionalInt.of(requests);
        out.remove(i--);
        content.release();
        context.executor().execute(onBrokenBody);
      }
    }
    if (out.size() > before && !head) {
      since = 0;
    }
  }

  @Override
  protected void decodeLast(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    // because half a request of a client that went away is no request: nobody waits for an answer
    if (since == 0 && !broken) {
      super.decodeLast(context, in, out);
    }
  }

  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    throw new IllegalArgumentException("both Content-Length and Transfer-Encoding");
  }

  private void check(HttpRequest request) {
    boolean known =
        request.protocolVersion().equals(HttpVersion.HTTP_1_1)
            || request.protocolVersion().equals(HttpVersion.HTTP_1_0);
    if (!known) {
      request.setProtocolVersion(HttpVersion.HTTP_1_1);
    }
    if (request.decoderResult().isSuccess() && (folded || nameless || loose || !known)) {
      request.setDecoderResult(
          DecoderResult.failure(
              new IllegalArgumentException("a request line or header of a loose form")));
    }
    broken = request.decoderResult().isFailure();
  }

  // a line that begins with white space, after the line end that was read last
  private void scan(ByteBuf in, int from) {
    int end = in.readerIndex();
    if (from == end) {
      return;
    }
    folded |= atLineStart && isSpace(in.getByte(from));
    for (int lineEnd = in.indexOf(from, end, (byte) '\n');
        lineEnd >= 0;
        lineEnd = in.indexOf(lineEnd + 1, end, (byte) '\n')) {
      folded |= lineEnd + 1 < end && isSpace(in.getByte(lineEnd + 1));
    }
    atLineStart = in.getByte(end - 1) == '\n';
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\t';
  }
}
