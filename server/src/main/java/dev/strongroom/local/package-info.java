/**
 * What runs on the machine itself, before or without a token: making an installation, the control
 * socket, key slots, tenants, trusted issuers, what a restored server is, moves of stores, drills.
 *
 * <p>It promises that none of it can be reached over a network: the socket lies in the data folder
 * with mode 0600. It may know everything but {@code http} and {@code api}. Start reading at {@link
 * dev.strongroom.local.ControlSocket}.
 */
package dev.strongroom.local;
