package dev.strongroom.seal;

import dev.strongroom.model.Id;
import dev.strongroom.model.Sealed;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The associated data of everything that is sealed: format, ids of fixed length, then one word or
 * field. It is part of the stored format: a change here makes stored values unreadable.
 */
final class Binding {
  private static final int ID = 16;

  private static final byte[] OBJECT_KEY = utf8("object-key");
  private static final byte[] OWNER_KEY = utf8("container-key");
  private static final byte[] SLOT_ROOT = utf8("slot-root");
  private static final byte[] SLOT_KEY = utf8("slot-key");

  private Binding() {}

  static byte[] value(Barrier.Place place) {
    byte[] field = utf8(place.field());
    return ByteBuffer.allocate(1 + 3 * ID + field.length)
        .put(Sealed.FORMAT)
        .put(place.container().bytes())
        .put(place.object().bytes())
        .put(place.version().bytes())
        .put(field)
        .array();
  }

  static byte[] objectKey(Id container, Id object) {
    return pair(container, object, OBJECT_KEY);
  }

  /** For a system or container key under the root key. */
  static byte[] ownerKey(Id owner, int generation) {
    return ByteBuffer.allocate(1 + ID + Integer.BYTES + OWNER_KEY.length)
        .put(Sealed.FORMAT)
        .put(owner.bytes())
        .putInt(generation)
        .put(OWNER_KEY)
        .array();
  }

  /** For the root key under a slot's key. */
  static byte[] slotRoot(Id installation, Id slot) {
    return pair(installation, slot, SLOT_ROOT);
  }

  /** For a slot's key under the root key. */
  static byte[] slotKey(Id installation, Id slot) {
    return pair(installation, slot, SLOT_KEY);
  }

  /** For what is sealed under a subkey of the system key, which already stands for the use. */
  static byte[] system(Id installation, byte[] context) {
    return ByteBuffer.allocate(1 + ID + context.length)
        .put(Sealed.FORMAT)
        .put(installation.bytes())
        .put(context)
        .array();
  }

  private static byte[] pair(Id one, Id other, byte[] word) {
    return ByteBuffer.allocate(1 + 2 * ID + word.length)
        .put(Sealed.FORMAT)
        .put(one.bytes())
        .put(other.bytes())
        .put(word)
        .array();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
