package dev.strongroom.audit;

import dev.strongroom.crypto.Digests;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A node's chain up to one record, for a backup: its segments as they are, without what was written
 * later, and the statements about what was pruned before. A server may go on writing, and prunes
 * nothing while its log is held ({@link AuditLog#hold}).
 */
public final class ChainCopy {
  /** Names of small values in a store that say how far the chain of a node is signed. */
  public static final String CHECKPOINTS = "audit-checkpoint/";

  /** Names of small values in a store that say whose records were taken over. */
  public static final String TAKE_OVERS = "audit-taken-over/";

  private final Path directory;
  private final String node;
  private final long last;

  /**
   * @param last the newest record that belongs to it
   */
  private ChainCopy(Path directory, String node, long last) {
    this.directory = directory;
    this.node = node;
    this.last = last;
  }

  /**
   * The chain that belongs to a snapshot of the store: everything that was written before the
   * snapshot was taken, and what the store's checkpoint speaks of, which was written before it too. So
   * no record is about a change that the snapshot does not have.
   *
   * @param writtenBefore the newest record when the snapshot was about to be taken
   * @param checkpoint the node's checkpoint in the snapshot
   */
  public static ChainCopy of(
      Path directory, String node, long writtenBefore, Optional<byte[]> checkpoint) {
    long signed =
        checkpoint.flatMap(Checkpoint::read).map(read -> read.checkpoint().seq()).orElse(0L);
    return new ChainCopy(directory, node, Math.max(writtenBefore, signed));
  }

  public long last() {
    return last;
  }

  /** The names of the files: what was pruned, where any was, and the segments in order. */
  public List<String> segments() throws IOException {
    List<String> names = new ArrayList<>();
    if (Files.exists(statements())) {
      names.add(PruneStatements.file(node));
    }
    for (SegmentName segment : found()) {
      if (segment.first() <= last) {
        names.add(segment.file().getFileName().toString());
      }
    }
    return names;
  }

  private List<SegmentName> found() throws IOException {
    return SegmentName.list(directory).getOrDefault(node, List.of());
  }

  private Path statements() {
    return directory.resolve(PruneStatements.file(node));
  }

  /** Writes the lines of this file that belong to the copy; answers how many. */
  public long write(String segment, OutputStream out) throws IOException {
    if (segment.equals(PruneStatements.file(node))) {
      byte[] all = Files.readAllBytes(statements());
      out.write(all);
      return new String(all, StandardCharsets.US_ASCII).lines().count();
    }
    for (SegmentName name : found()) {
      if (name.file().getFileName().toString().equals(segment)) {
        return write(name, out);
      }
    }
    throw new IOException("the audit segment " + segment + " was removed meanwhile");
  }

  private long write(SegmentName name, OutputStream out) throws IOException {
    long lines = 0;
    try (SegmentLines in = new SegmentLines(Files.newInputStream(name.file()))) {
      while (name.first() + lines <= last && in.next()) {
        out.write(in.buffer(), in.start(), in.length() + 1);
        lines++;
      }
    }
    return lines;
  }

  /**
   * Whether a file of the copy begins with these bytes, which an earlier copy ended with. A segment is
   * only ever written on, but for what a crash took off its end.
   */
  public boolean goesOn(String segment, long bytes, String sha256) throws IOException {
    if (!SegmentName.isName(segment)) {
      return false;
    }
    MessageDigest digest = Digests.newSha256();
    byte[] buffer = new byte[64 << 10];
    long left = bytes;
    try (InputStream in = Files.newInputStream(directory.resolve(segment))) {
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (read < 0) {
          return false;
        }
        digest.update(buffer, 0, read);
        left -= read;
      }
    }
    return HexFormat.of().formatHex(digest.digest()).equals(sha256);
  }

  /** Whether this is how a file of a copy is named, so that it may be written into a folder. */
  public static boolean isSegment(String name) {
    return SegmentName.isName(name) || PruneStatements.isName(name);
  }
}
