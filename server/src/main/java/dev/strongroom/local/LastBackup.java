package dev.strongroom.local;

import dev.strongroom.store.JournalView;
import dev.strongroom.store.Store;
import dev.strongroom.store.StoreMark;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/**
 * Of which moment the newest backup is that any node has handed out whole. It belongs to the store:
 * no backup has it, and a restored server has none until one is made of it.
 */
public final class LastBackup {
  private static final String META = StoreMark.PREFIX + "last-backup";

  private LastBackup() {}

  public static void made(Store store, Instant of) {
    store.putMeta(META, of.toString().getBytes(StandardCharsets.US_ASCII));
  }

  public static Optional<Instant> find(JournalView store) {
    return store
        .meta(META)
        .map(bytes -> Instant.parse(new String(bytes, StandardCharsets.US_ASCII)));
  }
}
