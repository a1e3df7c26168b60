package dev.strongroom.server;

import dev.strongroom.audit.AuditLog;
import dev.strongroom.http.Listener;
import dev.strongroom.local.Installation;
import dev.strongroom.ship.Shipper;
import dev.strongroom.store.Nodes;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What the server says of itself: sealed or not, and each part's health with its reason. */
final class Status {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private final Wiring server;

  Status(Wiring server) {
    this.server = server;
  }

  void write(ObjectNode out) {
    out.put("version", VersionCommand.version())
        .put("node", server.config().node())
        .put("domain", server.config().domain())
        .put("sealed", isSealed())
        .put("store", server.config().store().kind().name().toLowerCase(Locale.ROOT))
        .put("journal", server.store.journalHead());
    Installation.id(server.store).ifPresent(id -> out.put("installation", id.guid()));
    out.put("rootGeneration", Installation.slots(server.store).rootGeneration());
    server.store.nodes().ifPresent(nodes -> writeNodes(nodes, out.putArray("nodes")));
    writeShipping(out);
  }

  private static void writeNodes(Nodes nodes, ArrayNode out) {
    nodes
        .all()
        .forEach(
            node ->
                out.addObject()
                    .put("name", node.name())
                    .put("state", node.state().name().toLowerCase(Locale.ROOT))
                    .put("until", node.until().toString()));
  }

  /** How far each destination of audit records is behind, and why. */
  private void writeShipping(ObjectNode out) {
    if (server.shippers().isEmpty()) {
      return;
    }
    ArrayNode all = out.putArray("shipping");
    for (Shipper shipper : server.shippers()) {
      ObjectNode one =
          all.addObject()
              .put("name", shipper.name())
              .put("to", shipper.target())
              .put("shippedUpTo", shipper.shipped())
              .put("backlog", shipper.backlog())
              .put("ageSeconds", shipper.age().toSeconds());
      shipper.trouble().ifPresent(why -> one.put("trouble", why));
    }
  }

  boolean isSealed() {
    return server.seal.isSealed();
  }

  /** What was found changed behind the server's back. */
  List<String> findings() {
    return server.integrity().findings();
  }

  boolean isHealthy() {
    AuditLog audit = server.auditLog();
    return !isSealed()
        && audit.acceptsChanges()
        && troubles().isEmpty()
        && findings().isEmpty();
  }

  void writeHealth(ObjectNode out) {
    AuditLog audit = server.auditLog();
    out.put("healthy", isHealthy()).put("sealed", isSealed());
    ArrayNode findings = out.putArray("integrity");
    findings().forEach(findings::add);
    ObjectNode trail = out.putObject("audit");
    trail
        .put("available", audit.isAvailable())
        .put("reserveInUse", audit.isReserveInUse())
        .put("journalBehind", audit.isJournalBehind());
    writeShipping(trail);
    ObjectNode store = out.putObject("store").put("bytes", server.store.size());
    ArrayNode troubles = store.putArray("troubles");
    troubles().forEach(troubles::add);
    server
        .store
        .nodes()
        .ifPresent(
            nodes ->
                store
                    .put("confirmedMillisAgo", nodes.sinceConfirmed().toMillis())
                    .put("clockAheadMillis", nodes.clockDifferenceMillis()));
    ObjectNode crypto =
        out.putObject("crypto")
            .put("engine", server.engine.name())
            .put("version", server.engine.version());
    server
        .engine
        .released()
        .ifPresent(
            date ->
                crypto
                    .put("released", date.toString())
                    .put("ageDays", ChronoUnit.DAYS.between(date, server.today())));
    out.putObject("tls").put("engine", Listener.isNativeTls() ? "BoringSSL" : "JDK");
    if (server.notices().hasRelay()) {
      ObjectNode mail =
          out.putObject("mail")
              .put("sent", server.notices().sent())
              .put("failed", server.notices().failed());
      server.notices().trouble().ifPresent(why -> mail.put("trouble", why));
    }
    ObjectNode tokens = out.putObject("tokens").put("accepted", server.tokens().accepted());
    ObjectNode refused = tokens.putObject("refused");
    server
        .tokens()
        .refusals()
        .forEach((rule, count) -> refused.put(rule.name(), count));
  }

  /** Why the store keeps this node from serving. */
  private List<String> troubles() {
    return server.store.nodes().map(Nodes::troubles).orElse(List.of());
  }

  /** Why requests would not be answered, changes included. */
  List<String> unready() {
    List<String> reasons = new ArrayList<>();
    if (server.isStopping()) {
      reasons.add("stopping");
    }
    if (isSealed()) {
      reasons.add("sealed");
    }
    server
        .auditLog()
        .refusalOfChanges()
        .ifPresent(code -> reasons.add("the audit trail: " + code.name()));
    troubles().forEach(trouble -> reasons.add("the store: " + trouble));
    return reasons;
  }

  String healthJson() {
    ObjectNode out = JSON.createObjectNode();
    writeHealth(out);
    return JSON.writeValueAsString(out);
  }
}
