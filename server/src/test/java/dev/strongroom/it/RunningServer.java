package dev.strongroom.it;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The packaged jar as a process, started with the very options of the launcher, and a client that
 * trusts its authority alone. Its output goes to files beside the data folder, so that what a killed
 * server said can still be read.
 */
final class RunningServer implements AutoCloseable {
  static final String SECRETS = "2026-04-01";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration START = Duration.ofSeconds(60);
  private static final Path MODULE = Path.of("").toAbsolutePath();

  /**
   * How to start.
   *
   * @param prefix words before java, such as those that enter a namespace
   * @param javaOptions behind the launcher's own options, so they win
   * @param arguments command and its options
   * @param input what is on standard input
   * @param log standard output goes to LOG.out, standard error to LOG.err, appended
   */
  record Start(
      List<String> prefix,
      List<String> javaOptions,
      List<String> arguments,
      Map<String, String> environment,
      Path input,
      Path log) {
    private static final Path NOTHING = Path.of("/dev/null");

    /** {@code dev} on a free port. */
    static Start dev(Path data, String... more) {
      List<String> arguments =
          new ArrayList<>(
              List.of("dev", "--data", data.toString(), "--port", "0", "--print", "json"));
      arguments.addAll(Arrays.asList(more));
      return new Start(
          List.of(),
          List.of(),
          arguments,
          Map.of(),
          NOTHING,
          data.resolveSibling(data.getFileName() + "-log"));
    }

    /** Any command. */
    static Start command(Path log, String... arguments) {
      return new Start(List.of(), List.of(), List.of(arguments), Map.of(), NOTHING, log);
    }

    Start under(String... words) {
      return new Start(List.of(words), javaOptions, arguments, environment, input, log);
    }

    Start withJava(String... options) {
      return new Start(prefix, List.of(options), arguments, environment, input, log);
    }

    Start with(String variable, String value) {
      Map<String, String> more = new LinkedHashMap<>(environment);
      more.put(variable, value);
      return new Start(prefix, javaOptions, arguments, more, input, log);
    }

    Start reading(Path file) {
      return new Start(prefix, javaOptions, arguments, environment, file, log);
    }

    Path out() {
      return log.resolveSibling(log.getFileName() + ".out");
    }

    Path err() {
      return log.resolveSibling(log.getFileName() + ".err");
    }

    Process process() throws IOException {
      List<String> program = new ArrayList<>(List.of("-jar", jar().toString()));
      program.addAll(arguments);
      return builder(program)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(out().toFile()))
          .redirectInput(ProcessBuilder.Redirect.from(input.toFile()))
          .start();
    }

    /** Another program of the jar and the tests, with pipes for its input and output. */
    Process process(Class<?> program) throws IOException {
      return builder(
              List.of(
                  "-cp",
                  jar() + File.pathSeparator + MODULE.resolve("target").resolve("test-classes"),
                  program.getName()))
          .start();
    }

