package dev.strongroom.crypto;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.VaultException;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Makes RSA keys on few threads of its own, since one takes from a tenth of a second to seconds, and
 * keeps a few spare ones of each size that has been asked for: the next to ask need not wait.
 *
 * <p>When too many wait, the next is refused with 429. Spare keys have never left this object; they
 * are wiped when it is told to forget them, and when it is closed.
 */
final class RsaKeyMaker implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(RsaKeyMaker.class.getName());
  private static final int WAITING = 64;
  private static final int SPARES = 2;

  private final Engine engine;
  private final int spares;
  private final ThreadPoolExecutor threads;
  private final Map<KeySpec.Rsa, Deque<RsaParts>> spare = new HashMap<>();
  private final Map<KeySpec.Rsa, Integer> coming = new HashMap<>();
  private int forgotten;
  private boolean closed;

  RsaKeyMaker(Engine engine) {
    this(engine, Math.max(1, Runtime.getRuntime().availableProcessors() / 2), WAITING, SPARES);
  }

  RsaKeyMaker(Engine engine, int parallel, int waiting, int spares) {
    this.engine = engine;
    this.spares = spares;
    this.threads =
        new ThreadPoolExecutor(
            parallel,
            parallel,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(waiting),
            Thread.ofPlatform().daemon().name("rsa-keys-", 0).factory());
    threads.allowCoreThreadTimeOut(true);
  }

  /** Never the same key twice; the caller wipes it. */
  RsaParts make(KeySpec.Rsa spec) {
    RsaParts ready = takeSpare(spec);
    if (ready != null) {
      restock(spec);
      return ready;
    }
    Future<RsaParts> made;
    try {
      made = threads.submit(() -> engine.generateRsa(spec));
    } catch (RejectedExecutionException e) {
      throw refused();
    }
    try {
      RsaParts parts = made.get();
      restock(spec);
      return parts;
    } catch (ExecutionException e) {
      throw new IllegalStateException("making an RSA key", e.getCause());
    } catch (CancellationException e) {
      throw VaultException.of(ErrorCode.STOPPING);
    } catch (InterruptedException e) {
      made.cancel(false);
      Thread.currentThread().interrupt();
      throw VaultException.of(ErrorCode.STOPPING);
    }
  }

  int spares(KeySpec.Rsa spec) {
    synchronized (spare) {
      return spare.getOrDefault(spec, new ArrayDeque<>()).size();
    }
  }

  int waiting() {
    return threads.getQueue().size();
  }

  boolean isIdle() {
    return threads.getActiveCount() == 0 && waiting() == 0;
  }

  private RsaParts takeSpare(KeySpec.Rsa spec) {
    synchronized (spare) {
      Deque<RsaParts> ready = spare.get(spec);
      return ready == null ? null : ready.poll();
    }
  }

  /** Only while nobody waits: who asks comes before who may ask. */
  private void restock(KeySpec.Rsa spec) {
    synchronized (spare) {
      int missing =
          spares
              - spare.computeIfAbsent(spec, _ -> new ArrayDeque<>()).size()
              - coming.getOrDefault(spec, 0);
      if (closed || missing <= 0 || !threads.getQueue().isEmpty()) {
        return;
      }
      try {
        int since = forgotten;
        threads.execute(() -> makeSpare(spec, since));
        coming.merge(spec, 1, Integer::sum);
      } catch (RejectedExecutionException e) {
        // because the threads became busy or stopped in between: then there is no spare key
        return;
      }
    }
  }

  private void makeSpare(KeySpec.Rsa spec, int since) {
    RsaParts made;
    try {
      made = engine.generateRsa(spec);
    } catch (RuntimeException e) {
      // whoever asks next makes one while he waits, and is told if that fails too
      LOG.log(Level.WARNING, "no spare RSA key could be made", e);
      made = null;
    }
    synchronized (spare) {
      coming.merge(spec, -1, Integer::sum);
      if (made == null) {
        return;
      }
      if (closed || forgotten != since) {
        made.close();
        return;
      }
      spare.get(spec).add(made);
    }
    restock(spec);
  }

  private VaultException refused() {
    synchronized (spare) {
      return closed
          ? VaultException.of(ErrorCode.STOPPING)
          : VaultException.of(ErrorCode.BUSY, "reason", "TooManyKeysBeingMade")
              .with("Retry-After", "1");
    }
  }

  /** The next one makes spare keys anew; one that is being made now is not kept. */
  void forgetSpares() {
    synchronized (spare) {
      forgotten++;
      spare.values().forEach(keys -> keys.forEach(RsaParts::close));
      spare.clear();
    }
  }

  @Override
  public void close() {
    synchronized (spare) {
      closed = true;
      forgetSpares();
    }
    // who waits is told; what is being computed cannot be interrupted and is thrown away
    threads
        .shutdownNow()
        .forEach(
            task -> {
              if (task instanceof Future<?> waiting) {
                waiting.cancel(false);
              }
            });
  }
}
