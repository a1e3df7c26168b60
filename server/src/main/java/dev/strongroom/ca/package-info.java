/**
 * The built-in certificate authority: a root and an intermediate with their keys, what they issue to
 * certificates of vaults, profiles, revocation, revocation lists and OCSP answers.
 *
 * <p>It promises that its keys are used here and nowhere else, that a certificate is recorded in the
 * change that makes it one of a vault, that a revocation is in the newest list in the change that makes
 * it, and that nothing is issued which its own certificates do not permit. It knows {@code vault},
 * whose issuer it is, {@code crypto}, {@code seal}, {@code store} and {@code model}. Start reading at
 * {@link dev.strongroom.ca.StrongroomIssuer}.
 */
package dev.strongroom.ca;
