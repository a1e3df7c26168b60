package dev.strongroom.acme;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The operator's program that makes and removes TXT records: {@code HOOK add|remove NAME VALUE}, never
 * through a shell, in bounded time. It is told nothing of the server's environment that begins with
 * STRONGROOM_, and what it prints is not read.
 */
record DnsHook(Path program, Duration longest) {
  /** It did not do what it was asked. */
  static final class Failure extends Exception {
    Failure(String message) {
      super(message);
    }
  }

  void run(String what, String name, String value) throws Failure {
    ProcessBuilder builder =
        new ProcessBuilder(program.toString(), what, name, value)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().keySet().removeIf(variable -> variable.startsWith("STRONGROOM_"));
    Process process;
    try {
      process = builder.start();
      process.getOutputStream().close();
    } catch (IOException e) {
      throw new Failure("The DNS hook cannot be run.");
    }
    try {
      if (!process.waitFor(longest.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new Failure("The DNS hook did not end within " + longest.toSeconds() + " seconds.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure("The DNS hook was interrupted.");
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    if (process.exitValue() != 0) {
      throw new Failure("The DNS hook ended with " + process.exitValue() + ".");
    }
  }
}
