package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher itself, in a tree of its own with a Maven and a JDK that only note that they were
 * called: what it decides to build, to train and to run.
 */
class LauncherIT {
  private static final Path LAUNCHER = Path.of("..", "strongroom");

  @TempDir Path folder;
  private Path tree;
  private Path tools;
  private Path jdk;

  @BeforeEach
  void makeTree() throws IOException {
    tree = folder.resolve("tree with spaces");
    Files.createDirectories(tree.resolve("server/src/main/java"));
    Files.writeString(tree.resolve("pom.xml"), "<project/>");
    Files.writeString(tree.resolve("server/pom.xml"), "<project/>");
    Files.writeString(tree.resolve("server/src/main/java/A.java"), "class A {}");
    Files.copy(LAUNCHER, tree.resolve("strongroom"));
    tools = Files.createDirectory(folder.resolve("tools"));
    script(
        tools.resolve("mvn"),
        """
        echo "building $*"
        echo "$*" >>"%1$s/builds"
        sleep "${SLOW_BUILD:-0}"
        [ -z "${FAIL_BUILD:-}" ] || { echo 'ERROR: A.java:1 is wrong'; exit 1; }
        mkdir -p server/target && echo "jar $RANDOM" >server/target/strongroom.jar
        """
            .formatted(folder));
    jdk = folder.resolve("jdk");
    Files.createDirectories(jdk.resolve("bin"));
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
    script(
        jdk.resolve("bin/java"),
        """
        for a in "$@"; do
          case "$a" in -XX:AOTCacheOutput=*) cache=${a#*=} ;; esac
        done
        if [ "${@: -1}" = train ]; then
          echo train >>"%1$s/trainings"
          echo 'what training says'
          [ -z "${FAIL_TRAINING:-}" ] || exit 3
          echo cache >"$cache"
          exit 0
        fi
        echo "pid $$"
        [ -z "${SHOW_LOCALE:-}" ] || echo "locale ${LC_ALL:-}"
        printf 'argument %%s\\n' "$@"
        [ -z "${EXIT:-}" ] || exit "$EXIT"
        [ -z "${WAIT:-}" ] || { trap 'echo stopped; exit 7' TERM; echo waiting; while :; do sleep 0.05; done; }
        """
            .formatted(folder));
    age(tree.resolve("server/src/main/java/A.java"), -60);
    age(tree.resolve("server/src/main/java"), -60);
    age(tree.resolve("server/src/main"), -60);
    age(tree.resolve("pom.xml"), -60);
    age(tree.resolve("server/pom.xml"), -60);
  }

  @Test
  void version_noJar_buildsOnceWithoutTestsAndSaysNothingOfIt() throws Exception {
    Ran first = run(Map.of(), "version");
    assertThat(first.code()).isZero();
    assertThat(first.out()).doesNotContain("building").contains("argument version");
    assertThat(first.err()).isEmpty();
    assertThat(lines("builds"))
        .containsExactly("-q -B -pl server -am -Dmaven.test.skip=true package");
    run(Map.of(), "version");
    assertThat(lines("builds")).hasSize(1);
    assertThat(lines("trainings")).isEmpty();
  }

  @Test
  void anyCommand_sourceOrPomNewerThanTheJar_buildsAgain() throws Exception {
    run(Map.of(), "version");
    for (String changed : List.of("server/src/main/java/A.java", "pom.xml", "server/pom.xml")) {
      int before = lines("builds").size();
      age(tree.resolve(changed), 2);
      run(Map.of(), "version");
      assertThat(lines("builds")).as(changed).hasSize(before + 1);
      age(tree.resolve(changed), -60);
    }
    Files.delete(tree.resolve("server/src/main/java/A.java"));
    age(tree.resolve("server/src/main/java"), 2);
    int before = lines("builds").size();
    run(Map.of(), "status");
    assertThat(lines("builds")).as("a source was removed").hasSize(before + 1);
  }

