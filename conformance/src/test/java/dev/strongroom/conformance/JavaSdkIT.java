package dev.strongroom.conformance;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The Azure SDK for Java, in a JVM of its own because names and trust are set for a whole JVM. */
class JavaSdkIT {
  private static final int SECONDS = 300;

  private static Scene scene;

  @BeforeAll
  static void start() throws Exception {
    scene = Scene.startWithLogins("java");
  }

  @AfterAll
  static void stop() {
    if (scene != null) {
      scene.close();
    }
  }

  @TestFactory
  Stream<DynamicTest> javaSdk_everyCase_passes() throws Exception {
    return new ClientProgram(run(scene, JavaSecretsCases.class), "secret-cases.txt").tests();
  }

  /** What a program of this class path reports about a scene. */
  static Output run(Scene scene, Class<?> program) throws Exception {
    return run(scene, program, List.of());
  }

  /** The same with further options of the JVM. */
  static Output run(Scene scene, Class<?> program, List<String> options) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            // because it lives for seconds only
            "-XX:TieredStopAtLevel=1",
            "-Djdk.net.hosts.file=" + System.getProperty("jdk.net.hosts.file"),
            "-Djavax.net.ssl.trustStore=" + scene.trustStore(),
            "-Djavax.net.ssl.trustStorePassword=" + Scene.TRUST_STORE_PASSWORD));
    command.addAll(options);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), program.getName()));
    Map<String, String> environment = Map.of("STRONGROOM_SCENE", scene.file().toString());
    return Output.of(command, scene.work, environment, SECONDS);
  }
}
