package dev.strongroom.backup;

import java.nio.charset.StandardCharsets;

/** One part of what is inside a backup; {@link BackupWriter} lists the kinds. */
record Part(char kind, byte[] bytes) {
  String text() {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
