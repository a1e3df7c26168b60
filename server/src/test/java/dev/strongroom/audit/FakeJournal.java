package dev.strongroom.audit;

import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Id;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.JournalRow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A journal in memory, which tests may also shorten or thin out. */
final class FakeJournal implements AuditStore {
  private final List<JournalRow> rows = new ArrayList<>();
  private final Map<String, byte[]> meta = new HashMap<>();
  private boolean isAway;

  synchronized FakeJournal copy() {
    FakeJournal copy = new FakeJournal();
    copy.rows.addAll(rows);
    copy.meta.putAll(meta);
    return copy;
  }

  synchronized JournalRow commit(String node, String operation) {
    return commit(node, operation, Randoms.id());
  }

  synchronized JournalRow commit(String node, String operation, Id requestId) {
    JournalRow row =
        new JournalRow(
            rows.size() + 1,
            Instant.parse("2026-05-01T10:00:00Z").plusSeconds(rows.size()),
            node,
            requestId,
            operation,
            Optional.of(Randoms.guid()),
            Optional.of(Randoms.guid()),
            JournalNote.container(Randoms.id()));
    rows.add(row);
    return row;
  }

  synchronized void rollBackTo(long head) {
    rows.subList((int) head, rows.size()).clear();
  }

  synchronized void remove(long number) {
    rows.removeIf(row -> row.number() == number);
  }

  synchronized void goAway(boolean away) {
    isAway = away;
  }

  @Override
  public synchronized void putMeta(String name, byte[] value) {
    requireHere();
    meta.put(name, value.clone());
  }

  @Override
  public synchronized Optional<byte[]> meta(String name) {
    requireHere();
    return Optional.ofNullable(meta.get(name)).map(byte[]::clone);
  }

  @Override
  public synchronized long journalHead() {
    requireHere();
    return rows.isEmpty() ? 0 : rows.getLast().number();
  }

  @Override
  public synchronized List<JournalRow> journal(long after, int limit) {
    requireHere();
    return rows.stream().filter(row -> row.number() > after).limit(limit).toList();
  }

  private void requireHere() {
    if (isAway) {
      throw new IllegalStateException("the store is away");
    }
  }
}
