/**
 * Algorithms: random numbers, digests, MACs, key derivation, AES-GCM, key pairs, X.509, and keys in
 * memory outside the heap.
 *
 * <p>It is the only place that names {@code Cipher}, {@code Signature}, {@code Mac}, {@code
 * KeyFactory}, {@code KeyStore}, {@code MessageDigest} or {@code SecureRandom}. Bouncy Castle is
 * never registered as a provider: it is passed by object where the JDK has no algorithm. It knows
 * {@code model} only. Start reading at {@link dev.strongroom.crypto.AesGcm}.
 */
package dev.strongroom.crypto;
