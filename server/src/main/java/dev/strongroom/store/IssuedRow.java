package dev.strongroom.store;

import dev.strongroom.model.Id;
import java.time.Instant;
import java.util.Optional;

/**
 * A certificate that an authority of ours has issued; kept for ever, whatever becomes of its object.
 *
 * @param serial hexadecimal, in lower case, without leading zeros
 * @param reason the CRLReason of RFC 5280 section 5.3.1, there with {@code revoked}
 */
public record IssuedRow(
    String serial,
    Id authority,
    Id container,
    Id object,
    Id version,
    Instant notBefore,
    Instant notAfter,
    Optional<Instant> revoked,
    Optional<Integer> reason) {

  public IssuedRow revokedAt(Instant time, int why) {
    return new IssuedRow(
        serial,
        authority,
        container,
        object,
        version,
        notBefore,
        notAfter,
        Optional.of(time),
        Optional.of(why));
  }
}
