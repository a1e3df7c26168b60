package dev.strongroom.conformance;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Certificates with each SDK; what the server makes is opened by what its platform has. Each has a
 * server of its own, since its last case moves the clock.
 */
class CertificatesIT {
  private static final String CASES = "certificate-cases.txt";

  @TestFactory
  Stream<DynamicTest> javaSdk_everyCertificateCase_passes() throws Exception {
    try (Scene scene = Scene.startWithAuthority("java-certificates")) {
      return new ClientProgram(JavaSdkIT.run(scene, JavaCertificatesCases.class), CASES).tests();
    }
  }

  @TestFactory
  Stream<DynamicTest> javaScriptSdk_everyCertificateCase_passes() throws Exception {
    try (Scene scene = Scene.startWithAuthority("javascript-certificates")) {
      return new ClientProgram(JavaScriptSdkIT.run(scene, "certificates-cases.mjs"), CASES)
          .tests();
    }
  }

  @TestFactory
  Stream<DynamicTest> pythonSdk_everyCertificateCase_passes() throws Exception {
    try (Scene scene = Scene.startWithAuthority("python-certificates")) {
      return new ClientProgram(PythonSdkIT.run(scene, "certificates_cases.py"), CASES).tests();
    }
  }

  @TestFactory
  Stream<DynamicTest> goSdk_everyCertificateCase_passes() throws Exception {
    GoSdkIT.requireGo();
    try (Scene scene = Scene.startWithAuthority("go-certificates")) {
      return new ClientProgram(GoSdkIT.run(scene, "certificates"), CASES).tests();
    }
  }
}
