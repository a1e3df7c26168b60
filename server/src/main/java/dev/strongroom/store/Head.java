package dev.strongroom.store;

import java.time.Instant;

/** The last numbers given out, as the locked head row says. */
record Head(long journal, Instant time, long object, long version) {}
