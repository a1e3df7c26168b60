package dev.strongroom.model;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One request (or one piece of due work) as the cause of changes. The store writes the number of the
 * journal record back, so that the audit record can carry it.
 */
public final class Origin {
  private final Id requestId;
  private final String operation;
  private final Optional<Principal> principal;
  private final Instant time;
  private volatile long journal;

  public Origin(Id requestId, String operation, Optional<Principal> principal, Instant time) {
    this.requestId = requestId;
    this.operation = operation;
    this.principal = principal;
    this.time = time;
  }

  public Id requestId() {
    return requestId;
  }

  /** The audited operation name, such as SecretSet. */
  public String operation() {
    return operation;
  }

  public Optional<Principal> principal() {
    return principal;
  }

  /** When the request was taken; read once, so that one request sees one time. */
  public Instant time() {
    return time;
  }

  public void committed(long journalNumber) {
    journal = journalNumber;
  }

  public OptionalLong journal() {
    return journal == 0 ? OptionalLong.empty() : OptionalLong.of(journal);
  }
}
