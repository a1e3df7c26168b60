package dev.strongroom.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The systemd unit is as closed as it was, and its variables are settings of {@code serve}. */
class ServiceUnitTest {
  private static final Path UNIT = Path.of("..", "packaging", "strongroom.service");
  private static final double MOST_EXPOSURE = 1.4;
  private static final Pattern EXPOSURE = Pattern.compile("Overall exposure level .*: ([0-9.]+) ");

  @TempDir private Path folder;

  @Test
  void unit_systemdAnalyze_exposureIsNotMoreThanItWas() throws Exception {
    assumeThat(Path.of("/usr/bin/systemd-analyze")).isExecutable();
    Path out = folder.resolve("out");
    Process asked =
        new ProcessBuilder(
                "systemd-analyze", "security", "--offline=true", "--no-pager", UNIT.toString())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    assertThat(asked.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String said = Files.readString(out, StandardCharsets.UTF_8);
    Matcher score = EXPOSURE.matcher(said);
    assertThat(score.find()).as(said).isTrue();
    System.out.println("systemd-analyze security: " + score.group(1));
    assertThat(Double.parseDouble(score.group(1))).as(said).isLessThanOrEqualTo(MOST_EXPOSURE);
  }

  @Test
  void unit_variables_areSettings() throws Exception {
    List<String> variables;
    try (Stream<String> lines = Files.lines(UNIT)) {
      variables =
          lines
              .filter(line -> line.startsWith("Environment=STRONGROOM_"))
              .map(line -> line.substring("Environment=".length(), line.lastIndexOf('=')))
              .toList();
    }
    assertThat(variables)
        .containsExactly(
            ConfigFile.variable("unseal.keyFile"),
            ConfigFile.variable("listeners[0].certificate"),
            ConfigFile.variable("listeners[0].key"));
  }
}
