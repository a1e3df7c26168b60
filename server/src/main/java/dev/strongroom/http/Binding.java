package dev.strongroom.http;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * One address to listen on.
 *
 * @param port 0 for any free one
 * @param tls none for plain HTTP/1.1
 * @param roles what it answers for
 * @param proxies whose {@code X-Forwarded-} headers count
 */
public record Binding(
    String address, int port, Optional<Tls> tls, Set<Role> roles, Proxies proxies) {

  /**
   * Files that are read at start and at each reload.
   *
   * @param certificate PEM, the leaf first
   * @param key PEM, PKCS#8
   * @param check refuses what the two files hold where they do not belong together
   */
  public record Tls(Path certificate, Path key, Check check) {}

  /** Throws an IllegalArgumentException with the reason. */
  @FunctionalInterface
  public interface Check {
    void require(byte[] certificates, byte[] key);
  }
}
