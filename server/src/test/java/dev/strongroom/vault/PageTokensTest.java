package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.control.Refused;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class PageTokensTest {
  private final OpenVault vault = new OpenVault();
  private final PageTokens tokens = new PageTokens(vault.seal);
  private final Id container = vault.container.id();

  @Test
  void read_issued_saysThePlace() {
    for (String after : List.of("", "name-9", "12", "a b")) {
      String token = tokens.issue(container, "secrets", after, 7, vault.now);
      assertThat(token).matches("[0-9A-Za-z_-]+");
      assertThat(new PageTokens(vault.seal).read(container, "secrets", token))
          .isEqualTo(new PageTokens.Place(after, 7));
    }
  }

  @Test
  void read_ofAnotherList_isRefused() {
    String token = tokens.issue(container, "secrets", "a", 7, vault.now);
    for (String list : List.of("deletedsecrets", "secrets/a/versions", "", "secret")) {
      Refused.with(ErrorCode.SKIPTOKEN_INVALID, () -> tokens.read(container, list, token));
    }
    Refused.with(
        ErrorCode.SKIPTOKEN_INVALID, () -> tokens.read(Randoms.id(), "secrets", token));
  }

  @Test
  void read_anyByteChangedOrCut_isRefused() {
    byte[] token =
        Base64.getUrlDecoder().decode(tokens.issue(container, "secrets", "a", 7, vault.now));
    for (int at = 0; at < token.length; at++) {
      byte[] changed = token.clone();
      changed[at] ^= (byte) (1 << (at % 8));
      String flipped = encode(changed);
      Refused.with(ErrorCode.SKIPTOKEN_INVALID, () -> tokens.read(container, "secrets", flipped));
      String cut = encode(java.util.Arrays.copyOf(token, at));
      Refused.with(ErrorCode.SKIPTOKEN_INVALID, () -> tokens.read(container, "secrets", cut));
    }
  }

  @Test
  void read_notOurs_isRefused() {
    String foreign =
        new PageTokens(new OpenVault().seal).issue(container, "secrets", "a", 7, vault.now);
    for (String token : List.of("", "*", "eyJ", "a b", "\u00e4", foreign)) {
      Refused.with(ErrorCode.SKIPTOKEN_INVALID, () -> tokens.read(container, "secrets", token));
    }
  }

  @Test
  void read_whileSealed_saysSo() {
    String token = tokens.issue(container, "secrets", "a", 7, vault.now);
    vault.seal.seal();
    Refused.with(ErrorCode.SERVER_SEALED, () -> tokens.read(container, "secrets", token));
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
