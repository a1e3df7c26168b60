package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.model.Collection;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.control.Refused;
import dev.strongroom.store.DueRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ObjectPurgeTest {
  private static final ObjectName NAME = new ObjectName("a");

  private final OpenVault vault = new OpenVault();
  private final ObjectPurge purge = new ObjectPurge(Collection.SECRETS, Operation.SECRET_PURGE_IF_DUE, vault.store);

  private DueRow deleted() {
    vault.set("a", "one");
    vault.set("a", "two");
    vault.delete("a");
    return due();
  }

  private DueRow due() {
    List<DueRow> rows = vault.store.due(Instant.MAX, 10);
    assertThat(rows).hasSize(1);
    return rows.getFirst();
  }

  @Test
  void secretPurgeDue_timeHasCome_removesEverythingInOneChange() {
    DueRow row = deleted();
    Id object = row.subject();
    long objectRow = vault.store.findObject(object).orElseThrow().row();
    long before = vault.store.journalHead();
    Origin origin = purge.run(row, row.at()).orElseThrow();
    assertThat(origin.operation()).isEqualTo("SecretPurgeIfDue");
    assertThat(origin.principal()).isEmpty();
    assertThat(origin.journal()).hasValue(before + 1);
    assertThat(vault.store.journal(before, 10))
        .singleElement()
        .satisfies(record -> assertThat(record.note().object()).contains(object));
    assertThat(vault.store.findObject(object)).isEmpty();
    assertThat(vault.store.listVersions(objectRow, 0, 10)).isEmpty();
    assertThat(vault.store.due(Instant.MAX, 10)).isEmpty();
  }

  @Test
  void secretPurgeDue_underPurgeProtection_isDoneAllTheSame() {
    var safe = vault.another("Vault-Safe", 7, true);
    vault.secrets.set(
        safe, NAME, SecretBytes.ofUtf8("x"), SecretChange.none(), vault.origin());
    vault.secrets.delete(safe, NAME, vault.origin());
    DueRow row = due();
    assertThat(row.at()).isEqualTo(Instant.parse("2026-03-08T12:00:00Z"));
    assertThat(purge.run(row, row.at())).isPresent();
    assertThat(vault.store.countObjects(safe.id())).isZero();
  }

  @Test
  void secretPurgeDue_severalWorkersAtOnce_exactlyOneDoesIt() throws Exception {
    DueRow row = deleted();
    long before = vault.store.journalHead();
    List<Future<Optional<Origin>>> done = new ArrayList<>();
    try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 16; i++) {
        done.add(workers.submit(() -> purge.run(row, row.at())));
      }
    }
    int times = 0;
    for (Future<Optional<Origin>> one : done) {
      times += one.get().isPresent() ? 1 : 0;
    }
    assertThat(times).isEqualTo(1);
    assertThat(vault.store.journalHead()).isEqualTo(before + 1);
  }

  @Test
  void secretPurgeDue_recoveredMeanwhile_doesNothing() {
    DueRow row = deleted();
    vault.secrets.recover(vault.container, NAME, vault.origin());
    assertThat(purge.run(row, row.at())).isEmpty();
    assertThat(vault.get("a")).isEqualTo("two");
  }

  @Test
  void secretPurgeDue_recoveredAndDeletedAgain_waitsForTheNewTime() {
    DueRow old = deleted();
    vault.pass(Duration.ofDays(30));
    vault.secrets.recover(vault.container, NAME, vault.origin());
    vault.delete("a");
    DueRow row = due();
    assertThat(row.at()).isEqualTo(old.at().plus(Duration.ofDays(30)));
    assertThat(purge.run(old, old.at())).isEmpty();
    assertThat(due()).isEqualTo(row);
    assertThat(purge.run(row, row.at())).isPresent();
  }

  @Test
  void secretPurgeDue_calledTooEarly_keepsTheSecretAndTheRow() {
    DueRow row = deleted();
    long before = vault.store.journalHead();
    assertThat(purge.run(row, row.at().minusMillis(1))).isEmpty();
    assertThat(due()).isEqualTo(row);
    assertThat(vault.store.journalHead()).isEqualTo(before);
    assertThat(vault.secrets.recover(vault.container, NAME, vault.origin()).isDeleted())
        .isFalse();
  }

  @Test
  void secretPurgeDue_purgedByACaller_leavesNoWork() {
    DueRow row = deleted();
    vault.secrets.purge(vault.container, NAME, vault.origin());
    assertThat(purge.run(row, row.at())).isEmpty();
  }

  @Test
  void secretPurgeDue_crashBeforeItsChange_isDoneByTheNextRun() {
    DueRow row = deleted();
    BetweenStore dying = new BetweenStore(vault.store);
    dying.beforeChange(
        () -> {
          throw new IllegalStateException("killed");
        });
    assertThatThrownBy(() -> new ObjectPurge(Collection.SECRETS, Operation.SECRET_PURGE_IF_DUE, dying).run(row, row.at())).hasMessage("killed");
    assertThat(due()).isEqualTo(row);
    Refused.with(
        ErrorCode.DELETED_SECRET_NOT_FOUND,
        () -> vault.secrets.getDeleted(vault.container, NAME, row.at()));
    assertThat(purge.run(row, row.at())).isPresent();
    assertThat(purge.run(row, row.at())).as("done once").isEmpty();
  }
}
