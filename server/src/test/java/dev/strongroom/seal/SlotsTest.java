package dev.strongroom.seal;

import static dev.strongroom.seal.SealFixture.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SlotsTest {
  private final SealFixture at = new SealFixture();

  @TempDir private Path folder;

  @Test
  void read_ofBytes_isTheSameDocument() {
    Slots read = Slots.read(at.slots.bytes());
    assertThat(read.bytes()).isEqualTo(at.slots.bytes());
    assertThat(read.installation()).isEqualTo(at.installation);
    assertThat(read.rootGeneration()).isEqualTo(1);
    assertThat(read.revision()).isEqualTo(1);
    Slots.Slot slot = read.list().getFirst();
    assertThat(slot.kind()).isEqualTo(Slots.Kind.PASSPHRASE);
    assertThat(slot.label()).isEqualTo("first");
    assertThat(slot.created()).isEqualTo(Instant.parse("2026-11-25T10:15:30Z"));
    assertThat(slot.derivation().orElseThrow().cost()).isEqualTo(SealFixture.CHEAP);
    Seal again = at.newSeal();
    again.unseal(read, SealFixture.first());
    assertThat(again.isSealed()).isFalse();
  }

  @Test
  void unseal_wrongPassphraseOrKind_isMismatchAndStaysSealed() throws Exception {
    Seal again = at.newSeal();
    assertThatThrownBy(() -> again.unseal(at.slots, SealFixture.passphrase("another passphrase")))
        .isInstanceOf(SlotMismatch.class)
        .hasMessage("this passphrase opens none of the key slots");
    assertThatThrownBy(() -> again.unseal(at.slots, FileSlot.create(folder.resolve("key"))))
        .isInstanceOf(SlotMismatch.class)
        .hasMessage("this key file opens none of the key slots");
    assertThat(again.isSealed()).isTrue();
    again.unseal(at.slots, SealFixture.first());
    assertThat(again.isSealed()).isFalse();
  }

  @Test
  void addSlot_fileAndSecondPassphrase_eachOpensAlone() throws Exception {
    Sealed sealed = at.sealed("s3cret");
    FileSlot file = FileSlot.create(folder.resolve("key"));
    Slots two = at.seal.addSlot(at.slots, file, "file", SealFixture.NOW);
    Slots three =
        at.seal.addSlot(
            two, SealFixture.passphrase("a second passphrase"), "second", SealFixture.NOW);
    assertThat(three.list())
        .extracting(Slots.Slot::label)
        .containsExactly("first", "file", "second");
    assertThat(three.revision()).isEqualTo(3);
    Slots stored = Slots.read(three.bytes());
    assertOpens(stored, SealFixture.first(), sealed);
    assertOpens(stored, FileSlot.load(folder.resolve("key")), sealed);
    assertOpens(stored, SealFixture.passphrase("a second passphrase"), sealed);
  }

  @Test
  void removeSlot_oneOfTwo_opensNoMore() {
    Slots two =
        at.seal.addSlot(
            at.slots, SealFixture.passphrase("a second passphrase"), "", SealFixture.NOW);
    Slots one = at.seal.removeSlot(two, at.slots.list().getFirst().id());
    assertThatThrownBy(() -> at.newSeal().unseal(one, SealFixture.first()))
        .isInstanceOf(SlotMismatch.class);
    assertOpens(one, SealFixture.passphrase("a second passphrase"), at.sealed("s3cret"));
  }

  @Test
  void removeSlot_lastOrUnknown_isRefused() {
    assertThatThrownBy(() -> at.seal.removeSlot(at.slots, at.slots.list().getFirst().id()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("last");
    assertThatThrownBy(() -> at.seal.removeSlot(at.slots, Randoms.guid()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no key slot");
  }

  @Test
  void addSlot_shortPassphraseOrBadLabel_isRefused() {
    assertThatThrownBy(
            () ->
                at.seal.addSlot(
                    at.slots, SealFixture.passphrase("too short"), "x", SealFixture.NOW))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least");
    assertThatThrownBy(
            () -> at.seal.addSlot(at.slots, SealFixture.first(), "a\nb", SealFixture.NOW))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> at.seal.addSlot(at.slots, SealFixture.first(), "x".repeat(65), SealFixture.NOW))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void unseal_documentChanged_isIntegrity() {
    String text = text(at.slots);
    for (String changed :
        new String[] {
          text.replace("\"first\"", "\"fIrst\""),
          text.replace("\"revision\":1", "\"revision\":2"),
          text.replace("10:15:30Z", "10:15:31Z"),
          text.replace("\"rootGeneration\":1", "\"rootGeneration\":2")
        }) {
      assertThat(changed).isNotEqualTo(text);
      assertDamaged(() -> at.newSeal().unseal(read(changed), SealFixture.first()));
      assertDamaged(() -> at.seal.removeSlot(read(changed), Randoms.guid()));
      assertDamaged(
          () -> at.seal.addSlot(read(changed), SealFixture.first(), "x", SealFixture.NOW));
      assertDamaged(() -> at.seal.rotateRoot(read(changed), at.shelf.all()));
    }
  }

  @Test
  void unseal_slotOfAnotherInstallationAdded_isIntegrity() {
    SealFixture other = new SealFixture();
    String text = text(at.slots);
    String mine = text.substring(text.indexOf("{\"id\""), text.indexOf("],\"mac\""));
    String theirs = text(other.slots);
    theirs = theirs.substring(theirs.indexOf("{\"id\""), theirs.indexOf("],\"mac\""));
    Slots both = read(text.replace(mine, mine + ',' + theirs));
    assertThat(both.list()).hasSize(2);
    assertDamaged(() -> at.newSeal().unseal(both, SealFixture.first()));
    // a whole document of another installation fits none of the keys stored here
    SealFixture.assertIntegrity(
        other.installation, () -> at.newSeal().unseal(other.slots, SealFixture.first()));
    assertDamaged(() -> at.seal.removeSlot(other.slots, Randoms.guid()));
  }

  @Test
  void unseal_parametersMadeCheaperOrSaltChanged_isMismatch() {
    String text = text(at.slots);
    assertThatThrownBy(
            () ->
                at.newSeal()
                    .unseal(
                        read(text.replace("\"memoryKib\":8", "\"memoryKib\":9")),
                        SealFixture.first()))
        .isInstanceOf(SlotMismatch.class);
    String salt = Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[16]);
    assertThatThrownBy(
            () ->
                at.newSeal()
                    .unseal(
                        read(text.replaceAll("(\"salt\":\")[^\"]*", "$1" + salt)),
                        SealFixture.first()))
        .isInstanceOf(SlotMismatch.class);
  }

  @Test
  void unseal_systemKeyGoneOrReplaced_isIntegrity() {
    at.shelf.remove(at.installation);
    SealFixture.assertIntegrity(
        at.installation, () -> at.newSeal().unseal(at.slots, SealFixture.first()));
    SealFixture other = new SealFixture();
    at.shelf.put(at.installation, 1, other.shelf.newest(other.installation).orElseThrow().key());
    SealFixture.assertIntegrity(
        at.installation, () -> at.newSeal().unseal(at.slots, SealFixture.first()));
    // a container's key in its place
    at.shelf.put(at.installation, 1, at.shelf.newest(at.container).orElseThrow().key());
    SealFixture.assertIntegrity(
        at.installation, () -> at.newSeal().unseal(at.slots, SealFixture.first()));
  }

  @Test
  void read_anotherSpelling_isIntegrity() {
    String text = text(at.slots);
    for (String changed :
        new String[] {
          "",
          "{}",
          "[]",
          "null",
          "{\"format\":1",
          text + ' ',
          text + "{}",
          ' ' + text,
          text.replace("\"format\":1", "\"format\":2"),
          text.replace("\"format\":1", "\"format\":\"1\""),
          text.replace("\"format\":1", "\"format\":1.0"),
          text.replace("\"revision\":1", "\"revision\":1,\"revision\":1"),
          text.replace("\"revision\":1", "\"revision\":1,\"more\":1"),
          text.replace("\"revision\":1", "\"revision\":99999999999"),
          text.replace("\"revision\":1,", ""),
          text.replace("\"kind\":\"passphrase\"", "\"kind\":\"file\""),
          text.replace("\"kind\":\"passphrase\"", "\"kind\":\"token\""),
          text.replace("\"memoryKib\":8", "\"memoryKib\":2000000000"),
          text.replace("\"parallelism\":1", "\"parallelism\":0"),
          text.replace("\"created\":\"2026", "\"created\":\"soon"),
          text.replace("\"installation\":\"", "\"installation\":\"x"),
          text.replace("\"first\"", "null"),
          text.replaceAll("\"slots\":\\[.*]", "\"slots\":[]"),
          text.replaceAll("(\"mac\":\")[^\"]*", "$1AAAA"),
          text.replaceAll("(\"root\":\")[^\"]*", "$1AAAA"),
          text.replaceAll("(\"key\":\")[^\"]*", "$1!"),
          "[".repeat(10_000),
          "x".repeat(70_000)
        }) {
      assertThat(changed).isNotEqualTo(text);
      assertDamaged(() -> read(changed));
    }
  }

  @Test
  void bytes_ofDocument_holdNoKeyInTheClear() throws Exception {
    FileSlot file = FileSlot.create(folder.resolve("key"));
    Slots slots = at.seal.addSlot(at.slots, file, "file", SealFixture.NOW);
    try (SecretBytes key = file.derive(Optional.empty())) {
      assertThat(text(slots))
          .doesNotContain(
              Base64.getUrlEncoder().withoutPadding().encodeToString(key.exposed()));
    }
  }

  private void assertOpens(Slots slots, SlotKey key, Sealed sealed) {
    Seal again = at.newSeal();
    again.unseal(slots, key);
    try (SecretBytes opened = again.open(at.objectKey, at.place, sealed)) {
      assertThat(opened.exposed()).isEqualTo("s3cret".getBytes(StandardCharsets.UTF_8));
    }
    again.seal();
  }

  private static void assertDamaged(ThrowingCallable call) {
    assertRefused(ErrorCode.INTEGRITY, "the key slots", call);
  }

  private static String text(Slots slots) {
    return new String(slots.bytes(), StandardCharsets.UTF_8);
  }

  private static Slots read(String text) {
    return Slots.read(text.getBytes(StandardCharsets.UTF_8));
  }
}
