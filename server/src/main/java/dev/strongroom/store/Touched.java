package dev.strongroom.store;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

/**
 * What a change wrote, so that caches forget it: rows of {@code object}, any rule, or so much that
 * all objects are to be forgotten. Other nodes read it from the journal.
 */
final class Touched {
  private static final long RULES = 0;
  private static final long ALL_OBJECTS = -1;

  private final Set<Long> objects = new HashSet<>();
  private boolean rules;
  private boolean allObjects;

  /** What a journal record says; one that does not say may have touched anything. */
  static Touched read(byte[] stored) {
    Touched touched = new Touched();
    if (stored == null || stored.length % Long.BYTES != 0) {
      touched.rule();
      touched.allObjects();
      return touched;
    }
    ByteBuffer in = ByteBuffer.wrap(stored);
    while (in.hasRemaining()) {
      long one = in.getLong();
      if (one == RULES) {
        touched.rule();
      } else if (one == ALL_OBJECTS) {
        touched.allObjects();
      } else {
        touched.object(one);
      }
    }
    return touched;
  }

  byte[] bytes() {
    ByteBuffer out =
        ByteBuffer.allocate(
            Long.BYTES * (objects.size() + (rules ? 1 : 0) + (allObjects ? 1 : 0)));
    if (rules) {
      out.putLong(RULES);
    }
    if (allObjects) {
      out.putLong(ALL_OBJECTS);
    }
    objects.forEach(out::putLong);
    return out.array();
  }

  void object(long row) {
    objects.add(row);
  }

  void rule() {
    rules = true;
  }

  void allObjects() {
    allObjects = true;
  }

  void add(Touched other) {
    objects.addAll(other.objects);
    rules |= other.rules;
    allObjects |= other.allObjects;
  }

  Set<Long> objects() {
    return objects;
  }

  boolean hasRules() {
    return rules;
  }

  boolean hasAllObjects() {
    return allObjects;
  }
}
