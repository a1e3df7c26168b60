package dev.strongroom.model;

/**
 * What may own objects. Only vaults can be made today; the second row keeps every table, name and
 * statement general. Columns: label in host names, ARM type, prefix of its data actions, title in
 * error texts.
 */
public enum ContainerKind {
  VAULT("vault", "Microsoft.KeyVault/vaults", "Microsoft.KeyVault/vaults/", "vault"),
  MANAGED_HSM(
      "managedhsm", "Microsoft.KeyVault/managedHSMs", "Microsoft.KeyVault/managedHsm/", "pool");

  private final String hostLabel;
  private final String armType;
  private final String dataActionPrefix;
  private final String title;

  ContainerKind(String hostLabel, String armType, String dataActionPrefix, String title) {
    this.hostLabel = hostLabel;
    this.armType = armType;
    this.dataActionPrefix = dataActionPrefix;
    this.title = title;
  }

  public String hostLabel() {
    return hostLabel;
  }

  public String armType() {
    return armType;
  }

  public String dataActionPrefix() {
    return dataActionPrefix;
  }

  public String title() {
    return title;
  }
}
