/**
 * What each operation on objects means: secrets, keys and certificates with their versions, deletion
 * and recovery, backups, what a key may be used for and when, how a certificate is made, and what
 * becomes due: rotation, renewal and purge.
 *
 * <p>It promises that an operation is whole or absent, that all cryptography and drawing of ids is
 * done before the change begins, that what time changes is true when it is read, and that a value
 * leaves sealed storage only for the operation that answers it. It knows {@code crypto}, {@code
 * seal}, {@code store} and {@code model}. Start reading at {@link dev.strongroom.vault.Secrets}.
 */
package dev.strongroom.vault;
