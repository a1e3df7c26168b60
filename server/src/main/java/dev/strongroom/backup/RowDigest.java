package dev.strongroom.backup;

import dev.strongroom.crypto.Digests;
import dev.strongroom.store.Snapshot;
import dev.strongroom.store.Table;
import dev.strongroom.store.TableRow;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Counts the rows of a table and digests their encodings, each behind its length in 4 bytes. */
public final class RowDigest {
  private final MessageDigest sha256 = Digests.newSha256();
  private long count;

  public void add(byte[] encoded) {
    sha256.update(ByteBuffer.allocate(4).putInt(encoded.length).array());
    sha256.update(encoded);
    count++;
  }

  public Manifest.Digest end() {
    return new Manifest.Digest(count, HexFormat.of().formatHex(sha256.digest()));
  }

  /** Of every table of a store. */
  public static Map<String, Manifest.Digest> of(Snapshot snapshot) throws IOException {
    Map<String, Manifest.Digest> all = new LinkedHashMap<>();
    for (Table table : Table.values()) {
      RowDigest digest = new RowDigest();
      try (Snapshot.Rows rows = snapshot.rows(table)) {
        for (Optional<TableRow> row = rows.next(); row.isPresent(); row = rows.next()) {
          digest.add(row.get().encoded());
        }
      }
      all.put(table.sqlName(), digest.end());
    }
    return all;
  }
}
