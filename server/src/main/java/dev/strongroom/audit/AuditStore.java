package dev.strongroom.audit;

import dev.strongroom.store.JournalRow;
import dev.strongroom.store.JournalView;
import dev.strongroom.store.Store;
import java.util.List;
import java.util.Optional;

/** What the log needs of a store: the journal, and a place for its newest checkpoint. */
interface AuditStore extends JournalView {
  void putMeta(String name, byte[] value);

  static AuditStore of(Store store) {
    return new AuditStore() {
      @Override
      public void putMeta(String name, byte[] value) {
        store.putMeta(name, value);
      }

      @Override
      public Optional<byte[]> meta(String name) {
        return store.meta(name);
      }

      @Override
      public long journalHead() {
        return store.journalHead();
      }

      @Override
      public List<JournalRow> journal(long after, int limit) {
        return store.journal(after, limit);
      }
    };
  }
}
