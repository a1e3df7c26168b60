package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.model.KeyAlgorithm.Hash;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RsaEncodingTest {
  private static final byte[] MESSAGE = {1, 2, 3};
  private static final byte[] LABEL = {9};

  private final Random random = new Random(3);

  @Test
  void pss_everyLengthOfModulus_matchesItselfOnly() {
    for (int bits = 1024; bits <= 1040; bits++) {
      byte[] digest = bytes(32);
      byte[] block = RsaEncoding.pss(Hash.SHA_256, digest, bytes(32), bits);
      assertThat(block).hasSize((bits + 7) / 8);
      assertThat(new java.math.BigInteger(1, block).bitLength()).isLessThan(bits);
      assertThat(RsaEncoding.pssMatches(Hash.SHA_256, digest, block, 32, bits)).isTrue();
      assertThat(RsaEncoding.pssMatches(Hash.SHA_256, digest, block, 31, bits)).isFalse();
      assertThat(RsaEncoding.pssMatches(Hash.SHA_256, bytes(32), block, 32, bits)).isFalse();
      for (int i = 0; i < block.length; i++) {
        byte[] changed = block.clone();
        changed[i] ^= (byte) (1 << random.nextInt(8));
        assertThat(RsaEncoding.pssMatches(Hash.SHA_256, digest, changed, 32, bits))
            .as("byte " + i + " of a block for " + bits + " bits")
            .isFalse();
      }
    }
  }

  @Test
  void pss_hashThatDoesNotFit_isRefused() {
    assertThatThrownBy(() -> RsaEncoding.pss(Hash.SHA_512, bytes(64), bytes(64), 1024))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(RsaEncoding.pssMatches(Hash.SHA_512, bytes(64), bytes(128), 64, 1024)).isFalse();
  }

  @Test
  void pkcs1Decrypt_everyRuleBroken_isNoMessage() {
    byte[] good = RsaEncoding.pkcs1Encrypt(MESSAGE, 64);
    assertThat(RsaEncoding.pkcs1Decrypt(good.clone())).hasValue(MESSAGE);
    assertThat(RsaEncoding.pkcs1Decrypt(with(good, 0, 1))).isEmpty();
    assertThat(RsaEncoding.pkcs1Decrypt(with(good, 1, 1))).isEmpty();
    assertThat(RsaEncoding.pkcs1Decrypt(with(good, 60, 7))).isEmpty();
    for (int separator = 2; separator < 64; separator++) {
      byte[] block = new byte[64];
      Arrays.fill(block, (byte) 5);
      block[0] = 0;
      block[1] = 2;
      block[separator] = 0;
      if (separator < 10) {
        assertThat(RsaEncoding.pkcs1Decrypt(block)).as("at " + separator).isEmpty();
      } else {
        assertThat(RsaEncoding.pkcs1Decrypt(block).orElseThrow()).hasSize(63 - separator);
      }
    }
  }

  @Test
  void pkcs1Encrypt_padding_hasNoZeroAndFillsTheBlock() {
    for (int length = 0; length <= 53; length++) {
      byte[] block = RsaEncoding.pkcs1Encrypt(bytes(length), 64);
      assertThat(block).hasSize(64);
      assertThat(Arrays.copyOfRange(block, 2, 63 - length)).doesNotContain(0);
      assertThat(block[63 - length]).isZero();
    }
    assertThatThrownBy(() -> RsaEncoding.pkcs1Encrypt(bytes(54), 64))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void oaepDecode_everyByteChanged_isNoMessage() {
    byte[] good = RsaEncoding.oaep(Hash.SHA_256, Hash.SHA_1, LABEL, MESSAGE, 128);
    assertThat(RsaEncoding.oaepDecode(Hash.SHA_256, Hash.SHA_1, LABEL, good.clone()))
        .hasValue(MESSAGE);
    assertThat(RsaEncoding.oaepDecode(Hash.SHA_256, Hash.SHA_1, new byte[0], good.clone()))
        .isEmpty();
    assertThat(RsaEncoding.oaepDecode(Hash.SHA_256, Hash.SHA_256, LABEL, good.clone())).isEmpty();
    for (int i = 0; i < 125; i++) {
      assertThat(
              RsaEncoding.oaepDecode(Hash.SHA_256, Hash.SHA_1, LABEL, with(good, i, good[i] ^ 4)))
          .as("byte " + i)
          .isEmpty();
    }
    assertThat(RsaEncoding.oaepDecode(Hash.SHA_512, Hash.SHA_512, LABEL, new byte[128]))
        .isEmpty();
  }

  @Test
  void oaep_everyLength_roundTripsAndTheBlockIsWiped() {
    for (int length = 0; length <= 62; length++) {
      byte[] message = bytes(length);
      byte[] block = RsaEncoding.oaep(Hash.SHA_256, Hash.SHA_256, LABEL, message, 128);
      assertThat(RsaEncoding.oaepDecode(Hash.SHA_256, Hash.SHA_256, LABEL, block))
          .hasValue(message);
      assertThat(block).containsOnly(0);
    }
    assertThatThrownBy(
            () -> RsaEncoding.oaep(Hash.SHA_256, Hash.SHA_256, LABEL, bytes(63), 128))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] with(byte[] block, int at, int value) {
    byte[] changed = block.clone();
    changed[at] = (byte) value;
    return changed;
  }
}
