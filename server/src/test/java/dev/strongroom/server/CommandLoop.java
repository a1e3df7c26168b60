package dev.strongroom.server;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs one command after another in this process: each line of standard input is a JSON array of a
 * command's words, and is answered by a line with its exit code and what it printed.
 */
public final class CommandLoop {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private CommandLoop() {}

  public static void main(String[] none) throws IOException {
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    System.setIn(InputStream.nullInputStream());
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
      int code = Main.run(JSON.readValue(line, String[].class));
      answers.println(
          JSON.writeValueAsString(
              JSON.createObjectNode()
                  .put("code", code)
                  .put("out", out.toString(StandardCharsets.UTF_8))
                  .put("err", err.toString(StandardCharsets.UTF_8))));
    }
  }
}
