package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The cipher that {@link AesGcm} uses, against Project Wycheproof's vectors for it. */
class AesGcmVectorsTest {
  @Test
  void cipher_wycheproof256BitKeys_agrees() throws Exception {
    int valid = 0;
    int invalid = 0;
    for (JsonNode group : vectors().get("testGroups")) {
      if (group.get("keySize").asInt() != 256
          || group.get("ivSize").asInt() != 96
          || group.get("tagSize").asInt() != 128) {
        continue;
      }
      for (JsonNode test : group.get("tests")) {
        String name = "tcId " + test.get("tcId");
        if (test.get("result").asString().equals("valid")) {
          assertThat(run(Cipher.ENCRYPT_MODE, test, bytes(test, "msg")))
              .as(name)
              .isEqualTo(sealed(test));
          assertThat(run(Cipher.DECRYPT_MODE, test, sealed(test)))
              .as(name)
              .isEqualTo(bytes(test, "msg"));
          valid++;
        } else {
          assertThatThrownBy(() -> run(Cipher.DECRYPT_MODE, test, sealed(test)))
              .as(name)
              .isInstanceOf(AEADBadTagException.class);
          invalid++;
        }
      }
    }
    assertThat(valid).isGreaterThan(30);
    assertThat(invalid).isGreaterThan(10);
  }

  @Test
  void cipher_shortKeyOrNonce_isRefused() {
    assertThatThrownBy(() -> AesGcm.cipher(Cipher.ENCRYPT_MODE, new byte[16], new byte[12]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> AesGcm.cipher(Cipher.ENCRYPT_MODE, new byte[32], new byte[16]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static byte[] run(int mode, JsonNode test, byte[] input)
      throws GeneralSecurityException {
    Cipher cipher = AesGcm.cipher(mode, bytes(test, "key"), bytes(test, "iv"));
    cipher.updateAAD(bytes(test, "aad"));
    return cipher.doFinal(input);
  }

  private static byte[] sealed(JsonNode test) {
    byte[] text = bytes(test, "ct");
    byte[] tag = bytes(test, "tag");
    byte[] both = Arrays.copyOf(text, text.length + tag.length);
    System.arraycopy(tag, 0, both, text.length, tag.length);
    return both;
  }

  private static byte[] bytes(JsonNode test, String member) {
    return HexFormat.of().parseHex(test.get(member).asString());
  }

  private static JsonNode vectors() throws IOException {
    try (InputStream in =
        new GZIPInputStream(
            AesGcmVectorsTest.class.getResourceAsStream("/vectors/wycheproof/aes_gcm_test.json.gz"))) {
      return JsonMapper.shared().readTree(in);
    }
  }
}
