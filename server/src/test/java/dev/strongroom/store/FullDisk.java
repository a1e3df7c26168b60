package dev.strongroom.store;

import dev.strongroom.crypto.AesGcm;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Collection;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.VaultException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Run in a process of its own on a small file system: fills it, and says what the store did. */
final class FullDisk {
  private static final int MOST = 10_000;

  private FullDisk() {}

  public static void main(String[] arguments) throws IOException {
    Path data = Path.of(arguments[0]);
    Path ballast = data.resolve("ballast");
    Files.write(ballast, new byte[2 << 20]);
    int kept;
    try (Store store = open(data)) {
      kept = fill(store);
      requireAll(store, kept);
      for (int i = 0; i < 5; i++) {
        require(refusal(store, "again-" + i).isPresent(), "a change went through on a full disk");
      }
      requireAll(store, kept);
      Files.delete(ballast);
      for (int i = 0; i < 10; i++) {
        Optional<ErrorCode> refused = refusal(store, name(kept));
        require(refused.isEmpty(), "still refused with room: " + refused);
        kept++;
      }
      requireAll(store, kept);
    }
    try (Store store = open(data)) {
      requireAll(store, kept);
      require(refusal(store, name(kept)).isEmpty(), "no change after reopening");
    }
    System.out.println("full: changes refused, reads served, recovered, reopened");
  }

  private static Store open(Path data) throws IOException {
    return OpenSql.sqlite(
        data,
        "node-1",
        new FakeRowAuthenticator(),
        (table, key) -> {
          throw new IllegalStateException(table + ' ' + key + " fails its check");
        },
        InstantSource.fixed(StoreContract.NOW));
  }

  private static int fill(Store store) {
    for (int i = 0; i < MOST; i++) {
      Optional<ErrorCode> refused = refusal(store, name(i));
      if (refused.isPresent()) {
        require(refused.get() == ErrorCode.STORE_FULL, "refused with " + refused.get());
        require(i > 10, "full after " + i);
        return i;
      }
    }
    throw new IllegalStateException("the disk did not fill up");
  }

  private static String name(int i) {
    return "n" + (100_000 + i);
  }

  private static Optional<ErrorCode> refusal(Store store, String name) {
    Sealed value =
        AesGcm.seal(Randoms.bytes(32), Randoms.id(), 1, new byte[0], Randoms.bytes(8_000));
    try {
      store.change(
          StoreContract.origin(),
          JournalNote.none(),
          tx -> {
            VersionRow row = StoreContract.version(tx.insert(StoreContract.object(name)), 1);
            tx.insert(
                new VersionRow(
                    row.object(), 1, row.id(), row.previous(), row.attributes(), row.tags(),
                    row.contentType(), Optional.empty(), value));
            return null;
          });
      return Optional.empty();
    } catch (VaultException e) {
      return Optional.of(e.code());
    }
  }

  private static void requireAll(Store store, int kept) {
    String after = "";
    int seen = 0;
    List<Reads.Found> page;
    do {
      page = store.listObjects(StoreContract.VAULT, Collection.SECRETS, false, after, 50);
      for (Reads.Found found : page) {
        require(found.object().name().equals(name(seen)), "missing " + name(seen));
        seen++;
        after = found.object().name();
      }
    } while (!page.isEmpty());
    require(seen == kept, "kept " + seen + " instead of " + kept);
    require(store.journalHead() == kept, "the journal ends at " + store.journalHead());
  }

  private static void require(boolean held, String otherwise) {
    if (!held) {
      throw new IllegalStateException(otherwise);
    }
  }
}
