/**
 * The audit trail: what was answered to whom, in a chain that can be proved without the server.
 *
 * <p>It promises that no answer leaves before its record is written, that every journal record of
 * this node has exactly one audit record, and that a removed, changed or reordered record is found.
 * It knows {@code crypto}, {@code seal}, {@code store} and {@code model}. Start reading at {@link
 * dev.strongroom.audit.AuditLog}.
 *
 * <p>On disk a node's chain is the files {@code NODE-FIRST.jsonl}, FIRST being the number of a
 * file's first record in 18 digits. Each line is a JSON object whose first member, properties,
 * begins with {@code "seq":N,"prev":"H"}: N counts from 1, H is the SHA-256 in hex of the line
 * before without its line end (64 zeros for the first). Next stands {@code "journal":N} in the line
 * of a change, or {@code "checkpoint":"TEXT","signature":"BASE64"}, which is Ed25519 over the text
 * as it stands. Everything else is Azure's AuditEvent. A file may end in zeros. The store keeps the
 * newest checkpoint of each node, there covering the checkpoint's own line as well.
 *
 * <p>Where the oldest files were pruned, {@code NODE.pruned} has a line {@code TEXT signature=BASE64}
 * for each time, Ed25519 over the text; the newest has number and hash of the last record that is
 * gone, and {@code AuditPrune} in the chain the SHA-256 of the text.
 */
package dev.strongroom.audit;
