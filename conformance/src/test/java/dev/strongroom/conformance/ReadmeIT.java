package dev.strongroom.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The tour of README.md, as somebody follows it: its commands are run as they stand there, in one
 * shell, and must print what it says. What differs: the port, a home of its own, the pinned versions
 * of Python's packages, and an {@code /etc/hosts} that only this shell sees.
 */
class ReadmeIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern BLOCK =
      Pattern.compile("^```(bash|text)\n(.*?)^```\n", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern EXPORT =
      Pattern.compile("^ *(export \\w+=\\S+)$", Pattern.MULTILINE);
  private static final String READY = "Ctrl-C stops the server.";
  private static final int START_SECONDS = 120;
  private static final int TOUR_SECONDS = 300;

  /** Commands, and what they print where the page says it. */
  private record Step(String commands, String printed) {}

  private Path work;
  private Process server;

  @BeforeEach
  void makeFolder() throws IOException {
    work = Path.of("target", "conformance", "readme").toAbsolutePath();
    if (Files.exists(work)) {
      try (Stream<Path> files = Files.walk(work)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    Files.createDirectories(work.resolve("bin"));
  }

  @AfterEach
  void stopServer() throws InterruptedException {
    if (server != null && server.isAlive()) {
      server.destroy();
      if (!server.waitFor(30, TimeUnit.SECONDS)) {
        server.destroyForcibly();
      }
    }
  }

  @Test
  void tour_everyCommand_printsWhatThePageSays() throws Exception {
    Tools.requirePrivateMounts();
    List<Step> steps = steps();
    assertThat(steps.removeFirst()).isEqualTo(new Step("./strongroom dev\n", ""));
    String welcome = startServer();
    List<String> exports =
        EXPORT.matcher(welcome).results().map(found -> found.group(1)).limit(6).toList();
    assertThat(exports).last().asString().startsWith("export STRONGROOM_CLIENT_CA_FILE=");
    welcome
        .lines()
        .map(String::strip)
        .filter(line -> line.startsWith("127."))
        .forEach(
            line -> assertThat(steps.getFirst().commands()).startsWith("echo '" + line + "' |"));
    List<String> command = new ArrayList<>(Tools.PRIVATE_MOUNTS);
    command.addAll(List.of("bash", script(steps, exports)));
    Output output = Output.of(command, ROOT, environment(), TOUR_SECONDS);
    assertThat(output.exitCode()).as("%s", output).isZero();
    String port = exports.getFirst().replaceFirst(".*:", "");
    for (int i = 0; i < steps.size(); i++) {
      if (!steps.get(i).printed().isEmpty()) {
        assertThat(Files.readString(work.resolve(i + ".out")))
            .as(steps.get(i).commands())
            .matches(pattern(steps.get(i).printed().replace(":8443", ":" + port)));
      }
    }
    server.destroy();
    assertThat(server.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(server.exitValue()).isZero();
  }

  /** The blocks of the tour: commands, each with the text block behind it, if any. */
  private static List<Step> steps() throws IOException {
    String page = Files.readString(ROOT.resolve("README.md"));
    int start = page.indexOf("\n## Five minutes\n");
    String tour = page.substring(start, page.indexOf("\n## ", start + 1));
    List<Step> steps = new ArrayList<>();
    Matcher block = BLOCK.matcher(tour);
    while (block.find()) {
      if (block.group(1).equals("bash")) {
        steps.add(new Step(block.group(2), ""));
      } else {
        steps.add(new Step(steps.removeLast().commands(), block.group(2)));
      }
    }
    assertThat(steps).hasSizeGreaterThan(6);
    return steps;
  }

  private String startServer() throws Exception {
    Path out = work.resolve("server.out");
    ProcessBuilder builder =
        new ProcessBuilder(DevServer.launcher().toString(), "dev", "--port", "0")
            .redirectOutput(out.toFile())
            .redirectError(work.resolve("server.log").toFile());
    builder.environment().put("STRONGROOM_HOME", work.resolve("home").toString());
    server = builder.start();
    for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        !Files.readString(out).contains(READY); ) {
      assertThat(server.isAlive() && System.nanoTime() < end)
          .as("the server starts: %s", Files.readString(work.resolve("server.log")))
          .isTrue();
      Thread.sleep(20);
    }
    return Files.readString(out);
  }

  private Map<String, String> environment() throws IOException {
    Path sudo = Files.writeString(work.resolve("bin/sudo"), "#!/bin/sh\nexec \"$@\"\n");
    Files.setPosixFilePermissions(sudo, PosixFilePermissions.fromString("rwxr-xr-x"));
    Map<String, String> environment = new HashMap<>();
    Path home = Path.of(System.getProperty("user.home"));
    environment.put("XDG_CACHE_HOME", home.resolve(".cache").toString());
    environment.put("XDG_CONFIG_HOME", home.resolve(".config").toString());
    environment.keySet().removeAll(System.getenv().keySet());
    environment.put("HOME", work.toString());
    environment.put("STRONGROOM_HOME", work.resolve("home").toString());
    environment.put("PATH", work.resolve("bin") + ":" + System.getenv("PATH"));
    environment.put("PIP_CONSTRAINT", Tools.folder("python/requirements.txt").toString());
    environment.put("PIP_DISABLE_PIP_VERSION_CHECK", "1");
    return environment;
  }

  /** Each step is read into the one shell, with an output of its own. */
  private String script(List<Step> steps, List<String> exports) throws IOException {
    Path hosts = Files.copy(Path.of("/etc/hosts"), work.resolve("hosts"));
    StringBuilder script = new StringBuilder("mount --bind '" + hosts + "' /etc/hosts || exit 9\n");
    exports.forEach(export -> script.append(export).append('\n'));
    for (int i = 0; i < steps.size(); i++) {
      Path step = Files.writeString(work.resolve(i + ".sh"), steps.get(i).commands());
      script.append(". '" + step + "' >'" + work.resolve(i + ".out") + "' 2>&1\n");
    }
    return Files.writeString(work.resolve("tour.sh"), script.append("exit 0\n")).toString();
  }

  /** Three dots stand for anything within a line; on a line alone, for any lines. */
  private static Pattern pattern(String printed) {
    StringBuilder pattern = new StringBuilder();
    for (String line : printed.split("\n")) {
      pattern.append(
          line.equals("...")
              ? "(?:.*\n)+"
              : Stream.of(line.split("\\.\\.\\.", -1))
                      .map(Pattern::quote)
                      .reduce((one, other) -> one + ".*" + other)
                      .orElseThrow()
                  + "\n?");
    }
    return Pattern.compile(pattern.toString(), Pattern.UNIX_LINES);
  }
}
