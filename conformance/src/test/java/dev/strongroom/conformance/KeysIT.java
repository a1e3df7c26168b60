package dev.strongroom.conformance;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Keys with each SDK against an implementation of its own platform. Each has a server of its own,
 * since its last case moves the clock.
 */
class KeysIT {
  private static final String CASES = "key-cases.txt";

  @TestFactory
  Stream<DynamicTest> javaSdk_everyKeyCase_passes() throws Exception {
    try (Scene scene = Scene.start("java-keys")) {
      return new ClientProgram(JavaSdkIT.run(scene, JavaKeysCases.class), CASES).tests();
    }
  }

  @TestFactory
  Stream<DynamicTest> javaScriptSdk_everyKeyCase_passes() throws Exception {
    try (Scene scene = Scene.start("javascript-keys")) {
      return new ClientProgram(JavaScriptSdkIT.run(scene, "keys-cases.mjs"), CASES).tests();
    }
  }

  @TestFactory
  Stream<DynamicTest> pythonSdk_everyKeyCase_passes() throws Exception {
    try (Scene scene = Scene.start("python-keys")) {
      return new ClientProgram(PythonSdkIT.run(scene, "keys_cases.py"), CASES).tests();
    }
  }

  @TestFactory
  Stream<DynamicTest> goSdk_everyKeyCase_passes() throws Exception {
    GoSdkIT.requireGo();
    try (Scene scene = Scene.start("go-keys")) {
      return new ClientProgram(GoSdkIT.run(scene, "keys"), CASES).tests();
    }
  }

  @TestFactory
  Stream<DynamicTest> mlDsa_everyCase_passes() throws Exception {
    try (Scene scene = Scene.start("ml-dsa")) {
      return new ClientProgram(
              JavaScriptSdkIT.run(scene, "ml-dsa-cases.mjs"), "ml-dsa-cases.txt")
          .tests();
    }
  }
}
