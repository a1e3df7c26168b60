package dev.strongroom.seal;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.Argon2id;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.VaultException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** An open installation with one passphrase slot, a container and an object. */
final class SealFixture {
  static final Instant NOW = Instant.parse("2026-11-25T10:15:30.25Z");

  /** As cheap as Argon2id allows: the vectors test shows that the cost is honoured. */
  static final Argon2id.Cost CHEAP = new Argon2id.Cost(8, 1, 1);

  final List<WatchedArena> arenas = Collections.synchronizedList(new ArrayList<>());
  final KeyShelf shelf = new KeyShelf();
  final Id installation = Randoms.guid();
  final Id container = Randoms.id();
  final Id object = Randoms.id();
  final Id version = Randoms.id();
  final Barrier.Place place = new Barrier.Place(container, object, version, "value");
  final Seal seal = newSeal();
  final Slots slots;
  final Sealed objectKey;

  SealFixture() {
    Seal.Initialised made = seal.initialise(installation, first(), "first", NOW);
    slots = made.slots();
    shelf.put(made.systemKey());
    addContainer(container);
    objectKey = seal.newObjectKey(container, object);
  }

  /** A sealed barrier over the same stored keys, as after a restart. */
  Seal newSeal() {
    return new Seal(
        shelf,
        () -> {
          WatchedArena arena = new WatchedArena();
          arenas.add(arena);
          return arena;
        });
  }

  static PassphraseSlot first() {
    return passphrase("correct horse battery staple");
  }

  static PassphraseSlot passphrase(String words) {
    return new PassphraseSlot(SecretBytes.ofUtf8(words), CHEAP);
  }

  void addContainer(Id id) {
    shelf.put(id, 1, seal.newContainerKey(id, 1));
  }

  Sealed sealed(String plain) {
    try (SecretBytes bytes = SecretBytes.ofUtf8(plain)) {
      return seal.seal(objectKey, place, bytes);
    }
  }

  static void assertIntegrity(Id name, ThrowingCallable call) {
    assertRefused(ErrorCode.INTEGRITY, name.hex(), call);
  }

  static void assertSealed(ThrowingCallable call) {
    assertRefused(ErrorCode.SERVER_SEALED, "sealed", call);
  }

  static void assertRefused(ErrorCode code, String containing, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            VaultException.class,
            refusal -> {
              if (refusal.code() != code) {
                throw new AssertionError("not " + code + " but " + refusal.code(), refusal);
              }
            })
        .hasMessageContaining(containing);
  }
}
