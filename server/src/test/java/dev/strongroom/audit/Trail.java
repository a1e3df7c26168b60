package dev.strongroom.audit;

import dev.strongroom.crypto.Ed25519;
import dev.strongroom.model.Id;
import dev.strongroom.model.Principal;
import dev.strongroom.store.JournalRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A data folder with the audit trail of one node, and what its alarms said. */
final class Trail implements AuditAlarm {
  static final Id INSTALLATION = Id.guid("0f2c8a51-7d3e-4b1c-9a60-5e1b8c0d7f11");
  static final String NODE = "node-1";
  static final AuditKey KEY = new AuditKey(Ed25519.generate());
  static final Instant NOW = Instant.parse("2026-05-01T10:11:12.345678900Z");
  private static final JsonMapper JSON = JsonMapper.shared();

  final Path data;
  final FakeJournal journal;
  final List<Kind> alarms = Collections.synchronizedList(new ArrayList<>());
  Runnable listener = () -> {};
  volatile Instant now = NOW;
  AuditSync sync = AuditSync.GROUP;
  long segmentBytes = 1 << 20;
  long reserveBytes = 0;
  int checkpointRecords = 1_000_000;

  Trail(Path data, FakeJournal journal) {
    this.data = data;
    this.journal = journal;
  }

  Trail(Path data) {
    this(data, new FakeJournal());
  }

  Path directory() {
    return data.resolve("audit");
  }

  AuditLog open() throws IOException {
    return open(new DiskFiles());
  }

  AuditLog open(SegmentFiles files) throws IOException {
    AuditSettings settings =
        new AuditSettings(
            directory(),
            INSTALLATION,
            NODE,
            sync,
            segmentBytes,
            segmentBytes,
            reserveBytes,
            Duration.ofMillis(1),
            checkpointRecords,
            Duration.ofHours(1));
    return AuditLog.open(settings, journal, this, () -> now, files);
  }

  AuditLog openSigning() throws IOException {
    AuditLog log = open();
    log.startCheckpoints(KEY);
    return log;
  }

  @Override
  public void raised(Kind kind, String what) {
    alarms.add(kind);
    listener.run();
  }

  /** The folder as a kill -9 now would leave it. */
  Trail copyTo(Path other) throws IOException {
    Trail copy = new Trail(other, journal.copy());
    copy.sync = sync;
    copy.now = now;
    copy.segmentBytes = segmentBytes;
    copy.reserveBytes = reserveBytes;
    copy.checkpointRecords = checkpointRecords;
    Files.createDirectories(copy.directory());
    try (Stream<Path> files = Files.list(directory())) {
      // what is being prepared may get its name meanwhile; a kill loses it, too
      for (Path file : files.filter(file -> !file.toString().endsWith(".tmp")).toList()) {
        Files.copy(file, copy.directory().resolve(file.getFileName()));
      }
    }
    return copy;
  }

  List<Path> segments() throws IOException {
    return SegmentName.list(directory()).getOrDefault(NODE, List.of()).stream()
        .map(SegmentName::file)
        .toList();
  }

  /** Every line of every segment, parsed. */
  List<JsonNode> lines() throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (Path segment : segments()) {
      try (SegmentLines in = new SegmentLines(Files.newInputStream(segment))) {
        while (in.next()) {
          lines.add(JSON.readTree(in.buffer(), in.start(), in.length()));
        }
      }
    }
    return lines;
  }

  /** All lines that are no checkpoints. */
  List<JsonNode> records() throws IOException {
    return lines().stream()
        .filter(line -> !line.get("category").asString().equals("AuditCheckpoint"))
        .toList();
  }

  static Principal principal() {
    return new Principal(
        Id.guid("11111111-2222-4333-8444-555555555555"),
        Id.guid("66666666-7777-4888-8999-aaaaaaaaaaaa"),
        Principal.Kind.APPLICATION,
        Optional.of(Id.guid("bbbbbbbb-cccc-4ddd-8eee-ffffffffffff")),
        "https://sts.example/",
        Set.of(),
        Map.of());
  }

  static AuditRecord read(int number) {
    return record("SecretGet", 200, OptionalLong.empty(), "request-" + number);
  }

  static AuditRecord change(JournalRow row) {
    return record(
        row.operation(), 200, OptionalLong.of(row.number()), row.requestId().guid());
  }

  static AuditRecord record(String operation, int status, OptionalLong journal, String requestId) {
    Map<String, String> details = new HashMap<>();
    details.put("appliedAssignmentId", "a1");
    return new AuditRecord(
        NOW,
        operation,
        AuditRecord.AUDIT_EVENT,
        Optional.of("/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v"),
        requestId,
        Optional.empty(),
        "192.0.2.7",
        Optional.of(principal()),
        "GET",
        "/secrets/name",
        Optional.of("7.4"),
        Optional.of("azsdk-java"),
        status,
        status < 400 ? Optional.empty() : Optional.of("Forbidden"),
        Optional.of("https://v.vault.example/secrets/name/1"),
        78_912,
        journal,
        details);
  }
}