  @Test
  void anyCommand_jarMadeByMavenItself_isTaken() throws Exception {
    run(Map.of(), "version");
    Path jar = tree.resolve("server/target/strongroom.jar");
    Files.writeString(jar, "made by hand");
    age(tree.resolve("pom.xml"), -1);
    age(jar, 1);
    assertThat(run(Map.of(), "version").code()).isZero();
    assertThat(lines("builds")).hasSize(1);
    Files.delete(tree.resolve("server/target/built"));
    assertThat(run(Map.of(), "version").code()).isZero();
    assertThat(lines("builds")).hasSize(1);
  }

  @Test
  void anyCommand_failingBuild_showsTheEndOfTheLogAndRunsNothing() throws Exception {
    Ran ran = run(Map.of("FAIL_BUILD", "1"), "version");
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains("A.java:1 is wrong", "build failed", "build.log");
    assertThat(run(Map.of(), "version").code()).isZero();
  }

  @Test
  void twoAtOnce_noJar_buildOnce() throws Exception {
    Process first = start(Map.of("SLOW_BUILD", "1"), "version");
    Process second = start(Map.of("SLOW_BUILD", "1"), "version");
    assertThat(ended(first).code()).isZero();
    assertThat(ended(second).code()).isZero();
    assertThat(lines("builds")).hasSize(1);
  }

  @Test
  void run_keepsThePidAndPassesArgumentsOptionsAndTheExitCode() throws Exception {
    run(Map.of(), "version");
    Process process =
        start(
            Map.of("EXIT", "42", "STRONGROOM_JAVA_OPTS", "-Xmx1g -Da=b"),
            "secret",
            "set",
            "two words",
            "");
    Ran ran = ended(process);
    assertThat(ran.code()).isEqualTo(42);
    assertThat(ran.out()).startsWith("pid " + process.pid() + "\n");
    assertThat(ran.out())
        .contains("argument -Xmx1g\nargument -Da=b\nargument -jar\n")
        .endsWith("argument secret\nargument set\nargument two words\nargument \n");
  }

  @Test
  void run_localeWithoutUtf8_isGivenOneThatKeepsEveryLetter() throws Exception {
    run(Map.of(), "version");
    for (Map<String, String> poor :
        List.of(Map.<String, String>of(), Map.of("LANG", "C"), Map.of("LC_ALL", "POSIX"))) {
      Map<String, String> environment = new HashMap<>(poor);
      environment.put("SHOW_LOCALE", "1");
      assertThat(run(environment, "version").out()).as("%s", poor).contains("locale C.UTF-8\n");
    }
    Map<String, String> own = Map.of("LC_ALL", "de_DE.utf8", "SHOW_LOCALE", "1");
    assertThat(run(own, "version").out()).contains("locale de_DE.utf8\n");
  }

  @Test
  void run_signal_reachesJava() throws Exception {
    run(Map.of(), "version");
    Process process = start(Map.of("WAIT", "1"), "serve");
    try (var out = process.inputReader(StandardCharsets.UTF_8)) {
      while (!"waiting".equals(out.readLine())) {
        assertThat(process.isAlive()).isTrue();
      }
      // the handle's way leaves the pipes open
      process.toHandle().destroy();
      assertThat(out.readLine()).isEqualTo("stopped");
    }
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(7);
  }

