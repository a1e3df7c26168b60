package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.model.Curve;
import dev.strongroom.model.PublicJwk;
import java.math.BigInteger;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
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
  void close_whileOthersUseTheKey_endsThemOrderly() throws Exception {
    Engine engine = engine();
    try (var threads = Executors.newFixedThreadPool(4)) {
      for (int round = 0; round < 20; round++) {
        BigInteger scalar = EcMath.randomScalar(Curve.P_256);
        PublicJwk.Ec key = EcMath.publicKey(Curve.P_256, scalar);
        Engine.EcHandle handle = engine.open(key, PublicJwk.fixed(scalar, 32));
        CountDownLatch signing = new CountDownLatch(4);
        List<Future<Integer>> users = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          users.add(threads.submit(() -> signUntilClosed(handle, signing)));
        }
        assertThat(signing.await(60, TimeUnit.SECONDS)).isTrue();
        handle.close();
        handle.close();
        for (Future<Integer> user : users) {
          assertThat(user.get(60, TimeUnit.SECONDS)).isPositive();
        }
        assertThatThrownBy(() -> handle.verify(new byte[32], signature()))
            .isInstanceOf(IllegalStateException.class);
      }
    }
  }

  private static int signUntilClosed(Engine.EcHandle handle, CountDownLatch signing) {
    byte[] digest = new byte[32];
    int signed = 0;
    while (true) {
      try {
        if (!handle.verify(digest, handle.sign(digest))) {
          throw new AssertionError("a signature that does not verify");
        }
      } catch (IllegalStateException e) {
        return signed;
      }
      if (signed++ == 0) {
        signing.countDown();
      }
    }
  }

  private static byte[] signature() {
    byte[] signature = new byte[64];
    Arrays.fill(signature, (byte) 1);
    return signature;
  }

  @Test
  void version_ofTheLibrary_isRead() {
    Engine engine = engine();
    assertThat(engine.name()).isEqualTo("OpenSSL");
    assertThat(engine.version()).startsWith("3.");
    assertThat(engine.released().orElseThrow()).isAfter(LocalDate.of(2021, 9, 1));
  }
}
