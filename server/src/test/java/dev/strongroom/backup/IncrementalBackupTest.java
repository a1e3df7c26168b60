package dev.strongroom.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.audit.AuditKey;
import dev.strongroom.audit.AuditLog;
import dev.strongroom.audit.AuditRecord;
import dev.strongroom.audit.AuditSettings;
import dev.strongroom.audit.AuditSync;
import dev.strongroom.audit.Verification;
import dev.strongroom.audit.Verifier;
import dev.strongroom.model.Curve;
import dev.strongroom.model.Id;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.ObjectName;
import dev.strongroom.seal.FileSlot;
import dev.strongroom.seal.SlotKey;
import dev.strongroom.store.Loading;
import dev.strongroom.store.OpenSql;
import dev.strongroom.store.Snapshot;
import dev.strongroom.store.SqlStore;
import dev.strongroom.vault.OpenVault;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IncrementalBackupTest {
  private static final String NODE = "node-1";
  private static final Id INSTALLATION = Id.guid("0f2c8a51-7d3e-4b1c-9a60-5e1b8c0d7f11");
  private static final String LONG = "x".repeat(2_000);

  @TempDir Path folder;
  private Path data;
  private Path files;
  private SqlStore store;
  private OpenVault vault;
  private AuditLog trail;
  private AuditKey key;
  private final Identity.Hybrid identity = Identity.generate();
  private final List<String> live = new ArrayList<>();
  private int made;

  @BeforeEach
  void open() throws IOException {
    data = Files.createDirectory(folder.resolve("data"));
    files = Files.createDirectory(folder.resolve("files"));
    vault =
        new OpenVault(
            seal -> {
              try {
                store = OpenSql.sqlite(data, NODE, seal, (table, row) -> {}, this::now);
                return store;
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            },
            (_, _) -> List.of());
    store.putMeta(ServerBackup.SLOTS, vault.slots.bytes());
    // small segments, so that there are several
    trail =
        AuditLog.open(
            AuditSettings.of(data.resolve("audit"), INSTALLATION, NODE, AuditSync.EACH, 1 << 14, 0),
            store,
            (kind, what) -> {},
            this::now);
    key = AuditKey.open(store, vault.seal, trail, this::now);
    trail.startCheckpoints(key);
  }

  @AfterEach
  void close() throws IOException {
    trail.close();
    store.close();
    identity.close();
  }

  private Instant now() {
    return vault == null ? OpenVault.START : vault.now;
  }

  private ServerBackup server(Id installation) {
    return new ServerBackup(
        store,
        vault.seal,
        trail,
        data.resolve("audit"),
        data.resolve("backups"),
        key,
        installation,
        "test",
        this::now);
  }

  private Path backup(Optional<Path> since) throws IOException {
    return backup(INSTALLATION, since);
  }

  private Path backup(Id installation, Optional<Path> since) throws IOException {
    Path file = files.resolve("backup-" + ++made + ".age");
    Optional<String> id = Optional.empty();
    if (since.isPresent()) {
      id = Optional.of(BackupReader.id(since.get()));
    }
    vault.now = vault.now.plusSeconds(60);
    try (OutputStream out = Files.newOutputStream(file)) {
      server(installation)
          .write(
              out,
              List.of(Recipient.find(identity.recipient()).orElseThrow()),
              id,
              of -> {},
              Progress.SILENT);
    }
    return file;
  }

  private void secret(String name) {
    if (!live.contains(name)) {
      live.add(name);
    }
    vault.set(name, LONG + name);
    record();
  }

  private void record() {
    trail.append(
        AuditRecord.withoutRequest(
            now(),
            "SecretGet",
            AuditRecord.AUDIT_EVENT,
            "test",
            200,
            OptionalLong.empty(),
            Map.of()));
  }

  private void purge(String name) {
    live.remove(name);
    vault.delete(name);
    record();
    vault.secrets.purge(vault.container, new ObjectName(name), vault.origin());
    record();
  }

  private Comparison.Found compare(Path file) throws IOException {
    try (Snapshot now = OpenSql.snapshot(data)) {
      return Comparison.run(file, identity, Optional.empty(), now, Progress.SILENT);
    }
  }

  private static void assertSame(Comparison.Found found) {
    assertThat(found.named()).isEmpty();
    assertThat(found.compared()).isGreaterThan(10);
  }

  private Manifest restore(Path file, Path into) throws IOException {
    Files.createDirectory(into);
    try (SlotKey slot = FileSlot.unwritten();
        Loading loading = OpenSql.load(into, this::now)) {
      return Restore.run(
          file,
          identity,
          Optional.empty(),
          loading,
          into.resolve("audit"),
          slot,
          now(),
          Progress.SILENT);
    }
  }

  @Test
  void write_sinceAnyEarlierOne_isTogetherWithItWhatTheStoreHas() throws IOException {
    Random random = new Random(20261125);
    List<Path> all = new ArrayList<>();
    for (int round = 0; round < 12; round++) {
      for (int i = 0; i < 12; i++) {
        int what = random.nextInt(10);
        if (what < 6 || live.isEmpty()) {
          secret("secret-" + random.nextInt(40));
        } else if (what < 8) {
          purge(live.get(random.nextInt(live.size())));
        } else {
          vault.create("key-" + random.nextInt(5), new KeySpec.Ec(Curve.P_256));
          record();
        }
      }
      Optional<Path> since =
          all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
      all.add(backup(since));
      assertSame(compare(all.getLast()));
    }
    Path into = folder.resolve("restored");
    Manifest manifest = restore(all.getLast(), into);
    assertThat(manifest.base()).isPresent();
    assertThat(manifest.segments()).hasSizeGreaterThan(2);
    try (Snapshot restored = OpenSql.snapshot(into)) {
      assertSame(
          Comparison.run(
              all.getLast(), identity, Optional.empty(), restored, Progress.SILENT));
    }
    try (SqlStore again =
        OpenSql.sqlite(into, NODE, vault.seal, (table, row) -> {}, this::now)) {
      Verification found = new Verifier(again, NODE).verify(into, Optional.empty());
      assertThat(found.bad()).isEmpty();
      assertThat(found.records()).isEqualTo(manifest.auditedUpTo());
    }
  }

  @Test
  void write_littleChanged_isSmall() throws IOException {
    for (int i = 0; i < 200; i++) {
      secret("secret-" + i);
    }
    Path whole = backup(Optional.empty());
    secret("secret-7");
    purge("secret-100");
    Path more = backup(Optional.of(whole));
    assertSame(compare(more));
    assertThat(Files.size(more)).isLessThan(Files.size(whole) / 8);
  }

  @Test
  void read_withoutTheOtherOne_saysWhichIsNeeded() throws IOException {
    secret("one");
    Path whole = backup(Optional.empty());
    secret("two");
    Path more = backup(Optional.of(whole));
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Path alone = Files.copy(more, elsewhere.resolve("more.age"));
    assertThatThrownBy(() -> compare(alone))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("is incremental: put the backup of 2026-03-01T12:01:00.750Z into");

    // under any name, and beside whatever else there is
    Files.writeString(elsewhere.resolve("a note"), "not a backup");
    Files.copy(whole, elsewhere.resolve("renamed"));
    assertSame(compare(alone));
  }

  @Test
  void exception_textOfAFile_cannotCommandATerminal() {
    assertThat(new BackupException("of \u001b[2J\u009b1m\n now")).hasMessage("of ?[2J?1m? now");
  }

  @Test
  void read_otherOneDamaged_isRefusedWithThePlace() throws IOException {
    for (int i = 0; i < 100; i++) {
      secret("secret-" + i);
    }
    Path whole = backup(Optional.empty());
    Path more = backup(Optional.of(whole));
    byte[] content = Files.readAllBytes(whole);
    content[content.length / 2] ^= 1;
    Files.write(whole, content);
    assertThatThrownBy(() -> compare(more))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining(whole + ": the file is damaged in chunk");
    assertThatThrownBy(() -> restore(more, folder.resolve("nothing")))
        .isInstanceOf(BackupException.class);
    assertThat(folder.resolve("nothing/audit")).doesNotExist();
  }

  @Test
  void write_sinceWhatTheStoreDidNotGoOnFrom_isRefused() throws IOException {
    secret("one");
    Path whole = backup(Optional.empty());
    Path kept = data.resolve("backups").resolve(BackupReader.id(whole) + ".json");
    secret("two");
    assertThatThrownBy(() -> backup(vault.container.id(), Optional.of(whole)))
        .hasMessageContaining("of node node-1 of installation")
        .hasMessageContaining("without --since");

    String text = Files.readString(kept);
    Files.writeString(kept, text.replaceFirst("\"change\":\"....", "\"change\":\"0000"));
    assertThatThrownBy(() -> backup(Optional.of(whole)))
        .hasMessageContaining("another history");
    Files.writeString(kept, text.replaceFirst("wrapped_key owner", "wrapped_key other"));
    assertThatThrownBy(() -> backup(Optional.of(whole))).hasMessageContaining("another format");
    Files.writeString(kept, text.substring(9));
    assertThatThrownBy(() -> backup(Optional.of(whole))).hasMessageContaining("is damaged");
    Files.delete(kept);
    assertThatThrownBy(() -> backup(Optional.of(whole)))
        .hasMessageContaining("this node did not make that backup");
  }

  @Test
  void keep_manyBackups_forgetsTheOldest() throws IOException {
    Path kept = data.resolve("backups");
    Path first = backup(Optional.empty());
    Path oldest = kept.resolve(BackupReader.id(first) + ".json");
    Files.setLastModifiedTime(oldest, FileTime.fromMillis(1));
    for (int i = 1; i < MadeBackups.MOST; i++) {
      Files.createFile(kept.resolve(i + ".json"));
    }
    assertThat(oldest).exists();
    backup(Optional.empty());
    assertThat(oldest).doesNotExist();
    assertThat(Files.list(kept)).hasSize(MadeBackups.MOST);
  }
}
