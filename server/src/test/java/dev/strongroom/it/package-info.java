/** Tests of the packaged jar as a process: TLS, restart, kill, full disk, tampering, bad input. */
package dev.strongroom.it;
