package dev.strongroom.backup;

import java.util.Base64;
import java.util.List;

/** One way to a file's key, as a header of age has it: words, and a body in base64. */
record Stanza(List<String> words, byte[] body) {
  static final Base64.Encoder BASE64 = Base64.getEncoder().withoutPadding();
  static final int COLUMNS = 64;

  String text() {
    StringBuilder text = new StringBuilder("-> ").append(String.join(" ", words)).append('\n');
    String encoded = BASE64.encodeToString(body);
    int at = 0;
    while (encoded.length() - at >= COLUMNS) {
      text.append(encoded, at, at + COLUMNS).append('\n');
      at += COLUMNS;
    }
    // a line shorter than the others ends the body, even an empty one
    return text.append(encoded, at, encoded.length()).append('\n').toString();
  }
}
