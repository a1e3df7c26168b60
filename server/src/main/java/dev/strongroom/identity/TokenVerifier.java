package dev.strongroom.identity;

import dev.strongroom.model.Id;
import dev.strongroom.model.Principal;
import java.time.Instant;
import java.util.Optional;

/** Turns a bearer token into who it speaks for, or refuses with an UNAUTHORIZED row. */
public interface TokenVerifier {
  /**
   * @param tenant the tenant that the resource belongs to; a token of another one is refused. Empty
   *     where the resource has none (management lists).
   */
  Principal verify(String token, Audience audience, Optional<Id> tenant, Instant now);
}
