package dev.strongroom.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One {@code az} with a configuration folder of its own. */
final class Az implements AutoCloseable {
  private static final int SECONDS = 120;
  private static final Pattern WORD = Pattern.compile("'([^']*)'|\\S+");

  private final Runner runner;
  private final Map<String, String> environment;
  private final Set<String> commands = new TreeSet<>();

  private Az(Runner runner, Map<String, String> environment) {
    this.runner = runner;
    this.environment = environment;
  }

  /** What becomes of the words of a command line. */
  private interface Runner extends AutoCloseable {
    Output run(List<String> words) throws IOException, InterruptedException;

    @Override
    default void close() {}
  }

  /** Each command is a process of its own, as in a terminal. */
  static Az processes(Scene scene) throws IOException, InterruptedException {
    List<String> program = List.of(python().toString(), "-m", "azure.cli");
    Map<String, String> environment = environment(scene);
    return new Az(
        words ->
            Output.of(
                Stream.concat(program.stream(), words.stream()).toList(),
                scene.work,
                environment,
                SECONDS),
        environment);
  }

  /** Goes on with what is configured, in one process, {@code az/session.py}: ten times as fast. */
  Az session(Scene scene) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(python().toString(), Tools.folder("az/session.py").toString())
            .directory(scene.work.toFile())
            .redirectError(scene.work.resolve("az-session.log").toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("AZURE_"));
    builder.environment().put("NO_PROXY", "localhost,.localhost,127.0.0.1");
    builder.environment().putAll(environment);
    return new Az(new Session(builder.start()), environment);
  }

  private record Session(Process process) implements Runner {
    @Override
    public Output run(List<String> words) throws IOException, InterruptedException {
      process.outputWriter().write(JsonMapper.shared().writeValueAsString(words) + "\n");
      process.outputWriter().flush();
      JsonNode answer = JsonMapper.shared().readTree(answer());
      return new Output(
          words,
          answer.path("exitCode").asInt(),
          answer.path("stdout").asString(),
          answer.path("stderr").asString());
    }

    private String answer() throws InterruptedException {
      CompletableFuture<String> line =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return process.inputReader().readLine();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      try {
        return Optional.ofNullable(line.get(SECONDS, TimeUnit.SECONDS))
            .orElseThrow(() -> new AssertionError("az has ended; see az-session.log"));
      } catch (ExecutionException | TimeoutException e) {
        throw new AssertionError("az does not answer", e);
      }
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  private static Path python() throws IOException, InterruptedException {
    return Tools.python(
        Tools.cache("strongroom-az"), Tools.folder("az/requirements.txt"), "--no-deps");
  }

  private static Map<String, String> environment(Scene scene) throws IOException {
    return Map.of(
        "AZURE_CONFIG_DIR", Files.createTempDirectory(scene.work, "config-").toString(),
        "AZURE_CORE_COLLECT_TELEMETRY", "false",
        "AZURE_CORE_NO_COLOR", "true",
        "PYTHONPATH", Tools.folder("python/localhost").toString(),
        "PYTHONDONTWRITEBYTECODE", "1",
        "PYTHONWARNINGS", "ignore",
        "REQUESTS_CA_BUNDLE", scene.server.get("caFile"));
  }

  /**
   * Runs a command line that must succeed and answers what it printed. Words are separated by
   * blanks or stand in single quotes; each {@code {}} is one of the values, whatever it holds.
   */
  JsonNode run(String commandLine, Object... values) throws IOException, InterruptedException {
    Output output = call(words(commandLine, values)).mustSucceed();
    String json = output.stdout().isBlank() ? "null" : output.stdout();
    return JsonMapper.shared().readTree(json);
  }

  /** Runs a command line that must fail with this code or text in what it says. */
  void refused(String code, String commandLine, Object... values)
      throws IOException, InterruptedException {
    Output output = call(words(commandLine, values));
    assertThat(output.exitCode()).as("%s", output).isNotZero();
    assertThat(output.stderr()).as("%s", output).contains(code);
  }

  /** Every command that was run, without its arguments, such as {@code keyvault secret set}. */
  Set<String> commands() {
    return commands;
  }

  private static List<String> words(String commandLine, Object... values) {
    Iterator<Object> value = List.of(values).iterator();
    return WORD.matcher(commandLine)
        .results()
        .map(word -> word.group(1) != null ? word.group(1) : word.group())
        .map(word -> word.contains("{}") ? word.replace("{}", value.next().toString()) : word)
        .toList();
  }

  private Output call(List<String> words) throws IOException, InterruptedException {
    commands.add(
        words.stream()
            .takeWhile(word -> word.matches("[a-z][a-z-]*"))
            .collect(Collectors.joining(" ")));
    return runner.run(
        Stream.concat(words.stream(), Stream.of("--output", "json", "--only-show-errors"))
            .toList());
  }

  /** The text behind these members, which must be there. */
  static String text(JsonNode node, String... path) {
    JsonNode found = node;
    for (String name : path) {
      found = found.path(name);
    }
    assertThat(found.isString()).as("%s in %s", String.join(".", path), node).isTrue();
    return found.asString();
  }

  static List<String> names(JsonNode list) {
    return texts(list, "name");
  }

  /** That member of each in a list. */
  static List<String> texts(JsonNode list, String member) {
    assertThat(list.isArray()).as("%s", list).isTrue();
    return StreamSupport.stream(list.spliterator(), false).map(each -> text(each, member)).toList();
  }

  @Override
  public void close() {
    runner.close();
  }
}
