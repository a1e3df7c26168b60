package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.model.SecretBytes;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** HKDF against RFC 5869 appendix A, Argon2id against RFC 9106 section 5.3. */
class KeyDerivationVectorsTest {
  @Test
  void hkdf_rfc5869TestCase1_agrees() {
    assertThat(
            Hkdf.derive(
                filled(22, 0x0b),
                hex("000102030405060708090a0b0c"),
                hex("f0f1f2f3f4f5f6f7f8f9"),
                42))
        .isEqualTo(
            hex(
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                    + "34007208d5b887185865"));
  }

  @Test
  void hkdf_rfc5869TestCase2_agrees() {
    assertThat(Hkdf.derive(counting(0x00, 80), counting(0x60, 80), counting(0xb0, 80), 82))
        .isEqualTo(
            hex(
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
                    + "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
                    + "cc30c58179ec3e87c14c01d5c1f3434f1d87"));
  }

  @Test
  void hkdf_rfc5869TestCase3WithoutSaltAndInfo_agrees() {
    byte[] expected =
        hex(
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                + "9d201395faa4b61a96c8");
    assertThat(Hkdf.derive(filled(22, 0x0b), new byte[0], new byte[0], 42)).isEqualTo(expected);
    assertThat(Hkdf.subkey(filled(22, 0x0b), "")).isEqualTo(Arrays.copyOf(expected, 32));
  }

  @Test
  void argon2id_rfc9106_agrees() {
    SecretBytes key =
        Argon2id.derive(
            SecretBytes.taking(filled(32, 0x01)),
            filled(16, 0x02),
            filled(8, 0x03),
            filled(12, 0x04),
            new Argon2id.Cost(32, 3, 4),
            32);
    assertThat(key.exposed())
        .isEqualTo(hex("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"));
  }

  @Test
  void cost_outOfBounds_isRefused() {
    assertThatThrownBy(() -> new Argon2id.Cost(2 * 1024 * 1024, 3, 4))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Argon2id.Cost(31, 3, 4))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Argon2id.Cost(64, 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Argon2id.Cost(64, 1, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static byte[] counting(int first, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (first + i);
    }
    return bytes;
  }
}
