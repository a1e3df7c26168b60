/**
 * Containers as resources: creating, changing, deleting, recovering and purging vaults; resource
 * groups, role definitions and assignments, access policies.
 *
 * <p>It promises that what a client is told was accepted is enforced: whatever is not enforced yet
 * is refused. It knows {@code vault}, {@code access}, {@code seal}, {@code store} and {@code
 * model}. Start reading at {@link dev.strongroom.control.Vaults}.
 */
package dev.strongroom.control;
