package dev.strongroom.model;

import java.time.Instant;

/**
 * A key that signs our tokens: public part as JWK, private part (PKCS#8) sealed under the system
 * key. It signs from {@code signsFrom} until a newer one does and verifies until {@code
 * verifiesUntil}.
 */
public record SigningKey(
    String kid, String publicJwk, Sealed privateKey, Instant signsFrom, Instant verifiesUntil)
    implements Rule {
  @Override
  public String key() {
    return kid;
  }

  @Override
  public String parent() {
    return "signing";
  }
}
