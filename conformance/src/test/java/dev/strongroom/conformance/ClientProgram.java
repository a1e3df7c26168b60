package dev.strongroom.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * What a client program reported: a plan {@code 1..N}, then {@code ok NAME} or {@code not ok NAME -
 * reason} for each case. One test for each case of the list that it runs, and one for the whole.
 */
final class ClientProgram {
  private static final Pattern PLAN = Pattern.compile("1\\.\\.(\\d+)");
  private static final Pattern RESULT = Pattern.compile("(not )?ok (\\S+)(?: - (.*))?");

  private final Output output;
  private final List<String> cases;
  private final Map<String, String> failures = new LinkedHashMap<>();
  private final List<String> reported = new ArrayList<>();
  private int planned = -1;

  /**
   * @param list the resource with the names of the cases that the program must report
   */
  ClientProgram(Output output, String list) {
    this(output, list, Set.of());
  }

  /**
   * @param without cases of the list that the program cannot run in this scene and must not report
   */
  ClientProgram(Output output, String list, Set<String> without) {
    this.output = output;
    this.cases = cases(list).stream().filter(name -> !without.contains(name)).toList();
    output.stdout().lines().forEach(this::read);
  }

  private void read(String line) {
    Matcher plan = PLAN.matcher(line);
    Matcher result = RESULT.matcher(line);
    if (plan.matches()) {
      planned = Integer.parseInt(plan.group(1));
    } else if (result.matches()) {
      reported.add(result.group(2));
      if (result.group(1) != null) {
        failures.put(result.group(2), result.group(3));
      }
    }
  }

  Stream<DynamicTest> tests() {
    return Stream.concat(
        Stream.of(
            DynamicTest.dynamicTest(
                "program_everyCase_isReportedOnce",
                () -> {
                  assertThat(reported).as("%s", output).containsExactlyInAnyOrderElementsOf(cases);
                  assertThat(planned).as("plan").isEqualTo(reported.size());
                  assertThat(output.exitCode())
                      .as("%s", output)
                      .isEqualTo(failures.isEmpty() ? 0 : 1);
                })),
        cases.stream().map(name -> DynamicTest.dynamicTest(name, () -> mustHavePassed(name))));
  }

  private void mustHavePassed(String name) {
    if (failures.containsKey(name)) {
      fail(name + ": " + failures.get(name));
    }
    if (!reported.contains(name)) {
      fail(name + ": not reported by the program, which ended with " + output.exitCode());
    }
  }

  private static List<String> cases(String list) {
    try (InputStream file = ClientProgram.class.getResourceAsStream("/" + list)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
