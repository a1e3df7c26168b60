package dev.strongroom.audit;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps answers to nobody in particular from filling the trail. Each address is recorded singly up
 * to a burst, then at a rate; what goes beyond is counted, and once a second one record per address
 * says how many answers it stands for: every answer is in exactly one record.
 *
 * <p>Records with a principal or a change always pass as they are. An IPv6 address counts as its
 * /64, because one host has all of those.
 */
public final class Burst implements Audit {
  /** The detail of a merged record that says how many answers it stands for. */
  static final String COUNT = "count";

  private static final int BURST = 1_000;
  private static final int PER_SECOND = 100;
  private static final int MAX_ADDRESSES = 10_000;
  private static final int MAX_KINDS = 16;

  private final Audit audit;
  private final InstantSource clock;
  private final int burst;
  private final int perSecond;
  private final int maxAddresses;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition hasMerged = lock.newCondition();
  private final LinkedHashMap<String, Source> sources = new LinkedHashMap<>(64, 0.75f, true);
  private int merging;
  private boolean isClosing;
  private final Thread thread;

  /** One address: what it may still write singly, and what was merged in this second. */
  private static final class Source {
    private double left;
    private Instant at;
    private Merged merged;

    private Source(double left, Instant at) {
      this.left = left;
      this.at = at;
    }
  }

  private static final class Merged {
    private final AuditRecord first;
    private Instant last;
    private long count;
    private final Map<String, Long> kinds = new TreeMap<>();

    private Merged(AuditRecord first) {
      this.first = first;
      this.last = first.time();
    }

    private void add(AuditRecord record) {
      count++;
      if (record.time().isAfter(last)) {
        last = record.time();
      }
      addKind(record.operation() + '/' + record.status(), 1);
    }

    private void addKind(String kind, long n) {
      boolean isNamed = kinds.containsKey(kind) || kinds.size() < MAX_KINDS;
      kinds.merge(isNamed ? kind : "other", n, Long::sum);
    }

    private void add(Merged later) {
      count += later.count;
      last = later.last.isAfter(last) ? later.last : last;
      later.kinds.forEach(this::addKind);
    }

    private AuditRecord record() {
      Map<String, String> details = new HashMap<>(first.details());
      List<String> parts = new ArrayList<>();
      kinds.forEach((kind, n) -> parts.add(kind + '=' + n));
      details.put(COUNT, Long.toString(count));
      details.put("until", last.toString());
      details.put("kinds", String.join(",", parts));
      return new AuditRecord(
          first.time(),
          first.operation(),
          first.category(),
          first.resourceId(),
          first.requestId(),
          first.clientRequestId(),
          first.callerAddress(),
          first.principal(),
          first.method(),
          first.requestPath(),
          first.apiVersion(),
          first.userAgent(),
          first.status(),
          first.errorCode(),
          first.objectId(),
          first.durationMicros(),
          first.journal(),
          details);
    }
  }

  public Burst(Audit audit, InstantSource clock) {
    this(audit, clock, BURST, PER_SECOND, MAX_ADDRESSES);
    thread.start();
  }

  /** Does not flush by itself: tests call {@link #flush}. */
  Burst(Audit audit, InstantSource clock, int burst, int perSecond, int maxAddresses) {
    this.audit = audit;
    this.clock = clock;
    this.burst = burst;
    this.perSecond = perSecond;
    this.maxAddresses = maxAddresses;
    this.thread = Thread.ofPlatform().daemon().name("audit-burst").unstarted(this::run);
  }

  @Override
  public Taken take(AuditRecord record) {
    if (record.principal().isPresent() || record.journal().isPresent()) {
      return audit.take(record);
    }
    if (!audit.isAvailable()) {
      throw VaultException.of(ErrorCode.AUDIT_UNAVAILABLE);
    }
    String address = address(record.callerAddress());
    Instant now = clock.instant();
    boolean isSingle;
    List<Merged> evicted = new ArrayList<>();
    lock.lock();
    try {
      Source source = sources.computeIfAbsent(address, a -> new Source(burst, now));
      refill(source, now);
      isSingle = source.left >= 1 || isClosing;
      if (isSingle) {
        source.left = Math.max(0, source.left - 1);
      } else {
        if (source.merged == null) {
          source.merged = new Merged(record);
          merging++;
          hasMerged.signal();
        }
        source.merged.add(record);
      }
      while (sources.size() > maxAddresses) {
        Source eldest = sources.pollFirstEntry().getValue();
        if (eldest.merged != null) {
          merging--;
          evicted.add(eldest.merged);
        }
      }
    } finally {
      lock.unlock();
    }
    evicted.forEach(this::write);
    return isSingle ? audit.take(record) : () -> {};
  }

  private void refill(Source source, Instant now) {
    Duration passed = Duration.between(source.at, now);
    if (!passed.isNegative()) {
      double more = passed.toMillis() * perSecond / 1000.0;
      source.left = Math.min(burst, source.left + more);
    }
    source.at = now;
  }

  /** Writes what was merged, one record per address. */
  void flush() {
    List<Merged> all = new ArrayList<>();
    lock.lock();
    try {
      for (Source source : sources.values()) {
        if (source.merged != null) {
          all.add(source.merged);
          source.merged = null;
        }
      }
      merging = 0;
    } finally {
      lock.unlock();
    }
    all.forEach(this::write);
  }

  private void write(Merged merged) {
    try {
      audit.append(merged.record());
    } catch (VaultException e) {
      // kept for the next second, so that no answer is lost while there is no space
      keep(merged);
    }
  }

  private void keep(Merged merged) {
    lock.lock();
    try {
      Source source =
          sources.computeIfAbsent(
              address(merged.first.callerAddress()), a -> new Source(0, clock.instant()));
      if (source.merged == null) {
        merging++;
      } else {
        merged.add(source.merged);
      }
      source.merged = merged;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    while (true) {
      lock.lock();
      try {
        while (merging == 0 && !isClosing) {
          hasMerged.await();
        }
        long left = TimeUnit.SECONDS.toNanos(1);
        while (left > 0 && !isClosing) {
          left = hasMerged.awaitNanos(left);
        }
        if (isClosing) {
          return;
        }
      } catch (InterruptedException e) {
        // nobody interrupts this thread but a JVM that ends
        return;
      } finally {
        lock.unlock();
      }
      flush();
    }
  }

  static String address(String text) {
    if (text.indexOf(':') < 0) {
      return text;
    }
    try {
      InetAddress address = InetAddress.ofLiteral(text);
      return address instanceof Inet6Address
          ? HexFormat.of().formatHex(Arrays.copyOf(address.getAddress(), 8))
          : address.getHostAddress();
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  @Override
  public boolean waits() {
    return audit.waits();
  }

  @Override
  public boolean isAvailable() {
    return audit.isAvailable();
  }

  @Override
  public Optional<ErrorCode> refusalOfChanges() {
    return audit.refusalOfChanges();
  }

  /** Writes what is still merged, then closes what is behind. */
  @Override
  public void close() {
    lock.lock();
    try {
      isClosing = true;
      hasMerged.signalAll();
    } finally {
      lock.unlock();
    }
    flush();
    audit.close();
  }
}
