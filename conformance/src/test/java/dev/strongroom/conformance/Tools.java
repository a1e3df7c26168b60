package dev.strongroom.conformance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Installs the clients that do not come from Maven, each only when its list has changed. */
final class Tools {
  /** Runs a command with mounts that only it sees, such as an {@code /etc/hosts} of its own. */
  static final List<String> PRIVATE_MOUNTS = List.of("unshare", "--mount", "--map-root-user");

  private static final int INSTALL_SECONDS = 900;
  private static final Path MODULE = Path.of("").toAbsolutePath();

  private Tools() {}

  static Path folder(String name) {
    return MODULE.resolve(name);
  }

  /** A virtual environment with the packages of a requirements file; answers its Python. */
  static Path python(Path environment, Path requirements, String... pipOptions)
      throws IOException, InterruptedException {
    Path python = environment.resolve("bin/python");
    Path installed = environment.resolve("installed.txt");
    try (FileChannel _ = alone(environment)) {
      if (Files.exists(installed) && Files.mismatch(installed, requirements) == -1) {
        return python;
      }
      run(MODULE, "python3", "-m", "venv", "--clear", environment.toString());
      List<String> pip = new ArrayList<>(List.of(python.toString(), "-m", "pip", "install", "-q"));
      pip.addAll(List.of(pipOptions));
      pip.addAll(List.of("-r", requirements.toString()));
      run(MODULE, pip.toArray(String[]::new));
      Files.copy(requirements, installed);
      return python;
    }
  }

  /** Until it is closed, no other class of tests makes this folder, which run beside each other. */
  private static FileChannel alone(Path folder) throws IOException {
    Files.createDirectories(folder.getParent());
    FileChannel lock =
        FileChannel.open(
            folder.resolveSibling(folder.getFileName() + ".lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    lock.lock();
    return lock;
  }

  /** Installs what a {@code package-lock.json} lists, exactly. */
  static void npm(Path project) throws IOException, InterruptedException {
    Path lock = project.resolve("package-lock.json");
    Path installed = project.resolve("node_modules/installed.json");
    try (FileChannel _ = alone(folder("target/npm"))) {
      if (Files.exists(installed) && Files.mismatch(installed, lock) == -1) {
        return;
      }
      run(project, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
      Files.copy(lock, installed);
    }
  }

  static void go(Path project, Path program) throws IOException, InterruptedException {
    run(project, "go", "build", "-o", program.toString(), ".");
  }

  /** Skips the test of a user who may not have private mounts. */
  static void requirePrivateMounts() throws IOException, InterruptedException {
    List<String> probe = new ArrayList<>(PRIVATE_MOUNTS);
    probe.add("true");
    assumeTrue(
        onPath("unshare").isPresent() && Output.of(probe, MODULE, Map.of(), 60).exitCode() == 0,
        "this user may not have an /etc/hosts of its own: unshare --mount is refused");
  }

  /** Builds a program of the Go module proxy, once for each version. */
  static Path goProgram(String module, String version) throws IOException, InterruptedException {
    Path folder = cache("strongroom-go").resolve(module.replaceFirst(".*/", "") + "-" + version);
    Path program = folder.resolve(module.replaceFirst(".*/", ""));
    try (FileChannel _ = alone(folder)) {
      if (!Files.exists(program)) {
        Map<String, String> environment = Map.of("GOBIN", folder.toString());
        Output.of(
                List.of("go", "install", module + "@" + version),
                MODULE,
                environment,
                INSTALL_SECONDS)
            .mustSucceed();
      }
      return program;
    }
  }

  /** The first program of this name on the PATH. */
  static Optional<Path> onPath(String program) {
    for (String directory : System.getenv("PATH").split(":")) {
      Path file = Path.of(directory, program);
      if (Files.isExecutable(file)) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }

  /** A folder that outlives {@code mvn clean}, one for each user of the machine. */
  static Path cache(String name) {
    String cache = System.getenv("XDG_CACHE_HOME");
    return cache != null && cache.startsWith("/")
        ? Path.of(cache, name)
        : Path.of(System.getProperty("user.home"), ".cache", name);
  }

  private static void run(Path directory, String... command)
      throws IOException, InterruptedException {
    Output.of(List.of(command), directory, Map.of(), INSTALL_SECONDS).mustSucceed();
  }
}
