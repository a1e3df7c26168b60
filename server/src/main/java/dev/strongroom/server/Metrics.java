package dev.strongroom.server;

import dev.strongroom.audit.AuditLog;
import dev.strongroom.http.Listener;
import dev.strongroom.http.Observer;
import dev.strongroom.identity.Tokens;
import dev.strongroom.local.LastBackup;
import dev.strongroom.model.Collection;
import dev.strongroom.model.Operation;
import dev.strongroom.model.VaultException;
import dev.strongroom.otlp.Collector;
import dev.strongroom.ship.Shipper;
import dev.strongroom.store.Nodes;
import dev.strongroom.store.SqlStore;
import dev.strongroom.vault.CertificateNotices;
import dev.strongroom.vault.CertificateRenewal;
import dev.strongroom.vault.Lanes;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

/**
 * What Prometheus is told: Key Vault's own five metrics, and how full whatever is bounded is. No label
 * carries a name that a client made.
 *
 * <p>The registry is loaded after the start, off the path of requests; what is counted before it is
 * there is counted then.
 *
 * @see <a
 *     href="https://learn.microsoft.com/azure/azure-monitor/reference/supported-metrics/microsoft-keyvault-vaults-metrics">
 *     Supported metrics for Microsoft.KeyVault/vaults</a>
 */
final class Metrics implements Observer {
  private static final System.Logger LOG = System.getLogger(Metrics.class.getName());

  /** Counting what expires looks at every object, so a scrape gets what was counted not long ago. */
  private static final Duration RECOUNT = Duration.ofMinutes(5);

  private static final List<Integer> DAYS = List.of(0, 7, 30, 90);

  private record Key(Operation operation, int status) {}

  /** What an answer of one operation with one status counts in. */
  private record Meters(Timer latency, Counter hits) {}

  private record Expiring(Collection collection, int days) {}

  private final Tokens tokens;
  private final CertificateNotices notices;
  private final CertificateRenewal renewal;
  private final SqlStore store;
  private final AuditLog audit;
  private final List<Shipper> shippers;
  private final Lanes lanes;
  private final Optional<Collector> collector;
  private final InstantSource clock;
  private final Availability availability;
  private final CompletableFuture<PrometheusMeterRegistry> registry = new CompletableFuture<>();
  private final Map<Key, Meters> meters = new ConcurrentHashMap<>();
  private final Map<Expiring, Double> expiring = new ConcurrentHashMap<>();
  private Instant recounted = Instant.EPOCH;

  Metrics(
      Tokens tokens,
      CertificateNotices notices,
      CertificateRenewal renewal,
      SqlStore store,
      AuditLog audit,
      List<Shipper> shippers,
      Lanes lanes,
      Optional<Collector> collector,
      InstantSource clock) {
    this.tokens = tokens;
    this.notices = notices;
    this.renewal = renewal;
    this.store = store;
    this.audit = audit;
    this.shippers = shippers;
    this.lanes = lanes;
    this.collector = collector;
    this.clock = clock;
    this.availability = new Availability(clock);
  }

