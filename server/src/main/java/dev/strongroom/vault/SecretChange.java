package dev.strongroom.vault;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** The members of a set or update that were present; what is absent keeps its value or default. */
public record SecretChange(
    Optional<Boolean> enabled,
    Optional<Instant> notBefore,
    Optional<Instant> expires,
    Optional<Map<String, String>> tags,
    Optional<String> contentType) {

  public static SecretChange none() {
    return new SecretChange(
        Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }
}
