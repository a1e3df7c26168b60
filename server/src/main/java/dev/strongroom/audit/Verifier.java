package dev.strongroom.audit;

import dev.strongroom.crypto.Digests;
import dev.strongroom.model.Operation;
import dev.strongroom.store.JournalRow;
import dev.strongroom.store.JournalView;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Proves the audit trail of a data folder without a server: every chain whole and in order, every
 * checkpoint signed, no chain shorter than the store knows, every change with exactly one record
 * and every such record with its change.
 *
 * <p>It reads only, and a server may run meanwhile: a record whose change came later than the last
 * checkpoint may still be on its way, and is counted as pending. What a crash leaves (a torn last
 * line, zeros at the end) is counted, not wrong. What stands after a chain's last checkpoint is
 * held by nothing but its own hashes, and is counted too.
 */
public final class Verifier {
  private static final int PAGE = 1_000;
  private static final int PAGES = 8;
  private static final int TRIES = 3;
  private static final String STORE = "store";

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final JournalView store;
  private final String node;

  /**
   * @param node the node whose data folder this is: a chain of its own must be there if the store
   *     ever kept a checkpoint of it
   */
  public Verifier(JournalView store, String node) {
    AuditSettings.requireNode(node);
    this.store = store;
    this.node = node;
  }

  /**
   * @param trust a PEM file with the public audit key, kept where the folder's owner cannot change
   *     it; without it the folder's own is used
   */
  public Verification verify(Path data, Optional<Path> trust) throws IOException {
    for (int i = 0; ; i++) {
      try {
        return new Run(data.resolve("audit"), trust).verify();
      } catch (NoSuchFileException e) {
        // a running server may prune meanwhile
        if (i == TRIES) {
          throw e;
        }
      }
    }
  }

  private static final class Found extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Verification.BadPlace place;

