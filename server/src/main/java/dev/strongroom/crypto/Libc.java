package dev.strongroom.crypto;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The few calls of the C library that the JDK does not offer. Each answers whether it worked, never
 * throws: where the platform lacks one, the caller goes on without and says so.
 */
final class Libc {
  private static final int MADV_DONTDUMP = 16;
  private static final int MADV_DODUMP = 17;
  private static final int PR_SET_DUMPABLE = 4;
  private static final int RLIMIT_CORE = 4;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  private static final boolean LINUX = System.getProperty("os.name").equals("Linux");

  private static final Optional<MethodHandle> MLOCK =
      find("mlock", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, LONG));
  private static final Optional<MethodHandle> MUNLOCK =
      find("munlock", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, LONG));
  private static final Optional<MethodHandle> MADVISE =
      find("madvise", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, LONG, INT));
  private static final Optional<MethodHandle> PRCTL =
      find(
          "prctl",
          FunctionDescriptor.of(INT, INT, LONG, LONG, LONG, LONG),
          Linker.Option.firstVariadicArg(1));
  private static final Optional<MethodHandle> SETRLIMIT =
      find("setrlimit", FunctionDescriptor.of(INT, INT, ValueLayout.ADDRESS));
  private static final Optional<MethodHandle> GETEUID =
      find("geteuid", FunctionDescriptor.of(INT));

  /** The size of a page, for what is locked and kept out of dumps by whole pages. */
  static final long PAGE =
      find("getpagesize", FunctionDescriptor.of(INT))
          .map(call -> (long) (Integer) invoke(call))
          .orElse(4096L);

  private Libc() {}

  static boolean lock(MemorySegment pages) {
    return succeeds(MLOCK, pages, pages.byteSize());
  }

  static boolean unlock(MemorySegment pages) {
    return succeeds(MUNLOCK, pages, pages.byteSize());
  }

  static boolean keepOutOfDumps(MemorySegment pages) {
    return LINUX && succeeds(MADVISE, pages, pages.byteSize(), MADV_DONTDUMP);
  }

  static boolean allowInDumps(MemorySegment pages) {
    return LINUX && succeeds(MADVISE, pages, pages.byteSize(), MADV_DODUMP);
  }

  static boolean forbidDumps() {
    return LINUX && succeeds(PRCTL, PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
  }

  static boolean limitCoreFilesToNothing() {
    try (Arena arena = Arena.ofConfined()) {
      // struct rlimit: the current limit and the one it may be raised to, both zero
      MemorySegment limit = arena.allocate(MemoryLayout.sequenceLayout(2, LONG));
      return succeeds(SETRLIMIT, RLIMIT_CORE, limit);
    }
  }

  /** The user this process acts as. */
  static Optional<Integer> effectiveUser() {
    return GETEUID.map(call -> (Integer) invoke(call));
  }

  private static boolean succeeds(Optional<MethodHandle> call, Object... arguments) {
    return call.isPresent() && invoke(call.get(), arguments).equals(0);
  }

  private static Object invoke(MethodHandle call, Object... arguments) {
    try {
      return call.invokeWithArguments(arguments);
    } catch (Throwable e) {
      // because a downcall itself throws nothing: a wrong type here is a mistake in this file
      throw new IllegalStateException("calling the C library", e);
    }
  }

  @SuppressWarnings("restricted")
  private static Optional<MethodHandle> find(
      String name, FunctionDescriptor type, Linker.Option... options) {
    Linker linker = Linker.nativeLinker();
    try {
      return linker
          .defaultLookup()
          .find(name)
          .map(address -> linker.downcallHandle(address, type, options));
    } catch (IllegalCallerException e) {
      // because the JVM was started without native access, which costs protection, not function
      return Optional.empty();
    }
  }
}
