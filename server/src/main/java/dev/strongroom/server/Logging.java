package dev.strongroom.server;

import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * The process log: one line per record on standard error. The JDK makes an instance at start (it is
 * named in java.util.logging.config.class), so no configuration file is needed.
 */
public final class Logging {
  public Logging() {
    Logger root = Logger.getLogger("");
    for (var handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    ConsoleHandler console = new ConsoleHandler();
    console.setFormatter(new Line());
    console.setLevel(Level.ALL);
    root.addHandler(console);
    root.setLevel(Level.WARNING);
    Logger.getLogger("dev.strongroom").setLevel(Level.INFO);
  }

  private static final class Line extends Formatter {
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
              .append(formatMessage(record).replace('\n', ' ').replace('\r', ' '));
      Throwable thrown = record.getThrown();
      for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
        line.append(" | ").append(cause);
        StackTraceElement[] trace = cause.getStackTrace();
        for (int i = 0; i < Math.min(12, trace.length); i++) {
          line.append(" < ").append(trace[i]);
        }
      }
      return line.append(System.lineSeparator()).toString();
    }
  }
}
