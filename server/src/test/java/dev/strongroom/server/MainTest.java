package dev.strongroom.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.local.LocalException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class MainTest {
  @Test
  void reason_whatUsersCause_isOneSentence() {
    assertThat(Main.reason(new LocalException("do that"))).isEqualTo("do that");
    assertThat(Main.reason(new NoSuchFileException("/a"))).isEqualTo("/a is not there");
    assertThat(Main.reason(new AccessDeniedException("/a"))).isEqualTo("this user may not use /a");
    assertThat(Main.reason(new FileSystemException("/a", null, "too big")))
        .isEqualTo("/a: too big");
    assertThat(Main.reason(new UncheckedIOException("x", new IOException("cannot listen"))))
        .isEqualTo("cannot listen");
  }

  @Test
  void reason_defect_pointsToTheLog() {
    assertThat(Main.reason(new IllegalStateException("detail")))
        .contains("defect")
        .doesNotContain("detail");
  }

  /** With help asked for a command is not run, but options that it does not have are refused. */
  @Test
  void commands_ofTheDocuments_areUnderstood() throws IOException {
    PrintStream out = System.out;
    Set<String> wrong = new TreeSet<>();
    int count = 0;
    System.setOut(new PrintStream(OutputStream.nullOutputStream()));
    try {
      for (String document :
          List.of("README.md", "SECURITY.md", "docs/OPERATING.md", "docs/FORMATS.md")) {
        Matcher found = COMMAND.matcher(Files.readString(Path.of("..").resolve(document)));
        while (found.find()) {
          String words = found.group(1) == null ? found.group(2) : found.group(1);
          count++;
          if (Main.run((words.replace('"', ' ') + " --help").strip().split("\\s+")) != 0) {
            wrong.add(document + ": " + words);
          }
        }
      }
    } finally {
      System.setOut(out);
    }
    assertThat(wrong).isEmpty();
    assertThat(count).isGreaterThan(25);
  }

  /** A line of its own, up to its comment or the end of the line, or between backticks. */
  private static final Pattern COMMAND =
      Pattern.compile(
          "^    (?:\\./)?strongroom ([a-z][^#\\\\\n]*)|`(?:\\./)?strongroom ([a-z][^`]*)`",
          Pattern.MULTILINE);
}