  /** Loads the registry; called once the listener is up. */
  void load(Listener listener, Status status) {
    PrometheusMeterRegistry made = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    gauge(
        made,
        "strongroom.ready",
        "1 while requests, changes too, are answered, as /ready says.",
        status,
        s -> s.unready().isEmpty() ? 1 : 0);
    gauge(
        made,
        "strongroom.sealed",
        "1 while the keys are away.",
        status,
        s -> s.isSealed() ? 1 : 0);
    gauge(
        made,
        "strongroom.integrity.findings",
        "What was found changed behind the server's back since it started, as /health lists.",
        status,
        s -> s.findings().size());
    gauge(
        made,
        "strongroom.backup.timestamp.seconds",
        "Of which moment the newest whole-server backup is that any node has made; 0 when there is none.",
        store,
        s -> LastBackup.find(s).map(Instant::getEpochSecond).orElse(0L));
    gauge(
        made,
        "keyvault.availability.ratio",
        "Requests of the last five minutes that the server itself did not fail, of all (Availability).",
        availability,
        Availability::ratio);
    gauge(
        made,
        "keyvault.saturation.shoebox.ratio",
        "How full the fullest queue is; at 1 requests are refused (SaturationShoebox).",
        this,
        m -> m.saturation(listener));
    gauge(
        made,
        "strongroom.nodes.running",
        "Nodes on the database that are there, this one with them, as it last saw; 1 on SQLite.",
        store,
        s -> s.nodes().map(Nodes::running).orElse(1L));
    gauge(
        made,
        "strongroom.nodes.lost",
        "Nodes that went without a word and may owe audit records, as this one last saw.",
        store,
        s -> s.nodes().map(Nodes::lost).orElse(0L));
    gauge(
        made,
        "strongroom.requests.working",
        "Requests that are being worked on.",
        listener,
        Listener::working);
    gauge(
        made,
        "strongroom.keys.waiting",
        "Operations with keys that wait for a thread.",
        lanes,
        Lanes::waiting);
    gauge(
        made, "strongroom.store.waiting", "Changes that wait to be made.", store, SqlStore::waiting);
    gauge(
        made,
        "strongroom.store.bytes",
        "What the store occupies on disk; -1 when it does not know.",
        store,
        SqlStore::size);
    gauge(
        made,
        "strongroom.store.cache.bytes",
        "Sealed rows that are kept in memory, estimated.",
        store,
        SqlStore::cached);
    counter(
        made,
        "strongroom.store.journal.records",
        "Changes since the installation was made, of all nodes.",
        store,
        SqlStore::newestChange);
    counter(
        made,
        "strongroom.audit.records",
        "Records in this node's audit trail.",
        audit,
        AuditLog::newest);
    gauge(
        made,
        "strongroom.audit.waiting",
        "Audit records that wait to be written, and answers with them.",
        audit,
        AuditLog::waiting);
    gauge(
        made,
        "strongroom.audit.not.durable",
        "Audit records that were written and are not known to be on disk.",
        audit,
        AuditLog::notDurable);
    gauge(
        made,
        "strongroom.audit.owing",
        "Changes whose own audit record could not be written and is still to come.",
        audit,
        AuditLog::owing);
    gauge(
        made,
        "strongroom.audit.reserve.used",
        "1 while the space kept for the audit trail is used: changes are refused.",
        audit,
        a -> a.isReserveInUse() ? 1 : 0);
    for (Shipper shipper : shippers) {
      Gauge.builder("strongroom.audit.ship.backlog", shipper, Shipper::backlog)
          .description("Audit records on disk that the destination is not known to have.")
          .tag("destination", shipper.name())
          .register(made);
      Gauge.builder("strongroom.audit.ship.age.seconds", shipper, s -> s.age().toSeconds())
          .description(
              "Seconds since the oldest audit record that the destination is not known to have.")
          .tag("destination", shipper.name())
          .register(made);
      FunctionCounter.builder("strongroom.audit.ship.failures", shipper, Shipper::failures)
          .description("Attempts to ship audit records that failed.")
          .tag("destination", shipper.name())
          .register(made);
    }
    counter(
        made,
        "strongroom.tokens.accepted",
        "Bearer tokens that were accepted.",
        tokens,
        Tokens::accepted);
    tokens
        .refusals()
        .keySet()
        .forEach(
            rule ->
                FunctionCounter.builder(
                        "strongroom.tokens.refused",
                        tokens,
                        t -> t.refusals().getOrDefault(rule, 0L))
                    .description("Bearer tokens that were refused, by the rule that they broke.")
                    .tag("rule", rule.name())
                    .register(made));
    counter(
        made,
        "strongroom.mail.sent",
        "Mail to certificate contacts that the relay took from this node.",
        notices,
        CertificateNotices::sent);
    counter(
        made,
        "strongroom.mail.failed",
        "Attempts to hand mail to the relay that failed.",
        notices,
        CertificateNotices::failed);
    collector.ifPresent(told -> deliveries(made, told));
    counter(
        made,
        "strongroom.certificates.failed",
        "Renewals, and operations that an issuer took time for, that came to nothing on this node.",
        renewal,
        CertificateRenewal::failed);
    for (Collection collection : Collection.values()) {
      for (int days : DAYS) {
        Gauge.builder(
                "strongroom.expiring",
                expiring,
                e -> e.getOrDefault(new Expiring(collection, days), Double.NaN))
            .description(
                "Objects whose newest version is not disabled and ends within so many days or has"
                    + " ended; counted each five minutes, NaN until then.")
            .tag("collection", collection.wire())
            .tag("within_days", Integer.toString(days))
            .register(made);
      }
    }
    Gauge.builder("strongroom.info", () -> 1)
        .description("The version that runs.")
        .tag("version", VersionCommand.version())
        .register(made);
    new JvmMemoryMetrics().bindTo(made);
    new UptimeMetrics().bindTo(made);
    new FileDescriptorMetrics().bindTo(made);
    registry.complete(made);
  }

