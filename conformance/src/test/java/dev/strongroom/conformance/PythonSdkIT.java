package dev.strongroom.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The Azure SDK for Python against three nodes on one PostgreSQL, each request at the next node;
 * needs python3 with venv on the PATH. Where there is no PostgreSQL 15 it is one server, and secrets
 * only.
 */
class PythonSdkIT {
  private static final int SECONDS = 300;

  private static Scene scene;

  @BeforeAll
  static void start() throws Exception {
    scene =
        OwnPostgres.isHere() ? Scene.startOnNodes("python") : Scene.startWithLogins("python");
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

  /** But for the case that moves the clock, which nodes cannot. */
  @TestFactory
  Stream<DynamicTest> pythonSdk_everyKeyCaseOnNodes_passes() throws Exception {
    assumeTrue(
        scene.server instanceof NodesServer,
        "PostgreSQL 15 is not installed here (Debian package postgresql-15)");
    Output output = run(scene, "keys_cases.py");
    List<Integer> answered = ((NodesServer) scene.server).answered();
    System.out.println("requests of the Python SDK that each node answered: " + answered);
    return Stream.concat(
        new ClientProgram(
                output,
                "key-cases.txt",
                Set.of("keyRotation_elevenMonthsPass_isRotatedOnceByItsPolicy"))
            .tests(),
        Stream.of(
            DynamicTest.dynamicTest(
                "nodes_allThree_haveAnsweredInTurn",
                () -> assertThat(answered).allMatch(count -> count > 50))));
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
