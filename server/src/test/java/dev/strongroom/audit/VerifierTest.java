package dev.strongroom.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.Cases;
import dev.strongroom.crypto.Ed25519;
import dev.strongroom.store.JournalRow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifierTest {
  @TempDir Path folder;

  @Test
  void verify_afterACleanStop_isCleanAndCounts() throws IOException {
    Trail trail = closed(folder, 40);
    Verification found = verify(trail);
    assertThat(found.bad()).isEmpty();
    assertThat(found.records()).isEqualTo(40);
    assertThat(found.answers()).isEqualTo(40);
    assertThat(found.changes()).isEqualTo(20);
    assertThat(found.checkpoints()).isGreaterThanOrEqualTo(2);
    assertThat(found.segments()).isEqualTo(trail.segments().size()).isGreaterThan(3);
    assertThat(found.uncovered()).isZero();
    assertThat(found.pending()).isZero();
    assertThat(found.tornBytes()).isZero();
    assertThat(found.nodes()).containsExactly(Trail.NODE);
  }

  @Test
  void verify_folderWithoutATrail_isCleanUnlessTheStoreKnowsOne() throws IOException {
    Trail trail = new Trail(folder);
    assertThat(verify(trail).isClean()).isTrue();
    closed(folder.resolve("other"), 3);
    Trail removed = closed(folder.resolve("removed"), 3);
    for (Path segment : removed.segments()) {
      Files.delete(segment);
    }
    assertBad(removed, "is gone");
  }

  @Test
  void verify_oneByteChangedAnywhere_isFound() {
    Cases.run(400, VerifierTest::changeOneByte);
  }

  private static void changeOneByte(Random random) throws IOException {
    Trail trail = Sample.TRAIL;
    List<Path> segments = trail.segments();
    Path segment = segments.get(random.nextInt(segments.size()));
    byte[] bytes = Files.readAllBytes(segment);
    byte[] changed = bytes.clone();
    changed[random.nextInt(bytes.length)] ^= (byte) random.nextInt(1, 256);
    try {
      Files.write(segment, changed);
      assertThat(verify(trail).isClean()).isFalse();
    } finally {
      Files.write(segment, bytes);
    }
    assertThat(verify(trail).isClean()).isTrue();
  }

  @Test
  void verify_linesRemovedSwappedOrDoubled_isFound() {
    Cases.run(100, VerifierTest::disturbLines);
  }

  private static void disturbLines(Random random) throws IOException {
    Trail trail = Sample.TRAIL;
    List<Path> segments = trail.segments();
    Path segment = segments.get(random.nextInt(segments.size()));
    byte[] bytes = Files.readAllBytes(segment);
    List<String> lines = new ArrayList<>(Files.readAllLines(segment, StandardCharsets.US_ASCII));
    int at = random.nextInt(lines.size());
    int other = random.nextInt(lines.size());
    switch (random.nextInt(3)) {
      case 0 -> lines.remove(at);
      case 1 -> lines.add(other, lines.get(at));
      default -> {
        if (at == other) {
          lines.clear();
        } else {
          Collections.swap(lines, at, other);
        }
      }
    }
    try {
      Files.writeString(segment, String.join("\n", lines) + (lines.isEmpty() ? "" : "\n"));
      assertThat(verify(trail).isClean()).isFalse();
    } finally {
      Files.write(segment, bytes);
    }
  }

  @Test
  void verify_changedLine_namesTheNextPlace() throws IOException {
    Trail trail = closed(folder, 12);
    Path segment = trail.segments().get(1);
    Files.writeString(
        segment, Files.readString(segment).replaceFirst("192\\.0\\.2\\.7", "192.0.2.8"));
    Verification.BadPlace bad = verify(trail).bad().orElseThrow();
    assertThat(bad.file()).isEqualTo(segment.getFileName().toString());
    assertThat(bad.line()).isEqualTo(2);
    assertThat(bad.what()).contains("was changed");
  }

  @Test
  void verify_segmentRemoved_isFound() throws IOException {
    for (int which : new int[] {0, 1, -1}) {
      Trail trail = closed(folder.resolve("s" + which), 30);
      List<Path> segments = trail.segments();
      Files.delete(which < 0 ? segments.getLast() : segments.get(which));
      assertThat(verify(trail).isClean()).isFalse();
    }
  }

  @Test
  void verify_lastSegmentTruncatedAtALineEnd_isFound() throws IOException {
    Trail trail = closed(folder, 30);
    Path last = trail.segments().getLast();
    byte[] bytes = Files.readAllBytes(last);
    int end = bytes.length - 1;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    Files.write(last, Arrays.copyOf(bytes, end));
    assertBad(trail, "the end was removed");
  }

  @Test
  void verify_chainRewrittenWithoutTheKey_isFound() throws IOException {
    Trail trail = closed(folder.resolve("a"), 20);
    Trail forged = new Trail(folder.resolve("b"));
    try (AuditLog log = forged.open()) {
      log.startCheckpoints(new AuditKey(Ed25519.generate()));
      for (int i = 0; i < 20; i++) {
        log.append(Trail.read(i));
      }
    }
    Files.copy(
        trail.directory().resolve("audit-key.pub"),
        forged.directory().resolve("audit-key.pub"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertBad(forged, "signature is wrong");
  }

  @Test
  void verify_againstATrustedKey_doesNotBelieveTheFolders() throws IOException {
    Trail trail = closed(folder, 5);
    Path own = folder.resolve("own.pub");
    Files.writeString(own, Trail.KEY.publicKey().pem());
    Path other = folder.resolve("other.pub");
    Files.writeString(other, new AuditKey(Ed25519.generate()).publicKey().pem());
    Verifier verifier = new Verifier(trail.journal, Trail.NODE);
    assertThat(verifier.verify(trail.data, Optional.of(own)).bad()).isEmpty();
    assertThat(verifier.verify(trail.data, Optional.of(other)).bad().orElseThrow().what())
        .contains("not the trusted key");
    Files.writeString(other, "no key");
    assertThat(verifier.verify(trail.data, Optional.of(other)).isClean()).isFalse();
  }

  @Test
  void verify_afterAKill_isCleanAndCountsWhatIsLeft() throws IOException {
    Trail trail = new Trail(folder.resolve("a"));
    trail.segmentBytes = 6_000;
    try (AuditLog log = trail.openSigning()) {
      for (int i = 0; i < 4; i++) {
        log.append(Trail.change(trail.journal.commit(Trail.NODE, "SecretSet")));
      }
      log.checkpoint();
      AuditLogTest.await(() -> Files.exists(trail.directory().resolve("node-1.next")));
      for (int i = 0; i < 6; i++) {
        log.append(Trail.read(i));
      }
      trail.journal.commit(Trail.NODE, "SecretDelete");
      Trail killed = trail.copyTo(folder.resolve("b"));
      Verification found = verify(killed);
      assertThat(found.bad()).isEmpty();
      assertThat(found.pending()).isEqualTo(1);
      assertThat(found.uncovered()).isEqualTo(6);
      assertThat(found.unusedBytes()).isPositive();
      Path last = killed.segments().getLast();
      byte[] bytes = Files.readAllBytes(last);
      byte[] torn = "{\"properties\":{\"se".getBytes(StandardCharsets.US_ASCII);
      int end = bytes.length;
      while (bytes[end - 1] == 0) {
        end--;
      }
      System.arraycopy(torn, 0, bytes, end, torn.length);
      Files.write(last, bytes);
      Verification withTorn = verify(killed);
      assertThat(withTorn.bad()).isEmpty();
      assertThat(withTorn.tornBytes()).isEqualTo(torn.length);
      killed.open().close();
      Verification repaired = verify(killed);
      assertThat(repaired.bad()).isEmpty();
      assertThat(repaired.repairs()).isEqualTo(1);
      assertThat(repaired.recovered()).isEqualTo(1);
      assertThat(repaired.pending()).isZero();
    }
  }

  @Test
  void verify_recordOfAChangeMissing_isFound() throws IOException {
    Trail trail = new Trail(folder);
    try (AuditLog log = trail.openSigning()) {
      JournalRow first = trail.journal.commit(Trail.NODE, "SecretSet");
      log.append(Trail.change(trail.journal.commit(Trail.NODE, "SecretSet")));
      log.append(Trail.change(first));
      log.checkpoint();
    }
    trail.journal.remove(1);
    assertBad(trail, "no journal record 1");
  }

  @Test
  void verify_journalNotDense_isFound() throws IOException {
    Trail trail = new Trail(folder);
    try (AuditLog log = trail.openSigning()) {
      trail.journal.commit("other", "SecretSet");
      log.append(Trail.change(trail.journal.commit(Trail.NODE, "SecretSet")));
    }
    assertThat(verify(trail).elsewhere()).isEqualTo(1);
    trail.journal.remove(1);
    assertBad(trail, "journal record 1 is missing");
  }

  @Test
  void verify_databaseRolledBack_isFound() throws IOException {
    Trail trail = closed(folder, 20);
    trail.journal.rollBackTo(6);
    assertThat(verify(trail).isClean()).isFalse();
    Trail onlyReads = new Trail(folder.resolve("b"));
    try (AuditLog log = onlyReads.openSigning()) {
      onlyReads.journal.commit("other", "SecretSet");
      onlyReads.journal.commit("other", "SecretSet");
      log.append(Trail.read(1));
    }
    onlyReads.journal.rollBackTo(1);
    assertBad(onlyReads, "an older database was put back");
  }

  @Test
  void verify_changeRecordedTwiceOrOtherwise_isFound() throws IOException {
    Trail twice = new Trail(folder.resolve("a"));
    Trail otherwise = new Trail(folder.resolve("b"));
    try (AuditLog log = twice.openSigning()) {
      JournalRow row = twice.journal.commit(Trail.NODE, "SecretSet");
      log.append(Trail.change(row));
      log.append(Trail.change(row));
    }
    assertBad(twice, "has a record already");
    try (AuditLog log = otherwise.openSigning()) {
      JournalRow row = otherwise.journal.commit(Trail.NODE, "SecretSet");
      log.append(
          Trail.record(
              "SecretGet",
              200,
              java.util.OptionalLong.of(row.number()),
              row.requestId().guid()));
    }
    assertBad(otherwise, "is SecretSet, not SecretGet");
  }

  @Test
  void verify_storeCheckpointChanged_isFound() throws IOException {
    Trail trail = closed(folder, 10);
    String meta = AuditLog.checkpointMeta(Trail.NODE);
    String kept = new String(trail.journal.meta(meta).orElseThrow(), StandardCharsets.US_ASCII);
    trail.journal.putMeta(
        meta, kept.replaceFirst("journal=[0-9]+", "journal=1").getBytes(StandardCharsets.US_ASCII));
    assertBad(trail, "signature is wrong");
    trail.journal.putMeta(meta, "nonsense".getBytes(StandardCharsets.US_ASCII));
    assertBad(trail, "unreadable");
  }

  @Test
  void verify_afterAStartThatFoundTheEndRemoved_staysBad() throws IOException {
    Trail trail = closed(folder, 30);
    Files.delete(trail.segments().getLast());
    try (AuditLog log = trail.openSigning()) {
      log.append(Trail.read(1));
    }
    assertBad(trail, "had been removed");
  }

  @Test
  void verify_whileALogIsWritten_isClean() throws Exception {
    Trail trail = new Trail(folder);
    trail.segmentBytes = 20_000;
    trail.checkpointRecords = 20;
    try (AuditLog log = trail.openSigning()) {
      Thread writer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; i < 2_000 && !Thread.interrupted(); i++) {
                      log.append(
                          Trail.change(trail.journal.commit(Trail.NODE, "SecretSet")));
                    }
                  });
      try {
        for (int i = 0; i < 15; i++) {
          assertThat(verify(trail).bad()).isEmpty();
        }
      } finally {
        writer.interrupt();
        writer.join();
      }
    }
    assertThat(verify(trail).bad()).isEmpty();
    assertThat(trail.alarms).isEmpty();
  }

  @Test
  void verify_segmentOfAnUnknownShape_isFound() throws IOException {
    Trail trail = closed(folder, 5);
    Files.writeString(
        trail.segments().getLast(), "{\"time\":\"now\"}\n", StandardOpenOption.APPEND);
    assertBad(trail, "does not begin as a record");
  }

  private static Trail closed(Path data, int records) throws IOException {
    Trail trail = new Trail(data);
    trail.segmentBytes = 6_000;
    try (AuditLog log = trail.openSigning()) {
      for (int i = 0; i < records; i++) {
        log.append(
            i % 2 == 0
                ? Trail.read(i)
                : Trail.change(trail.journal.commit(Trail.NODE, "SecretSet")));
        if (i == records / 2) {
          log.checkpoint();
        }
      }
    }
    return trail;
  }

  private static Verification verify(Trail trail) throws IOException {
    return new Verifier(trail.journal, Trail.NODE).verify(trail.data, Optional.empty());
  }

  private static void assertBad(Trail trail, String what) throws IOException {
    assertThat(verify(trail).bad().map(Verification.BadPlace::what).orElse("clean"))
        .contains(what);
  }

  /** A trail of a few segments, made once for the properties, which put it back as it was. */
  private static final class Sample {
    private static final Trail TRAIL = make();

    private static Trail make() {
      try {
        Path data = Files.createTempDirectory("verifier");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(data)));
        return closed(data, 20);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void delete(Path folder) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
