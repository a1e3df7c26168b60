package dev.strongroom.http;

import dev.strongroom.model.ErrorCode;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Stream;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.SSLEngineOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The sockets: HTTP/1.1 and HTTP/2 over TLS 1.2 and 1.3, or plain HTTP/1.1, one event loop per core
 * on shared ports. It turns what arrives into {@link Request}s, each answered by a {@link Service},
 * and holds no more of a client than {@link Limits} say.
 */
public final class Listener {
  private static final System.Logger LOG = System.getLogger(Listener.class.getName());
  private static final Duration START = Duration.ofSeconds(30);
  private static final Set<String> PROTOCOLS = Set.of("TLSv1.2", "TLSv1.3");

  private static final int SHARED = 1;
  // RFC 9113 section 6.5.2
  private static final int HEADER_OVERHEAD = 32;
  // how many times the bound a header list may be and still get an answer of ours
  private static final int UNDECODED = 4;

  private final Vertx vertx;
  private final Service service;
  private final Limits limits;
  private final List<Binding> bindings;
  private final AtomicInteger working = new AtomicInteger();
  private final List<List<HttpServer>> servers = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();

  private Listener(Vertx vertx, Service service, Limits limits, List<Binding> bindings) {
    this.vertx = vertx;
    this.service = service;
    this.limits = limits;
    this.bindings = List.copyOf(bindings);
  }

  /** Listens on all of the addresses or on none. */
  public static Listener start(List<Binding> bindings, Service service, Limits limits)
      throws IOException {
    int loops = Runtime.getRuntime().availableProcessors();
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(loops)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
    Listener listener = new Listener(vertx, service, limits, bindings);
    try {
      for (Binding binding : bindings) {
        listener.open(binding, loops);
      }
      return listener;
    } catch (IOException | RuntimeException e) {
      vertx.close();
      throw e;
    }
  }

  /** The ports in the order of the bindings, as they turned out. */
  public List<Integer> ports() {
    return List.copyOf(ports);
  }

  /** The part of the requests that may be worked on at once that is being worked on, 0 to 1. */
  public double saturation() {
    return working.get() / (double) limits.working();
  }

  /** Requests that are being worked on. */
  public int working() {
    return working.get();
  }

  /** Whether TLS is done by BoringSSL, else by the JDK. */
  public static boolean isNativeTls() {
    return OpenSSLEngineOptions.isAvailable();
  }

  /** Reads certificates and keys again; connections that exist go on with the old ones. */
  public void reload() throws IOException {
    for (int i = 0; i < bindings.size(); i++) {
      if (bindings.get(i).tls().isEmpty()) {
        continue;
      }
      ServerSSLOptions options = options(bindings.get(i)).getSslOptions();
      for (HttpServer server : servers.get(i)) {
        await(server.updateSSLOptions(options, true), START, "cannot use the new certificate");
      }
    }
  }

  /** Takes no new connections, lets what is being worked on finish, and stops. */
  public void close(Duration drain) throws IOException {
    List<Future<Void>> closing = new ArrayList<>();
    for (List<HttpServer> shared : servers) {
      for (HttpServer server : shared) {
        closing.add(server.shutdown(drain));
      }
    }
    Future<Void> all = Future.join(closing).<Void>mapEmpty().eventually(() -> vertx.close());
    await(all, drain.plus(START), "the listeners did not close");
  }

  private void open(Binding binding, int loops) throws IOException {
    List<Loop> shared = new CopyOnWriteArrayList<>();
    HttpServerOptions options = options(binding);
    await(
        vertx.deployVerticle(
            () -> {
              Loop loop = new Loop(binding, options);
              shared.add(loop);
              return loop;
            },
            new DeploymentOptions().setInstances(loops)),
        START,
        "cannot listen on " + binding.address() + ":" + binding.port());
    servers.add(shared.stream().map(loop -> loop.server).toList());
    ports.add(servers.getLast().getFirst().actualPort());
  }

  private HttpServerOptions options(Binding binding) throws IOException {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHttp2ClearTextEnabled(false)
            .setMaxInitialLineLength(limits.lineBytes())
            .setMaxHeaderSize(limits.headerBytes())
            .setInitialSettings(
                new Http2Settings()
                    .setMaxHeaderListSize(limits.headerBytes() * UNDECODED)
                    .setMaxConcurrentStreams(limits.streams()))
            .setHttp2RstFloodMaxRstFramePerWindow(limits.resetsPerWindow())
            .setHandle100ContinueAutomatically(false)
            .setCompressionSupported(false)
            .setDecompressionSupported(false)
            .setPerFrameWebSocketCompressionSupported(false)
            .setPerMessageWebSocketCompressionSupported(false)
            .setTcpNoDelay(true);
    if (binding.tls().isPresent()) {
      secure(options, binding.tls().get());
    }
    return options;
  }

