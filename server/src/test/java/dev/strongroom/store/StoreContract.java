package dev.strongroom.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.AesGcm;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Attributes;
import dev.strongroom.model.Collection;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Origin;
import dev.strongroom.model.ResourceGroup;
import dev.strongroom.model.RoleAssignment;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.VaultException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What every store promises; each kind of store runs it. */
abstract class StoreContract {
  static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
  static final Id VAULT = Randoms.id();

  /** The store under test, empty for each test. */
  abstract Store store();

  static Origin origin() {
    return origin(NOW);
  }

  static Origin origin(Instant time) {
    return new Origin(Randoms.id(), "SecretSet", Optional.empty(), time);
  }

  static Sealed sealed() {
    return AesGcm.seal(Randoms.bytes(32), Randoms.id(), 1, new byte[0], Randoms.bytes(20));
  }

  static ObjectRow object(String name) {
    return new ObjectRow(
        Randoms.id(), VAULT, Collection.SECRETS, name, sealed(), 1, false, NOW);
  }

  static VersionRow version(ObjectRow object, long number) {
    return new VersionRow(
        object.row(),
        number,
        Randoms.id(),
        number > 1 ? Optional.of(Randoms.id()) : Optional.empty(),
        new Attributes(true, Optional.empty(), Optional.of(NOW.plusSeconds(60)), NOW, NOW),
        Map.of("b", "2", "a", "1"),
        Optional.of("text/plain"),
        number > 1 ? Optional.of("{\"number\":" + number + "}") : Optional.empty(),
        sealed());
  }

  ObjectRow insert(String name) {
    return store()
        .change(
            origin(),
            JournalNote.none(),
            tx -> {
              ObjectRow row = tx.insert(object(name));
              tx.insert(version(row, 1));
              return row;
            });
  }

