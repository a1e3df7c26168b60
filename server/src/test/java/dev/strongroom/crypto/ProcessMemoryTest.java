package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** In a process of its own: what is asked for cannot be taken back. */
class ProcessMemoryTest {
  @Test
  @EnabledOnOs(OS.LINUX)
  void protect_onLinux_works(@TempDir Path folder) throws Exception {
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xint",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Probe.class.getName()))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor()).as(Files.readString(output)).isZero();
    assertThat(Files.readString(output))
        .contains("Protection[undumpable=true, withoutCoreFiles=true] complete=true")
        .containsPattern("Max core file size +0 +0 +bytes");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void user_isTheOwnerOfOurFiles(@TempDir Path folder) throws Exception {
    Path file = Files.createFile(folder.resolve("mine"));
    assertThat(ProcessMemory.user()).hasValue((Integer) Files.getAttribute(file, "unix:uid"));
  }

  static final class Probe {
    public static void main(String[] arguments) throws Exception {
      // read before the process becomes undumpable, when /proc belongs to root
      ProcessMemory.Protection protection = ProcessMemory.protect();
      System.out.println(protection + " complete=" + protection.isComplete());
      System.out.println(Files.readString(Path.of("/proc/self/limits")));
    }
  }
}
