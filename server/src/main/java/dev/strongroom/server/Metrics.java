package dev.strongroom.server;

import dev.strongroom.audit.AuditLog;
import dev.strongroom.http.Observer;
import dev.strongroom.identity.Tokens;
import dev.strongroom.model.Collection;
import dev.strongroom.model.Operation;
import dev.strongroom.model.VaultException;
import dev.strongroom.store.Store;
import dev.strongroom.vault.CertificateNotices;
import dev.strongroom.vault.Lanes;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

/**
 * What Prometheus is told: Key Vault's own five metrics, requests by operation and status, refused tokens
 * by rule, mail to contacts, and how full what is bounded is. No label carries a name of anything that a client made.
 *
 * <p>The registry is loaded after the start, off the path of requests; what is counted before it is
 * there is counted then.
 *
 * @see <a href="https://learn.microsoft.com/azure/key-vault/general/monitor-key-vault-reference">Key
 *     Vault's metrics</a>
 */
final class Metrics implements Observer {
  private static final System.Logger LOG = System.getLogger(Metrics.class.getName());

  /** Counting what expires reads every object, so a scrape gets what was counted not long ago. */
  private static final Duration RECOUNT = Duration.ofMinutes(5);

  private static final List<Integer> DAYS = List.of(0, 7, 30, 90);

  private record Key(Operation operation, int status) {}

  /** What one answer of an operation with a status counts in. */
  private record Meters(Timer requests, Timer latency, Counter hit, Counter result) {
    void record(Duration took) {
      requests.record(took);
      latency.record(took);
      hit.increment();
      result.increment();
    }
  }

  private record Expiring(Collection collection, int days) {}

  private final Tokens tokens;
  private final CertificateNotices notices;
  private final InstantSource clock;
  private final Store store;
  private final AuditLog audit;
  private final Lanes lanes;
  private final Availability availability;
  private final CompletableFuture<PrometheusMeterRegistry> registry = new CompletableFuture<>();
  private final Map<Key, Meters> meters = new ConcurrentHashMap<>();
  private final Map<Expiring, Long> expiring = new ConcurrentHashMap<>();
  private Instant counted = Instant.EPOCH;

  Metrics(
      Tokens tokens,
      CertificateNotices notices,
      InstantSource clock,
      Store store,
      AuditLog audit,
      Lanes lanes) {
    this.tokens = tokens;
    this.notices = notices;
    this.clock = clock;
    this.store = store;
    this.audit = audit;
    this.lanes = lanes;
    this.availability = new Availability(clock);
  }

  /** Loads the registry; called once the listeners are up. */
  void load() {
    PrometheusMeterRegistry made = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    FunctionCounter.builder("strongroom.tokens.accepted", tokens, t -> t.accepted()).register(made);
    tokens
        .refusals()
        .keySet()
        .forEach(
            rule ->
                FunctionCounter.builder(
                        "strongroom.tokens.refused",
                        tokens,
                        t -> t.refusals().getOrDefault(rule, 0L))
                    .tag("rule", rule.name())
                    .register(made));
    FunctionCounter.builder("strongroom.mail.sent", notices, CertificateNotices::sent)
        .register(made);
    FunctionCounter.builder("strongroom.mail.failed", notices, CertificateNotices::failed)
        .register(made);
    gauge(made, "keyvault.availability.percent", availability, Availability::percent);
    gauge(made, "keyvault.saturation.shoebox.percent", this, Metrics::saturation);
    gauge(made, "strongroom.keys.waiting", lanes, Lanes::waiting);
    gauge(made, "strongroom.store.waiting", store, Store::waiting);
    gauge(made, "strongroom.store.bytes", store, Store::size);
    gauge(made, "strongroom.store.cache.bytes", store, Store::cached);
    FunctionCounter.builder("strongroom.store.journal.records", store, Store::journalHead)
        .register(made);
    FunctionCounter.builder("strongroom.audit.records", audit, AuditLog::newest).register(made);
    gauge(made, "strongroom.audit.waiting", audit, AuditLog::waiting);
    gauge(made, "strongroom.audit.not.durable", audit, AuditLog::notDurable);
    gauge(made, "strongroom.audit.owing", audit, AuditLog::owing);
    gauge(made, "strongroom.audit.reserve.used", audit, a -> a.isReserveInUse() ? 1 : 0);
    for (Collection collection : Collection.values()) {
      for (int days : DAYS) {
        Gauge.builder(
                "strongroom.expiring", expiring, e -> e.getOrDefault(new Expiring(collection, days), 0L))
            .tag("collection", collection.wire())
            .tag("within_days", Integer.toString(days))
            .register(made);
      }
    }
    registry.complete(made);
  }

  private static <T> void gauge(
      MeterRegistry to, String name, T of, ToDoubleFunction<? super T> value) {
    Gauge.builder(name, of, value).register(to);
  }

  /** How full the fullest queue is: at 100 requests are refused. */
  private double saturation() {
    return 100 * Math.max(lanes.saturation(), store.saturation());
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

  private void count(
      PrometheusMeterRegistry to, Operation operation, int status, long micros) {
    meters
        .computeIfAbsent(new Key(operation, status), key -> register(to, key))
        .record(Duration.ofNanos(micros * 1_000));
  }

  private static Meters register(PrometheusMeterRegistry to, Key key) {
    String name = key.operation().auditName();
    String status = Integer.toString(key.status());
    String[] activity = {
      "activity_type", activityType(key.operation()),
      "activity_name", name.toLowerCase(Locale.ROOT)
    };
    String[] result = {"status_code", status, "status_code_class", key.status() / 100 + "xx"};
    return new Meters(
        Timer.builder("strongroom.requests").tag("operation", name).tag("status", status).register(to),
        Timer.builder("keyvault.service.api.latency").tags(activity).tags(result).register(to),
        Counter.builder("keyvault.service.api.hit").tags(activity).register(to),
        Counter.builder("keyvault.service.api.result").tags(activity).tags(result).register(to));
  }

  /** As Key Vault has it: what kind of thing the operation is about. */
  static String activityType(Operation operation) {
    String name = operation.auditName();
    for (String type : List.of("Secret", "Key", "Certificate", "Vault")) {
      if (name.startsWith(type)) {
        return type.toLowerCase(Locale.ROOT);
      }
    }
    return operation.plane().name().toLowerCase(Locale.ROOT);
  }

  String scrape() {
    recount();
    return registry.join().scrape();
  }

  private synchronized void recount() {
    Instant now = clock.instant();
    if (now.isBefore(counted.plus(RECOUNT))) {
      return;
    }
    try {
      for (Collection collection : Collection.values()) {
        for (int days : DAYS) {
          expiring.put(
              new Expiring(collection, days),
              store.expiring(collection, now.plus(Duration.ofDays(days))));
        }
      }
    } catch (VaultException e) {
      // a store that is away is told of by health, and the rest is scraped all the same
      LOG.log(Level.WARNING, "cannot count what expires: {0}", e.getMessage());
    }
    counted = now;
  }
}
