package dev.strongroom.store;

import dev.strongroom.model.Id;
import java.time.Instant;

/**
 * Work to be done at a time: at most one per kind and subject. A closing change removes it with the
 * revision that the worker read, so that its effect happens exactly once.
 */
public record DueRow(String kind, Id subject, Id container, Instant at, long revision) {}
