package dev.strongroom.model;

import java.util.Optional;

/**
 * What holds for all certificates of the built-in authority.
 *
 * @param url where everybody reaches the listener of role {@code pki-http}; certificates point there
 * @param listHours how long a revocation list is valid; OCSP answers as long, at most
 */
public record AuthoritySettings(Optional<String> url, int listHours) implements Rule {
  public static final String KEY = "settings";

  @Override
  public String key() {
    return KEY;
  }

  @Override
  public String parent() {
    return KEY;
  }
}
