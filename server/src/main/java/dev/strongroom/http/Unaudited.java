package dev.strongroom.http;

import dev.strongroom.audit.AuditRecord;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * An answer that was decided and whose record is not written yet: it cannot be sent, only settled.
 *
 * @param record absent for what is only counted
 * @param role whose error shape and headers apply if the record cannot be written
 * @param told hears with which status the answer leaves
 */
public record Unaudited(
    Reply reply, Optional<AuditRecord> record, Role role, IntConsumer told) {}
