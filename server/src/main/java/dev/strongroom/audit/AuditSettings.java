package dev.strongroom.audit;

import dev.strongroom.model.Id;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * Where and how a node keeps its audit trail. The node's name is part of file names, so it is
 * checked here.
 *
 * @param directory holds the segments of the node, its reserve, and the exported public key
 * @param firstSegmentBytes the size at which the very first segment ends; small, so that a first
 *     start is fast
 * @param reserveBytes kept free for audit when everything else is full; 0 keeps none
 * @param checkpointRecords after so many records a checkpoint is due
 */
public record AuditSettings(
    Path directory,
    Id installation,
    String node,
    AuditSync sync,
    long firstSegmentBytes,
    long segmentBytes,
    long reserveBytes,
    Duration syncInterval,
    int checkpointRecords,
    Duration checkpointInterval) {

  private static final Pattern NODE =
      Pattern.compile("[0-9A-Za-z](?:[0-9A-Za-z._-]{0,62}[0-9A-Za-z])?");

  public AuditSettings {
    requireNode(node);
    if (firstSegmentBytes <= 0 || segmentBytes <= 0 || reserveBytes < 0 || checkpointRecords <= 0) {
      throw new IllegalArgumentException("audit sizes and counts are positive");
    }
  }

  /** Fsync every 5 ms, a checkpoint every 1,000 records or 10 s. */
  public static AuditSettings of(
      Path directory,
      Id installation,
      String node,
      AuditSync sync,
      long segmentBytes,
      long reserveBytes) {
    return new AuditSettings(
        directory,
        installation,
        node,
        sync,
        Math.min(1 << 20, segmentBytes),
        segmentBytes,
        reserveBytes,
        Duration.ofMillis(5),
        1_000,
        Duration.ofSeconds(10));
  }

  static void requireNode(String node) {
    if (!NODE.matcher(node).matches()) {
      throw new IllegalArgumentException(
          "a node's name is 1 to 64 letters, digits, dots, hyphens or underscores: " + node);
    }
  }
}
