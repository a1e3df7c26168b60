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
    Tools.npm(Tools.folder("javascript"));
    scene = Scene.start("javascript");
  }

  @AfterAll
  static void stop() {
    if (scene != null) {
      scene.close();
    }
  }

  @TestFactory
  Stream<DynamicTest> javaScriptSdk_everyCase_passes() throws Exception {
    List<String> command = List.of("node", "--import", "./localhost.mjs", "secrets-cases.mjs");
    Map<String, String> environment =
        Map.of(
            "STRONGROOM_SCENE", scene.file().toString(),
            "NODE_EXTRA_CA_CERTS", scene.server.get("caFile"));
    return new ClientProgram(Output.of(command, Tools.folder("javascript"), environment, SECONDS))
        .tests();
  }
}
