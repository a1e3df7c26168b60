package dev.strongroom.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.impl.http1.VertxHttpRequestDecoder;
import java.util.List;

/**
 * The HTTP/1 decoder without the leniency that two parsers in a row can disagree on: a length
 * beside a transfer coding, and header lines folded over several lines, make a request malformed;
 * after a malformed one nothing of the connection is read any more. It also knows since when a
 * request has been arriving.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9112#section-11.2">RFC 9112, request
 *     smuggling</a>
 */
final class StrictRequestDecoder extends VertxHttpRequestDecoder {
  private boolean head;
  private boolean folded;
  private boolean atLineStart;
  private boolean broken;
  private long since;

  StrictRequestDecoder(Http1ServerConfig config) {
    super(config);
  }

  /** When the first bytes of a request came whose headers are not complete yet; else 0. */
  long arrivingSince() {
    return since;
  }

  @Override
  protected HttpMessage createMessage(String[] initialLine) {
    head = true;
    folded = false;
    atLineStart = false;
    return super.createMessage(initialLine);
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
        check(request);
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
    if (request.decoderResult().isSuccess() && (folded || !known)) {
      request.setDecoderResult(
          DecoderResult.failure(
              new IllegalArgumentException(
                  folded ? "a folded header line" : "an unknown HTTP version")));
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
