/**
 * How the server opens, and the only way between plaintext and {@link dev.strongroom.model.Sealed}.
 *
 * <p>Root key (opened by a slot) wraps the system key and one key per container; each object has a
 * random key of its own, wrapped by its container's; values are sealed under the object key, bound to
 * container, object, version and field, never to names. Each use of the system key is an HKDF subkey
 * by label. Root, system and container keys live off the heap and are wiped when the server seals.
 * It knows {@code crypto} and {@code model}; wrapped keys are handed to it, it reads no store. Start
 * reading at {@link dev.strongroom.seal.Barrier}.
 */
package dev.strongroom.seal;
