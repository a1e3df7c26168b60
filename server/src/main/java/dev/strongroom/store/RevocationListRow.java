package dev.strongroom.store;

import dev.strongroom.model.Id;
import java.time.Instant;

/** The newest revocation list of an authority, in DER. */
public record RevocationListRow(
    Id authority, long number, Instant thisUpdate, Instant nextUpdate, byte[] body) {}
