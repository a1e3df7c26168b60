package dev.strongroom.audit;

import dev.strongroom.crypto.Digests;
import dev.strongroom.model.Operation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Where a chain ends, as a start finds it: from the newest checkpoint on every line is checked, and
 * what the chain has of the journal is known. Where its beginning was pruned, the statement about it
 * stands in for what is gone.
 *
 * @param findings how many of the lines read say that something had been tampered with
 * @param coverage the journal numbers that have their record
 * @param lastJournal the largest journal number that the chain or its checkpoint speaks of
 * @param watched the hash of the record that was asked for, where it was among those read
 * @param damage the first line that does not follow from the one before
 * @param end the last segment and what its end looks like; empty for a new chain
 */
record ChainEnd(
    long seq,
    String hash,
    JournalCoverage coverage,
    long lastJournal,
    Optional<Checkpoint.Signed> checkpoint,
    Optional<String> watched,
    Optional<String> damage,
    Optional<Tail> end,
    long findings) {

  static final String NOTHING = "0".repeat(AuditLine.HASH);

  private static final List<String> FINDINGS =
      Stream.of(Operation.AUDIT_GAP, Operation.AUDIT_JOURNAL_BEHIND, Operation.INTEGRITY_FAILURE)
          .map(operation -> AuditLine.BEFORE_OPERATION + operation.auditName() + '"')
          .toList();

  /** The last segment: where its whole lines end, how many bytes after them are torn or zero. */
  record Tail(SegmentName segment, long whole, long torn, long zeros) {}

  private record Change(long seq, long journal) {}

  /** One segment, read through. */
  private record Part(
      SegmentName name,
      String prev,
      long lines,
      String hash,
      List<Change> changes,
      Optional<Checkpoint.Signed> checkpoint,
      Optional<String> watched,
      Optional<String> damage,
      Tail tail,
      long findings) {}

  /** From the newest checkpoint on. */
  static ChainEnd read(
      List<SegmentName> segments, Optional<PruneStatement> pruned, OptionalLong watch)
      throws IOException {
    return read(segments, pruned, watch, false);
  }

  /** Every line of these segments. */
  static ChainEnd readAll(List<SegmentName> segments, Optional<PruneStatement> pruned)
      throws IOException {
    return read(segments, pruned, OptionalLong.empty(), true);
  }

  private static ChainEnd read(
      List<SegmentName> segments,
      Optional<PruneStatement> pruned,
      OptionalLong watch,
      boolean isAll)
      throws IOException {
    List<Part> parts = new ArrayList<>();
    Optional<Checkpoint.Signed> checkpoint = Optional.empty();
    for (int i = segments.size() - 1; i >= 0; i--) {
      Part part = readPart(segments.get(i), watch, parts.isEmpty());
      parts.addFirst(part);
      checkpoint = checkpoint.or(part::checkpoint);
      if (!isAll
          && checkpoint.isPresent()
          && checkpoint.get().checkpoint().seq() >= part.name.first() - 1) {
        break;
      }
    }
    long covered =
        checkpoint
            .map(signed -> signed.checkpoint().seq())
            .orElse(pruned.map(PruneStatement::last).orElse(0L));
    JournalCoverage coverage =
        checkpoint
            .map(s -> JournalCoverage.of(s.checkpoint().complete(), s.checkpoint().ahead()))
            .or(() -> pruned.map(PruneStatement::coverage))
            .orElseGet(JournalCoverage::new);
    long lastJournal =
        Math.max(
            checkpoint.map(signed -> signed.checkpoint().journalHead()).orElse(0L),
            pruned.map(PruneStatement::journal).orElse(0L));
    long begin = segments.isEmpty() ? 0 : parts.getFirst().name.first() - 1;
    long seq = begin;
    String hash =
        begin == 0
            ? NOTHING
            : pruned
                .filter(statement -> statement.last() == begin)
                .map(PruneStatement::hash)
                .orElseGet(() -> parts.getFirst().prev);
    long missing = segments.isEmpty() ? 0 : segments.getFirst().first() - 1;
    Optional<String> watched = Optional.empty();
    Optional<String> damage =
        missing <= pruned.map(PruneStatement::last).orElse(0L)
            ? Optional.empty()
            : Optional.of(
                "record " + missing + " and those before are missing, and were not pruned");
    long findings = 0;
    for (Part part : parts) {
      if (part.lines > 0) {
        if (damage.isEmpty() && (part.name.first() != seq + 1 || !part.prev.equals(hash))) {
          damage = Optional.of(part.name.file().getFileName() + ": does not follow");
        }
        seq += part.lines;
        hash = part.hash;
      }
      damage = damage.or(part::damage);
      watched = watched.or(part::watched);
      findings += part.findings;
      for (Change change : part.changes) {
        lastJournal = Math.max(lastJournal, change.journal);
        if (change.seq > covered) {
          coverage.add(change.journal);
        }
      }
    }
    return new ChainEnd(
        seq,
        hash,
        coverage,
        lastJournal,
        checkpoint,
        watched,
        damage,
        parts.isEmpty() ? Optional.empty() : Optional.of(parts.getLast().tail),
        findings);
  }

  private static Part readPart(SegmentName name, OptionalLong watch, boolean isLast)
      throws IOException {
    MessageDigest sha256 = Digests.newSha256();
    String first = NOTHING;
    String hash = NOTHING;
    long lines = 0;
    List<Change> changes = new ArrayList<>();
    Optional<Checkpoint.Signed> checkpoint = Optional.empty();
    Optional<String> watched = Optional.empty();
    Optional<String> damage = Optional.empty();
    long findings = 0;
    try (SegmentLines in = new SegmentLines(Files.newInputStream(name.file()))) {
      while (in.next()) {
        lines++;
        long seq = name.first() + lines - 1;
        Optional<ChainLine> line = ChainLine.read(in.buffer(), in.start(), in.length());
        boolean follows =
            line.isPresent()
                && line.get().seq() == seq
                && (lines == 1 || line.get().prev().equals(hash));
        if (!follows && damage.isEmpty()) {
          damage = Optional.of(name.file().getFileName() + ": line " + lines + " does not follow");
        }
        if (line.isPresent()) {
          if (lines == 1) {
            first = line.get().prev();
          }
          line.get().journal().ifPresent(journal -> changes.add(new Change(seq, journal)));
          if (line.get().checkpoint().isPresent()) {
            checkpoint = line.get().checkpoint();
          }
          findings += isFinding(in) ? 1 : 0;
        }
        sha256.update(in.buffer(), in.start(), in.length());
        hash = HexFormat.of().formatHex(sha256.digest());
        if (watch.isPresent() && watch.getAsLong() == seq) {
          watched = Optional.of(hash);
        }
      }
      if (in.torn() > 0 && !isLast && damage.isEmpty()) {
        damage = Optional.of(name.file().getFileName() + ": ends with a torn line");
      }
      return new Part(
          name,
          first,
          lines,
          hash,
          List.copyOf(changes),
          checkpoint,
          watched,
          damage,
          new Tail(name, in.whole(), in.torn(), in.zeros()),
          findings);
    }
  }

  private static boolean isFinding(SegmentLines in) {
    String line =
        new String(in.buffer(), in.start(), in.length(), StandardCharsets.ISO_8859_1);
    return FINDINGS.stream().anyMatch(line::contains);
  }
}
