package dev.strongroom.conformance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The Azure SDK for Go; skipped where there is no Go toolchain. */
class GoSdkIT {
  private static final int SECONDS = 300;

  private static Scene scene;

  @BeforeAll
  static void start() throws Exception {
    requireGo();
    scene = Scene.startWithLogins("go");
  }

  @AfterAll
  static void stop() {
    if (scene != null) {
      scene.close();
    }
  }

  @TestFactory
  Stream<DynamicTest> goSdk_everyCase_passes() throws Exception {
    return new ClientProgram(run(scene, "secrets"), "secret-cases.txt").tests();
  }

  static void requireGo() {
    assumeTrue(Tools.onPath("go").isPresent(), "skipped: no go toolchain on the PATH");
  }

  /** What the program reports about a scene with one of its lists of cases. */
  static Output run(Scene scene, String list) throws Exception {
    Path program = Tools.folder("target/go-conformance");
    Tools.go(Tools.folder("go"), program);
    Map<String, String> environment = Map.of("STRONGROOM_SCENE", scene.file().toString());
    return Output.of(List.of(program.toString(), list), scene.work, environment, SECONDS);
  }
}
