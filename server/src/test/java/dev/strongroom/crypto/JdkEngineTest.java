package dev.strongroom.crypto;

/** {@link JdkEngine} keeps what keys promise. */
class JdkEngineTest extends SoftwareKeysContract {
  @Override
  Engine engine() {
    return new JdkEngine();
  }
}
