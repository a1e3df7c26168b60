package dev.strongroom.store;

import dev.strongroom.model.Id;
import java.time.Instant;
import java.util.Optional;

/** One change as the journal keeps it. */
public record JournalRow(
    long number,
    Instant time,
    String node,
    Id requestId,
    String operation,
    Optional<Id> tenant,
    Optional<Id> principal,
    JournalNote note) {}
