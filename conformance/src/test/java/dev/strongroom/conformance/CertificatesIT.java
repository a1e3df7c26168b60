package dev.strongroom.conformance;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Certificates with each SDK; what the server makes is opened by what its platform has. Each has a
 * server of its own, since its last case moves the clock; two run at a time, since each waits for the
 * other side much of its time.
 */
class CertificatesIT {
  private static final String CASES = "certificate-cases.txt";
  private static ExecutorService two;
  private static Future<ClientProgram> java;
  private static Future<ClientProgram> javaScript;
  private static Future<ClientProgram> python;
  private static Future<ClientProgram> go;

  @BeforeAll
  static void begin() {
    two = Executors.newFixedThreadPool(2);
    java = run("java", scene -> JavaSdkIT.run(scene, JavaCertificatesCases.class));
    javaScript = run("javascript", scene -> JavaScriptSdkIT.run(scene, "certificates-cases.mjs"));
    python = run("python", scene -> PythonSdkIT.run(scene, "certificates_cases.py"));
    go = run("go", scene -> GoSdkIT.run(scene, "certificates"));
  }

  @AfterAll
  static void end() {
    two.shutdownNow();
  }

  /** A program that is run against a scene. */
  @FunctionalInterface
  private interface Program {
    Output run(Scene scene) throws Exception;
  }

  private static Future<ClientProgram> run(String name, Program program) {
    Callable<ClientProgram> all =
        () -> {
          try (Scene scene = Scene.startWithAuthority(name + "-certificates")) {
            return new ClientProgram(program.run(scene), CASES);
          }
        };
    return two.submit(all);
  }

  @TestFactory
  Stream<DynamicTest> javaSdk_everyCertificateCase_passes() throws Exception {
    return java.get().tests();
  }

  @TestFactory
  Stream<DynamicTest> javaScriptSdk_everyCertificateCase_passes() throws Exception {
    return javaScript.get().tests();
  }

  @TestFactory
  Stream<DynamicTest> pythonSdk_everyCertificateCase_passes() throws Exception {
    return python.get().tests();
  }

  @TestFactory
  Stream<DynamicTest> goSdk_everyCertificateCase_passes() throws Exception {
    GoSdkIT.requireGo();
    return go.get().tests();
  }
}
