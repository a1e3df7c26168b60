package dev.strongroom.conformance;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The Azure SDK for JavaScript; needs node and npm on the PATH. */
class JavaScriptSdkIT {
  private static final int SECONDS = 300;

  private static Scene scene;

  @BeforeAll
  static void start() throws Exception {
    scene = Scene.startWithLogins("javascript");
  }

  @AfterAll
  static void stop() {
    if (scene != null) {
      scene.close();
    }
  }

  @TestFactory
  Stream<DynamicTest> javaScriptSdk_everyCase_passes() throws Exception {
    return new ClientProgram(run(scene, "secrets-cases.mjs"), "secret-cases.txt").tests();
  }

  /** What a program of the folder {@code javascript} reports about a scene. */
  static Output run(Scene scene, String program) throws Exception {
    Tools.npm(Tools.folder("javascript"));
    Map<String, String> environment =
        Map.of(
            "STRONGROOM_SCENE", scene.file().toString(),
            "NODE_EXTRA_CA_CERTS", scene.server.get("caFile"));
    return Output.of(
        List.of("node", "--import", "./localhost.mjs", program),
        Tools.folder("javascript"),
        environment,
        SECONDS);
  }
}
