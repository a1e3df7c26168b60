package dev.strongroom.vault;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.Barrier;
import dev.strongroom.seal.SystemUse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;

/**
 * The {@code $skiptoken} of a list: where the next page begins, sealed under a system subkey and
 * bound to the list, so that it works on every node and after a restart, and for no other list.
 *
 * <p>Inside: issue time, page size, and the last key (a folded name, or a version number).
 */
public final class PageTokens {
  /** What a token says. */
  public record Place(String after, int pageSize) {}

  private final Barrier barrier;

  public PageTokens(Barrier barrier) {
    this.barrier = barrier;
  }

  /**
   * @param list which list of the container, such as "secrets" or "secrets/name/versions"
   */
  public String issue(Id container, String list, String after, int pageSize, Instant now) {
    String text = now.getEpochSecond() + " " + pageSize + " " + after;
    Sealed sealed =
        barrier.sealSystem(
            SystemUse.PAGE_TOKEN, context(container, list), SecretBytes.ofUtf8(text));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(sealed.bytes());
  }

  public Place read(Id container, String list, String token) {
    try {
      Sealed sealed = Sealed.read(Base64.getUrlDecoder().decode(token));
      try (SecretBytes text =
          barrier.openSystem(SystemUse.PAGE_TOKEN, context(container, list), sealed)) {
        String[] parts =
            new String(text.exposed(), StandardCharsets.UTF_8).split(" ", 3);
        return new Place(parts[2], Integer.parseInt(parts[1]));
      }
    } catch (IllegalArgumentException e) {
      throw VaultException.of(ErrorCode.SKIPTOKEN_INVALID);
    } catch (VaultException e) {
      if (e.code() == ErrorCode.INTEGRITY) {
        throw VaultException.of(ErrorCode.SKIPTOKEN_INVALID);
      }
      throw e;
    }
  }

  private static byte[] context(Id container, String list) {
    return (container.hex() + ' ' + list).getBytes(StandardCharsets.UTF_8);
  }
}
