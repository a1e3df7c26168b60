package dev.strongroom.seal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/** An arena that remembers what stood in its one segment when it was closed. */
final class WatchedArena implements Arena {
  private final Arena inner = Arena.ofShared();
  private volatile MemorySegment page;
  private volatile byte[] atClose;

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

  /** Empty while it is open. */
  Optional<byte[]> atClose() {
    return Optional.ofNullable(atClose);
  }

  byte[] now() {
    return page.toArray(ValueLayout.JAVA_BYTE);
  }
}
