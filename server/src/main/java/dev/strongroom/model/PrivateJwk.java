package dev.strongroom.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A key that a caller hands over, as its JWK members: decoded, but not yet checked to be a key. All
 * are treated as secret; closing wipes them.
 */
public record PrivateJwk(
    KeyType type,
    Optional<Curve> curve,
    Optional<KeyAlgorithm> algorithm,
    Map<String, SecretBytes> members)
    implements AutoCloseable {

  /**
   * The members with binary content. {@code priv} is of RFC 9964 section 3: the OpenAPI definitions
   * have no private member for AKP keys.
   */
  public static final List<String> BINARY =
      List.of("n", "e", "d", "p", "q", "dp", "dq", "qi", "x", "y", "k", "pub", "priv");

  public PrivateJwk {
    members = Map.copyOf(members);
  }

  public Optional<SecretBytes> member(String name) {
    return Optional.ofNullable(members.get(name));
  }

  @Override
  public void close() {
    members.values().forEach(SecretBytes::close);
  }

  @Override
  public String toString() {
    return "PrivateJwk[" + type.wire() + ", redacted]";
  }
}
