package dev.strongroom;

import java.util.Random;

/**
 * A check on many random cases. Each run draws other ones; a failure says the seed of its case, and
 * {@code -Dcases.seed=SEED} runs that case first.
 */
public final class Cases {
  /** What must hold for every case. */
  @FunctionalInterface
  public interface Check {
    void on(Random random) throws Exception;
  }

  private Cases() {}

  public static void run(int cases, Check check) {
    long first = Long.getLong("cases.seed", System.nanoTime());
    for (int i = 0; i < cases; i++) {
      try {
        check.on(new Random(first + i));
      } catch (Exception | AssertionError e) {
        throw new AssertionError(
            "case " + i + " failed; run it again with -Dcases.seed=" + (first + i), e);
      }
    }
  }

  /** Often empty or of one byte, at most 300, edge values more often than chance has them. */
  public static byte[] bytes(Random random) {
    byte[] bytes = new byte[length(random, 300)];
    random.nextBytes(bytes);
    for (int i = 0; i < bytes.length; i++) {
      switch (random.nextInt(8)) {
        case 0 -> bytes[i] = 0;
        case 1 -> bytes[i] = (byte) (random.nextBoolean() ? 0xff : 0x80);
        default -> {}
      }
    }
    return bytes;
  }

  /** Of control characters, ASCII, any other character and, paired or not, surrogates. */
  public static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int left = length(random, 200); left > 0; left--) {
      switch (random.nextInt(6)) {
        case 0 -> text.append((char) random.nextInt(0x20));
        case 1, 2 -> text.append((char) random.nextInt(0x20, 0x80));
        case 3 -> text.append("\"\\\u007f\u0080\u2028\uffff".charAt(random.nextInt(6)));
        case 4 -> text.append((char) random.nextInt(0x80, 0x10000));
        default -> text.appendCodePoint(random.nextInt(0x10000, 0x110000));
      }
    }
    return text.toString();
  }

  private static int length(Random random, int most) {
    return switch (random.nextInt(8)) {
      case 0 -> 0;
      case 1 -> 1;
      default -> random.nextInt(most + 1);
    };
  }
}
