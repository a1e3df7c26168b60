package dev.strongroom.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DnsHookTest {
  @TempDir Path folder;

  private DnsHook hook(String script, Duration longest) throws IOException {
    Path program = folder.resolve("hook");
    Files.writeString(program, "#!/bin/sh\n" + script + '\n');
    assertThat(program.toFile().setExecutable(true)).isTrue();
    return new DnsHook(program, longest);
  }

  @Test
  void run_wordsOfAShell_areArgumentsAsTheyStand() throws Exception {
    Path out = folder.resolve("out");
    hook("printf '%s|' \"$@\" > " + out, Duration.ofSeconds(20))
        .run("add", "_acme-challenge.a.test", "$(id) ; *");
    assertThat(out).hasContent("add|_acme-challenge.a.test|$(id) ; *|");
  }

  @Test
  void run_endsWithAnError_saysWhich() throws Exception {
    DnsHook hook = hook("exit 3", Duration.ofSeconds(20));
    assertThatThrownBy(() -> hook.run("add", "n", "v"))
        .isInstanceOf(DnsHook.Failure.class)
        .hasMessage("The DNS hook ended with 3.");
  }

  @Test
  void run_doesNotEnd_isEnded() throws Exception {
    DnsHook hook = hook("exec sleep 600", Duration.ofSeconds(1));
    assertThatThrownBy(() -> hook.run("add", "n", "v"))
        .isInstanceOf(DnsHook.Failure.class)
        .hasMessage("The DNS hook did not end within 1 seconds.");
  }

  @Test
  void run_noSuchProgram_isAFailure() {
    DnsHook hook = new DnsHook(folder.resolve("none"), Duration.ofSeconds(1));
    assertThatThrownBy(() -> hook.run("add", "n", "v"))
        .isInstanceOf(DnsHook.Failure.class)
        .hasMessage("The DNS hook cannot be run.");
  }
}
