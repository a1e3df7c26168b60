package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.LocalDate;
import org.junit.jupiter.api.Test;

/** {@link OpenSslEngine} keeps what keys promise, where the operating system has libcrypto 3. */
class OpenSslEngineTest extends SoftwareKeysContract {
  static boolean loads() {
    try {
      return !new OpenSslEngine().version().isEmpty();
    } catch (RuntimeException | LinkageError e) {
      return false;
    }
  }

  @Override
  Engine engine() {
    assumeTrue(loads(), "this system has no libcrypto 3");
    return new OpenSslEngine();
  }

  @Test
  void version_ofTheLibrary_isRead() {
    Engine engine = engine();
    assertThat(engine.name()).isEqualTo("OpenSSL");
    assertThat(engine.version()).startsWith("3.");
    assertThat(engine.released().orElseThrow()).isAfter(LocalDate.of(2021, 9, 1));
  }
}
