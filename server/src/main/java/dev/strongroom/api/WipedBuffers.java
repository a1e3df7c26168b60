package dev.strongroom.api;

import java.util.Arrays;
import tools.jackson.core.util.BufferRecycler;
import tools.jackson.core.util.RecyclerPool;

/**
 * The buffers of JSON that is read and written, which hold whole secrets: each is overwritten before
 * another request gets it, so that none outlives its own.
 */
final class WipedBuffers extends RecyclerPool.ConcurrentDequePoolBase<BufferRecycler> {
  WipedBuffers() {
    super(0);
  }

  @Override
  public BufferRecycler createPooled() {
    return new Wiping();
  }

  private static final class Wiping extends BufferRecycler {
    @Override
    public void releaseByteBuffer(int use, byte[] buffer) {
      Arrays.fill(buffer, (byte) 0);
      super.releaseByteBuffer(use, buffer);
    }

    @Override
    public void releaseCharBuffer(int use, char[] buffer) {
      Arrays.fill(buffer, '\0');
      super.releaseCharBuffer(use, buffer);
    }
  }
}
