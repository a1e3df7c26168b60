package dev.strongroom.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.Digests;
import dev.strongroom.crypto.Ed25519;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import dev.strongroom.store.JournalRow;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class AuditLogTest {
  @TempDir Path folder;

  @Test
  void append_record_hasAzuresShapeAndOurs() throws IOException {
    Trail trail = new Trail(folder);
    JournalRow row;
    try (AuditLog log = trail.open()) {
      row = trail.journal.commit(Trail.NODE, "SecretSet");
      log.append(Trail.change(row));
    }
    JsonNode line = trail.lines().getFirst();
    assertThat(line.get("time").asString()).isEqualTo("2026-05-01T10:11:12.3456789Z");
    assertThat(line.get("resourceId").asString())
        .isEqualTo("/SUBSCRIPTIONS/S/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.KEYVAULT/VAULTS/V");
    assertThat(line.get("operationName").asString()).isEqualTo("SecretSet");
    assertThat(line.get("operationVersion").asString()).isEqualTo("7.4");
    assertThat(line.get("category").asString()).isEqualTo("AuditEvent");
    assertThat(line.get("resultType").asString()).isEqualTo("Success");
    assertThat(line.get("resultSignature").asString()).isEqualTo("OK");
    assertThat(line.get("resultDescription").asString()).isEmpty();
    assertThat(line.get("durationMs").isString()).isTrue();
    assertThat(line.get("durationMs").asString()).isEqualTo("78");
    assertThat(line.get("callerIpAddress").asString()).isEqualTo("192.0.2.7");
    assertThat(line.get("correlationId").asString()).isEqualTo(row.requestId().guid());
    JsonNode claim = line.get("identity").get("claim");
    String oid = "http://schemas.microsoft.com/identity/claims/objectidentifier";
    assertThat(claim.get(oid).asString())
        .isEqualTo(Trail.principal().objectId().guid());
    assertThat(claim.get("appid").asString())
        .isEqualTo(Trail.principal().appId().orElseThrow().guid());
    JsonNode properties = line.get("properties");
    assertThat(properties.get("seq").asLong()).isEqualTo(1);
    assertThat(properties.get("prev").asString()).isEqualTo("0".repeat(64));
    assertThat(properties.get("journal").asLong()).isEqualTo(row.number());
    assertThat(properties.get("installation").asString()).isEqualTo(Trail.INSTALLATION.guid());
    assertThat(properties.get("node").asString()).isEqualTo(Trail.NODE);
    assertThat(properties.get("clientInfo").asString()).isEqualTo("azsdk-java");
    assertThat(properties.get("requestUri").asString()).isEqualTo("/secrets/name?api-version=7.4");
    assertThat(properties.get("id").asString())
        .isEqualTo("https://v.vault.example/secrets/name/1");
    assertThat(properties.get("httpStatusCode").asInt()).isEqualTo(200);
    assertThat(properties.get("appliedAssignmentId").asString()).isEqualTo("a1");
  }

  @Test
  @Timeout(60)
  void append_firstOfANewSegmentWithSyncEach_isSyncedAtOnce() throws IOException {
    Trail trail = new Trail(folder);
    trail.sync = AuditSync.EACH;
    trail.segmentBytes = 3_000;
    try (AuditLog log = trail.open()) {
      for (int i = 0; i < 20; i++) {
        log.append(Trail.read(i));
        assertThat(log.durable()).isEqualTo(i + 1);
      }
    }
    assertThat(trail.segments()).hasSizeGreaterThan(3);
  }

  @Test
  void take_severalBeforeTheFirstIsWaitedFor_areOneWriteInTheirOrder() throws IOException {
    Trail trail = new Trail(folder);
    FakeFiles files = new FakeFiles(1L << 30);
    try (AuditLog log = trail.open(files)) {
      int before = files.writes.get();
      List<Audit.Taken> taken = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        taken.add(log.take(Trail.read(i)));
      }
      assertThat(files.writes.get()).isEqualTo(before);
      taken.forEach(Audit.Taken::written);
      assertThat(files.writes.get()).isEqualTo(before + 1);
    }
    assertChain(trail, 20);
  }

  @Test
  void append_many_chainEachLineToTheOneBefore() throws IOException {
    Trail trail = new Trail(folder);
    trail.segmentBytes = 4_000;
    try (AuditLog log = trail.open()) {
      for (int i = 0; i < 50; i++) {
        log.append(Trail.read(i));
      }
    }
    assertThat(trail.segments()).hasSizeGreaterThan(5);
    assertChain(trail, 50);
  }

  @Test
  void open_again_goesOnWithTheChain() throws IOException {
    Trail trail = new Trail(folder);
    for (int run = 0; run < 4; run++) {
      try (AuditLog log = trail.open()) {
        log.append(Trail.read(run));
      }
    }
    assertChain(trail, 4);
    assertThat(trail.alarms).isEmpty();
  }

  @Test
  void append_32Threads_oneDenseChainWithEveryRecordOnce() throws Exception {
    Trail trail = new Trail(folder);
    trail.segmentBytes = 20_000;
    int threads = 32;
    int each = 40;
    try (AuditLog log = trail.open();
        ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int from = t * each;
        running.add(
            pool.submit(
                () -> {
                  for (int i = 0; i < each; i++) {
                    log.append(Trail.read(from + i));
                  }
                }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    }
    assertChain(trail, threads * each);
    assertThat(trail.records().stream().map(line -> line.get("correlationId").asString()))
        .doesNotHaveDuplicates();
  }

  @Test
  void append_syncEach_isOnDiskBeforeItReturns() throws IOException {
    Trail trail = new Trail(folder);
    trail.sync = AuditSync.EACH;
    FakeFiles files = new FakeFiles(1 << 20);
    try (AuditLog log = trail.open(files)) {
      int before = files.forces.get();
      log.append(Trail.read(1));
      assertThat(files.forces.get()).isGreaterThan(before);
    }
  }

  @Test
  void append_syncEachAndDiskFails_isRefusedAndStaysSo() throws IOException {
    Trail trail = new Trail(folder);
    trail.sync = AuditSync.EACH;
    FakeFiles files = new FakeFiles(1 << 20);
    try (AuditLog log = trail.open(files)) {
      files.failForce.set(true);
      assertUnavailable(log);
      files.failForce.set(false);
      assertUnavailable(log);
      assertThat(log.isAvailable()).isFalse();
    }
    assertThat(trail.alarms).contains(AuditAlarm.Kind.SYNC_FAILED);
  }

  @Test
  void append_afterClose_isRefused() throws IOException {
    AuditLog log = new Trail(folder).open();
    log.close();
    assertUnavailable(log);
    assertThat(log.isAvailable()).isFalse();
  }

  @Test
  void open_afterATornLine_cutsItAndSaysSo() throws IOException {
    Trail trail = new Trail(folder);
    try (AuditLog log = trail.open()) {
      log.append(Trail.read(1));
      log.append(Trail.read(2));
    }
    Files.writeString(
        trail.segments().getLast(), "{\"properties\":{\"seq\":3,", StandardOpenOption.APPEND);
    try (AuditLog log = trail.open()) {
      log.append(Trail.read(3));
    }
    assertChain(trail, 4);
    JsonNode repair = trail.lines().get(2);
    assertThat(repair.get("operationName").asString()).isEqualTo("AuditRepair");
    assertThat(repair.get("properties").get("tornBytes").asString()).isEqualTo("23");
    assertThat(trail.alarms).isEmpty();
  }

  @Test
  void open_afterAHoleBeforeWholeLines_keepsThemBeside() throws IOException {
    Trail trail = new Trail(folder);
    try (AuditLog log = trail.open()) {
      for (int i = 0; i < 6; i++) {
        log.append(Trail.read(i));
      }
    }
    Path segment = trail.segments().getLast();
    byte[] bytes = Files.readAllBytes(segment);
    int third = nthLine(bytes, 2);
    Arrays.fill(bytes, third, third + 100, (byte) 0);
    Files.write(segment, bytes);
    try (AuditLog log = trail.open()) {
      log.append(Trail.read(7));
    }
    assertChain(trail, 4);
    assertThat(trail.directory().resolve("node-1-3.torn"))
        .hasBinaryContent(Arrays.copyOfRange(bytes, third, bytes.length));
  }

  @Test
  void open_afterAKill_goesOnInThePreallocatedZeros() throws IOException {
    Trail trail = new Trail(folder.resolve("a"));
    trail.segmentBytes = 8_000;
    try (AuditLog log = trail.open()) {
      for (int i = 0; i < 5; i++) {
        log.append(Trail.read(i));
      }
      awaitFile(trail.directory().resolve("node-1.next"));
      for (int i = 5; i < 13; i++) {
        log.append(Trail.read(i));
      }
      Trail killed = trail.copyTo(folder.resolve("b"));
      assertThat(Files.size(killed.segments().getLast())).isEqualTo(8_000);
      try (AuditLog again = killed.open()) {
        again.append(Trail.read(13));
      }
      assertChain(killed, 14);
      assertThat(killed.alarms).isEmpty();
    }
  }

  @Test
  void open_journalOlderThanTheChain_writesEachRecordOnce() throws IOException {
    Trail trail = new Trail(folder);
    for (int i = 0; i < 6; i++) {
      trail.journal.commit(i == 3 ? "other" : Trail.NODE, "SecretSet");
    }
    for (int start = 0; start < 3; start++) {
      trail.open().close();
      assertThat(
              trail.records().stream().map(line -> line.at("/properties/journal").asLong()))
          .containsExactly(1L, 2L, 3L, 5L, 6L);
    }
  }

  @Test
  void open_afterCrashWithAnswersInFlight_recoversExactlyThose() throws IOException {
    Trail trail = new Trail(folder.resolve("a"));
    AuditLog log = trail.openSigning();
    List<JournalRow> rows = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      rows.add(trail.journal.commit(i == 3 ? "other" : Trail.NODE, "SecretSet"));
    }
    log.append(Trail.change(rows.get(1)));
    log.append(Trail.change(rows.get(5)));
    log.checkpoint();
    log.append(Trail.change(rows.get(0)));
    log.append(Trail.change(rows.get(6)));
    Trail killed = trail.copyTo(folder.resolve("b"));
    log.close();
    for (int start = 0; start < 2; start++) {
      try (AuditLog again = killed.open()) {
        assertThat(again.isAvailable()).isTrue();
      }
      List<JsonNode> recovered =
          killed.records().stream()
              .filter(line -> line.at("/properties/recovered").asBoolean())
              .toList();
      assertThat(recovered.stream().map(line -> line.at("/properties/journal").asLong()))
          .containsExactly(3L, 5L, 8L);
      assertThat(recovered.getFirst().get("operationName").asString()).isEqualTo("SecretSet");
      assertThat(recovered.getFirst().get("category").asString()).isEqualTo("AuditEvent");
      assertThat(recovered.getFirst().at("/properties/requestId").asString())
          .isEqualTo(rows.get(2).requestId().guid());
    }
    assertThat(killed.alarms).isEmpty();
  }

  @Test
  void open_databaseRolledBack_isLoudAndTakesNoChanges() throws IOException {
    Trail trail = new Trail(folder);
    try (AuditLog log = trail.openSigning()) {
      for (int i = 0; i < 3; i++) {
        log.append(Trail.change(trail.journal.commit(Trail.NODE, "SecretSet")));
      }
    }
    trail.journal.rollBackTo(2);
    try (AuditLog log = trail.open()) {
      assertThat(log.isJournalBehind()).isTrue();
      assertThat(log.refusalOfChanges()).contains(ErrorCode.STORE_OLDER_THAN_AUDIT);
      assertThat(log.isAvailable()).isTrue();
    }
    assertThat(trail.alarms).contains(AuditAlarm.Kind.JOURNAL_BEHIND);
    assertThat(trail.records().getLast().get("operationName").asString())
        .isEqualTo("AuditJournalBehind");
  }

  @Test
  void open_lastSegmentRemoved_isLoudAndLeavesARecord() throws IOException {
    Trail trail = new Trail(folder);
    trail.segmentBytes = 4_000;
    try (AuditLog log = trail.openSigning()) {
      for (int i = 0; i < 20; i++) {
        log.append(Trail.read(i));
      }
    }
    Files.delete(trail.segments().getLast());
    try (AuditLog log = trail.open()) {
      assertThat(log.isAvailable()).isTrue();
    }
    assertThat(trail.alarms).contains(AuditAlarm.Kind.CHAIN_SHORTENED);
    assertThat(trail.records().getLast().get("operationName").asString()).isEqualTo("AuditGap");
  }

  @Test
  void open_lineChanged_isLoud() throws IOException {
    Trail trail = new Trail(folder);
    try (AuditLog log = trail.open()) {
      for (int i = 0; i < 5; i++) {
        log.append(Trail.read(i));
      }
    }
    Path segment = trail.segments().getFirst();
    Files.writeString(
        segment, Files.readString(segment).replace("request-2", "request-9"));
    try (AuditLog log = trail.open()) {
      log.append(Trail.read(5));
    }
    assertThat(trail.alarms).containsExactly(AuditAlarm.Kind.CHAIN_DAMAGED);
    assertThat(trail.lines()).hasSize(6);
  }

  @Test
  void open_firstSegmentRemoved_isLoud() throws IOException {
    Trail trail = new Trail(folder);
    trail.segmentBytes = 4_000;
    try (AuditLog log = trail.openSigning()) {
      for (int i = 0; i < 20; i++) {
        log.append(Trail.read(i));
      }
    }
    Files.delete(trail.segments().getFirst());
    trail.open().close();
    assertThat(trail.alarms).containsExactly(AuditAlarm.Kind.CHAIN_DAMAGED);
  }

  @Test
  void stopCheckpoints_coversAllAndTheNextKeyGoesOn() throws IOException {
    Trail trail = new Trail(folder);
    try (AuditLog log = trail.openSigning()) {
      log.append(Trail.read(1));
      log.stopCheckpoints();
      log.append(Trail.read(2));
      log.checkpoint();
      assertThat(trail.lines()).hasSize(3);
      log.startCheckpoints(Trail.KEY);
      log.checkpoint();
      assertThat(trail.lines()).hasSize(4);
    }
    assertThat(trail.alarms).isEmpty();
  }

  @Test
  @Timeout(60)
  void raised_alarmThatAppendsAndAlarmThatThrows_doNotStopTheTrail() throws IOException {
    Trail trail = new Trail(folder);
    trail.sync = AuditSync.EACH;
    AuditLog[] opened = new AuditLog[1];
    trail.listener =
        () -> {
          opened[0].append(Trail.read(7));
          throw new IllegalStateException("a listener that fails");
        };
    try (AuditLog log = trail.openSigning()) {
      opened[0] = log;
      log.append(Trail.read(1));
      trail.journal.goAway(true);
      log.checkpoint();
      trail.journal.goAway(false);
      log.append(Trail.read(2));
    }
    assertThat(trail.records()).hasSize(3);
  }

  @Test
  void startCheckpoints_otherKey_isLoud() throws IOException {
    Trail trail = new Trail(folder);
    try (AuditLog log = trail.openSigning()) {
      log.append(Trail.read(1));
    }
    try (AuditLog log = trail.open()) {
      log.startCheckpoints(new AuditKey(Ed25519.generate()));
    }
    assertThat(trail.alarms).contains(AuditAlarm.Kind.CHECKPOINT_FORGED);
  }

  @Test
  void checkpoint_everySoManyRecords_standsInChainAndStore() throws IOException {
    Trail trail = new Trail(folder);
    trail.checkpointRecords = 10;
    try (AuditLog log = trail.openSigning()) {
      for (int i = 0; i < 12; i++) {
        log.append(Trail.read(i));
      }
      await(() -> trail.journal.meta("audit-checkpoint/node-1").isPresent());
      log.append(Trail.read(12));
    }
    List<JsonNode> lines = trail.lines();
    JsonNode last = lines.getLast();
    assertThat(last.get("category").asString()).isEqualTo("AuditCheckpoint");
    Checkpoint.Signed inStore =
        Checkpoint.read(trail.journal.meta("audit-checkpoint/node-1").orElseThrow()).orElseThrow();
    assertThat(Trail.KEY.publicKey().verifies(inStore)).isTrue();
    assertThat(inStore.checkpoint().seq()).isEqualTo(lines.size());
    assertThat(lines).hasSizeGreaterThan(14);
    assertChain(trail, lines.size());
  }

  @Test
  void checkpoint_storeAway_recordsGoOnAndTheNextCoversThem() throws IOException {
    Trail trail = new Trail(folder);
    try (AuditLog log = trail.openSigning()) {
      log.append(Trail.read(1));
      trail.journal.goAway(true);
      log.checkpoint();
      log.append(Trail.read(2));
      trail.journal.goAway(false);
      log.checkpoint();
    }
    assertThat(trail.alarms).containsExactly(AuditAlarm.Kind.CHECKPOINT_FAILED);
    assertThat(trail.lines().getLast().get("category").asString()).isEqualTo("AuditCheckpoint");
  }

  @Test
  void checkpoint_foreignChangesBetween_areNotWaitedFor() throws IOException {
    Trail trail = new Trail(folder);
    try (AuditLog log = trail.openSigning()) {
      trail.journal.commit("other", "SecretSet");
      log.append(Trail.change(trail.journal.commit(Trail.NODE, "SecretSet")));
      trail.journal.commit("other", "SecretSet");
      log.checkpoint();
    }
    Checkpoint.Signed inStore =
        Checkpoint.read(trail.journal.meta("audit-checkpoint/node-1").orElseThrow()).orElseThrow();
    assertThat(inStore.checkpoint().complete()).isEqualTo(3);
    assertThat(inStore.checkpoint().ahead()).isEqualTo("-");
  }

  private static void assertUnavailable(AuditLog log) {
    assertThatThrownBy(() -> log.append(Trail.read(0)))
        .isInstanceOfSatisfying(
            VaultException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.AUDIT_UNAVAILABLE));
  }

  /** The rule of the chain, written a second time. */
  static void assertChain(Trail trail, int lines) throws IOException {
    String prev = "0".repeat(64);
    int seq = 0;
    for (Path segment : trail.segments()) {
      String text = Files.readString(segment, StandardCharsets.US_ASCII);
      for (String line : text.split("\n")) {
        if (line.startsWith("\0") || line.isEmpty()) {
          continue;
        }
        seq++;
        assertThat(line)
            .startsWith("{\"properties\":{\"seq\":" + seq + ",\"prev\":\"" + prev + '"');
        prev =
            HexFormat.of().formatHex(Digests.sha256(line.getBytes(StandardCharsets.US_ASCII)));
      }
    }
    assertThat(seq).isEqualTo(lines);
  }

  static int nthLine(byte[] bytes, int n) {
    int at = 0;
    for (int i = 0; i < n; i++) {
      while (bytes[at++] != '\n') {}
    }
    return at;
  }

  private static void awaitFile(Path file) {
    await(() -> Files.exists(file));
  }

  interface Condition {
    boolean holds() throws IOException;
  }

  static void await(Condition condition) {
    long end = System.nanoTime() + 20_000_000_000L;
    try {
      while (!condition.holds()) {
        assertThat(System.nanoTime()).as("waited long enough").isLessThan(end);
        Thread.sleep(2);
      }
    } catch (InterruptedException | IOException e) {
      throw new AssertionError(e);
    }
  }
}
