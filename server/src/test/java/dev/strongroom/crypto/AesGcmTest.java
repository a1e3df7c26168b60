package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.Cases;
import dev.strongroom.model.Id;
import dev.strongroom.model.Sealed;
import org.junit.jupiter.api.Test;

class AesGcmTest {
  private static final Id KEY_ID = Randoms.id();
  private static final byte[] AAD = {1, 2, 3};

  @Test
  void seal_anyBytes_opensToTheSame() {
    Cases.run(
        200,
        random -> {
          byte[] plain = Cases.bytes(random);
          byte[] aad = Cases.bytes(random);
          byte[] key = Randoms.bytes(32);
          Sealed sealed = AesGcm.seal(key, KEY_ID, 7, aad, plain);
          assertThat(sealed.keyId()).isEqualTo(KEY_ID);
          assertThat(sealed.generation()).isEqualTo(7);
          assertThat(AesGcm.open(key, aad, sealed)).hasValue(plain);
        });
  }

  @Test
  void open_anyByteChanged_isEmpty() {
    byte[] key = Randoms.bytes(32);
    byte[] bytes = AesGcm.seal(key, KEY_ID, 1, AAD, new byte[] {42, 43}).bytes();
    // format and algorithm are refused before opening, by Sealed.read
    for (int i = 2; i < bytes.length; i++) {
      byte[] changed = bytes.clone();
      changed[i] ^= 1;
      assertThat(AesGcm.open(key, AAD, Sealed.read(changed))).as("byte %s", i).isEmpty();
    }
  }

  @Test
  void open_anotherKeyOrAssociatedData_isEmpty() {
    byte[] key = Randoms.bytes(32);
    Sealed sealed = AesGcm.seal(key, KEY_ID, 1, AAD, new byte[] {42});
    assertThat(AesGcm.open(Randoms.bytes(32), AAD, sealed)).isEmpty();
    assertThat(AesGcm.open(key, new byte[] {1, 2}, sealed)).isEmpty();
  }

  @Test
  void seal_sameInputTwice_differs() {
    byte[] key = Randoms.bytes(32);
    assertThat(AesGcm.seal(key, KEY_ID, 1, AAD, new byte[8]))
        .isNotEqualTo(AesGcm.seal(key, KEY_ID, 1, AAD, new byte[8]));
  }
}
