package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.model.SecretBytes;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RsaTest {
  private static final Rsa.Pair PAIR = Rsa.generate(2048);

  @Test
  void read_ofPkcs8_isTheSamePair() {
    try (SecretBytes pkcs8 = PAIR.pkcs8()) {
      Rsa.Pair again = Rsa.read(pkcs8);
      assertThat(again.publicKey()).isEqualTo(PAIR.publicKey());
      assertThat(again.privateKey()).isEqualTo(PAIR.privateKey());
    }
  }

  @Test
  void read_ofSomethingElse_isRefusedWithoutQuotingIt() {
    byte[] secret = "sesame-open".getBytes(StandardCharsets.US_ASCII);
    assertThatThrownBy(() -> Rsa.read(SecretBytes.taking(secret)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasNoCause()
        .hasMessageNotContaining("sesame");
  }

  @Test
  void generate_tooShort_isRefused() {
    assertThatThrownBy(() -> Rsa.generate(1024)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void publicKey_weakParts_isRefused() {
    BigInteger modulus = PAIR.publicKey().getModulus();
    assertThatThrownBy(() -> Rsa.publicKey(modulus.shiftRight(1024), BigInteger.valueOf(65537)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Rsa.publicKey(modulus, BigInteger.ONE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Rsa.publicKey(modulus, BigInteger.valueOf(65536)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Rsa.publicKey(modulus.negate(), BigInteger.valueOf(65537)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(Rsa.publicKey(modulus, BigInteger.valueOf(65537))).isEqualTo(PAIR.publicKey());
  }

  @Test
  void toString_ofPair_showsOnlyItsSize() {
    assertThat(PAIR.toString()).isEqualTo("Rsa.Pair[2048 bits]");
  }
}
