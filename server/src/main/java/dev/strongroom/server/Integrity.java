package dev.strongroom.server;

import dev.strongroom.audit.Audit;
import dev.strongroom.audit.AuditRecord;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Operation;
import dev.strongroom.store.IntegrityListener;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What was found changed behind the server's back. Each finding is logged and audited once, and the
 * server is unhealthy from then on.
 */
final class Integrity implements IntegrityListener {
  private static final System.Logger LOG = System.getLogger(Integrity.class.getName());
  private static final int MOST = 1_000;

  private final Set<String> found = ConcurrentHashMap.newKeySet();
  private volatile Audit audit;
  private volatile InstantSource clock;

  void report(Audit to, InstantSource at) {
    clock = at;
    audit = to;
  }

  @Override
  public void broken(String table, String key) {
    note(table, key);
  }

  void note(String where, String what) {
    String finding = where + ": " + what;
    if (found.size() >= MOST || !found.add(finding)) {
      return;
    }
    LOG.log(Level.ERROR, "integrity check failed: {0}", finding);
    Audit trail = audit;
    if (trail != null && !where.equals("audit")) {
      // because this may be heard in the middle of a change, which must not wait for the trail
      Thread.ofVirtual().name("integrity").start(() -> append(trail, finding));
    }
  }

  private void append(Audit trail, String finding) {
    trail.append(
        AuditRecord.withoutRequest(
            clock.instant(),
            Operation.INTEGRITY_FAILURE.auditName(),
            AuditRecord.ADMINISTRATION,
            Randoms.guid().guid(),
            500,
            OptionalLong.empty(),
            Map.of("found", finding)));
  }

  List<String> findings() {
    return List.copyOf(new TreeSet<>(found));
  }
}
