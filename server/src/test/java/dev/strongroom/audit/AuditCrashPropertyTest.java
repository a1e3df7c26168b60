package dev.strongroom.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.Cases;
import dev.strongroom.store.JournalRow;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Runs of any shape that end without a stop, one after another on the same journal. */
class AuditCrashPropertyTest {
  @Test
  void open_afterAnyCrashes_everyChangeHasExactlyOneRecord() {
    Cases.run(40, AuditCrashPropertyTest::crashThrice);
  }

  private static void crashThrice(Random random) throws IOException {
    Path root = Files.createTempDirectory("audit-crash");
    try {
      Trail trail = new Trail(root.resolve("0"));
      trail.segmentBytes = 5_000;
      for (int crash = 1; crash <= 3; crash++) {
        AuditLog log = trail.openSigning();
        run(trail, log, random);
        Trail left = trail.copyTo(root.resolve(Integer.toString(crash)));
        log.close();
        loseTail(left, random);
        assertThat(verify(left).bad()).isEmpty();
        assertThat(trail.alarms).isEmpty();
        trail = left;
      }
      trail.openSigning().close();
      assertThat(trail.alarms).isEmpty();
      Verification found = verify(trail);
      assertThat(found.bad()).isEmpty();
      assertThat(found.pending()).isZero();
      assertThat(found.changes() + found.elsewhere()).isEqualTo(trail.journal.journalHead());
    } finally {
      try (Stream<Path> files = Files.walk(root)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static void run(Trail trail, AuditLog log, Random random) {
    List<JournalRow> inFlight = new ArrayList<>();
    for (int step = random.nextInt(40); step > 0; step--) {
      switch (random.nextInt(7)) {
        case 0 -> log.append(Trail.read(step));
        case 1 -> trail.journal.commit("other", "SecretSet");
        case 2, 3 -> inFlight.add(trail.journal.commit(Trail.NODE, "SecretSet"));
        case 4, 5 -> {
          if (!inFlight.isEmpty()) {
            log.append(Trail.change(inFlight.remove(random.nextInt(inFlight.size()))));
          }
        }
        default -> log.checkpoint();
      }
    }
  }

  /** What a machine that loses power may lose: the end of what no checkpoint has synced. */
  private static void loseTail(Trail trail, Random random) throws IOException {
    if (random.nextBoolean()) {
      return;
    }
    Path last = trail.segments().getLast();
    long durable =
        trail
            .journal
            .meta(AuditLog.checkpointMeta(Trail.NODE))
            .flatMap(Checkpoint::read)
            .map(signed -> signed.checkpoint().seq())
            .orElse(0L);
    long at = Long.parseLong(last.getFileName().toString().substring(7, 25)) - 1;
    long keep = 0;
    long end = 0;
    try (SegmentLines in = new SegmentLines(Files.newInputStream(last))) {
      while (in.next()) {
        end = in.whole();
        if (++at <= durable) {
          keep = end;
        }
      }
    }
    if (end > keep) {
      try (RandomAccessFile file = new RandomAccessFile(last.toFile(), "rw")) {
        long from = keep + random.nextLong(end - keep);
        long size = file.length();
        file.setLength(from);
        if (random.nextBoolean()) {
          file.setLength(size);
        }
      }
    }
  }

  private static Verification verify(Trail trail) throws IOException {
    return new Verifier(trail.journal, Trail.NODE).verify(trail.data, Optional.empty());
  }
}
