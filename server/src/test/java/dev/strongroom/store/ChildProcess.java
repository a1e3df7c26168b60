package dev.strongroom.store;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Programs of the tests that need a process, or a small disk, of their own. */
public final class ChildProcess {
  /** How a program for a small disk ends where none can be mounted. */
  static final int NO_MOUNT = 77;

  private ChildProcess() {}

  public static ProcessBuilder java(Class<?> program, String... arguments) {
    return new ProcessBuilder(line(program, arguments));
  }

  /**
   * The program with a folder that is a tmpfs of this size, in a mount namespace that ends with it. Its
   * only argument is the folder.
   */
  static ProcessBuilder onSmallDisk(Class<?> program, Path folder, String size) {
    List<String> line =
        new ArrayList<>(
            List.of(
                "/bin/sh",
                "-c",
                "command -v unshare >/dev/null || { echo unshare is not installed; exit 77; }; "
                    + "if [ \"$(id -u)\" = 0 ]; then user=; else user=--map-root-user; fi; "
                    + "unshare $user --mount true || exit 77; "
                    + "exec unshare $user --mount /bin/sh -c '"
                    + "folder=$1; size=$2; shift 2; mkdir -p \"$folder\"; "
                    + "mount -t tmpfs -o size=$size tmpfs \"$folder\" || exit 77; "
                    + "exec \"$@\"' sh \"$@\"",
                "sh",
                folder.toString(),
                size));
    line.addAll(line(program, folder.toString()));
    return new ProcessBuilder(line);
  }

  private static List<String> line(Class<?> program, String... arguments) {
    List<String> line =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
    line.addAll(List.of(arguments));
    return line;
  }
}
