package dev.strongroom.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import dev.strongroom.store.JournalRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The disk fills up, stays full, and has space again. */
class AuditSpaceTest {
  private static final long RESERVE = 16_000;

  @TempDir Path folder;

  @Test
  void append_diskFull_goesOnInTheReserveAndRefusesChanges() throws IOException {
    Trail trail = trail();
    FakeFiles files = new FakeFiles(1 << 20);
    int written = 0;
    try (AuditLog log = openWithReserve(trail, files)) {
      log.append(Trail.read(written++));
      assertThat(log.acceptsChanges()).isTrue();
      files.free(0);
      while (!log.isReserveInUse()) {
        log.append(Trail.read(written++));
      }
      assertThat(log.isAvailable()).isTrue();
      assertThat(log.acceptsChanges()).isFalse();
      log.append(Trail.read(written++));
    }
    AuditLogTest.assertChain(trail, written);
    assertThat(trail.alarms).contains(AuditAlarm.Kind.RESERVE_IN_USE);
  }

  @Test
  void append_reserveUsedUp_isRefusedAndLeavesNoPartOfALine() throws IOException {
    Trail trail = trail();
    FakeFiles files = new FakeFiles(1 << 20);
    int written = 0;
    try (AuditLog log = openWithReserve(trail, files)) {
      files.free(0);
      written = fill(log);
      assertThat(log.isAvailable()).isFalse();
      assertThatThrownBy(() -> log.append(Trail.read(0)))
          .isInstanceOfSatisfying(
              VaultException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.AUDIT_UNAVAILABLE));
    }
    AuditLogTest.assertChain(trail, written);
    assertThat(new Verifier(trail.journal, Trail.NODE).verify(trail.data, Optional.empty()).bad())
        .isEmpty();
  }

  @Test
  void append_spaceAgain_makesTheReserveAndGoesOn() throws IOException {
    Trail trail = trail();
    FakeFiles files = new FakeFiles(1 << 20);
    int written;
    try (AuditLog log = openWithReserve(trail, files)) {
      files.free(0);
      written = fill(log);
      files.free(1 << 20);
      AuditLogTest.await(() -> log.isAvailable() && !log.isReserveInUse());
      assertThat(trail.directory().resolve("node-1.reserve")).hasSize(RESERVE);
      log.append(Trail.read(written++));
      assertThat(log.acceptsChanges()).isTrue();
    }
    AuditLogTest.assertChain(trail, written);
    assertThat(trail.alarms).contains(AuditAlarm.Kind.RESERVE_RESTORED);
  }

  @Test
  void append_changeWhoseRecordDidNotFit_isRecordedWhenThereIsSpace() throws IOException {
    Trail trail = trail();
    FakeFiles files = new FakeFiles(1 << 20);
    try (AuditLog log = openWithReserve(trail, files)) {
      files.free(0);
      fill(log);
      JournalRow row = trail.journal.commit(Trail.NODE, "SecretSet");
      assertThatThrownBy(() -> log.append(Trail.change(row))).isInstanceOf(VaultException.class);
      files.free(1 << 20);
      AuditLogTest.await(
          () ->
              trail.records().stream()
                  .anyMatch(line -> line.at("/properties/journal").asLong() == row.number()));
    }
    Verification found =
        new Verifier(trail.journal, Trail.NODE).verify(trail.data, Optional.empty());
    assertThat(found.bad()).isEmpty();
    assertThat(found.recovered()).isEqualTo(1);
  }

  @Test
  void append_partOfALineCannotBeCut_isRefusedUntilItCan() throws IOException {
    Trail trail = trail();
    FakeFiles files = new FakeFiles(1 << 20);
    int written = 0;
    try (AuditLog log = openWithReserve(trail, files)) {
      log.append(Trail.read(written++));
      files.failTruncate.set(true);
      files.free(100);
      assertThatThrownBy(() -> log.append(Trail.read(9))).isInstanceOf(VaultException.class);
      assertThatThrownBy(() -> log.append(Trail.read(9))).isInstanceOf(VaultException.class);
      assertThat(log.isReserveInUse()).isFalse();
      files.failTruncate.set(false);
      log.append(Trail.read(written++));
    }
    AuditLogTest.assertChain(trail, written);
  }

  @Test
  void open_diskFull_usesTheReserveOfTheRunBefore() throws IOException {
    Trail trail = trail();
    try (AuditLog log = openWithReserve(trail, new FakeFiles(1 << 20))) {
      log.append(Trail.read(0));
    }
    JournalRow row = trail.journal.commit(Trail.NODE, "SecretSet");
    try (AuditLog log = trail.open(new FakeFiles(0))) {
      assertThat(log.isReserveInUse()).isTrue();
    }
    AuditLogTest.assertChain(trail, 2);
    assertThat(trail.records().getLast().at("/properties/journal").asLong())
        .isEqualTo(row.number());
  }

  @Test
  void open_noSpaceForTheReserve_refusesChangesUntilThereIs() throws IOException {
    Trail trail = trail();
    FakeFiles files = new FakeFiles(RESERVE);
    try (AuditLog log = trail.open(files)) {
      AuditLogTest.await(log::isReserveInUse);
      assertThat(log.acceptsChanges()).isFalse();
      log.append(Trail.read(0));
      files.free(1 << 20);
      AuditLogTest.await(log::acceptsChanges);
    }
  }

  private Trail trail() {
    Trail trail = new Trail(folder);
    trail.segmentBytes = 8_000;
    trail.reserveBytes = RESERVE;
    return trail;
  }

  private static AuditLog openWithReserve(Trail trail, FakeFiles files) throws IOException {
    AuditLog log = trail.open(files);
    AuditLogTest.await(() -> Files.exists(trail.directory().resolve("node-1.reserve")));
    return log;
  }

  /** Appends until it is refused; the number of records that were taken. */
  private static int fill(AuditLog log) {
    for (int i = 0; ; i++) {
      assertThat(i).isLessThan(1_000);
      try {
        log.append(Trail.read(i));
      } catch (VaultException e) {
        return i;
      }
    }
  }
}
