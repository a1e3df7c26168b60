package dev.strongroom.local;

import dev.strongroom.audit.AuditKey;
import dev.strongroom.audit.Verification;
import dev.strongroom.audit.Verifier;
import dev.strongroom.backup.Comparison;
import dev.strongroom.backup.Identity;
import dev.strongroom.backup.Manifest;
import dev.strongroom.backup.Progress;
import dev.strongroom.backup.Restore;
import dev.strongroom.model.AcmeAccount;
import dev.strongroom.model.Authority;
import dev.strongroom.model.Id;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.SigningKey;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.FileSlot;
import dev.strongroom.seal.Seal;
import dev.strongroom.seal.SlotKey;
import dev.strongroom.seal.SlotMismatch;
import dev.strongroom.seal.SystemUse;
import dev.strongroom.seal.WrappedKeys;
import dev.strongroom.store.IssuedRow;
import dev.strongroom.store.JournalRow;
import dev.strongroom.store.JournalView;
import dev.strongroom.store.KeyRow;
import dev.strongroom.store.Loading;
import dev.strongroom.store.OpenSql;
import dev.strongroom.store.Snapshot;
import dev.strongroom.store.SqlStore;
import dev.strongroom.store.Store;
import dev.strongroom.store.Table;
import dev.strongroom.vault.EveryValue;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Restores a backup into a folder that nothing serves, under a key that is kept nowhere, and proves
 * that a server could go on from it: every row is the backup's, every value opens, the audit trail
 * verifies. It measures how long that took and what would have been lost.
 */
public final class Drill {
  private static final System.Logger LOG = System.getLogger(Drill.class.getName());
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MOST_NAMED = 50;
  private static final int PAGE = 500;
  static final List<RuleKind<?>> RULES =
      List.of(
          RuleKind.TENANT,
          RuleKind.SUBSCRIPTION,
          RuleKind.RESOURCE_GROUP,
          RuleKind.CONTAINER,
          RuleKind.ROLE_ASSIGNMENT,
          RuleKind.APPLICATION,
          RuleKind.TRUSTED_ISSUER,
          RuleKind.SIGNING_KEY,
          RuleKind.CERTIFICATE_ISSUER,
          RuleKind.CERTIFICATE_CONTACTS,
          RuleKind.AUTHORITY,
          RuleKind.AUTHORITY_SETTINGS,
          RuleKind.CERTIFICATE_PROFILE,
          RuleKind.ACME_ACCOUNT,
          RuleKind.ACME_CHALLENGE);

  /**
   * What is drilled.
   *
   * @param trusted the audit key (PEM) that must have signed the backup
   * @param scratch a folder of this drill alone
   * @param program name and version of what drills
   */
  public record Wanted(
      Path backup, Identity identity, Optional<Path> trusted, Path scratch, String program) {}

  private final Wanted wanted;
  private final InstantSource clock;
  private final Progress progress;
  private final Instant started;
  private final ObjectNode report = JSON.createObjectNode();
  private final Set<String> failures = new LinkedHashSet<>();
  private long failed;
  private Optional<Manifest> manifest = Optional.empty();
  private Optional<AuditKey> signer = Optional.empty();

  /**
   * @param started when somebody asked for it
   */
  public Drill(Wanted wanted, Instant started, InstantSource clock, Progress progress) {
    this.wanted = wanted;
    this.started = started;
    this.clock = clock;
    this.progress = progress;
  }

  /** The newest backup of a folder, by the time of the file: backups end with {@code .age}. */
  public static Path newest(Path folder) throws IOException {
    Optional<Path> newest = Optional.empty();
    FileTime time = FileTime.fromMillis(Long.MIN_VALUE);
    try (DirectoryStream<Path> backups = Files.newDirectoryStream(folder, "*.age")) {
      for (Path backup : backups) {
        FileTime changed = Files.getLastModifiedTime(backup);
        if (Files.isRegularFile(backup) && changed.compareTo(time) > 0) {
          newest = Optional.of(backup);
          time = changed;
        }
      }
    }
    return newest.orElseThrow(
        () -> new LocalException("there is no backup (*.age) in " + folder));
  }

  /** Restores and opens everything; what does not hold is in the report. */
  public void run() throws IOException {
    ObjectNode of = report.putObject("backup");
    of.put("file", wanted.backup().toString());
    try (SlotKey slot = FileSlot.unwritten()) {
      of.put("bytes", Files.size(wanted.backup()));
      Path data = Files.createDirectories(wanted.scratch());
      try (Loading loading = OpenSql.load(data, clock)) {
        manifest =
            Optional.of(
                Restore.run(
                    wanted.backup(),
                    wanted.identity(),
                    wanted.trusted(),
                    loading,
                    data.resolve("audit"),
                    slot,
                    clock.instant(),
                    progress));
      }
      describe(of, manifest.get());
      open(data, slot, manifest.get());
      compare(data);
    } catch (IOException | VaultException | LocalException e) {
      fail("restore: " + e.getMessage());
    }
  }

