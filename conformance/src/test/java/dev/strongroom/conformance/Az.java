package dev.strongroom.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One {@code az} with a configuration folder of its own; each call is a new process. */
final class Az {
  private static final int SECONDS = 120;
  private static final Pattern WORD = Pattern.compile("'([^']*)'|\\S+");

  private final Path python;
  private final Scene scene;
  private final Path configuration;
  private final Set<String> commands = new TreeSet<>();

  Az(Path python, Scene scene, Path configuration) {
    this.python = python;
    this.scene = scene;
    this.configuration = configuration;
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
    List<String> command = new ArrayList<>(List.of(python.toString(), "-m", "azure.cli"));
    command.addAll(words);
    command.addAll(List.of("--output", "json", "--only-show-errors"));
    Map<String, String> environment =
        Map.of(
            "AZURE_CONFIG_DIR", configuration.toString(),
            "AZURE_CORE_COLLECT_TELEMETRY", "false",
            "AZURE_CORE_NO_COLOR", "true",
            "PYTHONPATH", Tools.folder("python/localhost").toString(),
            "PYTHONDONTWRITEBYTECODE", "1",
            "PYTHONWARNINGS", "ignore",
            "REQUESTS_CA_BUNDLE", scene.server.get("caFile"));
    return Output.of(command, scene.work, environment, SECONDS);
  }
}
