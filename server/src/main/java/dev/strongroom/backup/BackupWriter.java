package dev.strongroom.backup;

import dev.strongroom.audit.AuditKey;
import dev.strongroom.audit.ChainCopy;
import dev.strongroom.crypto.Digests;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.store.Snapshot;
import dev.strongroom.store.Table;
import dev.strongroom.store.TableRow;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Writes what is inside a backup. It is parts one after another, each a letter, a length in 4 bytes
 * and that many bytes:
 *
 * <ul>
 *   <li>{@code V}: the kind and version of this format; first.
 *   <li>{@code B}: in an incremental backup only, which other backup it is read together with: its id
 *       and its time, with a space between.
 *   <li>{@code K}: the root key.
 *   <li>{@code T}: the name of a table and those of its columns, with a space between; its rows
 *       follow, in the order of their keys.
 *   <li>{@code R}: a row, as {@link TableRow} encodes it.
 *   <li>{@code A}: the name of an audit segment, whose bytes follow.
 *   <li>{@code D}: bytes of the segment.
 *   <li>{@code U}: in an incremental backup only, two numbers of 8 bytes. After a {@code T}: the key of
 *       a row and how many rows there are with this key and those after it, one by one, all of which
 *       are in the other backup as they are here. After an {@code A}: 0, and with how many bytes of
 *       the other backup the segment begins, which are all that it has of it.
 *   <li>{@code M}: the {@link Manifest}.
 *   <li>{@code S}: its Ed25519 signature by the audit key; last.
 * </ul>
 */
final class BackupWriter {
  static final int LONGEST_PART = 64 << 20;

  private final OutputStream out;
  private final Optional<MadeBackup> base;
  private final Progress progress;
  private final MessageDigest content = Digests.newSha256();
  private final Map<String, Manifest.Digest> tables = new LinkedHashMap<>();
  private final List<Manifest.Segment> segments = new ArrayList<>();

  BackupWriter(OutputStream out, Optional<MadeBackup> base, Progress progress) throws IOException {
    this.out = out;
    this.base = base;
    this.progress = progress;
    part('V', ascii(base.isPresent() ? Manifest.INCREMENTAL : Manifest.WHOLE));
    if (base.isPresent()) {
      part('B', ascii(base.get().id() + ' ' + base.get().created()));
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private void part(char kind, byte[] bytes, int start, int length) throws IOException {
    byte[] head = ByteBuffer.allocate(5).put((byte) kind).putInt(length).array();
    content.update(head);
    content.update(bytes, start, length);
    out.write(head);
    out.write(bytes, start, length);
  }

  private void part(char kind, byte[] bytes) throws IOException {
    part(kind, bytes, 0, bytes.length);
  }

  void rootKey(SecretBytes key) throws IOException {
    part('K', key.exposed());
  }

  private void unchanged(long first, long count) throws IOException {
    part('U', ByteBuffer.allocate(2 * Long.BYTES).putLong(first).putLong(count).array());
  }

  void table(Snapshot snapshot, Table table) throws IOException {
    part('T', ascii(table.header()));
    RowDigest digest = new RowDigest();
    long count = 0;
    Run run = new Run();
    try (Snapshot.Rows rows = snapshot.rows(table)) {
      for (Optional<TableRow> row = rows.next(); row.isPresent(); row = rows.next()) {
        byte[] encoded = row.get().encoded();
        if (isInBase(row.get())) {
          run.add(row.get().number(0));
        } else {
          run.end();
          part('R', encoded);
        }
        digest.add(encoded);
        if (++count % 10_000 == 0) {
          progress.at(table.sqlName(), count);
        }
      }
    }
    run.end();
    progress.at(table.sqlName(), count);
    tables.put(table.sqlName(), digest.end());
  }

  private boolean isInBase(TableRow row) {
    OptionalInt changed = row.table().changeColumn();
    return base.isPresent()
        && changed.isPresent()
        && row.number(changed.getAsInt()) <= base.get().journal();
  }

  /** Rows one after another that the other backup has. */
  private final class Run {
    private long first;
    private long count;

    void add(long key) throws IOException {
      if (key != first + count) {
        end();
      }
      if (count == 0) {
        first = key;
      }
      count++;
    }

    void end() throws IOException {
      if (count > 0) {
        unchanged(first, count);
        count = 0;
      }
    }
  }

  void segment(ChainCopy chain, String file) throws IOException {
    part('A', ascii(file));
    long known = 0;
    Optional<Manifest.Segment> before = base.flatMap(made -> made.segment(file));
    if (before.isPresent()
        && chain.goesOn(file, before.get().bytes(), before.get().sha256())) {
      known = before.get().bytes();
      unchanged(0, known);
    }
    SegmentOutput segment = new SegmentOutput(known);
    chain.write(file, segment);
    segment.flush();
    progress.at(file, segment.bytes);
    segments.add(
        new Manifest.Segment(
            file, segment.bytes, HexFormat.of().formatHex(segment.sha256.digest())));
  }

  private final class SegmentOutput extends OutputStream {
    private final MessageDigest sha256 = Digests.newSha256();
    private final byte[] buffer = new byte[64 << 10];
    private final long known;
    private int filled;
    private long bytes;

    /**
     * @param known how many of the first bytes are counted and not written
     */
    SegmentOutput(long known) {
      this.known = known;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] from, int start, int length) throws IOException {
      if (filled + length > buffer.length) {
        flush();
      }
      if (length > buffer.length) {
        send(from, start, length);
      } else {
        System.arraycopy(from, start, buffer, filled, length);
        filled += length;
      }
    }

    @Override
    public void flush() throws IOException {
      if (filled > 0) {
        send(buffer, 0, filled);
        filled = 0;
      }
    }

    private void send(byte[] from, int start, int length) throws IOException {
      int skipped = (int) Math.min(length, Math.max(0, known - bytes));
      if (skipped < length) {
        part('D', from, start + skipped, length - skipped);
      }
      sha256.update(from, start, length);
      bytes += length;
    }
  }

  /** Ends the backup with what it is of; the rest of the manifest is what was written. */
  Manifest finish(Manifest of, AuditKey signer) throws IOException {
    Manifest manifest =
        new Manifest(
            of.installation(),
            of.node(),
            of.program(),
            of.created(),
            of.journal(),
            of.rootGeneration(),
            of.auditedUpTo(),
            new LinkedHashMap<>(tables),
            List.copyOf(segments),
            HexFormat.of().formatHex(content.digest()),
            signer.id(),
            base.map(MadeBackup::id));
    byte[] text = manifest.text();
    part('M', text);
    part('S', signer.sign(text));
    return manifest;
  }
}
