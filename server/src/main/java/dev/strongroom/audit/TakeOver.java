package dev.strongroom.audit;

import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.Nodes;
import dev.strongroom.store.Store;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Writes the audit records that a lost node owes, so that no change stays without one. One change
 * strikes the node off and says whose the records are now, so that exactly one node writes them; its
 * own record follows theirs, so that a crash in between is made good at the next start.
 */
public final class TakeOver {
  private final Store store;
  private final AuditLog log;
  private final Duration after;

  /** Another node, or the lost one itself, was first. */
  private static final class Overtaken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private Overtaken() {
      super(null, null, false, false);
    }
  }

  /**
   * @param after how long a node was not heard of; long enough for a restart, since a node that comes
   *     back knows best what it owes
   */
  public TakeOver(Store store, AuditLog log, Duration after) {
    this.store = store;
    this.log = log;
    this.after = after;
  }

  public void run(Instant now) {
    for (Nodes.Lost lost : store.nodes().map(nodes -> nodes.lost(after)).orElseThrow()) {
      run(lost, now);
    }
  }

  private void run(Nodes.Lost lost, Instant now) {
    Origin origin =
        new Origin(
            Randoms.id(), Operation.NODE_TAKE_OVER.auditName(), Optional.empty(), now);
    try {
      store.change(
          origin,
          JournalNote.none(),
          tx -> {
            if (!tx.removeLostNode(lost.name())) {
              throw new Overtaken();
            }
            TakenOver taken = TakenOver.of(store.node(), tx.journalNumber(), lost.audited());
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            tx.meta(TakenOver.meta(lost.name())).ifPresent(all::writeBytes);
            all.writeBytes(taken.line().getBytes(StandardCharsets.US_ASCII));
            tx.putMeta(TakenOver.meta(lost.name()), all.toByteArray());
            tx.putMeta(
                TakenOver.meta(taken.journal()),
                lost.name().getBytes(StandardCharsets.US_ASCII));
            return null;
          });
    } catch (Overtaken e) {
      return;
    }
    log.oweTakenOver(origin.journal().orElseThrow());
  }
}
