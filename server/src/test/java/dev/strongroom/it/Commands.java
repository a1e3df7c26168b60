package dev.strongroom.it;

import dev.strongroom.it.RunningServer.Finished;
import dev.strongroom.it.RunningServer.Start;
import dev.strongroom.server.CommandLoop;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Many commands of the packaged jar in one process, for what does not depend on a start of its own:
 * words in, exit code and output out. Variables and standard input need {@link RunningServer#run}.
 */
final class Commands implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Process process;
  private final Writer words;
  private final BufferedReader answers;

  /**
   * @param start whose environment, options and log count, and whose arguments do not
   */
  Commands(Start start) throws IOException {
    process = start.process(CommandLoop.class);
    words = process.outputWriter(StandardCharsets.UTF_8);
    answers = process.inputReader(StandardCharsets.UTF_8);
  }

  Finished run(String... command) throws IOException {
    words.write(JSON.writeValueAsString(command) + '\n');
    words.flush();
    String line;
    try {
      line = CompletableFuture.supplyAsync(this::answer).get(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } catch (ExecutionException | TimeoutException e) {
      close();
      throw new AssertionError(String.join(" ", command) + " did not end", e);
    }
    JsonNode answer = JSON.readTree(line);
    return new Finished(
        answer.path("code").asInt(), answer.path("out").asString(), answer.path("err").asString());
  }

  private String answer() {
    String line = answers.lines().findFirst().orElse(null);
    if (line == null) {
      throw new IllegalStateException("the process of the commands ended");
    }
    return line;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
