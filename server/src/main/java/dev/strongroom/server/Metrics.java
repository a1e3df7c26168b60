package dev.strongroom.server;

import dev.strongroom.http.Observer;
import dev.strongroom.identity.Tokens;
import dev.strongroom.model.Operation;
import dev.strongroom.vault.CertificateNotices;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Requests by operation and status, refused tokens by rule, and mail to contacts. The registry is loaded after the
 * start, off the path of requests; what is counted before it is there is counted then.
 */
final class Metrics implements Observer {
  private record Key(Operation operation, int status) {}

  private final Tokens tokens;
  private final CertificateNotices notices;
  private final CompletableFuture<PrometheusMeterRegistry> registry = new CompletableFuture<>();
  private final Map<Key, Timer> timers = new ConcurrentHashMap<>();

  Metrics(Tokens tokens, CertificateNotices notices) {
    this.tokens = tokens;
    this.notices = notices;
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
    registry.complete(made);
  }

  @Override
  public void answered(Operation operation, int status, long micros) {
    PrometheusMeterRegistry loaded = registry.getNow(null);
    if (loaded == null) {
      registry.thenAccept(later -> count(later, operation, status, micros));
    } else {
      count(loaded, operation, status, micros);
    }
  }

  private void count(
      PrometheusMeterRegistry to, Operation operation, int status, long micros) {
    timers
        .computeIfAbsent(
            new Key(operation, status),
            key ->
                Timer.builder("strongroom.requests")
                    .tag("operation", key.operation().auditName())
                    .tag("status", Integer.toString(key.status()))
                    .register(to))
        .record(Duration.ofNanos(micros * 1_000));
  }

  String scrape() {
    return registry.join().scrape();
  }
}
