package dev.strongroom.it;

import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Secrets that must be nowhere: each as it is and in the encodings in which it could get somewhere
 * (base64 and base64url at any offset, hex, percent escapes, UTF-16).
 */
final class Markers {
  private static final int BLOCK = 4 << 20;

  private record Form(String what, byte[] bytes) {}

  private final List<Form> forms = new ArrayList<>();
  private int longest;

  /** Text as clients send it. */
  void add(String what, String secret) {
    add(what, secret.getBytes(StandardCharsets.UTF_8));
    Set<String> others = new LinkedHashSet<>();
    others.add(URLEncoder.encode(secret, StandardCharsets.UTF_8));
    others.add(secret.replace("\"", "\\\"").replace("/", "\\/"));
    others.remove(secret);
    others.forEach(other -> add(new Form(what + " escaped", ascii(other))));
    add(new Form(what + " in UTF-16BE", secret.getBytes(StandardCharsets.UTF_16BE)));
    add(new Form(what + " in UTF-16LE", secret.getBytes(StandardCharsets.UTF_16LE)));
  }

  void add(String what, byte[] secret) {
    if (secret.length < 16) {
      throw new IllegalArgumentException(what + " is too short to be searched for");
    }
    add(new Form(what, secret));
    add(new Form(what + " in hex", ascii(HexFormat.of().formatHex(secret))));
    add(new Form(what + " in HEX", ascii(HexFormat.of().withUpperCase().formatHex(secret))));
    for (int offset = 0; offset < 3; offset++) {
      byte[] shifted = new byte[offset + secret.length];
      System.arraycopy(secret, 0, shifted, offset, secret.length);
      // the characters that depend on what stands before and behind are left out
      int from = offset == 0 ? 0 : 4;
      int to = shifted.length / 3 * 4;
      add(new Form(what + " in base64", middle(Base64.getEncoder(), shifted, from, to)));
      add(new Form(what + " in base64url", middle(Base64.getUrlEncoder(), shifted, from, to)));
    }
  }

  private static byte[] middle(Base64.Encoder encoder, byte[] bytes, int from, int to) {
    return Arrays.copyOfRange(encoder.encode(bytes), from, to);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void add(Form form) {
    forms.add(form);
    longest = Math.max(longest, form.bytes().length);
  }

  /** What was found, with a little of what stands around it. */
  List<String> in(byte[] hay) {
    return new ArrayList<>(search(hay, hay.length, 0).values());
  }

  List<String> in(String text) {
    return in(text.getBytes(StandardCharsets.UTF_8));
  }

  /** As {@link #in(byte[])} for a file of any size; each secret is named once. */
  List<String> in(Path file) throws IOException {
    Map<String, String> found = new LinkedHashMap<>();
    byte[] block = new byte[BLOCK + longest];
    try (InputStream in = Files.newInputStream(file)) {
      int kept = 0;
      long offset = 0;
      while (true) {
        int read = in.readNBytes(block, kept, BLOCK);
        search(block, kept + read, offset).forEach(found::putIfAbsent);
        if (read < BLOCK) {
          break;
        }
        int length = kept + read;
        kept = longest;
        offset += length - kept;
        System.arraycopy(block, length - kept, block, 0, kept);
      }
    }
    return found.values().stream().map(text -> file + ": " + text).toList();
  }

  private Map<String, String> search(byte[] hay, int length, long offset) {
    Map<String, String> found = new LinkedHashMap<>();
    // by their first two bytes, so that one pass serves all
    Map<Integer, List<Form>> byStart = new java.util.HashMap<>();
    boolean[] starts = new boolean[1 << 16];
    for (Form form : forms) {
      int start = start(form.bytes(), 0);
      starts[start] = true;
      byStart.computeIfAbsent(start, key -> new ArrayList<>()).add(form);
    }
    for (int i = 0; i + 1 < length; i++) {
      int start = start(hay, i);
      if (!starts[start]) {
        continue;
      }
      for (Form form : byStart.get(start)) {
        int end = i + form.bytes().length;
        if (end <= length
            && Arrays.equals(hay, i, end, form.bytes(), 0, form.bytes().length)
            && !found.containsKey(form.what())) {
          String around =
              new String(
                  hay,
                  Math.max(0, i - 200),
                  Math.min(length, end + 40) - Math.max(0, i - 200),
                  StandardCharsets.ISO_8859_1);
          found.put(
              form.what(),
              form.what() + " at " + (offset + i) + ": " + around.replaceAll("[^ -~]", "."));
        }
      }
    }
    return found;
  }

  private static int start(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
  }
}
