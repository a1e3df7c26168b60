package dev.strongroom.model;

import java.time.Instant;
import java.util.Optional;

/**
 * What an outside authority that looks for it is to find, for a time: under a token over HTTP, or in a
 * TXT record (RFC 8555 sections 8.3 and 8.4).
 *
 * @param name the token, or the record's name
 * @param records the configured authority whose hook has made the record; empty over HTTP
 * @param certificate whose operation it is for
 * @param requestId of that operation
 */
public record AcmeChallenge(
    String name,
    String value,
    Optional<String> records,
    Id certificate,
    String requestId,
    Instant expires)
    implements Rule {
  @Override
  public String key() {
    // one name has several records where a name and its wildcard are asked for
    return records.isEmpty() ? name : name + ' ' + value;
  }

  @Override
  public String parent() {
    return AcmeAccount.PARENT;
  }
}
