/**
 * Whole-server backups: one file that holds all rows, the root key and the audit trail of one moment,
 * sealed to recipients, and everything that reads such a file again.
 *
 * <p>It promises that the file is the same for SQLite and PostgreSQL, that a damaged, shortened or
 * reordered file is refused with the place, and that no secret leaves this package but sealed. Outside
 * it is a file of the format age (c2sp.org/age); inside it is what {@link
 * dev.strongroom.backup.BackupWriter} says. It knows {@code audit}, {@code crypto}, {@code seal}, {@code
 * store} and {@code model}. Start reading at {@link dev.strongroom.backup.ServerBackup}.
 */
package dev.strongroom.backup;
