package dev.strongroom.model;

/**
 * The wire word for how far a deletion can be undone, from the container's retention and purge
 * protection.
 */
public enum RecoveryLevel {
  RECOVERABLE_PURGEABLE("Recoverable+Purgeable"),
  RECOVERABLE("Recoverable"),
  CUSTOMIZED_RECOVERABLE_PURGEABLE("CustomizedRecoverable+Purgeable"),
  CUSTOMIZED_RECOVERABLE("CustomizedRecoverable");

  private final String wire;

  RecoveryLevel(String wire) {
    this.wire = wire;
  }

  public String wire() {
    return wire;
  }

  public static RecoveryLevel of(int retentionDays, boolean purgeProtection) {
    if (retentionDays == 90) {
      return purgeProtection ? RECOVERABLE : RECOVERABLE_PURGEABLE;
    }
    return purgeProtection ? CUSTOMIZED_RECOVERABLE : CUSTOMIZED_RECOVERABLE_PURGEABLE;
  }
}
