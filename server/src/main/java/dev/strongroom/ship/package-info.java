/**
 * Copies of the audit trail elsewhere: syslog over TLS, and files for collectors.
 *
 * <p>It owns how far each destination has been served. It promises that every record arrives at least
 * once and in order, each with its number in the chain, that a position is only moved when what is
 * before it is known to have been taken, and that nothing here ever makes a request wait: records are
 * read from the trail's files behind whoever writes them. It knows {@code audit} and {@code model}.
 * Start reading at {@link dev.strongroom.ship.Shipper}.
 */
package dev.strongroom.ship;
