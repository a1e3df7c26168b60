package dev.strongroom.vault;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.crypto.Randoms;
import dev.strongroom.seal.Seal;
import dev.strongroom.store.IntegrityListener;
import dev.strongroom.store.NodeSettings;
import dev.strongroom.store.OpenSql;
import dev.strongroom.store.PrivatePostgres;
import dev.strongroom.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;

/** Empty stores of each kind, for what is to hold on all of them. */
public final class Stores {
  private static final IntegrityListener NONE_BROKEN =
      (table, key) -> {
        throw new AssertionError(table + ' ' + key + " fails its check");
      };

  private Stores() {}

  public static Store sqlite(Seal seal) {
    try {
      return OpenSql.sqlite(
          Files.createTempDirectory(Path.of("target"), "store"),
          "node-1",
          seal,
          NONE_BROKEN,
          InstantSource.system());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** A PostgreSQL server of a test class; each store is a database of its own. */
  public static final class Postgres {
    private final PrivatePostgres server;
    private final AtomicInteger count = new AtomicInteger();

    private Postgres(PrivatePostgres server) {
      this.server = server;
    }

    public static Postgres start() throws Exception {
      assumeTrue(
          PrivatePostgres.binaries().isPresent(),
          "PostgreSQL 15 is not installed here (Debian package postgresql-15)");
      return new Postgres(PrivatePostgres.start());
    }

    public Store open(Seal seal) {
      try {
        return OpenSql.postgres(
            server.create("t" + count.incrementAndGet()),
            new NodeSettings(
                "node-1",
                Randoms.id(),
                Randoms.id(),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5)),
            seal,
            NONE_BROKEN,
            InstantSource.system());
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }

    public void stop() throws Exception {
      server.stop();
    }
  }
}
