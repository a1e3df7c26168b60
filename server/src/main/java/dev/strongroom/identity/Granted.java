package dev.strongroom.identity;

import dev.strongroom.model.Id;
import java.time.Duration;
import java.time.Instant;

/**
 * An issued access token with what the audit record may say about it. It does not print the token.
 *
 * @param resource what it is for, in the client's spelling
 */
public record Granted(
    String accessToken,
    Instant issued,
    Instant expires,
    String resource,
    Id tenant,
    Id appId,
    Id objectId,
    CredentialUsed credential,
    String uti) {

  /** By what the client showed who it is. */
  public record CredentialUsed(Kind kind, Id id) {}

  /** With the word for audit records and the one of the appidacr claim. */
  public enum Kind {
    SECRET("secret", "1"),
    CERTIFICATE("certificate", "2"),
    FEDERATION("federation", "2");

    private final String word;
    private final String appidacr;

    Kind(String word, String appidacr) {
      this.word = word;
      this.appidacr = appidacr;
    }

    public String word() {
      return word;
    }

    String appidacr() {
      return appidacr;
    }
  }

  public Duration lifetime() {
    return Duration.between(issued, expires);
  }

  @Override
  public String toString() {
    return "Granted[" + uti + ']';
  }
}
