package dev.strongroom.seal;

import dev.strongroom.model.Id;
import dev.strongroom.model.RowAuthenticator;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.SecretBytes;

/**
 * Seals and opens. Every method answers SERVER_SEALED while the root key is not there, and
 * INTEGRITY when what it is given does not open.
 *
 * <p>Associated data of a value: format, container id, object id, version id, field. No name, host
 * or path is in it, so renaming, moving, recovering and aliasing change nothing.
 */
public interface Barrier extends RowAuthenticator {
  /** Where a sealed value belongs. */
  record Place(Id container, Id object, Id version, String field) {}

  boolean isSealed();

  /** A new random object key, wrapped by the container's newest key. */
  Sealed newObjectKey(Id container, Id object);

  Sealed seal(Sealed objectKey, Place place, SecretBytes plain);

  SecretBytes open(Sealed objectKey, Place place, Sealed sealed);

  /** Seals under the HKDF subkey of the system key with this label, bound to the context. */
  Sealed sealSystem(SystemUse use, byte[] context, SecretBytes plain);

  SecretBytes openSystem(SystemUse use, byte[] context, Sealed sealed);

  /** HMAC-SHA-256 under the subkey of this use. */
  byte[] mac(SystemUse use, byte[]... parts);

  /** A new random key for a container (or, at first start, the system), wrapped by the root key. */
  Sealed newContainerKey(Id owner, int generation);

  /**
   * Whether a wrapped system or container key is under the root key of now. A change that stores a
   * new one asks this inside itself and fails when not: between wrapping and storing, the root key
   * may have been rotated, and what is under the old one can never be opened again.
   */
  default boolean isCurrent(Sealed wrappedKey) {
    return true;
  }
}
