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

/** The systemd units are well-formed and as closed as they were; their variables are settings. */
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
  void units_systemdAnalyze_areUnderstood() throws Exception {
    assumeThat(Path.of("/usr/bin/systemd-analyze")).isExecutable();
    // as they are installed, because the programs that they name must be there
    Path root = folder.resolve("root");
    Path units = Files.createDirectories(root.resolve("usr/lib/systemd/system"));
    for (String unit : List.of("strongroom.service", "strongroom-tls.service", "strongroom-tls.path")) {
      Files.copy(UNIT.resolveSibling(unit), units.resolve(unit));
    }
    for (String target : List.of("sysinit", "basic", "shutdown", "paths", "network-online")) {
      Files.writeString(units.resolve(target + ".target"), "[Unit]\n");
    }
    for (String program : List.of("usr/bin/strongroom", "usr/sbin/strongroom-tls", "usr/bin/rm")) {
      Path file = root.resolve(program);
      Files.createDirectories(file.getParent());
      Files.writeString(file, "#!/bin/sh\n");
      assertThat(file.toFile().setExecutable(true)).isTrue();
    }
    Path out = folder.resolve("verified");
    Process asked =
        new ProcessBuilder(
                "systemd-analyze",
                "verify",
                "--root=" + root,
                "--man=no",
                "strongroom.service",
                "strongroom-tls.path")
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    assertThat(asked.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(out, StandardCharsets.UTF_8)).isEmpty();
    assertThat(asked.exitValue()).isZero();
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
