package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.model.Curve;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeyType;
import dev.strongroom.model.PrivateJwk;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.ToSign;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The examples of the RFCs themselves. */
class RfcVectorsTest {
  private final SoftwareKeys keys = new SoftwareKeys(new JdkEngine());

  /** RFC 3394 section 4. */
  @ParameterizedTest
  @CsvSource({
    "000102030405060708090A0B0C0D0E0F, 00112233445566778899AABBCCDDEEFF,"
        + "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5",
    "000102030405060708090A0B0C0D0E0F1011121314151617, 00112233445566778899AABBCCDDEEFF,"
        + "96778B25AE6CA435F92B5B97C050AED2468AB8A17AD84E5D",
    "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F,"
        + "00112233445566778899AABBCCDDEEFF, 64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7",
    "000102030405060708090A0B0C0D0E0F1011121314151617,"
        + "00112233445566778899AABBCCDDEEFF0001020304050607,"
        + "031D33264E15D33268F24EC260743EDCE1C6C7DDEE725A936BA814915C6762D2",
    "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F,"
        + "00112233445566778899AABBCCDDEEFF0001020304050607,"
        + "A8F9BC1612C68B3FF6E6F4FBE30E71E4769C8B80A32CB8958CD5D17D6B254DA1",
    "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F,"
        + "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F,"
        + "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"
  })
  void wrap_rfc3394_agrees(String key, String plain, String wrapped) {
    wraps(KeyAlgorithm.CKM_AES_KEY_WRAP, key, plain, wrapped);
    wraps(KeyAlgorithm.find("A" + key.length() * 4 + "KW").orElseThrow(), key, plain, wrapped);
  }

  /** RFC 5649 section 6. */
  @ParameterizedTest
  @CsvSource({
    "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8, c37b7e6492584340bed12207808941155068f738,"
        + "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a",
    "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8, 466f7250617369,"
        + "afbeb0f07dfbf5419200f2ccb50bb24f"
  })
  void wrap_rfc5649_agrees(String key, String plain, String wrapped) {
    wraps(KeyAlgorithm.CKM_AES_KEY_WRAP_PAD, key, plain, wrapped);
  }

  private void wraps(KeyAlgorithm algorithm, String key, String plain, String wrapped) {
    try (OpenKey open =
        keys.open(
            keys.importJwk(
                new PrivateJwk(
                    KeyType.OCT, Optional.empty(), Optional.empty(), Map.of("k", hex(key)))))) {
      assertThat(open.wrap(algorithm, hex(plain))).isEqualTo(hex(wrapped).exposed());
      assertThat(open.unwrap(algorithm, hex(wrapped).exposed()).orElseThrow().exposed())
          .isEqualTo(hex(plain).exposed());
    }
  }

  /** RFC 7515 appendix A.3. */
  @Test
  void verify_rfc7515Es256_agrees() {
    PrivateJwk jwk =
        new PrivateJwk(
            KeyType.EC,
            Optional.of(Curve.P_256),
            Optional.empty(),
            Map.of(
                "x", base64("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                "y", base64("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
                "d", base64("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI")));
    ToSign.Digest input =
        new ToSign.Digest(
            Digests.sha256(
                ("eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9"
                        + "leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ")
                    .getBytes(StandardCharsets.US_ASCII)));
    byte[] signature =
        base64(
                "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-"
                    + "Kg6NU1Q")
            .exposed();
    Material made = keys.importJwk(jwk);
    assertThat(made.publicJwk().members())
        .containsExactly(
            Map.entry("crv", "P-256"),
            Map.entry("x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
            Map.entry("y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"));
    try (OpenKey open = keys.open(made);
        OpenKey publicOnly = keys.openPublic(PublicJwk.read(made.publicJwk().stored()))) {
      assertThat(open.verify(KeyAlgorithm.ES256, input, signature)).isTrue();
      assertThat(
              publicOnly.verify(
                  KeyAlgorithm.ES256, input, open.sign(KeyAlgorithm.ES256, input)))
          .isTrue();
    }
  }

  private static SecretBytes hex(String text) {
    return SecretBytes.taking(HexFormat.of().parseHex(text));
  }

  private static SecretBytes base64(String text) {
    return SecretBytes.taking(Base64.getUrlDecoder().decode(text));
  }
}
