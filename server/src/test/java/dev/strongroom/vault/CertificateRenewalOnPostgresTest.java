package dev.strongroom.vault;

import dev.strongroom.seal.Seal;
import dev.strongroom.store.Store;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class CertificateRenewalOnPostgresTest extends CertificateRenewalContract {
  private static Stores.Postgres server;

  @BeforeAll
  static void start() throws Exception {
    server = Stores.Postgres.start();
  }

  @AfterAll
  static void stop() throws Exception {
    if (server != null) {
      server.stop();
    }
  }

  @Override
  Store open(Seal seal) {
    return server.open(seal);
  }
}