  private static void deliveries(PrometheusMeterRegistry to, Collector collector) {
    for (Collector.Signal signal : Collector.Signal.values()) {
      String word = signal.name().toLowerCase(Locale.ROOT);
      FunctionCounter.builder("strongroom.otlp.sent", collector, c -> c.sent(signal))
          .description("Spans and log lines that the OpenTelemetry collector took.")
          .tag("signal", word)
          .register(to);
      FunctionCounter.builder("strongroom.otlp.dropped", collector, c -> c.dropped(signal))
          .description(
              "Spans and log lines that the collector was not told: its queue was full, or it was away"
                  + " or refused them.")
          .tag("signal", word)
          .register(to);
    }
  }

  private static <T> void gauge(
      PrometheusMeterRegistry to,
      String name,
      String description,
      T of,
      ToDoubleFunction<? super T> value) {
    Gauge.builder(name, of, value).description(description).register(to);
  }

  private static <T> void counter(
      PrometheusMeterRegistry to, String name, String description, T of, ToDoubleFunction<T> value) {
    FunctionCounter.builder(name, of, value).description(description).register(to);
  }

  private double saturation(Listener listener) {
    return Math.max(listener.saturation(), Math.max(lanes.saturation(), store.saturation()));
  }

  @Override
  public void answered(Operation operation, int status, long micros) {
    availability.answered(status);
    PrometheusMeterRegistry loaded = registry.getNow(null);
    if (loaded == null) {
      registry.thenAccept(later -> count(later, operation, status, micros));
    } else {
      count(loaded, operation, status, micros);
    }
  }

  private void count(PrometheusMeterRegistry to, Operation operation, int status, long micros) {
    Meters counted =
        meters.computeIfAbsent(new Key(operation, status), key -> register(to, key));
    counted.latency().record(Duration.ofNanos(micros * 1_000));
    counted.hits().increment();
  }

  private static Meters register(PrometheusMeterRegistry to, Key key) {
    Tags activity =
        Tags.of(
            "activity_type",
            activityType(key.operation()),
            "activity_name",
            key.operation().auditName().toLowerCase(Locale.ROOT));
    Tags result =
        activity.and(
            "status_code",
            Integer.toString(key.status()),
            "status_code_class",
            key.status() / 100 + "xx");
    Timer latency =
        Timer.builder("keyvault.service.api.latency")
            .description("How long requests took, until their answers could leave (ServiceApiLatency).")
            .tags(result)
            .register(to);
    FunctionCounter.builder("keyvault.service.api.result", latency, Timer::count)
        .description("Requests by their answer (ServiceApiResult).")
        .tags(result)
        .register(to);
    Counter hits =
        Counter.builder("keyvault.service.api.hit")
            .description("Requests (ServiceApiHit).")
            .tags(activity)
            .register(to);
    return new Meters(latency, hits);
  }

  /** As Key Vault has it: the kind of thing that the operation is about. */
  static String activityType(Operation operation) {
    return operation
        .collection()
        .map(Collection::singular)
        .orElseGet(
            () ->
                operation.auditName().startsWith("Vault")
                    ? "vault"
                    : operation.plane().name().toLowerCase(Locale.ROOT));
  }

  String scrape() {
    if (isRecountDue()) {
      // not here, because a store that is slow or away must not keep what else there is to tell
      Thread.ofPlatform().daemon().name("count-expiring").start(this::recount);
    }
    return registry.join().scrape();
  }

  private synchronized boolean isRecountDue() {
    Instant now = clock.instant();
    if (now.isBefore(recounted.plus(RECOUNT))) {
      return false;
    }
    recounted = now;
    return true;
  }

  private void recount() {
    Instant now = clock.instant();
    List<Instant> by = DAYS.stream().map(days -> now.plus(Duration.ofDays(days))).toList();
    try {
      for (Collection collection : Collection.values()) {
        List<Long> counts = store.countExpiring(collection, by);
        for (int i = 0; i < counts.size(); i++) {
          expiring.put(new Expiring(collection, DAYS.get(i)), counts.get(i).doubleValue());
        }
      }
    } catch (VaultException e) {
      LOG.log(Level.WARNING, "cannot count what expires: {0}", e.getMessage());
    }
  }
}
