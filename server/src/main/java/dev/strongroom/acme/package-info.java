/**
 * Outside certificate authorities as issuers of vaults' certificates, asked by ACME (RFC 8555).
 *
 * <p>It owns the accounts there and the orders, step by step. It promises that a step may be taken
 * again after a crash or by another node (which may leave an order at the authority that expires),
 * that accounts and what is published are stored before they are made, that account keys are sealed,
 * that a key of a vault never leaves it (the authority gets the signing request), and that an order
 * ends within a day. It knows {@code vault}, whose issuer it is, {@code crypto}, {@code seal}, {@code
 * store} and {@code model}, and is the only room that names acme4j. Start
 * reading at {@link dev.strongroom.acme.AcmeIssuer}.
 */
package dev.strongroom.acme;
