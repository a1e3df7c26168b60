/**
 * Commands that speak to a server over HTTPS, in az's nouns and options.
 *
 * <p>It promises that it can do nothing that another client could not, that an error says what to do
 * next, and that a secret is printed only where it was asked for. It knows {@code model}, and {@code crypto}
 * for the certificate that signs a log-in. Start
 * reading at {@link dev.strongroom.cli.Client}.
 */
package dev.strongroom.cli;
