package dev.strongroom.conformance;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The Azure SDK for Python; needs python3 with venv on the PATH. */
class PythonSdkIT {
  private static final int SECONDS = 300;

  private static Path python;
  private static Scene scene;

  @BeforeAll
  static void start() throws Exception {
    python =
        Tools.python(Tools.folder("target/python-venv"), Tools.folder("python/requirements.txt"));
    scene = Scene.start("python");
  }

  @AfterAll
  static void stop() {
    if (scene != null) {
      scene.close();
    }
  }

  @TestFactory
  Stream<DynamicTest> pythonSdk_everyCase_passes() throws Exception {
    List<String> command =
        List.of(python.toString(), Tools.folder("python/secrets_cases.py").toString());
    Map<String, String> environment =
        Map.of(
            "STRONGROOM_SCENE", scene.file().toString(),
            "PYTHONPATH", Tools.folder("python/localhost").toString(),
            "PYTHONDONTWRITEBYTECODE", "1",
            "REQUESTS_CA_BUNDLE", scene.server.get("caFile"));
    return new ClientProgram(Output.of(command, scene.work, environment, SECONDS)).tests();
  }
}
