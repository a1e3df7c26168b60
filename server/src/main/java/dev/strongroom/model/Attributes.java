package dev.strongroom.model;

import java.time.Instant;
import java.util.Optional;

/** What every version carries beside its value; times have whole seconds, as on the wire. */
public record Attributes(
    boolean enabled,
    Optional<Instant> notBefore,
    Optional<Instant> expires,
    Instant created,
    Instant updated) {}
