/**
 * The audit trail: what was answered to whom, in a chain that can be proved without the server.
 *
 * <p>It promises that no answer leaves before its record is written, that every journal record of
 * this node has exactly one audit record, and that a removed, changed or reordered record is found.
 * It knows {@code crypto}, {@code seal}, {@code store} and {@code model}. Start reading at {@link
 * dev.strongroom.audit.AuditLog}.
 */
package dev.strongroom.audit;
