package dev.strongroom.otlp;

import dev.strongroom.http.Request;
import dev.strongroom.http.Trace;
import dev.strongroom.http.Tracer;
import dev.strongroom.model.SecretBytes;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporter;
import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporterBuilder;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.InternalTelemetryVersion;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.export.BatchLogRecordProcessor;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Logger;

/**
 * The collector that the configuration names: it is told of each request, and of each line of the log.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/semconv/http/http-spans/">Semantic conventions for
 *     HTTP spans</a>
 */
public final class Collector implements Tracer, AutoCloseable {
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration LAST_TRY = Duration.ofSeconds(3);
  private static final int QUEUE = 2048;
  private static final int BATCH = 512;
  private static final int MOST_STATE = 512;

  static final AttributeKey<String> REQUEST_ID = AttributeKey.stringKey("azure.service.request.id");
  private static final AttributeKey<String> METHOD = AttributeKey.stringKey("http.request.method");
  private static final AttributeKey<Long> STATUS =
      AttributeKey.longKey("http.response.status_code");
  private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");
  private static final AttributeKey<String> API_VERSION =
      AttributeKey.stringKey("strongroom.api_version");
  private static final AttributeKey<String> VAULT = AttributeKey.stringKey("strongroom.vault");
  // RFC 9110 section 9 and RFC 5789: whatever else a client makes up has one name
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");

  /**
   * Where it is and what it is told.
   *
   * @param endpoint before {@code /v1/traces} and {@code /v1/logs}, with or without a last slash
   * @param tracePercent of the requests that no client has decided about
   * @param authorities PEM; without it those of the JDK
   * @param authorization what the header of that name says
   */
  public record Settings(
      URI endpoint,
      boolean traces,
      boolean logs,
      int tracePercent,
      Optional<byte[]> authorities,
      Optional<SecretBytes> authorization,
      String node,
      String version) {
    private String signal(String name) {
      return endpoint.toString().replaceFirst("/$", "") + "/v1/" + name;
    }
  }

  /** What it is told. */
  public enum Signal {
    TRACES,
    LOGS
  }

  private final Optional<SdkTracerProvider> spans;
  private final Optional<io.opentelemetry.api.trace.Tracer> tracer;
  private final Optional<SdkLoggerProvider> lines;
  private final Optional<Handler> handler;
  private final SdkMeterProvider meters;
  private final Deliveries deliveries = new Deliveries();

  private Collector(Settings settings) {
    Resource resource =
        Resource.create(
            Attributes.of(
                AttributeKey.stringKey("service.name"), "strongroom",
                AttributeKey.stringKey("service.version"), settings.version(),
                AttributeKey.stringKey("service.instance.id"), settings.node()));
    meters = SdkMeterProvider.builder().registerMetricReader(deliveries).build();
    spans = settings.traces() ? Optional.of(spans(settings, resource)) : Optional.empty();
    tracer = spans.map(provider -> provider.get("dev.strongroom.http"));
    lines = settings.logs() ? Optional.of(lines(settings, resource)) : Optional.empty();
    handler = lines.map(LogHandler::new);
    handler.ifPresent(Logger.getLogger("")::addHandler);
  }

  /** Begins to tell it; throws IllegalArgumentException where the authorities are none. */
  public static Collector start(Settings settings) {
    return new Collector(settings);
  }

  private SdkTracerProvider spans(Settings settings, Resource resource) {
    OtlpHttpSpanExporterBuilder exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(settings.signal("traces"))
            .setMeterProvider(meters)
            .setInternalTelemetryVersion(InternalTelemetryVersion.LATEST);
    settings.authorities().ifPresent(exporter::setTrustedCertificates);
    settings
        .authorization()
        .ifPresent(secret -> exporter.addHeader("Authorization", text(secret)));
    return SdkTracerProvider.builder()
        .setResource(resource)
        .setSampler(
            Sampler.parentBased(Sampler.traceIdRatioBased(settings.tracePercent() / 100.0)))
        .addSpanProcessor(
            BatchSpanProcessor.builder(exporter.build())
                .setMaxQueueSize(QUEUE)
                .setMaxExportBatchSize(BATCH)
                .setScheduleDelay(PAUSE)
                .setMeterProvider(meters)
                .setInternalTelemetryVersion(InternalTelemetryVersion.LATEST)
                .build())
        .build();
  }

