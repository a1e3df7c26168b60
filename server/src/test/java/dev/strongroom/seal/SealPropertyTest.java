package dev.strongroom.seal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.Cases;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Id;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.SecretBytes;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SealPropertyTest {
  private final SealFixture at = new SealFixture();

  @Test
  void seal_anyValueAndField_opensToTheSame() {
    Cases.run(200, this::sealAnyValue);
  }

  private void sealAnyValue(Random random) {
    byte[] plain = Cases.bytes(random);
    String field = Cases.text(random);
    Id object = Randoms.id();
    Sealed key = at.seal.newObjectKey(at.container, object);
    Barrier.Place place = new Barrier.Place(at.container, object, Randoms.id(), field);
    Sealed sealed = at.seal.seal(key, place, SecretBytes.taking(plain.clone()));
    try (SecretBytes opened = at.seal.open(Sealed.read(key.bytes()), place, sealed)) {
      assertThat(opened.exposed()).isEqualTo(plain);
    }
  }

  @Test
  void sealSystem_anyValueAndContext_opensToTheSame() {
    Cases.run(200, this::sealAnySystemValue);
  }

  private void sealAnySystemValue(Random random) {
    SystemUse use = SystemUse.values()[random.nextInt(SystemUse.values().length)];
    byte[] plain = Cases.bytes(random);
    byte[] context = Cases.bytes(random);
    Sealed sealed = at.seal.sealSystem(use, context, SecretBytes.taking(plain.clone()));
    try (SecretBytes opened = at.seal.openSystem(use, context, sealed)) {
      assertThat(opened.exposed()).isEqualTo(plain);
    }
  }
}
