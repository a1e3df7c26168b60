package dev.strongroom.backup;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Bech32 as BIP 173 has it, without its limit of length: how age writes keys. */
final class Bech32 {
  private static final String ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  private static final int CHECKSUM = 6;

  private Bech32() {}

  /** In lower case. */
  static String encode(String prefix, byte[] data) {
    byte[] words = regroup(data, 8, 5, true).orElseThrow();
    StringBuilder text = new StringBuilder(prefix).append('1');
    for (byte word : words) {
      text.append(ALPHABET.charAt(word));
    }
    int check = polymod(prefix, Arrays.copyOf(words, words.length + CHECKSUM)) ^ 1;
    for (int i = 0; i < CHECKSUM; i++) {
      text.append(ALPHABET.charAt(check >>> 5 * (CHECKSUM - 1 - i) & 31));
    }
    return text.toString();
  }

  /** The data behind this prefix (in lower case); empty when it is anything else. */
  static Optional<byte[]> decode(String prefix, String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    boolean isOneCase = text.equals(lower) || text.equals(text.toUpperCase(Locale.ROOT));
    if (!isOneCase
        || !lower.startsWith(prefix + '1')
        || lower.length() < prefix.length() + 1 + CHECKSUM) {
      return Optional.empty();
    }
    byte[] words = new byte[lower.length() - prefix.length() - 1];
    for (int i = 0; i < words.length; i++) {
      int word = ALPHABET.indexOf(lower.charAt(prefix.length() + 1 + i));
      if (word < 0) {
        return Optional.empty();
      }
      words[i] = (byte) word;
    }
    return polymod(prefix, words) == 1
        ? regroup(Arrays.copyOf(words, words.length - CHECKSUM), 5, 8, false)
        : Optional.empty();
  }

  private static int polymod(String prefix, byte[] words) {
    int check = 1;
    for (char c : prefix.toCharArray()) {
      check = step(check) ^ c >>> 5;
    }
    check = step(check);
    for (char c : prefix.toCharArray()) {
      check = step(check) ^ c & 31;
    }
    for (byte word : words) {
      check = step(check) ^ word;
    }
    return check;
  }

  private static int step(int check) {
    int top = check >>> 25;
    int next = (check & 0x1ffffff) << 5;
    int[] generator = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    for (int i = 0; i < generator.length; i++) {
      if ((top >>> i & 1) == 1) {
        next ^= generator[i];
      }
    }
    return next;
  }

  private static Optional<byte[]> regroup(byte[] data, int from, int to, boolean pad) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int kept = 0;
    int bits = 0;
    for (byte value : data) {
      kept = (kept << from | value & (1 << from) - 1) & 0xfff;
      bits += from;
      while (bits >= to) {
        bits -= to;
        out.write(kept >>> bits & (1 << to) - 1);
      }
    }
    if (pad) {
      if (bits > 0) {
        out.write(kept << to - bits & (1 << to) - 1);
      }
    } else if (bits >= from || (kept & (1 << bits) - 1) != 0) {
      return Optional.empty();
    }
    return Optional.of(out.toByteArray());
  }
}
