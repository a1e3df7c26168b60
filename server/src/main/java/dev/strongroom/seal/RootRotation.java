package dev.strongroom.seal;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A new root key with everything that must be stored for it in one change: the slots document and
 * every system and container key, rewrapped. Until {@link #commit} both root keys open; closing
 * without it gives the new one up. Values are never rewritten.
 *
 * <p>When the outcome of the change is not known, seal and unseal: the stored slots decide.
 */
public final class RootRotation implements AutoCloseable {
  private final Seal seal;
  private final OpenKeys keys;
  private final Slots slots;
  private final List<WrappedKeys.Wrapped> rewrapped;
  private final AtomicBoolean ended = new AtomicBoolean();

  RootRotation(Seal seal, OpenKeys keys, Slots slots, List<WrappedKeys.Wrapped> rewrapped) {
    this.seal = seal;
    this.keys = keys;
    this.slots = slots;
    this.rewrapped = List.copyOf(rewrapped);
  }

  public Slots slots() {
    return slots;
  }

  public List<WrappedKeys.Wrapped> keys() {
    return rewrapped;
  }

  /** After the change is stored: the new root key takes over and the old one is wiped. */
  public void commit() {
    end(true);
  }

  @Override
  public void close() {
    end(false);
  }

  private void end(boolean keepNext) {
    // once only: a later call would end a rotation that began after this one
    if (ended.compareAndSet(false, true)) {
      seal.finish(keys, slots, keepNext);
    }
  }
}
