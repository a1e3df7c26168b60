package dev.strongroom.crypto;

import java.util.Optional;

/** What the operating system is asked to do for the whole process, so that keys stay in it. */
public final class ProcessMemory {
  /** What worked: no other process of this user may read our memory; no core file is written. */
  public record Protection(boolean undumpable, boolean withoutCoreFiles) {
    public boolean isComplete() {
      return undumpable && withoutCoreFiles;
    }
  }

  private ProcessMemory() {}

  /** Once, at the start of a real server. It cannot be taken back and does not stop root. */
  public static Protection protect() {
    return new Protection(Libc.forbidDumps(), Libc.limitCoreFilesToNothing());
  }

  /** The numeric user this process acts as; empty where the platform does not say. */
  public static Optional<Integer> user() {
    return Libc.effectiveUser();
  }
}
