package dev.strongroom.server;

import dev.strongroom.cli.LoopbackNames;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * Not for people: the launcher runs it once after a build, so that the JVM can note which classes a
 * start and a first request need (JEP 514).
 */
@Command(name = "train", hidden = true)
final class TrainCommand implements Callable<Integer> {
  @Override
  public Integer call() throws Exception {
    Path folder = EphemeralFolder.make();
    Dev.Options options =
        new Dev.Options(
            folder, true, 0, "127.0.0.1", List.of("train"), "localhost", false, Optional.empty());
    try (Dev dev = Dev.start(options)) {
      DevSettings settings = dev.settings();
      dev.welcome();
      settings.json();
      new LoopbackNames().name();
      for (String[] command :
          new String[][] {
            {"secret", "set", "--data", settings.dataDir(), "-n", "train", "--value", "v"},
            {"secret", "show", "--data", settings.dataDir(), "-n", "train", "-o", "tsv"}
          }) {
        int code = Main.run(command);
        if (code != 0) {
          return code;
        }
      }
    }
    return 0;
  }
}
