package dev.strongroom.seal;

import static dev.strongroom.seal.SealFixture.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A second node over the same stored keys and slots, while the first rotates the root key. */
class FollowRootTest {
  private final SealFixture at = new SealFixture();
  private final Seal other = at.newSeal();
  private Slots stored = at.slots;

  FollowRootTest() {
    other.unseal(stored, SealFixture.first());
  }

  private void rotate() {
    try (RootRotation rotation = at.seal.rotateRoot(stored, at.shelf.all())) {
      rotation.keys().forEach(at.shelf::put);
      rotation.commit();
      stored = rotation.slots();
    }
    at.shelf.slots = stored;
  }

  private String opened(Seal seal, Sealed sealed) {
    try (SecretBytes plain = seal.open(at.objectKey, at.place, sealed)) {
      return new String(plain.exposed(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void follow_rotatedOnAnotherNode_opensAndMakesKeysUnderTheNewRoot() {
    Sealed sealed = at.sealed("s3cret");
    rotate();
    rotate();
    Sealed tooOld = other.newContainerKey(Randoms.id(), 1);
    assertThat(tooOld.generation()).isEqualTo(1);
    List<WatchedArena> roots = new ArrayList<>(at.arenas);
    other.follow(stored);

    assertThat(other.isCurrent(tooOld)).isFalse();
    assertThat(other.newContainerKey(Randoms.id(), 1).generation()).isEqualTo(3);
    assertThat(opened(other, sealed)).isEqualTo("s3cret");
    assertThat(roots.stream().filter(arena -> arena.atClose().isPresent()).count())
        .as("old root keys are wiped, two of the first node and one of the other")
        .isEqualTo(3);
    Slots more =
        other.addSlot(
            stored, SealFixture.passphrase("one more long passphrase"), "more", SealFixture.NOW);
    assertThat(more.rootGeneration()).isEqualTo(3);
  }

  @Test
  void open_keyRewrappedByAnotherNode_isFoundWithoutBeingTold() {
    Sealed sealed = at.sealed("s3cret");
    rotate();
    assertThat(opened(other, sealed)).isEqualTo("s3cret");
    assertThat(other.newContainerKey(Randoms.id(), 1).generation()).isEqualTo(2);
  }

  @Test
  void follow_noKnownSlotLeft_isRefusedAndNothingChanges() {
    stored =
        at.seal.addSlot(
            stored, SealFixture.passphrase("another long passphrase"), "new", SealFixture.NOW);
    stored = at.seal.removeSlot(stored, stored.list().getFirst().id());
    rotate();
    assertThatThrownBy(() -> other.follow(stored)).isInstanceOf(SlotMismatch.class);
    assertThat(other.newContainerKey(Randoms.id(), 1).generation()).isEqualTo(1);
  }

  @Test
  void follow_slotsAddedMeanwhile_areAWayToo() {
    stored =
        at.seal.addSlot(
            stored, SealFixture.passphrase("another long passphrase"), "new", SealFixture.NOW);
    other.follow(stored);
    stored = at.seal.removeSlot(stored, at.slots.list().getFirst().id());
    rotate();
    other.follow(stored);
    assertThat(other.newContainerKey(Randoms.id(), 1).generation()).isEqualTo(2);
  }

  @Test
  void follow_olderOrForeignSlots_areRefused() {
    Slots old = stored;
    rotate();
    other.follow(stored);
    assertRefused(ErrorCode.INTEGRITY, "the key slots", () -> other.follow(old));
    SealFixture foreign = new SealFixture();
    assertRefused(ErrorCode.INTEGRITY, "the key slots", () -> other.follow(foreign.slots));
  }

  @Test
  void unseal_slotsReadBeforeARotation_takesTheStoredOnes() {
    Sealed sealed = at.sealed("s3cret");
    Slots before = stored;
    rotate();
    Seal late = at.newSeal();
    late.unseal(before, SealFixture.first());
    assertThat(opened(late, sealed)).isEqualTo("s3cret");
  }
}
