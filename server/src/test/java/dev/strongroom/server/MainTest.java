package dev.strongroom.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.local.LocalException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
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
}
