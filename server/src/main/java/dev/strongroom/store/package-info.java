/**
 * Durable rows: objects and versions, rules, wrapped keys, due work, the journal.
 *
 * <p>It promises that a change is whole or absent, that changes happen one after another with dense
 * journal numbers in commit order, that an acknowledged change survives a crash, and that a row that
 * decides is handed out only when its MAC matches. With several nodes on one database it promises too
 * that no node uses rules older than its bound or rows older than an acknowledged change. It is trusted for availability only: it sees
 * {@link dev.strongroom.model.Sealed} values and never a plaintext. It knows {@code model} alone and
 * is the only place with {@code java.sql}. Start reading at {@link dev.strongroom.store.Store}, and for several nodes at {@link
 * dev.strongroom.store.Nodes}.
 */
package dev.strongroom.store;
