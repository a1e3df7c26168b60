package dev.strongroom.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The packaged server as a process: {@code strongroom dev} on a free port of loopback. */
final class DevServer implements Server {
  private static final long START_SECONDS = 120;
  private static final long STOP_SECONDS = 30;

  private final Process process;
  private final JsonNode settings;

  private DevServer(Process process, JsonNode settings) {
    this.process = process;
    this.settings = settings;
  }

  /** Starts a server and waits until it says that it is ready. Its log goes to {@code work}. */
  static DevServer start(Path work) throws IOException {
    Process process =
        new ProcessBuilder(
                launcher().toString(),
                "dev",
                "--ephemeral",
                "--symmetric-keys",
                "--port",
                "0",
                "--print",
                "json")
            .redirectError(work.resolve("server.log").toFile())
            .start();
    try {
      return new DevServer(process, JsonMapper.shared().readTree(firstLine(process)));
    } catch (Exception e) {
      process.destroyForcibly();
      String log = Files.readString(work.resolve("server.log"));
      throw new IOException("The server did not start:\n" + log, e);
    }
  }

  static Path launcher() throws IOException {
    Path launcher = Path.of(System.getProperty("strongroom.launcher"));
    if (!Files.isExecutable(launcher)) {
      throw new IOException(launcher + " is not there: give -Dstrongroom.launcher=FILE");
    }
    return launcher.toRealPath();
  }

  private static String firstLine(Process process) throws Exception {
    BufferedReader output = process.inputReader();
    String line =
        CompletableFuture.supplyAsync(
                () -> {
                  try {
                    return output.readLine();
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                })
            .get(START_SECONDS, TimeUnit.SECONDS);
    if (line == null) {
      throw new IOException("it ended with " + process.waitFor() + " and printed nothing");
    }
    return line;
  }

  /** A member of the line that the server printed, such as {@code vaultUrl}. */
  @Override
  public String get(String name) {
    JsonNode value = settings.path(name);
    if (value.isMissingNode()) {
      throw new IllegalStateException(
          "The server did not print " + name + ": " + settings.properties());
    }
    return value.asString();
  }

  /** Stops the server as an operator would, and fails when it does not end. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("The server did not stop on SIGTERM");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
