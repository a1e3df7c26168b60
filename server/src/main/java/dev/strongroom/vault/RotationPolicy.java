package dev.strongroom.vault;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import java.time.Instant;
import java.util.Optional;

/**
 * When a key gets its next version, how long that is valid, and when before its end notice is given.
 * One that exists keeps the limits of vaults.
 *
 * @see <a href="https://learn.microsoft.com/azure/key-vault/keys/how-to-configure-key-rotation">
 *     Configure cryptographic key auto-rotation in Azure Key Vault</a>
 */
public record RotationPolicy(Optional<Trigger> rotate, Span notice, Optional<Span> expiry) {
  /** The notice that a policy has when it names none. */
  public static final Span DEFAULT_NOTICE = Span.ofDays(30);

  /** What a key has before a policy is set. */
  public static final RotationPolicy NONE =
      new RotationPolicy(Optional.empty(), DEFAULT_NOTICE, Optional.empty());

  private static final int LEAST_EXPIRY = 28;
  private static final int MOST_EXPIRY = 365_000;
  private static final int LEAST_INTERVAL = 7;

  /** From where the time of a rotation is counted. */
  public sealed interface Trigger {
    Span span();
  }

  public record AfterCreate(Span span) implements Trigger {}

  public record BeforeExpiry(Span span) implements Trigger {}

  public RotationPolicy {
    if (expiry.isPresent() && expiry.get().days() < LEAST_EXPIRY) {
      throw invalid("expiryTime must be at least " + LEAST_EXPIRY + " days");
    }
    // because clients cannot read a time after the year 9999
    if (expiry.isPresent() && expiry.get().days() > MOST_EXPIRY) {
      throw invalid("expiryTime must be at most " + MOST_EXPIRY + " days");
    }
    if (rotate.isPresent()) {
      check(rotate.get(), expiry);
    }
  }

  private static void check(Trigger trigger, Optional<Span> expiry) {
    long days = trigger.span().days();
    switch (trigger) {
      case AfterCreate _ -> {
        if (days < LEAST_INTERVAL) {
          throw invalid("timeAfterCreate must be at least " + LEAST_INTERVAL + " days");
        }
        if (expiry.isPresent() && days > expiry.get().days() - LEAST_INTERVAL) {
          throw invalid(
              "timeAfterCreate must end at least " + LEAST_INTERVAL + " days before expiryTime");
        }
      }
      case BeforeExpiry _ -> {
        if (expiry.isEmpty()) {
          throw invalid("a rotation with timeBeforeExpiry needs expiryTime");
        }
        if (days < LEAST_INTERVAL || days > expiry.get().days() - LEAST_INTERVAL) {
          throw invalid(
              "timeBeforeExpiry of a rotation must be at least "
                  + LEAST_INTERVAL
                  + " days, and as much shorter than expiryTime");
        }
      }
    }
  }

  /** When a version of this age and end is to be followed by another. */
  Optional<Instant> rotation(Instant created, Optional<Instant> expires) {
    return rotate.flatMap(
        trigger ->
            switch (trigger) {
              case AfterCreate(Span span) -> Optional.of(span.after(created));
              case BeforeExpiry(Span span) -> expires.map(span::before);
            });
  }

  public static VaultException invalid(String reason) {
    return VaultException.of(ErrorCode.ROTATION_POLICY_INVALID, "reason", reason);
  }
}
