package dev.strongroom.model;

import java.util.Optional;

/** The collections of a container, with their words on the wire. */
public enum Collection {
  SECRETS("secrets", "secret"),
  KEYS("keys", "key"),
  CERTIFICATES("certificates", "certificate");

  private final String wire;
  private final String singular;

  Collection(String wire, String singular) {
    this.wire = wire;
    this.singular = singular;
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

  public static Optional<Collection> find(String wire) {
    for (Collection collection : values()) {
      if (collection.wire.equals(wire)) {
        return Optional.of(collection);
      }
    }
    return Optional.empty();
  }
}
