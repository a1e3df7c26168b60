package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class DigestsAndMacsTest {
  /** FIPS 180-4, example "abc". */
  @Test
  void sha256_inAnyParts_agreesWithFips180() {
    byte[] expected =
        HexFormat.of()
            .parseHex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assertThat(Digests.sha256(bytes("abc"))).isEqualTo(expected);
    assertThat(Digests.sha256(bytes("a"), bytes(""), bytes("bc"))).isEqualTo(expected);
    assertThat(Digests.newSha256().digest(bytes("abc"))).isEqualTo(expected);
  }

  @Test
  void sha1Thumbprint_agreesWithFips180() {
    assertThat(Digests.sha1Thumbprint(bytes("abc")))
        .isEqualTo(HexFormat.of().parseHex("a9993e364706816aba3e25717850c26c9cd0d89d"));
  }

  /** Fixed by calculation outside this project: HMAC-SHA-256 over 00000003 "abc" 00000001 "d". */
  @Test
  void hmac_parts_areEachPrecededByTheirLength() {
    assertThat(Hmac.sha256(bytes("key"), bytes("abc"), bytes("d")))
        .isEqualTo(HexFormat.of().parseHex("27ad0641b4587e789ddea0265d70b0a80f2876976607cf306a7bf19c7ddec516"));
    assertThat(Hmac.sha256(bytes("key"), bytes("ab"), bytes("cd")))
        .isNotEqualTo(Hmac.sha256(bytes("key"), bytes("abc"), bytes("d")));
    assertThat(Hmac.sha256(bytes("key"), bytes("abcd")))
        .isNotEqualTo(Hmac.sha256(bytes("key"), bytes("abcd"), bytes("")));
  }

  @Test
  void equal_differentLengthsOrBytes_isFalse() {
    assertThat(Digests.equal(bytes("abc"), bytes("abc"))).isTrue();
    assertThat(Digests.equal(bytes("abc"), bytes("abd"))).isFalse();
    assertThat(Digests.equal(bytes("abc"), bytes("ab"))).isFalse();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
