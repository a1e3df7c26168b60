package dev.strongroom.server;

import dev.strongroom.http.CurrentRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The process log: one line per record on standard error, with the id of the request that it is about.
 * The JDK makes an instance at start (it is named in java.util.logging.config.class), so no
 * configuration file is needed.
 */
public final class Logging {
  private static final int MOST_FRAMES = 12;

  public Logging() {
    Logger root = Logger.getLogger("");
    for (var handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    ConsoleHandler console = new ConsoleHandler();
    console.setFormatter(new TextLine());
    console.setLevel(Level.ALL);
    root.addHandler(console);
    root.setLevel(Level.WARNING);
    Logger.getLogger("dev.strongroom").setLevel(Level.INFO);
  }

  /** From now on lines have the wanted form. */
  static void write(Config.LogFormat format, String node) {
    for (Handler handler : Logger.getLogger("").getHandlers()) {
      if (handler instanceof ConsoleHandler) {
        handler.setFormatter(format == Config.LogFormat.JSON ? new JsonLine(node) : new TextLine());
      }
    }
  }

  static final class TextLine extends Formatter {
    @Override
    public String format(LogRecord record) {
      StringBuilder line =
          new StringBuilder()
              .append(record.getInstant())
              .append(' ')
              .append(record.getLevel())
              .append(' ')
              .append(record.getLoggerName())
              .append(": ")
              .append(formatMessage(record));
      CurrentRequest.find()
          .ifPresent(request -> line.append(" [request ").append(request.id().guid()).append(']'));
      for (Throwable cause = record.getThrown(); cause != null; cause = cause.getCause()) {
        line.append(" | ").append(cause);
        frames(cause).forEach(frame -> line.append(" < ").append(frame));
      }
      return line.toString().replace('\n', ' ').replace('\r', ' ') + System.lineSeparator();
    }
  }

  /** One JSON object (RFC 8259) for each record. */
  static final class JsonLine extends Formatter {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private final String node;

    JsonLine(String node) {
      this.node = node;
    }

    @Override
    public String format(LogRecord record) {
      ObjectNode line =
          JSON.createObjectNode()
              .put("time", Instant.ofEpochMilli(record.getMillis()).toString())
              .put("level", word(record.getLevel()))
              .put("node", node)
              .put("logger", record.getLoggerName())
              .put("message", formatMessage(record));
      CurrentRequest.find()
          .ifPresent(
              request -> {
                line.put("requestId", request.id().guid());
                request
                    .trace()
                    .ifPresent(
                        trace -> line.put("traceId", trace.traceId()).put("spanId", trace.spanId()));
              });
      if (record.getThrown() != null) {
        var thrown = line.putArray("thrown");
        for (Throwable cause = record.getThrown(); cause != null; cause = cause.getCause()) {
          ObjectNode one = thrown.addObject().put("what", cause.toString());
          frames(cause).forEach(one.putArray("at")::add);
        }
      }
      return JSON.writeValueAsString(line) + System.lineSeparator();
    }

    /** As System.Logger, which the code speaks to, calls it. */
    private static String word(Level level) {
      int value = level.intValue();
      if (value >= Level.SEVERE.intValue()) {
        return "ERROR";
      }
      if (value >= Level.WARNING.intValue()) {
        return "WARNING";
      }
      return value >= Level.INFO.intValue() ? "INFO" : "DEBUG";
    }
  }

  private static List<String> frames(Throwable thrown) {
    List<String> frames = new ArrayList<>();
    for (StackTraceElement frame : thrown.getStackTrace()) {
      if (frames.size() == MOST_FRAMES) {
        break;
      }
      frames.add(frame.toString());
    }
    return frames;
  }
}
