package dev.strongroom.crypto;

import dev.strongroom.model.SecretBytes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * A key in a page of its own outside the heap: the collector never copies it, it is not swapped out
 * or dumped where the operating system agrees, and closing overwrites it with zeros.
 *
 * <p>Reading takes no lock. A reader that meets the closing gets nothing, never a half-wiped key:
 * {@code closed} is set before the first zero is written and read after the last byte was copied.
 */
public final class OffHeapKey implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(OffHeapKey.class.getName());
  private static final AtomicBoolean WARNED = new AtomicBoolean();

  private final Arena arena;
  private final MemorySegment page;
  private final int length;
  private volatile boolean closed;

  private OffHeapKey(byte[] key, Arena arena) {
    this.arena = arena;
    length = key.length;
    page = arena.allocate(Libc.PAGE, Libc.PAGE);
    boolean locked = Libc.lock(page);
    boolean undumped = Libc.keepOutOfDumps(page);
    if (!(locked && undumped) && WARNED.compareAndSet(false, true)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Keys in memory are not fully protected by the operating system: locked against swapping"
              + " {0}, kept out of core dumps {1}. Raise the limit of locked memory (ulimit -l,"
              + " LimitMEMLOCK) or turn swap off.",
          locked,
          undumped);
    }
    MemorySegment.copy(key, 0, page, ValueLayout.JAVA_BYTE, 0, length);
  }

  /** Takes the bytes over and wipes the array. */
  public static OffHeapKey taking(byte[] key) {
    return taking(key, Arena::ofShared);
  }

  /** The same in an arena of the caller's making, which this key alone uses and closes. */
  public static OffHeapKey taking(byte[] key, Supplier<Arena> arenas) {
    if (key.length == 0 || key.length > Libc.PAGE) {
      throw new IllegalArgumentException("a key of " + key.length + " bytes");
    }
    try {
      return new OffHeapKey(key, arenas.get());
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  /** A copy on the heap for one call, to be closed right after it; empty once this is closed. */
  public Optional<SecretBytes> copy() {
    if (closed) {
      return Optional.empty();
    }
    byte[] bytes = new byte[length];
    try {
      MemorySegment.copy(page, ValueLayout.JAVA_BYTE, 0, bytes, 0, length);
    } catch (IllegalStateException e) {
      // because the arena was closed between the look above and the copy
      Arrays.fill(bytes, (byte) 0);
      return Optional.empty();
    }
    VarHandle.acquireFence();
    if (closed) {
      Arrays.fill(bytes, (byte) 0);
      return Optional.empty();
    }
    return Optional.of(SecretBytes.taking(bytes));
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    VarHandle.fullFence();
    page.fill((byte) 0);
    Libc.allowInDumps(page);
    Libc.unlock(page);
    arena.close();
  }

  @Override
  public String toString() {
    return "OffHeapKey[redacted]";
  }
}
