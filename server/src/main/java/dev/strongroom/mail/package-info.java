/**
 * Mail that leaves the server: one SMTP relay of the operator's.
 *
 * <p>It owns the conversation with the relay. It promises that the conversation ends in bounded time,
 * that with TLS the relay's certificate and name are verified before anything else is said, that no
 * password is sent in the clear, and that what it says of a failure holds neither addresses nor
 * passwords nor the relay's own words. It knows {@code vault} and {@code model}, and is the only room
 * that names Jakarta Mail. Start reading at {@link dev.strongroom.mail.SmtpRelay}.
 */
package dev.strongroom.mail;
