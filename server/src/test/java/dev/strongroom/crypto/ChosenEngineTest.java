package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ChosenEngineTest {
  private final AtomicInteger loads = new AtomicInteger();

  @Test
  void name_libraryThatDoesNotLoad_isTheJdk() {
    for (Throwable why :
        new Throwable[] {
          new IllegalArgumentException("Cannot open library: libcrypto.so.3"),
          new ExceptionInInitializerError("no symbol"),
          new IllegalStateException("libcrypto failed its self-test"),
          new IllegalCallerException("native access is not enabled")
        }) {
      ChosenEngine engine =
          new ChosenEngine(
              ChosenEngine.Wanted.AUTO,
              () -> {
                loads.incrementAndGet();
                if (why instanceof Error error) {
                  throw error;
                }
                throw (RuntimeException) why;
              });
      assertThat(engine.name()).isEqualTo("JDK");
      assertThat(engine.version()).startsWith("25");
      assertThat(engine.released()).isPresent();
    }
    assertThat(loads).hasValue(4);
  }

  @Test
  void name_jdkWanted_loadsNothingElse() {
    ChosenEngine engine =
        new ChosenEngine(
            ChosenEngine.Wanted.JDK,
            () -> {
              throw new AssertionError("was not wanted");
            });
    engine.load();
    assertThat(engine.name()).isEqualTo("JDK");
  }

  @Test
  void load_onlyWhenUsed_andOnce() {
    ChosenEngine engine =
        new ChosenEngine(
            ChosenEngine.Wanted.AUTO,
            () -> {
              loads.incrementAndGet();
              return new JdkEngine();
            });
    assertThat(loads).hasValue(0);
    engine.load();
    engine.load();
    assertThat(engine.version()).isNotEmpty();
    assertThat(loads).hasValue(1);
  }

  @Test
  void name_libraryOfTheSystem_isOpenSsl() {
    assumeTrue(OpenSslEngineTest.loads(), "this system has no libcrypto 3");
    assertThat(new ChosenEngine(ChosenEngine.Wanted.AUTO).name()).isEqualTo("OpenSSL");
  }
}
