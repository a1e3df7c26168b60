package dev.strongroom.vault;

import java.time.Instant;
import java.util.Optional;

/** A key's rotation policy, with the times when it was first and last set, if it was. */
public record KeyPolicy(
    VaultObject key,
    RotationPolicy policy,
    Optional<Instant> created,
    Optional<Instant> updated) {

  static KeyPolicy of(Stored stored) {
    Optional<KeyCodec.Policy> set = KeyCodec.policy(stored.object());
    return new KeyPolicy(
        stored.shown(),
        set.map(KeyCodec.Policy::policy).orElse(RotationPolicy.NONE),
        set.map(KeyCodec.Policy::created),
        set.map(KeyCodec.Policy::updated));
  }
}
