package dev.strongroom.seal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.model.Id;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The stored format: a failure here means that what is stored today could not be opened. */
class BindingTest {
  private static final String A = "000102030405060708090a0b0c0d0e0f";
  private static final String B = "101112131415161718191a1b1c1d1e1f";
  private static final String C = "202122232425262728292a2b2c2d2e2f";

  @Test
  void associatedData_ofEachKind_isAsStored() {
    assertThat(Binding.value(new Barrier.Place(id(A), id(B), id(C), "value")))
        .isEqualTo(HexFormat.of().parseHex("01" + A + B + C + ascii("value")));
    assertThat(Binding.objectKey(id(A), id(B)))
        .isEqualTo(HexFormat.of().parseHex("01" + A + B + ascii("object-key")));
    assertThat(Binding.ownerKey(id(A), 258))
        .isEqualTo(HexFormat.of().parseHex("01" + A + "00000102" + ascii("container-key")));
    assertThat(Binding.slotRoot(id(A), id(B)))
        .isEqualTo(HexFormat.of().parseHex("01" + A + B + ascii("slot-root")));
    assertThat(Binding.slotKey(id(A), id(B)))
        .isEqualTo(HexFormat.of().parseHex("01" + A + B + ascii("slot-key")));
    assertThat(Binding.system(id(A), new byte[] {1, 2}))
        .isEqualTo(HexFormat.of().parseHex("01" + A + "0102"));
  }

  private static Id id(String hex) {
    return Id.findHex(hex).orElseThrow();
  }

  private static String ascii(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
  }
}
