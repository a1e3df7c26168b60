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

  private static Path program;
  private static Scene scene;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(Tools.onPath("go").isPresent(), "skipped: no go toolchain on the PATH");
    program = Tools.folder("target/go-conformance");
    Tools.go(Tools.folder("go"), program);
    scene = Scene.start("go");
  }

  @AfterAll
  static void stop() {
    if (scene != null) {
      scene.close();
    }
  }

  @TestFactory
  Stream<DynamicTest> goSdk_everyCase_passes() throws Exception {
    Map<String, String> environment = Map.of("STRONGROOM_SCENE", scene.file().toString());
    List<String> command = List.of(program.toString());
    return new ClientProgram(Output.of(command, scene.work, environment, SECONDS)).tests();
  }
}
