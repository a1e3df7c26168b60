package dev.strongroom.otlp;

import dev.strongroom.http.CurrentRequest;
import io.opentelemetry.api.logs.LogRecordBuilder;
import io.opentelemetry.api.logs.LoggerProvider;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.context.Context;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;

/** Hands the lines of the log on, with the request and the span that they are about. */
final class LogHandler extends Handler {
  // what the library says of its own deliveries would have to be delivered too
  private static final String LIBRARY = "io.opentelemetry.";

  private final LoggerProvider to;
  private final Formatter formatter = new SimpleFormatter();

  LogHandler(LoggerProvider to) {
    this.to = to;
  }

  @Override
  public void publish(LogRecord record) {
    String logger = String.valueOf(record.getLoggerName());
    if (logger.startsWith(LIBRARY)) {
      return;
    }
    LogRecordBuilder line =
        to.get(logger)
            .logRecordBuilder()
            .setTimestamp(record.getInstant())
            .setSeverity(severity(record.getLevel()))
            .setSeverityText(record.getLevel().getName())
            .setBody(formatter.formatMessage(record))
            .setContext(Context.root());
    if (record.getThrown() != null) {
      line.setException(record.getThrown());
    }
    CurrentRequest.find()
        .ifPresent(
            request -> {
              line.setAttribute(Collector.REQUEST_ID, request.id().guid());
              if (request.trace().orElse(null) instanceof Collector.Followed(var span)) {
                line.setContext(Context.root().with(span));
              }
            });
    line.emit();
  }

  private static Severity severity(Level level) {
    int value = level.intValue();
    if (value >= Level.SEVERE.intValue()) {
      return Severity.ERROR;
    }
    if (value >= Level.WARNING.intValue()) {
      return Severity.WARN;
    }
    return value >= Level.INFO.intValue() ? Severity.INFO : Severity.DEBUG;
  }

  @Override
  public void flush() {
    // batches leave by themselves
  }

  @Override
  public void close() {
    // the collector's own end does it
  }
}
