package dev.strongroom.server;

import dev.strongroom.http.Listener;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Looks every few seconds whether a listener's TLS files have changed, and has them read again. */
final class TlsReload implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(TlsReload.class.getName());
  private static final long PAUSE_MILLIS = 5_000;

  private final List<Config.Listener> listeners;
  private final Listener listener;
  private final Thread thread;

  private TlsReload(List<Config.Listener> listeners, Listener listener) {
    this.listeners = listeners;
    this.listener = listener;
    this.thread = Thread.ofVirtual().name("tls-reload").unstarted(this::watch);
  }

  static TlsReload start(List<Config.Listener> listeners, Listener listener) {
    TlsReload reload = new TlsReload(listeners, listener);
    reload.thread.start();
    return reload;
  }

  private void watch() {
    Map<Path, FileTime> seen = times();
    while (true) {
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
      Map<Path, FileTime> now = times();
      if (now.equals(seen)) {
        continue;
      }
      try {
        listener.reload();
        LOG.log(Level.INFO, "the TLS files have changed and were read again");
      } catch (IOException | RuntimeException e) {
        LOG.log(Level.ERROR, "the TLS files have changed and cannot be used; the old ones stay", e);
      }
      seen = now;
    }
  }

  private Map<Path, FileTime> times() {
    Map<Path, FileTime> times = new TreeMap<>();
    for (Config.Listener one : listeners) {
      for (Path file : List.of(one.certificate().orElseThrow(), one.key().orElseThrow())) {
        try {
          times.put(file, Files.getLastModifiedTime(file));
        } catch (IOException e) {
          LOG.log(Level.WARNING, "cannot look at {0}", file);
        }
      }
    }
    return times;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
