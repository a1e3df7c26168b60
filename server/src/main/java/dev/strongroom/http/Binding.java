package dev.strongroom.http;

import java.nio.file.Path;
import java.util.Set;

/**
 * One address to listen on with TLS.
 *
 * @param port 0 for any free one
 * @param certificate PEM, the leaf first
 * @param key PEM, PKCS#8
 * @param roles what it answers for
 * @param proxies whose {@code X-Forwarded-} headers count
 */
public record Binding(
    String address, int port, Path certificate, Path key, Set<Role> roles, Proxies proxies) {}
