package dev.strongroom.vault;

import dev.strongroom.model.SecretBytes;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** What a version is to be made of; whoever made the value closes it. */
record NewVersion(
    SecretBytes value,
    boolean enabled,
    Optional<Instant> notBefore,
    Optional<Instant> expires,
    Map<String, String> tags,
    Optional<String> contentType,
    Optional<String> details) {}
