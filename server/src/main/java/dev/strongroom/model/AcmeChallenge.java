package dev.strongroom.model;

import java.time.Instant;

/** What an outside authority that looks for a token is to find (RFC 8555 section 8.3), for a time. */
public record AcmeChallenge(String token, String response, Instant expires) implements Rule {
  @Override
  public String key() {
    return token;
  }

  @Override
  public String parent() {
    return AcmeAccount.PARENT;
  }
}
