package dev.strongroom.seal;

import static dev.strongroom.seal.SealFixture.assertIntegrity;
import static dev.strongroom.seal.SealFixture.assertRefused;
import static dev.strongroom.seal.SealFixture.assertSealed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.Hkdf;
import dev.strongroom.crypto.Hmac;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.VaultException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class SealTest {
  private final SealFixture at = new SealFixture();

  @Test
  void seal_whoeverKeepsWhatItOpened_isToldWhenTheKeysAreGone() {
    List<Boolean> told = new ArrayList<>();
    at.seal.onSealed(() -> told.add(at.seal.isSealed()));
    at.seal.seal();
    assertThat(told).containsExactly(true);
  }

  // Values

  @Test
  void seal_value_carriesObjectAndContainerAsKeyIds() {
    Sealed sealed = at.sealed("s3cret");
    assertThat(sealed.keyId()).isEqualTo(at.object);
    assertThat(sealed.generation()).isEqualTo(1);
    assertThat(at.objectKey.keyId()).isEqualTo(at.container);
    assertThat(at.objectKey.generation()).isEqualTo(1);
    Sealed containerKey = at.shelf.newest(at.container).orElseThrow().key();
    assertThat(containerKey.keyId()).isEqualTo(at.installation);
    assertThat(new String(sealed.bytes(), StandardCharsets.ISO_8859_1)).doesNotContain("s3cret");
  }

  @Test
  void open_anyPartOfThePlaceChanged_isIntegrity() {
    Sealed sealed = at.sealed("s3cret");
    Id other = Randoms.id();
    assertIntegrity(
        at.object, () -> open(new Barrier.Place(other, at.object, at.version, "value"), sealed));
    assertIntegrity(
        other, () -> open(new Barrier.Place(at.container, other, at.version, "value"), sealed));
    assertIntegrity(
        at.object, () -> open(new Barrier.Place(at.container, at.object, other, "value"), sealed));
    assertIntegrity(
        at.object,
        () -> open(new Barrier.Place(at.container, at.object, at.version, "tags"), sealed));
  }

  @Test
  void open_objectKeyOfAnotherObject_isIntegrity() {
    Id other = Randoms.id();
    Sealed otherKey = at.seal.newObjectKey(at.container, other);
    Sealed sealed = at.sealed("s3cret");
    assertIntegrity(at.object, () -> at.seal.open(otherKey, at.place, sealed));
    // key and value moved together to another object
    assertIntegrity(
        other,
        () ->
            at.seal.open(
                at.objectKey,
                new Barrier.Place(at.container, other, at.version, "value"),
                sealed));
  }

  @Test
  void open_objectMovedToAnotherContainer_isIntegrity() {
    Id other = Randoms.id();
    at.addContainer(other);
    Sealed sealed = at.sealed("s3cret");
    assertIntegrity(
        at.object, () -> open(new Barrier.Place(other, at.object, at.version, "value"), sealed));
    Sealed sameObjectThere = at.seal.newObjectKey(other, at.object);
    assertIntegrity(at.object, () -> at.seal.open(sameObjectThere, at.place, sealed));
  }

  @Test
  void open_anyByteOfKeyOrValueChanged_isIntegrity() {
    Sealed sealed = at.sealed("s3cret");
    // format and algorithm are refused before, by Sealed.read
    for (int i = 2; i < sealed.length(); i++) {
      Sealed changed = changed(sealed, i);
      assertIntegrity(at.object, () -> open(at.place, changed));
    }
    for (int i = 2; i < at.objectKey.length(); i++) {
      Sealed changed = changed(at.objectKey, i);
      assertIntegrity(at.object, () -> at.seal.open(changed, at.place, sealed));
    }
  }

  @Test
  void open_containerKeyReplacedOrGone_isIntegrity() {
    Sealed sealed = at.sealed("s3cret");
    Sealed own = at.shelf.newest(at.container).orElseThrow().key();
    Id other = Randoms.id();
    at.addContainer(other);
    at.shelf.put(at.container, 1, at.shelf.newest(other).orElseThrow().key());
    at.seal.forget(at.container);
    assertIntegrity(at.object, () -> open(at.place, sealed));
    at.shelf.remove(at.container);
    assertIntegrity(at.object, () -> open(at.place, sealed));
    assertIntegrity(other, () -> at.seal.newObjectKey(at.container, other));
    // the same key under another generation
    at.shelf.put(at.container, 2, own);
    assertIntegrity(other, () -> at.seal.newObjectKey(at.container, other));
  }

  @Test
  void refusal_ofOpen_namesTheObjectAndNothingElse() {
    assertThatThrownBy(
            () -> open(new Barrier.Place(at.container, at.object, at.version, "x"), at.sealed("v")))
        .hasMessage(
            "What is stored for "
                + at.object.hex()
                + " fails its integrity check and is not used.")
        .hasNoCause();
  }

  // System key

  @Test
  void openSystem_anotherUseContextOrInstallation_isIntegrity() {
    byte[] context = {1, 2};
    Sealed sealed =
        at.seal.sealSystem(SystemUse.PAGE_TOKEN, context, SecretBytes.ofUtf8("page 2"));
    assertThat(sealed.keyId()).isEqualTo(at.installation);
    assertIntegrity(
        at.installation, () -> at.seal.openSystem(SystemUse.OBJECT_BACKUP, context, sealed));
    assertIntegrity(
        at.installation, () -> at.seal.openSystem(SystemUse.PAGE_TOKEN, new byte[] {1}, sealed));
    SealFixture other = new SealFixture();
    assertIntegrity(
        other.installation, () -> other.seal.openSystem(SystemUse.PAGE_TOKEN, context, sealed));
    for (int i = 2; i < sealed.length(); i++) {
      Sealed changed = changed(sealed, i);
      assertIntegrity(
          at.installation, () -> at.seal.openSystem(SystemUse.PAGE_TOKEN, context, changed));
    }
  }

  @Test
  void mac_eachUse_isDifferentAndAgreesWithRfc5869UnderItsLabel() {
    byte[] part = {1, 2, 3};
    Set<List<Byte>> macs = new HashSet<>();
    for (SystemUse use : SystemUse.values()) {
      List<Byte> mac = new ArrayList<>();
      for (byte each : at.seal.mac(use, part)) {
        mac.add(each);
      }
      macs.add(mac);
    }
    assertThat(macs).hasSize(SystemUse.values().length);
    // a second barrier over the same stored keys derives the same subkeys
    Seal again = at.newSeal();
    again.unseal(at.slots, SealFixture.first());
    assertThat(again.mac(SystemUse.ROW_MAC, part)).isEqualTo(at.seal.mac(part));
    byte[] system = Randoms.bytes(32);
    assertThat(Hkdf.subkey(system, SystemUse.ROW_MAC.label()))
        .isNotEqualTo(Hkdf.subkey(system, SystemUse.SLOTS.label()));
  }

  @Test
  void matches_changedOrMovedParts_isFalse() {
    byte[] mac = at.seal.mac(bytes("rule"), bytes("key"), bytes("body"));
    assertThat(mac).hasSize(32);
    assertThat(at.seal.matches(mac, bytes("rule"), bytes("key"), bytes("body"))).isTrue();
    assertThat(at.seal.matches(mac, bytes("rule"), bytes("key"), bytes("bodz"))).isFalse();
    assertThat(at.seal.matches(mac, bytes("rul"), bytes("ekey"), bytes("body"))).isFalse();
    assertThat(at.seal.matches(new byte[0], bytes("rule"), bytes("key"), bytes("body"))).isFalse();
    assertThat(Hmac.sha256(Randoms.bytes(32), bytes("rule"))).isNotEqualTo(mac);
  }

  @Test
  void openSystem_olderGenerationOfTheSystemKey_stillOpens() {
    Sealed old = at.seal.sealSystem(SystemUse.PAGE_TOKEN, bytes("c"), SecretBytes.ofUtf8("v"));
    at.shelf.put(at.installation, 2, at.seal.newContainerKey(at.installation, 2));
    Seal again = at.newSeal();
    // the slots are signed under the system key of their time: a rotation of it signs them anew
    assertRefused(
        ErrorCode.INTEGRITY,
        "the key slots",
        () -> again.unseal(at.slots, SealFixture.first()));
    assertThat(opened(at.seal.openSystem(SystemUse.PAGE_TOKEN, bytes("c"), old))).isEqualTo("v");
  }

  // Sealed and open

  @Test
  void everyCall_whileSealed_isServerSealed() {
    Sealed sealed = at.sealed("s3cret");
    at.seal.seal();
    assertThat(at.seal.isSealed()).isTrue();
    SecretBytes plain = SecretBytes.ofUtf8("x");
    assertSealed(() -> at.seal.newObjectKey(at.container, at.object));
    assertSealed(() -> at.seal.seal(at.objectKey, at.place, plain));
    assertSealed(() -> at.seal.open(at.objectKey, at.place, sealed));
    assertSealed(() -> at.seal.sealSystem(SystemUse.PAGE_TOKEN, new byte[0], plain));
    assertSealed(() -> at.seal.openSystem(SystemUse.PAGE_TOKEN, new byte[0], sealed));
    assertSealed(() -> at.seal.mac(new byte[0]));
    assertSealed(() -> at.seal.matches(new byte[32], new byte[0]));
    assertSealed(() -> at.seal.newContainerKey(at.container, 2));
    assertSealed(() -> at.seal.isCurrent(sealed));
    assertSealed(() -> at.seal.rewrapObjectKey(at.container, at.object, at.objectKey));
    assertSealed(() -> at.seal.addSlot(at.slots, SealFixture.first(), "x", SealFixture.NOW));
    assertSealed(() -> at.seal.removeSlot(at.slots, at.object));
    assertSealed(() -> at.seal.rotateRoot(at.slots, at.shelf.all()));
    at.seal.forget(at.container);
    at.seal.seal();
  }

  @Test
  void unseal_afterSeal_opensWhatWasSealed() {
    Sealed sealed = at.sealed("s3cret");
    at.seal.seal();
    at.seal.unseal(at.slots, SealFixture.first());
    assertThat(opened(open(at.place, sealed))).isEqualTo("s3cret");
    at.seal.unseal(at.slots, SealFixture.first());
    assertThat(opened(open(at.place, sealed))).isEqualTo("s3cret");
  }

  @Test
  void seal_everyKeyPage_isZeroBeforeItIsFreed() {
    at.sealed("s3cret");
    // root, a subkey for each use, one container
    assertThat(at.arenas).hasSize(2 + SystemUse.values().length);
    for (WatchedArena arena : at.arenas) {
      assertThat(arena.atClose()).isEmpty();
      assertThat(arena.now()).isNotEqualTo(new byte[arena.now().length]);
    }
    at.seal.seal();
    for (WatchedArena arena : at.arenas) {
      assertThat(arena.atClose().orElseThrow()).containsOnly(0);
    }
  }

  @Test
  void forget_container_wipesItsKeyAndOpensAgainOnDemand() {
    Sealed sealed = at.sealed("s3cret");
    WatchedArena containerKey = at.arenas.getLast();
    at.seal.forget(at.container);
    assertThat(containerKey.atClose().orElseThrow()).containsOnly(0);
    assertThat(opened(open(at.place, sealed))).isEqualTo("s3cret");
  }

  @Test
  void open_moreContainersThanAreKept_stillOpensAndKeepsABound() {
    Sealed first = at.sealed("s3cret");
    for (int i = 0; i < 1100; i++) {
      Id container = Randoms.id();
      at.addContainer(container);
      at.seal.newObjectKey(container, at.object);
    }
    assertThat(at.arenas.stream().filter(arena -> arena.atClose().isEmpty()).count())
        .isLessThanOrEqualTo(1 + SystemUse.values().length + 1024);
    assertThat(opened(open(at.place, first))).isEqualTo("s3cret");
  }

  @Test
  void seal_whileManyThreadsOpenAndSeal_isWholeOrServerSealed() throws Exception {
    Sealed sealed = at.sealed("s3cret");
    int threads = 4;
    // platform threads, because the workers never wait and would fill all carriers
    try (ExecutorService workers = Executors.newFixedThreadPool(threads)) {
      for (int round = 0; round < 25; round++) {
        at.seal.unseal(at.slots, SealFixture.first());
        CountDownLatch started = new CountDownLatch(threads);
        Callable<List<Sealed>> work =
            () -> {
              List<Sealed> written = new ArrayList<>();
              started.countDown();
              try {
                while (true) {
                  assertThat(opened(open(at.place, sealed))).isEqualTo("s3cret");
                  assertThat(at.seal.matches(at.seal.mac(bytes("a")), bytes("a"))).isTrue();
                  if (written.size() < 50) {
                    written.add(at.sealed("written"));
                  }
                }
              } catch (VaultException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.SERVER_SEALED);
              }
              return written;
            };
        List<Future<List<Sealed>>> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
          running.add(workers.submit(work));
        }
        started.await();
        at.seal.seal();
        at.seal.unseal(at.slots, SealFixture.first());
        List<Sealed> written = new ArrayList<>();
        // those that met the closing have ended; the others go on until the second one
        at.seal.seal();
        for (Future<List<Sealed>> each : running) {
          written.addAll(each.get());
        }
        at.seal.unseal(at.slots, SealFixture.first());
        // nothing was ever sealed under a half-wiped key
        for (Sealed each : written) {
          assertThat(opened(open(at.place, each))).isEqualTo("written");
        }
        at.seal.seal();
      }
    }
    for (WatchedArena arena : at.arenas) {
      assertThat(arena.atClose().orElseThrow()).containsOnly(0);
    }
  }

  @Test
  void initialise_whileOpen_isRefused() {
    assertThatThrownBy(
            () -> at.seal.initialise(at.installation, SealFixture.first(), "x", SealFixture.NOW))
        .isInstanceOf(IllegalStateException.class);
  }

  // Container keys

  @Test
  void rotateContainerKey_objectKeysRewrapped_valuesStay() {
    Sealed sealed = at.sealed("s3cret");
    WrappedKeys.Wrapped second = at.seal.rotateContainerKey(at.container);
    assertThat(second.generation()).isEqualTo(2);
    at.shelf.put(second);
    assertThat(opened(open(at.place, sealed))).isEqualTo("s3cret");

    Sealed rewrapped = at.seal.rewrapObjectKey(at.container, at.object, at.objectKey);
    assertThat(rewrapped.generation()).isEqualTo(2);
    assertThat(opened(at.seal.open(rewrapped, at.place, sealed))).isEqualTo("s3cret");
    assertThat(at.seal.newObjectKey(at.container, Randoms.id()).generation()).isEqualTo(2);
    assertIntegrity(
        at.object,
        () -> at.seal.rewrapObjectKey(at.container, at.object, changed(at.objectKey, 40)));
  }

  @Test
  void toString_ofAnything_showsNoKey() {
    assertThat(at.seal.toString()).isEqualTo("Seal[open]");
    assertThat(SealFixture.first().toString()).isEqualTo("PassphraseSlot[redacted]");
    assertThat(at.slots.toString())
        .isEqualTo("Slots[" + at.installation + ", revision 1, 1 slots]");
    at.seal.seal();
    assertThat(at.seal.toString()).isEqualTo("Seal[sealed]");
  }

  private SecretBytes open(Barrier.Place place, Sealed sealed) {
    return at.seal.open(at.objectKey, place, sealed);
  }

  private static String opened(SecretBytes secret) {
    try (secret) {
      return new String(secret.exposed(), StandardCharsets.UTF_8);
    }
  }

  private static Sealed changed(Sealed sealed, int at) {
    byte[] bytes = sealed.bytes();
    bytes[at] ^= 1;
    return Sealed.read(bytes);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
