package dev.strongroom.vault;

import dev.strongroom.model.KeyOperation;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The members of a create, import or update that were present; what is absent keeps its value or
 * default.
 */
public record KeyChange(
    Optional<Boolean> enabled,
    Optional<Instant> notBefore,
    Optional<Instant> expires,
    Optional<Map<String, String>> tags,
    Optional<List<KeyOperation>> operations) {

  public static KeyChange none() {
    return new KeyChange(
        Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }
}
