package dev.strongroom.store;

import java.time.Instant;

/** The last numbers given out, as the locked head row says, and the count of comings and goings. */
record Head(long journal, Instant time, long object, long version, long members) {}