  private SdkLoggerProvider lines(Settings settings, Resource resource) {
    OtlpHttpLogRecordExporterBuilder exporter =
        OtlpHttpLogRecordExporter.builder()
            .setEndpoint(settings.signal("logs"))
            .setMeterProvider(meters)
            .setInternalTelemetryVersion(InternalTelemetryVersion.LATEST);
    settings.authorities().ifPresent(exporter::setTrustedCertificates);
    settings
        .authorization()
        .ifPresent(secret -> exporter.addHeader("Authorization", text(secret)));
    return SdkLoggerProvider.builder()
        .setResource(resource)
        .addLogRecordProcessor(
            BatchLogRecordProcessor.builder(exporter.build())
                .setMaxQueueSize(QUEUE)
                .setMaxExportBatchSize(BATCH)
                .setScheduleDelay(PAUSE)
                .setMeterProvider(meters)
                .setInternalTelemetryVersion(InternalTelemetryVersion.LATEST)
                .build())
        .build();
  }

  private static String text(SecretBytes secret) {
    return new String(secret.exposed(), StandardCharsets.UTF_8);
  }

  @Override
  public Optional<Trace> begin(Request request) {
    return tracer.map(
        from ->
            new Followed(
                from.spanBuilder("request")
                    .setSpanKind(SpanKind.SERVER)
                    .setParent(
                        W3CTraceContextPropagator.getInstance()
                            .extract(Context.root(), request.headers(), Collector::header))
                    .startSpan()));
  }

  // joined, so that a second traceparent makes both invalid, as the recommendation has it; and of a
  // tracestate not more than it asks to be kept, because a queue of them takes memory
  private static String header(Request.Headers headers, String name) {
    String all = String.join(",", headers.all(name));
    return all.isEmpty() || all.length() > MOST_STATE ? null : all;
  }

  /** A span; the name of its operation is known when it ends. */
  record Followed(Span span) implements Trace {
    @Override
    public String traceId() {
      return span.getSpanContext().getTraceId();
    }

    @Override
    public String spanId() {
      return span.getSpanContext().getSpanId();
    }

    @Override
    public void end(Answered answered) {
      if (span.isRecording()) {
        span.updateName(answered.operation().auditName());
        span.setAttribute(
            METHOD, METHODS.contains(answered.method()) ? answered.method() : "_OTHER");
        span.setAttribute(STATUS, (long) answered.status());
        span.setAttribute(REQUEST_ID, answered.requestId());
        answered.apiVersion().ifPresent(version -> span.setAttribute(API_VERSION, version));
        answered.vault().ifPresent(vault -> span.setAttribute(VAULT, vault));
        if (answered.status() >= 500) {
          span.setAttribute(ERROR, Integer.toString(answered.status()));
          span.setStatus(StatusCode.ERROR);
        }
      }
      span.end();
    }
  }

  /** How many spans, or lines, it took. */
  public long sent(Signal signal) {
    return deliveries.sent(signal);
  }

  /** How many it was not told: the queue was full, or it was away or refused them. */
  public long dropped(Signal signal) {
    return deliveries.dropped(signal);
  }

  /** Tells it what still waits, for no longer than a few seconds. */
  @Override
  public void close() {
    handler.ifPresent(Logger.getLogger("")::removeHandler);
    List<CompletableResultCode> ends = new ArrayList<>();
    spans.ifPresent(provider -> ends.add(provider.shutdown()));
    lines.ifPresent(provider -> ends.add(provider.shutdown()));
    CompletableResultCode.ofAll(ends).join(LAST_TRY.toMillis(), TimeUnit.MILLISECONDS);
    meters.shutdown();
  }
}
