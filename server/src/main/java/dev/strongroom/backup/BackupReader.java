package dev.strongroom.backup;

import dev.strongroom.audit.AuditKey;
import dev.strongroom.audit.ChainCopy;
import dev.strongroom.crypto.Digests;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.store.Table;
import dev.strongroom.store.TableRow;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a backup from its beginning to its end and checks all of it: chunks, order, counts, digests,
 * signature. What is handed out before the end is believed only when {@link #read} returns. An
 * incremental backup is read together with the one that it followed, which lies beside it.
 */
public final class BackupReader {
  /** Takes what is read; nothing by default. */
  public interface Visitor {
    /** The root key, which the visitor closes. */
    default void rootKey(SecretBytes key) throws IOException {
      key.close();
    }

    default void row(TableRow row) throws IOException {}

    /** A table had its last row. */
    default void tableEnded(Table table) throws IOException {}

    /** A piece of an audit segment. */
    default void segment(String file, byte[] bytes) throws IOException {}
  }

  private final Path file;
  private final Parts in;
  private final Visitor visitor;
  private final Progress progress;
  private final Map<String, Manifest.Digest> tables = new LinkedHashMap<>();
  private final List<Manifest.Segment> segments = new ArrayList<>();
  private Optional<Table> table = Optional.empty();
  private Optional<TableRow> before = Optional.empty();
  private RowDigest rows = new RowDigest();
  private int columns;
  private long count;
  private Optional<String> segment = Optional.empty();
  private MessageDigest segmentDigest = Digests.newSha256();
  private long segmentBytes;
  private byte[] auditKey = {};
  private boolean hasRoot;

  private BackupReader(Path file, Parts in, Visitor visitor, Progress progress) {
    this.file = file;
    this.in = in;
    this.visitor = visitor;
    this.progress = progress;
  }

  /**
   * @param trusted the audit key (PEM) that was kept elsewhere; without it the signature is checked
   *     with the key inside, which shows damage and not who made the backup
   */
  public static Manifest read(
      Path file, Identity identity, Optional<Path> trusted, Visitor visitor, Progress progress)
      throws IOException {
    try (Parts in = open(file, identity, new HashSet<>())) {
      return new BackupReader(file, in, visitor, progress).all(trusted);
    }
  }

  private static Parts open(Path file, Identity identity, Set<String> opened) throws IOException {
    PartFile own = PartFile.open(file, identity);
    try {
      if (!opened.add(own.id())) {
        throw own.refused("it is to be read together with itself");
      }
      if (own.base().isEmpty()) {
        return own;
      }
      Path beside = beside(file, own.base().get());
      try {
        return new Overlay(own, open(beside, identity, opened));
      } catch (BackupException e) {
        throw new BackupException(
            file + " is read together with " + beside + ": " + e.getMessage());
      }
    } catch (IOException | RuntimeException e) {
      own.close();
      throw e;
    }
  }

  private static Path beside(Path file, Parts.Earlier wanted) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, Files::isRegularFile)) {
      for (Path each : files) {
        if (findId(each).equals(Optional.of(wanted.id()))) {
          return each;
        }
      }
    }
    throw new BackupException(
        file
            + " is incremental: put the backup of "
            + wanted.created()
            + " into the same folder, which it is to be read together with");
  }

  private static Optional<String> findId(Path file) {
    try {
      return Optional.of(id(file));
    } catch (IOException e) {
      // some other file, or one that cannot be read
      return Optional.empty();
    }
  }

  /** By which a backup is known; it stands in the file's head, for everybody to read. */
  public static String id(Path file) throws IOException {
    try (InputStream raw = Files.newInputStream(file)) {
      return AgeHeader.read(new BufferedInputStream(raw)).id();
    }
  }

  /** What can be checked without an identity; answers the number of chunks. */
  public static long checkFraming(Path file) throws IOException {
    try (InputStream raw = Files.newInputStream(file)) {
      return AgeInput.checkFraming(raw, Files.size(file));
    }
  }

  private Manifest all(Optional<Path> trusted) throws IOException {
    Part part = in.next();
    while (part.kind() != 'M') {
      switch (part.kind()) {
        case 'K' -> {
          hasRoot = true;
          visitor.rootKey(SecretBytes.taking(part.bytes()));
        }
        case 'T' -> beginTable(part.text());
        case 'R' -> row(part.bytes());
        case 'A' -> beginSegment(part.text());
        case 'D' -> segmentPiece(part.bytes());
        default -> throw in.refused("an unknown part");
      }
      part = in.next();
    }
    endTable();
    endSegment();
    Manifest manifest =
        Manifest.read(part.bytes()).orElseThrow(() -> in.refused("the manifest is not readable"));
    requireSame(manifest);
    Part signature = in.next();
    if (signature.kind() != 'S' || !in.isAtEnd()) {
      throw in.refused("the backup does not end with its signature");
    }
    boolean isSigned =
        trusted.isPresent()
            ? AuditKey.isSignedBy(trusted.get(), part.bytes(), signature.bytes())
            : AuditKey.isSignedByStored(auditKey, part.bytes(), signature.bytes());
    if (!isSigned) {
      throw new BackupException(
          file
              + ": the manifest is not signed by "
              + trusted.map(key -> "the key in " + key).orElse("the installation's audit key"));
    }
    return manifest;
  }

  private void beginTable(String header) throws IOException {
    endTable();
    endSegment();
    String[] words = header.split(" ");
    Table found =
        Table.find(words[0])
            .filter(known -> (known.header() + ' ').startsWith(header + ' '))
            .orElseThrow(() -> in.refused("a newer program wrote this: it has the table " + header));
    if (tables.containsKey(found.sqlName())) {
      throw in.refused("table " + found.sqlName() + " comes twice");
    }
    table = Optional.of(found);
    columns = words.length - 1;
    rows = new RowDigest();
    count = 0;
    before = Optional.empty();
  }

  private void row(byte[] encoded) throws IOException {
    Table of = table.orElseThrow(() -> in.refused("a row of no table"));
    TableRow row;
    try {
      row = TableRow.decode(of, columns, encoded);
    } catch (IllegalArgumentException e) {
      throw in.refused("a row of table " + of.sqlName() + " is not readable: " + e.getMessage());
    }
    if (before.isPresent() && before.get().compareKey(row) >= 0) {
      throw in.refused("rows of table " + of.sqlName() + " are not in order");
    }
    before = Optional.of(row);
    rows.add(encoded);
    if (++count % 10_000 == 0) {
      progress.at(of.sqlName(), count);
    }
    if (of == Table.META && row.text(0).equals(AuditKey.META)) {
      auditKey = row.bytes(1);
    }
    visitor.row(row);
  }

  private void endTable() throws IOException {
    if (table.isPresent()) {
      tables.put(table.get().sqlName(), rows.end());
      progress.at(table.get().sqlName(), count);
      visitor.tableEnded(table.get());
      table = Optional.empty();
    }
  }

  private void beginSegment(String name) throws IOException {
    endTable();
    endSegment();
    if (!ChainCopy.isSegment(name)) {
      throw in.refused("no name of an audit segment");
    }
    segment = Optional.of(name);
    segmentDigest = Digests.newSha256();
    segmentBytes = 0;
  }

  private void segmentPiece(byte[] bytes) throws IOException {
    String name = segment.orElseThrow(() -> in.refused("a piece of no segment"));
    segmentDigest.update(bytes);
    segmentBytes += bytes.length;
    visitor.segment(name, bytes);
  }

  private void endSegment() {
    if (segment.isPresent()) {
      segments.add(
          new Manifest.Segment(
              segment.get(), segmentBytes, HexFormat.of().formatHex(segmentDigest.digest())));
      progress.at(segment.get(), segmentBytes);
      segment = Optional.empty();
    }
  }

  private void requireSame(Manifest manifest) throws IOException {
    if (!manifest.content().equals(in.content())
        || !manifest.base().equals(in.base().map(Parts.Earlier::id))) {
      throw in.refused("the content is not what the manifest says");
    }
    // because an older program did not know every table, which is then empty
    if (!tables.equals(manifest.tables())) {
      throw in.refused("the tables are not what the manifest says");
    }
    if (!hasRoot || !segments.equals(manifest.segments())) {
      throw in.refused("the root key or the audit trail is not what the manifest says");
    }
  }
}
