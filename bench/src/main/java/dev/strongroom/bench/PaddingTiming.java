package dev.strongroom.bench;

import dev.strongroom.crypto.ChosenEngine;
import dev.strongroom.crypto.OpenKey;
import dev.strongroom.crypto.SoftwareKeys;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.SecretBytes;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * Whether the time of an RSA decryption tells a good padding from a bad one, or one kind of bad
 * padding from another: unwraps of blocks of each kind in random order, in process, and Welch's t
 * between their times. |t| below 5 is the goal.
 *
 * <p>Times beyond the 95th percentile of all are left out, as is usual for such a test: they are the
 * scheduler's and the collector's.
 *
 * <p>Arguments: how many unwraps (100000), engine (auto or jdk).
 */
public final class PaddingTiming {
  private static final int BITS = 2048;
  private static final int BLOCK = BITS / 8;
  private static final int BLOCKS_A_KIND = 256;
  private static final double KEPT = 0.95;
  private static final double GOAL = 5;

  private enum Kind {
    GOOD,
    /** The first byte is not zero: what Manger's attack asks for. */
    FIRST_BYTE,
    /** A well-formed beginning, and no end of the padding: what Bleichenbacher's attack asks for. */
    NO_SEPARATOR,
    /** Random from the first byte on. */
    GARBAGE
  }

  private final Random random = new Random(11);
  private final OpenKey key;
  private final PublicJwk.Rsa publicKey;

  private PaddingTiming(OpenKey key) {
    this.key = key;
    this.publicKey = (PublicJwk.Rsa) key.publicJwk();
  }

  public static void main(String[] arguments) {
    int unwraps = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100_000;
    ChosenEngine engine =
        new ChosenEngine(
            arguments.length > 1 && arguments[1].equals("jdk")
                ? ChosenEngine.Wanted.JDK
                : ChosenEngine.Wanted.AUTO);
    boolean within = true;
    try (SoftwareKeys keys = new SoftwareKeys(engine);
        OpenKey key = keys.open(keys.generate(new KeySpec.Rsa(BITS)))) {
      for (KeyAlgorithm algorithm :
          List.of(KeyAlgorithm.RSA1_5, KeyAlgorithm.RSA_OAEP, KeyAlgorithm.RSA_OAEP_256)) {
        within &= new PaddingTiming(key).measure(engine.name(), algorithm, unwraps);
      }
    }
    if (!within) {
      System.exit(1);
    }
  }

  private boolean measure(String engine, KeyAlgorithm algorithm, int unwraps) {
    Kind[] kinds = Kind.values();
    byte[][][] blocks = new byte[kinds.length][BLOCKS_A_KIND][];
    for (Kind kind : kinds) {
      for (int i = 0; i < BLOCKS_A_KIND; i++) {
        blocks[kind.ordinal()][i] = block(algorithm, kind);
      }
    }
    Kind[] order = new Kind[unwraps];
    for (int i = 0; i < unwraps; i++) {
      // half of them good
      order[i] = random.nextBoolean() ? Kind.GOOD : kinds[1 + random.nextInt(kinds.length - 1)];
    }
    run(algorithm, blocks, Arrays.copyOf(order, Math.min(unwraps, 5_000)));
    long[] times = run(algorithm, blocks, order);
    long[] sorted = times.clone();
    Arrays.sort(sorted);
    long most = sorted[(int) (KEPT * (unwraps - 1))];
    Map<Kind, Moments> kept = new EnumMap<>(Kind.class);
    Moments bad = new Moments();
    for (int i = 0; i < unwraps; i++) {
      if (times[i] <= most) {
        kept.computeIfAbsent(order[i], _ -> new Moments()).add(times[i]);
        if (order[i] != Kind.GOOD) {
          bad.add(times[i]);
        }
      }
    }
    double good = kept.get(Kind.GOOD).welch(bad);
    double first = kept.get(Kind.FIRST_BYTE).welch(kept.get(Kind.NO_SEPARATOR));
    double garbage = kept.get(Kind.GARBAGE).welch(kept.get(Kind.NO_SEPARATOR));
    System.out.printf(
        "bench padding_%s engine=%s unwraps=%d mean=%.0fns t_good_bad=%.2f t_first_byte=%.2f"
            + " t_garbage=%.2f goal=|t|<%.0f%n",
        algorithm.wire(), engine, unwraps, kept.get(Kind.GOOD).mean, good, first, garbage, GOAL);
    return Math.abs(good) < GOAL && Math.abs(first) < GOAL && Math.abs(garbage) < GOAL;
  }

  private long[] run(KeyAlgorithm algorithm, byte[][][] blocks, Kind[] order) {
    long[] times = new long[order.length];
    for (int i = 0; i < order.length; i++) {
      byte[] block = blocks[order[i].ordinal()][i % BLOCKS_A_KIND];
      long before = System.nanoTime();
      Optional<SecretBytes> plain = key.unwrap(algorithm, block);
      times[i] = System.nanoTime() - before;
      if (plain.isPresent() != (order[i] == Kind.GOOD)) {
        throw new IllegalStateException("a block of kind " + order[i] + " was taken for another");
      }
      plain.ifPresent(SecretBytes::close);
    }
    return times;
  }

  private byte[] block(KeyAlgorithm algorithm, Kind kind) {
    if (kind == Kind.GOOD) {
      byte[] message = new byte[32];
      random.nextBytes(message);
      return key.wrap(algorithm, SecretBytes.taking(message));
    }
    byte[] padded = new byte[BLOCK];
    for (int i = 0; i < BLOCK; i++) {
      padded[i] = (byte) (1 + random.nextInt(255));
    }
    switch (kind) {
      case FIRST_BYTE -> padded[0] = 1;
      case NO_SEPARATOR -> {
        padded[0] = 0;
        padded[1] = 2;
      }
      default -> {
        random.nextBytes(padded);
        padded[0] &= 0x3f;
        padded[0] |= 2;
      }
    }
    BigInteger number = new BigInteger(1, padded).modPow(publicKey.e(), publicKey.n());
    return PublicJwk.fixed(number, BLOCK);
  }

  /** Mean and variance, one value after another (Welford 1962). */
  private static final class Moments {
    private long count;
    private double mean;
    private double squares;

    void add(double value) {
      count++;
      double off = value - mean;
      mean += off / count;
      squares += off * (value - mean);
    }

    double welch(Moments other) {
      return (mean - other.mean)
          / Math.sqrt(
              squares / (count - 1) / count
                  + other.squares / (other.count - 1) / other.count);
    }
  }
}
