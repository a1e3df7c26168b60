package dev.strongroom.local;

import dev.strongroom.audit.Audit;
import dev.strongroom.audit.AuditRecord;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What is done on the machine or by the server itself: an origin for its change, and exactly one
 * audit record, whether or not there was a change.
 */
public final class Operator {
  private final Audit audit;
  private final InstantSource clock;

  public Operator(Audit audit, InstantSource clock) {
    this.audit = audit;
    this.clock = clock;
  }

  /** Whether a change may be made now: not while its record could not be written or would be false. */
  public boolean mayChange() {
    return audit.acceptsChanges();
  }

  public Origin origin(Operation operation) {
    return new Origin(Randoms.id(), operation.auditName(), Optional.empty(), clock.instant());
  }

  /** Runs the work and records its end; a failure is recorded too, and thrown on. */
  public <T> T audited(Operation operation, Map<String, String> details, Function<Origin, T> work) {
    Origin origin = origin(operation);
    try {
      T result = work.apply(origin);
      record(origin, 200, details);
      return result;
    } catch (RuntimeException e) {
      record(origin, 400, details);
      throw e;
    }
  }

  /** A change that was made already, such as due work. */
  public void record(Origin origin, int status, Map<String, String> details) {
    audit.append(
        AuditRecord.withoutRequest(
            origin.time(),
            origin.operation(),
            AuditRecord.ADMINISTRATION,
            origin.requestId().guid(),
            status,
            origin.journal(),
            details));
  }
}
