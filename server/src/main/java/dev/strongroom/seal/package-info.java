/**
 * How the server opens, and the only way between plaintext and {@link dev.strongroom.model.Sealed}.
 *
 * <p>The root key (opened by a slot) wraps the system key and one key per container; each object has
 * a random key of its own, wrapped by its container's; values are sealed under the object key, bound
 * to container, object, version and field, never to names. Each use of the system key is an HKDF
 * subkey by label. Root key, system subkeys and container keys live off the heap and are wiped when
 * the server seals; the system key itself is only there for as long as its subkeys are derived. It
 * knows {@code crypto} and {@code model}; wrapped keys are handed to it, it reads no store. Start
 * reading at {@link dev.strongroom.seal.Barrier}, then {@link dev.strongroom.seal.Seal}.
 */
package dev.strongroom.seal;
