package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.model.SecretBytes;
import dev.strongroom.Cases;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class PemTest {
  @Test
  void write_anyBytes_readsBack() {
    Cases.run(
        100,
        random -> {
          byte[] one = Cases.bytes(random);
          byte[] other = Cases.bytes(random);
          String first = Pem.write(Pem.CERTIFICATE, one);
          String second = Pem.write("PUBLIC KEY", other);
          List<Pem.Block> blocks = Pem.read(ascii("subject=x\n" + first + "\r\n" + second));
          assertThat(blocks)
              .extracting(Pem.Block::label)
              .containsExactly("CERTIFICATE", "PUBLIC KEY");
          assertThat(blocks.get(0).der()).isEqualTo(one);
          assertThat(blocks.get(1).der()).isEqualTo(other);
        });
  }

  @Test
  void write_linesAreOf64() {
    assertThat(Pem.write(Pem.CERTIFICATE, new byte[100]).lines().mapToInt(String::length).max())
        .hasValue(64);
  }

  @Test
  void writeSecret_isTheSameText() {
    try (SecretBytes der = SecretBytes.taking(new byte[] {1, 2, 3});
        SecretBytes pem = Pem.writeSecret(Pem.PRIVATE_KEY, der)) {
      assertThat(pem.exposed()).isEqualTo(ascii(Pem.write(Pem.PRIVATE_KEY, new byte[] {1, 2, 3})));
    }
  }

  @Test
  void read_crLfFile_isRead() {
    String text = Pem.write(Pem.CERTIFICATE, new byte[100]).replace("\n", "\r\n");
    assertThat(Pem.read(ascii(text))).hasSize(1);
  }

  @Test
  void read_noBlock_isEmpty() {
    assertThat(Pem.read(ascii("nothing here"))).isEmpty();
  }

  @Test
  void read_brokenBlock_isRefusedWithoutQuotingIt() {
    assertThatThrownBy(() -> Pem.read(ascii("-----BEGIN PRIVATE KEY-----\nAAAA\n")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the PEM block PRIVATE KEY has no end");
    assertThatThrownBy(
            () -> Pem.read(ascii("-----BEGIN A-----\nsesame!\n-----END A-----\n")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the PEM block A is not base64")
        .hasNoCause();
    assertThatThrownBy(() -> Pem.read(ascii("-----BEGIN A-----\nAAAA\n-----END B-----\n")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void toString_ofBlock_showsNoBytes() {
    assertThat(new Pem.Block("A", new byte[] {77}).toString()).isEqualTo("Block[A, 1 bytes]");
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
