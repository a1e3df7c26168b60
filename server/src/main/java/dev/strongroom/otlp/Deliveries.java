package dev.strongroom.otlp;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.CollectionRegistration;
import io.opentelemetry.sdk.metrics.export.MetricReader;
import java.util.function.Predicate;

/**
 * What the library counts of its own deliveries, read when somebody asks.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/semconv/otel/sdk-metrics/">OpenTelemetry SDK
 *     metrics</a>
 */
final class Deliveries implements MetricReader {
  private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");

  private volatile CollectionRegistration metrics = CollectionRegistration.noop();

  long sent(Collector.Signal signal) {
    return sum("otel.sdk.exporter." + word(signal) + ".exported", point -> !failed(point));
  }

  /** Those that the queue had no room for, and those whose delivery failed for good. */
  long dropped(Collector.Signal signal) {
    return sum("otel.sdk.processor." + word(signal) + ".processed", Deliveries::failed)
        + sum("otel.sdk.exporter." + word(signal) + ".exported", Deliveries::failed);
  }

  private static boolean failed(LongPointData point) {
    return point.getAttributes().get(ERROR) != null;
  }

  private static String word(Collector.Signal signal) {
    return signal == Collector.Signal.TRACES ? "span" : "log";
  }

  private synchronized long sum(String name, Predicate<LongPointData> wanted) {
    long sum = 0;
    for (MetricData metric : metrics.collectAllMetrics()) {
      if (metric.getName().equals(name)) {
        for (LongPointData point : metric.getLongSumData().getPoints()) {
          sum += wanted.test(point) ? point.getValue() : 0;
        }
      }
    }
    return sum;
  }

  @Override
  public void register(CollectionRegistration registration) {
    metrics = registration;
  }

  @Override
  public AggregationTemporality getAggregationTemporality(InstrumentType type) {
    return AggregationTemporality.CUMULATIVE;
  }

  @Override
  public CompletableResultCode forceFlush() {
    return CompletableResultCode.ofSuccess();
  }

  @Override
  public CompletableResultCode shutdown() {
    return CompletableResultCode.ofSuccess();
  }
}
