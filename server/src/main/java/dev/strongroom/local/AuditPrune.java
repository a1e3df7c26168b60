package dev.strongroom.local;

import dev.strongroom.audit.Retention;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Operation;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.Seal;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** {@code strongroom audit prune}: the command, and what the server does for it. */
@Command(
    name = "prune",
    description =
        "Remove the oldest segments of the audit trail behind a signed statement; without a limit, what"
            + " exceeds those of the settings.")
public final class AuditPrune implements Runnable {
  private static final String COMMAND = "audit-prune";
  private static final String DAYS = "days";
  private static final String MEBIBYTES = "mebibytes";

  @Mixin LocalCommands.Where where;

  @Option(names = "--days", paramLabel = "N", description = "keep N days")
  Integer days;

  @Option(names = "--mebibytes", paramLabel = "N", description = "keep N mebibytes at most")
  Integer mebibytes;

  @Override
  public void run() {
    LocalCommands.print(
        where
            .client()
            .ask(
                COMMAND,
                in -> {
                  if (days != null) {
                    in.put(DAYS, days);
                  }
                  if (mebibytes != null) {
                    in.put(MEBIBYTES, mebibytes);
                  }
                }));
  }

  /** Takes the command on a server's socket. */
  public static void register(
      ControlSocket socket,
      Seal seal,
      Retention retention,
      Retention.Limits settings,
      Operator operator) {
    socket.on(
        COMMAND,
        (in, out) -> {
          if (seal.isSealed()) {
            throw VaultException.of(ErrorCode.SERVER_SEALED);
          }
          Retention.Limits given = new Retention.Limits(limit(in, DAYS), limit(in, MEBIBYTES));
          Retention.Limits limits = given.isNone() ? settings : given;
          if (limits.isNone()) {
            throw new LocalException("no limit is set; give --days or --mebibytes");
          }
          prune(retention, limits, operator, out);
        });
  }

  private static void prune(
      Retention retention, Retention.Limits limits, Operator operator, ObjectNode out) {
    Optional<Retention.Pruned> pruned;
    try {
      pruned = retention.prune(limits, Retention.Asked.COMMAND);
    } catch (Retention.Refused | IOException e) {
      operator.record(
          operator.origin(Operation.AUDIT_PRUNE), 400, Map.of("why", String.valueOf(e.getMessage())));
      throw new LocalException("nothing more was pruned: " + e.getMessage());
    }
    out.put("segments", pruned.map(Retention.Pruned::segments).orElse(0));
    if (pruned.isPresent()) {
      out.put("first", pruned.get().first()).put("last", pruned.get().last());
    } else {
      operator.record(operator.origin(Operation.AUDIT_PRUNE), 200, Map.of("segments", "0"));
    }
  }

  private static OptionalInt limit(ObjectNode in, String name) {
    if (!in.has(name)) {
      return OptionalInt.empty();
    }
    int number = in.path(name).asInt(0);
    if (number < 1) {
      throw new LocalException("--" + name + " must be at least 1");
    }
    return OptionalInt.of(number);
  }
}