  private void describe(ObjectNode of, Manifest made) {
    of.put("installation", made.installation().guid())
        .put("node", made.node())
        .put("created", made.created().toString())
        .put("journal", made.journal())
        .put("auditedUpTo", made.auditedUpTo())
        .put("rows", made.rows())
        .put("content", made.content())
        .put("signer", made.signer())
        .put("trusted", wanted.trusted().isPresent());
  }

  private void open(Path data, SlotKey slot, Manifest made) throws IOException {
    SqlStore[] opened = new SqlStore[1];
    Seal seal = new Seal(new StoredKeys(() -> opened[0]));
    try (SqlStore store =
        OpenSql.sqlite(
            data,
            made.node(),
            seal,
            (table, key) -> fail(table + ' ' + key + " does not match its MAC"),
            clock)) {
      opened[0] = store;
      seal.unseal(Installation.slots(store), slot);
      signer = AuditKey.find(store, seal);
      ObjectNode checked = report.putObject("checked");
      EveryValue.Opened values =
          EveryValue.open(store, seal, this::firstIsReadable, this::fail);
      if (rows(made, Table.VERSION) == 0) {
        firstIsReadable();
      }
      checked
          .put("vaults", values.containers())
          .put("objects", values.objects())
          .put("versions", values.versions())
          .put("keysAndPasswords", values.others() + installation(store, seal));
      checked
          .put("journalDetails", journalDetails(store, seal))
          .put("rules", rules(store))
          .put("issued", issued(store));
      requireAll("rules", checked.path("rules").asLong(), made, Table.RULE);
      requireAll("issued certificates", checked.path("issued").asLong(), made, Table.ISSUED);
      requireAll("objects", values.objects(), made, Table.OBJECT);
      requireAll("versions", values.versions(), made, Table.VERSION);
      Verification trail =
          new Verifier(store, made.node()).verify(data, wanted.trusted());
      checked.put("auditRecords", trail.records());
      trail.bad().ifPresent(place -> fail("audit trail: " + place));
    } finally {
      seal.seal();
    }
  }

  private void firstIsReadable() {
    report.put("firstValueSeconds", seconds(Duration.between(started, clock.instant())));
  }

  private void requireAll(String what, long opened, Manifest made, Table table) {
    long there = rows(made, table);
    if (opened != there) {
      fail(there + " " + what + " are in the backup, " + opened + " could be read");
    }
  }

  /** A backup of an older program does not have every table. */
  private static long rows(Manifest made, Table table) {
    return Optional.ofNullable(made.tables().get(table.sqlName()))
        .map(Manifest.Digest::count)
        .orElse(0L);
  }

  /** Reading one checks its MAC. */
  private static long rules(Store store) {
    long read = 0;
    for (RuleKind<?> kind : RULES) {
      read += store.rules(kind).size();
    }
    return read;
  }

  private static long issued(Store store) {
    long read = 0;
    String after = "";
    List<IssuedRow> page = store.listIssued(after, PAGE);
    while (!page.isEmpty()) {
      read += page.size();
      after = page.getLast().serial();
      page = store.listIssued(after, PAGE);
    }
    return read;
  }

  /** What the installation itself keeps sealed: each bound to its own name, as its owner binds it. */
  private long installation(Store store, Seal seal) {
    long opened = 0;
    for (SigningKey key : store.rules(RuleKind.SIGNING_KEY)) {
      opened += open(seal, SystemUse.TOKEN_SIGNING, key.kid(), ascii(key.kid()), key.privateKey());
    }
    for (Authority authority : store.rules(RuleKind.AUTHORITY)) {
      Id id = authority.id();
      opened +=
          open(
              seal,
              SystemUse.CERTIFICATE_AUTHORITY,
              id.hex(),
              id.bytes(),
              authority.privateKey());
    }
    for (AcmeAccount account : store.rules(RuleKind.ACME_ACCOUNT)) {
      opened +=
          open(
              seal,
              SystemUse.ACME_ACCOUNT,
              account.name(),
              account.name().getBytes(StandardCharsets.UTF_8),
              account.privateKey());
    }
    return opened;
  }

  private long journalDetails(Store store, Seal seal) {
    long opened = 0;
    long after = 0;
    List<JournalRow> page = store.journal(after, PAGE);
    while (!page.isEmpty()) {
      for (JournalRow row : page) {
        if (row.note().detail().isPresent()) {
          opened +=
              open(
                  seal,
                  SystemUse.JOURNAL_DETAIL,
                  "of record " + row.number(),
                  row.requestId().bytes(),
                  row.note().detail().get());
        }
      }
      after = page.getLast().number();
      page = store.journal(after, PAGE);
    }
    return opened;
  }