    private Found(String file, long line, String what) {
      super(what, null, false, false);
      this.place = new Verification.BadPlace(file, line, what);
    }
  }

  /** One pass over one folder. */
  private final class Run {
    private final Path directory;
    private final Optional<Path> trust;
    private final Rows rows = new Rows();
    private final Map<String, Chain> chains = new LinkedHashMap<>();
    private final Map<String, List<TakenOver>> takenOver = new HashMap<>();
    private Optional<CheckpointKey> key = Optional.empty();
    private List<String> nodes = List.of();
    private long segments;
    private long records;
    private long answers;
    private long checkpoints;
    private long changes;
    private long recovered;
    private long repairs;
    private long uncovered;
    private long pending;
    private long elsewhere;
    private long tornBytes;
    private long unusedBytes;
    private final List<Verification.Pruned> pruned = new ArrayList<>();

    private Run(Path directory, Optional<Path> trust) {
      this.directory = directory;
      this.trust = trust;
    }

    private Verification verify() throws IOException {
      Optional<Verification.BadPlace> bad = Optional.empty();
      try {
        check();
      } catch (Found found) {
        bad = Optional.of(found.place);
      }
      return new Verification(
          nodes,
          segments,
          records,
          answers,
          checkpoints,
          changes,
          recovered,
          repairs,
          uncovered,
          pending,
          elsewhere,
          tornBytes,
          unusedBytes,
          List.copyOf(pruned),
          bad);
    }

    private void check() throws IOException, Found {
      key = readKey();
      Map<String, byte[]> kept = new HashMap<>();
      // before the files, because a running server writes to the files first
      SortedMap<String, List<SegmentName>> files = SegmentName.list(directory);
      nodes = List.copyOf(files.keySet());
      for (String each : files.keySet()) {
        store.meta(AuditLog.checkpointMeta(each)).ifPresent(bytes -> kept.put(each, bytes));
      }
      if (!files.containsKey(node) && store.meta(AuditLog.checkpointMeta(node)).isPresent()) {
        throw new Found(
            directory.toString(),
            0,
            "the chain of node " + node + " is gone, but the store knows it");
      }
      files = SegmentName.list(directory);
      for (Map.Entry<String, List<SegmentName>> each : files.entrySet()) {
        Chain chain = new Chain(each.getKey(), each.getValue());
        chains.put(each.getKey(), chain);
        chain.check();
        byte[] bytes = kept.get(each.getKey());
        if (bytes != null) {
          chain.compareWith(bytes);
        }
        uncovered += chain.uncovered();
      }
      checkJournal();
    }

    private Optional<TakenOver> takenOver(String of, long number) {
      return TakenOver.find(
          takenOver.computeIfAbsent(of, lost -> TakenOver.of(store, lost)), number);
    }

    private Optional<CheckpointKey> readKey() throws IOException, Found {
      Path exported = directory.resolve(CheckpointKey.FILE);
      Optional<CheckpointKey> own =
          Files.exists(exported) ? Optional.of(readKey(exported)) : Optional.empty();
      Optional<CheckpointKey> inStore = store.meta(AuditKey.META).flatMap(AuditKey::publicPart);
      Optional<CheckpointKey> trusted = Optional.empty();
      if (trust.isPresent()) {
        trusted = Optional.of(readKey(trust.get()));
      }
      Optional<CheckpointKey> use = trusted.or(() -> own);
      if (own.isPresent() && !own.equals(use)) {
        throw new Found(CheckpointKey.FILE, 0, "is not the trusted key");
      }
      if (use.isPresent() && inStore.isPresent() && !inStore.equals(use)) {
        throw new Found(STORE, 0, "its audit key is not the one that the checkpoints are held to");
      }
      return use.or(() -> inStore);
    }

    private CheckpointKey readKey(Path file) throws IOException, Found {
      try {
        return CheckpointKey.readPem(file);
      } catch (IllegalArgumentException e) {
        throw new Found(file.getFileName().toString(), 0, e.getMessage());
      }
    }

    /** Every number once and in order, and every change of a chain here with its record. */
    private void checkJournal() throws Found {
      long after = 0;
      while (true) {
        List<JournalRow> page = store.journal(after, PAGE);
        if (page.isEmpty()) {
          break;
        }
        for (JournalRow row : page) {
          if (row.number() != after + 1) {
            throw new Found(STORE, 0, "journal record " + (after + 1) + " is missing");
          }
          after = row.number();
          Optional<TakenOver> taken = takenOver(row.node(), after);
          String writer = taken.map(TakenOver::by).orElse(row.node());
          Chain chain = chains.get(writer);
          if (chain == null) {
            if (writer.equals(node)) {
              pending++;
            } else {
              elsewhere++;
            }
          } else if (!chain.journal.contains(after) && !chain.prunedJournal.contains(after)) {
            // a take-over has its own record after all that it took over
            if (taken.isPresent()
                ? chain.journal.contains(taken.get().journal())
                : after <= chain.complete) {
              throw new Found(STORE, 0, "journal record " + after + " has no audit record");
            }
            pending++;
          }
        }
      }
      for (Chain chain : chains.values()) {
        long known =
            Math.max(
                Math.max(chain.journalHead, chain.journal.last()), chain.prunedJournalHead);
        if (known > after) {
          throw new Found(
              STORE,
              0,
              "the journal ends at "
                  + after
                  + ", the audit trail knows "
                  + known
                  + ": an older database was put back");
        }
      }
    }

    /** One node's chain as it is read. */
    private final class Chain {
      private final String owner;
      private final List<SegmentName> files;
      private final JournalCoverage journal = new JournalCoverage();
      private final MessageDigest sha256 = Digests.newSha256();
      private final Recent recent = new Recent();
      private final Set<String> stated = new HashSet<>();
      private Optional<PruneStatement.Signed> newest = Optional.empty();
      private JournalCoverage prunedJournal = new JournalCoverage();
      private long prunedJournalHead;
      private String installation = "";

      /** The record before the first one here, and its hash; empty while nothing tells it. */
      private long before;

      private String beforeHash = ChainEnd.NOTHING;
      private long seq;
      private String hash = ChainEnd.NOTHING;
      private long complete;
      private long journalHead;
      private long covered;
      private long checkpointSeq;

      private Chain(String owner, List<SegmentName> files) {
        this.owner = owner;
        this.files = files;
      }

      private void check() throws IOException, Found {
        PruneStatements statements = PruneStatements.read(directory, owner);
        begin(statements);
        checkSegments();
        checkStated(statements);
      }

      /** Where records before the first one here are gone, a statement must stand in for them. */
      private void begin(PruneStatements statements) throws Found {
        String file = PruneStatements.file(owner);
        if (statements.damage().isPresent()) {
          throw new Found(file, 0, statements.damage().get());
        }
        long findings = 0;
        for (int i = 0; i < statements.all().size(); i++) {
          PruneStatement.Signed each = statements.all().get(i);
          if (!key.orElseThrow(() -> new Found(file, 0, "there is no public key to check it with"))
              .verifies(each)) {
            throw new Found(file, i + 1, "the statement's signature is wrong");
          }
          requireInstallation(file, i + 1, each.statement().installation().guid());
          findings += each.statement().findings();
        }
        newest = statements.newest();
        before = files.getFirst().first() - 1;
        if (before == 0) {
          return;
        }
        PruneStatement statement =
            newest
                .map(PruneStatement.Signed::statement)
                .filter(one -> one.last() >= before)
                .orElseThrow(
                    () ->
                        new Found(
                            files.getFirst().file().getFileName().toString(),
                            0,
                            "begins with record "
                                + (before + 1)
                                + ", and no statement says that those before were pruned"));
        seq = before;
        covered = before;
        // where a crash left some of what it speaks of, it fits further on
        beforeHash = statement.last() == before ? statement.hash() : "";
        hash = beforeHash;
        prunedJournal = statement.coverage();
        prunedJournalHead = statement.journal();
        pruned.add(
            new Verification.Pruned(
                owner, before, statement.time(), statement.asked(), findings));
      }

      /** The records that tell of statements, and statements, belong together. */
      private void checkStated(PruneStatements statements) throws Found {
        String file = PruneStatements.file(owner);
        if (newest.isPresent()) {
          if (newest.get().statement().last() > seq) {
            throw new Found(
                file,
                0,
                "speaks of records up to "
                    + newest.get().statement().last()
                    + ", the chain ends at "
                    + seq);
          }
          if (before >= newest.get().statement().first() && !stated.contains(newest.get().digest())) {
            throw new Found(file, 0, "no record of the chain tells of the newest statement");
          }
        }
        Set<String> known = new HashSet<>();
        statements.all().forEach(each -> known.add(each.digest()));
        if (!known.containsAll(stated)) {
          throw new Found(file, 0, "the chain tells of a statement that is not there");
        }
      }

      private void requireInstallation(String file, long at, String its) throws Found {
        if (!installation.isEmpty() && !its.equals(installation)) {
          throw new Found(file, at, "is of another installation");
        }
        installation = its;
      }

      private void checkSegments() throws IOException, Found {
        for (SegmentName name : files) {
          segments++;
          boolean isLast = name.equals(files.getLast());
          String file = name.file().getFileName().toString();
          long line = 0;
          try (SegmentLines in = new SegmentLines(Files.newInputStream(name.file()))) {
            while (in.next()) {
              line++;
              if (line == 1 && name.first() != seq + 1) {
                throw new Found(
                    file, 0, "begins with record " + name.first() + ", not " + (seq + 1));
              }
              check(file, line, in);
            }
            if (in.torn() > 0 && !isLast) {
              throw new Found(file, line + 1, "is no whole line");
            }
            tornBytes += in.torn();
            unusedBytes += in.zeros();
          }
        }
      }

      private void check(String file, long at, SegmentLines in) throws IOException, Found {
        ChainLine line =
            ChainLine.read(in.buffer(), in.start(), in.length())
                .orElseThrow(() -> new Found(file, at, "does not begin as a record"));
        if (line.seq() != seq + 1) {
          throw new Found(file, at, "is record " + line.seq() + ", not " + (seq + 1));
        }
        if (hash.isEmpty()) {
          beforeHash = line.prev();
        } else if (!line.prev().equals(hash)) {
          throw new Found(file, at, "does not follow from the record before: one was changed");
        }
        sha256.update(in.buffer(), in.start(), in.length());
        byte[] digest = sha256.digest();
        if (line.checkpoint().isPresent()) {
          checkCheckpoint(file, at, line, line.checkpoint().get(), in);
        } else {
          checkRecord(file, at, line, in);
        }
        seq = line.seq();
        hash = HexFormat.of().formatHex(digest);
        recent.put(seq, digest);
        if (newest.isPresent()
            && newest.get().statement().last() == seq
            && !newest.get().statement().hash().equals(hash)) {
          throw new Found(file, at, "is not the record that was signed as the last one pruned");
        }
      }

      private void checkCheckpoint(
          String file, long at, ChainLine line, Checkpoint.Signed signed, SegmentLines in)
          throws IOException, Found {
        AuditLine rendered = AuditLine.checkpoint(signed);
        rendered.place(line.seq(), line.prev().getBytes(StandardCharsets.US_ASCII));
        if (!Arrays.equals(
            rendered.bytes(),
            rendered.start(),
            rendered.start() + rendered.length() - 1,
            in.buffer(),
            in.start(),
            in.start() + in.length())) {
          throw new Found(file, at, "is not written as a checkpoint is");
        }
        Checkpoint checkpoint = signed.checkpoint();
        checkSignature(file, at, signed);
        // what a checkpoint says of records that were pruned cannot be compared any more
        boolean isGone = checkpoint.seq() < before;
        String itsHash =
            checkpoint.seq() >= covered && checkpoint.seq() <= seq ? hashAt(checkpoint.seq()) : "";
        if (!isGone && !itsHash.equals(checkpoint.hash())) {
          throw new Found(
              file,
              at,
              "the checkpoint does not fit record " + checkpoint.seq() + " of this chain");
        }
        if (checkpoint.journalHead() < journalHead || checkpoint.complete() < complete) {
          throw new Found(file, at, "the checkpoint knows less of the journal than the one before");
        }
        checkpoints++;
        covered = Math.max(covered, checkpoint.seq());
        checkpointSeq = line.seq();
        journalHead = checkpoint.journalHead();
        complete = checkpoint.complete();
      }

      private void checkSignature(String file, long at, Checkpoint.Signed signed) throws Found {
        if (key.isEmpty()) {
          throw new Found(file, at, "there is no public key to check the checkpoint with");
        }
        Checkpoint checkpoint = signed.checkpoint();
        if (!key.get().verifies(signed)) {
          throw new Found(file, at, "the checkpoint's signature is wrong");
        }
        if (!checkpoint.node().equals(owner)
            || !installation.isEmpty() && !checkpoint.installation().guid().equals(installation)) {
          throw new Found(file, at, "the checkpoint is of another chain");
        }
        installation = checkpoint.installation().guid();
      }

      private void checkRecord(String file, long at, ChainLine line, SegmentLines in)
          throws Found {
        JsonNode json;
        try {
          json = JSON.readTree(in.buffer(), in.start(), in.length());
        } catch (JacksonException e) {
          throw new Found(file, at, "is not JSON");
        }
        JsonNode properties = json.path("properties");
        String itsInstallation = properties.path("installation").asString("");
        if (installation.isEmpty()) {
          installation = itsInstallation;
        }
        if (!itsInstallation.equals(installation)
            || !properties.path("node").asString("").equals(owner)) {
          throw new Found(file, at, "is a record of another chain");
        }
        records++;
        answers += count(properties);
        if (json.path("category").asString("").equals(AuditRecord.ADMINISTRATION)) {
          switch (Operation.findAudited(json.path("operationName").asString("")).orElse(null)) {
            case AUDIT_REPAIR -> repairs++;
            case AUDIT_GAP ->
                throw new Found(
                    file, at, "a start found that records after this chain's end had been removed");
            case AUDIT_JOURNAL_BEHIND ->
                throw new Found(file, at, "a start found that an older database had been put back");
            case AUDIT_PRUNE -> {
              // a command that found nothing to remove has none
              if (properties.has("statement")) {
                stated.add(properties.path("statement").asString(""));
              }
            }
            case null, default -> {}
          }
        }
        if (line.journal().isPresent()) {
          checkChange(file, at, line, json);
        }
      }

      private void checkChange(String file, long at, ChainLine line, JsonNode json)
          throws Found {
        long number = line.journal().getAsLong();
        changes++;
        if (json.path("properties").path("recovered").asBoolean(false)) {
          recovered++;
        }
        boolean isAgain = !journal.add(number);
        JournalRow row =
            rows.find(number)
                .orElseThrow(
                    () -> new Found(file, at, "the store has no journal record " + number));
        // of changes of lost nodes it is not known whether the pruned records had them
        isAgain |=
            row.node().equals(owner)
                && prunedJournal.contains(number)
                && line.seq() > newest.orElseThrow().statement().last();
        if (isAgain) {
          throw new Found(file, at, "journal record " + number + " has a record already");
        }
        boolean isOurs =
            row.node().equals(owner)
                || takenOver(row.node(), number)
                    .filter(taken -> taken.by().equals(owner))
                    .isPresent();
        if (!isOurs) {
          throw new Found(file, at, "journal record " + number + " is of node " + row.node());
        }
        String operation = json.path("operationName").asString("");
        if (!row.operation().equals(operation)) {
          throw new Found(
              file,
              at,
              "journal record " + number + " is " + row.operation() + ", not " + operation);
        }
        String request = json.path("properties").path("requestId").asString("");
        if (!row.requestId().hex().equals(request.replace("-", "").toLowerCase(Locale.ROOT))) {
          throw new Found(file, at, "journal record " + number + " is of another request");
        }
      }

      private long uncovered() {
        return seq - covered - (checkpointSeq > covered ? 1 : 0);
      }

      private String hashAt(long wanted) throws IOException {
        if (wanted == before) {
          return beforeHash;
        }
        Optional<byte[]> known = recent.find(wanted);
        if (known.isPresent()) {
          return HexFormat.of().formatHex(known.get());
        }
        for (SegmentName name : files.reversed()) {
          if (name.first() <= wanted) {
            MessageDigest again = Digests.newSha256();
            try (SegmentLines in = new SegmentLines(Files.newInputStream(name.file()))) {
              for (long at = name.first(); in.next(); at++) {
                if (at == wanted) {
                  again.update(in.buffer(), in.start(), in.length());
                  return HexFormat.of().formatHex(again.digest());
                }
              }
            }
          }
        }
        return "";
      }

      private void compareWith(byte[] bytes) throws IOException, Found {
        Checkpoint.Signed signed =
            Checkpoint.read(bytes)
                .orElseThrow(
                    () ->
                        new Found(
                            STORE, 0, "the checkpoint of node " + owner + " is unreadable"));
        checkSignature(STORE, 0, signed);
        Checkpoint checkpoint = signed.checkpoint();
        if (checkpoint.seq() > seq) {
          throw new Found(
              files.getLast().file().getFileName().toString(),
              0,
              "the chain ends at record "
                  + seq
                  + ", the store's checkpoint is of record "
                  + checkpoint.seq()
                  + ": the end was removed");
        }
        if (checkpoint.seq() >= before && !hashAt(checkpoint.seq()).equals(checkpoint.hash())) {
          throw new Found(
              STORE,
              0,
              "its checkpoint does not fit record " + checkpoint.seq() + " of node " + owner);
        }
        covered = Math.max(covered, checkpoint.seq());
        journalHead = Math.max(journalHead, checkpoint.journalHead());
        complete = Math.max(complete, checkpoint.complete());
      }
    }
  }

  private static long count(JsonNode properties) {
    String count = properties.path(Burst.COUNT).asString("1");
    return count.matches("[1-9][0-9]{0,17}") ? Long.parseLong(count) : 1;
  }

  /** The hashes of the newest records, by number. */
  private static final class Recent {
    private static final int SIZE = 1 << 14;
    private final byte[] hashes = new byte[SIZE * 32];
    private long last;

    private void put(long seq, byte[] digest) {
      System.arraycopy(digest, 0, hashes, (int) (seq % SIZE) * 32, 32);
      last = seq;
    }

    private Optional<byte[]> find(long seq) {
      int at = (int) (seq % SIZE) * 32;
      return seq > 0 && seq <= last && seq > last - SIZE
          ? Optional.of(Arrays.copyOfRange(hashes, at, at + 32))
          : Optional.empty();
    }
  }

  /** Journal records by number, read in pages, because the chain has them nearly in order. */
  private final class Rows {
    private final LinkedHashMap<Long, List<JournalRow>> pages = new LinkedHashMap<>(16, 1, true);

    private Optional<JournalRow> find(long number) {
      long page = (number - 1) / PAGE;
      List<JournalRow> found = pages.get(page);
      if (found == null || find(found, number).isEmpty()) {
        // again, because the page may have been read before the record was there
        found = new ArrayList<>(store.journal(page * PAGE, PAGE));
        pages.put(page, found);
        if (pages.size() > PAGES) {
          pages.pollFirstEntry();
        }
      }
      return find(found, number);
    }

    private static Optional<JournalRow> find(List<JournalRow> rows, long number) {
      int at = (int) ((number - 1) % PAGE);
      if (at < rows.size() && rows.get(at).number() == number) {
        return Optional.of(rows.get(at));
      }
      return rows.stream().filter(row -> row.number() == number).findFirst();
    }
  }
}
