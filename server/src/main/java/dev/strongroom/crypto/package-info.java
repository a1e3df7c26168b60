/**
 * Algorithms: random numbers, digests, MACs, key derivation, AES-GCM, key pairs, X.509, keys in
 * memory outside the heap, and the keys of callers with their operations.
 *
 * <p>Keys of callers: a {@link dev.strongroom.crypto.KeyBackend} makes {@link
 * dev.strongroom.crypto.Material}, which is stored, and opens it to an {@link
 * dev.strongroom.crypto.OpenKey}, which a {@link dev.strongroom.crypto.KeyCache} keeps for a while.
 * Message encodings and checks are ours; an {@link dev.strongroom.crypto.Engine} does the mathematics
 * of RSA and curves, natively where it can. No refusal quotes a provider's message.
 *
 * <p>It is the only place that names {@code Cipher}, {@code Signature}, {@code Mac}, {@code
 * KeyFactory}, {@code KeyStore}, {@code MessageDigest} or {@code SecureRandom}. Bouncy Castle is
 * never registered as a provider: it is passed by object where the JDK has no algorithm. It knows
 * {@code model} only. Start reading at {@link dev.strongroom.crypto.AesGcm}.
 */
package dev.strongroom.crypto;