    private ProcessBuilder builder(List<String> program) throws IOException {
      List<String> words = new ArrayList<>(prefix);
      words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      words.addAll(launcherOptions());
      words.addAll(Warm.OPTIONS);
      words.addAll(javaOptions);
      words.addAll(program);
      ProcessBuilder builder =
          new ProcessBuilder(words)
              .redirectError(ProcessBuilder.Redirect.appendTo(err().toFile()));
      builder
          .environment()
          .keySet()
          .removeIf(name -> name.startsWith("STRONGROOM_") || name.startsWith("AZURE_"));
      // because the user who runs the tests may be logged in somewhere
      builder.environment().put("STRONGROOM_HOME", log.resolveSibling("home").toString());
      builder.environment().remove("JAVA_TOOL_OPTIONS");
      builder.environment().putAll(environment);
      return builder;
    }
  }

  /** An ahead-of-time cache as the launcher makes it, once for all tests of a jar. */
  private static final class Warm {
    static final List<String> OPTIONS = options();

    private static List<String> options() {
      Path cache = MODULE.resolve("target").resolve("it.aot");
      // because other classes of tests run beside this one
      try (FileChannel lock =
          FileChannel.open(
              MODULE.resolve("target").resolve("it.lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE)) {
        lock.lock();
        if (!Files.exists(cache)
            || Files.getLastModifiedTime(cache).compareTo(Files.getLastModifiedTime(jar())) < 0) {
          List<String> words =
              new ArrayList<>(
                  List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
          words.addAll(launcherOptions());
          words.addAll(List.of("-XX:AOTCacheOutput=" + cache, "-jar", jar().toString(), "train"));
          Process training =
              new ProcessBuilder(words)
                  .redirectErrorStream(true)
                  .redirectOutput(MODULE.resolve("target").resolve("it-train.log").toFile())
                  .start();
          if (!waitFor(training, Duration.ofSeconds(120)) || training.exitValue() != 0) {
            training.destroyForcibly();
            throw new AssertionError("the training run failed; see target/it-train.log");
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return List.of("-XX:AOTCache=" + cache, "-Xlog:aot=off", "-Xlog:cds=off");
    }
  }

  /** How a command ended. */
  record Finished(int code, String out, String err) {}

  /** An answer of the server, its body as text. */
  record Answer(int status, Map<String, List<String>> headers, String body) {
    JsonNode json() {
      return JSON.readTree(body);
    }

    /** The code of Azure's error shape, or empty where the body has no such shape. */
    String errorCode() {
      return json().path("error").path("code").asString("");
    }

    Optional<String> header(String name) {
      return headers.entrySet().stream()
          .filter(entry -> entry.getKey().equalsIgnoreCase(name))
          .flatMap(entry -> entry.getValue().stream())
          .findFirst();
    }
  }

  private final Start start;
  private final Process process;
  private final JsonNode settings;
  private final HttpClient http;
  private final Map<String, String> tokens = new ConcurrentHashMap<>();

  private RunningServer(Start start, Process process, JsonNode settings) {
    this.start = start;
    this.process = process;
    this.settings = settings;
    this.http = client(Path.of(settings.path("caFile").asString()));
  }

  static RunningServer dev(Path data, String... more) throws IOException {
    return dev(Start.dev(data, more));
  }

  /** Starts {@code dev --print json} and returns when its line is there. */
  static RunningServer dev(Start start) throws IOException {
    long before = Files.exists(start.out()) ? Files.size(start.out()) : 0;
    Process process = start.process();
    String[] line = new String[1];
    awaitStart(
        start,
        process,
        () -> {
          String out = text(start.out()).substring(Math.toIntExact(before));
          Matcher found = READY_LINE.matcher(out);
          if (found.find()) {
            line[0] = found.group();
          }
          return line[0] != null;
        });
    return new RunningServer(start, process, JSON.readTree(line[0]));
  }

  private static final Pattern READY_LINE = Pattern.compile("^\\{.*\\}$", Pattern.MULTILINE);

  /** What {@code serve} says when it listens. */
  private static final Pattern LISTENING =
      Pattern.compile("ready.*; listening on \\S+:(\\d+),(?: pki-http on \\S+,)? health on (\\S+:\\d+)");

  /**
   * Starts {@code serve} and returns when it says that it is ready.
   *
   * @param settings what {@code dev} would print of itself, but for the addresses, which are added
   */
  static RunningServer serve(Start start, ObjectNode settings) throws IOException {
    long before = Files.exists(start.err()) ? Files.size(start.err()) : 0;
    Process process = start.process();
    Matcher[] said = new Matcher[1];
    awaitStart(
        start,
        process,
        () -> {
          said[0] = LISTENING.matcher(text(start.err()).substring(Math.toIntExact(before)));
          return said[0].find();
        });
    String port = said[0].group(1);
    settings
        .put("vaultUrl", "https://dev.vault.localhost:" + port)
        .put("authorityHost", "https://login.localhost:" + port)
        .put("armUrl", "https://management.localhost:" + port)
        .put("adminUrl", "http://" + said[0].group(2));
    return new RunningServer(start, process, settings);
  }

  private static void awaitStart(Start start, Process process, BooleanSupplier ready) {
    try {
      await("the server is ready", START, () -> ready.getAsBoolean() || !process.isAlive());
    } catch (AssertionError e) {
      process.destroyForcibly();
      throw new AssertionError(e.getMessage() + ": " + text(start.err()), e);
    }
    if (!ready.getAsBoolean()) {
      throw new AssertionError(
          "the server ended with " + process.exitValue() + ": " + text(start.err()));
    }
  }

  /** Runs a command of the jar to its end. */
  static Finished run(String... arguments) throws IOException {
    Path folder = Files.createTempDirectory("strongroom-command");
    try {
      return run(Start.command(folder.resolve("log"), arguments).withJava("-XX:TieredStopAtLevel=1"));
    } finally {
      try (var files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
  }

  static Finished run(Start start) throws IOException {
    Process process = start.process();
    if (!waitFor(process, Duration.ofSeconds(60))) {
      process.destroyForcibly();
      throw new AssertionError(start.arguments() + " did not end: " + text(start.err()));
    }
    return new Finished(process.exitValue(), text(start.out()), text(start.err()));
  }

  JsonNode settings() {
    return settings;
  }

  String setting(String name) {
    return settings.path(name).asString();
  }

  Path data() {
    return Path.of(setting("dataDir"));
  }

  long pid() {
    return process.pid();
  }

  int port() {
    int port = URI.create(setting("vaultUrl")).getPort();
    return port < 0 ? 443 : port;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Everything said on standard output since the log began. */
  String out() {
    return text(start.out());
  }

  String err() {
    return text(start.err());
  }

  HttpClient http() {
    return http;
  }

  /** A token of dev's application for {@code vault} or {@code management}, asked for once. */
  String token(String audience) {
    return tokens.computeIfAbsent(
        audience,
        name -> {
          Answer answer = signIn(setting("clientSecret"), name);
          if (answer.status() != 200) {
            throw new AssertionError("no token: " + answer.status() + " " + answer.body());
          }
          return answer.json().path("access_token").asString();
        });
  }

  /** Asks for a token with a client secret that may be wrong. */
  Answer signIn(String clientSecret, String audience) {
    return signIn(setting("clientId"), clientSecret, audience);
  }

  Answer signIn(String clientId, String clientSecret, String audience) {
    String host = URI.create(setting("authorityHost")).getHost().substring("login.".length());
    String form =
        "grant_type=client_credentials&client_id="
            + encode(clientId)
            + "&client_secret="
            + encode(clientSecret)
            + "&scope="
            + encode("https://" + audience + '.' + host + "/.default");
    return send(
        HttpRequest.newBuilder(
                URI.create(
                    setting("authorityHost") + '/' + setting("tenantId") + "/oauth2/v2.0/token"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form)));
  }

  /** A request to the default vault; the path may have a query, the api-version is added. */
  Answer secret(String method, String path, String body) {
    return send(vaultRequest(method, path, body));
  }

  HttpRequest.Builder vaultRequest(String method, String path, String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create(
                    setting("vaultUrl")
                        + path
                        + (path.indexOf('?') < 0 ? '?' : '&')
                        + "api-version="
                        + SECRETS))
            .header("Authorization", "Bearer " + token("vault"))
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    return request;
  }

  Answer send(HttpRequest.Builder request) {
    try {
      return sending(request);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@link #send}, for a test that expects the server to go away. */
  Answer sending(HttpRequest.Builder request) throws IOException {
    try {
      HttpResponse<String> response =
          http.send(
              request.timeout(Duration.ofSeconds(60)).build(),
              HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
      return new Answer(response.statusCode(), response.headers().map(), response.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** Memory in use, as the kernel counts it, in bytes. */
  long residentBytes() throws IOException {
    Matcher found =
        Pattern.compile("VmRSS:\\s+(\\d+) kB")
            .matcher(Files.readString(Path.of("/proc/" + pid() + "/status")));
    if (!found.find()) {
      throw new AssertionError("no VmRSS of " + pid());
    }
    return Long.parseLong(found.group(1)) << 10;
  }

  /** Asks the virtual machine itself, which only answers where attaching was switched on. */
  Finished jcmd(Path out, String... words) throws IOException {
    List<String> line =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(pid())));
    line.addAll(Arrays.asList(words));
    Process asking =
        new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    if (!waitFor(asking, Duration.ofSeconds(60))) {
      asking.destroyForcibly();
      throw new AssertionError("jcmd did not end: " + text(out));
    }
    return new Finished(asking.exitValue(), text(out), "");
  }

  /** SIGKILL; returns when the process is gone. */
  void kill() {
    process.destroyForcibly();
    if (!waitFor(process, Duration.ofSeconds(30))) {
      throw new AssertionError("the server outlived SIGKILL");
    }
    http.shutdownNow();
  }

  /** SIGTERM; the exit code, 143 being the shell's number for it. */
  int stop() {
    process.destroy();
    if (!waitFor(process, Duration.ofSeconds(40))) {
      process.destroyForcibly();
      throw new AssertionError("the server did not stop: " + err());
    }
    http.shutdownNow();
    return process.exitValue();
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      kill();
    }
  }

  /** Polls until the condition holds. */
  static void await(String what, Duration most, BooleanSupplier condition) {
    long end = System.nanoTime() + most.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("not within " + most + ": " + what);
      }
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
  }

  static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  static SSLContext trusting(Path caFile) {
    try (InputStream in = Files.newInputStream(caFile)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      for (Certificate authority :
          CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("ca" + store.size(), authority);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new AssertionError("cannot trust " + caFile, e);
    }
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  static Path jar() {
    Path jar = MODULE.resolve("target").resolve("strongroom.jar");
    if (!Files.exists(jar)) {
      throw new AssertionError(jar + " is not built; run: mvn package");
    }
    return jar;
  }

  /** The options between the launcher's parentheses, so that both cannot drift apart. */
  static List<String> launcherOptions() throws IOException {
    String launcher = Files.readString(MODULE.resolveSibling("strongroom"));
    Matcher found =
        Pattern.compile("^java_options=\\(\\n(.*?)^\\)", Pattern.MULTILINE | Pattern.DOTALL)
            .matcher(launcher);
    if (!found.find()) {
      throw new AssertionError("the launcher has no java_options");
    }
    return List.of(found.group(1).strip().split("\\s+"));
  }

  private static HttpClient client(Path caFile) {
    return HttpClient.newBuilder()
        .connectTimeout(Duration.ofSeconds(20))
        .sslContext(trusting(caFile))
        .build();
  }

  private static boolean waitFor(Process process, Duration most) {
    try {
      return process.waitFor(most.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static String text(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file, StandardCharsets.ISO_8859_1) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