  private void secure(HttpServerOptions options, Binding.Tls tls) throws IOException {
    byte[] certificates = Files.readAllBytes(tls.certificate());
    byte[] key = Files.readAllBytes(tls.key());
    try {
      tls.check().require(certificates, key);
    } catch (IllegalArgumentException e) {
      throw new IOException(tls.certificate() + " and " + tls.key() + ": " + e.getMessage(), e);
    }
    options
        .setSsl(true)
        .setSslEngineOptions(engine())
        .setKeyCertOptions(
            new PemKeyCertOptions()
                .addCertValue(Buffer.buffer(certificates))
                .addKeyValue(Buffer.buffer(key)))
        .setEnabledSecureTransportProtocols(PROTOCOLS)
        .setUseAlpn(true)
        .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1))
        .setSslHandshakeTimeout(limits.handshake().toMillis())
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
  }

  private static SSLEngineOptions engine() {
    return isNativeTls()
        ? new OpenSSLEngineOptions().setSessionCacheEnabled(true)
        : new JdkSSLEngineOptions();
  }

  private static <T> T await(Future<T> future, Duration patience, String failure)
      throws IOException {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | CompletionException e) {
      throw new IOException(failure + ": " + e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new IOException(failure + " within " + patience.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(failure + ": interrupted", e);
    }
  }

  /** What one connection is doing; belongs to its event loop. */
  private static final class Line {
    final HttpConnection connection;
    Optional<StrictRequestDecoder> decoder = Optional.empty();
    final Set<Integer> streams = new HashSet<>();
    int working;
    long since = System.nanoTime();

    // of HTTP/1
    int taken;
    Optional<StreamedBody> body = Optional.empty();
    boolean closing;

    Line(HttpConnection connection) {
      this.connection = connection;
    }

    void take(StreamedBody next) {
      taken++;
      body = Optional.of(next);
      lookAtBody();
    }

    /** Tells the body that it ends here, if it is the one that the decoder gave up. */
    void lookAtBody() {
      OptionalInt given =
          decoder.map(StrictRequestDecoder::brokenBody).orElse(OptionalInt.empty());
      if (given.equals(OptionalInt.of(taken))) {
        body.ifPresent(StreamedBody::broken);
      }
    }

    /** The last answer of an HTTP/1 connection is sent: nothing behind its request is read. */
    void closing() {
      closing = true;
      decoder.ifPresent(StrictRequestDecoder::stop);
    }
  }

  /** A request that was decided on its event loop and waits for the end of the loop's turn. */
  private record Decided(
      HttpServerRequest incoming, Optional<Line> line, StreamedBody body, Unaudited unaudited) {}

  /** One event loop's share of a port. */
  private final class Loop extends VerticleBase {
    private final Binding binding;
    private final HttpServerOptions options;
    private final Map<HttpConnection, Line> lines = new IdentityHashMap<>();
    private final List<Decided> turn = new ArrayList<>();
    private HttpServer server;

    Loop(Binding binding, HttpServerOptions options) {
      this.binding = binding;
      this.options = options;
    }

    @Override
    public Future<?> start() {
      server =
          vertx
              .createHttpServer(options)
              .connectionHandler(this::connected)
              .requestHandler(request -> take(request, Optional.empty()))
              .invalidRequestHandler(request -> take(request, Optional.of(defect(request))))
              .exceptionHandler(
                  failure -> LOG.log(System.Logger.Level.DEBUG, "no connection", failure));
      long period =
          Math.clamp(Math.min(limits.idle().toMillis(), limits.header().toMillis()) / 4, 20, 1000);
      vertx.setPeriodic(period, timer -> sweep());
      return server.listen(
          binding.port() == 0
              // because each loop would get a port of its own
              ? SocketAddress.sharedRandomPort(SHARED, binding.address())
              : SocketAddress.inetSocketAddress(binding.port(), binding.address()));
    }

    private void connected(HttpConnection connection) {
      Line line = new Line(connection);
      lines.put(connection, line);
      if (connection.protocolVersion() == HttpVersion.HTTP_2) {
        watch(line);
      } else {
        line.decoder = Optional.of(strict(line));
      }
      connection.exceptionHandler(
          failure -> LOG.log(System.Logger.Level.DEBUG, "a connection failed", failure));
      connection.closeHandler(nothing -> lines.remove(connection));
    }

    // because the library's decoder cannot be configured to be strict
    private StrictRequestDecoder strict(Line line) {
      StrictRequestDecoder decoder =
          new StrictRequestDecoder(
              new Http1ServerConfig()
                  .setMaxInitialLineLength(limits.lineBytes())
                  .setMaxHeaderSize(limits.headerBytes()),
              line::lookAtBody);
      ((HttpServerConnection) line.connection)
          .channelHandlerContext()
          .pipeline()
          .replace("httpDecoder", "httpDecoder", decoder);
      return decoder;
    }

    // because the library itself answers 431 to a header list that it does not even decode: no
    // request comes of it, but an answer left, and every answer has its record
    private void watch(Line line) {
      String remote = line.connection.remoteAddress().hostAddress();
      var netty =
          (Http2ConnectionHandler)
              ((HttpServerConnection) line.connection).channelHandlerContext().handler();
      netty
          .connection()
          .addListener(
              new Http2ConnectionAdapter() {
                @Override
                public void onStreamClosed(Http2Stream stream) {
                  boolean taken = line.streams.remove(stream.id());
                  if (!taken && stream.isHeadersSent()) {
                    Thread.ofVirtual().name("refused").start(() -> answer(undecoded(remote)));
                  }
                }
              });
    }

    private Request undecoded(String remote) {
      return new Request(
          "",
          "",
          List.of(),
          name -> List.of(),
          remote,
          binding.roles(),
          binding.proxies(),
          Request.Body.NONE,
          Optional.of(Request.Defect.of(ErrorCode.HEADERS_TOO_LARGE)));
    }

    private void sweep() {
      long now = System.nanoTime();
      for (Line line : List.copyOf(lines.values())) {
        long arriving = line.decoder.map(StrictRequestDecoder::arrivingSince).orElse(0L);
        boolean slow = arriving != 0 && now - arriving > limits.header().toNanos();
        boolean idle = now - line.since > limits.idle().toNanos();
        if (line.working == 0 && (slow || idle)) {
          line.connection.close();
        }
      }
    }

    private void take(HttpServerRequest incoming, Optional<Request.Defect> defect) {
      Context context = vertx.getOrCreateContext();
      Optional<Line> line = Optional.ofNullable(lines.get(incoming.connection()));
      boolean second = incoming.version() == HttpVersion.HTTP_2;
      if (line.filter(known -> known.closing).isPresent()) {
        // came in one piece with a request that was refused for its form: nobody asked for it
        return;
      }
      StreamedBody body = new StreamedBody(incoming, context, limits);
      line.ifPresent(
          known -> {
            known.working++;
            if (second) {
              known.streams.add((int) incoming.streamId());
            } else {
              known.take(body);
            }
          });
      boolean busy = working.incrementAndGet() > limits.working();
      Request request =
          request(
              incoming,
              body,
              busy && defect.isEmpty() ? Optional.of(Request.Defect.busy()) : defect);
      if (body.isComing()) {
        // because it is mostly in the same packet, and then nobody has to wait for it
        context.runOnContext(nothing -> begin(context, incoming, line, body, request));
      } else {
        begin(context, incoming, line, body, request);
      }
    }

    private void begin(
        Context context,
        HttpServerRequest incoming,
        Optional<Line> line,
        StreamedBody body,
        Request request) {
      try {
        // what needs nothing but what is in memory needs no thread of its own
        Optional<Unaudited> atOnce = service.serveAtOnce(request);
        if (atOnce.isPresent()) {
          turn.add(new Decided(incoming, line, body, atOnce.get()));
          if (turn.size() == 1) {
            context.runOnContext(nothing -> endTurn());
          }
          return;
        }
      } catch (Throwable e) {
        // not tried again, because it may have had an effect
        LOG.log(System.Logger.Level.ERROR, "a request ended without an answer", e);
        finish(incoming, line, Optional.empty(), body);
        return;
      }
      Thread.ofVirtual()
          .name("request")
          .start(
              () -> {
                Optional<Reply> reply = answer(request);
                context.runOnContext(nothing -> finish(incoming, line, reply, body));
              });
    }

    /** Writes the records of a turn together; only then do its answers leave. */
    private void endTurn() {
      List<Decided> decided = List.copyOf(turn);
      turn.clear();
      List<Optional<Reply>> replies = settle(decided.stream().map(Decided::unaudited).toList());
      for (int i = 0; i < decided.size(); i++) {
        Decided one = decided.get(i);
        finish(one.incoming(), one.line(), replies.get(i), one.body());
      }
    }

    private List<Optional<Reply>> settle(List<Unaudited> decided) {
      try {
        return service.settle(decided).stream().map(Optional::of).toList();
      } catch (Throwable e) {
        // because without an answer there is no record either: nothing may leave
        LOG.log(System.Logger.Level.ERROR, "requests ended without an answer", e);
        return Collections.nCopies(decided.size(), Optional.empty());
      }
    }

    private void finish(
        HttpServerRequest incoming, Optional<Line> line, Optional<Reply> reply, StreamedBody body) {
      working.decrementAndGet();
      line.ifPresent(
          known -> {
            known.working--;
            known.since = System.nanoTime();
            if (body.isOver()) {
              // because a request holds its token, and the connection may stay open for long
              known.body = Optional.empty();
            }
          });
      if (reply.filter(Reply::closes).isPresent() && incoming.version() != HttpVersion.HTTP_2) {
        line.ifPresent(Line::closing);
      }
      reply.ifPresentOrElse(
          known -> send(incoming, known, body), () -> incoming.connection().close());
    }

    private Optional<Reply> answer(Request request) {
      try {
        return Optional.of(service.answer(request));
      } catch (Throwable e) {
        // because without an answer there is no record either: nothing may leave
        LOG.log(System.Logger.Level.ERROR, "a request ended without an answer", e);
        return Optional.empty();
      }
    }

    private Request request(
        HttpServerRequest incoming, StreamedBody body, Optional<Request.Defect> defect) {
      boolean second = incoming.version() == HttpVersion.HTTP_2;
      List<String> hosts = incoming.headers().getAll(Headers.encoded("host"));
      List<String> authorities =
          second && incoming.authority() != null ? List.of(incoming.authority().toString()) : hosts;
      Optional<Request.Defect> found =
          defect.isEmpty() && second ? defectOfSecond(incoming, authorities, hosts) : defect;
      return new Request(
          incoming.method().name(),
          Optional.ofNullable(incoming.uri()).orElse(""),
          authorities,
          name -> incoming.headers().getAll(Headers.encoded(name)),
          incoming.remoteAddress().hostAddress(),
          binding.roles(),
          binding.proxies(),
          body,
          found);
    }

    // because HTTP/1's decoder has these bounds, and HTTP/2's would refuse without a record
    private Optional<Request.Defect> defectOfSecond(
        HttpServerRequest incoming, List<String> authorities, List<String> hosts) {
      if (incoming.uri() != null && incoming.uri().length() > limits.lineBytes()) {
        return Optional.of(Request.Defect.of(ErrorCode.URI_TOO_LONG));
      }
      int size = 0;
      for (Map.Entry<String, String> header : incoming.headers()) {
        size += header.getKey().length() + header.getValue().length() + HEADER_OVERHEAD;
      }
      if (size > limits.headerBytes()) {
        return Optional.of(Request.Defect.of(ErrorCode.HEADERS_TOO_LARGE));
      }
      return hosts.stream().allMatch(host -> authorities.contains(host))
          ? Optional.empty()
          : Optional.of(Request.Defect.malformed("its Host is not its :authority"));
    }

    private void send(HttpServerRequest incoming, Reply reply, StreamedBody body) {
      HttpServerResponse response = incoming.response();
      if (response.ended() || response.closed()) {
        return;
      }
      boolean second = incoming.version() == HttpVersion.HTTP_2;
      try {
        response.setStatusCode(reply.status());
        reply
            .headers()
            .forEach((name, value) -> response.headers().add(Headers.encoded(name), value));
        if (reply.closes() && !second) {
          response.putHeader("Connection", "close");
        }
        Future<Void> sent =
            reply.body().length == 0 ? response.end() : response.end(Buffer.buffer(reply.body()));
        if (reply.closes() && !second) {
          sent.onComplete(done -> incoming.connection().close());
        } else {
          body.finish();
        }
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.ERROR, "an answer cannot be sent", e);
        incoming.connection().close();
      }
    }
  }

  private static Request.Defect defect(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    if (cause instanceof TooLongHttpLineException) {
      return Request.Defect.of(ErrorCode.URI_TOO_LONG);
    }
    if (cause instanceof TooLongHttpHeaderException || request.version() == HttpVersion.HTTP_2) {
      return Request.Defect.of(ErrorCode.HEADERS_TOO_LARGE);
    }
    return Request.Defect.malformed("it is not well-formed HTTP/1.1");
  }
}
