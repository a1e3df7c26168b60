package dev.strongroom.seal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Id;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.SecretBytes;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class SealPropertyTest {
  private final SealFixture at = new SealFixture();

  @Property(tries = 200)
  void seal_anyValueAndField_opensToTheSame(@ForAll byte[] plain, @ForAll String field) {
    Id object = Randoms.id();
    Sealed key = at.seal.newObjectKey(at.container, object);
    Barrier.Place place = new Barrier.Place(at.container, object, Randoms.id(), field);
    Sealed sealed = at.seal.seal(key, place, SecretBytes.taking(plain.clone()));
    try (SecretBytes opened = at.seal.open(Sealed.read(key.bytes()), place, sealed)) {
      assertThat(opened.exposed()).isEqualTo(plain);
    }
  }

  @Property(tries = 200)
  void sealSystem_anyValueAndContext_opensToTheSame(
      @ForAll SystemUse use, @ForAll byte[] plain, @ForAll byte[] context) {
    Sealed sealed = at.seal.sealSystem(use, context, SecretBytes.taking(plain.clone()));
    try (SecretBytes opened = at.seal.openSystem(use, context, sealed)) {
      assertThat(opened.exposed()).isEqualTo(plain);
    }
  }
}
