package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.audit.AuditLog;
import dev.strongroom.audit.AuditSettings;
import dev.strongroom.audit.AuditSync;
import dev.strongroom.crypto.KeyBackend;
import dev.strongroom.crypto.KeyCache;
import dev.strongroom.crypto.Material;
import dev.strongroom.crypto.OpenKey;
import dev.strongroom.local.Operator;
import dev.strongroom.model.Assurance;
import dev.strongroom.model.Container;
import dev.strongroom.model.Curve;
import dev.strongroom.model.Id;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Origin;
import dev.strongroom.model.PrivateJwk;
import dev.strongroom.seal.Seal;
import dev.strongroom.store.DueRow;
import dev.strongroom.store.JournalRow;
import dev.strongroom.store.OpenSql;
import dev.strongroom.store.Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KeyRotationTest {
  private static final ObjectName NAME = new ObjectName("k");
  private static final KeySpec EC = new KeySpec.Ec(Curve.P_256);
  private static final Instant SECOND = OpenVault.START.truncatedTo(ChronoUnit.SECONDS);

  private final OpenVault vault = new OpenVault();

  private static RotationPolicy after(int days, int expiry) {
    return new RotationPolicy(
        Optional.of(new RotationPolicy.AfterCreate(Span.ofDays(days))),
        Span.ofDays(10),
        Optional.of(Span.ofDays(expiry)));
  }

  private void set(RotationPolicy policy) {
    vault.keys.setRotationPolicy(vault.container, NAME, policy, vault.origin());
  }

  private KeyChange change(Boolean enabled, Instant expires) {
    return new KeyChange(
        Optional.ofNullable(enabled),
        Optional.empty(),
        Optional.ofNullable(expires),
        Optional.empty(),
        Optional.empty());
  }

  private void update(KeyChange wanted) {
    vault.keys.update(vault.container, NAME, Optional.empty(), wanted, vault.origin());
  }

  private List<DueRow> due() {
    return vault.store.due(Instant.parse("2999-01-01T00:00:00Z"), 10).stream()
        .filter(row -> !row.kind().equals("key-purge"))
        .toList();
  }

  private void nothingButThesesDue(Map<String, Instant> expected) {
    assertThat(due())
        .allSatisfy(row -> assertThat(expected).containsEntry(row.kind(), row.at()))
        .hasSameSizeAs(expected.entrySet());
  }

  private List<Key> versions() {
    return vault.keys.listVersions(vault.container, NAME, 0, 100);
  }

  // what is due when

  @Test
  void due_policySet_isCountedFromTheNewestVersion() {
    vault.create("k", EC);
    nothingButThesesDue(Map.of());
    vault.pass(Duration.ofDays(3));
    set(after(30, 60));
    nothingButThesesDue(Map.of(KeyRotation.ROTATE, SECOND.plus(Duration.ofDays(30))));
    set(RotationPolicy.NONE);
    nothingButThesesDue(Map.of());
  }

  @Test
  void due_versionThatExpires_hasANoticeEvenWithoutAPolicy() {
    vault.create("k", EC, change(null, SECOND.plus(Duration.ofDays(100))));
    nothingButThesesDue(Map.of(KeyRotation.NOTICE, SECOND.plus(Duration.ofDays(70))));
    set(
        new RotationPolicy(
            Optional.of(new RotationPolicy.BeforeExpiry(Span.ofDays(20))),
            Span.ofDays(10),
            Optional.of(Span.ofDays(90))));
    nothingButThesesDue(
        Map.of(
            KeyRotation.NOTICE, SECOND.plus(Duration.ofDays(90)),
            KeyRotation.ROTATE, SECOND.plus(Duration.ofDays(80))));
    update(change(null, SECOND.plus(Duration.ofDays(50))));
    nothingButThesesDue(
        Map.of(
            KeyRotation.NOTICE, SECOND.plus(Duration.ofDays(40)),
            KeyRotation.ROTATE, SECOND.plus(Duration.ofDays(30))));
  }

  @Test
  void due_disabledDeletedPurgedOrFollowed_movesWithTheKey() {
    vault.create("k", EC);
    set(after(30, 60));
    update(change(false, null));
    nothingButThesesDue(Map.of());
    update(change(true, null));
    assertThat(due()).hasSize(1);
    vault.keys.delete(vault.container, NAME, vault.origin());
    nothingButThesesDue(Map.of());
    vault.keys.recover(vault.container, NAME, vault.origin());
    assertThat(due()).hasSize(1);
    vault.pass(Duration.ofDays(5));
    vault.create("k", EC);
    nothingButThesesDue(Map.of(KeyRotation.ROTATE, SECOND.plus(Duration.ofDays(35))));
    vault.keys.delete(vault.container, NAME, vault.origin());
    vault.keys.purge(vault.container, NAME, vault.origin());
    assertThat(vault.store.due(Instant.parse("2999-01-01T00:00:00Z"), 10)).isEmpty();
  }

  @Test
  void due_olderVersionOrTagsChanged_staysAsItIs() {
    Key first = vault.create("k", EC);
    vault.create("k", EC, change(null, SECOND.plus(Duration.ofDays(100))));
    List<DueRow> before = due();
    vault.keys.update(
        vault.container,
        NAME,
        Optional.of(first.object().version()),
        change(false, SECOND.plus(Duration.ofDays(40))),
        vault.origin());
    update(
        new KeyChange(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(Map.of("a", "1")),
            Optional.empty()));
    assertThat(due()).isEqualTo(before);
  }

  // doing it

  @Test
  void rotate_timeHasCome_makesOneVersionAndMakesTheNextOneDue() {
    Key first = vault.create("k", EC);
    set(after(30, 60));
    DueRow row = due().getFirst();
    vault.pass(Duration.ofDays(30));
    long head = vault.store.journalHead();
    Origin origin = vault.keys.rotation().rotate(row, vault.now).orElseThrow();
    assertThat(origin.operation()).isEqualTo("KeyRotateIfDue");
    assertThat(origin.principal()).isEmpty();
    assertThat(origin.journal()).hasValue(head + 1);
    assertThat(vault.store.journalHead()).isEqualTo(head + 1);
    assertThat(versions()).hasSize(2);
    Key second = versions().getLast();
    assertThat(second.jwk()).isNotEqualTo(first.jwk());
    assertThat(second.object().attributes().expires())
        .contains(SECOND.plus(Duration.ofDays(90)));
    nothingButThesesDue(
        Map.of(
            KeyRotation.ROTATE, SECOND.plus(Duration.ofDays(60)),
            KeyRotation.NOTICE, SECOND.plus(Duration.ofDays(80))));
    assertThat(vault.keys.rotation().rotate(row, vault.now)).as("done once").isEmpty();
    assertThat(versions()).hasSize(2);
  }

  @Test
  void rotate_manyWorkersAtOnce_makeOneVersion() throws Exception {
    vault.create("k", EC);
    set(after(30, 60));
    DueRow row = due().getFirst();
    vault.pass(Duration.ofDays(30));
    List<Future<Optional<Origin>>> done = new ArrayList<>();
    try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 8; i++) {
        done.add(workers.submit(() -> vault.keys.rotation().rotate(row, vault.now)));
      }
    }
    int times = 0;
    for (Future<Optional<Origin>> one : done) {
      times += one.get().isPresent() ? 1 : 0;
    }
    assertThat(times).isEqualTo(1);
    assertThat(versions()).hasSize(2);
  }

  @Test
  void rotate_undoneMeanwhile_doesNothing() {
    vault.create("k", EC);
    set(after(30, 60));
    DueRow row = due().getFirst();
    vault.pass(Duration.ofDays(30));
    update(change(false, null));
    assertThat(vault.keys.rotation().rotate(row, vault.now)).isEmpty();
    vault.keys.delete(vault.container, NAME, vault.origin());
    assertThat(vault.keys.rotation().rotate(row, vault.now)).isEmpty();
    vault.keys.purge(vault.container, NAME, vault.origin());
    assertThat(vault.keys.rotation().rotate(row, vault.now)).isEmpty();
  }

  @Test
  void rotate_aNewVersionCameBetween_leavesTheRotationToItsNewTime() {
    vault.create("k", EC);
    set(after(30, 60));
    DueRow row = due().getFirst();
    vault.pass(Duration.ofDays(30));
    BetweenStore between = new BetweenStore(vault.store);
    between.beforeChange(() -> vault.create("k", EC));
    assertThat(vault.keysOf(between).rotation().rotate(row, vault.now)).isEmpty();
    assertThat(versions()).hasSize(2);
    nothingButThesesDue(Map.of(KeyRotation.ROTATE, SECOND.plus(Duration.ofDays(60))));
  }

  @Test
  void notice_timeHasCome_isARecordAndNothingElse() {
    vault.create("k", EC, change(null, SECOND.plus(Duration.ofDays(100))));
    DueRow row = due().getFirst();
    vault.pass(Duration.ofDays(70));
    long head = vault.store.journalHead();
    Origin origin = vault.keys.rotation().notice(row, vault.now).orElseThrow();
    assertThat(origin.operation()).isEqualTo("KeyNearExpiryEventGridNotification");
    assertThat(vault.store.journalHead()).isEqualTo(head + 1);
    JournalRow record = vault.store.journal(head, 1).getFirst();
    assertThat(record.note().version()).contains(versions().getFirst().object().version());
    assertThat(due()).isEmpty();
    assertThat(vault.keys.rotation().notice(row, vault.now)).isEmpty();
  }

  // crashes

  /** Where the job is stopped. */
  enum Stop {
    BEFORE_THE_KEY_IS_MADE,
    AFTER_THE_KEY_WAS_MADE,
    BEFORE_THE_CHANGE,
    AT_THE_END_OF_THE_CHANGE,
    AFTER_THE_CHANGE,
    BEFORE_THE_RECORD,
    AFTER_THE_RECORD
  }

  private static final class Killed extends RuntimeException {}

  /** One life of a server in a folder, which may be killed at one place. */
  private static final class Life {
    final Store store;
    final AuditLog audit;
    final Operator operator;
    final Keys keys;
    private final Optional<Stop> stop;

    Life(Path folder, OpenVault installation, Instant now, Optional<Stop> stop)
        throws IOException {
      this.stop = stop;
      store = sqlite(folder, installation.seal, now);
      installation.reopened(store);
      BetweenStore between = new BetweenStore(store);
      between.beforeEveryChange(() -> at(Stop.BEFORE_THE_CHANGE));
      between.endOfEveryChange(() -> at(Stop.AT_THE_END_OF_THE_CHANGE));
      between.afterEveryChange(() -> at(Stop.AFTER_THE_CHANGE));
      audit =
          AuditLog.open(
              AuditSettings.of(
                  folder.resolve("audit"), new Id(1, 1), "node-1", AuditSync.GROUP, 64 << 20, 1 << 20),
              store,
              (kind, what) -> {
                throw new AssertionError(kind + what);
              },
              InstantSource.fixed(now));
      operator = new Operator(audit, InstantSource.fixed(now));
      keys =
          new Keys(
              between,
              installation.seal,
              new StoppedBackend(this::at),
              new KeyCache(InstantSource.fixed(now)),
              OpenVault.LANES);
    }

    private void at(Stop place) {
      if (stop.equals(Optional.of(place))) {
        throw new Killed();
      }
    }

    /** As due work does it. */
    void round(Instant now) {
      for (DueRow row : store.due(now, 10)) {
        keys.rotation()
            .rotate(row, now)
            .ifPresent(
                origin -> {
                  at(Stop.BEFORE_THE_RECORD);
                  operator.record(origin, 200, Map.of());
                  at(Stop.AFTER_THE_RECORD);
                });
      }
    }
  }

  private record StoppedBackend(Consumer<Stop> at) implements KeyBackend {
    @Override
    public Assurance assurance() {
      return Assurance.SOFTWARE;
    }

    @Override
    public Material generate(KeySpec spec) {
      at.accept(Stop.BEFORE_THE_KEY_IS_MADE);
      Material made = OpenVault.BACKEND.generate(spec);
      at.accept(Stop.AFTER_THE_KEY_WAS_MADE);
      return made;
    }

    @Override
    public Material importJwk(PrivateJwk jwk) {
      return OpenVault.BACKEND.importJwk(jwk);
    }

    @Override
    public OpenKey open(Material material) {
      return OpenVault.BACKEND.open(material);
    }

    @Override
    public void forgetSpares() {}

    @Override
    public void close() {}
  }

  private static Store sqlite(Path folder, Seal seal, Instant now) {
    try {
      return OpenSql.sqlite(
          folder,
          "node-1",
          seal,
          (table, key) -> {
            throw new AssertionError(table + ' ' + key + " fails its check");
          },
          InstantSource.fixed(now));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @EnumSource(Stop.class)
  void rotate_killedAnywhere_hasHappenedOnceAfterTheRestart(Stop stop, @TempDir Path folder)
      throws IOException {
    Path data = Files.createDirectory(folder.resolve("data"));
    OpenVault disk = new OpenVault(seal -> sqlite(data, seal, OpenVault.START));
    Container container = disk.container;
    disk.create("k", EC);
    disk.keys.setRotationPolicy(container, NAME, after(30, 60), disk.origin());
    long head = disk.store.journalHead();
    disk.store.close();
    Instant then = OpenVault.START.plus(Duration.ofDays(31));

    Life killed = new Life(data, disk, then, Optional.of(stop));
    assertThatThrownBy(() -> killed.round(then)).isInstanceOf(Killed.class);
    killed.store.close();

    Life restarted = new Life(data, disk, then, Optional.empty());
    restarted.round(then);
    restarted.round(then);
    assertThat(restarted.keys.listVersions(container, NAME, 0, 10)).hasSize(2);
    assertThat(restarted.store.journal(head, 10))
        .singleElement()
        .satisfies(record -> assertThat(record.operation()).isEqualTo("KeyRotateIfDue"));
    restarted.audit.close();
    restarted.store.close();
    assertThat(records(data.resolve("audit")))
        .as("records of the rotation")
        .filteredOn(line -> line.contains("\"operationName\":\"KeyRotateIfDue\""))
        .singleElement()
        .satisfies(line -> assertThat(line).contains("\"journal\":" + (head + 1)));
  }

  private static List<String> records(Path folder) throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        lines.addAll(
            Files.readString(file, StandardCharsets.ISO_8859_1).lines().toList());
      }
    }
    return lines;
  }
}
