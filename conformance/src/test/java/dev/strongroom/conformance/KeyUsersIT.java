package dev.strongroom.conformance;

import java.nio.file.Files;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Programs of others that keep their keys in the vault, unchanged. */
class KeyUsersIT {
  /** By default SQL Server's driver sends nothing to hosts outside of Azure's domains. */
  private static final String TRUSTED = "AKVTrustedEndpoints=;vault.localhost\n";

  @TestFactory
  Stream<DynamicTest> javaPrograms_everyCase_passes() throws Exception {
    try (Scene scene = Scene.start("key-users")) {
      Files.writeString(scene.work.resolve("mssql-jdbc.properties"), TRUSTED);
      return new ClientProgram(
              JavaSdkIT.run(scene, JavaKeyUsersCases.class), "key-user-cases.txt")
          .tests();
    }
  }
}
