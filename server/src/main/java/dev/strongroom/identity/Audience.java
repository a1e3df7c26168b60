package dev.strongroom.identity;

/** Whom a token is for. One never stands for another. */
public enum Audience {
  VAULT("vault"),
  MANAGED_HSM("managedhsm"),
  MANAGEMENT("management"),
  GRAPH("graph");

  private final String hostLabel;

  Audience(String hostLabel) {
    this.hostLabel = hostLabel;
  }

  /** The resource host is this label below the server's domain. */
  public String hostLabel() {
    return hostLabel;
  }
}
