package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.control.Refused;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Attributes;
import dev.strongroom.model.Collection;
import dev.strongroom.model.Container;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Origin;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.VaultException;
import dev.strongroom.store.DueRow;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.JournalRow;
import dev.strongroom.store.ObjectRow;
import dev.strongroom.store.OpenSql;
import dev.strongroom.store.VersionRow;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsTest {
  private static final ObjectName NAME = new ObjectName("Db-Password");
  private static final Instant SECOND = OpenVault.START.truncatedTo(ChronoUnit.SECONDS);

  private final OpenVault vault = new OpenVault();
  private final Secrets secrets = vault.secrets;
  private final Container container = vault.container;

  private static SecretChange enabled(boolean enabled) {
    return new SecretChange(
        Optional.of(enabled),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static SecretChange all() {
    return new SecretChange(
        Optional.of(true),
        Optional.of(SECOND.plusSeconds(10)),
        Optional.of(SECOND.plusSeconds(20)),
        Optional.of(Map.of("a", "1", "b", "2")),
        Optional.of("text/plain"));
  }

  private VaultObject update(Optional<Id> version, SecretChange wanted) {
    return secrets.update(container, NAME, version, wanted, vault.origin());
  }

  private JournalRow lastRecord() {
    return vault.store.journal(vault.store.journalHead() - 1, 1).getFirst();
  }

  private VaultObject insertManaged() {
    ObjectName name = new ObjectName("from-certificate");
    VaultObject model = vault.set("model", "pem");
    Id id = Randoms.id();
    var key = vault.seal.newObjectKey(container.id(), id);
    return vault.store.change(
        vault.origin(),
        JournalNote.none(),
        tx -> {
          ObjectRow row =
              tx.insert(
                  new ObjectRow(
                      id, container.id(), Collection.SECRETS, name.text(), key, 1, true, SECOND));
          VersionRow was =
              tx.findHead(container.id(), Collection.SECRETS, "model").orElseThrow().version();
          VersionRow version =
              new VersionRow(
                  row.row(), 1, Randoms.id(), Optional.empty(), was.attributes(), Map.of(),
                  Optional.empty(), Optional.empty(), was.value());
          tx.insert(version);
          return new Stored(container, row, version).shown();
        });
  }

  // set and get

  @Test
  void secretSet_new_hasDefaultsAndWholeSeconds() {
    Origin origin = vault.origin();
    VaultObject made =
        secrets.set(container, NAME, SecretBytes.ofUtf8("s3cret"), SecretChange.none(), origin);
    assertThat(made.attributes())
        .isEqualTo(new Attributes(true, Optional.empty(), Optional.empty(), SECOND, SECOND));
    assertThat(made.tags()).isEmpty();
    assertThat(made.contentType()).isEmpty();
    assertThat(made.previous()).isEmpty();
    assertThat(made.name()).isEqualTo("Db-Password");
    assertThat(vault.get("Db-Password")).isEqualTo("s3cret");
    JournalRow record = lastRecord();
    assertThat(origin.journal()).hasValue(record.number());
    assertThat(record.note())
        .isEqualTo(
            JournalNote.object(
                container.id(),
                Collection.SECRETS,
                made.object(),
                Optional.of(made.version())));
  }

  @Test
  void secretSet_again_isNewVersionThatNamesTheOneBefore() {
    VaultObject first = vault.set("a", "one", all());
    vault.pass(Duration.ofSeconds(5));
    VaultObject second = vault.set("a", "two");
    assertThat(second.previous()).contains(first.version());
    assertThat(second.version()).isNotEqualTo(first.version());
    assertThat(second.tags()).as("nothing is inherited").isEmpty();
    assertThat(second.contentType()).isEmpty();
    assertThat(second.object()).isEqualTo(first.object());
    assertThat(vault.store.findObject(second.object()).orElseThrow().created()).isEqualTo(SECOND);
    assertThat(vault.get("a")).isEqualTo("two");
    assertThat(vault.get(container, "a", Optional.of(first.version()))).isEqualTo("one");
  }

  @Test
  void secretSet_nameInOtherCase_isTheSameSecretInTheSpellingOfCreation() {
    vault.set("MixedCase", "one");
    VaultObject second = vault.set("mixedCASE", "two");
    assertThat(second.name()).isEqualTo("MixedCase");
    assertThat(vault.get("MIXEDcase")).isEqualTo("two");
    assertThat(secrets.list(container, "", 25, vault.now)).hasSize(1);
  }

  @Test
  void secretSet_underDeletedName_isConflict() {
    vault.set("a", "one");
    vault.delete("a");
    VaultException refusal =
        Refused.with(ErrorCode.OBJECT_DELETED_BUT_RECOVERABLE, () -> vault.set("A", "two"));
    assertThat(refusal)
        .hasMessage(
            "Secret A is currently in a deleted but recoverable state, and its name cannot be"
                + " reused; in this state, the secret can only be recovered or purged.");
    assertThat(vault.store.countObjects(container.id())).isEqualTo(1);
  }

  @Test
  void secretSet_overNameThatIsGone_beginsAnewAndDropsTheOldOne() {
    VaultObject old = vault.set("a", "one");
    vault.delete("a");
    vault.pass(Duration.ofDays(90));
    VaultObject made = vault.set("A", "two");
    assertThat(made.object()).isNotEqualTo(old.object());
    assertThat(made.name()).isEqualTo("A");
    assertThat(made.previous()).isEmpty();
    assertThat(vault.store.findObject(old.object())).isEmpty();
    assertThat(vault.store.due(Instant.MAX, 10)).isEmpty();
    assertThat(vault.get("a")).isEqualTo("two");
    assertThat(secrets.listVersions(container, new ObjectName("a"), 0, 25)).hasSize(1);
  }

  @Test
  void secretSet_emptyAndBinaryLikeValues_comeBackAsTheyAre() {
    for (String value : List.of("", "\0\r\n", "\uD83D\uDD11 ключ", "x".repeat(25_600))) {
      vault.set("v", value);
      assertThat(vault.get("v")).isEqualTo(value);
    }
  }

  @Test
  void secretSet_ofACertificate_isRefused() {
    insertManaged();
    Refused.with(ErrorCode.OBJECT_MANAGED, () -> vault.set("From-Certificate", "mine"));
  }

  @Test
  void secretSet_vaultPurgedSinceTheRequestWasTaken_leavesNoOrphan() {
    byte[] blob = vault.secrets.backup(container, new ObjectName(vault.set("kept", "x").name()));
    BetweenStore between = new BetweenStore(vault.store);
    Secrets racing = new Secrets(between, vault.seal);
    Container gone = vault.another("Vault-2", 90, false);
    between.beforeChange(() -> purge(gone));
    Refused.with(
        ErrorCode.HOST_UNKNOWN,
        () ->
            racing.set(
                gone, NAME, SecretBytes.ofUtf8("late"), SecretChange.none(), vault.origin()));
    Container goneToo = vault.another("Vault-3", 90, false);
    between.beforeChange(() -> purge(goneToo));
    Refused.with(ErrorCode.HOST_UNKNOWN, () -> racing.restore(goneToo, blob, vault.origin()));
    assertThat(vault.store.countObjects(gone.id())).isZero();
    assertThat(vault.store.countObjects(goneToo.id())).isZero();
  }

  private void purge(Container gone) {
    vault.store.change(
        vault.origin(),
        JournalNote.none(),
        tx -> {
          tx.purgeObjects(gone.id());
          tx.removeKeys(gone.id());
          tx.remove(RuleKind.CONTAINER, gone.key());
          return null;
        });
  }

  @Test
  void secretSet_fortyAtOnceOfOneNewName_allBecomeVersionsOfOneSecret(@TempDir Path data)
      throws Exception {
    OpenVault durable = new OpenVault(seal -> sqlite(data, seal));
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      CountDownLatch go = new CountDownLatch(1);
      List<Future<VaultObject>> results = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        String value = "value " + i;
        String name = i % 2 == 0 ? "Contended" : "contended";
        results.add(
            callers.submit(
                () -> {
                  go.await();
                  return durable.set(name, value);
                }));
      }
      go.countDown();
      Set<Id> versions = new HashSet<>();
      Set<Id> objects = new HashSet<>();
      for (Future<VaultObject> result : results) {
        versions.add(result.get().version());
        objects.add(result.get().object());
      }
      assertThat(objects).hasSize(1);
      assertThat(versions).hasSize(40);
      List<VaultObject> listed =
          durable.secrets.listVersions(
              durable.container, new ObjectName("contended"), 0, 100);
      assertThat(listed).hasSize(40);
      Optional<Id> before = Optional.empty();
      Set<String> values = new HashSet<>();
      for (VaultObject one : listed) {
        assertThat(one.previous()).isEqualTo(before);
        before = Optional.of(one.version());
        values.add(durable.get(durable.container, "contended", before));
      }
      assertThat(values).hasSize(40);
    } finally {
      durable.store.close();
    }
  }

  private static dev.strongroom.store.Store sqlite(Path data, dev.strongroom.seal.Seal seal) {
    try {
      return OpenSql.sqlite(
          data,
          "node-1",
          seal,
          (table, key) -> {
            throw new AssertionError(table + ' ' + key + " fails its check");
          },
          InstantSource.fixed(OpenVault.START));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void secretGet_unknownNameOrVersion_isNotFound() {
    vault.set("a", "one");
    Id other = Randoms.id();
    VaultException refusal =
        Refused.with(
            ErrorCode.SECRET_NOT_FOUND, () -> vault.get(container, "a", Optional.of(other)));
    assertThat(refusal).hasMessageContaining("(name/id) a/" + other.hex() + " was not found");
    Refused.with(ErrorCode.SECRET_NOT_FOUND, () -> vault.get("b"));
    Container elsewhere = vault.another("Vault-2", 90, false);
    Refused.with(
        ErrorCode.SECRET_NOT_FOUND, () -> vault.get(elsewhere, "a", Optional.empty()));
  }

  @Test
  void secretGet_versionOfAnotherSecret_isNotFound() {
    VaultObject one = vault.set("a", "one");
    vault.set("b", "two");
    Refused.with(
        ErrorCode.SECRET_NOT_FOUND,
        () -> vault.get(container, "b", Optional.of(one.version())));
  }

  @Test
  void secretGet_notYetValidOrExpired_isAnsweredAllTheSame() {
    vault.set("a", "one", all());
    assertThat(vault.get("a")).isEqualTo("one");
    vault.pass(Duration.ofDays(1));
    assertThat(vault.get("a")).isEqualTo("one");
  }

  @Test
  void secretGet_disabled_isRefusedForThatVersionOnly() {
    VaultObject off = vault.set("a", "one", enabled(false));
    Refused.with(ErrorCode.SECRET_DISABLED, () -> vault.get("a"));
    vault.set("a", "two");
    assertThat(vault.get("a")).isEqualTo("two");
    Refused.with(
        ErrorCode.SECRET_DISABLED,
        () -> vault.get(container, "a", Optional.of(off.version())));
  }

  @Test
  void secretGet_deleted_isNotFound() {
    VaultObject made = vault.set("a", "one");
    vault.delete("a");
    Refused.with(ErrorCode.SECRET_NOT_FOUND, () -> vault.get("a"));
    Refused.with(
        ErrorCode.SECRET_NOT_FOUND,
        () -> vault.get(container, "a", Optional.of(made.version())));
  }

  // update

  @Test
  void secretUpdate_someMembers_leavesTheOthers() {
    VaultObject made = vault.set(NAME.text(), "one", all());
    vault.pass(Duration.ofSeconds(7));
    VaultObject off = update(Optional.empty(), enabled(false));
    assertThat(off.attributes())
        .isEqualTo(
            new Attributes(
                false,
                Optional.of(SECOND.plusSeconds(10)),
                Optional.of(SECOND.plusSeconds(20)),
                SECOND,
                SECOND.plusSeconds(7)));
    assertThat(off.tags()).isEqualTo(Map.of("a", "1", "b", "2"));
    assertThat(off.contentType()).contains("text/plain");
    assertThat(off.version()).isEqualTo(made.version());
    VaultObject tagged =
        update(
            Optional.of(made.version()),
            new SecretChange(
                Optional.of(true),
                Optional.empty(),
                Optional.of(SECOND.plusSeconds(99)),
                Optional.of(Map.of("c", "3")),
                Optional.of("")));
    assertThat(tagged.tags()).as("tags are replaced whole").isEqualTo(Map.of("c", "3"));
    assertThat(tagged.contentType()).contains("");
    assertThat(tagged.attributes().expires()).contains(SECOND.plusSeconds(99));
    assertThat(tagged.attributes().notBefore()).contains(SECOND.plusSeconds(10));
    assertThat(vault.get(NAME.text())).as("the value stays").isEqualTo("one");
  }

  @Test
  void secretUpdate_olderVersion_leavesTheNewest() {
    VaultObject first = vault.set(NAME.text(), "one");
    VaultObject second = vault.set(NAME.text(), "two");
    VaultObject changed = update(Optional.of(first.version()), enabled(false));
    assertThat(changed.version()).isEqualTo(first.version());
    assertThat(vault.get(NAME.text())).isEqualTo("two");
    assertThat(lastRecord().note().version()).contains(first.version());
    assertThat(second.attributes().enabled()).isTrue();
  }

  @Test
  void secretUpdate_ofAbsentOrDeleted_isNotFound() {
    Refused.with(ErrorCode.SECRET_NOT_FOUND, () -> update(Optional.empty(), enabled(true)));
    vault.set(NAME.text(), "one");
    Refused.with(
        ErrorCode.SECRET_NOT_FOUND, () -> update(Optional.of(Randoms.id()), enabled(true)));
    vault.delete(NAME.text());
    Refused.with(ErrorCode.SECRET_NOT_FOUND, () -> update(Optional.empty(), enabled(true)));
  }

  @Test
  void secretUpdate_newVersionComesBetween_journalNamesTheVersionThatChanged() {
    vault.set(NAME.text(), "one");
    BetweenStore between = new BetweenStore(vault.store);
    Secrets racing = new Secrets(between, vault.seal);
    between.beforeChange(() -> vault.set(NAME.text(), "two"));
    VaultObject changed =
        racing.update(container, NAME, Optional.empty(), enabled(false), vault.origin());
    assertThat(changed.number()).isEqualTo(2);
    assertThat(lastRecord().note().version()).contains(changed.version());
    assertThat(vault.store.journalHead()).as("no attempt leaves a record").isEqualTo(5);
  }

  @Test
  void secretDelete_remadeBetween_journalNamesTheSecretThatWasDeleted() {
    vault.set(NAME.text(), "one");
    BetweenStore between = new BetweenStore(vault.store);
    Secrets racing = new Secrets(between, vault.seal);
    between.beforeChange(
        () -> {
          vault.delete(NAME.text());
          secrets.purge(container, NAME, vault.origin());
          vault.set(NAME.text(), "two");
        });
    VaultObject deleted = racing.delete(container, NAME, vault.origin());
    assertThat(lastRecord().note().object()).contains(deleted.object());
    assertThat(vault.store.findObject(deleted.object()).orElseThrow().isDeleted()).isTrue();
  }

  @Test
  void secretSet_alwaysOvertaken_givesUpWithBusy() {
    BetweenStore between = new BetweenStore(vault.store);
    Secrets racing = new Secrets(between, vault.seal);
    between.beforeEveryChange(
        () -> {
          if (vault.store.findObject(container.id(), Collection.SECRETS, NAME.folded()).isEmpty()) {
            vault.set(NAME.text(), "theirs");
          } else {
            vault.delete(NAME.text());
            secrets.purge(container, NAME, vault.origin());
          }
        });
    VaultException refusal =
        Refused.with(
            ErrorCode.BUSY,
            () ->
                racing.set(
                    container,
                    NAME,
                    SecretBytes.ofUtf8("mine"),
                    SecretChange.none(),
                    vault.origin()));
    assertThat(refusal.headers()).containsEntry("Retry-After", "1");
  }

  // delete, recover, purge

  @Test
  void secretDelete_live_isHiddenAndDueAfterRetention() {
    Container days7 = vault.another("Vault-7", 7, false);
    secrets.set(days7, NAME, SecretBytes.ofUtf8("x"), SecretChange.none(), vault.origin());
    VaultObject deleted = secrets.delete(days7, NAME, vault.origin());
    assertThat(deleted.deleted()).contains(SECOND);
    Instant purge = SECOND.plus(Duration.ofDays(7));
    assertThat(deleted.scheduledPurge()).contains(purge);
    assertThat(secrets.list(days7, "", 25, vault.now)).isEmpty();
    assertThat(secrets.listDeleted(days7, "", 25, vault.now)).containsExactly(deleted);
    assertThat(secrets.getDeleted(days7, new ObjectName("DB-password"), vault.now))
        .isEqualTo(deleted);
    assertThat(vault.store.due(purge, 10))
        .containsExactly(
            new DueRow(
                ObjectPurge.kind(Collection.SECRETS),
                deleted.object(),
                days7.id(),
                purge,
                vault.store.journalHead()));
    Refused.with(
        ErrorCode.SECRET_NOT_FOUND, () -> secrets.delete(days7, NAME, vault.origin()));
    Refused.with(
        ErrorCode.SECRET_NOT_FOUND, () -> secrets.listVersions(days7, NAME, 0, 25));
    Refused.with(ErrorCode.SECRET_NOT_FOUND, () -> secrets.backup(days7, NAME));
  }

  @Test
  void secretDelete_disabled_isAllowedButGetDeletedIsRefused() {
    vault.set(NAME.text(), "one", enabled(false));
    vault.delete(NAME.text());
    Refused.with(
        ErrorCode.SECRET_DISABLED, () -> secrets.getDeleted(container, NAME, vault.now));
    assertThat(secrets.listDeleted(container, "", 25, vault.now)).hasSize(1);
  }

  @Test
  void secretRecover_deleted_bringsAllVersionsBackAndCancelsThePurge() {
    VaultObject first = vault.set(NAME.text(), "one", all());
    vault.set(NAME.text(), "two");
    vault.delete(NAME.text());
    VaultObject live = secrets.recover(container, NAME, vault.origin());
    assertThat(live.isDeleted()).isFalse();
    assertThat(live.scheduledPurge()).isEmpty();
    assertThat(vault.get(NAME.text())).isEqualTo("two");
    assertThat(vault.get(container, NAME.text(), Optional.of(first.version())))
        .isEqualTo("one");
    assertThat(vault.store.due(Instant.MAX, 10)).isEmpty();
    vault.pass(Duration.ofDays(200));
    assertThat(vault.get(NAME.text())).isEqualTo("two");
    assertThat(vault.set(NAME.text(), "three").number()).isEqualTo(3);
  }

  @Test
  void deletedOperations_onLiveOrAbsent_areNotFound() {
    for (int i = 0; i < 2; i++) {
      VaultException refusal =
          Refused.with(
              ErrorCode.DELETED_SECRET_NOT_FOUND,
              () -> secrets.getDeleted(container, NAME, vault.now));
      assertThat(refusal).hasMessage("Deleted Secret not found: Db-Password");
      Refused.with(
          ErrorCode.DELETED_SECRET_NOT_FOUND,
          () -> secrets.recover(container, NAME, vault.origin()));
      Refused.with(
          ErrorCode.DELETED_SECRET_NOT_FOUND,
          () -> secrets.purge(container, NAME, vault.origin()));
      vault.set(NAME.text(), "live now");
    }
    assertThat(vault.get(NAME.text())).isEqualTo("live now");
  }

  @Test
  void deletedOperations_goneByTimeButNotPurgedYet_areNotFound() {
    vault.set(NAME.text(), "one");
    vault.set("z", "kept");
    vault.delete(NAME.text());
    vault.pass(Duration.ofDays(1));
    vault.delete("z");
    vault.now = SECOND.plus(Duration.ofDays(90)).minusMillis(1);
    assertThat(secrets.listDeleted(container, "", 25, vault.now)).hasSize(2);
    vault.pass(Duration.ofMillis(1));
    assertThat(vault.store.countObjects(container.id())).isEqualTo(2);
    assertThat(secrets.listDeleted(container, "", 1, vault.now))
        .extracting(secret -> secret.name())
        .containsExactly("z");
    Refused.with(
        ErrorCode.DELETED_SECRET_NOT_FOUND,
        () -> secrets.getDeleted(container, NAME, vault.now));
    Refused.with(
        ErrorCode.DELETED_SECRET_NOT_FOUND,
        () -> secrets.recover(container, NAME, vault.origin()));
    Refused.with(
        ErrorCode.DELETED_SECRET_NOT_FOUND, () -> secrets.purge(container, NAME, vault.origin()));
    Refused.with(ErrorCode.SECRET_NOT_FOUND, () -> vault.get(NAME.text()));
  }

  @Test
  void secretPurge_deleted_leavesNothingAndFreesTheName() {
    VaultObject made = vault.set(NAME.text(), "one");
    long row = vault.store.findObject(made.object()).orElseThrow().row();
    vault.delete(NAME.text());
    secrets.purge(container, NAME, vault.origin());
    assertThat(vault.store.findObject(made.object())).isEmpty();
    assertThat(vault.store.listVersions(row, 0, 10)).isEmpty();
    assertThat(vault.store.due(Instant.MAX, 10)).isEmpty();
    assertThat(vault.set(NAME.text(), "two").previous()).isEmpty();
  }

  @Test
  void secretPurge_underPurgeProtection_isRefusedEvenWhereThereIsNothing() {
    Container safe = vault.another("Vault-Safe", 90, true);
    VaultException refusal =
        Refused.with(
            ErrorCode.PURGE_PROTECTED, () -> secrets.purge(safe, NAME, vault.origin()));
    assertThat(refusal).hasMessageContaining("Vault: Vault-Safe;location=westeurope");
    secrets.set(safe, NAME, SecretBytes.ofUtf8("x"), SecretChange.none(), vault.origin());
    secrets.delete(safe, NAME, vault.origin());
    Refused.with(ErrorCode.PURGE_PROTECTED, () -> secrets.purge(safe, NAME, vault.origin()));
    assertThat(secrets.recover(safe, NAME, vault.origin()).isDeleted()).isFalse();
  }

  @Test
  void secretPurge_protectionTurnedOnSinceTheRequestWasTaken_isRefused() {
    vault.set(NAME.text(), "one");
    vault.delete(NAME.text());
    Container safe =
        OpenVault.vault(
            container.name(), container.tenant(), container.subscription(), "westeurope", 90, true);
    Container protectedNow =
        new Container(
            container.id(), safe.kind(), safe.name(), safe.tenant(), safe.subscription(),
            safe.resourceGroup(), safe.location(), safe.sku(), safe.rbac(), safe.accessPolicies(),
            safe.retentionDays(), true, false, false, false, Map.of(), safe.created(),
            safe.updated(), Optional.empty());
    vault.store.change(
        vault.origin(),
        JournalNote.none(),
        tx -> {
          tx.put(RuleKind.CONTAINER, protectedNow);
          return null;
        });
    Refused.with(ErrorCode.PURGE_PROTECTED, () -> secrets.purge(container, NAME, vault.origin()));
    assertThat(secrets.listDeleted(container, "", 25, vault.now)).hasSize(1);
  }

  @Test
  void secretOfACertificate_deleteAndBackup_areRefused() {
    ObjectName name = new ObjectName(insertManaged().name());
    Refused.with(
        ErrorCode.OBJECT_MANAGED, () -> secrets.delete(container, name, vault.origin()));
    Refused.with(ErrorCode.OBJECT_MANAGED, () -> secrets.backup(container, name));
    assertThat(secrets.list(container, "", 25, vault.now)).hasSize(2);
  }

  // lists

  @Test
  void secretList_mixedCase_isByFoldedNameWithNewestVersions() {
    for (String name : List.of("b", "A", "c", "B2", "a1")) {
      vault.set(name, "old");
      vault.set(name, "new", enabled(false));
    }
    List<VaultObject> page = secrets.list(container, "", 3, vault.now);
    assertThat(page)
        .extracting(secret -> secret.name())
        .containsExactly("A", "a1", "b");
    assertThat(page).allMatch(secret -> secret.number() == 2);
    assertThat(secrets.list(container, "b", 3, vault.now))
        .extracting(secret -> secret.name())
        .containsExactly("B2", "c");
  }

  @Test
  void secretListDeleted_manyGoneBetween_fillsThePage() {
    for (int i = 0; i < 30; i++) {
      vault.set("gone-" + (10 + i), "x");
      vault.delete("gone-" + (10 + i));
    }
    vault.pass(Duration.ofDays(5));
    for (String name : List.of("a", "gone-20-b", "z")) {
      vault.set(name, "x");
      vault.delete(name);
    }
    vault.pass(Duration.ofDays(85));
    assertThat(secrets.listDeleted(container, "", 2, vault.now))
        .extracting(secret -> secret.name())
        .containsExactly("a", "gone-20-b");
    assertThat(secrets.listDeleted(container, "gone-20-b", 2, vault.now))
        .extracting(secret -> secret.name())
        .containsExactly("z");
  }

  @Test
  void secretListVersions_pages_inOrderOfMaking() {
    for (int i = 0; i < 7; i++) {
      vault.set(NAME.text(), "v" + i);
    }
    List<VaultObject> first = secrets.listVersions(container, NAME, 0, 4);
    List<VaultObject> second = secrets.listVersions(container, NAME, 4, 4);
    assertThat(first).extracting(s -> s.number()).containsExactly(1L, 2L, 3L, 4L);
    assertThat(second).extracting(s -> s.number()).containsExactly(5L, 6L, 7L);
    Refused.with(
        ErrorCode.SECRET_NOT_FOUND,
        () -> secrets.listVersions(container, new ObjectName("none"), 0, 4));
  }

  @Test
  void everyOperation_whileSealed_isRefusedOrWithoutValues() {
    vault.set(NAME.text(), "one");
    vault.seal.seal();
    Refused.with(ErrorCode.SERVER_SEALED, () -> vault.get(NAME.text()));
    Refused.with(ErrorCode.SERVER_SEALED, () -> vault.set(NAME.text(), "two"));
    Refused.with(ErrorCode.SERVER_SEALED, () -> secrets.backup(container, NAME));
    assertThat(vault.store.journalHead()).isEqualTo(3);
  }

  @Test
  void toString_ofWhatIsHandedOut_hasNoValue() {
    VaultObject made = vault.set(NAME.text(), "s3cret-value");
    AtomicBoolean closed = new AtomicBoolean();
    Secret opened = secrets.get(container, NAME, Optional.empty());
    try (SecretBytes value = opened.value()) {
      assertThat(made.toString() + opened).doesNotContain("s3cret-value");
      closed.set(value.length() > 0);
    }
    assertThat(closed).isTrue();
    assertThat(opened.value().exposed()).containsOnly(0);
  }
}
