package dev.strongroom.conformance;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Java servers whose TLS certificate and key are in the vault, by the Key Vault JCA provider. */
class JcaIT {
  @TestFactory
  Stream<DynamicTest> jcaProvider_everyCase_passes() throws Exception {
    try (Scene scene = Scene.start("jca")) {
      return new ClientProgram(
              JavaSdkIT.run(
                  scene,
                  JcaCases.class,
                  // where the provider takes its own trust from; it ignores the trust store
                  List.of(
                      "-Djavax.net.ssl.keyStore=" + scene.trustStore(),
                      "-Djavax.net.ssl.keyStorePassword=" + Scene.TRUST_STORE_PASSWORD)),
              "jca-cases.txt")
          .tests();
    }
  }
}
