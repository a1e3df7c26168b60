package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.model.SecretBytes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OffHeapKeyTest {
  @Test
  void taking_array_wipesItAndCopiesGiveTheKey() {
    byte[] key = Randoms.bytes(32);
    byte[] expected = key.clone();
    try (OffHeapKey kept = OffHeapKey.taking(key)) {
      assertThat(key).containsOnly(0);
      try (SecretBytes copy = kept.copy().orElseThrow()) {
        assertThat(copy.exposed()).isEqualTo(expected);
      }
      assertThat(kept.copy().orElseThrow().exposed()).isEqualTo(expected);
    }
  }

  @Test
  void close_pageIsZeroBeforeItIsFreed() {
    WatchedArena arena = new WatchedArena();
    byte[] key = new byte[32];
    Arrays.fill(key, (byte) 0x5a);
    OffHeapKey kept = OffHeapKey.taking(key, () -> arena);
    assertThat(arena.page.get(ValueLayout.JAVA_BYTE, 31)).isEqualTo((byte) 0x5a);
    kept.close();
    assertThat(arena.atClose).hasSize((int) Libc.PAGE).containsOnly(0);
    assertThat(kept.copy()).isEmpty();
    kept.close();
  }

  @Test
  void copy_whileClosing_isTheWholeKeyOrNothing() throws Exception {
    byte[] expected = new byte[32];
    Arrays.fill(expected, (byte) 0x5a);
    try (ExecutorService readers = Executors.newFixedThreadPool(3)) {
      for (int round = 0; round < 200; round++) {
        OffHeapKey kept = OffHeapKey.taking(expected.clone());
        CountDownLatch started = new CountDownLatch(3);
        Callable<Void> reader =
            () -> {
              started.countDown();
              Optional<SecretBytes> copy = kept.copy();
              while (copy.isPresent()) {
                assertThat(copy.get().exposed()).isEqualTo(expected);
                copy = kept.copy();
              }
              return null;
            };
        var running = IntStream.range(0, 3).mapToObj(i -> readers.submit(reader)).toList();
        started.await();
        kept.close();
        for (Future<Void> each : running) {
          each.get();
        }
      }
    }
  }

  @Test
  void toString_showsNoKey() {
    try (OffHeapKey kept = OffHeapKey.taking(new byte[] {77})) {
      assertThat(kept.toString()).isEqualTo("OffHeapKey[redacted]");
    }
  }

  @Test
  void taking_nothingOrTooMuch_isRefused() {
    assertThatThrownBy(() -> OffHeapKey.taking(new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> OffHeapKey.taking(new byte[(int) Libc.PAGE + 1]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** An arena that remembers what stood in its one segment when it was closed. */
  private static final class WatchedArena implements Arena {
    private final Arena inner = Arena.ofShared();
    private MemorySegment page;
    private byte[] atClose;

    @Override
    public MemorySegment allocate(long size, long alignment) {
      page = inner.allocate(size, alignment);
      return page;
    }

    @Override
    public MemorySegment.Scope scope() {
      return inner.scope();
    }

    @Override
    public void close() {
      atClose = page.toArray(ValueLayout.JAVA_BYTE);
      inner.close();
    }
  }
}