  private int open(Seal seal, SystemUse use, String name, byte[] context, Sealed sealed) {
    try {
      seal.openSystem(use, context, sealed).close();
      return 1;
    } catch (VaultException e) {
      fail(use + " " + name + ": " + e.getMessage());
      return 0;
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private void compare(Path data) throws IOException {
    try (Snapshot restored = OpenSql.snapshot(data)) {
      Comparison.Found found =
          Comparison.run(
              wanted.backup(), wanted.identity(), wanted.trusted(), restored, progress);
      report
          .withObject("checked")
          .put("rowsCompared", found.compared())
          .put("differences", found.differences());
      if (found.differences() > 0) {
        fail(found.differences() + " rows differ from the backup: " + found.named().getFirst());
      }
    }
  }

  /** Measures what would be lost if the server that the backup is of ended now. */
  public void compareWith(JournalView live) {
    if (manifest.isEmpty()) {
      return;
    }
    Manifest made = manifest.get();
    try {
      Optional<Id> id = Installation.id(live);
      if (!id.equals(Optional.of(made.installation()))) {
        fail(
            "the backup is of installation "
                + made.installation().guid()
                + ", the store of the settings of "
                + id.map(Id::guid).orElse("none"));
        return;
      }
      long head = live.journalHead();
      ObjectNode rpo = report.putObject("rpo").put("against", "the journal of the live store");
      rpo.put("liveJournal", head).put("missingChanges", Math.max(0, head - made.journal()));
      if (head < made.journal()) {
        fail("the live store is older than the backup: its journal ends at " + head);
      }
      List<JournalRow> newest = head > made.journal() ? live.journal(head - 1, 1) : List.of();
      Duration lost = Duration.ZERO;
      for (JournalRow row : newest) {
        lost = Duration.between(made.created(), row.time());
        rpo.put("newestChange", row.time().toString());
      }
      rpo.put("seconds", seconds(lost.isNegative() ? Duration.ZERO : lost));
    } catch (VaultException e) {
      unreachable(e.getMessage());
    }
  }

  /** There is no live store to compare with: then all since the backup counts as lost. */
  public void unreachable(String why) {
    manifest.ifPresent(
        made ->
            report
                .putObject("rpo")
                .put("against", "now, since the live store cannot be read: " + why)
                .put("seconds", seconds(Duration.between(made.created(), clock.instant()))));
  }

  public boolean hasSigner() {
    return signer.isPresent();
  }

  /** Uses the installation's own key, where the backup did not give it and the slot opens. */
  public void signWith(OpenSql.OpenJournal live, SlotKey slot) {
    Seal seal = new Seal(new KeptKeys(live.keys()));
    try {
      seal.unseal(Installation.slots(live.view()), slot);
      signer = AuditKey.find(live.view(), seal);
    } catch (SlotMismatch e) {
      LOG.log(Level.WARNING, "no slot of the live store opens with the configured key");
    } finally {
      seal.seal();
    }
  }

  private record KeptKeys(List<KeyRow> rows) implements WrappedKeys {
    @Override
    public Optional<Wrapped> newest(Id owner) {
      return rows.stream()
          .filter(row -> row.owner().equals(owner))
          .max(Comparator.comparingInt(KeyRow::generation))
          .map(StoredKeys::wrapped);
    }

    @Override
    public Optional<Wrapped> find(Id owner, int generation) {
      return rows.stream()
          .filter(row -> row.owner().equals(owner) && row.generation() == generation)
          .findFirst()
          .map(StoredKeys::wrapped);
    }
  }

  /** Ends the drill. */
  public DrillReport end() {
    Instant finished = clock.instant();
    ObjectNode whole = JSON.createObjectNode();
    whole
        .put("passed", failed == 0)
        .put("program", wanted.program())
        .put("started", started.toString())
        .put("finished", finished.toString());
    ObjectNode rto = whole.putObject("rto");
    if (report.has("firstValueSeconds")) {
      rto.set("seconds", report.remove("firstValueSeconds"));
    }
    rto.put("allCheckedSeconds", seconds(Duration.between(started, finished)));
    if (report.has("rpo")) {
      whole.set("rpo", report.remove("rpo"));
    }
    whole.setAll(report);
    whole.put("failed", failed);
    failures.forEach(whole.putArray("failures")::add);
    signer.ifPresent(key -> whole.put("signer", key.id()));
    return DrillReport.of(whole, signer);
  }

  private void fail(String what) {
    // because a row that is read again is found again
    if (failures.contains(what)) {
      return;
    }
    failed++;
    if (failures.size() < MOST_NAMED) {
      failures.add(what);
    }
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
