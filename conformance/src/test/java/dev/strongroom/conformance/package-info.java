/**
 * Official Azure clients run against the packaged server, as its users run them.
 *
 * <p>Each {@code ...IT} class starts a development server of its own ({@link
 * dev.strongroom.conformance.DevServer}), makes the applications, the second vault and the tokens
 * that the cases need ({@link dev.strongroom.conformance.Scene}), and runs one client. The programs
 * of the SDKs stand in {@code javascript}, {@code python} and {@code go}, the one for Java is
 * {@link dev.strongroom.conformance.JavaSecretsCases}; all of them report the same list of cases,
 * {@code secret-cases.txt} and {@code key-cases.txt}, one line each, and every case becomes a test ({@link
 * dev.strongroom.conformance.ClientProgram}). Nothing of the server is on the class path.
 */
package dev.strongroom.conformance;
