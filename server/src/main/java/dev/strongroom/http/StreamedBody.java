package dev.strongroom.http;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.NoWaiting;
import dev.strongroom.model.VaultException;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.io.ByteArrayOutputStream;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A body with a deadline of its own. What says that it is small is taken in as it comes; any other
 * stays with the client until it is read, and is asked for one buffer at a time.
 */
final class StreamedBody implements Request.Body {
  private sealed interface Arrival permits Bytes, End, Broken {}

  private record Bytes(Buffer buffer) implements Arrival {}

  private record End() implements Arrival {}

  private record Broken() implements Arrival {}

  // because so much of each request costs less memory than a second look at its connection costs time
  private static final int SMALL = 16 << 10;

  private final HttpServerRequest request;
  private final Context context;
  private final Limits limits;
  private final boolean announced;
  private final boolean streamed;
  private final boolean small;
  private final LinkedBlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();

  private volatile boolean ended;

  // only on the connection's context
  private boolean broken;
  private boolean discarding;
  private OptionalLong leftoverTimer = OptionalLong.empty();
  private long discarded;

  // only on the thread that answers
  private Optional<byte[]> whole = Optional.empty();

  /** On the connection's context, before the request handler returns. */
  StreamedBody(HttpServerRequest request, Context context, Limits limits) {
    this.request = request;
    this.context = context;
    this.limits = limits;
    String length = request.getHeader("content-length");
    boolean coded = request.headers().contains("transfer-encoding");
    boolean second = request.version() == HttpVersion.HTTP_2;
    this.announced = coded || length != null && !length.equals("0");
    this.streamed = announced || second && length == null;
    this.small = streamed && length != null && isSmall(length) && !isAwaited();
    if (streamed) {
      if (!small) {
        request.pause();
      }
      request.handler(this::arrived);
      request.endHandler(nothing -> ended(new End()));
      request.exceptionHandler(failure -> ended(new Broken()));
    }
  }

  private static boolean isSmall(String length) {
    try {
      return Long.parseLong(length.strip()) <= SMALL;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /** Whether the client keeps it back until it is told to go on (RFC 9110 section 10.1.1). */
  private boolean isAwaited() {
    return "100-continue".equalsIgnoreCase(request.getHeader("expect"));
  }

  /** On the context: whether all of it may come before the event loop looks at anything else. */
  boolean isComing() {
    return small && !ended;
  }

  /** On the context: what comes of it cannot be read, and nothing after it. */
  void broken() {
    broken = true;
    if (!ended) {
      ended(new Broken());
      if (discarding) {
        abandon();
      }
    }
  }

  /** On the context: whether nothing of it is still to come. */
  boolean isOver() {
    return ended || !streamed;
  }

  private void ended(Arrival how) {
    ended = true;
    arrivals.add(how);
    leftoverTimer.ifPresent(timer -> context.owner().cancelTimer(timer));
  }

  private void arrived(Buffer buffer) {
    if (!discarding) {
      arrivals.add(new Bytes(buffer));
      return;
    }
    discarded += buffer.length();
    if (discarded > limits.leftoverBytes()) {
      abandon();
    }
  }

  @Override
  public boolean isAnnounced() {
    return announced;
  }

  @Override
  public boolean isThere() {
    return isOver();
  }

  @Override
  public byte[] read(int limit) {
    if (!isThere()) {
      NoWaiting.aboutToWait();
    }
    if (!streamed) {
      return new byte[0];
    }
    if (whole.isEmpty()) {
      whole = Optional.of(receive(limit));
    }
    return whole.get();
  }

  private byte[] receive(int limit) {
    Optional<String> length = Optional.ofNullable(request.getHeader("content-length"));
    if (length.isPresent() && tooLong(length.get(), limit)) {
      throw tooLarge(limit);
    }
    if (isAwaited()) {
      context.runOnContext(nothing -> request.response().writeContinue());
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    long until = System.nanoTime() + limits.body().toNanos();
    while (true) {
      if (!small) {
        context.runOnContext(nothing -> request.fetch(1));
      }
      switch (next(until)) {
        case Bytes(Buffer buffer) -> {
          if (bytes.size() + buffer.length() > limit) {
            throw tooLarge(limit);
          }
          bytes.writeBytes(buffer.getBytes());
        }
        case End() -> {
          return bytes.toByteArray();
        }
        case Broken() ->
            throw VaultException.of(
                ErrorCode.MALFORMED_REQUEST, "reason", "its body ended too early");
      }
    }
  }

  private Arrival next(long until) {
    try {
      Arrival arrival = arrivals.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (arrival == null) {
        throw VaultException.of(ErrorCode.BODY_TIMEOUT);
      }
      return arrival;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw VaultException.of(ErrorCode.STOPPING);
    }
  }

  private static boolean tooLong(String length, int limit) {
    try {
      return Long.parseLong(length.strip()) > limit;
    } catch (NumberFormatException e) {
      throw VaultException.of(
          ErrorCode.MALFORMED_REQUEST, "reason", "its Content-Length is not a number");
    }
  }

  private static VaultException tooLarge(int limit) {
    return VaultException.of(ErrorCode.BODY_TOO_LARGE, "limit", Integer.toString(limit));
  }

  /**
   * After the answer, on the context: takes what nobody read, so that the connection can go on, and
   * lets go of a client that sends too much or too slowly.
   */
  void finish() {
    if (broken) {
      abandon();
      return;
    }
    if (ended || !streamed) {
      return;
    }
    discarding = true;
    request.resume();
    if (!ended) {
      leftoverTimer =
          OptionalLong.of(
              context
                  .owner()
                  .setTimer(
                      Math.max(1, limits.leftover().toMillis()),
                      timer -> {
                        if (!ended) {
                          abandon();
                        }
                      }));
    }
  }

  private void abandon() {
    ended = true;
    if (request.version() == HttpVersion.HTTP_2) {
      request.response().reset(0);
    } else {
      request.connection().close();
    }
  }
}
