package dev.strongroom.seal;

import static dev.strongroom.seal.SealFixture.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RootRotationTest {
  private final SealFixture at = new SealFixture();

  @TempDir private Path folder;

  @Test
  void rotateRoot_committed_everySlotOpensAndValuesStay() throws Exception {
    Sealed sealed = at.sealed("s3cret");
    byte[] mac = at.seal.mac(new byte[] {1});
    FileSlot file = FileSlot.create(folder.resolve("key"));
    Slots two = at.seal.addSlot(at.slots, file, "file", SealFixture.NOW);
    Slots rotated = rotate(two);

    assertThat(rotated.rootGeneration()).isEqualTo(2);
    assertThat(rotated.revision()).isEqualTo(3);
    assertThat(at.shelf.all()).allSatisfy(key -> assertThat(key.key().generation()).isEqualTo(2));
    assertOpens(at.seal, sealed);
    at.seal.forget(at.container);
    assertOpens(at.seal, sealed);
    for (SlotKey key : List.of(SealFixture.first(), FileSlot.load(folder.resolve("key")))) {
      Seal again = at.newSeal();
      again.unseal(Slots.read(rotated.bytes()), key);
      assertOpens(again, sealed);
      assertThat(again.mac(new byte[] {1})).isEqualTo(mac);
    }
  }

  @Test
  void rotateRoot_committed_oldRootOpensNothingMore() {
    Slots old = at.slots;
    Sealed oldContainerKey = at.shelf.newest(at.container).orElseThrow().key();
    WatchedArena oldRoot = at.arenas.getFirst();
    rotate(old);

    assertThat(oldRoot.atClose().orElseThrow()).containsOnly(0);
    // the old document gives the old root key, and that opens nothing that is stored now
    SealFixture.assertIntegrity(
        at.installation, () -> at.newSeal().unseal(old, SealFixture.first()));
    assertRefused(
        ErrorCode.INTEGRITY, "the key slots", () -> at.seal.removeSlot(old, Randoms.guid()));
    // a container key put back under the old root key is not taken
    at.shelf.put(at.container, 1, oldContainerKey);
    at.seal.forget(at.container);
    SealFixture.assertIntegrity(at.object, () -> assertOpens(at.seal, at.sealed("s3cret")));
  }

  @Test
  void rotateRoot_notCommitted_changesNothing() {
    Sealed sealed = at.sealed("s3cret");
    WatchedArena newRoot;
    try (RootRotation rotation = at.seal.rotateRoot(at.slots, at.shelf.all())) {
      assertThat(rotation.slots().rootGeneration()).isEqualTo(2);
      newRoot = at.arenas.getLast();
      assertThat(newRoot.atClose()).isEmpty();
    }
    assertThat(newRoot.atClose().orElseThrow()).containsOnly(0);
    at.seal.forget(at.container);
    assertOpens(at.seal, sealed);
    rotate(at.slots);
    assertOpens(at.seal, sealed);
  }

  @Test
  void rotateRoot_keyAlteredOrSystemKeyMissing_isRefusedAndLeavesTheOldRoot() {
    Sealed sealed = at.sealed("s3cret");
    List<WrappedKeys.Wrapped> all = at.shelf.all();
    assertThatThrownBy(
            () ->
                at.seal.rotateRoot(
                    at.slots,
                    all.stream().filter(key -> !key.owner().equals(at.installation)).toList()))
        .isInstanceOf(IllegalArgumentException.class);
    Id other = Randoms.id();
    at.shelf.put(other, 1, at.shelf.newest(at.container).orElseThrow().key());
    SealFixture.assertIntegrity(other, () -> at.seal.rotateRoot(at.slots, at.shelf.all()));
    at.seal.forget(at.container);
    assertOpens(at.seal, sealed);
  }

  @Test
  void rotateRoot_whileOneIsPrepared_isRefused() {
    try (RootRotation rotation = at.seal.rotateRoot(at.slots, at.shelf.all())) {
      assertThatThrownBy(() -> at.seal.rotateRoot(at.slots, at.shelf.all()))
          .isInstanceOf(IllegalStateException.class);
      assertThat(rotation.keys()).hasSize(2);
    }
  }

  @Test
  void close_ofAnEndedRotation_leavesALaterOneAlone() {
    Sealed sealed = at.sealed("s3cret");
    RootRotation given = at.seal.rotateRoot(at.slots, at.shelf.all());
    given.close();
    try (RootRotation rotation = at.seal.rotateRoot(at.slots, at.shelf.all())) {
      given.close();
      given.commit();
      rotation.keys().forEach(at.shelf::put);
      rotation.commit();
    }
    at.seal.forget(at.container);
    assertOpens(at.seal, sealed);
  }

  @Test
  void isCurrent_keyWrappedBeforeARotation_isFalseFromItsStart() {
    Sealed before = at.seal.newContainerKey(Randoms.id(), 1);
    assertThat(at.seal.isCurrent(before)).isTrue();
    try (RootRotation rotation = at.seal.rotateRoot(at.slots, at.shelf.all())) {
      assertThat(at.seal.isCurrent(before)).isFalse();
      rotation.keys().forEach(at.shelf::put);
      rotation.commit();
    }
    assertThat(at.seal.isCurrent(before)).isFalse();
    assertThat(at.seal.isCurrent(at.seal.newContainerKey(Randoms.id(), 1))).isTrue();
  }

  @Test
  void seal_duringRotation_wipesBothRootsAndTheStoredSlotsDecide() {
    Sealed sealed = at.sealed("s3cret");
    Slots rotated;
    try (RootRotation rotation = at.seal.rotateRoot(at.slots, at.shelf.all())) {
      at.seal.seal();
      for (WatchedArena arena : at.arenas) {
        assertThat(arena.atClose().orElseThrow()).containsOnly(0);
      }
      rotation.keys().forEach(at.shelf::put);
      rotated = rotation.slots();
      rotation.commit();
    }
    assertThat(at.seal.isSealed()).isTrue();
    at.seal.unseal(rotated, SealFixture.first());
    assertOpens(at.seal, sealed);
  }

  @Test
  void rotateRoot_whileContainerKeysAreOpened_neverFailsAReader() throws Exception {
    Sealed sealed = at.sealed("s3cret");
    AtomicBoolean done = new AtomicBoolean();
    Slots slots = at.slots;
    try (ExecutorService readers = Executors.newFixedThreadPool(2)) {
      Runnable reader =
          () -> {
            while (!done.get()) {
              at.seal.forget(at.container);
              assertOpens(at.seal, sealed);
            }
          };
      List<? extends Future<?>> running =
          List.of(readers.submit(reader), readers.submit(reader));
      try {
        for (int i = 0; i < 40; i++) {
          slots = rotate(slots);
        }
      } finally {
        done.set(true);
      }
      for (Future<?> each : running) {
        each.get();
      }
    }
    assertThat(slots.rootGeneration()).isEqualTo(41);
  }

  /** As a server does it: prepare, store all in one change, commit. */
  private Slots rotate(Slots slots) {
    try (RootRotation rotation = at.seal.rotateRoot(slots, at.shelf.all())) {
      rotation.keys().forEach(at.shelf::put);
      rotation.commit();
      return rotation.slots();
    }
  }

  private void assertOpens(Seal seal, Sealed sealed) {
    try (SecretBytes opened = seal.open(at.objectKey, at.place, sealed)) {
      assertThat(opened.exposed()).isEqualTo("s3cret".getBytes(StandardCharsets.UTF_8));
    }
  }
}
