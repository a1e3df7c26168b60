package dev.strongroom.control;

import dev.strongroom.model.Id;
import dev.strongroom.model.Origin;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.seal.Barrier;
import dev.strongroom.seal.SystemUse;
import dev.strongroom.store.JournalNote;
import java.util.Optional;

/**
 * Journal notes of changes to resources: metadata as lines of {@code name=value}, sealed and bound
 * to the request id that the journal record carries.
 */
final class Details {
  private final Barrier barrier;

  Details(Barrier barrier) {
    this.barrier = barrier;
  }

  /** Fields come as name, value, name, value; no value may hold a line break. */
  JournalNote note(Origin origin, Optional<Id> container, String... fields) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < fields.length; i += 2) {
      text.append(fields[i]).append('=').append(fields[i + 1]).append('\n');
    }
    try (SecretBytes plain = SecretBytes.ofUtf8(text.toString())) {
      return new JournalNote(
          container,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.of(
              barrier.sealSystem(SystemUse.JOURNAL_DETAIL, origin.requestId().bytes(), plain)));
    }
  }
}
