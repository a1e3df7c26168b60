package dev.strongroom.model;

import java.util.Optional;

/** The collections of a container, with their words on the wire. */
public enum Collection {
  SECRETS("secrets", "secret", ErrorCode.SECRET_NOT_FOUND, ErrorCode.DELETED_SECRET_NOT_FOUND),
  KEYS("keys", "key", ErrorCode.KEY_NOT_FOUND, ErrorCode.DELETED_KEY_NOT_FOUND),
  CERTIFICATES(
      "certificates",
      "certificate",
      ErrorCode.CERTIFICATE_NOT_FOUND,
      ErrorCode.DELETED_CERTIFICATE_NOT_FOUND);

  private final String wire;
  private final String singular;
  private final ErrorCode notFound;
  private final ErrorCode deletedNotFound;

  Collection(String wire, String singular, ErrorCode notFound, ErrorCode deletedNotFound) {
    this.wire = wire;
    this.singular = singular;
    this.notFound = notFound;
    this.deletedNotFound = deletedNotFound;
  }

  public String wire() {
    return wire;
  }

  public String deletedWire() {
    return "deleted" + wire;
  }

  public String singular() {
    return singular;
  }

  public ErrorCode notFound() {
    return notFound;
  }

  public ErrorCode deletedNotFound() {
    return deletedNotFound;
  }

  public static Optional<Collection> find(String wire) {
    for (Collection collection : values()) {
      if (collection.wire.equals(wire)) {
        return Optional.of(collection);
      }
    }
    return Optional.empty();
  }
}
