package dev.strongroom.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.Ed25519;
import dev.strongroom.model.Operation;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionTest {
  private static final Retention.Limits A_MONTH =
      new Retention.Limits(OptionalInt.of(30), OptionalInt.empty());

  @TempDir Path folder;

  @Test
  void prune_olderThanTheLimit_removesWholeSegmentsBehindASignedStatement() throws Exception {
    Trail trail = filled(folder, 30);
    List<Path> before = trail.segments();
    Retention.Pruned pruned;
    try (AuditLog log = later(trail, 40)) {
      pruned = prune(log, A_MONTH).orElseThrow();
    }
    assertThat(pruned.first()).isEqualTo(1);
    assertThat(pruned.segments()).isEqualTo(before.size() - 1);
    assertThat(trail.segments()).doesNotContainAnyElementsOf(before.subList(0, before.size() - 1));
    PruneStatement.Signed statement =
        PruneStatements.read(trail.directory(), Trail.NODE).newest().orElseThrow();
    assertThat(statement.statement().last()).isEqualTo(pruned.last());
    assertThat(statement.statement().asked()).isEqualTo("command,days:30");
    assertThat(trail.records())
        .filteredOn(line -> line.get("operationName").asString().equals("AuditPrune"))
        .singleElement()
        .satisfies(
            line ->
                assertThat(line.get("properties").get("statement").asString())
                    .isEqualTo(statement.digest()));
    Verification found = verify(trail);
    assertThat(found.bad()).isEmpty();
    assertThat(found.pruned())
        .singleElement()
        .satisfies(gone -> assertThat(gone.last()).isEqualTo(pruned.last()));
    assertThat(found.pruned().getFirst().toString())
        .startsWith("records 1 to " + pruned.last() + " of node node-1 were pruned");
  }

  @Test
  void prune_nothingOldEnough_removesNothing() throws Exception {
    Trail trail = filled(folder, 30);
    List<Path> before = trail.segments();
    try (AuditLog log = later(trail, 29)) {
      assertThat(prune(log, A_MONTH)).isEmpty();
      assertThat(prune(log, Retention.Limits.NONE)).isEmpty();
    }
    assertThat(trail.segments()).containsAll(before);
    assertThat(trail.directory().resolve("node-1.pruned")).doesNotExist();
  }

  @Test
  void prune_trailLargerThanTheLimit_keepsTheNewestWithinIt() throws Exception {
    Trail trail = new Trail(folder);
    trail.segmentBytes = 300_000;
    try (AuditLog log = trail.openSigning()) {
      for (int i = 0; i < 3_000; i++) {
        log.append(Trail.read(i));
      }
    }
    assertThat(size(trail)).isGreaterThan(2 << 20);
    try (AuditLog log = later(trail, 0)) {
      prune(log, new Retention.Limits(OptionalInt.empty(), OptionalInt.of(1))).orElseThrow();
    }
    assertThat(size(trail)).isLessThan((1 << 20) + 300_000).isGreaterThan(700_000);
    assertThat(verify(trail).bad()).isEmpty();
  }

  @Test
  void prune_again_goesOnFromTheStatementBefore() throws Exception {
    Trail trail = filled(folder, 30);
    try (AuditLog log = later(trail, 40)) {
      prune(log, A_MONTH).orElseThrow();
    }
    trail.now = Trail.NOW.plus(Duration.ofDays(41));
    fill(trail, 30);
    try (AuditLog log = later(trail, 80)) {
      prune(log, A_MONTH).orElseThrow();
    }
    PruneStatements statements = PruneStatements.read(trail.directory(), Trail.NODE);
    assertThat(statements.all()).hasSize(2);
    assertThat(statements.all().getLast().statement().first())
        .isEqualTo(statements.all().getFirst().statement().last() + 1);
    assertThat(verify(trail).bad()).isEmpty();
    trail.openSigning().close();
    assertThat(trail.alarms).isEmpty();
  }

  @Test
  void prune_notYetShipped_keepsIt() throws Exception {
    Trail trail = filled(folder, 30);
    long second = SegmentName.list(trail.directory()).get(Trail.NODE).get(1).first();
    try (AuditLog log = later(trail, 40)) {
      try (Retention none = new Retention(log, A_MONTH, Duration.ofDays(1), () -> second - 2)) {
        assertThat(none.prune(A_MONTH, Retention.Asked.COMMAND)).isEmpty();
      }
      try (Retention first = new Retention(log, A_MONTH, Duration.ofDays(1), () -> second - 1)) {
        assertThat(first.prune(A_MONTH, Retention.Asked.COMMAND).orElseThrow().last())
            .isEqualTo(second - 1);
      }
    }
    assertThat(verify(trail).bad()).isEmpty();
  }

  @Test
  void prune_whileTheChainIsHeld_isRefused() throws Exception {
    Trail trail = filled(folder, 30);
    try (AuditLog log = later(trail, 40)) {
      try (AuditLog.Held _ = log.hold()) {
        assertThatThrownBy(() -> prune(log, A_MONTH)).isInstanceOf(Retention.Refused.class);
      }
      assertThat(prune(log, A_MONTH)).isPresent();
    }
  }

  @Test
  void prune_whileSealed_isRefused() throws Exception {
    Trail trail = filled(folder, 30);
    trail.now = Trail.NOW.plus(Duration.ofDays(40));
    try (AuditLog log = trail.open()) {
      assertThatThrownBy(() -> prune(log, A_MONTH)).hasMessageContaining("sealed");
    }
  }

  @Test
  void prune_damagedSegment_isKeptAsEvidence() throws Exception {
    Trail trail = filled(folder, 30);
    Path second = trail.segments().get(1);
    Files.writeString(
        second, Files.readString(second).replaceFirst("192\\.0\\.2\\.7", "192.0.2.8"));
    List<Path> before = trail.segments();
    try (AuditLog log = later(trail, 40)) {
      assertThatThrownBy(() -> prune(log, A_MONTH)).hasMessageContaining("evidence");
    }
    assertThat(trail.alarms).contains(AuditAlarm.Kind.CHAIN_DAMAGED);
    assertThat(trail.segments()).containsAll(before);
  }

  @Test
  void prune_recordThatToldOfTampering_isCountedInTheStatement() throws Exception {
    Trail trail = new Trail(folder);
    trail.segmentBytes = 4_000;
    trail.journal.commit("other", "SecretSet");
    fill(trail, 3);
    trail.journal.rollBackTo(0);
    fill(trail, 20);
    assertThat(verify(trail).isClean()).isFalse();
    trail.journal.commit("other", "SecretSet");
    try (AuditLog log = later(trail, 40)) {
      prune(log, A_MONTH).orElseThrow();
    }
    Verification found = verify(trail);
    assertThat(found.bad()).isEmpty();
    assertThat(found.pruned().getFirst().findings()).isEqualTo(1);
    assertThat(found.pruned().getFirst().toString()).contains("told of tampering");
  }

  @Test
  void prune_killedBeforeAnyOfItsSteps_verifiesAndFinishesAtTheNextStart() throws Exception {
    Trail trail = new Trail(folder.resolve("live"));
    trail.segmentBytes = 4_000;
    changes(trail, 24);
    trail.now = Trail.NOW.plus(Duration.ofDays(40));
    List<Trail> killed = new ArrayList<>();
    Steps steps = new Steps();
    try (AuditLog log = trail.open(steps)) {
      log.startCheckpoints(Trail.KEY);
      log.append(Trail.read(0));
      steps.before(
          Thread.currentThread(),
          () -> killed.add(trail.copyTo(folder.resolve("kill-" + killed.size()))));
      prune(log, A_MONTH).orElseThrow();
      steps.before(Thread.currentThread(), () -> {});
    }
    assertThat(killed).hasSizeGreaterThan(12);
    int kept = trail.segments().size();
    int finished = 0;
    for (Trail left : killed) {
      assertThat(verify(left).bad()).as(left.data.toString()).isEmpty();
      boolean isStated = Files.exists(left.directory().resolve("node-1.pruned"));
      finished += isStated ? 1 : 0;
      try (AuditLog log = left.openSigning();
          Retention none =
              new Retention(
                  log, Retention.Limits.NONE, Duration.ofDays(1000), () -> Long.MAX_VALUE)) {
        none.round();
      }
      assertThat(left.alarms).isEmpty();
      assertThat(left.segments().size() == kept).isEqualTo(isStated);
      Verification found = verify(left);
      assertThat(found.bad()).as(left.data.toString()).isEmpty();
      assertThat(found.pruned()).hasSize(isStated ? 1 : 0);
      assertThat(found.pending()).isZero();
    }
    assertThat(finished).isGreaterThan(6);
  }

  @Test
  void prune_failureOfAnyOfItsSteps_losesNothingThatIsNotStated() throws Exception {
    for (int failing = 0; failing < 40; failing++) {
      Trail trail = new Trail(folder.resolve("fail-" + failing));
      trail.segmentBytes = 4_000;
      changes(trail, 24);
      trail.now = Trail.NOW.plus(Duration.ofDays(40));
      int[] left = {failing};
      Steps steps = new Steps();
      try (AuditLog log = trail.open(steps)) {
        log.startCheckpoints(Trail.KEY);
        log.append(Trail.read(0));
        steps.before(
            Thread.currentThread(),
            () -> {
              if (left[0]-- == 0) {
                throw new IOException("Input/output error");
              }
            });
        try (Retention retention = retention(log, A_MONTH)) {
          retention.round();
        }
        steps.before(Thread.currentThread(), () -> {});
      }
      assertThat(verify(trail).bad()).as("step " + failing).isEmpty();
      try (AuditLog log = trail.openSigning();
          Retention retention = retention(log, A_MONTH)) {
        retention.round();
      }
      assertThat(verify(trail).bad()).as("after step " + failing).isEmpty();
      assertThat(verify(trail).pruned()).hasSize(1);
    }
  }

  @Test
  void open_afterPruning_knowsWhatWasPrunedOfTheJournal() throws Exception {
    Trail trail = new Trail(folder);
    trail.segmentBytes = 4_000;
    changes(trail, 24);
    try (AuditLog log = later(trail, 40)) {
      prune(log, A_MONTH).orElseThrow();
    }
    long begins = SegmentName.list(trail.directory()).get(Trail.NODE).getFirst().first();
    assertThat(begins).isGreaterThan(20);
    try (AuditLog log = trail.open()) {
      assertThat(log.coverage()).startsWith("24 ");
    }
    assertThat(trail.records())
        .noneMatch(line -> line.get("properties").path("recovered").asBoolean(false));
    assertThat(verify(trail).bad()).isEmpty();
    trail.journal.rollBackTo(10);
    assertThat(verify(trail).bad().orElseThrow().what()).contains("older database");
  }

  @Test
  void open_noCheckpointBehindTheStatement_takesTheStatementsCoverage() throws Exception {
    Trail trail = new Trail(folder);
    trail.segmentBytes = 4_000;
    changes(trail, 24);
    List<SegmentName> all = SegmentName.list(trail.directory()).get(Trail.NODE);
    ChainEnd end = ChainEnd.readAll(all.subList(0, all.size() - 1), Optional.empty());
    PruneStatement statement = statement(end);
    Path last = all.getLast().file();
    String text = Files.readString(last);
    String signed = text.substring(text.lastIndexOf('\n', text.length() - 2) + 1);
    assertThat(signed).contains("\"checkpoint\"");
    Files.writeString(last, text.substring(0, text.length() - signed.length()));
    ChainEnd found =
        ChainEnd.read(
            List.of(all.getLast()), Optional.of(statement), OptionalLong.empty());
    assertThat(found.damage()).isEmpty();
    assertThat(found.coverage().contains(1)).isTrue();
    assertThat(found.coverage().complete()).isEqualTo(24);
  }

  @Test
  void verify_beginsLaterThanTheStatementSays_isFound() throws Exception {
    Trail trail = pruned(folder);
    fill(trail, 20);
    Files.delete(trail.segments().getFirst());
    assertThat(verify(trail).bad().orElseThrow().what()).contains("no statement says");
    trail.open().close();
    assertThat(trail.alarms).contains(AuditAlarm.Kind.CHAIN_DAMAGED);
  }

  @Test
  void verify_statementTakenAwayChangedOrOfAnother_isFound() throws Exception {
    Trail trail = pruned(folder.resolve("a"));
    Path file = trail.directory().resolve("node-1.pruned");
    String text = Files.readString(file);
    Files.delete(file);
    assertThat(verify(trail).bad().orElseThrow().what()).contains("no statement says");
    Files.writeString(file, text.replaceFirst("segments=\\d+", "segments=1"));
    assertThat(verify(trail).bad().orElseThrow().what()).contains("signature is wrong");
    Files.writeString(file, text.replaceFirst("first=1 ", "first=2 "));
    assertThat(verify(trail).bad().orElseThrow().what()).contains("no statement that goes on");
    Files.writeString(file, "");
    assertThat(verify(trail).isClean()).isFalse();

    PruneStatement genuine =
        PruneStatement.read(text.strip()).orElseThrow().statement();
    AuditKey other = new AuditKey(Ed25519.generate());
    Files.writeString(file, genuine.sign(other).line() + '\n');
    assertThat(verify(trail).bad().orElseThrow().what()).contains("signature is wrong");
    trail.openSigning().close();
    assertThat(trail.alarms).contains(AuditAlarm.Kind.CHECKPOINT_FORGED);
    Files.writeString(file, text);
    assertThat(verify(trail).bad()).isEmpty();
  }

  @Test
  void verify_statementOfAnOlderTimePutBack_isFound() throws Exception {
    Trail trail = pruned(folder);
    Path file = trail.directory().resolve("node-1.pruned");
    Path kept = folder.resolve("kept");
    Files.copy(file, kept);
    fill(trail, 30);
    try (AuditLog log = later(trail, 200)) {
      prune(log, A_MONTH).orElseThrow();
    }
    assertThat(verify(trail).bad()).isEmpty();
    Files.copy(kept, file, StandardCopyOption.REPLACE_EXISTING);
    assertThat(verify(trail).isClean()).isFalse();
  }

  @Test
  void verify_firstRecordBehindTheStatementChanged_isFound() throws Exception {
    Trail trail = pruned(folder);
    Path first = trail.segments().getFirst();
    String text = Files.readString(first);
    String prev = text.substring(text.indexOf("\"prev\":\"") + 8).substring(0, 64);
    Files.writeString(first, text.replace(prev, "0".repeat(64)));
    assertThat(verify(trail).isClean()).isFalse();
  }

  @Test
  void prunedCopy_restoredElsewhere_verifies() throws Exception {
    Trail trail = pruned(folder.resolve("a"));
    Trail copy = new Trail(folder.resolve("b"), trail.journal.copy());
    Files.createDirectories(copy.directory());
    try (AuditLog log = trail.openSigning();
        AuditLog.Held _ = log.hold()) {
      ChainCopy chain =
          ChainCopy.of(
              trail.directory(),
              Trail.NODE,
              log.newest(),
              trail.journal.meta(AuditLog.checkpointMeta(Trail.NODE)));
      assertThat(chain.segments().getFirst()).isEqualTo("node-1.pruned");
      for (String name : chain.segments()) {
        assertThat(ChainCopy.isSegment(name)).isTrue();
        try (OutputStream out = Files.newOutputStream(copy.directory().resolve(name))) {
          assertThat(chain.write(name, out)).isPositive();
        }
      }
    }
    Files.writeString(copy.directory().resolve(CheckpointKey.FILE), Trail.KEY.publicKey().pem());
    Verification found = verify(copy);
    assertThat(found.bad()).isEmpty();
    assertThat(found.pruned()).hasSize(1);
  }

  @Test
  void round_segmentOlderThanItsAge_goesOnInANewOne() throws Exception {
    Trail trail = filled(folder, 1);
    int before = trail.segments().size();
    try (AuditLog log = later(trail, 2);
        Retention retention =
            new Retention(
                log, Retention.Limits.NONE, Duration.ofDays(3), () -> Long.MAX_VALUE)) {
      retention.round();
      assertThat(trail.segments()).hasSize(before);
      trail.now = Trail.NOW.plus(Duration.ofDays(4));
      retention.round();
      assertThat(trail.segments()).hasSize(before + 1);
      retention.round();
      assertThat(trail.segments()).hasSize(before + 1);
      log.append(Trail.read(7));
    }
    assertThat(verify(trail).bad()).isEmpty();
  }

  private static PruneStatement statement(ChainEnd end) {
    return new PruneStatement(
        Trail.INSTALLATION,
        Trail.NODE,
        1,
        end.seq(),
        end.hash(),
        1,
        end.findings(),
        Trail.NOW,
        end.lastJournal(),
        end.coverage().complete(),
        end.coverage().ahead(),
        "command,days:30",
        Trail.KEY.publicKey().id());
  }

  /** A trail of small segments, closed. */
  private static Trail filled(Path folder, int reads) throws IOException {
    Trail trail = new Trail(folder);
    trail.segmentBytes = 4_000;
    fill(trail, reads);
    return trail;
  }

  private static void fill(Trail trail, int reads) throws IOException {
    try (AuditLog log = trail.openSigning()) {
      for (int i = 0; i < reads; i++) {
        log.append(Trail.read(i));
      }
    }
  }

  private static void changes(Trail trail, int count) throws IOException {
    try (AuditLog log = trail.openSigning()) {
      for (int i = 0; i < count; i++) {
        log.append(Trail.change(trail.journal.commit(Trail.NODE, "SecretSet")));
        if (i == count / 2) {
          log.checkpoint();
        }
      }
    }
  }

  /** One that was pruned once. */
  private static Trail pruned(Path folder) throws Exception {
    Trail trail = filled(folder, 30);
    try (AuditLog log = later(trail, 40)) {
      prune(log, A_MONTH).orElseThrow();
    }
    return trail;
  }

  private static AuditLog later(Trail trail, int days) throws IOException {
    trail.now = Trail.NOW.plus(Duration.ofDays(days));
    AuditLog log = trail.openSigning();
    log.append(Trail.read(0));
    return log;
  }

  private static Retention retention(AuditLog log, Retention.Limits limits) {
    return new Retention(log, limits, Duration.ofDays(1000), () -> Long.MAX_VALUE);
  }

  private static Optional<Retention.Pruned> prune(AuditLog log, Retention.Limits limits)
      throws Exception {
    try (Retention retention = retention(log, limits)) {
      return retention.prune(limits, Retention.Asked.COMMAND);
    }
  }

  private static long size(Trail trail) throws IOException {
    long all = 0;
    for (Path segment : trail.segments()) {
      all += Files.size(segment);
    }
    return all;
  }

  private static Verification verify(Trail trail) throws IOException {
    return new Verifier(trail.journal, Trail.NODE).verify(trail.data, Optional.empty());
  }

  /** A disk that says what one thread is about to do to it. */
  private static final class Steps implements SegmentFiles {
    private final DiskFiles disk = new DiskFiles();
    private volatile Thread thread;
    private volatile Step step = () -> {};

    private interface Step {
      void run() throws IOException;
    }

    void before(Thread of, Step run) {
      step = run;
      thread = of;
    }

    private void say() throws IOException {
      if (Thread.currentThread() == thread) {
        step.run();
      }
    }

    @Override
    public SegmentFile open(Path file, long offset) throws IOException {
      say();
      SegmentFile opened = disk.open(file, offset);
      return new SegmentFile() {
        @Override
        public void write(byte[] bytes, int start, int length) throws IOException {
          say();
          opened.write(bytes, start, length);
        }

        @Override
        public void force() throws IOException {
          say();
          opened.force();
        }

        @Override
        public void truncate(long length) throws IOException {
          say();
          opened.truncate(length);
        }

        @Override
        public void close() throws IOException {
          opened.close();
        }
      };
    }

    @Override
    public void preallocate(Path file, long length) throws IOException {
      disk.preallocate(file, length);
    }

    @Override
    public void rename(Path file, Path name) throws IOException {
      say();
      disk.rename(file, name);
    }

    @Override
    public void delete(Path file) throws IOException {
      say();
      disk.delete(file);
    }

    @Override
    public long usableSpace(Path directory) throws IOException {
      return disk.usableSpace(directory);
    }

    @Override
    public void forceNames(Path directory) throws IOException {
      say();
      disk.forceNames(directory);
    }
  }
}
