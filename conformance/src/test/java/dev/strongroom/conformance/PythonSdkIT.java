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

  private static Scene scene;

  @BeforeAll
  static void start() throws Exception {
    scene = Scene.startWithLogins("python");
  }

  @AfterAll
  static void stop() {
    if (scene != null) {
      scene.close();
    }
  }

  @TestFactory
  Stream<DynamicTest> pythonSdk_everyCase_passes() throws Exception {
    return new ClientProgram(run(scene, "secrets_cases.py"), "secret-cases.txt").tests();
  }

  /** What a program of the folder {@code python} reports about a scene. */
  static Output run(Scene scene, String program) throws Exception {
    Path python =
        Tools.python(Tools.folder("target/python-venv"), Tools.folder("python/requirements.txt"));
    Map<String, String> environment =
        Map.of(
            "STRONGROOM_SCENE", scene.file().toString(),
            "PYTHONPATH", Tools.folder("python/localhost").toString(),
            "PYTHONDONTWRITEBYTECODE", "1",
            "REQUESTS_CA_BUNDLE", scene.server.get("caFile"));
    return Output.of(
        List.of(python.toString(), Tools.folder("python/" + program).toString()),
        scene.work,
        environment,
        SECONDS);
  }
}