  @Test
  void run_fromElsewhereThroughASymbolicLink_findsItsTree() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("sr"), tree.resolve("strongroom"));
    Process process =
        builder(Map.of(), List.of(link.toString(), "version"))
            .directory(folder.toFile())
            .start();
    Ran ran = ended(process);
    assertThat(ran.code()).isZero();
    assertThat(ran.out()).contains(tree.resolve("server/target/strongroom.jar").toString());
  }

  @Test
  void dev_firstStart_trainsOnceAndUsesTheCache() throws Exception {
    Ran ran = run(Map.of(), "dev");
    assertThat(ran.out()).contains("-XX:AOTCache=").doesNotContain("what training says");
    run(Map.of(), "serve");
    assertThat(run(Map.of(), "version").out()).contains("-XX:AOTCache=");
    assertThat(lines("trainings")).hasSize(1);
    age(tree.resolve("pom.xml"), 2);
    assertThat(run(Map.of(), "version").out()).doesNotContain("-XX:AOTCache=");
    age(tree.resolve("pom.xml"), -60);
    run(Map.of(), "dev");
    assertThat(lines("trainings")).as("the jar is another one").hasSize(2);
  }

  @Test
  void dev_failingTraining_startsAllTheSameAndIsNotTriedAgain() throws Exception {
    Ran first = run(Map.of("FAIL_TRAINING", "1"), "dev");
    assertThat(first.code()).isZero();
    assertThat(first.out()).contains("argument dev").doesNotContain("-XX:AOTCache=");
    assertThat(first.err()).isEmpty();
    run(Map.of("FAIL_TRAINING", "1"), "dev");
    assertThat(lines("trainings")).hasSize(1);
  }

  @Test
  void dev_noFlockOnThePath_buildsAndRuns() throws Exception {
    Path few = Files.createDirectory(folder.resolve("few"));
    for (String name :
        List.of(
            "bash", "env", "dirname", "readlink", "grep", "stat", "find", "mkdir", "rm", "tail",
            "touch", "mv", "sleep", "cat")) {
      for (String place : List.of("/usr/bin/", "/bin/")) {
        if (Files.isExecutable(Path.of(place + name))) {
          script(few.resolve(name), "exec " + place + name + " \"$@\"\n");
          break;
        }
      }
    }
    Ran ran =
        ended(
            builder(
                    Map.of("PATH", tools + ":" + few),
                    List.of(tree.resolve("strongroom").toString(), "dev"))
                .start());
    assertThat(ran.err()).isEmpty();
    assertThat(ran.code()).isZero();
    assertThat(lines("builds")).hasSize(1);
  }

  @Test
  void anyCommand_noJdk25_saysSoBeforeBuilding() throws Exception {
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
    // because this machine has a real one, whose path must not match
    Path copy = tree.resolve("strongroom");
    Files.writeString(
        copy, Files.readString(copy).replace("/usr/lib/jvm/*25*", "/nowhere/*25*"));
    Ran ran = run(Map.of(), "version");
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).contains("no JDK 25").contains("STRONGROOM_JAVA_HOME");
    assertThat(lines("builds")).isEmpty();
  }

  private record Ran(int code, String out, String err) {}

  private Ran run(Map<String, String> environment, String... arguments) throws Exception {
    return ended(start(environment, arguments));
  }

  private Process start(Map<String, String> environment, String... arguments) throws IOException {
    List<String> line = new ArrayList<>(List.of(tree.resolve("strongroom").toString()));
    line.addAll(List.of(arguments));
    return builder(environment, line).start();
  }

  private ProcessBuilder builder(Map<String, String> environment, List<String> line) {
    ProcessBuilder builder = new ProcessBuilder(line).directory(folder.toFile());
    Map<String, String> all = builder.environment();
    String path = all.getOrDefault("PATH", "/usr/bin:/bin");
    all.clear();
    // no HOME: services have none
    all.put("PATH", tools + ":" + path);
    all.put("STRONGROOM_JAVA_HOME", jdk.toString());
    all.putAll(environment);
    return builder;
  }

  private static Ran ended(Process process) throws Exception {
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Ran(process.exitValue(), out, err);
  }

  private List<String> lines(String file) throws IOException {
    Path path = folder.resolve(file);
    return Files.exists(path) ? Files.readAllLines(path) : List.of();
  }

  private static void age(Path file, int seconds) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(seconds)));
  }

  private static void script(Path file, String text) throws IOException {
    Files.writeString(file, "#!/bin/bash\n" + text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
