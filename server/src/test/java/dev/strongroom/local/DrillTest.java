package dev.strongroom.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.backup.Identity;
import dev.strongroom.backup.Progress;
import dev.strongroom.model.Id;
import dev.strongroom.model.RuleKind;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.JournalRow;
import dev.strongroom.store.JournalView;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Of the backup of the first format of backups; see {@code formats/README.md}. */
class DrillTest {
  private static final Id INSTALLATION = Id.guid("693c8cc7-9ba4-252f-0b1e-7bd05a79cf3e");
  private static final Instant CREATED = Instant.parse("2026-11-25T15:24:50.838794083Z");
  private static final long JOURNAL = 26;
  private static final long DETAILS = 7;

  @TempDir Path folder;
  private Path backup;

  @BeforeEach
  void unpack() throws IOException {
    backup = copy("backup-1.age");
  }

  private Path copy(String name) throws IOException {
    Path file = folder.resolve(name);
    try (InputStream in = DrillTest.class.getResourceAsStream("/formats/" + name)) {
      Files.copy(in, file);
    }
    return file;
  }

  private Drill drilled(Path file) throws IOException {
    Instant now = CREATED.plusSeconds(3600);
    try (Identity identity = Identity.read(copy("backup-1.identity"))) {
      Drill drill =
          new Drill(
              new Drill.Wanted(
                  file, identity, Optional.empty(), folder.resolve("scratch"), "test"),
              now,
              InstantSource.fixed(now),
              Progress.SILENT);
      drill.run();
      return drill;
    }
  }

  /** A journal of which each change is a minute later than the one before. */
  private record Live(Optional<Id> installation, long journalHead) implements JournalView {
    @Override
    public Optional<byte[]> meta(String name) {
      return installation.map(Id::bytes);
    }

    @Override
    public List<JournalRow> journal(long after, int limit) {
      return List.of(
          new JournalRow(
              after + 1,
              CREATED.plusSeconds(60 * (after + 1 - JOURNAL)),
              "node-1",
              INSTALLATION,
              "SecretSet",
              Optional.empty(),
              Optional.empty(),
              JournalNote.none()));
    }
  }

  @Test
  void run_backupOfTheFirstFormat_opensEverythingInIt() throws Exception {
    Drill drill = drilled(backup);
    drill.unreachable("there is none");
    DrillReport report = drill.end();
    assertThat(report.found().path("failures").toString()).isEqualTo("[]");
    assertThat(report.isPassed()).isTrue();
    JsonNode checked = report.found().path("checked");
    assertThat(checked.path("vaults").asLong()).isEqualTo(3);
    assertThat(checked.path("objects").asLong()).isEqualTo(4);
    assertThat(checked.path("versions").asLong()).isEqualTo(6);
    assertThat(checked.path("keysAndPasswords").asLong()).isEqualTo(1);
    assertThat(checked.path("journalDetails").asLong()).isEqualTo(DETAILS);
    assertThat(report.found().path("rpo").path("seconds").asDouble()).isEqualTo(3600.0);
    assertThat(report.isSigned()).isTrue();
    assertThat(DrillReport.read(report.bytes()).bytes()).isEqualTo(report.bytes());
  }

  @Test
  void compareWith_liveJournal_countsWhatWouldBeLost() throws Exception {
    Drill drill = drilled(backup);
    drill.compareWith(new Live(Optional.of(INSTALLATION), JOURNAL + 5));
    JsonNode rpo = drill.end().found().path("rpo");
    assertThat(rpo.path("missingChanges").asLong()).isEqualTo(5);
    assertThat(rpo.path("seconds").asDouble()).isEqualTo(300.0);
  }

  @Test
  void compareWith_sameHeadOlderOrOther_saysSo() throws Exception {
    Drill same = drilled(backup);
    same.compareWith(new Live(Optional.of(INSTALLATION), JOURNAL));
    DrillReport equal = same.end();
    assertThat(equal.isPassed()).isTrue();
    assertThat(equal.found().path("rpo").path("seconds").asDouble()).isZero();
    same.compareWith(new Live(Optional.of(INSTALLATION), JOURNAL - 1));
    assertThat(same.end().found().path("failures").toString())
        .contains("the live store is older than the backup: its journal ends at 25");
    same.compareWith(new Live(Optional.of(Id.guid("00000000-0000-0000-0000-000000000001")), 1));
    assertThat(same.end().isPassed()).isFalse();
    assertThat(same.end().found().path("failures").toString()).contains("is of installation");
  }

  /** One that is left out would be missed in the count, and fail every drill of who has such. */
  @Test
  void rules_areAllKinds() throws Exception {
    List<RuleKind<?>> kinds = new ArrayList<>();
    for (Field field : RuleKind.class.getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers()) && field.getType() == RuleKind.class) {
        kinds.add((RuleKind<?>) field.get(null));
      }
    }
    assertThat(kinds).isNotEmpty();
    assertThat(Drill.RULES).hasSameElementsAs(kinds).doesNotHaveDuplicates();
  }

  @Test
  void newest_severalFiles_isTheLastChangedBackup() throws Exception {
    Path later = Files.copy(backup, folder.resolve("a.age"));
    Path report = Files.copy(backup, folder.resolve("b.age.drill-1"));
    Files.setLastModifiedTime(backup, FileTime.from(CREATED));
    Files.setLastModifiedTime(later, FileTime.from(CREATED.plusSeconds(1)));
    Files.setLastModifiedTime(report, FileTime.from(CREATED.plusSeconds(2)));
    assertThat(Drill.newest(folder)).isEqualTo(later);
    assertThatThrownBy(() -> Drill.newest(Files.createDirectory(folder.resolve("empty"))))
        .isInstanceOf(LocalException.class)
        .hasMessageContaining("there is no backup");
  }

  @Test
  void read_otherFiles_areRefused() {
    for (String text :
        List.of("", "strongroom-drill/1\n{}\n", "other\n{}\nunsigned\n", "strongroom-drill/1\n{\nunsigned\n",
            "strongroom-drill/1\n{}\nsignature ?\n", "strongroom-drill/1\n{}\nsig\n")) {
      assertThatThrownBy(() -> DrillReport.read(text.getBytes(StandardCharsets.UTF_8)))
          .as(text)
          .isInstanceOf(LocalException.class);
    }
  }
}
