/**
 * The process: commands, configuration, and the wiring of everything in one visible place.
 *
 * <p>It promises that start and stop have one order, that a setting which is unknown or out of range
 * stops the start and is named, and that nothing of {@code dev} reaches {@code serve}. It may know
 * everything; nobody knows it. Start reading at {@link dev.strongroom.server.Wiring}.
 */
package dev.strongroom.server;