  @Test
  void change_commits_isReadBackWholeWithOneJournalRecord() {
    Origin origin = origin();
    Id id = Randoms.id();
    ObjectRow made = object("One");
    VersionRow[] version = new VersionRow[1];
    ObjectRow row =
        store()
            .change(
                origin,
                JournalNote.object(VAULT, Collection.SECRETS, made.id(), Optional.of(id)),
                tx -> {
                  ObjectRow inserted = tx.insert(made);
                  version[0] = version(inserted, 1);
                  tx.insert(version[0]);
                  return inserted;
                });
    Reads.Found found = store().findHead(VAULT, Collection.SECRETS, "one").orElseThrow();
    assertThat(found.object()).isEqualTo(row);
    assertThat(found.version()).isEqualTo(version[0]);
    assertThat(store().findObject(made.id())).contains(row);
    assertThat(store().findObject(VAULT, Collection.SECRETS, "one")).contains(row);
    assertThat(store().findVersion(VAULT, Collection.SECRETS, "one", version[0].id()))
        .contains(found);
    assertThat(store().findVersion(VAULT, Collection.SECRETS, "one", Randoms.id())).isEmpty();
    assertThat(store().findHead(VAULT, Collection.KEYS, "one")).isEmpty();
    assertThat(origin.journal()).hasValue(1);
    assertThat(store().journal(0, 10))
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.number()).isEqualTo(1);
              assertThat(record.time()).isEqualTo(NOW);
              assertThat(record.node()).isEqualTo(store().node());
              assertThat(record.requestId()).isEqualTo(origin.requestId());
              assertThat(record.note().object()).contains(made.id());
              assertThat(record.note().version()).contains(id);
            });
  }

  @Test
  void change_refused_leavesNothing() {
    Origin origin = origin();
    assertThatThrownBy(
            () ->
                store()
                    .change(
                        origin,
                        JournalNote.none(),
                        tx -> {
                          tx.insert(version(tx.insert(object("gone")), 1));
                          tx.putMeta("m", new byte[1]);
                          throw VaultException.of(ErrorCode.OBJECT_EXISTS, "name", "gone");
                        }))
        .isInstanceOf(VaultException.class);
    assertThat(store().findHead(VAULT, Collection.SECRETS, "gone")).isEmpty();
    assertThat(store().meta("m")).isEmpty();
    assertThat(store().journalHead()).isZero();
    assertThat(origin.journal()).isEmpty();
  }

  @Test
  void change_nameTaken_failsAloneAndIsNotAStoreFailure() {
    insert("twice");
    assertThatThrownBy(() -> insert("Twice")).isInstanceOf(IllegalStateException.class);
    assertThat(store().journalHead()).isEqualTo(1);
    insert("another");
    assertThat(store().journalHead()).isEqualTo(2);
  }

  @Test
  void change_manyAtOnceWithFailingNeighbours_numbersAreDenseAndEachIsWhole() throws Exception {
    int count = 400;
    CountDownLatch go = new CountDownLatch(1);
    List<Future<Optional<Long>>> futures = new ArrayList<>();
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < count; i++) {
        int n = i;
        futures.add(
            pool.submit(
                () -> {
                  go.await();
                  Origin origin = origin();
                  try {
                    store()
                        .change(
                            origin,
                            JournalNote.none(),
                            tx -> {
                              tx.insert(version(tx.insert(object("n" + n)), 1));
                              if (n % 5 == 0) {
                                throw VaultException.of(ErrorCode.OBJECT_EXISTS, "name", "n" + n);
                              }
                              return null;
                            });
                    return Optional.of(origin.journal().orElseThrow());
                  } catch (VaultException e) {
                    return Optional.empty();
                  }
                }));
      }
      go.countDown();
    }
    List<Long> numbers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Optional<Long> number = futures.get(i).get();
      assertThat(number.isPresent()).isEqualTo(i % 5 != 0);
      assertThat(store().findHead(VAULT, Collection.SECRETS, "n" + i).isPresent())
          .isEqualTo(i % 5 != 0);
      number.ifPresent(numbers::add);
    }
    numbers.sort(null);
    assertThat(numbers.getFirst()).isEqualTo(1);
    assertThat(numbers.getLast()).isEqualTo(numbers.size());
    assertThat(store().journal(0, 1000).stream().map(JournalRow::number)).isEqualTo(numbers);
  }

  @Test
  void change_errorInOneOfMany_isThatCallersAlone() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    List<Future<?>> good = new ArrayList<>();
    List<Future<?>> bad = new ArrayList<>();
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 40; i++) {
        int n = i;
        boolean fails = i % 4 == 0;
        (fails ? bad : good)
            .add(
                pool.submit(
                    () -> {
                      go.await();
                      return store()
                          .<Object>change(
                              origin(),
                              JournalNote.none(),
                              tx -> {
                                tx.insert(version(tx.insert(object("e" + n)), 1));
                                if (fails) {
                                  throw new StackOverflowError("of one closure");
                                }
                                return null;
                              });
                    }));
      }
      go.countDown();
    }
    for (Future<?> one : good) {
      one.get();
    }
    for (Future<?> one : bad) {
      assertThatThrownBy(one::get).hasRootCauseInstanceOf(StackOverflowError.class);
    }
    assertThat(store().countObjects(VAULT)).isEqualTo(30);
    assertThat(store().journalHead()).isEqualTo(30);
  }

  @Test
  void countExpiring_liveObjectsOfTheCollection_areCountedByTheirHead() {
    insert("one");
    insert("two");
    Instant end = NOW.plusSeconds(60);
    List<Instant> by = List.of(end.minusMillis(1), end);
    assertThat(store().countExpiring(Collection.SECRETS, by)).containsExactly(0L, 2L);
    assertThat(store().countExpiring(Collection.KEYS, by)).containsExactly(0L, 0L);
  }

  @Test
  void change_insideAnother_isRefused() {
    assertThatThrownBy(
            () ->
                store()
                    .change(
                        origin(),
                        JournalNote.none(),
                        tx -> store().change(origin(), JournalNote.none(), inner -> null)))
        .isInstanceOf(IllegalStateException.class);
    assertThat(store().journalHead()).isZero();
  }

  @Test
  void cachedLookups_whatTheyKnow_isWhatAReadAnswers() {
    ObjectRow row = insert("warm");
    Optional<Reads.Found> head = store().findHead(VAULT, Collection.SECRETS, "warm");
    Id first = head.orElseThrow().version().id();
    assertThat(store().cachedHead(VAULT, Collection.SECRETS, "warm")).isIn(head, Optional.empty());
    store()
        .change(
            origin(),
            JournalNote.none(),
            tx -> {
              tx.insert(version(row, 2));
              tx.update(row.withHead(2));
              return null;
            });
    assertThat(store().cachedHead(VAULT, Collection.SECRETS, "warm")).isEmpty();
    assertThat(store().cachedVersion(VAULT, Collection.SECRETS, "warm", first)).isEmpty();
    Optional<Reads.Found> old = store().findVersion(VAULT, Collection.SECRETS, "warm", first);
    assertThat(old.orElseThrow().object().head()).isEqualTo(2);
    assertThat(store().cachedVersion(VAULT, Collection.SECRETS, "warm", first))
        .isIn(old, Optional.empty());
    assertThat(store().cachedHead(VAULT, Collection.SECRETS, "never-there")).isEmpty();
  }

  @Test
  void change_clockGoesBack_journalTimesNeverFall() {
    insert("a");
    Instant time =
        store().change(origin(NOW.minusSeconds(100)), JournalNote.none(), tx -> tx.time());
    assertThat(time).isEqualTo(NOW);
    assertThat(store().journal(1, 1).getFirst().time()).isEqualTo(NOW);
  }

  @Test
  void update_headAndAttributes_areSeenByTheNextRead() {
    ObjectRow row = insert("changing");
    store().findHead(VAULT, Collection.SECRETS, "changing").orElseThrow();
    store()
        .change(
            origin(),
            JournalNote.none(),
            tx -> {
              tx.insert(version(row, 2));
              tx.update(row.withHead(2));
              return null;
            });
    VersionRow head = store().findHead(VAULT, Collection.SECRETS, "changing").orElseThrow().version();
    assertThat(head.number()).isEqualTo(2);
    VersionRow disabled =
        new VersionRow(
            head.object(),
            head.number(),
            head.id(),
            head.previous(),
            new Attributes(false, Optional.of(NOW), Optional.empty(), NOW, NOW.plusSeconds(5)),
            Map.of(),
            Optional.empty(),
            Optional.of("changed"),
            head.value());
    store()
        .change(
            origin(),
            JournalNote.none(),
            tx -> {
              tx.update(disabled);
              return null;
            });
    assertThat(store().findHead(VAULT, Collection.SECRETS, "changing").orElseThrow().version())
        .isEqualTo(disabled);
    assertThat(store().listVersions(row.row(), 0, 10)).hasSize(2);
    assertThat(store().listVersions(row.row(), 1, 10)).containsExactly(disabled);
  }

  @Test
  void listObjects_byPagesWithDeletionsBetween_visitsEachStableNameOnce() {
    for (int i = 0; i < 30; i++) {
      insert("Name-%02d".formatted(i));
    }
    List<String> seen = new ArrayList<>();
    String after = "";
    while (true) {
      List<Reads.Found> page = store().listObjects(VAULT, Collection.SECRETS, false, after, 7);
      if (page.isEmpty()) {
        break;
      }
      page.forEach(found -> seen.add(found.object().name()));
      after = page.getLast().object().name().toLowerCase(java.util.Locale.ROOT);
      ObjectRow first = page.getFirst().object();
      store()
          .change(
              origin(),
              JournalNote.none(),
              tx -> {
                tx.update(first.withDeletion(Optional.of(NOW), Optional.of(NOW.plusSeconds(9))));
                return null;
              });
    }
    assertThat(seen).hasSize(30).isSorted();
    assertThat(store().listObjects(VAULT, Collection.SECRETS, true, "", 100)).hasSize(5);
    assertThat(store().listObjects(VAULT, Collection.SECRETS, false, "", 100)).hasSize(25);
    assertThat(store().countObjects(VAULT)).isEqualTo(30);
  }

  @Test
  void purge_deletedObject_freesItsName() {
    ObjectRow row = insert("purged");
    store()
        .change(
            origin(),
            JournalNote.none(),
            tx -> {
              tx.purge(row);
              return null;
            });
    assertThat(store().findObject(VAULT, Collection.SECRETS, "purged")).isEmpty();
    assertThat(store().listVersions(row.row(), 0, 10)).isEmpty();
    insert("purged");
    assertThat(store().findHead(VAULT, Collection.SECRETS, "purged")).isPresent();
  }

  @Test
  void onChanges_whatUpdatesAndPurgesWrite_isHeardBeforeTheCallerIsTold() {
    ObjectRow row = insert("heard");
    VersionRow version =
        store().findHead(VAULT, Collection.SECRETS, "heard").orElseThrow().version();
    List<Set<Long>> heard = new CopyOnWriteArrayList<>();
    AtomicInteger all = new AtomicInteger();
    store().onChanges(heard::add, all::incrementAndGet);
    for (Consumer<Tx> write :
        List.<Consumer<Tx>>of(
            tx -> tx.update(row.withHead(1)), tx -> tx.update(version), tx -> tx.purge(row))) {
      heard.clear();
      store()
          .change(
              origin(),
              JournalNote.none(),
              tx -> {
                write.accept(tx);
                return null;
              });
      assertThat(heard).singleElement().isEqualTo(Set.of(row.row()));
    }
    store()
        .change(
            origin(),
            JournalNote.container(VAULT),
            tx -> {
              tx.purgeObjects(VAULT);
              return null;
            });
    assertThat(all).hasPositiveValue();
  }

  @Test
  void purgeObjects_ofAContainer_leavesOthers() {
    insert("mine");
    Id other = Randoms.id();
    store()
        .change(
            origin(),
            JournalNote.none(),
            tx -> {
              ObjectRow mine = object("mine");
              ObjectRow row =
                  tx.insert(
                      new ObjectRow(
                          Randoms.id(), other, Collection.SECRETS, "mine", mine.objectKey(), 1,
                          false, NOW));
              tx.insert(version(row, 1));
              return null;
            });
    store().findHead(VAULT, Collection.SECRETS, "mine").orElseThrow();
    store()
        .change(
            origin(),
            JournalNote.container(VAULT),
            tx -> {
              tx.purgeObjects(VAULT);
              return null;
            });
    assertThat(store().findHead(VAULT, Collection.SECRETS, "mine")).isEmpty();
    assertThat(store().findHead(other, Collection.SECRETS, "mine")).isPresent();
  }

  @Test
  void rules_putChangedRemoved_areFoundByKeyAndParent() {
    Id principal = Randoms.guid();
    RoleAssignment assignment = assignment(principal, "/subscriptions/a");
    put(assignment);
    assertThat(store().rulesByParent(RuleKind.ROLE_ASSIGNMENT, principal.guid()))
        .containsExactly(assignment);
    assertThat(store().findRule(RuleKind.ROLE_ASSIGNMENT, assignment.key())).contains(assignment);
    assertThat(store().findRule(RuleKind.TENANT, assignment.key())).isEmpty();
    RoleAssignment second = assignment(principal, "/");
    put(second);
    assertThat(store().rulesByParent(RuleKind.ROLE_ASSIGNMENT, principal.guid())).hasSize(2);
    store()
        .change(
            origin(),
            JournalNote.none(),
            tx -> {
              tx.remove(RuleKind.ROLE_ASSIGNMENT, assignment.key());
              return null;
            });
    assertThat(store().rulesByParent(RuleKind.ROLE_ASSIGNMENT, principal.guid()))
        .containsExactly(second);
    ResourceGroup group =
        new ResourceGroup(Randoms.guid(), "Group", "local", Map.of("k", "v"), NOW);
    store()
        .change(
            origin(),
            JournalNote.none(),
            tx -> {
              tx.put(RuleKind.RESOURCE_GROUP, group);
              return null;
            });
    assertThat(store().rules(RuleKind.RESOURCE_GROUP)).containsExactly(group);
  }

  @Test
  void rule_changedAndRefused_isReadAsItWas() {
    RoleAssignment assignment = assignment(Randoms.guid(), "/");
    assertThatThrownBy(
            () ->
                store()
                    .change(
                        origin(),
                        JournalNote.none(),
                        tx -> {
                          tx.put(RuleKind.ROLE_ASSIGNMENT, assignment);
                          assertThat(tx.findRule(RuleKind.ROLE_ASSIGNMENT, assignment.key()))
                              .isPresent();
                          throw new IllegalArgumentException("no");
                        }))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(store().findRule(RuleKind.ROLE_ASSIGNMENT, assignment.key())).isEmpty();
  }

  @Test
  void keys_generations_newestIsFound() {
    Id owner = Randoms.id();
    KeyRow first = new KeyRow(owner, 1, sealed());
    KeyRow second = new KeyRow(owner, 2, sealed());
    store()
        .change(
            origin(),
            JournalNote.none(),
            tx -> {
              tx.put(first);
              tx.put(second);
              return null;
            });
    assertThat(store().newestKey(owner)).contains(second);
    assertThat(store().findKey(owner, 1)).contains(first);
    assertThat(store().keys()).containsExactly(first, second);
    store()
        .change(
            origin(),
            JournalNote.none(),
            tx -> {
              tx.removeKeys(owner);
              return null;
            });
    assertThat(store().newestKey(owner)).isEmpty();
  }

  @Test
  void due_workOnce_revisionDecides() {
    Id subject = Randoms.id();
    DueRow row = new DueRow("secret-purge", subject, VAULT, NOW, 7);
    store()
        .change(
            origin(),
            JournalNote.none(),
            tx -> {
              tx.putDue(row);
              tx.putDue(new DueRow("secret-purge", Randoms.id(), VAULT, NOW.plusSeconds(9), 1));
              return null;
            });
    assertThat(store().due(NOW, 10)).containsExactly(row);
    assertThat(store().due(NOW.minusMillis(1), 10)).isEmpty();
    assertThat(
            store()
                .<Boolean>change(
                    origin(),
                    JournalNote.none(),
                    tx -> tx.removeDue(new DueRow("secret-purge", subject, VAULT, NOW, 6))))
        .isFalse();
    assertThat(store().<Boolean>change(origin(), JournalNote.none(), tx -> tx.removeDue(row)))
        .isTrue();
    assertThat(store().<Boolean>change(origin(), JournalNote.none(), tx -> tx.removeDue(row)))
        .isFalse();
  }

  @Test
  void firstUse_secondTime_isRefusedUntilItExpires() {
    assertThat(use("jti-1", NOW, NOW.plusSeconds(10))).isTrue();
    assertThat(use("jti-1", NOW.plusSeconds(5), NOW.plusSeconds(20))).isFalse();
    assertThat(use("jti-2", NOW.plusSeconds(5), NOW.plusSeconds(20))).isTrue();
    assertThat(use("jti-1", NOW.plusSeconds(11), NOW.plusSeconds(20))).isTrue();
  }

  @Test
  void putMeta_outsideOfAChange_hasNoJournalRecord() {
    store().putMeta("checkpoint", new byte[] {1, 2});
    store().putMeta("checkpoint", new byte[] {3});
    assertThat(store().meta("checkpoint")).hasValueSatisfying(
        value -> assertThat(value).containsExactly(3));
    assertThat(store().journalHead()).isZero();
    insert("next");
    assertThat(store().journalHead()).isEqualTo(1);
  }

  private boolean use(String id, Instant now, Instant until) {
    return store().change(origin(now), JournalNote.none(), tx -> tx.firstUse("jti", id, until));
  }

  private void put(RoleAssignment assignment) {
    store()
        .change(
            origin(),
            JournalNote.none(),
            tx -> {
              tx.put(RuleKind.ROLE_ASSIGNMENT, assignment);
              return null;
            });
  }

  static RoleAssignment assignment(Id principal, String scope) {
    return new RoleAssignment(
        Randoms.guid(),
        Randoms.guid(),
        scope,
        Randoms.guid(),
        principal,
        "ServicePrincipal",
        Optional.empty(),
        NOW,
        NOW,
        Optional.of(principal));
  }

  @Test
  void details_ofObjectAndVersion_areKeptChangedAndTakenAway() {
    ObjectRow row = insert("detailed");
    ObjectRow detailed = row.withDetails(Optional.of("{\"policy\":1}"));
    change(tx -> tx.update(detailed));
    assertThat(store().findObject(row.id())).contains(detailed);
    change(tx -> tx.update(detailed.withDetails(Optional.empty())));
    assertThat(store().findObject(row.id()).orElseThrow().details()).isEmpty();
  }

  @Test
  void purge_objectWithDueWork_leavesNoneOfIt() {
    ObjectRow row = insert("busy");
    change(
        tx -> {
          tx.putDue(new DueRow("one", row.id(), VAULT, NOW, 1));
          tx.putDue(new DueRow("two", row.id(), VAULT, NOW, 1));
          tx.putDue(new DueRow("one", VAULT, VAULT, NOW, 1));
        });
    change(tx -> tx.purge(row));
    assertThat(store().due(NOW, 10)).extracting(DueRow::subject).containsExactly(VAULT);
  }

  private static IssuedRow issued(String serial, Id authority) {
    return new IssuedRow(
        serial,
        authority,
        VAULT,
        Randoms.id(),
        Randoms.id(),
        NOW,
        NOW.plusSeconds(3600),
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void issued_insertedAndRevoked_isFoundBySerialVersionAndAuthority() {
    Id authority = Randoms.id();
    IssuedRow first = issued("0a", authority);
    IssuedRow second = issued("ff", authority);
    change(
        tx -> {
          tx.insert(first);
          tx.insert(second);
          tx.insert(issued("c0", Randoms.id()));
        });
    assertThat(store().findIssued("0a")).contains(first);
    assertThat(store().findIssued(second.version())).contains(second);
    assertThat(store().findIssued("0b")).isEmpty();
    assertThat(store().listIssued("0a", 1)).extracting(IssuedRow::serial).containsExactly("c0");
    assertThat(store().revoked(authority, NOW)).isEmpty();
    IssuedRow revoked = second.revokedAt(NOW, 1);
    change(tx -> tx.update(revoked));
    assertThat(store().findIssued("ff")).contains(revoked);
    assertThat(store().revoked(authority, NOW.plusSeconds(3600))).containsExactly(revoked);
    assertThat(store().revoked(authority, NOW.plusSeconds(3601))).isEmpty();
  }

  @Test
  void issued_serialTwice_undoesTheSecondChange() {
    change(tx -> tx.insert(issued("0d", VAULT)));
    assertThatThrownBy(
            () ->
                change(
                    tx -> {
                      tx.putMeta("mark", new byte[] {1});
                      tx.insert(issued("0d", VAULT));
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(store().meta("mark")).isEmpty();
  }

  @Test
  void revocationList_putTwice_isTheSecond() {
    Id authority = Randoms.id();
    assertThat(store().findRevocationList(authority)).isEmpty();
    for (int number = 1; number <= 2; number++) {
      RevocationListRow list =
          new RevocationListRow(
              authority, number, NOW, NOW.plusSeconds(60), new byte[] {(byte) number});
      change(tx -> tx.put(list));
      assertThat(store().findRevocationList(authority))
          .hasValueSatisfying(
              found -> assertThat(found).usingRecursiveComparison().isEqualTo(list));
    }
  }

  private void change(Consumer<Tx> change) {
    store()
        .change(
            origin(),
            JournalNote.none(),
            tx -> {
              change.accept(tx);
              return null;
            });
  }

  @Test
  void findHead_afterEveryKindOfChange_isWhatTheLastOneLeft() {
    ObjectRow row = insert("followed");
    VersionRow second = version(row, 2);
    ObjectRow grown = row.withHead(2);
    change(
        tx -> {
          tx.update(grown);
          tx.insert(second);
        });
    assertThat(head("followed").version()).isEqualTo(second);
    ObjectRow deleted = grown.withDeletion(Optional.of(NOW), Optional.of(NOW.plusSeconds(60)));
    VersionRow third = version(row, 3);
    change(
        tx -> {
          tx.update(row.withHead(3));
          tx.insert(third);
          tx.update(deleted.withHead(3));
        });
    assertThat(head("followed")).isEqualTo(new Reads.Found(deleted.withHead(3), third));
    change(tx -> tx.purge(deleted.withHead(3)));
    assertThat(store().findHead(VAULT, Collection.SECRETS, "followed")).isEmpty();
  }

  private Reads.Found head(String name) {
    return store().findHead(VAULT, Collection.SECRETS, name).orElseThrow();
  }
}
