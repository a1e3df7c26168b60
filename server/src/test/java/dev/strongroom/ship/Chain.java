package dev.strongroom.ship;

import dev.strongroom.audit.TrailReader;
import dev.strongroom.crypto.Digests;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;

/** A node's chain as files, written by hand. */
final class Chain {
  static final String NODE = "node-1";
  private final Path folder;
  private Path segment;
  private String hash = "0".repeat(64);
  volatile long seq;

  Chain(Path folder) {
    this.folder = folder;
    begin();
  }

  /** Goes on in a new segment. */
  void begin() {
    segment = folder.resolve(NODE + '-' + String.format("%018d", seq + 1) + ".jsonl");
  }

  void add(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      String line = line(seq + 1, hash, "SecretGet", "Success");
      hash = HexFormat.of().formatHex(Digests.sha256(line.getBytes(StandardCharsets.US_ASCII)));
      Files.writeString(
          segment, line + '\n', StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      seq++;
    }
  }

  static String line(long seq, String prev, String operation, String result) {
    return ("{\"properties\":{\"seq\":%d,\"prev\":\"%s\",\"note\":\"n\"},"
            + "\"time\":\"2026-05-01T10:11:12.3456789Z\",\"resourceId\":\"\","
            + "\"operationName\":\"%s\",\"resultType\":\"%s\"}")
        .formatted(seq, prev, operation, result);
  }

  static TrailReader.Line read(long seq) {
    String line = line(seq, "0".repeat(64), "SecretGet", "Success");
    return new TrailReader.Line(
        seq, line.getBytes(StandardCharsets.US_ASCII), "0".repeat(64));
  }
}
