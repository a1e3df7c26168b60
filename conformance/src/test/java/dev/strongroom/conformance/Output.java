package dev.strongroom.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What a process printed and how it ended. */
record Output(List<String> command, int exitCode, String stdout, String stderr) {
  /**
   * Runs a command to its end, or kills it after the given time. It inherits the environment
   * without any {@code AZURE_...} variable, so that a developer's own login decides nothing.
   */
  static Output of(
      List<String> command, Path directory, Map<String, String> environment, int seconds)
      throws IOException, InterruptedException {
    Path stdout = Files.createTempFile("strongroom-", ".out");
    Path stderr = Files.createTempFile("strongroom-", ".err");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectOutput(stdout.toFile())
              .redirectError(stderr.toFile());
      builder.environment().keySet().removeIf(name -> name.startsWith("AZURE_"));
      builder.environment().put("NO_PROXY", "localhost,.localhost,127.0.0.1");
      builder.environment().putAll(environment);
      Process process = builder.start();
      process.getOutputStream().close();
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
        return new Output(
            command,
            -1,
            Files.readString(stdout),
            Files.readString(stderr) + "\nkilled after " + seconds + " s");
      }
      return new Output(
          command, process.exitValue(), Files.readString(stdout), Files.readString(stderr));
    } finally {
      Files.delete(stdout);
      Files.delete(stderr);
    }
  }

  Output mustSucceed() {
    if (exitCode != 0) {
      throw new AssertionError(this);
    }
    return this;
  }

  @Override
  public String toString() {
    return String.join(" ", command) + "\nended with " + exitCode + "\n" + stdout + stderr;
  }
}
