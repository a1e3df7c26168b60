/**
 * Tenants, applications and their credentials; issuing tokens and verifying them into a {@link
 * dev.strongroom.model.Principal}.
 *
 * <p>It promises that nothing unsigned, expired, mutated, meant for somebody else or of the wrong
 * type is ever accepted, that no setting turns verification off, and that an outside issuer's claims
 * never decide by themselves. It knows {@code crypto}, {@code seal}, {@code store} and {@code
 * model}. Start reading at {@link dev.strongroom.identity.TokenVerifier}.
 */
package dev.strongroom.identity;
